use std::{borrow::Cow, fmt};

use serde::{Deserialize, Serialize};

/// The name of a failure, `SCREAMING_SNAKE`. Servers may send codes that are not listed here; they are kept as sent.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Code(Cow<'static, str>);

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident;)*) => {
        impl Code {
            $($(#[$doc])* pub const $name: Code = Code(Cow::Borrowed(stringify!($name)));)*
        }
    };
}

codes! {
    /// Login: user or password is wrong (401).
    INVALID_CREDENTIALS;
    /// Too many failed logins or requests from here (429, with `Retry-After`).
    RATE_LIMITED;
    /// Guest login: switched off on this server (403).
    GUESTS_DISABLED;
    /// The refresh token is too old (401).
    REFRESH_EXPIRED;
    /// The refresh token was revoked, or used twice (401).
    REFRESH_REVOKED;
    /// No usable access token (401).
    UNAUTHORIZED;
    /// The access token has expired; a refresh cures it (401, or close 1008).
    TOKEN_EXPIRED;
    /// The session behind the token is gone (401).
    MISSING_SESSION;
    /// The session was ended; sign in again (close 1008).
    NOT_AUTHORIZED;
    /// The `Origin` header is not on the server's list (403, or close 1008).
    ORIGIN_BLOCKED;
    /// Ticket flow: tickets cannot be issued just now (503).
    TICKETS_UNAVAILABLE;
    /// Ticket flow: the ticket is unknown, used or too old (401).
    TICKET_INVALID;
    /// The token is good but does not allow this (403).
    FORBIDDEN;
    /// The request is not what the path expects; the message names the field (400).
    BAD_REQUEST;
    /// No such path or object (404).
    NOT_FOUND;
    /// The body is larger than the server takes (413).
    PAYLOAD_TOO_LARGE;
    /// The server failed (500).
    INTERNAL;
    /// No pong and nothing else in time (close 4000, sent by the client).
    KEEPALIVE_TIMEOUT;
    /// Token flow: no `auth` message within its deadline.
    AUTH_TIMEOUT;
}

impl Code {
    /// The text as it travels.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for Code {
    fn from(text: String) -> Self {
        Self(Cow::Owned(text))
    }
}

impl From<&str> for Code {
    fn from(text: &str) -> Self {
        Self(Cow::Owned(text.to_owned()))
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The body of every HTTP error: `{"error":{"code","message"}}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// What went wrong.
    pub error: ErrorDetail,
}

/// The inside of an [`ErrorBody`], and the payload of the socket's `error` message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorDetail {
    /// What a program matches on.
    pub code: Code,
    /// What a person reads.
    #[serde(default)]
    pub message: String,
}

impl ErrorBody {
    /// A body from a code and a message.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { error: ErrorDetail { code, message: message.into() } }
    }

    /// Reads a body if it is one of ours; a missing or foreign body is `None`, which is not an error.
    pub fn parse(body: &[u8]) -> Option<Self> {
        serde_json::from_slice(body).ok()
    }
}
