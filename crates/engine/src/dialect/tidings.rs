//! What both flows of the Tidings protocol have in common (`docs/protocol.md` §1, §3).

use tidings_protocol::{
    ClientMessage, Decoded, Device, GuestRequest, LoginRequest, MalformedMessage, RefreshRequest, Secret,
    ServerMessage,
};

use super::{Answer, Call, Course, Incoming, Proof, Step, answers};
use crate::{
    Endpoint, SignedIn, StoredSession,
    machine::Outgoing,
    verdict::{Failure, Place},
};

/// Longest name of a log, in bytes. It is kept with every notification, and ours are far shorter.
pub(super) const LONGEST_EPOCH: usize = 256;

/// The text frame for a message.
pub(super) fn encode(outgoing: Outgoing, token: &Secret) -> String {
    match outgoing {
        Outgoing::Auth => ClientMessage::Auth { token: token.clone() },
        Outgoing::Ping => ClientMessage::Ping,
        Outgoing::Resume(cursor) => ClientMessage::Resume { epoch: cursor.epoch, after: cursor.seq },
        Outgoing::Read(ids) => ClientMessage::Read { ids },
    }
    .encode()
}

/// Reads a text frame. A name of a log that is too long to keep is no name.
pub(super) fn decode(text: &str) -> Result<Incoming, MalformedMessage> {
    let mut message = match ServerMessage::decode(text)? {
        Decoded::Message(message) => message,
        Decoded::Unknown { kind } => return Ok(Incoming::Unknown { kind }),
    };
    match &mut message {
        ServerMessage::AuthSuccess(details) => {
            details.epoch.take_if(|epoch| epoch.len() > LONGEST_EPOCH);
        }
        ServerMessage::Resumed(details) if details.epoch.len() > LONGEST_EPOCH => {
            return Err(MalformedMessage { reason: "the epoch is too long".into() });
        }
        _ => {}
    }
    Ok(Incoming::Message(message))
}

/// `GET /api/info`.
pub(crate) fn ask_info(endpoint: &Endpoint) -> Call {
    Call::get(Place::Info, endpoint.at(&endpoint.paths.info), Proof::None)
}

/// `POST /api/auth/login`.
pub(super) fn login(endpoint: &Endpoint, username: &str, password: &Secret, device: &Device) -> Call {
    let request = LoginRequest {
        username: username.to_owned(),
        password: password.clone(),
        device: Some(device.clone()),
    };
    Call::post(Place::Login, endpoint.at(&endpoint.paths.login), Proof::None).with_body(&request)
}

/// `POST /api/auth/guest`.
pub(crate) fn guest(endpoint: &Endpoint, device: &Device) -> Call {
    let request = GuestRequest { device: Some(device.clone()) };
    Call::post(Place::Guest, endpoint.at(&endpoint.paths.guest), Proof::None).with_body(&request)
}

/// `POST /api/auth/refresh`.
pub(crate) fn refresh(endpoint: &Endpoint, refresh_token: &Secret) -> Call {
    let request = RefreshRequest { refresh_token: refresh_token.clone() };
    Call::post(Place::Refresh, endpoint.at(&endpoint.paths.refresh), Proof::None).with_body(&request)
}

/// `POST /api/auth/logout`.
pub(super) fn logout(endpoint: &Endpoint, token: &Secret) -> Call {
    Call::post(Place::Logout, endpoint.at(&endpoint.paths.logout), Proof::Bearer(token.clone()))
}

/// One call that signs in.
pub(super) struct Login(pub(super) Option<Call>);

impl Course<SignedIn> for Login {
    fn next(&mut self, answer: Option<Answer>) -> Result<Step<SignedIn>, Failure> {
        match (self.0.take(), answer) {
            (Some(call), _) => Ok(Step::Ask(call)),
            (None, Some(answer)) => {
                Ok(Step::Done(SignedIn::from_answer(answers::session(Place::Login, &answer)?)))
            }
            (None, None) => Err(Failure::NotSuchServer("no answer came".into())),
        }
    }
}

/// Signs out, where need be with a token that is renewed for it: a session outlives the token that has expired.
pub(super) struct Logout {
    endpoint: Endpoint,
    refresh_token: Option<Secret>,
    stage: Leaving,
}

enum Leaving {
    Begin(Call),
    Ending,
    Renewing,
}

impl Logout {
    pub(super) fn of(endpoint: &Endpoint, session: &StoredSession) -> Self {
        Self {
            endpoint: endpoint.clone(),
            refresh_token: session.refresh_token.clone(),
            stage: Leaving::Begin(logout(endpoint, &session.access_token)),
        }
    }
}

impl Course<()> for Logout {
    fn next(&mut self, answer: Option<Answer>) -> Result<Step<()>, Failure> {
        match (std::mem::replace(&mut self.stage, Leaving::Ending), answer) {
            (Leaving::Begin(call), _) => Ok(Step::Ask(call)),
            (Leaving::Ending, Some(answer)) => {
                match self.refresh_token.take().filter(|_| answer.status == 401) {
                    Some(refresh_token) => {
                        self.stage = Leaving::Renewing;
                        Ok(Step::Ask(refresh(&self.endpoint, &refresh_token)))
                    }
                    None => answers::ended(Place::Logout, &answer).map(Step::Done),
                }
            }
            (Leaving::Renewing, Some(answer)) if answer.status == 401 => Ok(Step::Done(())),
            (Leaving::Renewing, Some(answer)) => {
                let renewed = answers::session(Place::Refresh, &answer)?;
                Ok(Step::Ask(logout(&self.endpoint, &renewed.access_token)))
            }
            (Leaving::Ending | Leaving::Renewing, None) => {
                Err(Failure::NotSuchServer("no answer came".into()))
            }
        }
    }
}
