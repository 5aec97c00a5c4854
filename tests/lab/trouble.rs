use std::{io, path::PathBuf, time::Duration};

/// What a test, a walk or a bench ends with.
pub type Outcome<T = ()> = Result<T, Trouble>;

/// Why the lab could not do its part, or what did not happen.
#[derive(thiserror::Error)]
pub enum Trouble {
    /// Something that was awaited did not happen.
    #[error("not within {} s: {what}", limit.as_secs())]
    Late {
        /// What was awaited.
        what: String,
        /// For how long.
        limit: Duration,
    },
    /// A program could not be started.
    #[error("cannot start {program}: {source}{}", hint(source))]
    Start {
        /// Its name.
        program: String,
        /// Why.
        source: io::Error,
    },
    /// A program ended or fell silent where it should have spoken.
    #[error("{program} has ended early; it said:\n{said}")]
    Ended {
        /// Its name.
        program: String,
        /// The end of what it wrote.
        said: String,
    },
    /// One of the project's own programs is not built.
    #[error("{0} is not built; run `cargo build --workspace --bins` first")]
    NotBuilt(PathBuf),
    /// What was found is not what was expected.
    #[error("{0}")]
    Unexpected(String),
    /// The session bus.
    #[error("session bus: {0}")]
    Bus(#[from] zbus::Error),
    /// The display.
    #[error("display: {0}")]
    Display(String),
    /// The WebDriver.
    #[error("WebDriver: {0}")]
    Driver(String),
    /// The control interface.
    #[error("control interface: {0:?}")]
    Control(#[from] tidings_control::Failure),
    /// HTTP.
    #[error("HTTP: {0:?}")]
    Http(#[from] reqwest::Error),
    /// A WebSocket of the lab's own.
    #[error("WebSocket: {0}")]
    Socket(#[from] Box<tokio_tungstenite::tungstenite::Error>),
    /// Certificates.
    #[error("no certificate: {0}")]
    Certificate(#[from] rcgen::Error),
    /// JSON.
    #[error("JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// Files and sockets.
    #[error("{0}")]
    Io(#[from] io::Error),
}

fn hint(source: &io::Error) -> &'static str {
    if source.kind() == io::ErrorKind::NotFound {
        " (`cargo xtask test` installs what the tests need)"
    } else {
        ""
    }
}

/// The message, so that a test that returns its trouble prints a sentence.
impl std::fmt::Debug for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

impl From<zbus::fdo::Error> for Trouble {
    fn from(error: zbus::fdo::Error) -> Self {
        Self::Bus(error.into())
    }
}

impl From<tokio_tungstenite::tungstenite::Error> for Trouble {
    fn from(error: tokio_tungstenite::tungstenite::Error) -> Self {
        Self::Socket(Box::new(error))
    }
}

impl From<fantoccini::error::CmdError> for Trouble {
    fn from(error: fantoccini::error::CmdError) -> Self {
        Self::Driver(error.to_string())
    }
}
