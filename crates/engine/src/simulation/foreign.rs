//! Servers of other kinds, as far as the log goes: what they say on a socket, and what they answer to those who catch up.
//! The client's side of it is the dialects' own.

use std::time::Duration;

use serde_json::{Value, json};
use tidings_protocol::Secret;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{
    network::{Ask, Caller},
    seen::Seen,
    server::{Reply, Says, Server, refused},
    world::World,
};
use crate::{
    Dialect, Endpoint, Following,
    dialect::{Answer, Call, Caught, Incoming, Step},
    machine::{Attempt, Input, Page},
    verdict::{Failure, Place},
};

/// When the world begins, by the server's clock.
const START: u64 = 1_700_000_000;

/// As many of each application as this.
const OF_ONE_APPLICATION: u64 = 7;

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fetch {
    Applications,
    Messages { limit: u64, end: Option<u64> },
    Poll { since: u64 },
}

pub(crate) fn endpoint(dialect: Dialect) -> Endpoint {
    let topics = vec![Following { topic: "t".into(), since: OffsetDateTime::UNIX_EPOCH }];
    Endpoint { topics, ..Endpoint::parse("https://example.com", dialect, false).unwrap() }
}

/// As the transport shows them.
pub(crate) fn secret(token: u64) -> Secret {
    Secret::from(token.to_string())
}

fn read(call: &Call) -> Fetch {
    let number = |wanted: &str| {
        let found = call.url.query_pairs().find(|(name, _)| name == wanted)?.1.parse::<u64>();
        Some(found.expect("a number"))
    };
    match call.url.path() {
        "/application" => Fetch::Applications,
        "/message" => Fetch::Messages { limit: number("limit").unwrap(), end: number("since") },
        "/t/json" => Fetch::Poll { since: number("since").unwrap() },
        other => panic!("nobody asks for {other}"),
    }
}

/// The place in the log that the server's head is at, by its mark.
pub(crate) fn head_of(dialect: Dialect, mark: u64, server: &Server) -> u64 {
    match dialect {
        Dialect::Gotify => mark & 0x7fff_ffff,
        // what is of the same second as the greeting may be older than it
        _ => {
            let opened = mark - 285;
            let older = server.history().iter().filter(|entry| second(entry.at) <= opened);
            older.map(|entry| entry.seq).max().unwrap_or_default()
        }
    }
}

/// The id in all that was ever stored.
pub(crate) fn index_of(dialect: Dialect, id: &str) -> usize {
    match dialect {
        Dialect::Gotify => id.split('.').next().unwrap().parse::<usize>().unwrap() - 1,
        _ => id.parse().unwrap(),
    }
}

/// Where the log stands once this is stored, by the client's own reckoning.
pub(crate) fn mark_of(dialect: Dialect, seq: u64, at: Duration) -> u64 {
    match dialect {
        Dialect::Gotify => (second(at) << 31) | seq,
        Dialect::Ntfy => second(at),
        Dialect::Ticket | Dialect::Token => seq,
    }
}

fn second(at: Duration) -> u64 {
    START + at.as_secs()
}

impl Server {
    fn message(&self, seq: u64) -> Value {
        let id = self.id_at(seq).unwrap();
        let at = second(self.history()[usize::try_from(id).unwrap()].at);
        match self.manners.dialect {
            Dialect::Gotify => {
                let date = OffsetDateTime::from_unix_timestamp(at.cast_signed()).unwrap();
                let date = date.format(&Rfc3339).unwrap();
                json!({ "id": seq, "appid": seq / OF_ONE_APPLICATION, "message": "m", "date": date })
            }
            _ => {
                json!({ "id": id.to_string(), "time": at, "event": "message", "topic": "t", "message": "m" })
            }
        }
    }

    /// One of the log, as it is said on a socket.
    pub(crate) fn frame(&self, seq: u64) -> Says {
        Says::Text(self.message(seq).to_string())
    }

    pub(crate) fn open_frame(&self) -> Says {
        Says::Text(
            json!({ "id": "o", "time": second(self.clock), "event": "open", "topic": "t" }).to_string(),
        )
    }

    /// Answers those who catch up.
    pub(crate) fn fetch(&self, now: Duration, what: Fetch, token: u64) -> Reply {
        if let Some(retry_after) = self.busy {
            return refused(503, None, Some(retry_after));
        }
        if self.check(now, token).is_err() {
            return refused(401, None, None);
        }
        Reply::Fetched(match what {
            Fetch::Applications => {
                let all = (0..=self.head() / OF_ONE_APPLICATION)
                    .map(|id| json!({ "id": id, "name": format!("a{id}") }));
                Value::from_iter(all).to_string()
            }
            Fetch::Messages { limit, end } => {
                let newest = end.map_or(self.head(), |end| self.head().min(end - 1));
                let page = (1..=newest).rev().take(usize::try_from(limit).unwrap());
                let page: Vec<_> = page.map(|seq| self.message(seq)).collect();
                json!({ "messages": page }).to_string()
            }
            Fetch::Poll { since } => (1..=self.head())
                .map(|seq| self.message(seq))
                .filter(|message| message["time"].as_u64() >= Some(since))
                .map(|message| format!("{message}\n"))
                .collect(),
        })
    }
}

impl World {
    /// What was missed is fetched, as the driver does it.
    pub(crate) fn catch_up(&mut self, attempt: Attempt, after: Option<u64>) {
        self.seen.saw(if after.is_some() { Seen::Fetched } else { Seen::AskedWhereTheLogStands });
        let token = secret(self.client.token.expect("calls without a token"));
        let dialect = self.mix.manners.dialect;
        self.client.course = dialect.speech().catch_up(&endpoint(dialect), &token, after);
        self.catch_up_on(attempt);
    }

    pub(crate) fn catch_up_on(&mut self, attempt: Attempt) {
        let work = self.begin_work(attempt);
        self.fetched(attempt, work, None);
    }

    /// The next step of what is fetched, after this answer.
    pub(crate) fn fetched(&mut self, attempt: Attempt, work: u64, answer: Option<Answer>) {
        if self.client.work != Some((attempt, work)) {
            return self.end_work(attempt, work, Input::Page(attempt, Page::default()));
        }
        let course = self.client.course.as_mut().expect("a course under way");
        let input = match course.next(answer) {
            Ok(Step::Ask(call)) => {
                let token = self.client.token.expect("calls without a token");
                return self.ask(Caller::Attempt(attempt, work), Ask::Fetch(read(&call), token));
            }
            Ok(Step::Done(Caught { page, known })) => {
                if page.more {
                    self.seen.saw(Seen::FetchedInPages);
                }
                self.client.known = known.unwrap_or_else(|| std::mem::take(&mut self.client.known));
                Input::Page(attempt, page)
            }
            Err(failure) => Input::Failed(attempt, failure),
        };
        self.end_work(attempt, work, input);
    }

    /// What a text frame makes of the machine's next step.
    pub(crate) fn heard_text(&mut self, attempt: Attempt, text: &str) -> Input {
        match self.mix.manners.dialect.speech().decode(text, &self.client.known).unwrap() {
            Incoming::Message(message) => Input::Message(attempt, message),
            Incoming::Item(item) => Input::Item(attempt, item),
            Incoming::Behind(before) => {
                self.seen.saw(Seen::FellBehind);
                Input::Behind(attempt, before)
            }
            Incoming::Alive | Incoming::Unknown { .. } => Input::Alive(attempt),
        }
    }

    /// What the dialect makes of a refusal.
    pub(crate) fn as_refused(&self, failure: Failure) -> Failure {
        match failure {
            Failure::Refused(refusal) if refusal.at == Place::Upgrade => {
                let token = secret(self.client.token.unwrap_or_default());
                self.mix.manners.dialect.speech().refused(refusal, &token)
            }
            failure => failure,
        }
    }
}

/// An answer's body, or the lack of it.
pub(crate) fn answer(status: u16, retry_after: Option<u64>, body: &str) -> Answer {
    Answer {
        status,
        retry_after: retry_after.map(|seconds| seconds.to_string()),
        body: body.as_bytes().to_vec(),
        cut: false,
        broken: None,
        received_at: OffsetDateTime::UNIX_EPOCH,
        sent_at: None,
    }
}
