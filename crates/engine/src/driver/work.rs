//! The steps of an attempt that take time, each a future that the driver holds and may drop.

use std::{
    future::{Future, pending},
    pin::Pin,
    sync::Arc,
};

use tidings_protocol::Secret;
use tracing::Instrument as _;

use crate::{
    Cursor, Endpoint, Store,
    auth::{Tokens, Usable},
    clock::Clock,
    dialect::{self, Caught, Course, Speech},
    machine::Attempt,
    transport::{Reach, Socket},
    verdict::{Failure, printable},
};

/// A step under way.
pub(super) type Work = Pin<Box<dyn Future<Output = Done> + Send>>;

/// A renewal of the token under way.
pub(super) type Renewal = Pin<Box<dyn Future<Output = Result<Usable, Failure>> + Send>>;

/// A step that is over.
pub(super) struct Done {
    pub(super) attempt: Attempt,
    pub(super) outcome: Result<Outcome, Failure>,
}

/// What a step has brought.
pub(super) enum Outcome {
    Token(Usable),
    Ticket(Secret),
    Socket(Box<Socket>),
    Cursor(Option<Cursor>),
    Page(Box<dyn Course<Caught>>, Caught),
}

/// The end of what is under way, if anything is.
pub(super) async fn next<F: Future + Unpin>(under_way: &mut Option<F>) -> F::Output {
    match under_way {
        Some(future) => {
            let output = future.await;
            *under_way = None;
            output
        }
        None => pending().await,
    }
}

fn step(attempt: Attempt, outcome: impl Future<Output = Result<Outcome, Failure>> + Send + 'static) -> Work {
    Box::pin(async move { Done { attempt, outcome: outcome.await } }.in_current_span())
}

pub(super) fn token<S: Store, R: Reach, C: Clock>(
    attempt: Attempt,
    tokens: Tokens<S, R, C>,
    newer_than: Option<u64>,
) -> Work {
    step(attempt, async move { tokens.usable(newer_than).await.map(Outcome::Token) })
}

pub(super) fn renewal<S: Store, R: Reach, C: Clock>(tokens: Tokens<S, R, C>) -> Renewal {
    Box::pin(async move { tokens.renew().await }.in_current_span())
}

pub(super) fn ticket<R: Reach>(
    attempt: Attempt,
    reach: &R,
    endpoint: &Endpoint,
    token: Option<&Secret>,
) -> Work {
    let call = token.map(|token| dialect::ticket::request(endpoint, token));
    let reach = reach.clone();
    step(attempt, async move {
        let call = call.ok_or(Failure::NotSignedIn("there is no token to fetch a ticket with"))?;
        let answer = reach.call(call).await?;
        dialect::ticket::read(&answer).map(Outcome::Ticket)
    })
}

/// `key` is the ticket or the token, as the dialect has it.
pub(super) fn socket<R: Reach>(
    attempt: Attempt,
    reach: &R,
    endpoint: &Endpoint,
    speech: &'static dyn Speech,
    key: Option<Secret>,
) -> Work {
    let shown = key.map(|key| (speech.socket(endpoint, &key), key));
    let reach = reach.clone();
    step(attempt, async move {
        let (upgrade, key) = shown.ok_or(Failure::NotSignedIn("there is nothing to open the socket with"))?;
        let socket = reach.open(upgrade).await.map_err(|failure| match failure {
            Failure::Refused(refusal) => speech.refused(refusal, &key),
            failure => failure,
        })?;
        Ok(Outcome::Socket(Box::new(socket)))
    })
}

pub(super) fn cursor<S: Store>(attempt: Attempt, store: Arc<S>) -> Work {
    step(attempt, async move {
        let cursor = store.cursor().await;
        cursor.map(Outcome::Cursor).map_err(|error| {
            Failure::Storage(format!("the cursor cannot be read: {}", printable(&error.to_string())))
        })
    })
}

/// The next page of what was missed. A deadline is the transport's affair: how many calls a page takes, nobody knows.
pub(super) fn page<R: Reach>(attempt: Attempt, reach: &R, mut course: Box<dyn Course<Caught>>) -> Work {
    let reach = reach.clone();
    step(attempt, async move {
        let caught = dialect::run(&reach, &mut *course).await?;
        Ok(Outcome::Page(course, caught))
    })
}
