//! People and guests: who there is, and where each one's log stands.

use rusqlite::{Connection, OptionalExtension as _, params};
use time::OffsetDateTime;

use super::{StoreError, from_sql, scheduled, to_sql};
use crate::random;

/// What signing in needs.
pub(crate) struct Credentials {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) password: Option<String>,
}

/// A line of `user list`.
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) sessions: u64,
    pub(crate) topics: Vec<String>,
}

/// Adds a person; `None` when the name is taken.
pub(crate) fn add(
    connection: &Connection,
    name: &str,
    password: &str,
    now: OffsetDateTime,
) -> Result<Option<String>, StoreError> {
    let id = random::id();
    let added = connection.execute(
        "INSERT INTO users (id, name, password, epoch, created_at) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (name) DO NOTHING",
        params![id, name, password, random::id(), now.unix_timestamp()],
    )?;
    Ok((added == 1).then_some(id))
}

/// Adds a guest.
pub(crate) fn add_guest(connection: &Connection, now: OffsetDateTime) -> Result<String, StoreError> {
    let id = random::id();
    connection.execute(
        "INSERT INTO users (id, epoch, created_at) VALUES (?1, ?2, ?3)",
        params![id, random::id(), now.unix_timestamp()],
    )?;
    Ok(id)
}

/// Removes a person and everything of theirs; `None` when there is no such person.
pub(crate) fn remove(connection: &Connection, name: &str) -> Result<Option<String>, StoreError> {
    let removed: Option<String> = connection
        .query_row("DELETE FROM users WHERE name = ?1 RETURNING id", [name], |row| row.get(0))
        .optional()?;
    if let Some(id) = &removed {
        scheduled::withdraw(connection, &publisher(id))?;
    }
    Ok(removed)
}

/// What a user is called where publishers are told apart.
pub(crate) fn publisher(id: &str) -> String {
    format!("user {id}")
}

/// Sets a password and ends every session; `None` when there is no such person.
pub(crate) fn set_password(
    connection: &Connection,
    name: &str,
    password: &str,
) -> Result<Option<String>, StoreError> {
    let id: Option<String> = connection
        .query_row("UPDATE users SET password = ?2 WHERE name = ?1 RETURNING id", [name, password], |row| {
            row.get(0)
        })
        .optional()?;
    if let Some(id) = &id {
        connection.execute("DELETE FROM sessions WHERE user_id = ?1", [id])?;
    }
    Ok(id)
}

pub(crate) fn credentials(connection: &Connection, name: &str) -> Result<Option<Credentials>, StoreError> {
    Ok(connection
        .prepare_cached("SELECT id, name, password FROM users WHERE name = ?1")?
        .query_row([name], |row| {
            Ok(Credentials { id: row.get(0)?, name: row.get(1)?, password: row.get(2)? })
        })
        .optional()?)
}

pub(crate) fn id_by_name(connection: &Connection, name: &str) -> Result<Option<String>, StoreError> {
    Ok(connection
        .prepare_cached("SELECT id FROM users WHERE name = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()?)
}

/// Everybody but guests, by name.
pub(crate) fn list(connection: &Connection) -> Result<Vec<Row>, StoreError> {
    let mut statement = connection.prepare(
        "SELECT name,
                (SELECT count(*) FROM sessions WHERE user_id = users.id),
                (SELECT group_concat(topic, ' ') FROM subscriptions WHERE user_id = users.id)
         FROM users WHERE name IS NOT NULL ORDER BY name",
    )?;
    let rows = statement.query_map([], |row| {
        Ok(Row {
            name: row.get(0)?,
            sessions: from_sql(row.get(1)?),
            topics: row
                .get::<_, Option<String>>(2)?
                .map(|topics| topics.split(' ').map(str::to_owned).collect())
                .unwrap_or_default(),
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Removes guests whose last session is gone.
pub(crate) fn remove_stranded_guests(connection: &Connection) -> Result<u64, StoreError> {
    let removed = connection.execute(
        "DELETE FROM users WHERE name IS NULL
         AND NOT EXISTS (SELECT 1 FROM sessions WHERE user_id = users.id)",
        [],
    )?;
    Ok(to_u64(removed))
}

/// Gives a user's log a new name, if it ends before `after`: then the file is older than what a client has seen.
pub(crate) fn renew_epoch(connection: &Connection, user: &str, after: u64) -> Result<bool, StoreError> {
    let renewed = connection.execute(
        "UPDATE users SET epoch = ?2 WHERE id = ?1 AND head < ?3",
        params![user, random::id(), to_sql(after)],
    )?;
    Ok(renewed == 1)
}

fn to_u64(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
