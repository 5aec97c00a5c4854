//! ntfy's answer: the message as its subscribers would get it.

use std::time::Duration;

use serde::Serialize;
use time::OffsetDateTime;

use super::{actions::Button, message::Message};

/// See the module.
#[derive(Debug, Serialize)]
pub(super) struct Sent {
    pub(super) id: String,
    /// When it is delivered, in Unix seconds.
    time: i64,
    /// When it is forgotten.
    expires: i64,
    event: &'static str,
    topic: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    sequence_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    priority: Option<u8>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    click: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    icon: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    actions: Vec<Button>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attachment: Option<File>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_type: Option<&'static str>,
}

#[derive(Debug, Serialize)]
struct File {
    name: String,
    url: String,
}

impl Sent {
    /// Without its id, which it has once it is stored.
    pub(super) fn of(message: &Message, topic: &str, now: OffsetDateTime, kept: Duration) -> Self {
        let time = message.due.unwrap_or(now).unix_timestamp();
        Self {
            id: String::new(),
            time,
            expires: time.saturating_add(i64::try_from(kept.as_secs()).unwrap_or(i64::MAX)),
            event: "message",
            topic: topic.to_owned(),
            sequence_id: message.sequence.clone(),
            title: message.title.clone(),
            message: message.message.clone(),
            priority: message.priority.map(tidings_protocol::Priority::number),
            tags: message.tags.clone(),
            click: message.click.clone(),
            icon: message.icon.clone(),
            actions: message.buttons.clone(),
            attachment: message
                .attachment
                .as_ref()
                .map(|file| File { name: file.name.clone(), url: file.url.clone() }),
            content_type: message.markdown.then_some("text/markdown"),
        }
    }
}
