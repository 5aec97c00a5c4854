//! Accounts that a person puts to rest: they stay signed in, and hear nothing until they are woken.
//!
//! Owns the order of it: a connection is closed before the next one is opened. Whoever opens one for another reason looks
//! at the row first, so what was said last holds.

use tidings_control::{AccountChange, Event, Failure, FailureCode, Reply};

use super::{Agent, Asker, Job};
use crate::convert;

impl Agent {
    /// Changes an account; the answer follows when that is done.
    pub(super) fn set_account(&mut self, asker: Asker, change: AccountChange) {
        let (id, paused) = (change.account.clone(), change.paused);
        match (self.set_look(change), paused) {
            (Ok(_), Some(paused)) => self.set_paused(asker, &id, paused),
            (answer, _) => self.answer(asker, answer),
        }
    }

    fn set_paused(&mut self, asker: Asker, id: &str, paused: bool) {
        match self.note_paused(id, paused) {
            Ok(true) if paused => self.rest(asker, id),
            Ok(true) => {
                self.reopen(id);
                self.answer(asker, Ok(Reply::Done));
            }
            Ok(false) => self.answer(asker, Ok(Reply::Done)),
            Err(failure) => self.answer(asker, Err(failure)),
        }
    }

    /// Whether something is to be done about it now. Where a connection is being closed, whatever comes after does it.
    fn note_paused(&mut self, id: &str, paused: bool) -> Result<bool, Failure> {
        let in_between = self.is_in_between(id);
        let unknown = || Failure::new(FailureCode::UnknownAccount, format!("there is no account {id:?}"));
        let account = self.accounts.find_mut(id).ok_or_else(unknown)?;
        if account.row.paused == paused {
            return Ok(false);
        }
        let mut row = account.row.clone();
        row.paused = paused;
        self.inbox.put_account(&row).map_err(|error| convert::inbox_failure(&error))?;
        account.row = row;
        self.changed = true;
        tracing::info!(account = id, paused, "put to rest or woken");
        Ok(!in_between && !account.row.signed_out)
    }

    fn rest(&mut self, asker: Asker, id: &str) {
        self.generations += 1;
        let Some(account) = self.accounts.find_mut(id) else { return };
        let connection = account.pause(self.generations);
        account.reads.interrupted();
        let status = account.status.clone();
        self.unstored.remove(id);
        self.arrivals.replay_ended(id);
        self.callers.tell(&Event::Status { account: id.to_owned(), status });
        self.note_spell(id);
        self.parting.insert(id.to_owned(), Vec::new());
        let (account, jobs) = (id.to_owned(), self.jobs.0.clone());
        tokio::spawn(async move {
            if let Some(connection) = connection {
                connection.shutdown().await;
            }
            let _ = jobs.send(Job::Rested { asker, account });
        });
    }

    pub(super) fn on_rested(&mut self, asker: Asker, id: &str) {
        let woken = |account: &crate::accounts::Account| !account.row.paused && !account.row.signed_out;
        if self.accounts.find(id).is_some_and(woken) {
            self.reopen(id);
        }
        self.answer(asker, Ok(Reply::Done));
        self.closed(id);
    }
}
