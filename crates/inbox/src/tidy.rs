//! What a person keeps and throws away.
//!
//! A deleted row is listed and found no more, but can be brought back for [`RESTORABLE`]. After that its words are erased
//! and a stub stays, so that a replay does not bring it back. Deleting an unread row means that it needs no attention
//! any more: it counts as read, and the server is told so, but not before it can no longer be restored.

use rusqlite::{Connection, params};
use time::{Duration, OffsetDateTime};

use crate::{Inbox, Result, Row, query, row};

/// For how long a deleted row can be restored.
pub const RESTORABLE: Duration = Duration::minutes(10);

/// Rows that one step erases. Each has to be taken out of the search by its every trigram.
const STEP: i64 = 8;

/// What one step of [`Inbox::erase`] has done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Erased {
    /// Accounts whose servers can be told of more that was read: [`Inbox::unsent_reads`].
    pub read: Vec<String>,
    /// Accounts on whose servers more is to be deleted: [`Inbox::unsent_deletions`].
    pub deleted: Vec<String>,
    /// There is nothing further to erase now.
    pub done: bool,
}

impl Inbox {
    /// Keeps rows however old they get, or no longer. Returns those of which that was not so yet.
    pub fn keep(&self, ids: &[i64], kept: bool) -> Result<Vec<i64>> {
        self.each(ids, |db, id| {
            let mut update = db.prepare_cached(
                "UPDATE notification SET kept = ?2
                 WHERE id = ?1 AND kept <> ?2 AND id IN (SELECT id FROM listing WHERE id = ?1)",
            )?;
            Ok((update.execute(params![id, kept])? > 0).then_some(id))
        })
    }

    /// Deletes rows. Returns those that were there.
    pub fn delete(&self, ids: &[i64], now: OffsetDateTime) -> Result<Vec<i64>> {
        self.each(ids, |db, id| {
            let mut update = db.prepare_cached(
                "UPDATE notification SET deleted_at = ?2
                 WHERE id = ?1 AND id IN (SELECT id FROM listing WHERE id = ?1)",
            )?;
            Ok((update.execute(params![id, row::stored(now)])? > 0).then_some(id))
        })
    }

    /// Brings deleted rows back as they were. Returns those that still could be.
    pub fn restore(&self, ids: &[i64], now: OffsetDateTime) -> Result<Vec<Row>> {
        self.each(ids, |db, id| {
            let mut update = db.prepare_cached(
                "UPDATE notification SET deleted_at = NULL WHERE id = ?1 AND deleted_at > ?2",
            )?;
            match update.execute(params![id, row::stored(now - RESTORABLE)])? {
                0 => Ok(None),
                // one of an account that is being forgotten is not listed again
                _ => query::row(db, id),
            }
        })
    }

    /// Whether any of these rows is listed.
    pub fn has_any(&self, ids: &[i64]) -> Result<bool> {
        let state = self.state();
        let mut select = state.db.prepare_cached("SELECT 1 FROM listing WHERE id = ?1")?;
        for id in ids {
            if select.exists([id])? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// When the next deleted row is to be erased.
    pub fn next_erasure(&self) -> Result<Option<OffsetDateTime>> {
        let state = self.state();
        let mut select = state
            .db
            .prepare_cached("SELECT min(deleted_at) FROM notification WHERE deleted_at IS NOT NULL")?;
        let first: Option<i64> = select.query_row([], |row| row.get(0))?;
        Ok(first.map(|first| row::moment(first) + RESTORABLE))
    }

    /// Erases some of the rows that were deleted too long ago to be restored.
    pub fn erase(&self, now: OffsetDateTime) -> Result<Erased> {
        let mut state = self.state();
        let transaction = state.begin()?;
        let due: Vec<(i64, String, bool, bool)> = {
            let mut select = transaction.prepare_cached(
                "SELECT n.id, n.account, n.read = 0 AND n.server_id IS NOT NULL,
                    a.deletes_on_server AND n.server_id IS NOT NULL
                 FROM notification AS n JOIN account AS a ON a.id = n.account
                 WHERE n.deleted_at <= ?1 ORDER BY n.deleted_at LIMIT ?2",
            )?;
            let rows = select.query_map(params![row::stored(now - RESTORABLE), STEP], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            })?;
            rows.collect::<rusqlite::Result<_>>()?
        };
        let mut erased = Erased { done: due.len() < STEP as usize, ..Erased::default() };
        for (id, account, untold, deletes) in due {
            empty(&transaction, id, untold, deletes)?;
            if untold && !erased.read.contains(&account) {
                erased.read.push(account.clone());
            }
            if deletes && !erased.deleted.contains(&account) {
                erased.deleted.push(account);
            }
        }
        transaction.commit()?;
        Ok(erased)
    }

    /// Server's ids of what was deleted here for good and is to be deleted on the server too, oldest first; at most so many.
    pub fn unsent_deletions(&self, account: &str, most: u32) -> Result<Vec<String>> {
        let state = self.state();
        let mut select = state.db.prepare_cached(
            "SELECT server_id FROM notification
             WHERE account = ?1 AND unsent_deletion = 1 AND server_id IS NOT NULL ORDER BY id LIMIT ?2",
        )?;
        let ids = select.query_map(params![account, most], |row| row.get(0))?;
        Ok(ids.collect::<rusqlite::Result<_>>()?)
    }

    /// The server has deleted these.
    pub fn deletions_sent(&self, account: &str, server_ids: &[String]) -> Result<()> {
        let mut state = self.state();
        let transaction = state.begin()?;
        for server_id in server_ids {
            transaction
                .prepare_cached(
                    "UPDATE notification SET unsent_deletion = 0
                     WHERE account = ?1 AND server_id = ?2 AND unsent_deletion = 1",
                )?
                .execute([account, server_id])?;
        }
        Ok(transaction.commit()?)
    }

    /// Does the same to each row, in one transaction.
    fn each<T>(&self, ids: &[i64], change: impl Fn(&Connection, i64) -> Result<Option<T>>) -> Result<Vec<T>> {
        let mut state = self.state();
        let transaction = state.begin()?;
        let mut changed = Vec::new();
        for &id in ids {
            changed.extend(change(&transaction, id)?);
        }
        transaction.commit()?;
        Ok(changed)
    }
}

/// Leaves a stub of a row, by which it is known should it come again, and notes what its server is to hear of.
pub(crate) fn empty(db: &Connection, id: i64, unsent_read: bool, unsent_deletion: bool) -> Result<()> {
    db.prepare_cached(
        "UPDATE notification SET superseded = 1, deleted_at = NULL, place = coalesce(place, id), kept = 0, read = 1,
            unsent_read = max(unsent_read, ?2), unsent_deletion = ?3, title = '', body = '', topic = NULL, tags = '',
            click_url = NULL, actions = '[]', icon_url = NULL, image_url = NULL, attachment = NULL
         WHERE id = ?1",
    )?
    .execute(params![id, unsent_read, unsent_deletion])?;
    Ok(())
}
