//! What a connection shows of itself. Owns the words for its states; decides nothing.

use std::{net::SocketAddr, time::Duration};

use time::OffsetDateTime;

/// Where a connection is, since when, and how often it has tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// The state.
    pub state: State,
    /// Retries since the last connection that lasted; 0 during the first attempt.
    pub attempt: u32,
    /// When this state began.
    pub since: OffsetDateTime,
}

/// The five states of `docs/protocol.md` §4.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Not started.
    Initial,
    /// An attempt is under way.
    Connecting(Phase),
    /// Live.
    Connected,
    /// Closing on request.
    Disconnecting,
    /// Not live.
    Disconnected {
        /// Why.
        cause: Cause,
        /// What happens next.
        retry: Retry,
    },
}

/// How far an attempt has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Making sure that there is an access token.
    Token,
    /// Fetching a ticket (ticket flow).
    Ticket,
    /// TCP, TLS and the WebSocket upgrade.
    Opening,
    /// The socket is open, and `auth_success` is awaited (token flow).
    Authenticating,
}

/// What follows a disconnection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// The next attempt starts at this very time.
    At(OffsetDateTime),
    /// The next attempt starts when the network is back.
    WhenOnline,
    /// None, until somebody calls [`crate::Connection::connect`].
    No,
}

/// Why a connection is not live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// What a person can do about it.
    pub kind: CauseKind,
    /// Technical detail: a status and code, an error of the operating system. Holds no secret.
    pub detail: String,
}

/// Kinds of [`Cause`], by what a person can do about them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CauseKind {
    /// No usable network; reconnects by itself.
    Offline,
    /// The server cannot be reached, or the connection broke; retried.
    Unreachable,
    /// 429 or 503; retried.
    ServerBusy,
    /// The server restarts and said so; retried.
    Restarting,
    /// The sign-in has ended; the session was cleared from the [`crate::Store`].
    SignInNeeded,
    /// The server refuses; nothing is retried until the person acts.
    Blocked,
    /// What answers there is no Tidings server; retried at the longest interval.
    NotSuchServer,
    /// The certificate is not trusted.
    Certificate,
    /// The server asks for a client certificate, or does not accept the account's.
    ClientCertificate,
    /// A certificate file of the account cannot be used.
    CertificateFile,
    /// A proxy wants credentials, or other ones.
    Proxy,
    /// The keychain cannot be read, so there is no token yet. Retried; where a person has dismissed the prompt, after
    /// ten minutes, or once they connect, the network comes back or the machine wakes up.
    KeychainLocked,
    /// The configured number of attempts is used up.
    GaveUp,
    /// The person, or an option, keeps it disconnected.
    Stopped,
}

/// How a connection came to where it is, for whoever looks for a fault. Holds no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnosis {
    /// Where it is.
    pub status: Status,
    /// The last ping that was answered, on this or an earlier connection.
    pub round_trip: Option<RoundTrip>,
    /// The round trips of the last 24 hours, oldest first, thinned out to 288 of them, and by whole seconds.
    pub round_trips: Vec<RoundTrip>,
    /// The last ten changes of state, oldest first, as they were shown when they began. An attempt's phases count as
    /// one.
    pub transitions: Vec<Status>,
    /// Messages that were skipped as they could not be read.
    pub unreadable: u64,
    /// Between pings; without it there are none.
    pub keepalive: Option<Duration>,
    /// How the live connection was made, or the last one.
    pub link: Option<Link>,
    /// The last `error` message of the server.
    pub reported: Option<Reported>,
}

/// How a connection was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The socket's address, without what it is opened with.
    pub url: String,
    /// Whom it was made to: the server, or the proxy.
    pub peer: Option<SocketAddr>,
    /// TLS, where there is any.
    pub tls: Option<TlsLink>,
}

/// What a TLS connection was made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsLink {
    /// `TLS 1.3`.
    pub version: &'static str,
    /// Whom the certificate is for; empty where it does not say.
    pub subject: String,
    /// Who has signed it; empty where it does not say.
    pub issuer: String,
    /// When it ends.
    pub not_after: Option<OffsetDateTime>,
    /// SHA-256 of the certificate, in hexadecimal.
    pub fingerprint: String,
}

/// A ping and its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoundTrip {
    /// The time in between.
    pub took: Duration,
    /// When the answer came.
    pub at: OffsetDateTime,
}

/// An `error` message: something failed at the server, and the connection stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reported {
    /// What a program matches on.
    pub code: String,
    /// What a person reads.
    pub message: String,
    /// When it came.
    pub at: OffsetDateTime,
}
