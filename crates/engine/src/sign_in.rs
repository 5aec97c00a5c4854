//! Signing in and out, and asking who answers at an address. Owns the words for how signing in can fail.

use std::time::Duration;

use tidings_protocol::{Device, Flow, Info, Secret};

use crate::{Endpoint, StoredSession, Transport};

/// Why signing in, signing out or probing did not work. The texts hold no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignInError {
    /// No answer: DNS, TCP or time.
    #[error("the server cannot be reached: {0}")]
    Unreachable(String),
    /// Something answered, but no Tidings server.
    #[error("this does not look like a Tidings server: {0}")]
    NotATidingsServer(String),
    /// The certificate is not trusted; nothing was sent.
    #[error("the server's certificate is not trusted: {0}")]
    CertificateNotTrusted(String),
    /// User or password is wrong.
    #[error("user or password is wrong")]
    InvalidCredentials,
    /// Too many tries.
    #[error("too many tries; wait a while")]
    RateLimited {
        /// How long, where the server says.
        retry_after: Option<Duration>,
    },
    /// 5xx.
    #[error("the server is busy: {detail}")]
    ServerBusy {
        /// Status and code.
        detail: String,
        /// How long to wait, where the server says.
        retry_after: Option<Duration>,
    },
    /// The server refuses this app or this user.
    #[error("the server refuses: {0}")]
    Forbidden(String),
    /// The server does not offer the endpoint's flow.
    #[error("the server does not offer the chosen way to connect")]
    FlowNotOffered {
        /// What it offers.
        offered: Vec<Flow>,
    },
}

/// Asks the server what it is (`GET /api/info`).
///
/// # Errors
/// [`SignInError`]: unreachable, certificate, no Tidings server, busy, or the flow is not offered.
pub async fn probe(_transport: &Transport, _endpoint: &Endpoint) -> Result<Info, SignInError> {
    Err(SignInError::Unreachable("not connected".into()))
}

/// Signs in with user and password.
///
/// # Errors
/// [`SignInError`], with [`SignInError::InvalidCredentials`] for a wrong user or password.
pub async fn sign_in(
    _transport: &Transport,
    _endpoint: &Endpoint,
    _username: &str,
    _password: &Secret,
    _device: &Device,
) -> Result<StoredSession, SignInError> {
    Err(SignInError::Unreachable("not connected".into()))
}

/// Ends the session at the server. A session that is over already is no error.
///
/// # Errors
/// [`SignInError`]; the local session may be forgotten all the same.
pub async fn sign_out(
    _transport: &Transport,
    _endpoint: &Endpoint,
    _session: &StoredSession,
) -> Result<(), SignInError> {
    Ok(())
}
