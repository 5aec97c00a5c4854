//! What Tidings keeps on disk: notifications, cursors, what is read, accounts and settings, in one SQLite database.
//!
//! Owns the schema, its migrations, and the promise that a notification and the cursor behind it are stored together or
//! not at all. Refuses to own any secret (the keychain's), any decision about showing (the agent's), and any clock: times
//! come in as arguments. Calls block for as long as the disk takes; none of them waits for anything else.

#[cfg(test)]
extern crate self as tidings_inbox;

mod accounts;
#[cfg(test)]
#[path = "../tests/common/mod.rs"]
mod common;
mod counts;
mod cursor;
mod error;
mod gap;
mod history;
mod open;
mod query;
mod read;
mod record;
mod retention;
mod row;
mod salvage;
mod schema;
mod settings;
mod text;
mod tidy;
#[cfg(test)]
mod trouble;
mod withdrawn;
mod withheld;
mod words;

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use cursor::Held;
use rusqlite::{Connection, Transaction, TransactionBehavior};

pub use counts::Size;
pub use error::InboxError;
pub use history::Spell;
pub use retention::{Retention, Sweep, Swept};
pub use row::{AccountRow, Disposition, Incoming, Look, Page, Query, Recorded, Row, TopicRow};
pub use tidy::{Erased, RESTORABLE};
pub use withheld::Withheld;

/// What opening the inbox came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opened {
    /// As it was left, or new.
    Ready,
    /// The database could not be read. It was kept under another name, never deleted, and a new one started.
    Replaced {
        /// Where the unreadable one is now.
        kept: PathBuf,
        /// What was wrong with it.
        reason: String,
    },
}

/// The inbox. It may be shared between threads; each call is one transaction.
#[derive(Debug)]
pub struct Inbox {
    state: Mutex<State>,
}

type Result<T> = std::result::Result<T, InboxError>;

#[derive(Debug)]
struct State {
    db: Connection,
    /// By account: the places that the cursor may not pass. In memory only, as a new start resumes anyway.
    held: HashMap<String, Held>,
}

impl State {
    /// A transaction that is the writer from its start, and undone unless committed.
    fn begin(&mut self) -> Result<Transaction<'_>> {
        Ok(self.db.transaction_with_behavior(TransactionBehavior::Immediate)?)
    }
}

impl Inbox {
    /// Opens the inbox in a folder, which is made if it is missing. A database that cannot be read is set aside.
    ///
    /// # Errors
    /// [`InboxError::Full`], [`InboxError::ReadOnly`], and [`InboxError::TooNew`] for a database of a newer version,
    /// which is not touched.
    pub fn open(folder: &Path) -> Result<(Self, Opened)> {
        let (db, opened) = open::open(folder)?;
        Ok((Self::of(db), opened))
    }

    /// An inbox that lives in memory only and is gone when dropped.
    ///
    /// # Errors
    /// [`InboxError::Other`] when SQLite cannot start.
    pub fn in_memory() -> Result<Self> {
        Ok(Self::of(open::in_memory()?))
    }

    /// Gives memory back that only busy times need, and folds the write-ahead log in.
    pub fn rest(&self) -> Result<()> {
        Ok(self
            .state()
            .db
            .execute_batch("PRAGMA wal_checkpoint(PASSIVE); PRAGMA optimize; PRAGMA shrink_memory")?)
    }

    fn of(db: Connection) -> Self {
        Self { state: Mutex::new(State { db, held: HashMap::new() }) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // a panic leaves no half-done transaction behind: dropping it has undone it
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
