//! Signing in makes a client, whose token is the session; signing out deletes it.

use serde_json::{Value, json};
use tidings_protocol::{Device, Secret, User};

use super::{LOG, pages, proof};
use crate::{
    Cursor, Endpoint, SignedIn, StoredSession,
    dialect::{Answer, Call, Course, Proof, Step, answers, refusal},
    verdict::{Failure, Place},
};

/// Makes a client or takes its token as it is; asks who it belongs to, and where the log stands.
pub(super) struct SignIn {
    endpoint: Endpoint,
    stage: Stage,
    session: StoredSession,
}

enum Stage {
    Begin(Option<Call>),
    Client,
    Account,
    Log,
}

impl SignIn {
    pub(super) fn with_password(
        endpoint: &Endpoint,
        username: &str,
        password: &Secret,
        device: &Device,
    ) -> Self {
        let proof = Proof::Basic { username: username.to_owned(), password: password.clone() };
        let call = Call::post(Place::Login, endpoint.at("/client"), proof)
            .with_body(&json!({ "name": format!("Tidings on {}", device.name) }));
        let user = User { id: username.to_owned(), name: username.to_owned() };
        Self::new(endpoint, Some(call), Secret::from(""), Some(user))
    }

    pub(super) fn with_token(endpoint: &Endpoint, token: &Secret) -> Self {
        Self::new(endpoint, None, token.clone(), None)
    }

    fn new(endpoint: &Endpoint, call: Option<Call>, token: Secret, user: Option<User>) -> Self {
        let session = StoredSession {
            access_token: token,
            expires_at: None,
            refresh_token: None,
            session_id: None,
            user,
        };
        Self { endpoint: endpoint.clone(), stage: Stage::Begin(call), session }
    }

    fn client(&mut self, answer: &Answer) -> Result<(), Failure> {
        let client: Value = answers::read(Place::Login, answer)?;
        let token = client["token"].as_str().unwrap_or_default();
        if token.is_empty() {
            return Err(Failure::NotSuchServer("a client without a token was made".into()));
        }
        self.session.access_token = Secret::from(token);
        // that there is an id says that the client was made here, and may be deleted
        self.session.session_id = Some(client["id"].as_u64().unwrap_or_default().to_string());
        Ok(())
    }

    fn account(&mut self, answer: &Answer) -> Result<(), Failure> {
        let ours = self.session.session_id.is_some();
        match answers::read::<Value>(Place::Account, answer) {
            Ok(user) => {
                if let (Some(id), Some(name)) = (user["id"].as_u64(), user["name"].as_str()) {
                    self.session.user = Some(User { id: id.to_string(), name: name.to_owned() });
                } else if !ours {
                    return Err(Failure::NotSuchServer("an account without a name came".into()));
                }
                Ok(())
            }
            // a client that was made works, whatever else does not
            Err(_) if ours => Ok(()),
            Err(failure) => Err(failure),
        }
    }
}

impl Course<SignedIn> for SignIn {
    fn next(&mut self, answer: Option<Answer>) -> Result<Step<SignedIn>, Failure> {
        if let (Stage::Begin(call), None) = (&mut self.stage, &answer)
            && let Some(call) = call.take()
        {
            self.stage = Stage::Client;
            return Ok(Step::Ask(call));
        }
        match (&self.stage, answer) {
            (Stage::Client, Some(answer)) => self.client(&answer)?,
            (Stage::Account, Some(answer)) => {
                self.account(&answer)?;
                self.stage = Stage::Log;
                let proof = proof(&self.session.access_token);
                return Ok(Step::Ask(pages::list(&self.endpoint, &proof, 1, None)));
            }
            (Stage::Log, Some(answer)) => {
                // the first connection asks again
                let newest = pages::read(&answer).ok().flatten();
                let baseline = newest.map(|newest| Cursor {
                    epoch: LOG.to_owned(),
                    seq: pages::baseline(newest.spots.into_iter().max_by_key(|spot| spot.id)),
                });
                return Ok(Step::Done(SignedIn { session: self.session.clone(), baseline }));
            }
            _ => {}
        }
        self.stage = Stage::Account;
        let proof = proof(&self.session.access_token);
        Ok(Step::Ask(Call::get(Place::Account, self.endpoint.at("/current/user"), proof)))
    }

    fn failed(&mut self, failure: Failure) -> Result<Step<SignedIn>, Failure> {
        // a client that was made is there, and nobody would ever delete it
        if self.session.session_id.is_none() {
            return Err(failure);
        }
        Ok(Step::Done(SignedIn { session: self.session.clone(), baseline: None }))
    }
}

/// Version 3 ends a session by its own token; version 2 knows only clients.
pub(super) struct SignOut {
    endpoint: Endpoint,
    session: StoredSession,
    by_id: bool,
}

impl SignOut {
    /// None for a token of the person's own.
    pub(super) fn of(endpoint: &Endpoint, session: &StoredSession) -> Option<Self> {
        session.session_id.is_some().then(|| Self {
            endpoint: endpoint.clone(),
            session: session.clone(),
            by_id: false,
        })
    }
}

impl Course<()> for SignOut {
    fn next(&mut self, answer: Option<Answer>) -> Result<Step<()>, Failure> {
        let proof = proof(&self.session.access_token);
        let Some(answer) = answer else {
            return Ok(Step::Ask(Call::post(Place::Logout, self.endpoint.at("/auth/logout"), proof)));
        };
        match (answer.status, self.session.session_id.as_deref()) {
            (200..300 | 401, _) => Ok(Step::Done(())),
            (404, _) if self.by_id => Ok(Step::Done(())),
            (404 | 405, Some(id)) if !self.by_id => {
                self.by_id = true;
                let url = self.endpoint.at(&format!("/client/{id}"));
                Ok(Step::Ask(Call::delete(Place::Logout, url, proof)))
            }
            _ => Err(Failure::Refused(refusal(Place::Logout, &answer))),
        }
    }
}
