//! Where settings come from: flags and environment first, then the TOML file, then [`Config`]'s defaults.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use clap::Args;
use serde::Deserialize;

use crate::{
    config::{Config, Tls},
    publish::{is_name, is_reserved},
};

const DEFAULT_LISTEN: &str = "127.0.0.1:8740";
const DEFAULT_DATABASE: &str = "tidings-server.db";

const DAY: Duration = Duration::from_secs(24 * 3600);
/// The longest of everything that is given in seconds.
const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);
/// The longest of everything that is given in days: a hundred years.
const MOST_DAYS: u64 = 36_500;
/// The largest number of anything.
const MOST: u64 = 1_000_000_000;

/// What is wrong with the settings, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub(super) enum SettingsError {
    #[error("cannot read the settings file {}: {reason}", path.display())]
    Unreadable { path: PathBuf, reason: String },
    #[error("the settings file {} is not right: {reason}", path.display())]
    Malformed { path: PathBuf, reason: String },
    #[error("TLS needs both --tls-cert and --tls-key")]
    HalfTls,
    #[error(
        "`{0}` is no origin as browsers send it; write it as https://app.example.com: lower case, no path, and \
         the port only if it is not the usual one"
    )]
    Origin(String),
    #[error(
        "`{0}` cannot be a topic: use 1 to 64 letters, digits and . _ - @, and none of the server's own paths"
    )]
    Topic(String),
    #[error("{name} must be between 1 and {most}")]
    Range { name: &'static str, most: u64 },
}

/// Everything that can be set, from any one source; the TOML file's keys are these names.
#[derive(Args, Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Settings {
    /// Where to listen [default: 127.0.0.1:8740].
    #[arg(long, env = "TIDINGS_SERVER_LISTEN", value_name = "ADDRESS:PORT")]
    pub(super) listen: Option<SocketAddr>,
    /// Same as the global `--database`; only the file gives it here.
    #[arg(skip)]
    pub(super) database: Option<PathBuf>,
    /// Certificate chain, PEM.
    #[arg(long, env = "TIDINGS_SERVER_TLS_CERT", value_name = "FILE")]
    pub(super) tls_cert: Option<PathBuf>,
    /// Private key, PEM.
    #[arg(long, env = "TIDINGS_SERVER_TLS_KEY", value_name = "FILE")]
    pub(super) tls_key: Option<PathBuf>,
    /// Let guests in [default: false].
    #[arg(long, env = "TIDINGS_SERVER_GUESTS", num_args = 0..=1, default_missing_value = "true")]
    pub(super) guests: Option<bool>,
    /// A topic that guests receive; repeat for more.
    #[arg(
        long = "guest-topic",
        env = "TIDINGS_SERVER_GUEST_TOPICS",
        value_delimiter = ',',
        value_name = "TOPIC"
    )]
    pub(super) guest_topics: Option<Vec<String>>,
    /// A browser origin that may call; repeat for more. Native clients need none.
    #[arg(
        long = "allow-origin",
        env = "TIDINGS_SERVER_ALLOW_ORIGINS",
        value_delimiter = ',',
        value_name = "ORIGIN"
    )]
    pub(super) allow_origins: Option<Vec<String>>,
    /// Take client addresses from X-Forwarded-For; only behind a proxy that sets it [default: false].
    #[arg(long, env = "TIDINGS_SERVER_TRUST_FORWARDED_FOR", num_args = 0..=1, default_missing_value = "true")]
    pub(super) trust_forwarded_for: Option<bool>,
    /// Seconds between clients' pings [default: 30].
    #[arg(long, env = "TIDINGS_SERVER_KEEPALIVE_SECONDS", value_name = "SECONDS")]
    pub(super) keepalive_seconds: Option<u64>,
    /// Life of an access token, in seconds [default: 900].
    #[arg(long, env = "TIDINGS_SERVER_ACCESS_TOKEN_SECONDS", value_name = "SECONDS")]
    pub(super) access_token_seconds: Option<u64>,
    /// Days after which a device that never came back has to sign in again [default: 60].
    #[arg(long, env = "TIDINGS_SERVER_SESSION_DAYS", value_name = "DAYS")]
    pub(super) session_days: Option<u64>,
    /// Days for which notifications are kept for devices that are away [default: 30].
    #[arg(long, env = "TIDINGS_SERVER_RETENTION_DAYS", value_name = "DAYS")]
    pub(super) retention_days: Option<u64>,
    /// Notifications kept per user [default: 100000].
    #[arg(long, env = "TIDINGS_SERVER_RETENTION_PER_USER", value_name = "NUMBER")]
    pub(super) retention_per_user: Option<u64>,
    /// Failed sign-ins at once from one address; one more every 30 s [default: 10].
    #[arg(long, env = "TIDINGS_SERVER_SIGN_IN_BURST", value_name = "NUMBER")]
    pub(super) sign_in_burst: Option<u32>,
    /// Publish requests at once from one publisher [default: 1000].
    #[arg(long, env = "TIDINGS_SERVER_PUBLISH_BURST", value_name = "NUMBER")]
    pub(super) publish_burst: Option<u32>,
    /// Publish requests per second from one publisher after that [default: 50].
    #[arg(long, env = "TIDINGS_SERVER_PUBLISH_PER_SECOND", value_name = "NUMBER")]
    pub(super) publish_per_second: Option<u32>,
    /// Connections open at the same time [default: 10000].
    #[arg(long, env = "TIDINGS_SERVER_MAX_CONNECTIONS", value_name = "NUMBER")]
    pub(super) max_connections: Option<usize>,
    /// Connections of one address on which nobody has signed in [default: 256].
    #[arg(long, env = "TIDINGS_SERVER_MAX_NEWCOMERS", value_name = "NUMBER")]
    pub(super) max_newcomers: Option<usize>,
    /// Largest request body, in bytes [default: 131072].
    #[arg(long, env = "TIDINGS_SERVER_MAX_BODY_BYTES", value_name = "BYTES")]
    pub(super) max_body_bytes: Option<usize>,
}

impl Settings {
    /// Reads the file, if there is one.
    pub(super) fn from_file(path: Option<&Path>) -> Result<Self, SettingsError> {
        let Some(path) = path else { return Ok(Self::default()) };
        let text = std::fs::read_to_string(path).map_err(|error| SettingsError::Unreadable {
            path: path.to_owned(),
            reason: error.to_string(),
        })?;
        toml::from_str(&text).map_err(|error| SettingsError::Malformed {
            path: path.to_owned(),
            reason: error.to_string().trim_end().to_owned(),
        })
    }

    /// `self` where it says something, else `other`.
    fn or(self, other: Self) -> Self {
        Self {
            listen: self.listen.or(other.listen),
            database: self.database.or(other.database),
            tls_cert: self.tls_cert.or(other.tls_cert),
            tls_key: self.tls_key.or(other.tls_key),
            guests: self.guests.or(other.guests),
            guest_topics: self.guest_topics.or(other.guest_topics),
            allow_origins: self.allow_origins.or(other.allow_origins),
            trust_forwarded_for: self.trust_forwarded_for.or(other.trust_forwarded_for),
            keepalive_seconds: self.keepalive_seconds.or(other.keepalive_seconds),
            access_token_seconds: self.access_token_seconds.or(other.access_token_seconds),
            session_days: self.session_days.or(other.session_days),
            retention_days: self.retention_days.or(other.retention_days),
            retention_per_user: self.retention_per_user.or(other.retention_per_user),
            sign_in_burst: self.sign_in_burst.or(other.sign_in_burst),
            publish_burst: self.publish_burst.or(other.publish_burst),
            publish_per_second: self.publish_per_second.or(other.publish_per_second),
            max_connections: self.max_connections.or(other.max_connections),
            max_newcomers: self.max_newcomers.or(other.max_newcomers),
            max_body_bytes: self.max_body_bytes.or(other.max_body_bytes),
        }
    }

    /// The configuration that flags, file and defaults amount to.
    pub(super) fn resolve(self, file: Self, database: Option<&Path>) -> Result<Config, SettingsError> {
        let database = database_path(database, &file);
        let all = self.or(file);
        let mut config = Config::new(database);
        config.tls = match (all.tls_cert, all.tls_key) {
            (Some(cert), Some(key)) => Some(Tls { cert, key }),
            (None, None) => None,
            _ => return Err(SettingsError::HalfTls),
        };
        let fallback = DEFAULT_LISTEN.parse().unwrap_or(config.listen);
        config.listen = all.listen.unwrap_or(fallback);
        config.allow_origins = all.allow_origins.unwrap_or_default();
        if let Some(wrong) = config.allow_origins.iter().find(|origin| !is_origin(origin)) {
            return Err(SettingsError::Origin(wrong.clone()));
        }
        config.guest_topics = all.guest_topics.unwrap_or_default();
        if let Some(wrong) = config.guest_topics.iter().find(|topic| !is_name(topic) || is_reserved(topic)) {
            return Err(SettingsError::Topic(wrong.clone()));
        }
        config.guests = all.guests.unwrap_or(config.guests);
        config.trust_forwarded_for = all.trust_forwarded_for.unwrap_or(config.trust_forwarded_for);
        let seconds =
            |name, value| ranged(name, value, YEAR.as_secs()).map(|value| value.map(Duration::from_secs));
        let days =
            |name, value| ranged(name, value, MOST_DAYS).map(|value| value.map(|days| DAY * days as u32));
        set(&mut config.keepalive, seconds("keepalive_seconds", all.keepalive_seconds)?);
        set(&mut config.access_token_life, seconds("access_token_seconds", all.access_token_seconds)?);
        set(&mut config.refresh_token_life, days("session_days", all.session_days)?);
        set(&mut config.retention.age, days("retention_days", all.retention_days)?);
        set(&mut config.retention.per_user, ranged("retention_per_user", all.retention_per_user, MOST)?);
        set(&mut config.sign_in_limit.burst, ranged("sign_in_burst", all.sign_in_burst, MOST)?);
        set(&mut config.publish_limit.burst, ranged("publish_burst", all.publish_burst, MOST)?);
        let per_second = ranged("publish_per_second", all.publish_per_second, MOST)?;
        set(&mut config.publish_limit.refill, per_second.map(|number| Duration::from_secs(1) / number));
        set(&mut config.max_connections, ranged("max_connections", all.max_connections, MOST)?);
        set(&mut config.max_newcomers, ranged("max_newcomers", all.max_newcomers, MOST)?);
        set(&mut config.max_body, ranged("max_body_bytes", all.max_body_bytes, MOST)?);
        Ok(config)
    }
}

/// The database that `--database` or the file names.
pub(super) fn database_path(flag: Option<&Path>, file: &Settings) -> PathBuf {
    flag.map(Path::to_owned).or_else(|| file.database.clone()).unwrap_or_else(|| DEFAULT_DATABASE.into())
}

fn set<T>(target: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *target = value;
    }
}

/// Zero would stop everything, and what is far too large would overflow a date or a semaphore later on.
fn ranged<T: Copy + TryInto<u64>>(
    name: &'static str,
    value: Option<T>,
    most: u64,
) -> Result<Option<T>, SettingsError> {
    let fits = value.is_none_or(|value| value.try_into().is_ok_and(|value| (1..=most).contains(&value)));
    if fits { Ok(value) } else { Err(SettingsError::Range { name, most }) }
}

fn is_origin(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| match url.origin() {
        // compared as text with what browsers send, so it has to be written as they write it
        origin @ url::Origin::Tuple(..) => origin.ascii_serialization() == text,
        // such as that of an app's own scheme; these have no standard form
        url::Origin::Opaque(_) => url.has_host() && !text.ends_with('/') && text.matches('/').count() == 2,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> Settings {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn a_flag_goes_before_the_file_and_the_file_before_the_default() {
        let flags = Settings { keepalive_seconds: Some(5), ..Settings::default() };
        let config = flags.resolve(file("keepalive_seconds = 7\nsession_days = 2"), None).unwrap();
        assert_eq!(config.keepalive, Duration::from_secs(5));
        assert_eq!(config.refresh_token_life, Duration::from_secs(2 * 86_400));
        assert_eq!(config.access_token_life, Duration::from_secs(900));
    }

    #[test]
    fn a_misspelt_key_is_named() {
        let error = toml::from_str::<Settings>("keepalive = 7").unwrap_err();
        assert!(error.to_string().contains("keepalive"), "{error}");
    }

    #[test]
    fn half_of_tls_an_origin_with_a_path_and_zeros_are_refused() {
        let refused = |text: &str| Settings::default().resolve(file(text), None).unwrap_err();
        assert!(matches!(refused("tls_cert = 'a.pem'"), SettingsError::HalfTls));
        assert!(matches!(refused("allow_origins = ['https://a.example/']"), SettingsError::Origin(_)));
        for never_sent in ["https://A.example", "https://a.example:443", "https://me@a.example", "null", "*"]
        {
            let text = format!("allow_origins = ['{never_sent}']");
            assert!(matches!(refused(&text), SettingsError::Origin(_)), "{never_sent}");
        }
        for (key, value) in
            [("publish_per_second", 0), ("session_days", 36_501), ("max_connections", u64::MAX >> 1)]
        {
            assert!(
                matches!(refused(&format!("{key} = {value}")), SettingsError::Range { name, .. } if name == key),
                "{key} = {value}"
            );
        }
    }

    #[test]
    fn origins_as_browsers_send_them_are_taken() {
        let text = "allow_origins = ['https://a.example', 'http://localhost:5173', 'http://[::1]:1', 'tauri://localhost']";
        assert_eq!(Settings::default().resolve(file(text), None).unwrap().allow_origins.len(), 4);
    }

    #[test]
    fn the_largest_settings_overflow_no_date() {
        let text = "session_days = 36500\nretention_days = 36500\naccess_token_seconds = 31536000";
        let config = Settings::default().resolve(file(text), None).unwrap();
        let now = time::OffsetDateTime::now_utc();
        assert!(now.checked_add(config.refresh_token_life.try_into().unwrap()).is_some());
        assert!(now.checked_add(config.access_token_life.try_into().unwrap()).is_some());
    }
}
