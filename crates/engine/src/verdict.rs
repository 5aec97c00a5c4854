//! The failure table of `docs/protocol.md` §4: what was seen, and what to do about it. Each failure is turned into a
//! [`Failure`] once, at the edge where it is seen, and judged once, here. Owns no delay and no state.

use std::{fmt, time::Duration};

use tidings_protocol::{Code, is_legible};

use crate::{Cause, CauseKind, TlsFileError};

/// A server may ask for patience, but not for more than this.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(60 * 60);

/// A person who has dismissed a prompt is not asked again before this, unless they connect by themselves, the network
/// comes back or the machine wakes up.
pub(crate) const UNASKED: Duration = Duration::from_secs(10 * 60);

/// Longest text of a server that is passed on in a cause, in characters.
const LONGEST_DETAIL: usize = 160;

/// What went wrong. Texts hold no secret and nothing unprintable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// DNS, TCP, TLS without a verdict on the certificate, or time.
    Unreachable(String),
    /// The certificate is not trusted.
    Certificate(String),
    /// The server asks for a client certificate, or does not accept the one it was shown.
    ClientCertificate(String),
    /// A certificate file of the account cannot be used.
    TlsFile(TlsFileError),
    /// A proxy, not the server, wants credentials.
    Proxy(String),
    /// An HTTP status that is no success.
    Refused(Refusal),
    /// A success or redirect that no server of this kind would give.
    NotSuchServer(String),
    /// The socket's end: a close frame, or none (`code` is `None`).
    Closed { code: Option<u16>, reason: String },
    /// `auth_error`.
    AuthError { code: Code, message: String },
    /// No sign of life after a ping.
    Silent,
    /// A message beyond [`tidings_protocol::MAX_FRAME_BYTES`].
    Oversized,
    /// Bytes that are no WebSocket.
    Broken(String),
    /// The server did not end a replay, and what came lies beyond a hole: it is asked for again.
    Unfinished,
    /// There is no session, or no way to renew it.
    NotSignedIn(&'static str),
    /// The keychain holds something that is no session.
    GarbledSession,
    /// The keychain is locked, and a person did not unlock it when asked.
    KeychainLocked(String),
    /// The keychain is not there just now; nobody was asked anything.
    KeychainMissing(String),
    /// The cursor cannot be read just now.
    Storage(String),
}

/// An HTTP status that is no success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) at: Place,
    pub(crate) status: u16,
    pub(crate) code: Option<Code>,
    pub(crate) retry_after: Option<Duration>,
}

/// Which request was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// `GET /api/info`.
    Info,
    /// `POST /api/auth/login`.
    Login,
    /// `POST /api/auth/guest`.
    Guest,
    /// `POST /api/auth/refresh`.
    Refresh,
    /// `POST /api/auth/logout`.
    Logout,
    /// `POST /api/ws/ticket`.
    Ticket,
    /// The WebSocket's opening.
    Upgrade,
    /// Whom a token belongs to.
    Account,
    /// What was missed, where calls fetch it.
    CatchUp,
    /// Whether a topic may be read.
    Topic,
    /// A notification that is to be deleted.
    Delete,
    /// What kind of server it is, where it is not ours.
    Kind,
}

/// What is known about the token that the failed attempt used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Credentials {
    /// Another token can be had: a refresh token is at hand, or the account is a guest's.
    pub(crate) refreshable: bool,
    /// The token was renewed because of an earlier failure, and should still be good.
    pub(crate) fresh: bool,
}

/// What to do about a failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Try again by itself, later.
    Retry(Pace),
    /// Renew the token once and try again at once.
    Reauthenticate,
    /// Clear the session; a person has to sign in.
    SignIn,
    /// Keep the session; a person has to act.
    Blocked,
}

/// How soon a retry may come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    /// As the backoff draws.
    Backoff,
    /// As the backoff draws, on top of what the server asks for.
    After(Duration),
    /// Near the longest wait.
    Cap,
    /// Each attempt asks a person something, and the last time they declined: [`UNASKED`], unless they ask for it.
    Unasked,
}

impl Verdict {
    /// Whether a person has to act before anything else happens.
    pub(crate) fn is_hard(&self) -> bool {
        matches!(self, Self::SignIn | Self::Blocked)
    }
}

impl Failure {
    /// The close of a socket, with the reason made printable.
    pub(crate) fn closed(code: u16, reason: &str) -> Self {
        Self::Closed { code: Some(code), reason: printable(reason) }
    }

    /// An end of stream without a close frame.
    pub(crate) fn ended() -> Self {
        Self::Closed { code: None, reason: String::new() }
    }

    /// The server's code, where it gave one.
    pub(crate) fn code(&self) -> Option<&str> {
        match self {
            Self::Refused(refusal) => refusal.code.as_ref().map(Code::as_str),
            Self::AuthError { code, .. } => Some(code.as_str()),
            Self::Closed { reason, .. } if plausible(Code::from(reason.as_str())).is_some() => Some(reason),
            _ => None,
        }
    }

    /// The verdict on this failure, and what to show.
    pub(crate) fn judge(&self, credentials: Credentials) -> (Verdict, Cause) {
        let (verdict, kind) = self.classify(credentials);
        (verdict, Cause { kind, detail: self.to_string() })
    }

    fn classify(&self, credentials: Credentials) -> (Verdict, CauseKind) {
        use CauseKind::{Blocked, Certificate, KeychainLocked, NotSuchServer, SignInNeeded, Unreachable};
        match self {
            Self::Unreachable(_) | Self::Silent | Self::Broken(_) | Self::Unfinished | Self::Storage(_) => {
                (Verdict::Retry(Pace::Backoff), Unreachable)
            }
            Self::KeychainLocked(_) => (Verdict::Retry(Pace::Unasked), KeychainLocked),
            Self::KeychainMissing(_) => (Verdict::Retry(Pace::Backoff), KeychainLocked),
            Self::NotSuchServer(_) => (Verdict::Retry(Pace::Cap), NotSuchServer),
            Self::Certificate(_) => (Verdict::Blocked, Certificate),
            Self::ClientCertificate(_) => (Verdict::Blocked, CauseKind::ClientCertificate),
            Self::TlsFile(_) => (Verdict::Blocked, CauseKind::CertificateFile),
            Self::Proxy(_) => (Verdict::Blocked, CauseKind::Proxy),
            // the same message would come again with every replay
            Self::Oversized => (Verdict::Blocked, Blocked),
            Self::AuthError { .. } | Self::NotSignedIn(_) | Self::GarbledSession => {
                (Verdict::SignIn, SignInNeeded)
            }
            Self::Refused(refusal) => refusal.classify(credentials),
            Self::Closed { code: None, .. } => (Verdict::Retry(Pace::Backoff), Unreachable),
            Self::Closed { code: Some(code), reason } => classify_close(*code, reason, credentials),
        }
    }
}

impl Refusal {
    fn classify(&self, credentials: Credentials) -> (Verdict, CauseKind) {
        use CauseKind::{Blocked, NotSuchServer, ServerBusy, Unreachable};
        match self.status {
            401 => unauthorized(self.at, self.code.as_ref(), credentials),
            403 => (Verdict::Blocked, Blocked),
            429 | 503 => (Verdict::Retry(self.pace()), ServerBusy),
            408 | 425 | 500..=599 => (Verdict::Retry(Pace::Backoff), Unreachable),
            // 400, 404, 405, 410, 426, and whatever else a server of this kind has no reason to say
            _ => (Verdict::Retry(Pace::Cap), NotSuchServer),
        }
    }

    fn pace(&self) -> Pace {
        match self.retry_after {
            Some(wait) => Pace::After(wait.min(LONGEST_RETRY_AFTER)),
            None => Pace::Backoff,
        }
    }
}

fn unauthorized(at: Place, code: Option<&Code>, credentials: Credentials) -> (Verdict, CauseKind) {
    let over = matches!(at, Place::Refresh | Place::Guest) || code == Some(&Code::MISSING_SESSION);
    if over || credentials.fresh || !credentials.refreshable {
        (Verdict::SignIn, CauseKind::SignInNeeded)
    } else {
        (Verdict::Reauthenticate, CauseKind::Unreachable)
    }
}

fn classify_close(code: u16, reason: &str, credentials: Credentials) -> (Verdict, CauseKind) {
    match code {
        1008 => classify_policy(reason, credentials),
        4401 => unauthorized(Place::Upgrade, Some(&Code::TOKEN_EXPIRED), credentials),
        1002 | 1003 | 1007 | 1009 | 1010 | 4403 => (Verdict::Blocked, CauseKind::Blocked),
        1012 => (Verdict::Retry(Pace::Backoff), CauseKind::Restarting),
        1013 => (Verdict::Retry(Pace::Backoff), CauseKind::ServerBusy),
        _ => (Verdict::Retry(Pace::Backoff), CauseKind::Unreachable),
    }
}

/// A server may refuse at the upgrade or open first and then close with 1008: a reason that is the code of an HTTP
/// refusal means what that refusal means (§2).
fn classify_policy(reason: &str, credentials: Credentials) -> (Verdict, CauseKind) {
    let code = Code::from(reason);
    if code == Code::NOT_AUTHORIZED {
        (Verdict::SignIn, CauseKind::SignInNeeded)
    } else if [Code::TOKEN_EXPIRED, Code::MISSING_SESSION, Code::UNAUTHORIZED, Code::TICKET_INVALID]
        .contains(&code)
    {
        unauthorized(Place::Upgrade, Some(&code), credentials)
    } else if code == Code::RATE_LIMITED || code == Code::TICKETS_UNAVAILABLE {
        (Verdict::Retry(Pace::Backoff), CauseKind::ServerBusy)
    } else if code == Code::AUTH_TIMEOUT {
        (Verdict::Retry(Pace::Backoff), CauseKind::Unreachable)
    } else {
        (Verdict::Blocked, CauseKind::Blocked)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(detail)
            | Self::Certificate(detail)
            | Self::ClientCertificate(detail)
            | Self::Proxy(detail)
            | Self::NotSuchServer(detail)
            | Self::Broken(detail)
            | Self::KeychainLocked(detail)
            | Self::KeychainMissing(detail)
            | Self::Storage(detail) => f.write_str(detail),
            Self::TlsFile(error) => f.write_str(&printable(&error.to_string())),
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Closed { code: None, .. } => f.write_str("the connection ended without a close frame"),
            Self::Closed { code: Some(code), reason } if reason.is_empty() => write!(f, "closed with {code}"),
            Self::Closed { code: Some(code), reason } => write!(f, "closed with {code} {reason}"),
            Self::AuthError { code, .. } => write!(f, "auth_error {code}"),
            Self::Silent => write!(f, "nothing heard after a ping ({})", Code::KEEPALIVE_TIMEOUT),
            Self::Oversized => {
                write!(f, "a message of more than {} bytes came", tidings_protocol::MAX_FRAME_BYTES)
            }
            Self::Unfinished => f.write_str("the replay was not ended, and part of it is missing"),
            Self::NotSignedIn(detail) => f.write_str(detail),
            Self::GarbledSession => f.write_str("the stored session cannot be read"),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HTTP {}", self.status)?;
        if let Some(code) = &self.code {
            write!(f, " {code}")?;
        }
        write!(f, " at {}", self.at)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Info => "info",
            Self::Login => "login",
            Self::Guest => "guest login",
            Self::Refresh => "refresh",
            Self::Logout => "logout",
            Self::Ticket => "ticket",
            Self::Upgrade => "upgrade",
            Self::Account => "account",
            Self::CatchUp => "catch-up",
            Self::Topic => "topic",
            Self::Delete => "delete",
            Self::Kind => "version",
        })
    }
}

/// A server's text, made fit to show: nothing that acts instead of being read, and not too much of it.
pub(crate) fn printable(text: &str) -> String {
    text.chars().filter(|c| is_legible(*c)).take(LONGEST_DETAIL).collect()
}

/// A server's code, if it looks like one. Anything else could be a token that is sent back to us.
pub(crate) fn plausible(code: Code) -> Option<Code> {
    let text = code.as_str();
    let fits = (1..=40).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    fits.then_some(code)
}

#[cfg(test)]
#[path = "verdict_tests.rs"]
mod tests;
