//! Signing in and out, and asking who answers at an address. Owns the words for how signing in can fail.

use std::time::Duration;

use tidings_protocol::{Code, Device, Flow, Info, Secret, Session};
use time::OffsetDateTime;

use crate::{
    Cursor, Dialect, Endpoint, StoredSession, TlsFileError, Transport,
    dialect::{self, Answer, Call, Course, tidings},
    transport::Reach,
    verdict::{Failure, Place, Refusal},
};

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
    /// The server asks for a client certificate, or does not accept the one it was shown.
    #[error("{0}")]
    ClientCertificate(String),
    /// A certificate file cannot be used; nothing was sent.
    #[error(transparent)]
    TlsFile(TlsFileError),
    /// A proxy, not the server, wants credentials.
    #[error("{0}")]
    Proxy(String),
    /// User or password is wrong.
    #[error("user or password is wrong")]
    InvalidCredentials,
    /// A token that the server does not know.
    #[error("the server does not accept this token")]
    TokenRefused,
    /// A topic that may not be read.
    #[error("the topic {0:?} may not be read by this account")]
    TopicForbidden(String),
    /// No name of a topic.
    #[error("{0:?} is no name of a topic")]
    NoTopic(String),
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
/// [`SignInError`]: unreachable, certificate, no Tidings server, busy, or the endpoint's flow is not offered.
pub async fn probe(transport: &Transport, endpoint: &Endpoint) -> Result<Info, SignInError> {
    let answer = call(transport, tidings::ask_info(endpoint)).await?;
    let info = dialect::info(&answer).map_err(SignInError::from)?;
    if info.server != "tidings" {
        return Err(SignInError::NotATidingsServer("it calls itself something else".into()));
    }
    if info.protocol > tidings_protocol::VERSION {
        let newer = format!("it speaks version {} of the protocol; this program is older", info.protocol);
        return Err(SignInError::NotATidingsServer(newer));
    }
    if endpoint.dialect.flow().is_some_and(|flow| !info.flows.contains(&flow)) {
        return Err(SignInError::FlowNotOffered { offered: info.flows });
    }
    Ok(info)
}

/// What answers at an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// How it can be spoken to, the preferred way first. All are of one kind of server.
    pub dialects: Vec<Dialect>,
    /// Guests are let in; on ntfy, nobody in particular may ask.
    pub guests: bool,
    /// Its version, where it says so.
    pub version: Option<String>,
}

/// Finds out what kind of server is at an address, whatever dialect the endpoint names.
///
/// # Errors
/// [`SignInError`]: unreachable, certificate, busy, or nothing that is known here.
pub async fn detect(transport: &Transport, endpoint: &Endpoint) -> Result<Found, SignInError> {
    let not_ours = match probe(transport, endpoint).await {
        Ok(info) => {
            return Ok(Found {
                dialects: info.flows.into_iter().map(Dialect::from).collect(),
                guests: info.guests,
                version: Some(info.version),
            });
        }
        Err(SignInError::FlowNotOffered { offered }) => {
            let dialects = offered.into_iter().map(Dialect::from).collect();
            return Ok(Found { dialects, guests: false, version: None });
        }
        // something answered, and others answer otherwise
        Err(
            error @ (SignInError::NotATidingsServer(_)
            | SignInError::Forbidden(_)
            | SignInError::RateLimited { .. }
            | SignInError::ServerBusy { .. }),
        ) => error,
        Err(error) => return Err(error),
    };
    for asked in dialect::tells(endpoint) {
        let answer = call(transport, asked.call).await?;
        if let Some(found) = (asked.reads)(&answer) {
            return Ok(found);
        }
    }
    Err(not_ours)
}

/// A sign-in that worked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// What belongs into a [`crate::Store`].
    pub session: StoredSession,
    /// Where the server's log stood, if it says so. Kept as the cursor of an account that has none, it lets nothing be
    /// missed between the sign-in and the first connection.
    pub baseline: Option<Cursor>,
}

impl SignedIn {
    pub(crate) fn from_answer(answer: Session) -> Self {
        let baseline = answer.epoch.clone().zip(answer.head).map(|(epoch, seq)| Cursor { epoch, seq });
        Self { session: StoredSession::from_answer(answer, OffsetDateTime::now_utc()), baseline }
    }
}

/// Signs in with user and password.
///
/// # Errors
/// [`SignInError`], with [`SignInError::InvalidCredentials`] for a wrong user or password.
pub async fn sign_in(
    transport: &Transport,
    endpoint: &Endpoint,
    username: &str,
    password: &Secret,
    device: &Device,
) -> Result<SignedIn, SignInError> {
    let course = endpoint.dialect.speech().sign_in(endpoint, username, password, device);
    run(transport, course).await
}

/// Signs in without a name, where the server lets guests in ([`Info::guests`]). [`crate::Options::guest`] belongs into the
/// connection's options then.
///
/// # Errors
/// [`SignInError`], with [`SignInError::Forbidden`] where no guests are let in.
pub async fn sign_in_as_guest(
    transport: &Transport,
    endpoint: &Endpoint,
    device: &Device,
) -> Result<SignedIn, SignInError> {
    let answer = call(transport, tidings::guest(endpoint, device)).await?;
    Ok(SignedIn::from_answer(dialect::session(Place::Guest, &answer)?))
}

/// Signs in with a token of the person's own. It is theirs: [`sign_out`] does not end it.
///
/// # Errors
/// [`SignInError`], with [`SignInError::TokenRefused`] for one that does not work.
pub async fn sign_in_with_token(
    transport: &Transport,
    endpoint: &Endpoint,
    token: &Secret,
) -> Result<SignedIn, SignInError> {
    match endpoint.dialect.speech().sign_in_with_token(endpoint, token) {
        Some(course) => run(transport, course).await,
        None => Err(SignInError::TokenRefused),
    }
}

/// Asks whether the topics of the endpoint may be read; `session` is none where nobody is signed in.
///
/// # Errors
/// [`SignInError`], with [`SignInError::TopicForbidden`] or [`SignInError::NoTopic`] for the first that may not, or is none.
pub async fn check_topics(
    transport: &Transport,
    endpoint: &Endpoint,
    session: Option<&StoredSession>,
) -> Result<(), SignInError> {
    let speech = endpoint.dialect.speech();
    let names: Vec<_> = endpoint.topics.iter().map(|following| following.topic.as_str()).collect();
    // before any is asked for: a name with a slash in it would be another address
    if let Some(no_topic) = names.iter().find(|name| !speech.is_topic(name)) {
        return Err(SignInError::NoTopic((*no_topic).to_owned()));
    }
    for name in names {
        let Some(asked) = speech.may_read(endpoint, name, session.map(|session| &session.access_token))
        else {
            continue;
        };
        let answer = call(transport, asked).await?;
        match answer.status {
            200..300 => {}
            // a token that is not known is not the topic's fault
            401 if session.is_some() => return Err(SignInError::TokenRefused),
            401 | 403 => return Err(SignInError::TopicForbidden(name.to_owned())),
            _ => return Err(Failure::Refused(dialect::refusal(Place::Topic, &answer)).into()),
        }
    }
    Ok(())
}

/// Deletes notifications on the server. One that is gone already is no error, nor is a server that cannot.
///
/// # Errors
/// [`SignInError`]; some may be deleted then.
pub async fn delete(
    transport: &Transport,
    endpoint: &Endpoint,
    session: &StoredSession,
    ids: &[String],
) -> Result<(), SignInError> {
    let speech = endpoint.dialect.speech();
    for id in ids {
        let Some(asked) = speech.delete(endpoint, &session.access_token, id) else { continue };
        let answer = call(transport, asked).await?;
        match answer.status {
            200..300 | 404 => {}
            _ => return Err(Failure::Refused(dialect::refusal(Place::Delete, &answer)).into()),
        }
    }
    Ok(())
}

/// Ends the session at the server. A session that is over already is no error.
///
/// # Errors
/// [`SignInError`]; the local session may be forgotten all the same.
pub async fn sign_out(
    transport: &Transport,
    endpoint: &Endpoint,
    session: &StoredSession,
) -> Result<(), SignInError> {
    match endpoint.dialect.speech().sign_out(endpoint, session) {
        Some(course) => run(transport, course).await,
        None => Ok(()),
    }
}

async fn run<T>(transport: &Transport, mut course: Box<dyn Course<T>>) -> Result<T, SignInError> {
    Ok(dialect::run(transport, &mut *course).await?)
}

async fn call(transport: &Transport, call: Call) -> Result<Answer, SignInError> {
    Ok(transport.call(call).await?)
}

impl From<Failure> for SignInError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Certificate(detail) => Self::CertificateNotTrusted(detail),
            Failure::ClientCertificate(detail) => Self::ClientCertificate(detail),
            Failure::TlsFile(error) => Self::TlsFile(error),
            Failure::Proxy(detail) => Self::Proxy(detail),
            Failure::NotSuchServer(detail) => Self::NotATidingsServer(detail),
            Failure::Refused(refusal) => refusal.into(),
            Failure::NotSignedIn(_) => Self::TokenRefused,
            other => Self::Unreachable(other.to_string()),
        }
    }
}

impl From<Refusal> for SignInError {
    fn from(refusal: Refusal) -> Self {
        let detail = refusal.to_string();
        let Refusal { at, status, code, retry_after } = refusal;
        match status {
            // a login has no other reason to say 401, whatever a foreign server calls it
            401 if at == Place::Login => Self::InvalidCredentials,
            401 | 403 if at == Place::Account => Self::TokenRefused,
            403 if code == Some(Code::INVALID_CREDENTIALS) => Self::InvalidCredentials,
            401 | 403 => Self::Forbidden(detail),
            429 => Self::RateLimited { retry_after },
            408 | 425 | 500..=599 => Self::ServerBusy { detail, retry_after },
            300..=399 => Self::NotATidingsServer(format!("{detail}: the server is somewhere else")),
            _ => Self::NotATidingsServer(detail),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(at: Place, status: u16, code: Option<Code>) -> SignInError {
        Failure::Refused(Refusal { at, status, code, retry_after: None }).into()
    }

    #[test]
    fn refusals_are_told_apart() {
        assert_eq!(
            refused(Place::Login, 401, Some(Code::INVALID_CREDENTIALS)),
            SignInError::InvalidCredentials
        );
        assert_eq!(refused(Place::Login, 401, None), SignInError::InvalidCredentials);
        assert_eq!(refused(Place::Login, 429, None), SignInError::RateLimited { retry_after: None });
        for (status, busy) in [(500, true), (503, true), (404, false), (400, false), (302, false)] {
            let error = refused(Place::Info, status, None);
            assert_eq!(matches!(error, SignInError::ServerBusy { .. }), busy, "{status}");
            assert_eq!(matches!(error, SignInError::NotATidingsServer(_)), !busy, "{status}");
        }
        assert!(matches!(refused(Place::Info, 403, None), SignInError::Forbidden(_)));
    }
}
