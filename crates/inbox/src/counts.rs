//! How much there is: unread rows, and topics.

use crate::{Inbox, Result, TopicRow};

/// Topics that are told at most: a list that a person chooses from.
const TOPICS: i64 = 1000;

impl Inbox {
    /// Unread rows over all accounts.
    pub fn unread(&self) -> Result<u32> {
        let state = self.state();
        let mut select = state.db.prepare_cached("SELECT count(*) FROM listing WHERE read = 0")?;
        Ok(select.query_row([], |row| row.get(0))?)
    }

    /// Unread rows of one account.
    pub fn unread_of(&self, account: &str) -> Result<u32> {
        let state = self.state();
        let mut select = state.db.prepare_cached(
            "SELECT count(*) FROM listing WHERE read = 0 AND account = (SELECT position FROM account WHERE id = ?1)",
        )?;
        Ok(select.query_row([account], |row| row.get(0))?)
    }

    /// The newest unread rows among those that are not newer than `newest`.
    pub fn unread_ids(&self, newest: i64, most: usize) -> Result<Vec<i64>> {
        let state = self.state();
        let mut select = state.db.prepare_cached(
            "SELECT id FROM listing NOT INDEXED WHERE id <= ?1 AND read = 0 ORDER BY id DESC LIMIT ?2",
        )?;
        let ids = select.query_map([newest, i64::try_from(most).unwrap_or(i64::MAX)], |row| row.get(0))?;
        Ok(ids.collect::<rusqlite::Result<_>>()?)
    }

    /// The newest row that is listed.
    pub fn newest(&self) -> Result<Option<i64>> {
        let state = self.state();
        Ok(state.db.prepare_cached("SELECT max(id) FROM listing")?.query_row([], |row| row.get(0))?)
    }

    /// The topics that there are rows of, by account and name; a thousand at most.
    pub fn topics(&self) -> Result<Vec<TopicRow>> {
        let state = self.state();
        let mut select = state.db.prepare(
            "SELECT a.id, t.name, (SELECT count(*) FROM listing AS l WHERE l.topic = t.position AND l.read = 0)
             FROM topic AS t JOIN account AS a ON a.id = t.account
             WHERE EXISTS (SELECT 1 FROM listing AS l WHERE l.topic = t.position)
             ORDER BY a.position, t.name COLLATE NOCASE, t.name LIMIT ?1",
        )?;
        let topics = select.query_map([TOPICS], |row| {
            Ok(TopicRow { account: row.get(0)?, name: row.get(1)?, unread: row.get(2)? })
        })?;
        Ok(topics.collect::<rusqlite::Result<_>>()?)
    }

    /// How much there is of it.
    pub fn size(&self) -> Result<Size> {
        let state = self.state();
        let number = |query: &str| {
            let number: i64 = state.db.query_row(query, [], |row| row.get(0))?;
            Ok::<_, crate::InboxError>(u64::try_from(number).unwrap_or_default())
        };
        let rows = number("SELECT count(*) FROM listing")?;
        let bytes = number("PRAGMA page_count")? * number("PRAGMA page_size")?;
        Ok(Size { rows, bytes, in_memory: state.db.path().is_none_or(str::is_empty) })
    }
}

/// How much there is of an inbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Notifications that are listed.
    pub rows: u64,
    /// The database, without what is still in its log.
    pub bytes: u64,
    /// It is gone when the program ends.
    pub in_memory: bool,
}
