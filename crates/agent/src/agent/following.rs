//! What an account follows, where its kind of server asks for that.
//!
//! Owns that a topic is followed only once the server was asked whether it may be: nothing changes before, and all that
//! was asked for changes together.

use tidings_control::{Failure, FailureCode, Reply};
use tidings_engine::{Endpoint, Store as _};
use time::OffsetDateTime;

use super::{Agent, Asker, Job};
use crate::{accounts::Account, convert, kinds};

impl Agent {
    /// Begins to follow these topics and no others; the answer follows once the new connection is under way.
    pub(super) fn set_topics(&mut self, asker: Asker, id: &str, topics: &[String]) {
        let (topics, endpoint) = match self.to_follow(id, topics) {
            Ok(found) => found,
            Err(failure) => return self.answer(asker, Err(failure)),
        };
        let Some(account) = self.accounts.find(id) else { return };
        let (transport, store) =
            (self.transport.with(convert::tls_files(&account.row)), account.store.clone());
        let (account, jobs) = (id.to_owned(), self.jobs.0.clone());
        tokio::spawn(async move {
            let checked = async {
                if endpoint.topics.is_empty() {
                    return Ok(topics);
                }
                let locked = |error: tidings_engine::StoreError| {
                    Failure::new(FailureCode::KeychainUnavailable, error.to_string())
                };
                let session = store.load().await.map_err(locked)?;
                let asked = tidings_engine::check_topics(&transport, &endpoint, session.as_ref()).await;
                asked.map(|()| topics).map_err(|error| convert::sign_in_failure(&error))
            };
            let topics = Box::new(checked.await);
            let _ = jobs.send(Job::TopicsChecked { asker, account, topics });
        });
    }

    /// All of them, and where those are asked for that are new.
    fn to_follow(&self, id: &str, typed: &[String]) -> Result<(Vec<String>, Endpoint), Failure> {
        let account = self.accounts.find(id).ok_or_else(|| unknown(id))?;
        let bad = |message: &str| Failure::new(FailureCode::BadRequest, message);
        if !account.kind().asks_for_topics() {
            return Err(bad(&format!("a {} server has no topics to choose", account.kind().name())));
        }
        if account.row.signed_out {
            return Err(bad("the account is signed out"));
        }
        let topics = kinds::read_topics(typed)?;
        let endpoint = account.endpoint().map_err(|error| convert::address_failure(&error))?;
        let followed = endpoint.topics;
        let all = kinds::follow(topics.clone(), &followed, OffsetDateTime::now_utc())?;
        let new =
            all.into_iter().filter(|following| !followed.iter().any(|known| known.topic == following.topic));
        Ok((topics, Endpoint { topics: new.collect(), ..endpoint }))
    }

    /// The new ones may be followed, or one of them may not.
    pub(super) fn on_topics_checked(&mut self, asker: Asker, id: &str, topics: Result<Vec<String>, Failure>) {
        match topics.and_then(|topics| self.take_topics(id, topics)) {
            Ok(Some(old)) => self.after_closing(asker, id, old),
            Ok(None) => self.answer(asker, Ok(Reply::Done)),
            Err(failure) => self.answer(asker, Err(failure)),
        }
    }

    /// The connection by the old topics, if there is one.
    fn take_topics(
        &mut self,
        id: &str,
        topics: Vec<String>,
    ) -> Result<Option<tidings_engine::Connection>, Failure> {
        if self.is_in_between(id) {
            let message = "the account is being signed in or out; try again";
            return Err(Failure::new(FailureCode::BadRequest, message));
        }
        let account = self.accounts.find_mut(id).ok_or_else(|| unknown(id))?;
        let followed = convert::topics(&account.row);
        let topics = kinds::follow(topics, &followed, OffsetDateTime::now_utc())?;
        if topics == followed {
            return Ok(None);
        }
        let mut row = account.row.clone();
        row.topics = convert::stored_topics(&topics);
        self.inbox.put_account(&row).map_err(|error| convert::inbox_failure(&error))?;
        account.row = row;
        self.changed = true;
        tracing::info!(account = id, topics = topics.len(), "follows other topics");
        Ok(Account::take_connection(account))
    }
}

fn unknown(id: &str) -> Failure {
    Failure::new(FailureCode::UnknownAccount, format!("there is no account {id:?}"))
}
