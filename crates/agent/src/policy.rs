//! An administrator's word on settings, for everybody who uses this computer: what holds until a person chooses
//! (`[preset]`), and what nobody here can change (`[locked]`). `docs/administration.md` describes the file.
//!
//! Owns reading it. It is all or nothing: a file that cannot be read, or says something that makes no sense, is told of
//! and not followed. Refuses to be a wall: whoever runs the agent can run another program just as well.

use std::{env, fs, io, path::PathBuf};

use tidings_control::Setting;
use tidings_engine::Endpoint;
use tidings_protocol::Flow;
use toml::{Table, Value};

use crate::settings;

/// Names another file, as tests and packagers need it.
const ELSEWHERE: &str = "TIDINGS_POLICY";

/// What an administrator has decided. The default is nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// What holds until a person chooses.
    pub presets: Vec<Setting>,
    /// What nobody can change.
    pub locks: Vec<Setting>,
    /// The server to sign in to.
    pub server: Option<Decided<String>>,
    /// Whether the agent starts with the session.
    pub autostart: Option<Decided<bool>>,
}

/// How firmly something is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decided<T> {
    /// Until a person chooses.
    Preset(T),
    /// For good.
    Locked(T),
}

/// Why the file is not followed.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// It is there and cannot be read.
    #[error("{}: {error}", .file.display())]
    Unreadable {
        /// Which.
        file: PathBuf,
        /// The system's reason.
        error: io::Error,
    },
    /// It makes no sense.
    #[error("{}: {reason}", .file.display())]
    Senseless {
        /// Which.
        file: PathBuf,
        /// Where and why.
        reason: String,
    },
}

impl Policy {
    /// Reads this computer's; nothing is decided where there is no file.
    ///
    /// # Errors
    /// [`PolicyError`].
    pub fn read() -> Result<Self, PolicyError> {
        let Some(file) = file() else { return Ok(Self::default()) };
        match fs::read_to_string(&file) {
            Ok(text) => Self::parse(&text).map_err(|reason| PolicyError::Senseless { file, reason }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(PolicyError::Unreadable { file, error }),
        }
    }

    /// Reads the text of one.
    ///
    /// # Errors
    /// What makes no sense, and where, for whoever has written it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let tables: Table =
            text.parse().map_err(|error: toml::de::Error| error.to_string().trim().to_owned())?;
        let mut policy = Self::default();
        for (name, table) in tables {
            let locked = match name.as_str() {
                "preset" => false,
                "locked" => true,
                other => return Err(format!("{other:?} is neither [preset] nor [locked]")),
            };
            let Value::Table(table) = table else { return Err(format!("{name} is no table")) };
            for (key, value) in table {
                policy.decide(&key, value, locked).map_err(|reason| format!("[{name}] {key}: {reason}"))?;
            }
        }
        Ok(policy)
    }

    /// Names of what is locked.
    pub fn locked(&self) -> Vec<String> {
        let settings = self.locks.iter().map(settings::name);
        let server = matches!(self.server, Some(Decided::Locked(_))).then_some("server");
        let autostart = matches!(self.autostart, Some(Decided::Locked(_))).then_some("autostart");
        settings.chain(server).chain(autostart).map(str::to_owned).collect()
    }

    fn decide(&mut self, key: &str, value: Value, locked: bool) -> Result<(), String> {
        match (key, value) {
            ("server", Value::String(server)) => {
                Endpoint::parse(&server, Flow::Ticket, true).map_err(|error| error.to_string())?;
                put(&mut self.server, server, locked);
            }
            ("autostart", Value::Boolean(on)) => put(&mut self.autostart, on, locked),
            ("server", _) => return Err("an address in quotes is expected".to_owned()),
            ("autostart", _) => return Err("true or false is expected".to_owned()),
            ("rules", _) => return Err("rules are about accounts, which only a person has".to_owned()),
            (_, value) => {
                let setting = settings::from_file(key, value)?;
                if locked { &mut self.locks } else { &mut self.presets }.push(setting);
            }
        }
        Ok(())
    }
}

/// A lock goes before a preset, whichever comes first in the file.
fn put<T>(decided: &mut Option<Decided<T>>, value: T, locked: bool) {
    if locked {
        *decided = Some(Decided::Locked(value));
    } else if decided.is_none() {
        *decided = Some(Decided::Preset(value));
    }
}

fn file() -> Option<PathBuf> {
    if let Some(elsewhere) = env::var_os(ELSEWHERE) {
        return Some(PathBuf::from(elsewhere)).filter(|file| !file.as_os_str().is_empty());
    }
    if cfg!(windows) {
        env::var_os("ProgramData").map(|folder| PathBuf::from(folder).join("Tidings").join("tidings.toml"))
    } else if cfg!(target_os = "macos") {
        Some(PathBuf::from("/Library/Application Support/Tidings/tidings.toml"))
    } else {
        Some(PathBuf::from("/etc/tidings/tidings.toml"))
    }
}

#[cfg(test)]
mod tests {
    use tidings_control::{Priority, Proxy, Theme};

    use super::*;

    #[test]
    fn presets_and_locks_are_read_by_the_names_of_settings() {
        let policy = Policy::parse(
            r#"
            [preset]
            theme = "dark"
            server = "https://early.example.com"
            autostart = true
            quiet_hours = [{ days = ["saturday", "sunday"], from = "20:00", until = "10:00" }]

            [locked]
            server = "https://alerts.example.com"
            least_priority = "high"
            keep_days = 30
            proxy = "http://proxy.example.com:3128"
            "#,
        )
        .unwrap();
        assert_eq!(policy.presets.len(), 2);
        assert!(policy.presets.contains(&Setting::Theme(Theme::Dark)));
        assert_eq!(
            policy.locks,
            [
                Setting::KeepDays(30),
                Setting::LeastPriority(Priority::High),
                Setting::Proxy(Proxy::Through("http://proxy.example.com:3128".into())),
            ]
        );
        assert_eq!(policy.server, Some(Decided::Locked("https://alerts.example.com".into())));
        assert_eq!(policy.autostart, Some(Decided::Preset(true)));
        assert_eq!(policy.locked(), ["keep_days", "least_priority", "proxy", "server"]);
    }

    #[test]
    fn what_makes_no_sense_is_told_with_its_place() {
        let table = [
            ("[preset", "TOML parse error at line 1"),
            ("[presets]", "\"presets\" is neither [preset] nor [locked]"),
            ("locked = true", "locked is no table"),
            ("[locked]\ntheme = \"blue\"", "[locked] theme: "),
            ("[locked]\ncolour = \"blue\"", "[locked] colour: there is no such setting"),
            ("[locked]\nkeep_days = 0", "[locked] keep_days: what is read can be kept for 1 to 3650 days"),
            ("[locked]\nrules = []", "[locked] rules: "),
            ("[preset]\nserver = \"\"", "[preset] server: "),
            ("[preset]\nserver = 1", "[preset] server: "),
            ("[preset]\nautostart = \"yes\"", "[preset] autostart: "),
            (
                "[locked]\nproxy = \"http://user:word@proxy\"",
                "[locked] proxy: a proxy's address cannot hold a user",
            ),
        ];
        for (text, told) in table {
            let reason = Policy::parse(text).unwrap_err();
            assert!(reason.starts_with(told), "{text}: {reason}");
        }
        assert_eq!(Policy::parse(""), Ok(Policy::default()));
    }
}
