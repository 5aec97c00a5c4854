//! Settings of the whole app, as text under a name.

use rusqlite::OptionalExtension as _;

use crate::{Inbox, Result};

impl Inbox {
    /// A setting; `None` if it was never put.
    pub fn setting(&self, key: &str) -> Result<Option<String>> {
        let state = self.state();
        let mut select = state.db.prepare_cached("SELECT value FROM setting WHERE key = ?1")?;
        Ok(select.query_row([key], |row| row.get(0)).optional()?)
    }

    /// Puts a setting in the place of the one before.
    pub fn put_setting(&self, key: &str, value: &str) -> Result<()> {
        self.state()
            .db
            .execute("INSERT OR REPLACE INTO setting (key, value) VALUES (?1, ?2)", [key, value])?;
        Ok(())
    }

    /// Removes a setting, if it is there.
    pub fn remove_setting(&self, key: &str) -> Result<()> {
        self.state().db.execute("DELETE FROM setting WHERE key = ?1", [key])?;
        Ok(())
    }
}
