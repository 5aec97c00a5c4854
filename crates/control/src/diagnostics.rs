//! How connections came to where they are, for whoever looks for a fault. It may be copied into a report: no secret, and
//! nothing that was received, is ever in it.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{Flow, Status};

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
    pub flow: Flow,
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
