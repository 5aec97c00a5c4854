use rand::{Rng as _, distr::Alphanumeric};
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::{Access, NtfyOptions};
use crate::seats::Seats;

/// How long a message stays in the history, in seconds.
const KEPT_FOR: i64 = 12 * 60 * 60;

#[derive(Debug)]
pub(super) struct Store {
    pub(super) options: NtfyOptions,
    pub(super) seats: Seats,
    /// User or everybody, topic, and what they may.
    pub(super) rules: Vec<(Option<String>, String, Access)>,
    pub(super) tokens: Vec<Token>,
    /// In the order in which they were stored, which is not the one in which scheduled ones are delivered.
    pub(super) history: Vec<Kept>,
    pub(super) failures: usize,
}

#[derive(Debug)]
pub(super) struct Token {
    pub(super) token: String,
    pub(super) label: String,
    pub(super) expires: Option<i64>,
}

#[derive(Debug)]
pub(super) struct Kept {
    pub(super) said: Value,
    /// Not yet said.
    pub(super) scheduled: bool,
}

impl Kept {
    pub(super) fn id(&self) -> &str {
        self.said["id"].as_str().unwrap_or_default()
    }

    pub(super) fn topic(&self) -> &str {
        self.said["topic"].as_str().unwrap_or_default()
    }

    pub(super) fn time(&self) -> i64 {
        self.said["time"].as_i64().unwrap_or_default()
    }
}

pub(super) fn now() -> i64 {
    OffsetDateTime::now_utc().unix_timestamp()
}

fn letters(count: usize) -> String {
    rand::rng().sample_iter(Alphanumeric).take(count).map(char::from).collect()
}

/// What every frame has.
pub(super) fn frame(event: &str, topic: &str) -> Value {
    json!({ "id": letters(12), "time": now(), "event": event, "topic": topic })
}

/// As it is said on a socket: there every message names its sequence, its own id where nobody has named one.
pub(super) fn spoken(said: &Value) -> String {
    let mut spoken = said.clone();
    if spoken["event"] == "message" && spoken.get("sequence_id").is_none() {
        spoken["sequence_id"] = spoken["id"].clone();
    }
    spoken.to_string()
}

impl Store {
    pub(super) fn new(options: NtfyOptions, seats: Seats) -> Self {
        let (rules, tokens, history) = (Vec::new(), Vec::new(), Vec::new());
        Self { options, seats, rules, tokens, history, failures: 0 }
    }

    pub(super) fn token(&mut self, label: &str, expires: Option<i64>) -> String {
        let token = format!("tk_{}", letters(29).to_lowercase());
        self.tokens.push(Token { token: token.clone(), label: label.to_owned(), expires });
        token
    }

    /// Keeps what is said, and says it unless it is for later.
    pub(super) fn keep(&mut self, mut said: Value) -> Value {
        let time = said["time"].as_i64().unwrap_or_default();
        said["expires"] = json!(time + KEPT_FOR);
        let scheduled = time > now();
        self.history.push(Kept { said: said.clone(), scheduled });
        if !scheduled {
            self.tell(&said);
        }
        said
    }

    pub(super) fn tell(&self, said: &Value) {
        self.seats.tell(said["topic"].as_str(), &spoken(said));
    }

    pub(super) fn withdraw(&mut self, event: &str, topic: &str, sequence: &str) -> Value {
        let mut said = frame(event, topic);
        said["sequence_id"] = json!(sequence);
        self.keep(said)
    }

    pub(super) fn poll_request(&mut self, topic: &str, id: &str) -> Value {
        let mut said = frame("poll_request", topic);
        (said["message"], said["poll_id"]) = (json!("New message"), json!(id));
        self.tell(&said);
        said
    }

    pub(super) fn deliver_scheduled(&mut self) {
        for kept in self.history.iter_mut().filter(|kept| kept.scheduled) {
            kept.scheduled = false;
            self.seats.tell(kept.said["topic"].as_str(), &spoken(&kept.said));
        }
    }

    pub(super) fn age_out(&mut self, kept: usize) {
        let old = self.history.len().saturating_sub(kept);
        self.history.drain(..old);
    }

    pub(super) fn ids(&self) -> Vec<String> {
        self.history.iter().map(|kept| kept.id().to_owned()).collect()
    }
}
