//! Whether part of an account's log went by unseen: the server no longer had it when it was asked for.
//!
//! It is noted before anything that lies beyond it, so that no crash lets it be forgotten before a person has seen it.

use rusqlite::Connection;

use crate::{Inbox, Result};

impl Inbox {
    /// Part of the account's log is gone, as the server says.
    pub fn note_gap(&self, account: &str) -> Result<()> {
        self.put_setting(&key(account), "on")
    }

    /// Whether something was passed over since the person last said to have seen it.
    pub fn has_gap(&self, account: &str) -> Result<bool> {
        Ok(self.setting(&key(account))?.is_some())
    }

    /// The person has seen it.
    pub fn gap_seen(&self, account: &str) -> Result<()> {
        self.remove_setting(&key(account))
    }
}

/// An account is gone, and what was noted of it.
pub(crate) fn forget(db: &Connection, account: &str) -> Result<()> {
    db.execute("DELETE FROM setting WHERE key = ?1", [key(account)])?;
    Ok(())
}

fn key(account: &str) -> String {
    format!("gap:{account}")
}
