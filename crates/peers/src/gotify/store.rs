use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{Application, Edition};
use crate::seats::Seats;

#[derive(Debug)]
pub(super) struct Store {
    pub(super) edition: Edition,
    pub(super) seats: Seats,
    pub(super) clients: Vec<Client>,
    pub(super) applications: Vec<Publisher>,
    pub(super) messages: BTreeMap<u64, Value>,
    numbered: u64,
    tokens: u64,
}

#[derive(Debug)]
pub(super) struct Client {
    pub(super) id: u64,
    pub(super) name: String,
    pub(super) token: String,
}

#[derive(Debug)]
pub(super) struct Publisher {
    pub(super) id: u64,
    pub(super) name: String,
    pub(super) token: String,
    pub(super) image: Option<Vec<u8>>,
}

impl Store {
    pub(super) fn new(edition: Edition, seats: Seats) -> Self {
        let mut store = Self {
            edition,
            seats,
            clients: Vec::new(),
            applications: Vec::new(),
            messages: BTreeMap::new(),
            numbered: 0,
            tokens: 0,
        };
        store.application("Backups", None);
        store
    }

    /// A message in the form in which it is told.
    pub(super) fn number(&mut self, application: u64, message: &Value) -> Value {
        self.numbered += 1;
        let name = self.applications.iter().find(|known| known.id == application).map(|known| &known.name);
        let title = message["title"].as_str().filter(|title| !title.trim().is_empty());
        let mut told = Map::from_iter([
            ("id".to_owned(), json!(self.numbered)),
            ("appid".to_owned(), json!(application)),
            ("message".to_owned(), json!(message["message"].as_str().unwrap_or_default())),
            ("title".to_owned(), json!(title.or(name.map(String::as_str)).unwrap_or_default())),
            ("priority".to_owned(), json!(message["priority"].as_i64().unwrap_or_default())),
            ("date".to_owned(), json!(OffsetDateTime::now_utc().format(&Rfc3339).unwrap_or_default())),
        ]);
        if let extras @ Value::Object(_) = &message["extras"] {
            told.insert("extras".to_owned(), extras.clone());
        }
        Value::Object(told)
    }

    pub(super) fn commit(&mut self, message: Value) -> u64 {
        let id = message["id"].as_u64().unwrap_or_default();
        self.seats.tell(None, &message.to_string());
        self.messages.insert(id, message);
        id
    }

    pub(super) fn application(&mut self, name: &str, image: Option<&[u8]>) -> Application {
        let token = self.token('A');
        let id = self.applications.len() as u64 + 1;
        let (name, image) = (name.to_owned(), image.map(<[u8]>::to_vec));
        self.applications.push(Publisher { id, name, token: token.clone(), image });
        Application { id, token }
    }

    /// Number and token of a new one.
    pub(super) fn client(&mut self, name: &str) -> (u64, String) {
        let token = self.token('C');
        let id = self.tokens;
        self.clients.push(Client { id, name: name.to_owned(), token: token.clone() });
        (id, token)
    }

    /// Whether there were any.
    pub(super) fn delete_clients(&mut self, which: impl Fn(&Client) -> bool) -> bool {
        let (gone, kept) = std::mem::take(&mut self.clients).into_iter().partition::<Vec<_>, _>(which);
        self.clients = kept;
        self.seats.cut(|guest| gone.iter().any(|client| guest.token.as_ref() == Some(&client.token)));
        !gone.is_empty()
    }

    pub(super) fn reset(&mut self) {
        self.messages.clear();
        self.numbered = 0;
    }

    /// In the form of theirs, by the letter that says whose it is.
    fn token(&mut self, letter: char) -> String {
        self.tokens += 1;
        format!("{letter}{:014x}", (u64::from(self.tokens as u32) << 24) | u64::from(rand::random::<u16>()))
    }
}
