//! Publishing in the words of others: what Gotify's and ntfy's clients send is taken as it is, and answered in the shape
//! that they know. `docs/publishing.md` says what becomes of what.
//!
//! Owns the translation. Who may publish, how often, and what is stored are those of `POST /api/notifications`; reading
//! in the words of others is refused: who receives speaks the protocol.

mod any_case;
mod draft;
mod encoded_word;
#[cfg(fuzzing)]
pub(crate) mod fuzzing;
mod gotify;
mod ntfy;

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{Method, StatusCode, Uri, header, request::Parts},
};
use tidings_protocol::{Code, PublishReceipt, Secret, To};
use time::OffsetDateTime;
use tower_http::cors::AllowHeaders;

use super::{caller::Publisher, error::Refusal, notifications, origin};
use crate::{
    app::App,
    later::{self, Accepted},
    publish::{self, Wish},
};

/// Their paths. Those of ours that would be topics there are in [`publish::RESERVED`].
pub(super) fn router(app: &App) -> Router<Arc<App>> {
    // of headers, those that ntfy's clients send have too many names for a list
    let cors = origin::cors(&app.config.allow_origins)
        .allow_methods([Method::GET, Method::POST, Method::PUT])
        .allow_headers(AllowHeaders::mirror_request());
    Router::new()
        .merge(ntfy::router().layer(DefaultBodyLimit::max(app.config.max_body)))
        .merge(
            gotify::router().layer(DefaultBodyLimit::max(app.config.max_body.saturating_mul(gotify::ROOM))),
        )
        // before the layer, which answers a page that asks first
        .method_not_allowed_fallback(async || Refusal::method_not_allowed())
        .layer(cors)
}

/// Stores it, as `POST /api/notifications` would. What nobody would ever see is refused: their servers keep it for whoever
/// comes, ours does not.
async fn submit(app: &Arc<App>, publisher: &Publisher, wish: Wish) -> Result<PublishReceipt, Refusal> {
    let to = wish.request.to.clone();
    notifications::admit(app, publisher, &to).await?;
    let receipt = publish::publish(app, wish).await?;
    // the first of a log is 1
    if receipt.seq == 0 { Err(nobody_receives(&to)) } else { Ok(receipt) }
}

/// As [`submit`], for later; answers the id.
async fn submit_later(
    app: &Arc<App>,
    publisher: &Publisher,
    wish: Wish,
    due: OffsetDateTime,
) -> Result<String, Refusal> {
    let to = wish.request.to.clone();
    notifications::admit(app, publisher, &to).await?;
    match later::accept(app, wish, due, publisher.label()).await? {
        Accepted::Waiting(id) => Ok(id),
        Accepted::ForNobody => Err(nobody_receives(&to)),
        Accepted::TooMany => Err(Refusal::new(
            StatusCode::TOO_MANY_REQUESTS,
            Code::RATE_LIMITED,
            "too many of yours wait to be delivered already",
        )),
    }
}

fn nobody_receives(to: &To) -> Refusal {
    let (To::Topic(name) | To::User(name)) = to;
    Refusal::bad_request(format!(
        "nobody receives `{name}`; on the server, `tidings-server user subscribe NAME {name}` lets somebody"
    ))
}

/// A parameter of the address.
fn query(uri: &Uri, name: &str) -> Option<String> {
    pairs(uri.query().unwrap_or_default().as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value)
}

/// `a=b&c=d`, decoded.
fn pairs(text: &[u8]) -> impl Iterator<Item = (String, String)> {
    url::form_urlencoded::parse(text).map(|(key, value)| (key.into_owned(), value.into_owned()))
}

/// The two words of an `Authorization` header.
fn authorization(parts: &Parts) -> Option<(&str, &str)> {
    let text = parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    text.trim().split_once(' ').map(|(scheme, rest)| (scheme, rest.trim()))
}

/// Text that is not empty, as a secret.
fn secret(text: impl AsRef<str>) -> Option<Secret> {
    let text = text.as_ref().trim();
    (!text.is_empty()).then(|| Secret::from(text))
}
