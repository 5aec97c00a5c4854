//! Signed-in devices and their refresh tokens.
//!
//! The rotation rule: a refresh answers with a new token and keeps the presented one as *previous*. Until a new one is
//! first used, the previous one still works, so that a client which crashed before it stored the answer is not locked
//! out; each time, it is answered with one more new token, and all of those work until the first of them is used. For a
//! request that was given up can come in late, after the one that was sent in its stead: it must not spend what that one
//! was answered with. Any other token is proof of theft or of a copy, and ends the session.

use rusqlite::{Connection, OptionalExtension as _, params};
use time::{Duration, OffsetDateTime};

use super::{StoreError, from_sql, to_sql};
use crate::random::{self, Digest};

/// A session that lives, and whose it is. Guests have no name.
#[derive(Clone, Debug)]
pub(crate) struct Living {
    pub(crate) id: String,
    pub(crate) user: String,
    pub(crate) name: Option<String>,
}

/// How a refresh went.
pub(crate) enum Refreshed {
    /// Here is the session; the new token is stored.
    Rotated(Living),
    /// The session lived too long without a refresh.
    Expired,
    /// The token is not known; its session may have been ended before.
    Unknown,
    /// A spent token was shown: this session has just been ended.
    Reused { session: String },
}

/// Who signs in from where.
pub(crate) struct NewSession {
    pub(crate) user: String,
    pub(crate) device: String,
    pub(crate) platform: String,
    pub(crate) refresh: Digest,
    pub(crate) life: Duration,
}

/// Starts a session and names it. It has nothing to catch up with: reads before now are no news to it.
pub(crate) fn start(
    connection: &Connection,
    new: &NewSession,
    now: OffsetDateTime,
) -> Result<String, StoreError> {
    let id = random::id();
    connection.execute(
        "INSERT INTO sessions (id, user_id, device, platform, created_at, expires_at, reads_told)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, (SELECT reads FROM users WHERE id = ?2))",
        params![
            id,
            new.user,
            new.device,
            new.platform,
            now.unix_timestamp(),
            (now + new.life).unix_timestamp()
        ],
    )?;
    issue(connection, &id, new.refresh, now)?;
    Ok(id)
}

/// The living session of this id.
pub(crate) fn living(
    connection: &Connection,
    id: &str,
    now: OffsetDateTime,
) -> Result<Option<Living>, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT sessions.id, users.id, users.name FROM sessions JOIN users ON users.id = user_id
             WHERE sessions.id = ?1 AND expires_at > ?2",
        )?
        .query_row(params![id, now.unix_timestamp()], |row| {
            Ok(Living { id: row.get(0)?, user: row.get(1)?, name: row.get(2)? })
        })
        .optional()?)
}

/// Spends `presented` and puts `next` in its place; see the module for the rule.
pub(crate) fn refresh(
    connection: &Connection,
    presented: Digest,
    next: Digest,
    life: Duration,
    now: OffsetDateTime,
) -> Result<Refreshed, StoreError> {
    let found: Option<(String, String, i64)> = connection
        .query_row(
            "SELECT session_id, standing, expires_at FROM refresh_tokens
             JOIN sessions ON sessions.id = session_id WHERE hash = ?1",
            [presented.as_bytes()],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .optional()?;
    let Some((session, standing, expires_at)) = found else { return Ok(Refreshed::Unknown) };
    if expires_at <= now.unix_timestamp() {
        return Ok(Refreshed::Expired);
    }
    if standing == "spent" {
        end(connection, &session)?;
        return Ok(Refreshed::Reused { session });
    }
    if standing == "current" {
        // its first use: what was before it, and what else its predecessor was answered with, is spent
        connection.execute(
            "UPDATE refresh_tokens SET standing = iif(hash = ?2, 'previous', 'spent') WHERE session_id = ?1",
            params![session, presented.as_bytes()],
        )?;
    }
    issue(connection, &session, next, now)?;
    connection.execute(
        "UPDATE sessions SET expires_at = ?2 WHERE id = ?1",
        params![session, (now + life).unix_timestamp()],
    )?;
    match living(connection, &session, now)? {
        Some(living) => Ok(Refreshed::Rotated(living)),
        None => Ok(Refreshed::Expired),
    }
}

fn issue(
    connection: &Connection,
    session: &str,
    digest: Digest,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    connection.execute(
        "INSERT INTO refresh_tokens (hash, session_id, standing, issued_at) VALUES (?1, ?2, 'current', ?3)",
        params![digest.as_bytes(), session, now.unix_timestamp()],
    )?;
    Ok(())
}

/// Ends a session; false when there was none.
pub(crate) fn end(connection: &Connection, id: &str) -> Result<bool, StoreError> {
    Ok(connection.execute("DELETE FROM sessions WHERE id = ?1", [id])? == 1)
}

/// Which of `ids` are gone or have expired.
pub(crate) fn missing(
    connection: &Connection,
    ids: &[String],
    now: OffsetDateTime,
) -> Result<Vec<String>, StoreError> {
    let mut missing = Vec::new();
    for id in ids {
        if living(connection, id, now)?.is_none() {
            missing.push(id.clone());
        }
    }
    Ok(missing)
}

/// Forgets sessions that expired, and spent tokens of living ones, once they are older than `grace` beyond their
/// use: until then a refresh with them is told why it failed.
pub(crate) fn forget(
    connection: &Connection,
    grace: Duration,
    token_life: Duration,
    now: OffsetDateTime,
) -> Result<u64, StoreError> {
    let sessions =
        connection.execute("DELETE FROM sessions WHERE expires_at < ?1", [(now - grace).unix_timestamp()])?;
    connection.execute(
        "DELETE FROM refresh_tokens WHERE standing = 'spent' AND issued_at < ?1",
        [(now - grace - token_life).unix_timestamp()],
    )?;
    Ok(u64::try_from(sessions).unwrap_or(u64::MAX))
}

/// How many of the user's reads this session's device has confirmed.
pub(crate) fn reads_told(connection: &Connection, id: &str) -> Result<u64, StoreError> {
    let told: Option<i64> = connection
        .query_row("SELECT reads_told FROM sessions WHERE id = ?1", [id], |row| row.get(0))
        .optional()?;
    Ok(told.map_or(0, from_sql))
}

/// The device has confirmed the reads up to `no`.
pub(crate) fn confirm_reads(connection: &Connection, id: &str, no: u64) -> Result<(), StoreError> {
    connection.execute(
        "UPDATE sessions SET reads_told = max(reads_told, ?2) WHERE id = ?1",
        params![id, to_sql(no)],
    )?;
    Ok(())
}
