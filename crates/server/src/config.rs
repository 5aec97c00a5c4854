//! What a server can be told before it starts, with defaults that suit a small house.
//!
//! Owns the values and their defaults. Where they come from (flags, environment, a file) is the command line's concern.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use tidings_protocol::{AUTH_DEADLINE_SECONDS, KEEPALIVE_SECONDS, TICKET_SECONDS};
use time::OffsetDateTime;

/// Everything a [`crate::Server`] needs to know. Start from [`Config::new`] and change what differs.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Config {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The SQLite file; it is created when missing.
    pub database: PathBuf,
    /// TLS; without it the server speaks plain HTTP and belongs on loopback or behind a proxy.
    pub tls: Option<Tls>,
    /// Whether `POST /api/auth/guest` works.
    pub guests: bool,
    /// Topics that every new guest is subscribed to.
    pub guest_topics: Vec<String>,
    /// Origins that may call from a browser. Requests without an `Origin` header are native clients and always may.
    pub allow_origins: Vec<String>,
    /// Take the client's address from the last `X-Forwarded-For` entry. Only behind a proxy that sets it.
    pub trust_forwarded_for: bool,
    /// How often clients are asked to ping; a socket silent for 2.5 times as long is dropped.
    pub keepalive: Duration,
    /// Life of an access token.
    pub access_token_life: Duration,
    /// Life of a session without a refresh.
    pub refresh_token_life: Duration,
    /// Life of a ticket.
    pub ticket_life: Duration,
    /// Tickets outstanding at the same time; beyond, `TICKETS_UNAVAILABLE`.
    pub max_tickets: usize,
    /// How long a token-flow socket may stay without its `auth` message.
    pub auth_deadline: Duration,
    /// Live messages that may wait for one socket before it is closed as too slow.
    pub socket_queue: usize,
    /// Connections open at the same time, sockets included.
    pub max_connections: usize,
    /// Connections of one address (an IPv6 /64 counts as one) on which nobody has signed in; those beyond are closed.
    /// With [`Config::trust_forwarded_for`] this is the proxy's concern.
    pub max_newcomers: usize,
    /// Sockets, and tickets outstanding, of one user at the same time, so that nobody takes all there are.
    pub max_per_user: usize,
    /// Largest HTTP body, in bytes.
    pub max_body: usize,
    /// What is kept of old notifications.
    pub retention: Retention,
    /// Failed sign-ins per address, and new guests per address.
    pub sign_in_limit: Limit,
    /// Refused refreshes per address.
    pub refresh_limit: Limit,
    /// Publishing, per key or user.
    pub publish_limit: Limit,
    /// What hashing a password costs.
    pub password_cost: PasswordCost,
    /// Range of waits that `goodbye` suggests, in milliseconds; it grows with the number of sockets.
    pub reconnect_after_ms: [u64; 2],
    /// How long a shutdown waits for sockets to close.
    pub shutdown_grace: Duration,
}

impl Config {
    /// Defaults, on a free loopback port, with the given database file.
    pub fn new(database: impl Into<PathBuf>) -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            database: database.into(),
            tls: None,
            guests: false,
            guest_topics: Vec::new(),
            allow_origins: Vec::new(),
            trust_forwarded_for: false,
            keepalive: Duration::from_secs(KEEPALIVE_SECONDS),
            access_token_life: Duration::from_secs(900),
            refresh_token_life: Duration::from_secs(60 * 24 * 3600),
            ticket_life: Duration::from_secs(TICKET_SECONDS),
            max_tickets: 10_000,
            auth_deadline: Duration::from_secs(AUTH_DEADLINE_SECONDS),
            socket_queue: 256,
            max_connections: 10_000,
            max_newcomers: 256,
            max_per_user: 100,
            max_body: 128 * 1024,
            retention: Retention::default(),
            sign_in_limit: Limit { burst: 10, refill: Duration::from_secs(30) },
            // wide, as all devices of a house may come back at once, each counting until it is answered
            refresh_limit: Limit { burst: 100, refill: Duration::from_secs(1) },
            publish_limit: Limit { burst: 1000, refill: Duration::from_millis(20) },
            password_cost: PasswordCost::STRONG,
            reconnect_after_ms: [500, 5000],
            shutdown_grace: Duration::from_secs(5),
        }
    }
}

/// A certificate chain and its key, both PEM files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    /// The chain, leaf first.
    pub cert: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

/// How long notifications are kept for devices that were away. What is older than `age`, or beyond the newest
/// `per_user`, goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Age.
    pub age: Duration,
    /// Number per user.
    pub per_user: u64,
}

impl Retention {
    /// What is older than this goes, in Unix seconds.
    pub(crate) fn cutoff(self, now: OffsetDateTime) -> i64 {
        let age = i64::try_from(self.age.as_secs()).unwrap_or(i64::MAX);
        now.unix_timestamp().saturating_sub(age)
    }
}

impl Default for Retention {
    fn default() -> Self {
        Self { age: Duration::from_secs(30 * 24 * 3600), per_user: 100_000 }
    }
}

/// A token bucket: `burst` at once, then one more every `refill`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// At once.
    pub burst: u32,
    /// Time until one more.
    pub refill: Duration,
}

/// Argon2id parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes.
    pub passes: u32,
}

impl PasswordCost {
    /// OWASP's first choice for argon2id: 19 MiB, two passes.
    pub const STRONG: Self = Self { memory_kib: 19 * 1024, passes: 2 };
    /// For tests alone, where unoptimised builds would hash for seconds.
    pub const CHEAP: Self = Self { memory_kib: 8, passes: 1 };
}
