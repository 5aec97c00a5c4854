use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

use interprocess::local_socket::{GenericFilePath, GenericNamespaced, Name, ToFsName, ToNsName};

/// Where one profile of Tidings keeps its things.
///
/// With `TIDINGS_HOME` set, everything lies under that one folder, so that tests and second profiles are isolated;
/// else in the system's usual places. No secret is ever kept in any of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    config: PathBuf,
    data: PathBuf,
    log: PathBuf,
    run: PathBuf,
    /// Absent where it is the person's own.
    downloads: Option<PathBuf>,
}

/// No home could be made out or made.
#[derive(Debug, thiserror::Error)]
pub enum HomeError {
    /// The system names no home folder for this user.
    #[error("no home folder is known for this user; set TIDINGS_HOME to a folder that Tidings may use")]
    Unknown,
    /// A folder could not be made.
    #[error("cannot make the folder {path}: {source}")]
    Create {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl Home {
    /// From `TIDINGS_HOME`, else from the system's usual places.
    ///
    /// # Errors
    /// [`HomeError::Unknown`] when neither says where.
    pub fn from_env() -> Result<Self, HomeError> {
        if let Some(folder) = env::var_os("TIDINGS_HOME").filter(|folder| !folder.is_empty()) {
            return Ok(Self::under(Path::new(&folder)));
        }
        let places = directories::ProjectDirs::from("org", "Tidings", "tidings").ok_or(HomeError::Unknown)?;
        let data = places.data_local_dir().to_owned();
        Ok(Self {
            config: places.config_local_dir().to_owned(),
            log: places.state_dir().map_or_else(|| data.join("log"), Path::to_owned),
            run: places.runtime_dir().map_or_else(|| data.join("run"), Path::to_owned),
            data,
            downloads: None,
        })
    }

    /// Everything under one folder.
    pub fn under(folder: &Path) -> Self {
        Self {
            config: folder.join("config"),
            data: folder.join("data"),
            log: folder.join("log"),
            run: folder.join("run"),
            downloads: Some(folder.join("downloads")),
        }
    }

    /// Settings that a person may edit.
    pub fn config(&self) -> &Path {
        &self.config
    }

    /// The inbox.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// Log files.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// Things that live no longer than the agent: the control socket and the lock of the single instance.
    pub fn run(&self) -> &Path {
        &self.run
    }

    /// Where a person looks for what was saved for them: their folder for downloads, else their home.
    ///
    /// # Errors
    /// [`HomeError::Unknown`] when the system names neither.
    pub fn downloads(&self) -> Result<PathBuf, HomeError> {
        if let Some(folder) = &self.downloads {
            return Ok(folder.clone());
        }
        let person = directories::UserDirs::new().ok_or(HomeError::Unknown)?;
        let folder = person.download_dir().filter(|folder| folder.is_dir());
        Ok(folder.unwrap_or(person.home_dir()).to_owned())
    }

    /// Makes a folder of this home for this user alone (mode 0700 on Unix).
    ///
    /// # Errors
    /// [`HomeError::Create`] with the folder and the reason.
    pub fn create(folder: &Path) -> Result<(), HomeError> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder).map_err(|source| HomeError::Create { path: folder.to_owned(), source })
    }

    pub(crate) fn lock_file(&self) -> PathBuf {
        self.run.join("agent.lock")
    }

    pub(crate) fn socket_file(&self) -> PathBuf {
        self.run.join("control.sock")
    }

    /// The socket's name: a file on Unix; on Windows a named pipe whose name is made from the folder.
    pub(crate) fn socket_name(&self) -> io::Result<Name<'static>> {
        if cfg!(windows) {
            let folder: String = self
                .run
                .to_string_lossy()
                .chars()
                .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' })
                .collect();
            format!("tidings-{folder}").to_ns_name::<GenericNamespaced>()
        } else {
            self.socket_file().to_fs_name::<GenericFilePath>()
        }
    }
}
