use std::io;

use rusqlite::ErrorCode;

/// Why the inbox could not do what it was asked. Each says what a person can do about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InboxError {
    /// No space is left on the disk, or the quota is used up. Nothing was half-written.
    #[error("the disk is full, so nothing can be stored; free some space and try again ({0})")]
    Full(String),
    /// The folder or the database cannot be written.
    #[error("the data folder cannot be written; check its permissions ({0})")]
    ReadOnly(String),
    /// A newer version of Tidings has written the database; it was not touched.
    #[error(
        "the inbox was written by a newer version of Tidings (format {found}, this one knows {known}); update Tidings"
    )]
    TooNew {
        /// Version of the schema in the file.
        found: i64,
        /// Newest version that this program knows.
        known: i64,
    },
    /// The database turned out to be damaged while in use. Opening the inbox again sets it aside.
    #[error("the inbox is damaged; start Tidings again to set it aside and begin a new one ({0})")]
    Corrupt(String),
    /// The account is not, or no longer, in the inbox.
    #[error("there is no such account: {0}")]
    NoSuchAccount(String),
    /// Anything else that the operating system or SQLite reports.
    #[error("the inbox cannot be used ({0})")]
    Other(String),
}

impl From<io::Error> for InboxError {
    fn from(error: io::Error) -> Self {
        let detail = error.to_string();
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full(detail),
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly(detail),
            _ => Self::Other(detail),
        }
    }
}

impl From<rusqlite::Error> for InboxError {
    fn from(error: rusqlite::Error) -> Self {
        let detail = error.to_string();
        let Some(cause) = error.sqlite_error() else { return Self::Other(detail) };
        match (cause.code, cause.extended_code) {
            (ErrorCode::DiskFull, _) | (_, rusqlite::ffi::SQLITE_IOERR_SHMSIZE) => Self::Full(detail),
            (ErrorCode::ReadOnly | ErrorCode::PermissionDenied, _) => Self::ReadOnly(detail),
            (ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase, _) => Self::Corrupt(detail),
            _ => Self::Other(detail),
        }
    }
}
