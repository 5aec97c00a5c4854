//! What has been read: here, on another device, or on another device before it arrived here.

use rusqlite::{Connection, OptionalExtension as _, params};

use crate::{Inbox, Result, accounts, text};

/// Ids read elsewhere before they arrived here that are remembered for one account. They arrive within a replay or not
/// at all, so the oldest may go.
const EARLY: i64 = 10_000;

impl Inbox {
    /// Marks rows as read here. Returns account and server's id of those that were not yet, so that servers can be told;
    /// until then they are among the [`Inbox::unsent_reads`].
    pub fn mark_read(&self, ids: &[i64]) -> Result<Vec<(String, String)>> {
        let mut state = self.state();
        let transaction = state.begin()?;
        let mut read = Vec::new();
        {
            let mut update = transaction.prepare_cached(
                "UPDATE notification SET read = 1, unsent_read = server_id IS NOT NULL
                 WHERE id = ?1 AND read = 0 AND id IN (SELECT id FROM listing WHERE id = ?1) RETURNING account, server_id",
            )?;
            for id in ids {
                let row: Option<(String, Option<String>)> =
                    update.query_row([id], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
                read.extend(row.and_then(|(account, server_id)| Some((account, server_id?))));
            }
        }
        transaction.commit()?;
        Ok(read)
    }

    /// Marks rows as unread again, here alone: no server is told, and one that was not yet told that they were read is
    /// not told that either. Returns those that were read.
    pub fn mark_unread(&self, ids: &[i64]) -> Result<Vec<i64>> {
        let mut state = self.state();
        let transaction = state.begin()?;
        let mut unread = Vec::new();
        {
            let mut update = transaction.prepare_cached(
                "UPDATE notification SET read = 0, unsent_read = 0
                 WHERE id = ?1 AND read = 1 AND id IN (SELECT id FROM listing WHERE id = ?1)",
            )?;
            for &id in ids {
                if update.execute([id])? > 0 {
                    unread.push(id);
                }
            }
        }
        transaction.commit()?;
        Ok(unread)
    }

    /// Read on another device. Returns the rows that were unread here. An id that is not here yet is remembered, and its
    /// row will be read when it arrives.
    pub fn mark_read_by_server_id(&self, account: &str, server_ids: &[String]) -> Result<Vec<i64>> {
        let mut state = self.state();
        let transaction = state.begin()?;
        accounts::require(&transaction, account)?;
        let mut read = Vec::new();
        for server_id in server_ids.iter().filter(|id| text::usable_id(id)) {
            read.extend(mark_by_server_id(&transaction, account, server_id)?);
        }
        transaction
            .prepare_cached(
                "DELETE FROM early_read WHERE account = ?1 AND position <= (SELECT position FROM early_read
                 WHERE account = ?1 ORDER BY position DESC LIMIT 1 OFFSET ?2)",
            )?
            .execute(params![account, EARLY])?;
        transaction.commit()?;
        Ok(read)
    }

    /// Server's ids of what was read here and the server has not been told of, oldest first.
    pub fn unsent_reads(&self, account: &str) -> Result<Vec<String>> {
        let state = self.state();
        let mut select = state.db.prepare_cached(
            "SELECT server_id FROM notification WHERE account = ?1 AND unsent_read = 1 AND server_id IS NOT NULL
             ORDER BY id",
        )?;
        let ids = select.query_map([account], |row| row.get(0))?;
        Ok(ids.collect::<rusqlite::Result<_>>()?)
    }

    /// The server has been told of these.
    pub fn reads_sent(&self, account: &str, server_ids: &[String]) -> Result<()> {
        let mut state = self.state();
        let transaction = state.begin()?;
        {
            let mut update = transaction.prepare_cached(
                "UPDATE notification SET unsent_read = 0 WHERE account = ?1 AND server_id = ?2 AND unsent_read = 1",
            )?;
            for server_id in server_ids {
                update.execute([account, server_id])?;
            }
        }
        transaction.commit()?;
        Ok(())
    }
}

fn mark_by_server_id(db: &Connection, account: &str, server_id: &str) -> Result<Option<i64>> {
    let found: Option<(i64, bool)> = db
        .prepare_cached(
            "SELECT id, read = 0 AND superseded = 0 AND deleted_at IS NULL FROM notification WHERE account = ?1 AND server_id = ?2",
        )?
        .query_row([account, server_id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    match found {
        Some((id, unread)) => {
            db.prepare_cached("UPDATE notification SET read = 1, unsent_read = 0 WHERE id = ?1")?
                .execute([id])?;
            Ok(unread.then_some(id))
        }
        None => {
            db.prepare_cached("INSERT OR IGNORE INTO early_read (account, server_id) VALUES (?1, ?2)")?
                .execute([account, server_id])?;
            Ok(None)
        }
    }
}

/// Whether this id was read before it arrived. It has arrived now, so it is forgotten.
pub(crate) fn take_early(db: &Connection, account: &str, server_id: Option<&str>) -> Result<bool> {
    let Some(server_id) = server_id else { return Ok(false) };
    let taken = db
        .prepare_cached("DELETE FROM early_read WHERE account = ?1 AND server_id = ?2")?
        .execute([account, server_id])?;
    Ok(taken > 0)
}
