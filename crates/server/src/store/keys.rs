//! Publishers' keys. Only their digests are kept.

use rusqlite::{Connection, OptionalExtension as _, params};
use time::OffsetDateTime;

use super::{StoreError, scheduled};
use crate::random::{self, Digest};

/// Adds a key; false when the name is taken.
pub(crate) fn add(
    connection: &Connection,
    name: &str,
    digest: Digest,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    let added = connection.execute(
        "INSERT INTO publisher_keys (id, name, hash, created_at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (name) DO NOTHING",
        params![random::id(), name, digest.as_bytes(), now.unix_timestamp()],
    )?;
    Ok(added == 1)
}

/// A key that is good.
pub(crate) struct Known {
    pub(crate) id: String,
    pub(crate) name: String,
}

/// The key with this digest.
pub(crate) fn find(connection: &Connection, digest: Digest) -> Result<Option<Known>, StoreError> {
    Ok(connection
        .prepare_cached("SELECT id, name FROM publisher_keys WHERE hash = ?1")?
        .query_row([digest.as_bytes()], |row| Ok(Known { id: row.get(0)?, name: row.get(1)? }))
        .optional()?)
}

/// What its holder is called where publishers are told apart.
pub(crate) fn publisher(name: &str) -> String {
    format!("key {name}")
}

/// Names of all keys.
pub(crate) fn list(connection: &Connection) -> Result<Vec<String>, StoreError> {
    let mut statement = connection.prepare("SELECT name FROM publisher_keys ORDER BY name")?;
    let names = statement.query_map([], |row| row.get(0))?;
    Ok(names.collect::<Result<_, _>>()?)
}

/// Removes a key and what waits of it; false when there is none of this name.
pub(crate) fn remove(connection: &Connection, name: &str) -> Result<bool, StoreError> {
    scheduled::withdraw(connection, &publisher(name))?;
    Ok(connection.execute("DELETE FROM publisher_keys WHERE name = ?1", [name])? == 1)
}
