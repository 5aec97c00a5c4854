//! The tables, and how a database of an older version becomes one of this version.
//!
//! `user_version` counts the migrations that a file has seen. A migration that has shipped is never edited; a change is
//! a new entry at the end. Each runs in one transaction, so a crash leaves the old version whole.

use rusqlite::{Connection, TransactionBehavior};

use crate::{InboxError, Result};

const MIGRATIONS: &[&str] =
    &[FIRST, CERTIFICATE_FILES, KEPT, LOOKS, LISTING, SPELLS, KINDS, DELETIONS, LATEST];

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

// what other kinds of server have, and what a person decides about an account of theirs. `topics` is JSON of the engine's making.
// `replaces` finds the living end of a chain whose first link was never seen here
const KINDS: &str = "
ALTER TABLE account ADD COLUMN topics TEXT;
ALTER TABLE account ADD COLUMN anonymous INTEGER NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN paused INTEGER NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN deletes_on_server INTEGER NOT NULL DEFAULT 0;
ALTER TABLE notification ADD COLUMN image_url TEXT;
ALTER TABLE notification ADD COLUMN attachment TEXT;
ALTER TABLE notification ADD COLUMN plain INTEGER NOT NULL DEFAULT 0;
ALTER TABLE notification ADD COLUMN replaces TEXT;
CREATE INDEX notification_replaces ON notification (account, replaces) WHERE replaces IS NOT NULL;
";

// what was deleted here for good and is to be deleted on the server too
const DELETIONS: &str = "
ALTER TABLE notification ADD COLUMN unsent_deletion INTEGER NOT NULL DEFAULT 0;
CREATE INDEX notification_unsent_deletion ON notification (account) WHERE unsent_deletion = 1;
";

// when the newest of those without a place of their own was published: what comes again is told by it
const LATEST: &str = "
ALTER TABLE cursor ADD COLUMN latest INTEGER;
UPDATE cursor SET latest = (SELECT max(created_at) FROM notification
    WHERE notification.account = cursor.account AND notification.epoch IS NULL);
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

// A listing has one small row for each notification that is listed: neither replaced, nor deleted, nor of an account
// that is being forgotten. Whatever a list is filtered by is in it, some 15 bytes a row, so that a filter that nothing
// passes costs no more than reading it from end to end: 100,000 rows are 1.5 MB and some ten milliseconds. An index for
// each filter would be fast for that filter alone, and slow for two of them that seldom meet.
const LISTING: &str = "
ALTER TABLE notification ADD COLUMN deleted_at INTEGER;
ALTER TABLE account ADD COLUMN gone INTEGER NOT NULL DEFAULT 0;

CREATE TABLE topic (
    position INTEGER PRIMARY KEY,
    account  TEXT NOT NULL REFERENCES account (id),
    name     TEXT NOT NULL,
    UNIQUE (account, name)
) STRICT;

CREATE TABLE listing (
    id       INTEGER PRIMARY KEY,
    account  INTEGER NOT NULL,
    topic    INTEGER,
    priority INTEGER NOT NULL,
    read     INTEGER NOT NULL,
    kept     INTEGER NOT NULL
) STRICT;

INSERT INTO topic (account, name) SELECT DISTINCT account, topic FROM notification WHERE topic IS NOT NULL;
INSERT INTO listing (id, account, topic, priority, read, kept)
    SELECT n.id, a.position, t.position, n.priority, n.read, n.kept FROM notification AS n
    JOIN account AS a ON a.id = n.account LEFT JOIN topic AS t ON t.account = n.account AND t.name = n.topic
    WHERE n.superseded = 0;

CREATE INDEX listing_unread ON listing (account) WHERE read = 0;
CREATE INDEX listing_topic ON listing (topic, read) WHERE topic IS NOT NULL;
CREATE INDEX notification_deleted ON notification (deleted_at) WHERE deleted_at IS NOT NULL;
DROP INDEX notification_account;
DROP INDEX notification_unread;

CREATE TRIGGER notification_listed AFTER INSERT ON notification BEGIN
    INSERT OR IGNORE INTO topic (account, name) SELECT new.account, new.topic WHERE new.topic IS NOT NULL;
    INSERT INTO listing (id, account, topic, priority, read, kept)
        SELECT new.id, a.position, t.position, new.priority, new.read, new.kept FROM account AS a
        LEFT JOIN topic AS t ON t.account = new.account AND t.name = new.topic
        WHERE a.id = new.account AND new.superseded = 0 AND new.deleted_at IS NULL;
END;
CREATE TRIGGER notification_marked AFTER UPDATE OF read, kept ON notification BEGIN
    UPDATE listing SET read = new.read, kept = new.kept WHERE id = new.id;
END;
CREATE TRIGGER notification_relisted AFTER UPDATE OF superseded, deleted_at ON notification BEGIN
    DELETE FROM listing WHERE id = new.id;
    INSERT INTO listing (id, account, topic, priority, read, kept)
        SELECT new.id, a.position, t.position, new.priority, new.read, new.kept FROM account AS a
        LEFT JOIN topic AS t ON t.account = new.account AND t.name = new.topic
        WHERE a.id = new.account AND a.gone = 0 AND new.superseded = 0 AND new.deleted_at IS NULL;
END;
CREATE TRIGGER notification_unlisted AFTER DELETE ON notification BEGIN
    DELETE FROM listing WHERE id = old.id;
END;
";

const SPELLS: &str = "
CREATE TABLE spell (
    account TEXT    NOT NULL REFERENCES account (id),
    began   INTEGER NOT NULL,
    state   TEXT,
    cause   TEXT,
    PRIMARY KEY (account, began)
) STRICT, WITHOUT ROWID;
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

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;
    use crate::{Inbox, Opened, Query, common};

    /// Rows in an inbox of the version before, so many that a migration does not fit into the cache.
    const ROWS: usize = 1200;

    /// A database as a version before this one has left it.
    fn older(folder: &Path, version: usize) -> Connection {
        let mut db = Connection::open(folder.join("inbox.db")).unwrap();
        db.pragma_update(None, "journal_mode", "WAL").unwrap();
        db.pragma_update(None, "synchronous", "OFF").unwrap();
        let filling = db.transaction().unwrap();
        for migration in &MIGRATIONS[..version] {
            filling.execute_batch(migration).unwrap();
        }
        filling.pragma_update(None, "user_version", version as i64).unwrap();
        let account = "INSERT INTO account (id, server, username, flow, allow_unencrypted, created_at)
            VALUES ('a', 'https://alerts.example.com', 'alice', 'ticket', 0, 1777888800000)";
        filling.execute_batch(account).unwrap();
        for row in 0..ROWS {
            let insert = "INSERT INTO notification (account, server_id, title, body, priority, topic, tags, actions,
                created_at, received_at, read, superseded) VALUES ('a', ?1, ?2, 'text', 3, ?3, '', '[]', 0, 0, ?4, ?5)";
            let topic = ["builds", "disks"][row % 2];
            let values = rusqlite::params![
                format!("n{row}"),
                format!("row {row}"),
                topic,
                row % 3 == 0,
                row % 10 == 0
            ];
            filling.execute(insert, values).unwrap();
        }
        filling.commit().unwrap();
        db.pragma_update(None, "cache_size", 10).unwrap();
        db
    }

    fn check(folder: &Path) {
        let (inbox, opened) = Inbox::open(folder).unwrap();
        assert_eq!(opened, Opened::Ready);
        let listed = (0..ROWS).filter(|row| row % 10 != 0);
        assert_eq!(inbox.unread().unwrap() as usize, listed.clone().filter(|row| row % 3 != 0).count());
        let topics = inbox.topics().unwrap();
        let unread: Vec<_> =
            topics.iter().map(|topic| (topic.name.as_str(), topic.unread as usize)).collect();
        let unread_of = |topic| listed.clone().filter(|row| row % 3 != 0 && row % 2 == topic).count();
        assert_eq!(unread, [("builds", unread_of(0)), ("disks", unread_of(1))]);
        let found = inbox.list(&Query { search: Some("row 1199".into()), ..Query::default() }).unwrap();
        assert_eq!(found.rows.iter().map(|row| row.title.as_str()).collect::<Vec<_>>(), ["row 1199"]);
        assert_eq!(inbox.accounts().unwrap(), [common::account("a")]);
    }

    #[test]
    fn an_inbox_of_any_version_becomes_one_of_this() {
        for version in 1..MIGRATIONS.len() {
            let folder = tempfile::tempdir().unwrap();
            drop(older(folder.path(), version));
            check(folder.path());
        }
    }

    #[test]
    fn a_migration_that_is_killed_at_any_step_is_done_again() {
        let mut half_done = 0;
        for version in 1..MIGRATIONS.len() {
            let folder = tempfile::tempdir().unwrap();
            let mut db = older(folder.path(), version);
            let written = |folder: &Path| fs::metadata(folder.join("inbox.db-wal")).unwrap().len();
            let before = written(folder.path());
            let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
            for migration in &MIGRATIONS[version..] {
                transaction.execute_batch(migration).unwrap();
            }
            // what is in the files now is what a crash leaves
            let crashed = tempfile::tempdir().unwrap();
            for name in ["inbox.db", "inbox.db-wal"] {
                fs::copy(folder.path().join(name), crashed.path().join(name)).unwrap();
            }
            half_done += u32::from(written(folder.path()) > before);
            drop(transaction);
            check(crashed.path());
        }
        assert!(half_done > 0, "none was so large that a part of it was on the disk");
    }
}
