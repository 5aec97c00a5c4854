//! Signing in makes an access token, which is the session; signing out deletes it.

use serde_json::{Value, json};
use tidings_protocol::{Device, Secret, User};

use crate::{
    Endpoint, SignedIn, StoredSession,
    dialect::{Answer, Call, Course, Proof, Step, answers},
    verdict::{Failure, Place},
};

/// The name that the server has for those who are not signed in.
const EVERYONE: &str = "*";

fn nothing_came() -> Failure {
    Failure::NotSuchServer("no answer came".into())
}

fn signed_in(token: Secret, name: &str, label: Option<String>) -> SignedIn {
    let user = User { id: name.to_owned(), name: name.to_owned() };
    let session = StoredSession {
        access_token: token,
        expires_at: None,
        refresh_token: None,
        session_id: label,
        user: Some(user),
    };
    SignedIn { session, baseline: None }
}

/// Makes a token that lasts until it is deleted: the server's own choice would be three days.
pub(super) struct Login {
    call: Option<Call>,
    username: String,
    label: String,
}

impl Login {
    pub(super) fn new(endpoint: &Endpoint, username: &str, password: &Secret, device: &Device) -> Self {
        let label = format!("Tidings on {}", device.name);
        let proof = Proof::Basic { username: username.to_owned(), password: password.clone() };
        let call = Call::post(Place::Login, endpoint.at("/v1/account/token"), proof)
            .with_body(&json!({ "label": label, "expires": 0 }));
        Self { call: Some(call), username: username.to_owned(), label }
    }
}

impl Course<SignedIn> for Login {
    fn next(&mut self, answer: Option<Answer>) -> Result<Step<SignedIn>, Failure> {
        if let Some(call) = self.call.take() {
            return Ok(Step::Ask(call));
        }
        let made: Value = answers::read(Place::Login, &answer.ok_or_else(nothing_came)?)?;
        match made["token"].as_str().filter(|token| !token.is_empty()) {
            // that there is a name says that the token was made here, and may be deleted
            Some(token) => {
                Ok(Step::Done(signed_in(Secret::from(token), &self.username, Some(self.label.clone()))))
            }
            None => Err(Failure::NotSuchServer("no token was made".into())),
        }
    }
}

/// Asks whose a token is.
pub(super) struct WithToken {
    call: Option<Call>,
    token: Secret,
}

impl WithToken {
    pub(super) fn new(endpoint: &Endpoint, token: &Secret) -> Self {
        let proof = Proof::Bearer(token.clone());
        let call = Call::get(Place::Account, endpoint.at("/v1/account"), proof);
        Self { call: Some(call), token: token.clone() }
    }
}

impl Course<SignedIn> for WithToken {
    fn next(&mut self, answer: Option<Answer>) -> Result<Step<SignedIn>, Failure> {
        if let Some(call) = self.call.take() {
            return Ok(Step::Ask(call));
        }
        let account: Value = answers::read(Place::Account, &answer.ok_or_else(nothing_came)?)?;
        let name = account["username"].as_str().unwrap_or_default();
        if name.is_empty() || name == EVERYONE || account["role"].as_str() == Some("anonymous") {
            // what is shown in another way than it asks for is ignored by the server
            return Err(Failure::NotSignedIn("the server does not know this token"));
        }
        Ok(Step::Done(signed_in(self.token.clone(), name, None)))
    }
}

/// Deletes the token.
pub(super) struct Logout(Option<Call>);

impl Logout {
    /// None for a token of the person's own.
    pub(super) fn of(endpoint: &Endpoint, session: &StoredSession) -> Option<Self> {
        session.session_id.as_ref()?;
        let proof = Proof::bearer(&session.access_token);
        Some(Self(Some(Call::delete(Place::Logout, endpoint.at("/v1/account/token"), proof))))
    }
}

impl Course<()> for Logout {
    fn next(&mut self, answer: Option<Answer>) -> Result<Step<()>, Failure> {
        if let Some(call) = self.0.take() {
            return Ok(Step::Ask(call));
        }
        answers::ended(Place::Logout, &answer.ok_or_else(nothing_came)?).map(Step::Done)
    }
}
