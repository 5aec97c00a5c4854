//! The tables, and the steps from each version of them to the next. A step that was released never changes.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::OpenError;
use crate::random;

/// Step `n` leads from schema version `n` to `n + 1`.
const STEPS: [&str; 3] = [
    "
    CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;

    -- guests have neither name nor password; `epoch` names the user's log, `head` is its newest seq, everything up to
    -- `pruned_to` is gone, `reads` counts what was marked read
    CREATE TABLE users (
        id TEXT PRIMARY KEY,
        name TEXT UNIQUE COLLATE NOCASE,
        password TEXT,
        epoch TEXT NOT NULL,
        head INTEGER NOT NULL DEFAULT 0,
        pruned_to INTEGER NOT NULL DEFAULT 0,
        reads INTEGER NOT NULL DEFAULT 0,
        created_at INTEGER NOT NULL
    ) STRICT;

    -- the device of this session has confirmed the first `reads_told` of the user's reads
    CREATE TABLE sessions (
        id TEXT PRIMARY KEY,
        user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        device TEXT NOT NULL,
        platform TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        expires_at INTEGER NOT NULL,
        reads_told INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE INDEX sessions_by_user ON sessions (user_id);

    CREATE TABLE refresh_tokens (
        hash BLOB PRIMARY KEY,
        session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
        standing TEXT NOT NULL CHECK (standing IN ('current', 'previous', 'spent')),
        issued_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session_id);

    CREATE TABLE notifications (
        user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        seq INTEGER NOT NULL,
        id TEXT NOT NULL,
        payload TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        read_no INTEGER,
        UNIQUE (user_id, seq)
    ) STRICT;
    CREATE INDEX notifications_by_id ON notifications (user_id, id);
    CREATE INDEX notifications_by_read ON notifications (user_id, read_no) WHERE read_no IS NOT NULL;

    CREATE TABLE subscriptions (
        topic TEXT NOT NULL,
        user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        PRIMARY KEY (topic, user_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX subscriptions_by_user ON subscriptions (user_id);

    CREATE TABLE publisher_keys (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        hash BLOB NOT NULL UNIQUE,
        created_at INTEGER NOT NULL
    ) STRICT;
",
    "
    -- `request` is delivered as if it were published at `due_at`; `publisher` is who asked for it
    CREATE TABLE scheduled (
        id TEXT PRIMARY KEY,
        due_at INTEGER NOT NULL,
        publisher TEXT NOT NULL,
        request TEXT NOT NULL
    ) STRICT;
    CREATE INDEX scheduled_by_due ON scheduled (due_at);
    CREATE INDEX scheduled_by_publisher ON scheduled (publisher);
",
    "
    -- the newest notification of each sequence, whose place the next one takes
    CREATE TABLE sequences (
        topic TEXT NOT NULL,
        name TEXT NOT NULL,
        id TEXT NOT NULL,
        used_at INTEGER NOT NULL,
        PRIMARY KEY (topic, name)
    ) STRICT, WITHOUT ROWID;
",
];

/// Brings the file to the newest version, in one transaction.
pub(super) fn migrate(connection: &mut Connection, path: &Path) -> Result<(), OpenError> {
    let unusable =
        |error: rusqlite::Error| OpenError::Unusable { path: path.to_owned(), reason: error.to_string() };
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(unusable)?;
    let found: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(unusable)?;
    let known = STEPS.len() as i64;
    if found > known {
        return Err(OpenError::TooNew { path: path.to_owned(), found, known });
    }
    for step in STEPS.iter().skip(usize::try_from(found).unwrap_or(0)) {
        transaction.execute_batch(step).map_err(unusable)?;
    }
    transaction
        .execute("INSERT OR IGNORE INTO meta VALUES ('access_key', ?1)", [random::bytes()])
        .map_err(unusable)?;
    transaction.pragma_update(None, "user_version", known).map_err(unusable)?;
    transaction.commit().map_err(unusable)
}

/// Writes something, to see that it can be done.
pub(crate) fn touch(connection: &Connection) -> Result<(), super::StoreError> {
    let now = time::OffsetDateTime::now_utc().unix_timestamp().to_be_bytes();
    let write = "INSERT INTO meta VALUES ('touched_at', ?1) ON CONFLICT (key) DO UPDATE SET value = ?1";
    connection.execute(write, [now])?;
    Ok(())
}

/// The key that signs access tokens; made with the database.
pub(crate) fn access_key(connection: &Connection) -> Result<Vec<u8>, super::StoreError> {
    Ok(connection.query_row("SELECT value FROM meta WHERE key = 'access_key'", [], |row| row.get(0))?)
}
