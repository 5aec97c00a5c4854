//! Accounts of other programs on this computer, which could move in here.
//!
//! Owns where those programs keep them and how their files are read: as a guest reads, without changing anything. What is
//! secret in them stays in [`Found`], which goes nowhere but into a sign-in; what is shown of it is [`Foreign`]. A file that
//! is none of theirs leads to a sentence or to nothing.

mod gotify_tray;
mod ntfy;
mod yaml;

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use tidings_control::{Dialect, Failure, FailureCode, Foreign, Program, Proof, SignIn};
use tidings_engine::Endpoint;
use tidings_protocol::{Secret, is_legible};

use crate::convert;

/// Largest file that is looked into, in bytes. Theirs have some hundred.
const LARGEST: u64 = 256 * 1024;
/// Accounts that one file may hold.
const MOST: usize = 50;

/// Where other programs keep their accounts.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// Files of gotify-tray.
    pub gotify_tray: Vec<PathBuf>,
    /// Files of the `ntfy` command line.
    pub ntfy: Vec<PathBuf>,
}

impl Places {
    /// Those of this computer.
    pub fn usual() -> Self {
        let Some(folder) = config_folder() else { return Self::default() };
        // Qt's own form of a file is that of Linux alone
        let gotify_tray = ["gotify-tray.conf", "gotify-tray/gotify-tray.conf"];
        let of_qt = cfg!(not(any(windows, target_os = "macos")));
        let gotify_tray = gotify_tray.iter().filter(|_| of_qt).map(|name| folder.join(name)).collect();
        let mut ntfy = vec![folder.join("ntfy").join("client.yml")];
        if cfg!(unix) {
            ntfy.push(PathBuf::from("/etc/ntfy/client.yml"));
        }
        Self { gotify_tray, ntfy }
    }
}

#[cfg(not(any(windows, target_os = "macos")))]
fn config_folder() -> Option<PathBuf> {
    let said = std::env::var_os("XDG_CONFIG_HOME").map(PathBuf::from).filter(|folder| folder.is_absolute());
    said.or_else(|| Some(std::env::home_dir()?.join(".config")))
}

#[cfg(target_os = "macos")]
fn config_folder() -> Option<PathBuf> {
    Some(std::env::home_dir()?.join("Library/Application Support"))
}

#[cfg(windows)]
fn config_folder() -> Option<PathBuf> {
    std::env::var_os("APPDATA").map(PathBuf::from)
}

/// An account as another program has it.
#[derive(Clone, Debug)]
pub struct Found {
    program: Program,
    file: PathBuf,
    dialect: Dialect,
    server: String,
    key: Key,
    topics: Vec<String>,
}

/// How it proves itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    Token(Secret),
    Password { username: String, password: Secret },
    Nothing,
}

/// Why a file cannot be taken over from. Repeats nothing of what stands in it, which may be secret.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unreadable {
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("it is no text")]
    NoText,
    #[error("it is larger than such a file can be")]
    TooLarge,
    #[error("line {0} cannot be read here")]
    Line(usize),
    #[error("it names {0}")]
    Names(&'static str),
}

impl Found {
    /// Without what is secret; `known` says whether there is such an account here already.
    pub fn shown(&self, known: bool) -> Foreign {
        let (username, proof) = match &self.key {
            Key::Token(_) => (String::new(), Proof::Token),
            Key::Password { username, .. } => (username.clone(), Proof::Password),
            Key::Nothing => (String::new(), Proof::Nothing),
        };
        Foreign {
            id: self.id(),
            program: self.program,
            file: self.file.display().to_string(),
            dialect: self.dialect,
            server: self.server.clone(),
            username,
            proof,
            topics: self.topics.clone(),
            known,
        }
    }

    /// Names it as long as its file says the same.
    fn id(&self) -> String {
        let program = match self.program {
            Program::GotifyTray => "gotify-tray",
            Program::Ntfy => "ntfy",
        };
        let proof = match &self.key {
            Key::Token(_) => "token",
            Key::Password { username, .. } => username,
            Key::Nothing => "nobody",
        };
        let topic = self.topics.first().map(|topic| format!(":{topic}")).unwrap_or_default();
        format!("{program}:{proof}@{}{topic}", self.server)
    }

    /// What signs in as it does.
    pub fn sign_in(&self) -> SignIn {
        let nothing = || String::new().into();
        let (username, password, token) = match &self.key {
            Key::Token(token) => (String::new(), nothing(), token.expose().to_owned().into()),
            Key::Password { username, password } => {
                (username.clone(), password.expose().to_owned().into(), nothing())
            }
            Key::Nothing => (String::new(), nothing(), nothing()),
        };
        SignIn {
            server: self.server.clone(),
            username,
            password,
            token,
            guest: self.key == Key::Nothing,
            dialect: Some(self.dialect),
            topics: self.topics.clone(),
            // the other program does so already, and the person sees the address
            allow_unencrypted: self.server.starts_with("http://"),
            ..SignIn::default()
        }
    }

    /// Whether an account with these is the same, as far as can be told without asking the server.
    pub fn is(&self, server: &str, dialect: Dialect, username: &str, anonymous: bool) -> bool {
        let whose = match &self.key {
            Key::Token(_) => !anonymous,
            Key::Password { username: own, .. } => own == username,
            Key::Nothing => anonymous,
        };
        self.server == server && self.dialect == dialect && whose
    }
}

/// Looks through all of these places.
///
/// # Errors
/// What is wrong with a file, where none holds anything to take over.
pub fn find(places: &Places) -> Result<Vec<Found>, Failure> {
    let (mut all, mut wrong) = (Vec::new(), None);
    let gotify_tray = places.gotify_tray.iter().map(|file| (file, gotify_tray::read as Reader));
    let ntfy = places.ntfy.iter().map(|file| (file, ntfy::read as Reader));
    for (file, read) in gotify_tray.chain(ntfy) {
        let found = match text_of(file) {
            Err(Unreadable::Io(error)) if error.kind() == io::ErrorKind::NotFound => continue,
            Ok(text) => read(file, &text),
            Err(error) => Err(error),
        };
        match found {
            Ok(found) => all.extend(found),
            Err(error) => {
                tracing::info!(file = %file.display(), %error, "cannot be taken over from");
                let message = format!("{} cannot be taken over from: {error}", file.display());
                wrong.get_or_insert(Failure::new(FailureCode::BadRequest, message));
            }
        }
    }
    let mut seen = std::collections::HashSet::new();
    all.retain(|found: &Found| seen.insert(found.id()));
    all.truncate(MOST);
    match wrong {
        Some(failure) if all.is_empty() => Err(failure),
        _ => Ok(all),
    }
}

type Reader = fn(&Path, &str) -> Result<Vec<Found>, Unreadable>;

fn text_of(file: &Path) -> Result<String, Unreadable> {
    let metadata = std::fs::metadata(file)?;
    if !metadata.is_file() {
        return Err(Unreadable::NoText);
    }
    let mut bytes = Vec::new();
    File::open(file)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        return Err(Unreadable::TooLarge);
    }
    let text = String::from_utf8(bytes).map_err(|_| Unreadable::NoText)?;
    // an editor's mark; taken for a part of the first name, it would hide what that says
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// A server's address as accounts are known by.
fn server(typed: &str, dialect: Dialect) -> Result<String, Unreadable> {
    let endpoint = Endpoint::parse(typed, convert::engine_dialect(dialect), true);
    endpoint.map(|endpoint| endpoint.server.to_string()).map_err(|_| Unreadable::Names("no server's address"))
}

/// A name or a secret on one line.
fn legible(text: &str) -> Result<&str, Unreadable> {
    if text.chars().all(is_legible) { Ok(text) } else { Err(Unreadable::Names("what cannot be written")) }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
