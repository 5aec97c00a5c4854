//! What Tidings keeps on disk: notifications, cursors, what is read, accounts and settings, in one SQLite database.
//!
//! Owns the schema, its migrations, and the promise that a notification and the cursor behind it are stored together or
//! not at all. Refuses to own any secret (the keychain's), any decision about showing (the agent's), and any clock: times
//! come in as arguments. Calls block for as long as the disk takes; none of them waits for anything else.

mod error;
mod row;

use std::path::{Path, PathBuf};

pub use error::InboxError;
pub use row::{AccountRow, Disposition, Incoming, Page, Query, Recorded, Row};

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
pub struct Inbox {}

type Result<T> = std::result::Result<T, InboxError>;

fn later<T>() -> Result<T> {
    Err(InboxError::Other("not built yet".into()))
}

#[allow(unused_variables, clippy::needless_pass_by_value)]
impl Inbox {
    /// Opens the inbox in a folder, which is made if it is missing.
    pub fn open(folder: &Path) -> Result<(Self, Opened)> {
        later()
    }
    /// An inbox that lives in memory only.
    pub fn in_memory() -> Result<Self> {
        later()
    }
    /// All accounts, in the order in which they were added.
    pub fn accounts(&self) -> Result<Vec<AccountRow>> {
        later()
    }
    /// Adds an account or changes it.
    pub fn put_account(&self, account: &AccountRow) -> Result<()> {
        later()
    }
    /// Forgets an account with all that belongs to it. Returns whether there was one.
    pub fn remove_account(&self, id: &str) -> Result<bool> {
        later()
    }
    /// Stores a notification and moves the cursor, both or neither.
    pub fn record(&self, account: &str, incoming: Incoming) -> Result<Recorded> {
        later()
    }
    /// The last place in the server's log up to which everything is stored.
    pub fn cursor(&self, account: &str) -> Result<Option<(String, u64)>> {
        later()
    }
    /// The cursor, for a connection that starts now: whatever could not be stored is behind it and comes again.
    pub fn resume_from(&self, account: &str) -> Result<Option<(String, u64)>> {
        later()
    }
    /// Sets the cursor of an account that has none. Returns whether it did.
    pub fn set_cursor_if_absent(&self, account: &str, epoch: &str, seq: u64) -> Result<bool> {
        later()
    }
    /// The server's replay is over: moves the cursor up to `head`, or into a new epoch.
    pub fn resumed(&self, account: &str, epoch: &str, head: u64) -> Result<()> {
        later()
    }
    /// Decides about a pending row, once. Returns whether this call did it.
    pub fn decide(&self, id: i64, disposition: Disposition) -> Result<bool> {
        later()
    }
    /// Rows that were recorded but never decided, oldest first.
    pub fn pending(&self) -> Result<Vec<Row>> {
        later()
    }
    /// A page of rows, newest first.
    pub fn list(&self, query: &Query) -> Result<Page> {
        later()
    }
    /// One row.
    pub fn row(&self, id: i64) -> Result<Option<Row>> {
        later()
    }
    /// Marks rows as read here. Returns account and server's id of those that were not yet, so that servers can be told.
    pub fn mark_read(&self, ids: &[i64]) -> Result<Vec<(String, String)>> {
        later()
    }
    /// As [`Inbox::mark_read`], for every row.
    pub fn mark_all_read(&self) -> Result<Vec<(String, String)>> {
        later()
    }
    /// Read on another device. Returns the rows that were unread here; ids that are not here yet are remembered.
    pub fn mark_read_by_server_id(&self, account: &str, server_ids: &[String]) -> Result<Vec<i64>> {
        later()
    }
    /// Server's ids of what was read here and the server has not been told of.
    pub fn unsent_reads(&self, account: &str) -> Result<Vec<String>> {
        later()
    }
    /// The server has been told of these.
    pub fn reads_sent(&self, account: &str, server_ids: &[String]) -> Result<()> {
        later()
    }
    /// Unread rows over all accounts.
    pub fn unread(&self) -> Result<u32> {
        later()
    }
    /// Unread rows of one account.
    pub fn unread_of(&self, account: &str) -> Result<u32> {
        later()
    }
    /// A setting.
    pub fn setting(&self, key: &str) -> Result<Option<String>> {
        later()
    }
    /// Changes a setting.
    pub fn put_setting(&self, key: &str, value: &str) -> Result<()> {
        later()
    }
    /// Gives memory back that only busy times need.
    pub fn rest(&self) -> Result<()> {
        later()
    }
}
