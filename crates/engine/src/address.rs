//! Where a server is. Owns reading what a person typed, and the one rule about unencrypted addresses.

use std::net::IpAddr;

use time::OffsetDateTime;
use url::{Host, Url};

use crate::{Dialect, Paths};

/// A server, and how to speak to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Base address, `http` or `https`; its path is a prefix to every path of `paths`.
    pub server: Url,
    /// How it is spoken to.
    pub dialect: Dialect,
    /// The topics that are followed, where the dialect asks for that.
    pub topics: Vec<Following>,
    /// Paths that differ from the protocol's.
    pub paths: Paths,
    /// The person accepts that everything travels in clear.
    pub allow_unencrypted: bool,
}

/// A topic that is followed.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Following {
    /// Its name.
    pub topic: String,
    /// Since when: what was published before is nobody's business.
    #[serde(with = "time::serde::rfc3339")]
    pub since: OffsetDateTime,
}

/// Why an address cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It cannot be read as an address of a server.
    #[error("{0:?} is not the address of a server")]
    Unreadable(String),
    /// It is plain `http`, not loopback, and that was not allowed.
    #[error("{0} is not encrypted; use https, or allow unencrypted connections for this account")]
    Unencrypted(String),
}

impl Endpoint {
    /// Reads an address as a person types it: without a scheme it is `https`, for loopback `http`; `ws` and `wss` are
    /// taken for their HTTP twins; a path is kept as prefix; a user name, password, query or fragment is refused, as
    /// none of them has a meaning here.
    ///
    /// # Errors
    /// [`AddressError`] when it is no such address, or is unencrypted without leave.
    pub fn parse(
        typed: &str,
        dialect: impl Into<Dialect>,
        allow_unencrypted: bool,
    ) -> Result<Self, AddressError> {
        let unreadable = || AddressError::Unreadable(without_secrets(typed));
        let server = read(typed.trim()).ok_or_else(unreadable)?;
        let (dialect, topics, paths) = (dialect.into(), Vec::new(), Paths::default());
        let endpoint = Self { server, dialect, topics, paths, allow_unencrypted };
        if endpoint.server.scheme() == "http" && !allow_unencrypted && !endpoint.is_loopback() {
            return Err(AddressError::Unencrypted(endpoint.server.to_string()));
        }
        Ok(endpoint)
    }

    /// True if the server is this very machine: no network is needed, and nothing can listen in.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.server)
    }

    /// An address below the server's, for HTTP calls.
    pub(crate) fn at(&self, path: &str) -> Url {
        let mut url = self.server.clone();
        let prefix = self.server.path().trim_end_matches('/');
        let (path, query) = match path.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (path, None),
        };
        url.set_path(&format!("{prefix}/{}", path.trim_start_matches('/')));
        url.set_query(query);
        url
    }
}

pub(crate) fn is_loopback(server: &Url) -> bool {
    match server.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => {
            address.is_loopback() || address.to_ipv4_mapped().is_some_and(|address| address.is_loopback())
        }
        None => false,
    }
}

fn read(typed: &str) -> Option<Url> {
    let mut url = match typed.split_once("://") {
        Some((scheme, rest)) => {
            let scheme = match scheme.to_ascii_lowercase().as_str() {
                "http" | "ws" => "http",
                "https" | "wss" => "https",
                _ => return None,
            };
            Url::parse(&format!("{scheme}://{rest}")).ok()?
        }
        None => {
            let bare = match typed.parse::<IpAddr>() {
                Ok(IpAddr::V6(address)) => format!("[{address}]"),
                _ => typed.to_owned(),
            };
            let url = Url::parse(&format!("https://{bare}")).ok()?;
            if is_loopback(&url) { Url::parse(&format!("http://{bare}")).ok()? } else { url }
        }
    };
    let plain = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none()
        && url.host_str().is_some_and(|host| !host.is_empty());
    if !plain {
        return None;
    }
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    Some(url)
}

/// People paste addresses with passwords and tokens in them; an error must not repeat one. Where an `@` follows a `?` or
/// `#`, there is no telling which of them is part of a password, and nothing is repeated.
fn without_secrets(typed: &str) -> String {
    let (address, query) = typed.split_once(['?', '#']).unwrap_or((typed, ""));
    let place = if query.contains('@') { "" } else { address.rsplit('@').next().unwrap_or_default() };
    place.chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use tidings_protocol::Flow;

    use super::*;

    fn parsed(typed: &str) -> Result<String, AddressError> {
        Endpoint::parse(typed, Flow::Ticket, false).map(|endpoint| endpoint.server.to_string())
    }

    #[test]
    fn what_people_type_is_understood() {
        for (typed, expected) in [
            ("alerts.example.com", "https://alerts.example.com/"),
            (" alerts.example.com:8443 ", "https://alerts.example.com:8443/"),
            ("https://alerts.example.com/", "https://alerts.example.com/"),
            ("HTTPS://Alerts.Example.com/push/", "https://alerts.example.com/push"),
            ("wss://alerts.example.com", "https://alerts.example.com/"),
            ("localhost:8080", "http://localhost:8080/"),
            ("127.0.0.1:8080", "http://127.0.0.1:8080/"),
            ("[::1]:8080", "http://[::1]:8080/"),
            ("::1", "http://[::1]/"),
            ("http://127.0.0.1", "http://127.0.0.1/"),
            ("https://localhost", "https://localhost/"),
        ] {
            assert_eq!(parsed(typed).as_deref(), Ok(expected), "{typed}");
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for typed in ["", "   ", "ftp://example.com", "https://", "a b", "https://example.com?x=1"] {
            assert!(matches!(parsed(typed), Err(AddressError::Unreadable(_))), "{typed}");
        }
    }

    #[test]
    fn unencrypted_needs_leave_unless_it_is_loopback() {
        assert!(matches!(parsed("http://example.com"), Err(AddressError::Unencrypted(_))));
        assert!(matches!(parsed("http://localhost.example.com"), Err(AddressError::Unencrypted(_))));
        assert!(Endpoint::parse("http://example.com", Flow::Token, true).is_ok());
    }

    #[test]
    fn an_error_does_not_repeat_a_password() {
        for typed in [
            "https://alice:hunter2@example.com",
            "https://alice:hunter2?@example.com",
            "https://alice:hunter2#1@example.com",
            "https://example.com/?token=hunter2",
            "https://example.com/?token=@hunter2",
            "https://example.com/#alice@hunter2",
        ] {
            let error = parsed(typed).unwrap_err();
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn a_prefix_stands_before_every_path() {
        let endpoint = Endpoint::parse("https://example.com/push/", Flow::Ticket, false).unwrap();
        assert_eq!(endpoint.at(&endpoint.paths.login).as_str(), "https://example.com/push/api/auth/login");
        let endpoint = Endpoint::parse("example.com", Flow::Ticket, false).unwrap();
        assert_eq!(endpoint.at("ws").as_str(), "https://example.com/ws");
    }
}
