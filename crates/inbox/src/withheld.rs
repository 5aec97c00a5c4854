//! What a person was not told of while they wanted quiet, for the one word about it afterwards.

use rusqlite::params;
use tidings_protocol::Priority;

use crate::{Disposition, Inbox, Result};

/// As much of a title as anybody is told in passing, in characters.
const TITLE: i64 = 200;

/// A row that was withheld.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withheld {
    /// Its id.
    pub id: i64,
    /// The beginning of its title.
    pub title: String,
    /// How much it matters.
    pub priority: Priority,
}

impl Inbox {
    /// Rows after this one that were not shown for the sake of quiet and are unread still, oldest first.
    pub fn withheld(&self, after: i64) -> Result<Vec<Withheld>> {
        let state = self.state();
        let mut select = state.db.prepare_cached(
            "SELECT id, substr(title, 1, ?2), priority FROM notification
             WHERE id > ?1 AND read = 0 AND superseded = 0 AND deleted_at IS NULL
                AND disposition IN (?3, ?4, ?5) ORDER BY id",
        )?;
        let [one, two, three] =
            [Disposition::DoNotDisturb, Disposition::QuietHours, Disposition::DesktopQuiet].map(|d| d as u8);
        let rows = select.query_map(params![after, TITLE, one, two, three], |row| {
            let priority = Priority::nearest(row.get(2)?);
            Ok(Withheld { id: row.get(0)?, title: row.get(1)?, priority })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}
