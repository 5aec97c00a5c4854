//! What was published for later. A row goes in the very transaction that delivers it: it is delivered once.

use rusqlite::{Connection, params};
use time::OffsetDateTime;

use super::StoreError;
use crate::publish::Wish;

/// One that is due.
pub(crate) struct Due {
    pub(crate) id: String,
    /// `None` when it cannot be read.
    pub(crate) wish: Option<Wish>,
}

/// Keeps a wish; false when this publisher has `most` waiting already.
pub(crate) fn add(
    connection: &Connection,
    id: &str,
    wish: &Wish,
    due: OffsetDateTime,
    publisher: &str,
    most: i64,
) -> Result<bool, StoreError> {
    // a struct of strings, numbers and times always serialises
    let request = serde_json::to_string(wish)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
    let added = connection
        .prepare_cached(
            "INSERT INTO scheduled (id, due_at, publisher, request) SELECT ?1, ?2, ?3, ?4
             WHERE (SELECT count(*) FROM scheduled WHERE publisher = ?3) < ?5",
        )?
        .execute(params![id, due.unix_timestamp(), publisher, request, most])?;
    Ok(added == 1)
}

/// Whether anything is due.
pub(crate) fn is_due(connection: &Connection, now: OffsetDateTime) -> Result<bool, StoreError> {
    let due = "SELECT 1 FROM scheduled WHERE due_at <= ?1";
    Ok(connection.prepare_cached(due)?.exists([now.unix_timestamp()])?)
}

/// Takes out up to `limit` that are due, the earliest first.
pub(crate) fn take(
    connection: &Connection,
    now: OffsetDateTime,
    limit: usize,
) -> Result<Vec<Due>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT id, request FROM scheduled WHERE due_at <= ?1 ORDER BY due_at, rowid LIMIT ?2",
    )?;
    let rows = statement.query_map(params![now.unix_timestamp(), limit as i64], |row| {
        let request: String = row.get(1)?;
        Ok(Due { id: row.get(0)?, wish: serde_json::from_str(&request).ok() })
    })?;
    let due = rows.collect::<Result<Vec<_>, _>>()?;
    let mut remove = connection.prepare_cached("DELETE FROM scheduled WHERE id = ?1")?;
    for one in &due {
        remove.execute([&one.id])?;
    }
    Ok(due)
}

/// Removes what waits of a publisher who is one no longer.
pub(crate) fn withdraw(connection: &Connection, publisher: &str) -> Result<(), StoreError> {
    connection.execute("DELETE FROM scheduled WHERE publisher = ?1", [publisher])?;
    Ok(())
}
