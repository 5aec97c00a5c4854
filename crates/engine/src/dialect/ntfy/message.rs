//! One line: what happened, and when.

use std::collections::BTreeMap;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::Value;
use tidings_protocol::{Action, Attachment, MalformedMessage, Notification, Priority};
use time::OffsetDateTime;

use crate::{
    dialect::answers::{absolute, web},
    machine::{Item, Topical},
};

/// A first line of this many characters is a title.
const LONGEST_TITLE: usize = 80;

/// A line, read.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Said {
    /// Unix seconds.
    pub(super) time: u64,
    pub(super) id: String,
    pub(super) topic: String,
    /// What it is an edition of, where it may be one of several.
    pub(super) sequence: String,
    pub(super) event: Event,
}

/// What a line says.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Event {
    Open,
    Keepalive,
    PollRequest,
    Item(Item),
    Unknown(String),
}

/// Reads a line, or a frame of the socket.
pub(super) fn read(line: &[u8]) -> Result<Said, MalformedMessage> {
    let malformed = || MalformedMessage { reason: "no message of ntfy's".into() };
    let value: Value = serde_json::from_slice(line).map_err(|_| malformed())?;
    let kind = value["event"].as_str().ok_or_else(malformed)?;
    let time = value["time"].as_u64().ok_or_else(malformed)?;
    let id = text(&value, "id").unwrap_or_default();
    let sequence = text(&value, "sequence_id").unwrap_or_else(|| id.clone());
    let told = || Topical { ids: vec![sequence.clone()], topic: text(&value, "topic") };
    let event = match kind {
        "open" => Event::Open,
        "keepalive" => Event::Keepalive,
        "poll_request" => Event::PollRequest,
        "message" if !id.is_empty() => {
            let notification = Box::new(notification(&value, &id, &sequence, time));
            Event::Item(Item::Notification { mark: time, notification })
        }
        "message_clear" => Event::Item(Item::Read(told())),
        "message_delete" => Event::Item(Item::Deleted(told())),
        other => Event::Unknown(other.chars().take(64).collect()),
    };
    let topic = text(&value, "topic").unwrap_or_default();
    Ok(Said { time, id, topic, sequence, event })
}

fn text(value: &Value, name: &str) -> Option<String> {
    value[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

fn moment(seconds: u64) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp(i64::try_from(seconds).ok()?).ok()
}

fn notification(value: &Value, id: &str, sequence: &str, time: u64) -> Notification {
    let topic = text(value, "topic");
    let markdown = value["content_type"].as_str() == Some("text/markdown");
    let message = decoded(value);
    let (title, body) = match text(value, "title") {
        Some(title) => (title, message),
        None => titled(message, topic.as_deref().unwrap_or_default(), markdown),
    };
    let tags = value["tags"].as_array().into_iter().flatten().filter_map(Value::as_str);
    Notification {
        id: Some(id.to_owned()),
        title,
        body,
        priority: value["priority"]
            .as_i64()
            .filter(|number| *number != 0)
            .map_or(Priority::Default, Priority::nearest),
        topic,
        tags: tags.map(str::to_owned).collect(),
        click_url: value["click"].as_str().and_then(absolute),
        icon_url: value["icon"].as_str().and_then(web),
        actions: actions(&value["actions"]),
        attachment: attachment(&value["attachment"]),
        plain: !markdown,
        replaces: (sequence != id).then(|| sequence.to_owned()),
        created_at: moment(time),
        ..Notification::default()
    }
}

/// The first line is the title, if it is as short as one; else the topic's name is.
fn titled(message: String, topic: &str, markdown: bool) -> (String, String) {
    let (first, rest) = message.split_once('\n').unwrap_or((&message, ""));
    let first = first.trim();
    if markdown || first.is_empty() || first.chars().count() > LONGEST_TITLE {
        return (topic.to_owned(), message);
    }
    (first.to_owned(), rest.trim_start_matches(['\r', '\n']).to_owned())
}

/// The text of a message; bytes that are none are only counted.
fn decoded(value: &Value) -> String {
    let message = value["message"].as_str().unwrap_or_default();
    if value["encoding"].as_str() != Some("base64") {
        return message.to_owned();
    }
    match BASE64_STANDARD.decode(message) {
        Ok(bytes) => String::from_utf8(bytes)
            .unwrap_or_else(|error| format!("(binary, {} bytes)", error.as_bytes().len())),
        Err(_) => message.to_owned(),
    }
}

fn actions(value: &Value) -> Vec<Action> {
    let all = value.as_array().into_iter().flatten().enumerate();
    all.filter_map(|(number, value)| action(number, value)).collect()
}

fn action(number: usize, value: &Value) -> Option<Action> {
    let id = text(value, "id").unwrap_or_else(|| number.to_string());
    let label = text(value, "label")?;
    let plain = Action { id, label, ..Action::default() };
    match value["action"].as_str()? {
        "view" => Some(Action { url: absolute(value["url"].as_str()?)?, ..plain }),
        "http" => {
            let headers: BTreeMap<String, String> = value["headers"]
                .as_object()
                .into_iter()
                .flatten()
                .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
                .collect();
            let method = text(value, "method").unwrap_or_else(|| "POST".to_owned());
            let body = text(value, "body");
            Some(Action { url: web(value["url"].as_str()?)?, method: Some(method), headers, body, ..plain })
        }
        "copy" => Some(Action { copy: Some(text(value, "value")?), ..plain }),
        "broadcast" => {
            tracing::debug!("skipped a button that is for apps of Android");
            None
        }
        _ => None,
    }
}

fn attachment(value: &Value) -> Option<Attachment> {
    let url = web(value["url"].as_str()?)?;
    Some(Attachment {
        name: text(value, "name").unwrap_or_default(),
        url,
        media_type: text(value, "type"),
        size: value["size"].as_u64(),
        expires_at: value["expires"].as_u64().filter(|seconds| *seconds > 0).and_then(moment),
    })
}
