//! How connections came to where they are, for whoever looks for a fault. It may be copied into a report: no secret, and
//! nothing that was received, is ever in it.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{CauseKind, Dialect, State, Status};

/// All that is asked for by [`crate::Request::Diagnostics`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub struct Diagnostics {
    /// The agent's version.
    pub version: String,
    /// The system that it runs on.
    pub system: String,
    /// One for each account that was asked for, in the order of their sign-in.
    pub connections: Vec<Diagnosis>,
    /// What of the desktop the agent relies on.
    pub parts: Vec<Part>,
}

/// A part of the desktop, and how it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub struct Part {
    /// Which.
    pub kind: PartKind,
    /// How it is.
    pub health: Health,
    /// Technical detail: the daemon's name and version, what it can do, or what is wrong.
    pub detail: String,
}

/// The parts of the desktop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub enum PartKind {
    /// Where sign-ins are kept.
    Keychain,
    /// What shows the icon.
    Tray,
    /// What shows toasts.
    Notifications,
    /// What tells of changes of the network and of sleep.
    Network,
    /// The database.
    Inbox,
}

/// How a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub enum Health {
    /// It works.
    Well,
    /// It works in part, or not yet.
    Limited,
    /// It does not work.
    Missing,
    /// Switched off for this run.
    Off,
}

/// One account's connection. The cause, the attempt and the time of the next one are in its status.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub struct Diagnosis {
    /// [`crate::Account::id`].
    pub account: String,
    /// Base address, without credentials.
    pub server: String,
    /// User name; empty for a guest.
    pub username: String,
    /// How it signs in.
    pub dialect: Dialect,
    /// Where it is.
    pub status: Status,
    /// The last ping that was answered, on this or an earlier connection.
    pub round_trip: Option<RoundTrip>,
    /// The last ten changes of state, oldest first, as they were shown when they began.
    pub transitions: Vec<Status>,
    /// Messages of the server that were skipped as they could not be read.
    #[cfg_attr(test, ts(type = "number"))]
    pub unreadable: u64,
    /// The last error that the server reported and the connection survived.
    pub reported: Option<Reported>,
    /// The states of the last 24 hours, oldest first, a crash or a restart of the agent in between among them.
    pub history: Vec<Spell>,
    /// The round trips of the last 24 hours, oldest first; thinned out to 288 of them.
    pub round_trips: Vec<RoundTrip>,
    /// How the live connection is made, or the last one was.
    pub link: Option<Link>,
}

/// A while in one state. It ends where the next one begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub struct Spell {
    /// When it began.
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(test, ts(type = "string"))]
    pub from: OffsetDateTime,
    /// In which; absent while the agent did not run.
    pub state: Option<State>,
    /// Why it was not connected.
    pub cause: Option<CauseKind>,
}

/// How a connection is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub struct Link {
    /// The socket's address, without its query.
    pub url: String,
    /// Whom it was made to: the server's address and port, or the proxy's.
    pub peer: Option<String>,
    /// TLS, where there is any.
    pub tls: Option<Tls>,
    /// The server's log, where it keeps one.
    pub epoch: Option<String>,
    /// The last number that was received.
    #[cfg_attr(test, ts(type = "number | null"))]
    pub seq: Option<u64>,
    /// Seconds between pings.
    pub keepalive_s: u32,
}

/// What a TLS connection is made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub struct Tls {
    /// `TLS 1.3`.
    pub version: String,
    /// Whom the certificate is for; empty where it does not say.
    pub subject: String,
    /// Who has signed it; empty where it does not say.
    pub issuer: String,
    /// When it ends.
    #[serde(with = "time::serde::rfc3339::option")]
    #[cfg_attr(test, ts(type = "string | null"))]
    pub not_after: Option<OffsetDateTime>,
    /// SHA-256 of the certificate, in hexadecimal.
    pub fingerprint: String,
}

/// A ping and its answer.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub struct RoundTrip {
    /// The time in between, in milliseconds.
    pub ms: f64,
    /// When the answer came.
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(test, ts(type = "string"))]
    pub at: OffsetDateTime,
}

/// An error that the server reported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub struct Reported {
    /// The server's code.
    pub code: String,
    /// The server's words.
    pub message: String,
    /// When it came.
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(test, ts(type = "string"))]
    pub at: OffsetDateTime,
}
