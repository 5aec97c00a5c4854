//! The ticket flow (`docs/protocol.md` §2): the token fetches a ticket, and the ticket opens the socket.

use tidings_protocol::{Secret, TicketResponse};

use super::{Answer, Call, Upgrade, answers, post};
use crate::{
    Endpoint,
    verdict::{Failure, Place},
};

/// `POST /api/ws/ticket`.
pub(crate) fn request(endpoint: &Endpoint, token: &Secret) -> Call {
    post(Place::Ticket, endpoint.at(&endpoint.paths.ticket), Some(token), None)
}

/// The ticket in the answer.
pub(crate) fn read(answer: &Answer) -> Result<Secret, Failure> {
    let response: TicketResponse = answers::read(Place::Ticket, answer)?;
    Ok(response.ticket)
}

/// `GET /ws?ticket=…`.
pub(crate) fn socket(endpoint: &Endpoint, ticket: &Secret) -> Upgrade {
    Upgrade::new(endpoint.at(&endpoint.paths.socket_ticket), "ticket", ticket)
}
