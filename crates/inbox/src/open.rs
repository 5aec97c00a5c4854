//! How a database is found, opened, tuned, and set aside when it cannot be read.

use std::{
    fs,
    io::{self, Read as _},
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, config::DbConfig};
use time::{OffsetDateTime, macros::format_description};

use crate::{InboxError, Opened, Result, salvage, schema};

const NAME: &str = "inbox";

/// The files of one database; SQLite finds the others by the first one's name.
const SUFFIXES: [&str; 3] = ["db", "db-wal", "db-shm"];

// Another process has no business here; this covers a person who looks with a tool.
const BUSY: Duration = Duration::from_secs(2);

/// Opens the database in a folder, or sets it aside and starts a new one.
pub(crate) fn open(folder: &Path) -> Result<(Connection, Opened)> {
    make_private_folder(folder)?;
    match open_file(&path(folder, NAME, "db")) {
        Ok(db) => Ok((db, Opened::Ready)),
        Err(InboxError::Corrupt(reason)) => {
            let kept = set_aside(folder)?;
            tracing::warn!(kept = %kept.display(), reason, "the inbox could not be read and was set aside");
            let mut db = open_file(&path(folder, NAME, "db"))?;
            salvage::salvage(&kept, &mut db);
            Ok((db, Opened::Replaced { kept, reason }))
        }
        Err(other) => Err(other),
    }
}

/// A database in memory.
pub(crate) fn in_memory() -> Result<Connection> {
    let mut db = Connection::open_in_memory()?;
    tune(&db)?;
    schema::migrate(&mut db)?;
    Ok(db)
}

fn path(folder: &Path, name: &str, suffix: &str) -> PathBuf {
    folder.join(format!("{name}.{suffix}"))
}

fn open_file(file: &Path) -> Result<Connection> {
    refuse_newer(file)?;
    make_private_file(file)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut db = Connection::open_with_flags(file, flags)?;
    // until it is found to be sound and ours, not even its write-ahead log is folded in or removed
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    if db.is_readonly("main")? {
        return Err(InboxError::ReadOnly(file.display().to_string()));
    }
    let found = schema::version(&db)?;
    if found > schema::VERSION {
        return Err(InboxError::TooNew { found, known: schema::VERSION });
    }
    // a power cut may take the last commits, each whole: row and cursor go together, and the server replays them
    db.pragma_update(None, "journal_mode", "WAL")?;
    tune(&db)?;
    check(&db)?;
    schema::migrate(&mut db)?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    db.execute_batch("PRAGMA shrink_memory")?;
    Ok(db)
}

fn tune(db: &Connection) -> Result<()> {
    db.busy_timeout(BUSY)?;
    db.pragma_update(None, "synchronous", "NORMAL")?;
    db.pragma_update(None, "foreign_keys", true)?;
    db.pragma_update(None, "secure_delete", true)?;
    // a resident process: 256 KiB of cache, nothing mapped, and a log that is cut back to 256 KiB once it is folded in
    db.pragma_update(None, "cache_size", -256)?;
    db.pragma_update(None, "mmap_size", 0)?;
    db.pragma_update(None, "wal_autocheckpoint", 256)?;
    db.pragma_update(None, "journal_size_limit", 256 * 1024)?;
    Ok(())
}

/// Looks at every page once, as damage found now can be dealt with and damage found later cannot.
fn check(db: &Connection) -> Result<()> {
    let verdict: String = db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if verdict == "ok" { Ok(()) } else { Err(InboxError::Corrupt(verdict)) }
}

/// Reads the version from the file's header (SQLite file format §1.3.1), so that a newer file is not even opened.
fn refuse_newer(file: &Path) -> Result<()> {
    let mut header = [0; 64];
    match fs::File::open(file).and_then(|mut file| file.read_exact(&mut header)) {
        Ok(()) if header.starts_with(b"SQLite format 3\0") => {
            let found = i64::from(i32::from_be_bytes([header[60], header[61], header[62], header[63]]));
            if found > schema::VERSION {
                return Err(InboxError::TooNew { found, known: schema::VERSION });
            }
            Ok(())
        }
        Ok(()) => Ok(()),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::UnexpectedEof) => {
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}

fn make_private_folder(folder: &Path) -> Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    Ok(builder.create(folder)?)
}

/// SQLite gives its other files the permissions of the first one. Doing this here also finds out, with the operating
/// system's own words, whether folder and file can be written.
fn make_private_file(file: &Path) -> Result<()> {
    let mut options = fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file)?;
    let probe = file.with_extension("probe");
    options.open(&probe)?;
    Ok(fs::remove_file(&probe)?)
}

fn set_aside(folder: &Path) -> Result<PathBuf> {
    let stamp = OffsetDateTime::now_utc()
        .format(format_description!("[year][month][day]T[hour][minute][second]Z"))
        .unwrap_or_default();
    let free = |name: &String| SUFFIXES.iter().all(|suffix| !path(folder, name, suffix).exists());
    let names = (1..).map(|n| match n {
        1 => format!("{NAME}-unreadable-{stamp}"),
        n => format!("{NAME}-unreadable-{stamp}-{n}"),
    });
    let Some(name) = names.into_iter().find(free) else {
        return Err(InboxError::Other("no free name to set the inbox aside".into()));
    };
    // the database goes last: a crash in between leaves it in its place, to be found and set aside again
    for suffix in SUFFIXES.iter().rev() {
        match fs::rename(path(folder, NAME, suffix), path(folder, &name, suffix)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(path(folder, &name, "db"))
}
