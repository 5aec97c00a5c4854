//! What people have been told, and what is known of an account beside its row, kept in the inbox under a name each.

use tidings_inbox::Inbox;

use super::Settings;

const SIGN_IN_TOLD: &str = "sign_in_told";
const THIS_RUN_ONLY: &str = "this_run_only";
const USER: &str = "user";
const AUTOSTART_CHOSEN: &str = "autostart_chosen";
const SILENT_AFTER: &str = "silent_after";

impl Settings {
    /// Whether it was said once that Tidings starts, or does not start, with the session.
    pub fn autostart_chosen(&self) -> bool {
        is_on(&self.inbox, AUTOSTART_CHOSEN)
    }

    /// It was said.
    pub fn set_autostart_chosen(&self) {
        note(&self.inbox, AUTOSTART_CHOSEN, true);
    }

    /// While there is quiet: the newest row from before it.
    pub fn silent_after(&self) -> Option<i64> {
        self.silent_after
    }

    /// Quiet begins after this row, or is over and told of.
    pub fn set_silent_after(&mut self, row: Option<i64>) {
        self.silent_after = row;
        let noted = match row {
            Some(row) => self.inbox.put_setting(SILENT_AFTER, &row.to_string()),
            None => self.inbox.remove_setting(SILENT_AFTER),
        };
        if let Err(error) = noted {
            tracing::warn!(%error, "cannot be noted");
        }
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
}

pub(super) fn silent_after(inbox: &Inbox) -> Option<i64> {
    let stored =
        inbox.setting(SILENT_AFTER).inspect_err(|error| tracing::warn!(%error, "cannot read a setting"));
    stored.ok().flatten()?.parse().ok()
}

/// An account is gone, and with it all that was noted of it.
pub(super) fn forget(inbox: &Inbox, account: &str) {
    for name in [SIGN_IN_TOLD, THIS_RUN_ONLY, USER] {
        if let Err(error) = inbox.remove_setting(&of(name, account)) {
            tracing::warn!(%error, name, "cannot be removed");
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
    if let Err(error) = inbox.put_setting(key, if on { "on" } else { "off" }) {
        tracing::warn!(%error, key, "cannot be noted");
    }
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
