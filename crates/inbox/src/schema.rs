//! The tables, and how a database of an older version becomes one of this version.
//!
//! `user_version` counts the migrations that a file has seen. A migration that has shipped is never edited; a change is
//! a new entry at the end. Each runs in one transaction, so a crash leaves the old version whole.

use rusqlite::{Connection, TransactionBehavior};

use crate::{InboxError, Result};

const MIGRATIONS: &[&str] = &[FIRST, CERTIFICATE_FILES, KEPT, LOOKS];

/// The version that this program writes.
pub(crate) const VERSION: i64 = MIGRATIONS.len() as i64;

// AUTOINCREMENT keeps ids rising even after the newest row is deleted: they are the inbox's page marks.
// A superseded row stays as a stub, because its id and seq must go on being recognised as duplicates. `place` is the id
// of the first row in a chain of replacements; the one that is not superseded is the chain's living end.
// Trigrams let a search find text in the middle of a word, and in scripts that do not part words by spaces.
const FIRST: &str = "
CREATE TABLE account (
    position          INTEGER PRIMARY KEY AUTOINCREMENT,
    id                TEXT    NOT NULL UNIQUE,
    server            TEXT    NOT NULL,
    username          TEXT    NOT NULL,
    flow              TEXT    NOT NULL,
    allow_unencrypted INTEGER NOT NULL,
    paths             TEXT,
    created_at        INTEGER NOT NULL
) STRICT;

CREATE TABLE cursor (
    account TEXT    PRIMARY KEY REFERENCES account (id),
    epoch   TEXT    NOT NULL,
    seq     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE notification (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    account     TEXT    NOT NULL REFERENCES account (id),
    epoch       TEXT,
    seq         INTEGER,
    server_id   TEXT,
    title       TEXT    NOT NULL,
    body        TEXT    NOT NULL,
    priority    INTEGER NOT NULL,
    topic       TEXT,
    tags        TEXT    NOT NULL,
    click_url   TEXT,
    actions     TEXT    NOT NULL,
    icon_url    TEXT,
    created_at  INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    expires_at  INTEGER,
    read        INTEGER NOT NULL DEFAULT 0,
    unsent_read INTEGER NOT NULL DEFAULT 0,
    disposition INTEGER NOT NULL DEFAULT 0,
    place       INTEGER,
    superseded  INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE UNIQUE INDEX notification_seq ON notification (account, epoch, seq) WHERE epoch IS NOT NULL AND seq IS NOT NULL;
CREATE UNIQUE INDEX notification_server_id ON notification (account, server_id) WHERE server_id IS NOT NULL;
CREATE UNIQUE INDEX notification_place ON notification (place) WHERE place IS NOT NULL AND superseded = 0;
CREATE INDEX notification_account ON notification (account) WHERE superseded = 0;
CREATE INDEX notification_unread ON notification (account) WHERE read = 0 AND superseded = 0;
CREATE INDEX notification_pending ON notification (id) WHERE disposition = 0 AND superseded = 0;
CREATE INDEX notification_unsent_read ON notification (account) WHERE unsent_read = 1;

CREATE TABLE early_read (
    position  INTEGER PRIMARY KEY AUTOINCREMENT,
    account   TEXT NOT NULL REFERENCES account (id),
    server_id TEXT NOT NULL,
    UNIQUE (account, server_id)
) STRICT;

CREATE TABLE setting (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE VIRTUAL TABLE search USING fts5 (
    title, body, topic, tags,
    content = 'notification', content_rowid = 'id', tokenize = 'trigram remove_diacritics 1'
);
-- what is deleted must not linger in the index
INSERT INTO search (search, rank) VALUES ('secure-delete', 1);

CREATE TRIGGER notification_added AFTER INSERT ON notification BEGIN
    INSERT INTO search (rowid, title, body, topic, tags) VALUES (new.id, new.title, new.body, new.topic, new.tags);
END;
CREATE TRIGGER notification_removed AFTER DELETE ON notification BEGIN
    INSERT INTO search (search, rowid, title, body, topic, tags)
    VALUES ('delete', old.id, old.title, old.body, old.topic, old.tags);
END;
CREATE TRIGGER notification_changed AFTER UPDATE OF title, body, topic, tags ON notification BEGIN
    INSERT INTO search (search, rowid, title, body, topic, tags)
    VALUES ('delete', old.id, old.title, old.body, old.topic, old.tags);
    INSERT INTO search (rowid, title, body, topic, tags) VALUES (new.id, new.title, new.body, new.topic, new.tags);
END;
";

const CERTIFICATE_FILES: &str = "
ALTER TABLE account ADD COLUMN ca_file TEXT;
ALTER TABLE account ADD COLUMN client_certificate TEXT;
ALTER TABLE account ADD COLUMN client_key TEXT;
";

const KEPT: &str = "
ALTER TABLE notification ADD COLUMN kept INTEGER NOT NULL DEFAULT 0;
";

// those without a place come last, in the order in which they were added
const LOOKS: &str = "
ALTER TABLE account ADD COLUMN signed_out INTEGER NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN name TEXT;
ALTER TABLE account ADD COLUMN colour TEXT;
ALTER TABLE account ADD COLUMN pictures INTEGER NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN place INTEGER;
";

/// The version of a database: 0 for an empty one.
pub(crate) fn version(db: &Connection) -> Result<i64> {
    Ok(db.query_row("PRAGMA user_version", [], |row| row.get(0))?)
}

/// Brings a database to [`VERSION`].
///
/// # Errors
/// [`InboxError::TooNew`] for one that is past it, [`InboxError::Corrupt`] for one that is not an inbox at all.
pub(crate) fn migrate(db: &mut Connection) -> Result<()> {
    let found = version(db)?;
    if found > VERSION {
        return Err(InboxError::TooNew { found, known: VERSION });
    }
    let Ok(done) = usize::try_from(found) else {
        return Err(InboxError::Corrupt(format!("version {found}")));
    };
    if done == 0 {
        let objects: i64 = db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        if objects > 0 {
            return Err(InboxError::Corrupt("it is not an inbox".into()));
        }
    }
    for (index, migration) in MIGRATIONS.iter().enumerate().skip(done) {
        let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(migration)?;
        transaction.pragma_update(None, "user_version", index as i64 + 1)?;
        transaction.commit()?;
    }
    Ok(())
}
