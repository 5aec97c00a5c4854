//! The token flow (`docs/protocol.md` §2): the token opens the socket and is the first message on it.

use tidings_protocol::{ClientMessage, Secret};

use super::Upgrade;
use crate::Endpoint;

/// `GET /api/ws/notification?token=…`.
pub(crate) fn socket(endpoint: &Endpoint, token: &Secret) -> Upgrade {
    Upgrade::new(endpoint.at(&endpoint.paths.socket_token), "token", token)
}

/// The first message.
pub(super) fn greeting(token: &Secret) -> ClientMessage {
    ClientMessage::Auth { token: token.clone() }
}
