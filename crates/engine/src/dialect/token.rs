//! The token flow (`docs/protocol.md` §2): the token opens the socket and is the first message on it.

use tidings_protocol::{Device, MalformedMessage, Secret};

use super::{Course, Incoming, Known, Speech, Upgrade, tidings};
use crate::{Endpoint, SignedIn, StoredSession, machine::Outgoing};

/// See the module.
pub(super) struct Token;

impl Speech for Token {
    fn is_greeted(&self) -> bool {
        true
    }

    /// `GET /api/ws/notification?token=…`.
    fn socket(&self, endpoint: &Endpoint, key: &Secret) -> Upgrade {
        Upgrade::by_query(endpoint.at(&endpoint.paths.socket_token), "token", key)
    }

    fn encode(&self, outgoing: Outgoing, token: &Secret) -> Option<String> {
        Some(tidings::encode(outgoing, token))
    }

    fn decode(&self, text: &str, _known: &Known) -> Result<Incoming, MalformedMessage> {
        tidings::decode(text)
    }

    fn sign_in(
        &self,
        endpoint: &Endpoint,
        username: &str,
        password: &Secret,
        device: &Device,
    ) -> Box<dyn Course<SignedIn>> {
        Box::new(tidings::Login(Some(tidings::login(endpoint, username, password, device))))
    }

    fn sign_out(&self, endpoint: &Endpoint, session: &StoredSession) -> Option<Box<dyn Course<()>>> {
        Some(Box::new(tidings::Logout::of(endpoint, session)))
    }
}
