use hyper::Method;
use serde_json::{Value, json};

use super::{
    fault::{self, Fault},
    history::span,
    store::{Store, frame, now},
};
use crate::ask::Ask;

/// Most buttons of a notification.
const MOST_ACTIONS: usize = 3;

/// Shortest time that something may be scheduled for, in seconds.
const SHORTEST_DELAY: i64 = 10;

/// Fields, and the names of headers and parameters that they are known by.
const NAMES: [(&str, &[&str]); 12] = [
    ("message", &["x-message", "message", "m"]),
    ("title", &["x-title", "title", "t"]),
    ("priority", &["x-priority", "priority", "prio", "p"]),
    ("tags", &["x-tags", "tags", "tag", "ta"]),
    ("click", &["x-click", "click"]),
    ("icon", &["x-icon", "icon"]),
    ("attach", &["x-attach", "attach", "a"]),
    ("filename", &["x-filename", "filename", "file", "f"]),
    ("actions", &["x-actions", "actions", "action"]),
    ("markdown", &["x-markdown", "markdown", "md"]),
    ("delay", &["x-delay", "delay", "x-at", "at", "x-in", "in"]),
    ("sequence_id", &["x-sequence-id", "sequence-id", "sid"]),
];

/// `PUT` or `POST` to a topic: fields in headers or parameters, the message as the body. Actions are taken as JSON.
pub(super) fn from_request(topic: &str, ask: &Ask) -> Value {
    let mut fields = json!({ "topic": topic });
    for (field, names) in NAMES {
        let given = |name: &&str| ask.header(name).map(str::to_owned).or_else(|| ask.query(name));
        let Some(text) = names.iter().find_map(given) else { continue };
        fields[field] = match field {
            "tags" => text.split(',').map(|tag| json!(tag.trim())).collect(),
            "actions" => serde_json::from_str(&text).unwrap_or_default(),
            "markdown" => json!(["1", "yes", "true"].contains(&text.to_lowercase().as_str())),
            _ => json!(text),
        };
    }
    match std::str::from_utf8(&ask.body) {
        Ok("") => {}
        Ok(text) => fields["message"] = json!(text),
        Err(_) => {
            use base64::{Engine as _, prelude::BASE64_STANDARD};
            fields["message"] = json!(BASE64_STANDARD.encode(&ask.body));
            fields["encoding"] = json!("base64");
        }
    }
    fields
}

/// A sequence of a topic: deleted, or cleared.
pub(super) fn withdrawal<'a>(
    method: &Method,
    segments: &[&'a str],
) -> Option<(&'static str, &'a str, &'a str)> {
    match (method, segments) {
        (&Method::DELETE, [topic, sequence]) => Some(("message_delete", topic, sequence)),
        (&Method::PUT, [topic, sequence, "clear" | "read"]) => Some(("message_clear", topic, sequence)),
        _ => None,
    }
}

impl Store {
    /// What comes over the wire is checked; what a test publishes is its own affair.
    pub(super) fn publish_checked(&mut self, fields: &Value) -> Result<Value, Fault> {
        if priority(fields)?.is_some_and(|priority| !(1..=5).contains(&priority)) {
            return Err(fault::PRIORITY);
        }
        if fields["actions"].as_array().is_some_and(|actions| actions.len() > MOST_ACTIONS) {
            return Err(fault::ACTIONS);
        }
        if due(fields).is_some_and(|due| due < now() + SHORTEST_DELAY) {
            return Err(fault::DELAY_TOO_SMALL);
        }
        Ok(self.publish_json(fields))
    }

    pub(super) fn publish_json(&mut self, fields: &Value) -> Value {
        let mut said = frame("message", fields["topic"].as_str().unwrap_or_default());
        for field in ["title", "tags", "click", "icon", "actions", "encoding", "sequence_id", "attachment"] {
            if !fields[field].is_null() {
                said[field] = fields[field].clone();
            }
        }
        let actions = said.get_mut("actions").and_then(Value::as_array_mut);
        for (number, action) in actions.into_iter().flatten().enumerate() {
            action["id"] = json!(format!("action{number}"));
            action["clear"] = json!(action["clear"] == true);
        }
        if let Some(priority) = priority(fields).ok().flatten().filter(|priority| *priority != 3) {
            said["priority"] = json!(priority);
        }
        if fields["markdown"] == true {
            said["content_type"] = json!("text/markdown");
        }
        let mut message = fields["message"].as_str().unwrap_or_default().to_owned();
        if let Some(url) = fields["attach"].as_str() {
            let last = url.rsplit('/').next().filter(|name| !name.is_empty());
            let name = fields["filename"].as_str().or(last).unwrap_or("attachment");
            said["attachment"] = json!({ "name": name, "url": url });
            if message.is_empty() {
                message = format!("You received a file: {name}");
            }
        }
        said["message"] = json!(if message.is_empty() { "triggered" } else { &message });
        if let Some(due) = due(fields) {
            said["time"] = json!(due);
        }
        self.keep(said)
    }
}

/// A number or a name.
fn priority(fields: &Value) -> Result<Option<i64>, Fault> {
    let named = match &fields["priority"] {
        Value::Null => return Ok(None),
        Value::String(text) => match text.to_lowercase().as_str() {
            "min" => Some(1),
            "low" => Some(2),
            "default" => Some(3),
            "high" => Some(4),
            "max" | "urgent" => Some(5),
            number => number.parse().ok(),
        },
        number => number.as_i64(),
    };
    named.map(Some).ok_or(fault::PRIORITY)
}

/// When it is to be delivered; a span or a time.
fn due(fields: &Value) -> Option<i64> {
    let text = fields["delay"].as_str()?;
    let from_now = || Some(now() + i64::try_from(span(text)?.as_secs()).ok()?);
    text.parse().ok().or_else(from_now)
}
