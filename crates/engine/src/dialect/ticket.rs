//! The ticket flow (`docs/protocol.md` §2): the token fetches a ticket, and the ticket opens the socket.

use tidings_protocol::{Device, MalformedMessage, Secret, TicketResponse};

use super::{Answer, Call, Course, Incoming, Known, Proof, Speech, Upgrade, answers, tidings};
use crate::{
    Endpoint, SignedIn, StoredSession,
    machine::Outgoing,
    verdict::{Failure, Place},
};

/// See the module.
pub(super) struct Ticket;

/// `POST /api/ws/ticket`.
pub(crate) fn request(endpoint: &Endpoint, token: &Secret) -> Call {
    Call::post(Place::Ticket, endpoint.at(&endpoint.paths.ticket), Proof::Bearer(token.clone()))
}

/// The ticket in the answer.
pub(crate) fn read(answer: &Answer) -> Result<Secret, Failure> {
    let response: TicketResponse = answers::read(Place::Ticket, answer)?;
    Ok(response.ticket)
}

impl Speech for Ticket {
    fn needs_ticket(&self) -> bool {
        true
    }

    /// `GET /ws?ticket=…`.
    fn socket(&self, endpoint: &Endpoint, key: &Secret) -> Upgrade {
        Upgrade::by_query(endpoint.at(&endpoint.paths.socket_ticket), "ticket", key)
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
