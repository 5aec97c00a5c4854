//! How one kind of server signs in, opens its socket and speaks: pure functions over requests and frames. A new kind
//! of server is one new file here. Owns no I/O; what it returns may hold secrets, and prints none.

mod answers;
mod course;
mod gotify;
mod ntfy;
mod tells;
pub(crate) mod ticket;
pub(crate) mod tidings;
pub(crate) mod token;

use std::{collections::HashMap, fmt};

use serde::Serialize;
use tidings_protocol::{Device, Flow, MalformedMessage, Secret, ServerMessage};
use url::Url;

pub(crate) use answers::{Answer, date, info, refusal, session};
pub(crate) use course::{Course, Step, run};
pub(crate) use gotify::Gotify;
pub(crate) use ntfy::Ntfy;
pub(crate) use tells::tells;

use crate::{
    Endpoint, SignedIn, StoredSession,
    machine::{Item, Outgoing, Page},
    verdict::{Failure, Place, Refusal},
};

/// How a server is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// The Tidings protocol: a single-use ticket travels in the socket's URL.
    Ticket,
    /// The Tidings protocol: the token travels in the socket's URL and again in the first message.
    Token,
    /// Gotify.
    Gotify,
    /// ntfy.
    Ntfy,
}

impl From<Flow> for Dialect {
    fn from(flow: Flow) -> Self {
        match flow {
            Flow::Token => Self::Token,
            Flow::Ticket => Self::Ticket,
        }
    }
}

impl Dialect {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Ticket, Self::Token, Self::Gotify, Self::Ntfy];

    /// Its name where it is stored or typed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ticket => "ticket",
            Self::Token => "token",
            Self::Gotify => "gotify",
            Self::Ntfy => "ntfy",
        }
    }

    /// The one of this name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dialect| dialect.name() == name)
    }

    /// The flow of the Tidings protocol, where it is spoken.
    pub fn flow(self) -> Option<Flow> {
        match self {
            Self::Ticket => Some(Flow::Ticket),
            Self::Token => Some(Flow::Token),
            Self::Gotify | Self::Ntfy => None,
        }
    }

    /// How it is spoken.
    pub(crate) fn speech(self) -> &'static dyn Speech {
        match self {
            Self::Ticket => &ticket::Ticket,
            Self::Token => &token::Token,
            Self::Gotify => &Gotify,
            Self::Ntfy => &Ntfy,
        }
    }
}

/// One kind of server: what is sent to it, and what is made of what it sends. All of it is pure, and whatever it has to
/// remember is given to it.
pub(crate) trait Speech: Send + Sync {
    // ---- the socket

    /// Whether a ticket is fetched before the socket is opened.
    fn needs_ticket(&self) -> bool {
        false
    }

    /// Whether the client is connected only once the server has greeted it.
    fn is_greeted(&self) -> bool {
        false
    }

    /// The name of the server's log, where what was missed is fetched by calls instead of being asked for over the socket.
    fn log(&self) -> Option<&'static str> {
        None
    }

    /// What opens the socket. `key` is the ticket or the token, and empty where nobody is signed in.
    fn socket(&self, endpoint: &Endpoint, key: &Secret) -> Upgrade;

    /// The text frame for a message, if this kind of server has a word for it; `token` is what the socket was opened with.
    fn encode(&self, outgoing: Outgoing, token: &Secret) -> Option<String>;

    /// Reads a text frame.
    fn decode(&self, text: &str, known: &Known) -> Result<Incoming, MalformedMessage>;

    /// Fetches what came after a place in the log, in pages, the oldest first; without one, where the log stands.
    fn catch_up(
        &self,
        endpoint: &Endpoint,
        token: &Secret,
        after: Option<u64>,
    ) -> Option<Box<dyn Course<Caught>>> {
        let _ = (endpoint, token, after);
        None
    }

    /// What a refusal means; `key` is what was shown.
    fn refused(&self, refusal: Refusal, key: &Secret) -> Failure {
        let _ = key;
        Failure::Refused(refusal)
    }

    // ---- signing in and out

    /// Signs in with user and password.
    fn sign_in(
        &self,
        endpoint: &Endpoint,
        username: &str,
        password: &Secret,
        device: &Device,
    ) -> Box<dyn Course<SignedIn>>;

    /// Signs in with a token of the person's own.
    fn sign_in_with_token(&self, endpoint: &Endpoint, token: &Secret) -> Option<Box<dyn Course<SignedIn>>> {
        let _ = (endpoint, token);
        None
    }

    /// Ends a session, if it was begun here.
    fn sign_out(&self, endpoint: &Endpoint, session: &StoredSession) -> Option<Box<dyn Course<()>>>;

    // ---- what else can be asked of it

    /// Whether a topic can have this name.
    fn is_topic(&self, name: &str) -> bool {
        let _ = name;
        true
    }

    /// Asks whether a topic may be read.
    fn may_read(&self, endpoint: &Endpoint, topic: &str, token: Option<&Secret>) -> Option<Call> {
        let _ = (endpoint, topic, token);
        None
    }

    /// Deletes a notification.
    fn delete(&self, endpoint: &Endpoint, token: &Secret, id: &str) -> Option<Call> {
        let _ = (endpoint, token, id);
        None
    }
}

/// What a text frame says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Incoming {
    /// A message of the Tidings protocol, or what amounts to one.
    Message(ServerMessage),
    /// Something of a log that is caught up on by calls.
    Item(Item),
    /// There is something to be fetched by calls; it came after this place, where that can be told.
    Behind(Option<u64>),
    /// A sign of life.
    Alive,
    /// A type that is not known here; it is skipped.
    Unknown {
        /// Its name.
        kind: String,
    },
}

/// What was fetched of a log.
#[derive(Debug, PartialEq)]
pub(crate) struct Caught {
    pub(crate) page: Page,
    /// What was learnt beside it.
    pub(crate) known: Option<Known>,
}

/// What notifications only number, and calls have told about; for as long as a connection lives.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Known {
    /// By number. One that nobody could tell about is known as such.
    pub(crate) sources: HashMap<u64, Option<Source>>,
}

/// Where a notification comes from.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Source {
    pub(crate) name: String,
    pub(crate) icon_url: Option<String>,
}

/// An HTTP call to be made.
pub(crate) struct Call {
    pub(crate) at: Place,
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) proof: Proof,
    /// JSON; it may hold a password or a token.
    pub(crate) body: Option<Secret>,
    /// No more of the answer's body is read, in bytes.
    pub(crate) most: usize,
    /// What has come of an answer that breaks off is of use.
    pub(crate) in_part: bool,
}

/// No answer beside those that bring notifications is larger.
const LARGEST_ANSWER: usize = 64 * 1024;

/// The most that is read of an answer that brings notifications.
pub(crate) const LARGEST_PAGE: usize = 2 * 1024 * 1024;

impl Call {
    fn new(method: Method, at: Place, url: Url, proof: Proof) -> Self {
        Self { at, method, url, proof, body: None, most: LARGEST_ANSWER, in_part: false }
    }

    fn get(at: Place, url: Url, proof: Proof) -> Self {
        Self::new(Method::Get, at, url, proof)
    }

    fn post(at: Place, url: Url, proof: Proof) -> Self {
        Self::new(Method::Post, at, url, proof)
    }

    fn delete(at: Place, url: Url, proof: Proof) -> Self {
        Self::new(Method::Delete, at, url, proof)
    }

    fn with_body<T: Serialize>(self, request: &T) -> Self {
        // infallible: structs of strings with string keys
        let body = serde_json::to_string(request).unwrap_or_default();
        Self { body: Some(Secret::from(body)), ..self }
    }

    fn with_list(self) -> Self {
        Self { most: LARGEST_PAGE, ..self }
    }

    /// A slow network may never bring a whole page within the time that a call has. So what came of it counts.
    fn with_page(self) -> Self {
        Self { in_part: true, ..self.with_list() }
    }
}

/// How a request shows who makes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    /// It does not.
    None,
    /// `Authorization: Bearer`.
    Bearer(Secret),
    /// `Authorization: Basic`.
    Basic {
        /// The user.
        username: String,
        /// Their password.
        password: Secret,
    },
    /// A header field of the server's own.
    Field(&'static str, Secret),
}

impl Proof {
    /// A bearer's, unless there is no token.
    fn bearer(token: &Secret) -> Self {
        if token.is_empty() { Self::None } else { Self::Bearer(token.clone()) }
    }
}

/// The methods of HTTP that servers want.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    Post,
    Delete,
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Call({:?} {} {})", self.method, self.at, self.url.path())
    }
}

/// A socket to be opened. Its URL may hold a token or a ticket.
pub(crate) struct Upgrade {
    url: Url,
    proof: Proof,
}

impl Upgrade {
    /// The secret travels in the query.
    fn by_query(mut url: Url, name: &str, secret: &Secret) -> Self {
        url.query_pairs_mut().append_pair(name, secret.expose());
        Self { url, proof: Proof::None }
    }

    /// It travels in a header field.
    fn by_proof(url: Url, proof: Proof) -> Self {
        Self { url, proof }
    }

    /// For the one place that sends it.
    pub(crate) fn expose(&self) -> &Url {
        &self.url
    }

    /// For the one place that sends it.
    pub(crate) fn proof(&self) -> &Proof {
        &self.proof
    }
}

impl fmt::Debug for Upgrade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Upgrade({})", self.url.path())
    }
}

#[cfg(test)]
mod tests;
