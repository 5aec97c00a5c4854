//! ntfy, version 2 (<https://docs.ntfy.sh/subscribe/api/>).
//!
//! One socket follows any number of topics. It greets with `open`, and hears nothing. Messages have names that are in no
//! order, and times in whole seconds: a place in the log is a time, and around it some come twice.

mod account;
mod message;
mod poll;
#[cfg(test)]
mod tests;

use std::time::Duration;

use tidings_protocol::{AuthSuccess, Code, Device, MalformedMessage, Secret, ServerMessage};

use self::message::{Event, Said};
use super::{Call, Caught, Course, Incoming, Known, Proof, Speech, Upgrade};
use crate::{
    Endpoint, SignedIn, StoredSession,
    machine::Outgoing,
    verdict::{Failure, Place, Refusal},
};

/// The log of a server's messages.
const LOG: &str = "ntfy";

/// A server that limits how often it is asked does so by the minute, and seldom says for how long.
const PATIENCE: Duration = Duration::from_secs(60);

/// Longest name of a topic.
const LONGEST_TOPIC: usize = 64;

/// See the module.
pub(crate) struct Ntfy;

/// All topics, as they stand in a path.
fn topics(endpoint: &Endpoint) -> String {
    let names: Vec<_> = endpoint.topics.iter().map(|following| following.topic.as_str()).collect();
    names.join(",")
}

impl Speech for Ntfy {
    fn is_greeted(&self) -> bool {
        true
    }

    fn log(&self) -> Option<&'static str> {
        Some(LOG)
    }

    fn socket(&self, endpoint: &Endpoint, key: &Secret) -> Upgrade {
        let url = endpoint.at(&format!("/{}/ws", topics(endpoint)));
        Upgrade::by_proof(url, Proof::bearer(key))
    }

    /// It takes no messages: what is longer than 64 bytes ends the connection, and the rest is ignored.
    fn encode(&self, _outgoing: Outgoing, _token: &Secret) -> Option<String> {
        None
    }

    fn decode(&self, text: &str, _known: &Known) -> Result<Incoming, MalformedMessage> {
        let Said { time, event, .. } = message::read(text.as_bytes())?;
        Ok(match event {
            Event::Open => Incoming::Message(ServerMessage::AuthSuccess(AuthSuccess {
                epoch: Some(LOG.to_owned()),
                head: Some(poll::baseline(time)),
                ..AuthSuccess::default()
            })),
            Event::Keepalive => Incoming::Alive,
            Event::PollRequest => Incoming::Behind(None),
            Event::Item(item) => Incoming::Item(item),
            Event::Unknown(kind) => Incoming::Unknown { kind },
        })
    }

    fn catch_up(
        &self,
        endpoint: &Endpoint,
        token: &Secret,
        after: Option<u64>,
    ) -> Option<Box<dyn Course<Caught>>> {
        Some(Box::new(poll::Poll::new(endpoint, token, after)))
    }

    fn refused(&self, refusal: Refusal, key: &Secret) -> Failure {
        match refusal.status {
            401 | 403 if key.is_empty() => {
                Failure::NotSignedIn("a topic is not for everybody, and nobody is signed in")
            }
            403 => Failure::Refused(Refusal { code: Some(Code::from("TOPIC_FORBIDDEN")), ..refusal }),
            429 => {
                let retry_after = refusal.retry_after.unwrap_or_default().max(PATIENCE);
                Failure::Refused(Refusal { retry_after: Some(retry_after), ..refusal })
            }
            _ => Failure::Refused(refusal),
        }
    }

    fn sign_in(
        &self,
        endpoint: &Endpoint,
        username: &str,
        password: &Secret,
        device: &Device,
    ) -> Box<dyn Course<SignedIn>> {
        Box::new(account::Login::new(endpoint, username, password, device))
    }

    fn sign_in_with_token(&self, endpoint: &Endpoint, token: &Secret) -> Option<Box<dyn Course<SignedIn>>> {
        Some(Box::new(account::WithToken::new(endpoint, token)))
    }

    fn sign_out(&self, endpoint: &Endpoint, session: &StoredSession) -> Option<Box<dyn Course<()>>> {
        account::Logout::of(endpoint, session).map(|course| Box::new(course) as Box<dyn Course<()>>)
    }

    fn is_topic(&self, name: &str) -> bool {
        (1..=LONGEST_TOPIC).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    }

    fn may_read(&self, endpoint: &Endpoint, topic: &str, token: Option<&Secret>) -> Option<Call> {
        let proof = token.map_or(Proof::None, Proof::bearer);
        Some(Call::get(Place::Topic, endpoint.at(&format!("/{topic}/auth")), proof))
    }
}
