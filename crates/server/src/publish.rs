//! Publishing: checked, stored for each recipient, and handed to their sockets right after the commit.

use std::sync::Arc;

use axum::http::{HeaderName, HeaderValue};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use tidings_protocol::{Action, Notification, PublishReceipt, PublishRequest, To};
use time::OffsetDateTime;
use url::Url;

use crate::{
    app::App,
    hub::Live,
    random,
    socket::catch_up::notification_frame,
    store::{
        StoreError,
        log::{self, Appended},
        sequences, topics, users,
    },
};

pub(crate) const MAX_TITLE: usize = 250;
pub(crate) const MAX_BODY: usize = 32 * 1024;
pub(crate) const MAX_TAGS: usize = 16;
const MAX_ACTIONS: usize = 8;
pub(crate) const MAX_NAME: usize = 64;
pub(crate) const MAX_URL: usize = 2048;
const MAX_HEADERS: usize = 16;
/// What a button sends or copies.
const MAX_SENT: usize = 4 * 1024;

/// Paths of this server that a topic would stand in the way of: `PUT /<topic>` publishes.
pub(crate) const RESERVED: [&str; 5] = ["api", "healthz", "message", "metrics", "ws"];

/// Why nothing was published.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// A field is not as it should be.
    #[error("{field}: {problem}")]
    Field {
        /// Its name in the request.
        field: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A request, and what is said of it beyond the protocol.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Wish {
    #[serde(flatten)]
    pub(crate) request: PublishRequest,
    /// The name of a sequence of its topic: it takes the place of the one before.
    #[serde(default)]
    pub(crate) sequence: Option<String>,
}

impl From<PublishRequest> for Wish {
    fn from(request: PublishRequest) -> Self {
        Self { request, sequence: None }
    }
}

/// Stores a request and tells everybody it is for. When this answers, it is on the disk.
pub(crate) async fn publish(app: &Arc<App>, wish: impl Into<Wish>) -> Result<PublishReceipt, PublishError> {
    let wish = wish.into();
    check(&wish.request)?;
    let id = random::id();
    let store = {
        let id = id.clone();
        move |connection: &Connection| store(connection, wish, id, OffsetDateTime::now_utc())
    };
    let fan_out = Arc::clone(app);
    let stored =
        app.store.write_then(store, move |stored| deliver(&fan_out, stored.iter().flatten())).await?;
    let Some(stored) = stored else {
        return Err(PublishError::Field { field: "to.user", problem: "there is no such user".to_owned() });
    };
    app.metrics.published.add(1);
    Ok(PublishReceipt { id, seq: stored.first().map_or(0, |first| first.seq) })
}

/// Appends it to the log of each who is to have it; `None` when the user that it names is not there.
pub(crate) fn store(
    connection: &Connection,
    Wish { mut request, sequence }: Wish,
    id: String,
    now: OffsetDateTime,
) -> Result<Option<Vec<Appended>>, StoreError> {
    let Some(recipients) = recipients(connection, &request.to)? else { return Ok(None) };
    if let (Some(name), To::Topic(topic)) = (sequence, &request.to) {
        let last = sequences::follow(connection, topic, &name, &id, now)?;
        // the id of one that was published by itself may serve as a name afterwards
        request.replaces = Some(last.unwrap_or(name));
    }
    let notification = notification(request, id, now);
    let mut appended = Vec::with_capacity(recipients.len());
    for user in &recipients {
        appended.extend(log::append(connection, user, &notification, now)?);
    }
    Ok(Some(appended))
}

/// Who is meant at this moment.
pub(crate) fn recipients(connection: &Connection, to: &To) -> Result<Option<Vec<String>>, StoreError> {
    match to {
        To::User(name) => Ok(users::id_by_name(connection, name)?.map(|user| vec![user])),
        To::Topic(topic) => topics::subscribers(connection, topic).map(Some),
    }
}

/// Hands on what was stored, right after the commit.
pub(crate) fn deliver<'a>(app: &App, stored: impl Iterator<Item = &'a Appended>) {
    for one in stored {
        app.metrics.stored.add(1);
        let frame = notification_frame(&one.payload).into();
        app.hub.deliver(&one.user, &Live::Notification { seq: one.seq, frame }, None);
    }
}

fn notification(request: PublishRequest, id: String, now: OffsetDateTime) -> Notification {
    Notification {
        seq: None,
        id: Some(id),
        title: request.title,
        body: request.body,
        priority: request.priority,
        topic: match request.to {
            To::Topic(topic) => Some(topic),
            To::User(_) => None,
        },
        tags: request.tags,
        click_url: request.click_url,
        actions: request.actions,
        icon_url: request.icon_url,
        image_url: request.image_url,
        attachment: request.attachment,
        plain: request.plain,
        replaces: request.replaces,
        created_at: Some(now),
        expires_at: request.expires_at,
    }
}

/// That it is as it should be.
pub(crate) fn check(request: &PublishRequest) -> Result<(), PublishError> {
    match &request.to {
        To::User(name) => require(!name.is_empty(), "to.user", "must not be empty")?,
        To::Topic(topic) => {
            require(is_name(topic), "to.topic", "must be 1 to 64 of letters, digits and . _ - @")?;
            require(!is_reserved(topic), "to.topic", "is a path of this server; choose another name")?;
        }
    }
    require(!request.title.trim().is_empty(), "title", "must not be blank")?;
    require(request.title.chars().count() <= MAX_TITLE, "title", "at most 250 characters")?;
    require(request.body.len() <= MAX_BODY, "body", "at most 32 KiB")?;
    require(request.tags.len() <= MAX_TAGS, "tags", "at most 16")?;
    require(request.tags.iter().all(|tag| within(tag, MAX_NAME)), "tags", "each 1 to 64 characters")?;
    if let Some(url) = &request.click_url {
        check_url("click_url", url)?;
    }
    if let Some(url) = &request.icon_url {
        check_url("icon_url", url)?;
    }
    if let Some(url) = &request.image_url {
        check_url("image_url", url)?;
    }
    if let Some(attachment) = &request.attachment {
        check_url("attachment.url", &attachment.url)?;
        require(attachment.name.chars().count() <= MAX_TITLE, "attachment.name", "at most 250 characters")?;
    }
    if let Some(id) = &request.replaces {
        require(within(id, MAX_NAME), "replaces", "must be the id of a notification")?;
    }
    require(request.actions.len() <= MAX_ACTIONS, "actions", "at most 8")?;
    for (index, action) in request.actions.iter().enumerate() {
        require(within(&action.id, MAX_NAME), "actions.id", "1 to 64 characters")?;
        let unique = request.actions.iter().take(index).all(|earlier| earlier.id != action.id);
        require(unique, "actions.id", "must be unique within the notification")?;
        check_action(action)?;
    }
    Ok(())
}

fn check_action(action: &Action) -> Result<(), PublishError> {
    require(within(&action.label, MAX_NAME), "actions.label", "1 to 64 characters")?;
    if let Some(copy) = &action.copy {
        require(!copy.is_empty() && copy.len() <= MAX_SENT, "actions.copy", "1 byte to 4 KiB")?;
        let only_that = action.url.is_empty() && action.method.is_none();
        return require(only_that, "actions.copy", "one that copies neither opens nor calls anything");
    }
    check_url("actions.url", &action.url)?;
    let known = ["GET", "POST", "PUT", "PATCH", "DELETE"];
    let method = action.method.as_deref();
    require(
        method.is_none_or(|method| known.contains(&method)),
        "actions.method",
        "must be GET, POST, PUT, PATCH or DELETE, or be left out",
    )?;
    let calls = method.is_some() || (action.headers.is_empty() && action.body.is_none());
    require(calls, "actions.method", "one that opens sends neither headers nor a body")?;
    require(action.headers.len() <= MAX_HEADERS, "actions.headers", "at most 16")?;
    for (name, value) in &action.headers {
        let sound = HeaderName::from_bytes(name.as_bytes()).is_ok() && HeaderValue::from_str(value).is_ok();
        let small = name.len() <= MAX_NAME && value.len() <= MAX_URL;
        require(sound && small, "actions.headers", "each a header field, of at most 64 and 2048 bytes")?;
    }
    let body = action.body.as_ref();
    require(body.is_none_or(|body| body.len() <= MAX_SENT), "actions.body", "at most 4 KiB")
}

/// What users, topics and keys may be called.
pub(crate) fn is_name(text: &str) -> bool {
    within(text, MAX_NAME) && text.chars().all(|c| c.is_ascii_alphanumeric() || "._-@".contains(c))
}

/// Whether this cannot be a topic, or a key, whose name is one.
pub(crate) fn is_reserved(name: &str) -> bool {
    RESERVED.contains(&name)
}

fn within(text: &str, max: usize) -> bool {
    !text.is_empty() && text.chars().count() <= max
}

fn check_url(field: &'static str, text: &str) -> Result<(), PublishError> {
    let good = text.len() <= MAX_URL
        && Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    require(good, field, "must be an http or https address of at most 2048 bytes")
}

fn require(holds: bool, field: &'static str, problem: &str) -> Result<(), PublishError> {
    if holds { Ok(()) } else { Err(PublishError::Field { field, problem: problem.to_owned() }) }
}
