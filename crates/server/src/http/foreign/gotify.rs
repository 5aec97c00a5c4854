//! `POST /message`, as Gotify's server takes it: JSON, a form, or nothing but the address.
//!
//! A publisher's key stands for the token of an application, and its name for the application's: it is the topic that
//! the message goes to, and the title where none was said.

use std::sync::Arc;

use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::{FromRequest as _, Multipart, Request, State},
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
    routing::post,
};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use tidings_protocol::{Code, Priority, Secret, To};
use time::OffsetDateTime;

use super::{
    any_case::AnyCase,
    authorization,
    draft::{Draft, is_web},
    pairs, query, secret, submit,
};
use crate::{
    app::App,
    http::{caller::Publisher, error::Refusal, json, origin},
};

/// What a message without a priority has: the middle of ours, where Gotify's applications start at 0 and stay silent.
const USUAL_PRIORITY: i64 = 5;

const FORM: &str = "application/x-www-form-urlencoded";
const MULTIPART: &str = "multipart/form-data";

/// How much larger than ours the requests may be: Grafana sends all that it knows of each alert along.
pub(super) const ROOM: usize = 8;

pub(super) fn router() -> Router<Arc<App>> {
    // Gotify sends whoever has a slash too many to the right place
    Router::new().route("/message", post(publish)).route("/message/", post(publish))
}

async fn publish(State(app): State<Arc<App>>, request: Request) -> Result<Json<Message>, Refused> {
    origin::check(&app, request.headers())?;
    let (parts, body) = request.into_parts();
    let token = token(&parts).ok_or_else(|| {
        Refusal::unauthorized(Code::UNAUTHORIZED, "send a publisher's key of this server as the token")
    })?;
    let publisher = Publisher::by_token(&app, &token).await?;
    let bytes = json::read(Request::from_parts(parts.clone(), body), &app).await?;
    let fields = read(parts, bytes).await?;
    let date = OffsetDateTime::now_utc();
    let (to, name) = target(&publisher)?;
    let given = fields.priority.unwrap_or(USUAL_PRIORITY);
    let request = draft(&fields).to(to, &name);
    let title = request.title.clone();
    let receipt = submit(&app, &publisher, request.into()).await?;
    Ok(Json(Message {
        id: receipt.seq,
        appid: number(&publisher),
        message: fields.message,
        title,
        priority: given,
        extras: fields.extras,
        date,
    }))
}

/// In Gotify's order.
fn token(parts: &Parts) -> Option<Secret> {
    let bearer = || {
        authorization(parts)
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token)
    };
    query(&parts.uri, "token")
        .and_then(secret)
        .or_else(|| parts.headers.get("x-gotify-key")?.to_str().ok().and_then(secret))
        .or_else(|| bearer().and_then(secret))
}

/// Whom it is for, and what is said where there is no title.
fn target(publisher: &Publisher) -> Result<(To, String), Refusal> {
    match publisher {
        Publisher::Key(key) => Ok((To::Topic(key.name.clone()), key.name.clone())),
        Publisher::Person(person) => match &person.name {
            Some(name) => Ok((To::User(name.clone()), name.clone())),
            None => Err(Refusal::forbidden(Code::FORBIDDEN, "guests only listen")),
        },
    }
}

/// Gotify's ids are numbers; ours stay the same too, as they are drawn once.
fn number(publisher: &Publisher) -> u32 {
    match publisher {
        Publisher::Key(key) => {
            key.id.get(..7).and_then(|digits| u32::from_str_radix(digits, 16).ok()).unwrap_or(0)
        }
        Publisher::Person(_) => 0,
    }
}

/// What is sent.
#[derive(Debug, Default, Deserialize)]
struct Fields {
    #[serde(default)]
    message: String,
    #[serde(default)]
    title: Option<String>,
    #[serde(default, deserialize_with = "priority")]
    priority: Option<i64>,
    #[serde(default)]
    extras: Option<Map<String, Value>>,
}

/// Scripts write numbers as text, too.
fn priority<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    let refused = || serde::de::Error::custom("has to be a whole number");
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
        Value::Number(number) => number.as_i64().map(Some).ok_or_else(refused),
        Value::String(text) => text.trim().parse().map(Some).map_err(|_| refused()),
        _ => Err(refused()),
    }
}

async fn read(parts: Parts, bytes: Bytes) -> Result<Fields, Refusal> {
    let fields = fields(parts, bytes).await?;
    if fields.message.is_empty() {
        return Err(Refusal::bad_request("Field 'message' is required"));
    }
    Ok(fields)
}

/// By what the body says that it is. A form may be in the address as well, and curl calls JSON a form unless told.
async fn fields(parts: Parts, bytes: Bytes) -> Result<Fields, Refusal> {
    let kind =
        parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if kind.ends_with("/json") || bytes.trim_ascii_start().starts_with(b"{") {
        let read = serde_json::from_slice(&bytes).map(|AnyCase(fields)| fields);
        return read.map_err(|problem| Refusal::bad_request(problem.to_string()));
    }
    let query = parts.uri.query().unwrap_or_default().to_owned();
    let mut said = match kind.as_str() {
        MULTIPART => multipart(parts, bytes).await?,
        "" | FORM => pairs(&bytes).collect(),
        _ => Vec::new(),
    };
    said.extend(pairs(query.as_bytes()));
    let field = |name: &str| said.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    let (message, title) = (field("message").unwrap_or_default(), field("title"));
    if message.is_empty() && !["", FORM, MULTIPART].contains(&kind.as_str()) {
        return Err(Refusal::bad_request(format!("send JSON or a form, not {kind}")));
    }
    let priority = match field("priority").filter(|text| !text.is_empty()) {
        None => None,
        Some(text) => {
            let number = text.trim().parse();
            Some(number.map_err(|_| Refusal::bad_request("priority: has to be a whole number"))?)
        }
    };
    Ok(Fields { message, title, priority, extras: None })
}

async fn multipart(parts: Parts, bytes: Bytes) -> Result<Vec<(String, String)>, Refusal> {
    let refused = |problem: String| Refusal::bad_request(problem);
    let request = Request::from_parts(parts, Body::from(bytes));
    let mut form = Multipart::from_request(request, &()).await.map_err(|error| refused(error.body_text()))?;
    let mut pairs = Vec::new();
    while let Some(field) = form.next_field().await.map_err(|error| refused(error.body_text()))? {
        let Some(name) = field.name().map(str::to_owned) else { continue };
        pairs.push((name, field.text().await.map_err(|error| refused(error.body_text()))?));
    }
    Ok(pairs)
}

fn draft(fields: &Fields) -> Draft {
    Draft {
        title: fields.title.clone(),
        body: fields.message.clone(),
        priority: ours(fields.priority.unwrap_or(USUAL_PRIORITY)),
        click_url: fields.extra("client::notification", "/click/url"),
        image_url: fields.extra("client::notification", "/bigImageUrl").filter(|image| is_web(image)),
        markdown: fields.extra("client::display", "/contentType").as_deref() == Some("text/markdown"),
        ..Draft::default()
    }
}

impl Fields {
    /// Gotify's extras are objects by namespace. What has another shape decorates nothing.
    fn extra(&self, namespace: &str, pointer: &str) -> Option<String> {
        let value = self.extras.as_ref()?.get(namespace)?.pointer(pointer)?;
        value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
    }
}

/// By what Gotify's own apps do at each: nothing at 0, a line at 1, a sound at 4, an interruption at 8.
fn ours(priority: i64) -> Priority {
    match priority {
        ..=0 => Priority::Min,
        1..=3 => Priority::Low,
        4..=7 => Priority::Default,
        8..=9 => Priority::High,
        10.. => Priority::Urgent,
    }
}

/// A whole request, as `/message` takes it.
#[cfg(fuzzing)]
pub(super) fn wish(parts: Parts, body: &[u8]) -> Option<crate::publish::Wish> {
    use futures_util::FutureExt as _;
    let _ = token(&parts);
    let fields = read(parts, Bytes::copy_from_slice(body)).now_or_never()?.ok()?;
    Some(draft(&fields).to(To::Topic("backup".to_owned()), "backup").into())
}

/// Gotify's answer.
#[derive(Debug, Serialize)]
struct Message {
    id: u64,
    appid: u32,
    message: String,
    title: String,
    priority: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    extras: Option<Map<String, Value>>,
    #[serde(with = "time::serde::rfc3339")]
    date: OffsetDateTime,
}

/// Gotify's words for a refusal.
struct Refused(Refusal);

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self(refusal)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ErrorBody<'a> {
    error: &'a str,
    error_code: u16,
    error_description: &'a str,
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let Self(refusal) = self;
        let status = refusal.status();
        let body = ErrorBody {
            error: status.canonical_reason().unwrap_or_default(),
            error_code: status.as_u16(),
            error_description: refusal.message(),
        };
        let mut response = (status, Json(body)).into_response();
        if let Some(wait) = refusal.retry_after() {
            response.headers_mut().insert(header::RETRY_AFTER, wait);
        }
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;
    use proptest::{collection::vec, prelude::*, sample::select};

    use super::*;

    #[test]
    fn eleven_priorities_become_five() {
        let numbers: Vec<_> = (-1..=11).map(|priority| ours(priority).number()).collect();
        assert_eq!(numbers, [1, 1, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5]);
    }

    proptest! {
        #[test]
        fn whatever_is_posted_is_read_or_refused(
            kind in select(&["", "application/json", "application/x-www-form-urlencoded", "multipart/form-data",
                "multipart/form-data; boundary=b", "text/plain", "multipart/form-data; boundary=\"\\"][..]),
            body in prop_oneof![
                vec(any::<u8>(), 0..60),
                "(--b|\\r\\n|Content-Disposition: form-data; name=\"message\"|[a-z]|--|:){0,12}".prop_map(String::into_bytes),
                "(message|title|priority|=|&|%[0-9A-F]{0,2}|[0-9]){0,12}".prop_map(String::into_bytes),
                "(\\{|\\}|\"message\"|\"extras\"|:|,|\\[|null|-?[0-9]{1,20}){0,12}".prop_map(String::into_bytes),
            ],
        ) {
            let request = Request::builder().uri("/message").header(header::CONTENT_TYPE, kind);
            let (parts, ()) = request.body(()).unwrap().into_parts();
            if let Some(Ok(fields)) = read(parts, Bytes::from(body)).now_or_never() {
                let request = draft(&fields).to(To::Topic("backup".to_owned()), "backup");
                prop_assert!(!request.title.trim().is_empty());
            }
        }
    }
}
