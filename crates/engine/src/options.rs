//! What the owner of a connection may choose. Owns the defaults of `docs/protocol.md` §4.

use std::time::Duration;

use tidings_protocol::Device;

use crate::Backoff;

/// Choices for one connection; [`Options::default`] is what `docs/protocol.md` asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Names the account in every log line.
    pub account: String,
    /// The account is a guest's: where there is no session, or none that can be renewed, a guest login makes one, and
    /// names this device. Default: none.
    pub guest: Option<Device>,
    /// The account is nobody's: no token is looked for, and none is sent. Default: no.
    pub anonymous: bool,
    /// Connect as soon as the connection is started; else wait for [`crate::Connection::connect`]. Default: yes.
    pub auto_connect: bool,
    /// Try again after a failure that time may cure. Default: yes.
    pub auto_reconnect: bool,
    /// Retries in a row before it gives up; `None` is no limit, the default.
    pub max_attempts: Option<u32>,
    /// How long to wait between attempts.
    pub backoff: Backoff,
    /// Time between pings; `None` sends none, and then only the operating system finds a dead peer. Default: 30 s.
    pub keepalive: Option<Duration>,
    /// How long each phase may take.
    pub deadlines: Deadlines,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            account: String::new(),
            guest: None,
            anonymous: false,
            auto_connect: true,
            auto_reconnect: true,
            max_attempts: None,
            backoff: Backoff::default(),
            keepalive: Some(Duration::from_secs(tidings_protocol::KEEPALIVE_SECONDS)),
            deadlines: Deadlines::default(),
        }
    }
}

/// How long each phase may take before the attempt has failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadlines {
    /// One HTTP request, or TCP, TLS and upgrade together. Default: 15 s.
    pub connect: Duration,
    /// From the open socket to `auth_success` (token flow). Default: 10 s.
    pub auth: Duration,
    /// From a ping to any sign of life. Default: 10 s.
    pub pong: Duration,
    /// As `pong`, for the ping that probes a connection after the network changed or the machine slept. Default: 3 s.
    pub probe: Duration,
    /// From our close frame to the server's. Default: 5 s.
    pub close: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(15),
            auth: Duration::from_secs(tidings_protocol::AUTH_DEADLINE_SECONDS),
            pong: Duration::from_secs(10),
            probe: Duration::from_secs(3),
            close: Duration::from_secs(5),
        }
    }
}
