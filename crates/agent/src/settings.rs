//! What a person has chosen and been told, kept in the inbox under a name each.
//!
//! Owns the names and their meaning. What cannot be stored holds for this run.

use std::sync::Arc;

use tidings_inbox::{Inbox, InboxError};

const DO_NOT_DISTURB: &str = "do_not_disturb";
const SIGN_IN_TOLD: &str = "sign_in_told";
const THIS_RUN_ONLY: &str = "this_run_only";
const USER: &str = "user";

/// The choices of a person, and what they have been told.
#[derive(Debug)]
pub struct Settings {
    inbox: Arc<Inbox>,
    do_not_disturb: bool,
}

impl Settings {
    /// As they were left. What cannot be read is as on the first day.
    pub fn load(inbox: Arc<Inbox>) -> Self {
        let do_not_disturb = is_on(&inbox, DO_NOT_DISTURB);
        Self { inbox, do_not_disturb }
    }

    /// Whether the person wants quiet.
    pub fn do_not_disturb(&self) -> bool {
        self.do_not_disturb
    }

    /// Switches quiet on or off, for this run in any case.
    ///
    /// # Errors
    /// When it could not be stored.
    pub fn set_do_not_disturb(&mut self, on: bool) -> Result<(), InboxError> {
        self.do_not_disturb = on;
        self.inbox.put_setting(DO_NOT_DISTURB, word(on))
    }

    /// Whether the person was told that this account's sign-in has ended.
    pub fn sign_in_told(&self, account: &str) -> bool {
        is_on(&self.inbox, &sign_in_told(account))
    }

    /// The person was told, or the account is signed in again.
    pub fn set_sign_in_told(&self, account: &str, told: bool) {
        note(&self.inbox, &sign_in_told(account), told);
    }

    /// The server's id of the account's user.
    pub fn user(&self, account: &str) -> Option<String> {
        self.inbox.setting(&of(USER, account)).unwrap_or_else(|error| {
            tracing::warn!(%error, "cannot read a setting");
            None
        })
    }

    /// The server has said who the account's user is.
    pub fn set_user(&self, account: &str, user: &str) {
        if let Err(error) = self.inbox.put_setting(&of(USER, account), user) {
            tracing::warn!(%error, "cannot be noted");
        }
    }

    /// An account is gone, and with it all that was noted of it.
    pub fn forget(&self, account: &str) {
        for name in [SIGN_IN_TOLD, THIS_RUN_ONLY, USER] {
            if let Err(error) = self.inbox.remove_setting(&of(name, account)) {
                tracing::warn!(%error, name, "cannot be removed");
            }
        }
    }
}

/// Whether this account's newest session was never in the keychain, so that it ended with the run that had it.
pub fn is_this_run_only(inbox: &Inbox, account: &str) -> bool {
    is_on(inbox, &of(THIS_RUN_ONLY, account))
}

/// The account's session was kept, in the keychain or for this run only.
pub fn set_this_run_only(inbox: &Inbox, account: &str, only: bool) {
    if is_this_run_only(inbox, account) != only {
        note(inbox, &of(THIS_RUN_ONLY, account), only);
    }
}

fn sign_in_told(account: &str) -> String {
    of(SIGN_IN_TOLD, account)
}

fn of(name: &str, account: &str) -> String {
    format!("{name}:{account}")
}

fn note(inbox: &Inbox, key: &str, on: bool) {
    if let Err(error) = inbox.put_setting(key, word(on)) {
        tracing::warn!(%error, key, "cannot be noted");
    }
}

fn word(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}

fn is_on(inbox: &Inbox, key: &str) -> bool {
    match inbox.setting(key) {
        Ok(value) => value.as_deref() == Some("on"),
        Err(error) => {
            tracing::warn!(%error, key, "cannot read a setting");
            false
        }
    }
}
