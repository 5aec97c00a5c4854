//! Signing in and out: what happens between a person's password and a stored session.
//!
//! Owns the order of the steps and the words for their failures. The password lives in [`Attempt`] until the one
//! request that carries it; it is in no error and no log. Refuses to touch the list of accounts, which is the loop's.

use std::time::Duration;

use secrecy::ExposeSecret;
use tidings_control::{Failure, FailureCode, SignIn};
use tidings_engine::{Cursor, Endpoint, SignInError, StoredSession, Transport};
use tidings_protocol::{Device, Flow, Platform, Secret};

use crate::{convert, keychain::VaultError, session::SessionStore};

/// How long the server may take to end a session, before the token is forgotten without its word.
const GOODBYE: Duration = Duration::from_secs(5);

/// A sign-in that is about to be tried: the address is one.
#[derive(Debug)]
pub struct Attempt {
    endpoint: Endpoint,
    username: String,
    password: Secret,
    flow: Option<Flow>,
}

/// A sign-in that worked.
#[derive(Debug)]
pub struct SignedIn {
    /// Where.
    pub endpoint: Endpoint,
    /// Who.
    pub username: String,
    /// With what.
    pub session: StoredSession,
    /// Where the server's log stood, if it says so.
    pub baseline: Option<Cursor>,
}

impl Attempt {
    /// Reads what the person typed.
    ///
    /// # Errors
    /// `BAD_SERVER_URL`, `UNENCRYPTED_REFUSED`, or `BAD_REQUEST` without a user name.
    pub fn new(asked: &SignIn) -> Result<Self, Failure> {
        let flow = asked.flow.map(convert::protocol_flow);
        // the server's own preference is asked for before anything is signed in with it
        let endpoint = Endpoint::parse(&asked.server, flow.unwrap_or(Flow::Ticket), asked.allow_unencrypted)
            .map_err(|error| convert::address_failure(&error))?;
        let username = asked.username.trim().to_owned();
        if username.is_empty() {
            return Err(Failure::new(FailureCode::BadRequest, "a user name is needed"));
        }
        Ok(Self { endpoint, username, password: Secret::from(asked.password.expose_secret()), flow })
    }

    /// Base address of the server, as accounts are known by.
    pub fn server(&self) -> &str {
        self.endpoint.server.as_str()
    }

    /// Who signs in.
    pub fn username(&self) -> &str {
        &self.username
    }

    /// Asks the server what it offers, and signs in.
    ///
    /// # Errors
    /// As `SignInError` has it, in words of the control interface.
    pub async fn run(mut self, transport: &Transport) -> Result<SignedIn, Failure> {
        match tidings_engine::probe(transport, &self.endpoint).await {
            Ok(info) => {
                self.endpoint.flow = choose(self.flow, &info.flows).ok_or_else(|| {
                    convert::sign_in_failure(&SignInError::FlowNotOffered { offered: info.flows.clone() })
                })?;
            }
            // somebody else's server that speaks one of the flows: the person has said which
            Err(SignInError::NotATidingsServer(_)) if self.flow.is_some() => {}
            Err(error) => return Err(convert::sign_in_failure(&error)),
        }
        let Self { endpoint, username, password, .. } = self;
        let signed_in = tidings_engine::sign_in(transport, &endpoint, &username, &password, &device())
            .await
            .map_err(|error| convert::sign_in_failure(&error))?;
        let tidings_engine::SignedIn { session, baseline } = signed_in;
        Ok(SignedIn { endpoint, username, session, baseline })
    }
}

/// The person's choice if the server offers it, else the server's first.
fn choose(asked: Option<Flow>, offered: &[Flow]) -> Option<Flow> {
    match asked {
        Some(flow) => offered.contains(&flow).then_some(flow),
        None => offered.first().copied(),
    }
}

fn device() -> Device {
    let name = hostname().unwrap_or_else(|| "desktop".to_owned());
    Device { name, platform: Platform::current() }
}

#[cfg(unix)]
fn hostname() -> Option<String> {
    rustix::system::uname().nodename().to_str().ok().filter(|name| !name.is_empty()).map(str::to_owned)
}

#[cfg(not(unix))]
fn hostname() -> Option<String> {
    std::env::var("COMPUTERNAME").ok()
}

/// Ends a session: at the server if it answers, and here in any case.
///
/// # Errors
/// When the keychain does not let go of it.
pub async fn sign_out(
    transport: &Transport,
    endpoint: Option<Endpoint>,
    store: &SessionStore,
) -> Result<(), VaultError> {
    use tidings_engine::Store;
    if let (Some(endpoint), Ok(Some(session))) = (endpoint, store.load().await) {
        match tokio::time::timeout(GOODBYE, tidings_engine::sign_out(transport, &endpoint, &session)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the server did not end the session"),
            Err(_) => tracing::warn!("the server did not answer the sign-out"),
        }
    }
    store.forget().await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(server: &str, username: &str) -> SignIn {
        SignIn {
            server: server.into(),
            username: username.into(),
            password: "hunter2".to_owned().into(),
            flow: None,
            allow_unencrypted: false,
        }
    }

    #[test]
    fn what_cannot_be_tried_is_refused_before_anything_is_sent() {
        for (server, username, code) in [
            ("", "alice", FailureCode::BadServerUrl),
            ("ftp://example.com", "alice", FailureCode::BadServerUrl),
            ("http://example.com", "alice", FailureCode::UnencryptedRefused),
            ("example.com", "  ", FailureCode::BadRequest),
        ] {
            assert_eq!(
                Attempt::new(&asked(server, username)).unwrap_err().code,
                code,
                "{server:?} {username:?}"
            );
        }
    }

    #[test]
    fn an_attempt_does_not_print_its_password() {
        let attempt = Attempt::new(&asked("example.com", " alice ")).unwrap();
        assert_eq!(attempt.username(), "alice");
        assert!(!format!("{attempt:?}").contains("hunter2"));
    }

    #[test]
    fn the_person_chooses_among_what_is_offered_else_the_server() {
        use Flow::{Ticket, Token};
        for (asked, offered, chosen) in [
            (None, vec![Ticket, Token], Some(Ticket)),
            (None, vec![Token], Some(Token)),
            (Some(Token), vec![Ticket, Token], Some(Token)),
            (Some(Ticket), vec![Token], None),
            (None, vec![], None),
        ] {
            assert_eq!(choose(asked, &offered), chosen, "{asked:?} {offered:?}");
        }
    }
}
