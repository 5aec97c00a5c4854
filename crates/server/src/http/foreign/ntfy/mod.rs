//! ntfy's ways to publish: `PUT` or `POST /<topic>` with the message as the body, JSON to `/`, and `GET /<topic>/publish`.
//!
//! A publisher's key stands for the access token, or for a user's password, whatever the user is called.

mod actions;
mod delay;
mod fault;
mod message;
mod parameters;
mod sent;

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{FromRequestParts as _, Path, Request, State},
    http::request::Parts,
    routing::{MethodRouter, get, post},
};
use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use tidings_protocol::{Code, Secret, To};
use time::OffsetDateTime;

use self::{
    fault::{Fault, Refused},
    message::Message,
    parameters::Parameters,
    sent::Sent,
};
use super::{authorization, query, secret, submit, submit_later};
use crate::{
    app::App,
    http::{KEY_PREFIX, caller::Publisher, error::Refusal, json, origin},
    publish::{Wish, is_name, is_reserved},
};

pub(super) fn router() -> Router<Arc<App>> {
    let nothing_to_read = async || Refusal::not_found();
    Router::new()
        .route("/", post(by_json).put(by_json).fallback(nothing_to_read))
        .route("/{topic}", post(by_path).put(by_path).fallback(nothing_to_read))
        .route("/{topic}/{sequence}", post(by_sequence).put(by_sequence).fallback(nothing_to_read))
        .route("/{topic}/publish", by_get())
        .route("/{topic}/send", by_get())
        .route("/{topic}/trigger", by_get())
}

/// A look at the head alone, as previews of links take one, publishes nothing. What is sent there with a body has said
/// what it wants: with ntfy it would be one of a sequence of the name "publish", each in the place of the one before.
fn by_get() -> MethodRouter<Arc<App>> {
    get(by_query).head(async || Refusal::not_found()).post(by_path).put(by_path)
}

async fn by_path(State(app): State<Arc<App>>, request: Request) -> Result<Json<Sent>, Refused> {
    let (mut parts, publisher, body) = admit(&app, request).await?;
    let topic = topic_of(&mut parts).await?;
    take(&app, &publisher, topic, Parameters::of(parts), &body).await
}

/// In the place of the one before of this sequence.
async fn by_sequence(State(app): State<Arc<App>>, request: Request) -> Result<Json<Sent>, Refused> {
    let (mut parts, publisher, body) = admit(&app, request).await?;
    let path = Path::<(String, String)>::from_request_parts(&mut parts, &()).await;
    let Path((topic, sequence)) = path.map_err(|_| Fault::Topic)?;
    let parameters = Parameters::of(parts).with(parameters::SEQUENCE, sequence);
    take(&app, &publisher, topic, parameters, &body).await
}

/// For what can do no better than open an address.
async fn by_query(State(app): State<Arc<App>>, request: Request) -> Result<Json<Sent>, Refused> {
    let (mut parts, publisher, _) = admit(&app, request).await?;
    let topic = topic_of(&mut parts).await?;
    take(&app, &publisher, topic, Parameters::of(parts), &Bytes::new()).await
}

async fn by_json(State(app): State<Arc<App>>, request: Request) -> Result<Json<Sent>, Refused> {
    let (parts, publisher, body) = admit(&app, request).await?;
    let (topic, message, parameters) = Parameters::of(parts).with_json(&body)?;
    take(&app, &publisher, topic, parameters, &message.into()).await
}

/// Who sends, and what. The body is not read before that is known.
async fn admit(app: &Arc<App>, request: Request) -> Result<(Parts, Publisher, Bytes), Refused> {
    origin::check(app, request.headers())?;
    let (parts, body) = request.into_parts();
    let key = key(&parts).ok_or_else(|| {
        Refusal::unauthorized(
            Code::UNAUTHORIZED,
            "send a publisher's key as the token, or as the password of any user",
        )
    })?;
    let publisher = Publisher::by_token(app, &key).await?;
    let body = json::read(Request::from_parts(parts.clone(), body), app).await?;
    Ok((parts, publisher, body))
}

async fn topic_of(parts: &mut Parts) -> Result<String, Refused> {
    let path = Path::<String>::from_request_parts(parts, &()).await;
    path.map(|Path(topic)| topic).map_err(|_| Fault::Topic.into())
}

async fn take(
    app: &Arc<App>,
    publisher: &Publisher,
    topic: String,
    parameters: Parameters,
    body: &Bytes,
) -> Result<Json<Sent>, Refused> {
    let now = OffsetDateTime::now_utc();
    let (wish, due, mut sent) = understand(&topic, &parameters, body, now, app.config.retention.age)?;
    sent.id = match due {
        None => submit(app, publisher, wish).await?.id,
        Some(due) => submit_later(app, publisher, wish, due).await?,
    };
    Ok(Json(sent))
}

/// What is wished, for when, and what is answered once it is granted.
fn understand(
    topic: &str,
    parameters: &Parameters,
    body: &[u8],
    now: OffsetDateTime,
    kept: Duration,
) -> Result<(Wish, Option<OffsetDateTime>, Sent), Refused> {
    if is_reserved(topic) {
        return Err(Fault::TopicDisallowed.into());
    }
    if !is_name(topic) {
        return Err(Fault::Topic.into());
    }
    let message = Message::read(parameters, body, now)?;
    let sent = Sent::of(&message, topic, now, kept);
    let (due, sequence) = (message.due, message.sequence.clone());
    let request = message.into_draft().to(To::Topic(topic.to_owned()), topic);
    Ok((Wish { request, sequence }, due, sent))
}

/// A whole request, as `/` or `/<topic>` takes it.
#[cfg(fuzzing)]
pub(super) fn read(parts: Parts, body: &[u8]) -> Option<Wish> {
    let _ = key(&parts);
    let path = parts.uri.path().to_owned();
    let parameters = Parameters::of(parts);
    let now = OffsetDateTime::UNIX_EPOCH;
    let (wish, due, sent) = if path == "/" {
        let (topic, message, parameters) = parameters.with_json(body).ok()?;
        understand(&topic, &parameters, message.as_bytes(), now, Duration::MAX).ok()?
    } else {
        understand(path.trim_start_matches('/'), &parameters, body, now, Duration::MAX).ok()?
    };
    assert!(due.is_none_or(|due| due > now), "it was due before it came");
    assert!(serde_json::to_vec(&sent).is_ok(), "no answer to it");
    Some(wish)
}

/// From a parameter that holds a whole header in base64, or else from the header, which may be meant for a proxy.
fn key(parts: &Parts) -> Option<Secret> {
    let given = query(&parts.uri, "authorization").or_else(|| query(&parts.uri, "auth"));
    let Some(given) = given.filter(|given| !given.is_empty()) else {
        let (scheme, rest) = authorization(parts)?;
        return key_of(scheme, rest);
    };
    if given.starts_with(KEY_PREFIX) {
        return secret(given);
    }
    let header = BASE64_URL_SAFE_NO_PAD.decode(given.trim_end_matches('=')).ok()?;
    let (scheme, rest) = std::str::from_utf8(&header).ok()?.trim().split_once(' ')?;
    key_of(scheme, rest.trim())
}

fn key_of(scheme: &str, rest: &str) -> Option<Secret> {
    if scheme.eq_ignore_ascii_case("bearer") {
        return secret(rest);
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = BASE64_STANDARD.decode(rest).ok()?;
    let (user, password) = std::str::from_utf8(&pair).ok()?.split_once(':')?;
    // some have one field for a token, and send it as the user
    secret(if user.starts_with(KEY_PREFIX) { user } else { password })
}
