use std::{env, path::PathBuf};

use crate::{Outcome, Trouble};

/// Where the project's own programs lie.
#[derive(Clone, Debug)]
pub struct Programs {
    folder: PathBuf,
}

impl Programs {
    /// From `TIDINGS_PROGRAMS`, else the folder of the build that this very program is part of.
    ///
    /// # Errors
    /// When the own program's place is unknown.
    pub fn find() -> Outcome<Self> {
        if let Some(folder) = env::var_os("TIDINGS_PROGRAMS").filter(|folder| !folder.is_empty()) {
            return Ok(Self { folder: folder.into() });
        }
        let mut folder = env::current_exe()?;
        folder.pop();
        if folder.ends_with("deps") {
            folder.pop();
        }
        Ok(Self { folder })
    }

    /// The window.
    ///
    /// # Errors
    /// [`Trouble::NotBuilt`].
    pub fn window(&self) -> Outcome<PathBuf> {
        self.built("tidings")
    }

    /// The agent.
    ///
    /// # Errors
    /// [`Trouble::NotBuilt`].
    pub fn agent(&self) -> Outcome<PathBuf> {
        self.built("tidings-agent")
    }

    /// The server.
    ///
    /// # Errors
    /// [`Trouble::NotBuilt`].
    pub fn server(&self) -> Outcome<PathBuf> {
        self.built("tidings-server")
    }

    /// The lab's own hand in a namespace.
    ///
    /// # Errors
    /// [`Trouble::NotBuilt`].
    pub fn outpost(&self) -> Outcome<PathBuf> {
        self.built("outpost")
    }

    fn built(&self, name: &str) -> Outcome<PathBuf> {
        let path = self.folder.join(format!("{name}{}", env::consts::EXE_SUFFIX));
        if path.is_file() { Ok(path) } else { Err(Trouble::NotBuilt(path)) }
    }
}

/// Where a program of the system lies.
///
/// # Errors
/// [`Trouble::Start`], as if it had been started, when it is nowhere in `PATH`.
pub fn path_of(program: &str) -> Outcome<PathBuf> {
    let places = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&places).map(|place| place.join(program)).find(|path| path.is_file()).ok_or_else(|| {
        Trouble::Start { program: program.to_owned(), source: std::io::ErrorKind::NotFound.into() }
    })
}
