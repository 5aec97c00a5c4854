//! What can still be read of a damaged database and must not be lost: accounts, cursors and settings.
//!
//! With the cursor, the new inbox goes on where the old one stood, and misses nothing. Rows are not taken over: they
//! stay in the file that was set aside.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

/// Small tables, and the columns to take over: those of this version, else those of one before it.
const TABLES: [(&str, &[&str]); 3] = [
    (
        "account",
        &[
            "id, server, username, flow, allow_unencrypted, paths, created_at, ca_file, client_certificate, client_key, \
             signed_out, name, colour, pictures, place, gone, topics, anonymous, paused, deletes_on_server",
            "id, server, username, flow, allow_unencrypted, paths, created_at, ca_file, client_certificate, client_key, \
             signed_out, name, colour, pictures, place, gone",
            "id, server, username, flow, allow_unencrypted, paths, created_at",
        ],
    ),
    // when the latest came says nothing where none of them is left
    ("cursor", &["account, epoch, seq"]),
    ("setting", &["key, value"]),
];

/// Copies what can be read. Each table on its own: damage to one leaves the others.
pub(crate) fn salvage(kept: &Path, db: &mut Connection) {
    for (table, versions) in TABLES {
        let mut copied = Ok(0);
        for columns in versions {
            copied = copy(kept, db, table, columns);
            if copied.is_ok() {
                break;
            }
        }
        match copied {
            Ok(rows) => tracing::info!(table, rows, "taken over from the unreadable inbox"),
            Err(error) => tracing::warn!(table, %error, "lost with the unreadable inbox"),
        }
    }
}

fn copy(kept: &Path, db: &mut Connection, table: &str, columns: &str) -> rusqlite::Result<usize> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let old = Connection::open_with_flags(kept, flags)?;
    let mut select = old.prepare(&format!("SELECT {columns} FROM {table}"))?;
    let width = select.column_count();
    let marks = vec!["?"; width].join(", ");
    let transaction = db.transaction()?;
    let mut copied = 0;
    {
        let mut insert =
            transaction.prepare(&format!("INSERT OR IGNORE INTO {table} ({columns}) VALUES ({marks})"))?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let values = (0..width)
                .map(|column| row.get(column))
                .collect::<rusqlite::Result<Vec<rusqlite::types::Value>>>()?;
            // a row that no longer fits, such as the cursor of a lost account, must not cost the others
            copied += insert.execute(rusqlite::params_from_iter(values)).unwrap_or(0);
        }
    }
    transaction.commit()?;
    Ok(copied)
}
