//! The database: one SQLite file in WAL mode, one thread that writes, a few connections that read.
//!
//! Owns durability: a write that was answered is on the disk (`synchronous=FULL`). Knows nothing of HTTP or sockets;
//! `then` in [`Store::write_then`] is how others hang their fan-out onto a commit.

pub(crate) mod keys;
pub(crate) mod log;
pub(crate) mod reads;
pub(crate) mod scheduled;
pub(crate) mod schema;
pub(crate) mod sequences;
pub(crate) mod sessions;
pub(crate) mod topics;
pub(crate) mod users;
mod writer;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rusqlite::Connection;
use tokio::sync::Semaphore;

/// Read connections at work at the same time; SQLite reads are short and the disk is one.
const READERS: usize = 4;

/// Why a database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It is not there and cannot be made, or it is no database, or it is locked.
    #[error("cannot open the database {}: {reason}. Check that the folder exists and is writable", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What SQLite or the system said.
        reason: String,
    },
    /// A newer server has written it.
    #[error(
        "the database {} was written by a newer tidings-server (schema {found}, this one knows {known}). \
         Install that version, or restore an older backup",
        path.display()
    )]
    TooNew {
        /// The file.
        path: PathBuf,
        /// Its schema version.
        found: i64,
        /// Ours.
        known: i64,
    },
}

/// Why a read or write failed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite said no.
    #[error("database: {0}")]
    Sqlite(Arc<rusqlite::Error>),
    /// The server is going down.
    #[error("the database is closed")]
    Closed,
    /// Something else that was written at the same time failed, and took this with it.
    #[error("database: the transaction was rolled back")]
    Interrupted,
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(Arc::new(error))
    }
}

/// See the module.
#[derive(Clone)]
pub(crate) struct Store {
    readers: Arc<Readers>,
    writer: writer::Writer,
}

struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
}

impl Store {
    /// Opens the file, creating and migrating it as needed. Blocks.
    pub(crate) fn open(path: &Path) -> Result<Self, OpenError> {
        let unusable = |reason: String| OpenError::Unusable { path: path.to_owned(), reason };
        // SQLite takes some names for something else than files
        let path = &std::path::absolute(path).map_err(|error| unusable(error.to_string()))?;
        create_private(path).map_err(|error| unusable(error.to_string()))?;
        let mut connection = connect(path).map_err(|error| unusable(error.to_string()))?;
        schema::migrate(&mut connection, path)?;
        let writer = writer::Writer::start(connection).map_err(|error| unusable(error.to_string()))?;
        let readers = Readers {
            path: path.to_owned(),
            idle: Mutex::new(Vec::new()),
            permits: Arc::new(Semaphore::new(READERS)),
        };
        Ok(Self { readers: Arc::new(readers), writer })
    }

    /// Runs `work` on a read connection, off the async threads.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let readers = Arc::clone(&self.readers);
        let permits = Arc::clone(&self.readers.permits);
        let permit = permits.acquire_owned().await.map_err(|_| StoreError::Closed)?;
        tokio::task::spawn_blocking(move || {
            let connection = match readers.idle().pop() {
                Some(connection) => connection,
                None => connect(&readers.path)?,
            };
            let result = work(&connection);
            readers.idle().push(connection);
            // not before: a caller that hangs up does not end the work
            drop(permit);
            result
        })
        .await
        .map_err(|_| StoreError::Closed)?
    }

    /// Runs `work` in a transaction on the writing thread; the answer comes after the commit is on the disk.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.write_then(work, |_| ()).await
    }

    /// As [`Store::write`], and calls `then` right after the commit, on the writing thread: in commit order, and
    /// before anything that is written later. It must not block.
    pub(crate) async fn write_then<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
        then: impl FnOnce(&T) + Send + 'static,
    ) -> Result<T, StoreError> {
        self.writer.submit(work, then).await
    }
}

impl Readers {
    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // 202 promises that a power cut loses nothing
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// The file holds the signing key and password hashes; SQLite gives its side files the same mode.
///
/// One that is there is not even opened: closing it again would take away the locks that SQLite holds on it, should
/// this process have it open elsewhere.
fn create_private(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            warn_if_shared(path);
            Ok(())
        }
        opened => opened.map(drop),
    }
}

/// A copy that was put back often has the mode of any other file; who else may read it is its owner's to say.
fn warn_if_shared(path: &Path) {
    #[cfg(unix)]
    if let Ok(found) = std::fs::metadata(path) {
        let mode = std::os::unix::fs::PermissionsExt::mode(&found.permissions());
        if mode & 0o077 != 0 {
            tracing::warn!(
                "other users of this machine can read {}, and with it the key to every session: chmod 600 it",
                path.display()
            );
        }
    }
    #[cfg(not(unix))]
    let _ = path;
}

/// SQLite's integers are signed; ours count from zero and stay far below the difference.
pub(crate) fn to_sql(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The way back.
pub(crate) fn from_sql(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_of_a_newer_server_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("server.db");
        drop(Store::open(&path).unwrap());
        connect(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
        assert!(matches!(Store::open(&path), Err(OpenError::TooNew { found: 99, .. })));
    }

    #[test]
    fn a_database_of_an_earlier_server_is_brought_up_to_now() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("server.db");
        drop(Store::open(&path).unwrap());
        let connection = connect(&path).unwrap();
        // as the first version left it
        connection
            .execute_batch("DROP TABLE scheduled; DROP TABLE sequences; PRAGMA user_version = 1")
            .unwrap();
        drop(Store::open(&path).unwrap());
        assert!(!scheduled::is_due(&connection, time::OffsetDateTime::now_utc()).unwrap());
    }

    #[tokio::test]
    async fn the_signing_key_is_made_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("server.db");
        let first = Store::open(&path).unwrap().read(schema::access_key).await.unwrap();
        let second = Store::open(&path).unwrap().read(schema::access_key).await.unwrap();
        assert_eq!((first.len(), &first), (32, &second));
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_may_read_the_file() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("server.db");
        let _store = Store::open(&path).unwrap();
        for file in std::fs::read_dir(folder.path()).unwrap() {
            let mode = file.unwrap().metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }
}
