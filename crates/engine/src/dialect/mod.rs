//! How one kind of server signs in, opens its socket and speaks: pure functions over requests and frames. A new kind
//! of server is one new file here. Owns no I/O; what it returns may hold secrets, and prints none.

mod answers;
pub(crate) mod ticket;
pub(crate) mod token;

use std::fmt;

use serde::Serialize;
use tidings_protocol::{
    ClientMessage, Decoded, Device, Flow, GuestRequest, LoginRequest, MalformedMessage, RefreshRequest,
    Secret, ServerMessage,
};
use url::Url;

pub(crate) use answers::{Answer, info, refusal, session};

use crate::{Endpoint, machine::Outgoing, verdict::Place};

/// Longest name of a log, in bytes. It is kept with every notification, and ours are far shorter.
const LONGEST_EPOCH: usize = 256;

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

    /// Whether a ticket is fetched before the socket is opened.
    pub(crate) fn needs_ticket(self) -> bool {
        self == Self::Ticket
    }

    /// Whether the client speaks first, and is connected only once it is answered.
    pub(crate) fn greets(self) -> bool {
        self == Self::Token
    }

    /// The text frame for a message; `token` is what the socket was opened with.
    pub(crate) fn encode(self, outgoing: Outgoing, token: &Secret) -> String {
        match outgoing {
            Outgoing::Auth => token::greeting(token),
            Outgoing::Ping => ClientMessage::Ping,
            Outgoing::Resume(cursor) => ClientMessage::Resume { epoch: cursor.epoch, after: cursor.seq },
            Outgoing::Read(ids) => ClientMessage::Read { ids },
        }
        .encode()
    }

    /// Reads a text frame. A name of a log that is too long to keep is no name.
    pub(crate) fn decode(self, text: &str) -> Result<Decoded<ServerMessage>, MalformedMessage> {
        let mut decoded = ServerMessage::decode(text)?;
        match &mut decoded {
            Decoded::Message(ServerMessage::AuthSuccess(details)) => {
                details.epoch.take_if(|epoch| epoch.len() > LONGEST_EPOCH);
            }
            Decoded::Message(ServerMessage::Resumed(details)) if details.epoch.len() > LONGEST_EPOCH => {
                return Err(MalformedMessage { reason: "the epoch is too long".into() });
            }
            _ => {}
        }
        Ok(decoded)
    }
}

/// An HTTP call to be made.
pub(crate) struct Call {
    pub(crate) at: Place,
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) bearer: Option<Secret>,
    /// JSON; it may hold a password or a token.
    pub(crate) body: Option<Secret>,
}

/// The methods that sign-in and tickets need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    Post,
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Call({:?} {} {})", self.method, self.at, self.url.path())
    }
}

/// A socket to be opened. Its URL holds a token or a ticket.
pub(crate) struct Upgrade {
    url: Url,
}

impl Upgrade {
    fn new(mut url: Url, name: &str, secret: &Secret) -> Self {
        url.query_pairs_mut().append_pair(name, secret.expose());
        Self { url }
    }

    /// For the one place that sends it.
    pub(crate) fn expose(&self) -> &Url {
        &self.url
    }
}

impl fmt::Debug for Upgrade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Upgrade({})", self.url.path())
    }
}

/// `GET /api/info`.
pub(crate) fn ask_info(endpoint: &Endpoint) -> Call {
    let url = endpoint.at(&endpoint.paths.info);
    Call { at: Place::Info, method: Method::Get, url, bearer: None, body: None }
}

/// `POST /api/auth/login`.
pub(crate) fn login(endpoint: &Endpoint, username: &str, password: &Secret, device: &Device) -> Call {
    let request = LoginRequest {
        username: username.to_owned(),
        password: password.clone(),
        device: Some(device.clone()),
    };
    post(Place::Login, endpoint.at(&endpoint.paths.login), None, Some(json(&request)))
}

/// `POST /api/auth/guest`.
pub(crate) fn guest(endpoint: &Endpoint, device: &Device) -> Call {
    let request = GuestRequest { device: Some(device.clone()) };
    post(Place::Guest, endpoint.at(&endpoint.paths.guest), None, Some(json(&request)))
}

/// `POST /api/auth/refresh`.
pub(crate) fn refresh(endpoint: &Endpoint, refresh_token: &Secret) -> Call {
    let request = RefreshRequest { refresh_token: refresh_token.clone() };
    post(Place::Refresh, endpoint.at(&endpoint.paths.refresh), None, Some(json(&request)))
}

/// `POST /api/auth/logout`.
pub(crate) fn logout(endpoint: &Endpoint, token: &Secret) -> Call {
    post(Place::Logout, endpoint.at(&endpoint.paths.logout), Some(token), None)
}

fn post(at: Place, url: Url, bearer: Option<&Secret>, body: Option<Secret>) -> Call {
    Call { at, method: Method::Post, url, bearer: bearer.cloned(), body }
}

fn json<T: Serialize>(request: &T) -> Secret {
    // infallible: structs of strings with string keys
    Secret::from(serde_json::to_string(request).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(flow: Flow) -> Endpoint {
        Endpoint::parse("https://alerts.example.com/push", flow, false).unwrap()
    }

    #[test]
    fn the_token_flow_carries_the_token_in_the_query_and_in_the_greeting() {
        let secret = Secret::from("a b&c");
        let upgrade = token::socket(&endpoint(Flow::Token), &secret);
        assert_eq!(
            upgrade.expose().as_str(),
            "https://alerts.example.com/push/api/ws/notification?token=a+b%26c"
        );
        let greeting = Dialect::Token.encode(Outgoing::Auth, &secret);
        assert_eq!(greeting, r#"{"type":"auth","payload":{"token":"a b&c"}}"#);
    }

    #[test]
    fn the_ticket_flow_asks_with_the_bearer_and_opens_with_the_ticket() {
        let call = ticket::request(&endpoint(Flow::Ticket), &Secret::from("hunter2"));
        assert_eq!(call.url.as_str(), "https://alerts.example.com/push/api/ws/ticket");
        assert_eq!(call.bearer, Some(Secret::from("hunter2")));
        let upgrade = ticket::socket(&endpoint(Flow::Ticket), &Secret::from("swordfish"));
        assert_eq!(upgrade.expose().as_str(), "https://alerts.example.com/push/ws?ticket=swordfish");
    }

    #[test]
    fn a_query_of_the_path_is_kept() {
        let mut endpoint = endpoint(Flow::Token);
        endpoint.paths.socket_token = "/feed?v=2".into();
        let upgrade = token::socket(&endpoint, &Secret::from("t"));
        assert_eq!(upgrade.expose().as_str(), "https://alerts.example.com/push/feed?v=2&token=t");
    }

    #[test]
    fn neither_calls_nor_upgrades_print_their_secrets() {
        let secret = Secret::from("hunter2");
        let device = Device { name: "desk".into(), platform: tidings_protocol::Platform::Linux };
        let at = endpoint(Flow::Ticket);
        for text in [
            format!("{:?}", login(&at, "alice", &secret, &device)),
            format!("{:?}", refresh(&at, &secret)),
            format!("{:?}", logout(&at, &secret)),
            format!("{:?}", ticket::request(&at, &secret)),
            format!("{:?}", ticket::socket(&at, &secret)),
            format!("{:?}", token::socket(&at, &secret)),
        ] {
            assert!(!text.contains("hunter2"), "{text}");
        }
    }

    #[test]
    fn an_epoch_that_is_too_long_to_keep_is_none() {
        for (length, fits) in [(LONGEST_EPOCH, true), (LONGEST_EPOCH + 1, false)] {
            let epoch = "e".repeat(length);
            let text = format!(r#"{{"type":"auth_success","payload":{{"epoch":"{epoch}","head":3}}}}"#);
            let Ok(Decoded::Message(ServerMessage::AuthSuccess(details))) = Dialect::Token.decode(&text)
            else {
                panic!()
            };
            assert_eq!((details.epoch.is_some(), details.head), (fits, Some(3)));
            let text = format!(r#"{{"type":"resumed","payload":{{"epoch":"{epoch}","head":3}}}}"#);
            assert_eq!(Dialect::Token.decode(&text).is_ok(), fits);
        }
    }
}
