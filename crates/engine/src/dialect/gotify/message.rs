//! One message: what it says, what it is called here, and where it stands in the log.

use serde_json::Value;
use tidings_protocol::{MalformedMessage, Notification, Priority};
use time::{OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

use crate::dialect::{
    Source,
    answers::{absolute, web},
};

/// A message as Gotify sends it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Message {
    pub(super) id: u64,
    pub(super) application: u64,
    pub(super) date: Option<OffsetDateTime>,
    title: String,
    text: String,
    priority: i64,
    extras: Value,
}

/// Bits of a mark that number the message. The others are its second.
const NUMBER: u32 = 31;

/// A place in the log: when, and which. With the time alone, two messages of a second would be one place; with the number
/// alone, nobody would notice that the numbers begin anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) second: u64,
    pub(super) id: u64,
}

impl Place {
    fn at(date: Option<OffsetDateTime>, id: u64) -> Self {
        let second = date.map_or(0, OffsetDateTime::unix_timestamp);
        Self { second: u64::try_from(second).unwrap_or_default(), id }
    }

    pub(super) fn of_mark(mark: u64) -> Self {
        Self { second: mark >> NUMBER, id: mark & ((1 << NUMBER) - 1) }
    }

    /// It fits into 63 bits, as databases want it.
    pub(super) fn mark(self) -> u64 {
        let second = self.second.min(u64::from(u32::MAX));
        (second << NUMBER) | self.id.min((1 << NUMBER) - 1)
    }
}

/// Reads a frame of the socket.
pub(super) fn read(text: &str) -> Result<Message, MalformedMessage> {
    serde_json::from_str(text)
        .ok()
        .and_then(|value| of(&value))
        .ok_or_else(|| MalformedMessage { reason: "no message of Gotify's".into() })
}

fn date(value: &Value) -> Option<OffsetDateTime> {
    let date = OffsetDateTime::parse(value["date"].as_str()?, &Rfc3339).ok()?;
    date.checked_to_offset(UtcOffset::UTC)
}

/// Where one of a list stands, whatever else can be read of it.
pub(super) fn spot(value: &Value) -> Option<Place> {
    Some(Place::at(date(value), value["id"].as_u64()?))
}

/// Reads one of a list.
pub(super) fn of(value: &Value) -> Option<Message> {
    let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
    Some(Message {
        id: value["id"].as_u64()?,
        application: value["appid"].as_u64().unwrap_or_default(),
        date: date(value),
        title: text("title"),
        text: value["message"].as_str()?.to_owned(),
        priority: value["priority"].as_i64().unwrap_or(0),
        extras: value["extras"].clone(),
    })
}

impl Message {
    pub(super) fn place(&self) -> Place {
        Place::at(self.date, self.id)
    }

    pub(super) fn mark(&self) -> u64 {
        self.place().mark()
    }

    /// Numbers are given again where the database is a new one, and by some where the newest message was deleted. So what
    /// a message says is part of what it is called; its date is not, as some databases round it.
    fn name(&self) -> String {
        let parts = [self.title.as_bytes(), &[0], self.text.as_bytes(), &self.application.to_le_bytes()];
        // FNV-1a: nobody gains anything by two messages of one name
        let hash = parts.into_iter().flatten().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        });
        format!("{}.{:08x}", self.id, (hash >> 32) ^ (hash & 0xffff_ffff))
    }

    pub(super) fn into_notification(self, source: Option<&Source>) -> Notification {
        let id = self.name();
        let extra = |namespace: &str, path: &[&str]| {
            let found = path.iter().fold(&self.extras[namespace], |value, name| &value[*name]);
            found.as_str().map(str::to_owned)
        };
        let markdown = extra("client::display", &["contentType"]).as_deref() == Some("text/markdown");
        let click_url = extra("client::notification", &["click", "url"]).and_then(|url| absolute(&url));
        let image_url = extra("client::notification", &["bigImageUrl"]).and_then(|url| web(&url));
        let name = source.map(|source| source.name.clone());
        let title = if self.title.is_empty() { name.clone().unwrap_or_default() } else { self.title };
        Notification {
            id: Some(id),
            title,
            body: self.text,
            priority: priority(self.priority),
            topic: name,
            click_url,
            icon_url: source.and_then(|source| source.icon_url.clone()),
            image_url,
            plain: !markdown,
            created_at: self.date,
            ..Notification::default()
        }
    }
}

/// As Gotify's own app for Android rings: not at all, without a sound, with one, and above everything else.
fn priority(number: i64) -> Priority {
    match number {
        ..=0 => Priority::Min,
        1..=3 => Priority::Low,
        4..=7 => Priority::Default,
        8..=9 => Priority::High,
        10.. => Priority::Urgent,
    }
}
