//! What was deleted here for good, told to servers whose account wishes it.
//!
//! Owns the telling: the inbox notes what is to be told until the server has done it, so a restart or a server that is away
//! only delays it. Refuses to tell what can still be restored.

use std::time::Duration;

use tidings_control::State;
use tidings_engine::{SignInError, Store as _};
use tokio::time::Instant;

use super::{Agent, Job};
use crate::{accounts::Account, convert};

/// Ids in one go.
const AT_ONCE: u32 = 50;

/// What a server would not delete is asked of it again after so long, or with the next connection.
const RETRY: Duration = Duration::from_secs(60 * 60);

/// How it stands with one account.
#[derive(Debug, Clone, Copy)]
pub(super) enum Deleting {
    /// The server is being asked.
    UnderWay,
    /// It is asked again then.
    Again(Instant),
}

impl Agent {
    /// Tells the server what is to be deleted there, if it can be told now.
    pub(super) fn send_deletions(&mut self, id: &str) {
        if matches!(self.deleting.get(id), Some(Deleting::UnderWay)) {
            return;
        }
        let Some(account) = self.accounts.find(id).filter(|a| a.status.state == State::Connected) else {
            return;
        };
        let ids = match self.inbox.unsent_deletions(id, AT_ONCE) {
            Ok(ids) if ids.is_empty() => return,
            Ok(ids) => ids,
            Err(error) => return tracing::warn!(account = id, %error, "cannot tell what was deleted"),
        };
        let Ok(endpoint) = Account::endpoint(account) else { return };
        let (store, jobs) = (account.store.clone(), self.jobs.0.clone());
        let (transport, account) = (self.transport.with(convert::tls_files(&account.row)), id.to_owned());
        self.deleting.insert(account.clone(), Deleting::UnderWay);
        tokio::spawn(async move {
            let done = match store.load().await {
                Ok(Some(session)) => tidings_engine::delete(&transport, &endpoint, &session, &ids).await,
                // who asks as nobody has nothing to delete anything with
                Ok(None) => Ok(()),
                Err(error) => Err(SignInError::Unreachable(error.to_string())),
            };
            let _ = jobs.send(Job::Deleted { account, ids, done });
        });
    }

    pub(super) fn on_deletions(&mut self, id: &str, ids: &[String], done: Result<(), SignInError>) {
        self.deleting.remove(id);
        match done.map(|()| self.inbox.deletions_sent(id, ids)) {
            Ok(Ok(())) => return self.send_deletions(id),
            Ok(Err(error)) => tracing::debug!(account = id, %error, "what was deleted will be told again"),
            Err(error) => {
                tracing::warn!(account = id, %error, "the server has not deleted what it was asked to");
            }
        }
        self.deleting.insert(id.to_owned(), Deleting::Again(Instant::now() + RETRY));
    }

    /// When a server is asked again.
    pub(super) fn deletes_again(&self) -> Option<Instant> {
        let again = self.deleting.values().filter_map(|deleting| match deleting {
            Deleting::Again(at) => Some(*at),
            Deleting::UnderWay => None,
        });
        again.min()
    }

    pub(super) fn delete_again(&mut self, now: Instant) {
        let due = |deleting: &Deleting| matches!(deleting, Deleting::Again(at) if *at <= now);
        let due: Vec<String> =
            self.deleting.extract_if(|_, deleting| due(deleting)).map(|(id, _)| id).collect();
        for id in due {
            self.send_deletions(&id);
        }
    }
}
