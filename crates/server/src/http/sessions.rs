//! Signing in, staying signed in, signing out.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use serde::Deserialize;
use tidings_protocol::{Code, Device, LoginRequest, RefreshRequest, Secret, Session, User};
use time::{Duration, OffsetDateTime};
use tracing::{info, warn};

use super::{
    caller::{Address, SignedIn},
    error::Refusal,
    json::Body,
};
use crate::{
    app::App,
    random::{self, Digest},
    store::{
        log::{self, Standing},
        sessions::{self, Living, NewSession, Refreshed},
        topics, users,
    },
};

/// Longest password that is hashed, in bytes; argon2 takes more, but nobody types it.
const MAX_PASSWORD: usize = 1024;
/// Longest device name that is kept, in characters.
const MAX_DEVICE: usize = 100;

/// `POST /api/auth/login`.
pub(crate) async fn login(
    State(app): State<Arc<App>>,
    Address(address): Address,
    Body(request): Body<LoginRequest>,
) -> Result<Json<Session>, Refusal> {
    // taken before the password is looked at, so that parallel guesses count as well
    app.sign_ins.take(address, App::now()).map_err(|wait| {
        app.metrics.logins_limited.add(1);
        info!(%address, "sign-in refused: too many failed ones from this address");
        Refusal::limited(wait)
    })?;
    let LoginRequest { username, password, device } = request;
    let found = app.store.read(move |connection| users::credentials(connection, &username)).await?;
    let hash = found.as_ref().and_then(|found| found.password.clone());
    let fits = password.expose().len() <= MAX_PASSWORD && app.passwords.fits(&password, hash).await?;
    let Some(found) = found.filter(|_| fits) else {
        app.metrics.logins_failed.add(1);
        // without the name that was typed: people type passwords there
        info!(%address, "sign-in refused: user or password is wrong");
        return Err(Refusal::unauthorized(Code::INVALID_CREDENTIALS, "user or password is wrong"));
    };
    app.sign_ins.give_back(&address);
    app.metrics.logins.add(1);
    let (refresh, new) = new_session(&app, found.id.clone(), device);
    let (id, standing) = app
        .store
        .write(move |connection| {
            let id = sessions::start(connection, &new, OffsetDateTime::now_utc())?;
            // in the same transaction: what is published from here on is news to this session
            Ok((id, log::standing(connection, &new.user)?))
        })
        .await?;
    info!(%address, session = id, user = found.id, "signed in");
    let living = Living { id, user: found.id, name: Some(found.name) };
    answer(&app, living, refresh, standing)
}

/// The body of `POST /api/auth/guest`.
#[derive(Deserialize)]
pub(crate) struct GuestRequest {
    #[serde(default)]
    device: Option<Device>,
}

/// `POST /api/auth/guest`.
pub(crate) async fn guest(
    State(app): State<Arc<App>>,
    Address(address): Address,
    Body(request): Body<GuestRequest>,
) -> Result<Json<Session>, Refusal> {
    if !app.config.guests {
        return Err(Refusal::forbidden(Code::GUESTS_DISABLED, "this server takes no guests"));
    }
    app.sign_ins.take(address, App::now()).map_err(|wait| {
        app.metrics.logins_limited.add(1);
        Refusal::limited(wait)
    })?;
    let (refresh, new) = new_session(&app, String::new(), request.device);
    let guest_topics = app.config.guest_topics.clone();
    let (living, standing) = app
        .store
        .write(move |connection| {
            let now = OffsetDateTime::now_utc();
            let user = users::add_guest(connection, now)?;
            for topic in &guest_topics {
                topics::subscribe(connection, &user, topic)?;
            }
            let id = sessions::start(connection, &NewSession { user: user.clone(), ..new }, now)?;
            let standing = log::standing(connection, &user)?;
            Ok((Living { id, user, name: None }, standing))
        })
        .await?;
    app.metrics.guests.add(1);
    info!(%address, session = living.id, user = living.user, "guest signed in");
    answer(&app, living, refresh, standing)
}

/// `POST /api/auth/refresh`.
pub(crate) async fn refresh(
    State(app): State<Arc<App>>,
    Address(address): Address,
    Body(request): Body<RefreshRequest>,
) -> Result<Json<Session>, Refusal> {
    app.refreshes.take(address, App::now()).map_err(|wait| {
        app.metrics.refreshes_limited.add(1);
        info!(%address, "refresh refused: too many refused ones from this address");
        Refusal::limited(wait)
    })?;
    let next = random::secret("");
    let (presented, next_digest) = (Digest::of(&request.refresh_token), Digest::of(&next));
    let life = life(&app);
    let hub = Arc::clone(&app.hub);
    let outcome = app
        .store
        .write_then(
            move |connection| {
                sessions::refresh(connection, presented, next_digest, life, OffsetDateTime::now_utc())
            },
            move |outcome| {
                if let Refreshed::Reused { session } = outcome {
                    hub.end_session(session);
                }
            },
        )
        .await?;
    let (code, message) = match outcome {
        Refreshed::Rotated(living) => {
            app.refreshes.give_back(&address);
            app.metrics.refreshes.add(1);
            return answer(&app, living, next, None);
        }
        Refreshed::Expired => (Code::REFRESH_EXPIRED, "this session is too old; sign in again"),
        Refreshed::Unknown => (Code::REFRESH_REVOKED, "this session has ended; sign in again"),
        Refreshed::Reused { session } => {
            app.metrics.sessions_revoked.add(1);
            warn!(%address, session, "session ended: a spent refresh token was shown");
            (Code::REFRESH_REVOKED, "this token was used before, so the session was ended; sign in again")
        }
    };
    app.metrics.refreshes_refused.add(1);
    Err(Refusal::unauthorized(code, message))
}

/// `POST /api/auth/logout`.
pub(crate) async fn logout(
    State(app): State<Arc<App>>,
    SignedIn(session): SignedIn,
) -> Result<StatusCode, Refusal> {
    let (id, hub) = (session.id.clone(), Arc::clone(&app.hub));
    app.store
        .write_then(move |connection| sessions::end(connection, &id), {
            let id = session.id.clone();
            move |_| hub.end_session(&id)
        })
        .await?;
    info!(session = session.id, user = session.user, "signed out");
    Ok(StatusCode::NO_CONTENT)
}

fn new_session(app: &App, user: String, device: Option<Device>) -> (Secret, NewSession) {
    let refresh = random::secret("");
    let device =
        device.unwrap_or(Device { name: "unnamed".to_owned(), platform: tidings_protocol::Platform::Other });
    let new = NewSession {
        user,
        device: device.name.chars().take(MAX_DEVICE).collect(),
        platform: format!("{:?}", device.platform).to_lowercase(),
        refresh: Digest::of(&refresh),
        life: life(app),
    };
    (refresh, new)
}

fn life(app: &App) -> Duration {
    Duration::try_from(app.config.refresh_token_life).unwrap_or(Duration::weeks(52))
}

fn answer(
    app: &App,
    living: Living,
    refresh: Secret,
    standing: Option<Standing>,
) -> Result<Json<Session>, Refusal> {
    let access_token = app.access.issue(&living.id, OffsetDateTime::now_utc())?;
    Ok(Json(Session {
        access_token,
        token_type: "Bearer".to_owned(),
        expires_in: Some(app.access.life().as_secs()),
        refresh_token: Some(refresh),
        session_id: Some(living.id),
        user: living.name.map(|name| User { id: living.user, name }),
        head: standing.as_ref().map(|standing| standing.head),
        epoch: standing.map(|standing| standing.epoch),
    }))
}
