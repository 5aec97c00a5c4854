use std::{
    fs, io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use crate::Outcome;

/// A throw-away folder. It is short-named and in `/tmp`, as the path of a socket holds 107 bytes.
#[derive(Debug)]
pub struct Folder {
    inner: TempDir,
}

impl Folder {
    /// Makes one; it goes away with the value.
    ///
    /// # Errors
    /// What the system reports.
    pub fn new() -> Outcome<Self> {
        Ok(Self { inner: tempfile::Builder::new().prefix("tidings-").tempdir_in("/tmp")? })
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        self.inner.path()
    }

    /// Makes a folder in it, for this user alone.
    ///
    /// # Errors
    /// What the system reports.
    pub fn sub(&self, name: &str) -> Outcome<PathBuf> {
        let path = self.path().join(name);
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&path)?;
        Ok(path)
    }

    /// Writes a file in it, with the folders that lead there.
    ///
    /// # Errors
    /// What the system reports.
    pub fn write(&self, name: &str, text: &str) -> Outcome<PathBuf> {
        let path = self.path().join(name);
        let parent = path.parent().ok_or_else(|| io::Error::other("a file has a folder"))?;
        fs::create_dir_all(parent)?;
        fs::write(&path, text)?;
        Ok(path)
    }
}
