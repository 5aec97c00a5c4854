//! Gotify, versions 2 and 3 (<https://gotify.net/api-docs>).
//!
//! The socket says nothing but messages, and hears nothing at all. They have numbers that rise, but may come out of
//! order, and begin anew where the database does; applications are only numbered, and asked for by a call.

mod account;
mod message;
mod pages;
#[cfg(test)]
mod tests;

use tidings_protocol::{Device, MalformedMessage, Secret};

use super::{Call, Caught, Course, Incoming, Known, Proof, Speech, Upgrade};
use crate::{
    Endpoint, SignedIn, StoredSession,
    machine::{Item, Outgoing},
    verdict::Place,
};

/// The log has no name of its own: where it begins anew, the dates of what it holds tell.
const LOG: &str = "gotify";

/// See the module.
pub(crate) struct Gotify;

/// The header field that carries a client's token.
fn proof(token: &Secret) -> Proof {
    Proof::Field("X-Gotify-Key", token.clone())
}

impl Speech for Gotify {
    fn log(&self) -> Option<&'static str> {
        Some(LOG)
    }

    fn socket(&self, endpoint: &Endpoint, key: &Secret) -> Upgrade {
        Upgrade::by_proof(endpoint.at("/stream"), proof(key))
    }

    /// It takes no messages: what is longer than 64 bytes ends the connection, and the rest is ignored.
    fn encode(&self, _outgoing: Outgoing, _token: &Secret) -> Option<String> {
        None
    }

    fn decode(&self, text: &str, known: &Known) -> Result<Incoming, MalformedMessage> {
        let message = message::read(text)?;
        Ok(match known.sources.get(&message.application) {
            Some(source) => Incoming::Item(Item::Notification {
                mark: message.mark(),
                notification: Box::new(message.into_notification(source.as_ref())),
            }),
            // it is at the server, and comes from there with the name of its application
            None => Incoming::Behind(Some(pages::before(&message))),
        })
    }

    fn catch_up(
        &self,
        endpoint: &Endpoint,
        token: &Secret,
        after: Option<u64>,
    ) -> Option<Box<dyn Course<Caught>>> {
        Some(Box::new(pages::Pages::new(endpoint, token, after)))
    }

    fn sign_in(
        &self,
        endpoint: &Endpoint,
        username: &str,
        password: &Secret,
        device: &Device,
    ) -> Box<dyn Course<SignedIn>> {
        Box::new(account::SignIn::with_password(endpoint, username, password, device))
    }

    fn sign_in_with_token(&self, endpoint: &Endpoint, token: &Secret) -> Option<Box<dyn Course<SignedIn>>> {
        Some(Box::new(account::SignIn::with_token(endpoint, token)))
    }

    fn sign_out(&self, endpoint: &Endpoint, session: &StoredSession) -> Option<Box<dyn Course<()>>> {
        account::SignOut::of(endpoint, session).map(|course| Box::new(course) as Box<dyn Course<()>>)
    }

    fn delete(&self, endpoint: &Endpoint, token: &Secret, id: &str) -> Option<Call> {
        let number: u64 = id.split('.').next()?.parse().ok()?;
        Some(Call::delete(Place::Delete, endpoint.at(&format!("/message/{number}")), proof(token)))
    }
}
