//! What its publisher, or another device, says of all editions of a notification at once: that they were read, or are to go.
//!
//! Editions of one have the first one's id, or name the same id that they replace. What is said holds for the one that stands
//! now; a later edition is news again.

use rusqlite::{Connection, params};

use crate::{Inbox, Result, accounts, text, tidy};

impl Inbox {
    /// Takes out what stands under these ids, in this topic if one is said. It cannot be restored, and a replay does not bring
    /// it back. Returns the rows that were listed.
    pub fn withdraw(&self, account: &str, ids: &[String], topic: Option<&str>) -> Result<Vec<i64>> {
        self.each_standing(account, ids, topic, |db, id| {
            tidy::empty(db, id, false, false)?;
            Ok(db.prepare_cached("UPDATE notification SET unsent_read = 0 WHERE id = ?1")?.execute([id])? > 0)
        })
    }

    /// Marks what stands under these ids as read, in this topic if one is said. Returns the rows that were unread here.
    pub fn mark_editions_read(&self, account: &str, ids: &[String], topic: Option<&str>) -> Result<Vec<i64>> {
        self.each_standing(account, ids, topic, |db, id| {
            let mut update = db.prepare_cached(
                "UPDATE notification SET read = 1, unsent_read = 0 WHERE id = ?1 AND read = 0",
            )?;
            Ok(update.execute([id])? > 0)
        })
    }

    /// Does the same to each, in one transaction; returns those that were listed and changed.
    fn each_standing(
        &self,
        account: &str,
        ids: &[String],
        topic: Option<&str>,
        change: impl Fn(&Connection, i64) -> Result<bool>,
    ) -> Result<Vec<i64>> {
        let mut state = self.state();
        let transaction = state.begin()?;
        accounts::require(&transaction, account)?;
        let mut changed = Vec::new();
        for said in ids.iter().filter(|id| text::usable_id(id)) {
            for (id, listed) in standing(&transaction, account, said, topic)? {
                if change(&transaction, id)? && listed {
                    changed.push(id);
                }
            }
        }
        transaction.commit()?;
        Ok(changed)
    }
}

/// Rows that stand under an id, and whether they are listed.
fn standing(db: &Connection, account: &str, said: &str, topic: Option<&str>) -> Result<Vec<(i64, bool)>> {
    let mut select = db.prepare_cached(
        "SELECT id, deleted_at IS NULL FROM notification
         WHERE id IN (
            SELECT id FROM notification WHERE account = ?1 AND server_id = ?2
            UNION SELECT id FROM notification WHERE account = ?1 AND replaces = ?2 AND replaces IS NOT NULL
            UNION SELECT id FROM notification WHERE superseded = 0 AND place = (
                SELECT coalesce(place, id) FROM notification WHERE account = ?1 AND server_id = ?2))
         AND superseded = 0 AND (?3 IS NULL OR topic IS ?3) ORDER BY id",
    )?;
    let found = select.query_map(params![account, said, topic], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(found.collect::<rusqlite::Result<_>>()?)
}
