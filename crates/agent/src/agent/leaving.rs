//! How an account is left: signed out, which keeps it with its history, or forgotten with all that was ever known of it.
//!
//! Owns the order of it. A session that is on its way into the keychain is waited for, as it would bring back what is
//! erased; and so does a new sign-in wait until the old session is gone.

use tidings_control::{Event, Failure, FailureCode, NoticeCode, Reply};
use tidings_inbox::{AccountRow, InboxError};

use super::{Agent, Asker, Job};
use crate::{
    convert,
    keychain::VaultError,
    session,
    sign_in::{self, Claim, SignedIn},
};

/// How far a person goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Parting {
    /// The session ends, the account and its history stay.
    SignOut,
    /// Nothing stays.
    Forget,
}

/// A sign-in that the server has granted.
pub(super) type Granted = (Asker, Claim, SignedIn);

impl Agent {
    /// Leaves an account; the answer follows when it is done.
    pub(super) fn part(&mut self, asker: Asker, id: &str, parting: Parting) {
        if self.is_in_between(id) {
            return self.leaving.entry(id.to_owned()).or_default().push((asker, parting));
        }
        self.generations += 1;
        self.withdraw_sign_in_toast(id);
        let Some(account) = self.accounts.find_mut(id) else {
            let message = format!("there is no account {id:?}");
            return self.answer(asker, Err(Failure::new(FailureCode::UnknownAccount, message)));
        };
        let connection = account.sign_out(self.generations);
        let (row, store, endpoint) = (account.row.clone(), account.store.clone(), account.endpoint().ok());
        let status = account.status.clone();
        self.parting.insert(id.to_owned(), Vec::new());
        self.changed = true;
        self.notices.forget(id);
        self.unstored.remove(id);
        self.arrivals.replay_ended(id);
        let stored = match parting {
            Parting::SignOut => {
                self.callers.tell(&Event::Status { account: id.to_owned(), status });
                self.note_spell(id);
                self.inbox.put_account(&row)
            }
            Parting::Forget => {
                self.arrivals.forget(id);
                self.accounts.remove(id);
                Ok(())
            }
        };
        let (transport, jobs) = (self.transport.with(convert::tls_files(&row)), self.jobs.0.clone());
        tokio::spawn(async move {
            if let Some(connection) = connection {
                connection.shutdown().await;
            }
            let erased = sign_in::sign_out(&transport, endpoint, &store).await;
            let _ = jobs.send(Job::Parted { asker, account: Box::new(row), parting, stored, erased });
        });
    }

    /// Leaves an account for those who had to wait.
    pub(super) fn part_now(&mut self, id: &str) {
        for (asker, parting) in self.leaving.remove(id).unwrap_or_default() {
            self.part(asker, id, parting);
        }
    }

    pub(super) fn on_parted(
        &mut self,
        asker: Asker,
        account: &AccountRow,
        parting: Parting,
        stored: Result<(), InboxError>,
        erased: &Result<(), VaultError>,
    ) {
        tracing::info!(account = account.id, ?parting, "signed out");
        self.changed = true;
        self.notices.forget(&account.id);
        if let Err(error) = erased {
            self.say_not_erased(account, error);
        }
        let stored = match parting {
            Parting::SignOut => stored,
            Parting::Forget => {
                self.settings.forget(&account.id);
                let removed = self.inbox.remove_account(&account.id).map(drop);
                self.sweep_soon();
                removed
            }
        };
        let answer = stored.map(|()| Reply::Done).map_err(|error| convert::inbox_failure(&error));
        self.answer(asker, answer);
        self.closed(&account.id);
    }

    /// The connection of an account is closed: those who waited for that go on.
    pub(super) fn closed(&mut self, id: &str) {
        for (asker, who, signed_in) in self.parting.remove(id).unwrap_or_default() {
            self.on_signed_in(asker, who, signed_in);
        }
        self.part_now(id);
    }

    /// Whether the account is being signed in or out.
    pub(super) fn is_in_between(&self, id: &str) -> bool {
        self.keeping.values().any(|kept| kept == id) || self.parting.contains_key(id)
    }

    /// The keychain still has what should be gone: a person can remove it there.
    fn say_not_erased(&mut self, account: &AccountRow, error: &VaultError) {
        let code = match error {
            VaultError::Locked(_) => NoticeCode::KeychainLocked,
            VaultError::Unavailable(_) | VaultError::Garbled(_) => NoticeCode::NoKeychain,
        };
        let label = session::label(account);
        let detail =
            format!("the entry \u{201c}{label}\u{201d} could not be removed from the keychain ({error})");
        self.notices.raise(code, None, detail);
    }
}
