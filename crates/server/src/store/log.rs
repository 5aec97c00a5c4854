//! Each user's log of notifications: appended, read in pages, pruned from its old end.

use rusqlite::{Connection, OptionalExtension as _, params};
use tidings_protocol::Notification;
use time::OffsetDateTime;

use super::{StoreError, from_sql, to_sql};
use crate::config::Retention;

/// One notification in one user's log.
pub(crate) struct Appended {
    pub(crate) user: String,
    pub(crate) seq: u64,
    /// The payload as it travels.
    pub(crate) payload: String,
}

/// Where a log stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) epoch: String,
    pub(crate) head: u64,
}

/// A stored notification on its way to a device.
pub(crate) struct Entry {
    pub(crate) seq: u64,
    pub(crate) id: String,
    pub(crate) payload: String,
    pub(crate) read: bool,
}

/// Appends to a user's log; `None` when there is no such user.
pub(crate) fn append(
    connection: &Connection,
    user: &str,
    notification: &Notification,
    now: OffsetDateTime,
) -> Result<Option<Appended>, StoreError> {
    let head: Option<i64> = connection
        .prepare_cached("UPDATE users SET head = head + 1 WHERE id = ?1 RETURNING head")?
        .query_row([user], |row| row.get(0))
        .optional()?;
    let Some(seq) = head.map(from_sql) else { return Ok(None) };
    let numbered = Notification { seq: Some(seq), ..notification.clone() };
    // a struct of strings, numbers and times always serialises
    let payload = serde_json::to_string(&numbered)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
    connection
        .prepare_cached(
            "INSERT INTO notifications (user_id, seq, id, payload, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![user, to_sql(seq), numbered.id, payload, now.unix_timestamp()])?;
    Ok(Some(Appended { user: user.to_owned(), seq, payload }))
}

/// Where the user's log stands; `None` when there is no such user.
pub(crate) fn standing(connection: &Connection, user: &str) -> Result<Option<Standing>, StoreError> {
    Ok(connection
        .prepare_cached("SELECT epoch, head FROM users WHERE id = ?1")?
        .query_row([user], |row| Ok(Standing { epoch: row.get(0)?, head: from_sql(row.get(1)?) }))
        .optional()?)
}

/// The next `limit` after `after`, oldest first, and up to where the log was pruned at that moment.
pub(crate) fn page(
    connection: &Connection,
    user: &str,
    after: u64,
    limit: usize,
) -> Result<(Vec<Entry>, u64), StoreError> {
    // one view of both
    let transaction = connection.unchecked_transaction()?;
    let pruned_to: Option<i64> = transaction
        .prepare_cached("SELECT pruned_to FROM users WHERE id = ?1")?
        .query_row([user], |row| row.get(0))
        .optional()?;
    let mut statement = transaction.prepare_cached(
        "SELECT seq, id, payload, read_no IS NOT NULL FROM notifications
         WHERE user_id = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3",
    )?;
    let rows = statement.query_map(params![user, to_sql(after), limit as i64], |row| {
        Ok(Entry { seq: from_sql(row.get(0)?), id: row.get(1)?, payload: row.get(2)?, read: row.get(3)? })
    })?;
    Ok((rows.collect::<Result<_, _>>()?, pruned_to.map_or(0, from_sql)))
}

/// Users whose log has something to prune.
pub(crate) fn overdue(
    connection: &Connection,
    retention: Retention,
    now: OffsetDateTime,
) -> Result<Vec<String>, StoreError> {
    let mut statement = connection.prepare(
        "SELECT id FROM users WHERE head - pruned_to > ?1 OR EXISTS (
             SELECT 1 FROM notifications WHERE user_id = users.id AND seq = pruned_to + 1 AND created_at < ?2)",
    )?;
    let users =
        statement.query_map(params![to_sql(retention.per_user), retention.cutoff(now)], |row| row.get(0))?;
    Ok(users.collect::<Result<_, _>>()?)
}

/// Prunes the old end of one user's log and says how many went.
pub(crate) fn prune(
    connection: &Connection,
    user: &str,
    retention: Retention,
    now: OffsetDateTime,
) -> Result<u64, StoreError> {
    let bound: Option<i64> = connection
        .query_row(
            "SELECT max(
                 head - ?2,
                 coalesce((SELECT max(seq) FROM notifications WHERE user_id = ?1 AND created_at < ?3), 0))
             FROM users WHERE id = ?1",
            params![user, to_sql(retention.per_user), retention.cutoff(now)],
            |row| row.get(0),
        )
        .optional()?;
    let Some(bound) = bound else { return Ok(0) };
    let pruned = connection
        .execute("DELETE FROM notifications WHERE user_id = ?1 AND seq <= ?2", params![user, bound])?;
    connection
        .execute("UPDATE users SET pruned_to = max(pruned_to, ?2) WHERE id = ?1", params![user, bound])?;
    Ok(u64::try_from(pruned).unwrap_or(u64::MAX))
}
