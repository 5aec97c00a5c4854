//! What was read, numbered in the order in which it was, so that a device that was away can be told what it missed.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::{StoreError, from_sql, to_sql};

/// Notifications that became read together.
pub(crate) struct Reads {
    pub(crate) ids: Vec<String>,
    /// The number of the last one.
    pub(crate) no: u64,
}

/// Marks as read what is not read yet; `None` when that is nothing.
pub(crate) fn mark(connection: &Connection, user: &str, ids: &[String]) -> Result<Option<Reads>, StoreError> {
    let counted: Option<i64> =
        connection.query_row("SELECT reads FROM users WHERE id = ?1", [user], |row| row.get(0)).optional()?;
    let Some(mut no) = counted else { return Ok(None) };
    let mut newly = Vec::new();
    let mut statement = connection.prepare_cached(
        "UPDATE notifications SET read_no = ?3 WHERE user_id = ?1 AND id = ?2 AND read_no IS NULL",
    )?;
    for id in ids {
        if statement.execute(params![user, id, no + 1])? > 0 {
            no += 1;
            newly.push(id.clone());
        }
    }
    if newly.is_empty() {
        return Ok(None);
    }
    connection.execute("UPDATE users SET reads = ?2 WHERE id = ?1", params![user, no])?;
    Ok(Some(Reads { ids: newly, no: from_sql(no) }))
}

/// The next `limit` reads after the one numbered `after`; `None` at the end.
pub(crate) fn page(
    connection: &Connection,
    user: &str,
    after: u64,
    limit: usize,
) -> Result<Option<Reads>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT id, read_no FROM notifications WHERE user_id = ?1 AND read_no > ?2 ORDER BY read_no LIMIT ?3",
    )?;
    let rows = statement
        .query_map(params![user, to_sql(after), limit as i64], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut reads = Reads { ids: Vec::new(), no: after };
    for row in rows {
        let (id, no): (String, i64) = row?;
        reads.ids.push(id);
        reads.no = from_sql(no);
    }
    Ok((!reads.ids.is_empty()).then_some(reads))
}
