//! From an upgrade to `auth_success`.

use tidings_protocol::{AuthSuccess, ClientMessage, Code, Decoded, ErrorDetail, Secret, ServerMessage, User};
use time::OffsetDateTime;
use tokio::time::{Instant, timeout_at};

use axum::extract::ws::Message;

use super::line::{End, Line, Socket};
use crate::{
    app::{App, Denied},
    auth::InvalidAccess,
    store::{log, sessions},
};

/// What the client has shown so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    /// A ticket: nothing is missing. The client counts as connected from the upgrade on, so the log's head was read
    /// before it: what is committed in between is not before the client's time.
    Ticket {
        /// The newest `seq` then.
        head: u64,
    },
    /// A token in the URL: the `auth` message is still to come.
    Token,
}

/// Where the conversation starts.
pub(super) struct Opened {
    pub(super) head: u64,
    /// The store already has more than that.
    pub(super) behind: bool,
    pub(super) reads_told: u64,
}

/// Asks for what is missing and answers `auth_success`.
pub(super) async fn open<S: Socket>(
    app: &App,
    line: &mut Line<S>,
    session: &sessions::Living,
    proof: Proof,
) -> Result<Opened, End> {
    if proof == Proof::Token {
        let token = await_auth(app, line).await?;
        if let Err(denied) = check(app, session, &token).await {
            return Err(refuse(line, denied).await);
        }
    }
    let (id, user) = (session.id.clone(), session.user.clone());
    let found = app
        .store
        .read(move |connection| {
            let living = sessions::living(connection, &id, OffsetDateTime::now_utc())?;
            let standing = log::standing(connection, &user)?;
            Ok(living.and(standing).map(|standing| (standing, sessions::reads_told(connection, &id))))
        })
        .await?;
    let Some((standing, reads_told)) = found else {
        return Err(refuse(line, Denied::MissingSession).await);
    };
    let head = match proof {
        Proof::Ticket { head } => head.min(standing.head),
        Proof::Token => standing.head,
    };
    let user = session.name.clone().map(|name| User { id: session.user.clone(), name });
    line.send(&ServerMessage::AuthSuccess(AuthSuccess {
        user,
        session_id: Some(session.id.clone()),
        epoch: Some(standing.epoch),
        head: Some(head),
    }))
    .await?;
    Ok(Opened { head, behind: head < standing.head, reads_told: reads_told? })
}

/// Waits for the `auth` message; only a ping may come before it.
async fn await_auth<S: Socket>(app: &App, line: &mut Line<S>) -> Result<Secret, End> {
    let deadline = Instant::now() + app.config.auth_deadline;
    loop {
        let message = timeout_at(deadline, line.recv()).await.map_err(|_| End::NoAuth)??;
        let Message::Text(text) = message else { continue };
        match ClientMessage::decode(&text) {
            Ok(Decoded::Message(ClientMessage::Auth { token })) => return Ok(token),
            Ok(Decoded::Message(ClientMessage::Ping)) => line.send(&ServerMessage::Pong).await?,
            Ok(Decoded::Unknown { .. }) => {}
            Ok(Decoded::Message(ClientMessage::Resume { .. } | ClientMessage::Read { .. })) | Err(_) => {
                return Err(refuse(line, Denied::Token(InvalidAccess::Unusable)).await);
            }
        }
    }
}

/// The message must carry a good token of the same session as the URL did.
async fn check(app: &App, session: &sessions::Living, token: &Secret) -> Result<(), Denied> {
    let living = app.session(token).await?;
    if living.id == session.id { Ok(()) } else { Err(Denied::Token(InvalidAccess::Unusable)) }
}

/// Answers `auth_error` where that is final, and says how to close.
async fn refuse<S: Socket>(line: &mut Line<S>, denied: Denied) -> End {
    let (code, message) = match denied {
        // an `auth_error` is final, while this is cured by a refresh: the close alone says so
        Denied::Token(InvalidAccess::Expired) => return End::Refused(Code::TOKEN_EXPIRED),
        Denied::Store(error) => return End::Store(error),
        Denied::Token(InvalidAccess::Unusable) => {
            (Code::UNAUTHORIZED, "the first message must be `auth`, with the token of the URL")
        }
        Denied::MissingSession => (Code::MISSING_SESSION, "this session has ended; sign in again"),
    };
    let detail = ErrorDetail { code, message: message.to_owned() };
    match line.send(&ServerMessage::AuthError(detail)).await {
        Ok(()) => End::Refused(Code::NOT_AUTHORIZED),
        Err(end) => end,
    }
}
