use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
};

use crate::{Outcome, Trouble, desktop::Desktop};

/// Where libraries for one architecture each lie.
const LIBRARIES: &str = "/usr/lib";

/// A clock on the wall that stands still until it is set, for one program: what that program reads of the time of day, and
/// nothing else. Its timers and deadlines go by the real one.
#[derive(Debug)]
pub struct WallClock {
    library: PathBuf,
    file: PathBuf,
}

impl WallClock {
    /// One that shows `seconds` since 1970, in UTC.
    ///
    /// # Errors
    /// When libfaketime is missing.
    pub fn at(desktop: &Desktop, seconds: i64) -> Outcome<Self> {
        let clock = Self { library: library()?, file: desktop.home().join("wall-clock") };
        clock.set(seconds)?;
        Ok(clock)
    }

    /// Sets it.
    ///
    /// # Errors
    /// What the system reports.
    pub fn set(&self, seconds: i64) -> Outcome {
        // whole or not at all, whenever it is read
        let fresh = self.file.with_extension("new");
        fs::write(&fresh, seconds.to_string())?;
        Ok(fs::rename(fresh, &self.file)?)
    }

    /// What a program needs in its environment to go by it.
    pub fn environment(&self) -> Vec<(String, OsString)> {
        let text = |name: &str, value: &str| (name.to_owned(), OsString::from(value));
        let path = |name: &str, path: &Path| (name.to_owned(), path.as_os_str().to_owned());
        vec![
            path("LD_PRELOAD", &self.library),
            path("FAKETIME_TIMESTAMP_FILE", &self.file),
            text("FAKETIME_FMT", "%s"),
            text("FAKETIME_NO_CACHE", "1"),
            text("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
            // files have the times that the real clock gave them
            text("NO_FAKE_STAT", "1"),
        ]
    }
}

fn library() -> Outcome<PathBuf> {
    let in_folder = |folder: io::Result<fs::DirEntry>| {
        let path = folder.ok()?.path().join("faketime/libfaketimeMT.so.1");
        path.is_file().then_some(path)
    };
    let missing =
        || Trouble::Start { program: "libfaketime".to_owned(), source: io::ErrorKind::NotFound.into() };
    fs::read_dir(LIBRARIES)?.find_map(in_folder).ok_or_else(missing)
}
