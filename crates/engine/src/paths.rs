//! The paths of `docs/protocol.md`, and those that an account has in their place. Owns their names, and what a path may be.

use std::collections::BTreeMap;

/// A path is typed by a person, and stands in every log line of a call.
const LONGEST: usize = 512;

/// The paths of `docs/protocol.md`, each of which an account may override.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    /// Who answers there.
    pub info: String,
    /// Sign in.
    pub login: String,
    /// Sign in without a name.
    pub guest: String,
    /// Renew the token.
    pub refresh: String,
    /// Sign out.
    pub logout: String,
    /// Ticket flow: fetch a ticket.
    pub ticket: String,
    /// Ticket flow: the socket.
    pub socket_ticket: String,
    /// Token flow: the socket.
    pub socket_token: String,
}

/// Why a path cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// There is no path of this name.
    #[error("there is no path called {0:?}; there are {known}", known = Paths::NAMES.join(", "))]
    UnknownName(String),
    /// It is no path.
    #[error(
        "the {0} path is no path; it starts with a slash, such as /api/v2/{0}, and has neither spaces nor a #"
    )]
    NoPath(&'static str),
}

impl Default for Paths {
    fn default() -> Self {
        Self {
            info: "/api/info".into(),
            login: "/api/auth/login".into(),
            guest: "/api/auth/guest".into(),
            refresh: "/api/auth/refresh".into(),
            logout: "/api/auth/logout".into(),
            ticket: "/api/ws/ticket".into(),
            socket_ticket: "/ws".into(),
            socket_token: "/api/ws/notification".into(),
        }
    }
}

impl Paths {
    /// The names by which they are overridden.
    pub const NAMES: [&'static str; 8] =
        ["info", "login", "guest", "refresh", "logout", "ticket", "socket_ticket", "socket_token"];

    /// The protocol's, but for these. An empty one is the protocol's, too.
    ///
    /// # Errors
    /// [`PathError`] for the first that cannot be used.
    pub fn with(overrides: &BTreeMap<String, String>) -> Result<Self, PathError> {
        let mut paths = Self::default();
        for (name, path) in overrides {
            let unknown = || PathError::UnknownName(name.chars().take(LONGEST).collect());
            let (name, own) =
                paths.all_mut().into_iter().find(|(known, _)| known == name).ok_or_else(unknown)?;
            match path.trim() {
                "" => {}
                path if is_path(path) => path.clone_into(own),
                _ => return Err(PathError::NoPath(name)),
            }
        }
        Ok(paths)
    }

    /// Those that are not the protocol's, by name.
    pub fn overrides(&self) -> BTreeMap<String, String> {
        let (mut own, mut usual) = (self.clone(), Self::default());
        let pairs = own.all_mut().into_iter().zip(usual.all_mut());
        pairs
            .filter(|((_, own), (_, usual))| own != usual)
            .map(|((name, own), _)| (name.to_owned(), own.clone()))
            .collect()
    }

    fn all_mut(&mut self) -> [(&'static str, &mut String); 8] {
        let Self { info, login, guest, refresh, logout, ticket, socket_ticket, socket_token } = self;
        let [a, b, c, d, e, f, g, h] = Self::NAMES;
        [
            (a, info),
            (b, login),
            (c, guest),
            (d, refresh),
            (e, logout),
            (f, ticket),
            (g, socket_ticket),
            (h, socket_token),
        ]
    }
}

/// A query may follow; a fragment is never sent.
fn is_path(text: &str) -> bool {
    let fits = |c: char| !c.is_whitespace() && !c.is_control() && c != '#' && c != '\\';
    text.starts_with('/') && !text.starts_with("//") && text.len() <= LONGEST && text.chars().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: &str, path: &str) -> Result<Paths, PathError> {
        Paths::with(&BTreeMap::from([(name.to_owned(), path.to_owned())]))
    }

    #[test]
    fn what_is_overridden_is_told_by_name_and_the_rest_is_the_protocols() {
        assert_eq!(Paths::default().overrides(), BTreeMap::new());
        for name in Paths::NAMES {
            let paths = with(name, " /elsewhere?v=2 ").unwrap();
            let told = paths.overrides();
            assert_eq!(told, BTreeMap::from([(name.to_owned(), "/elsewhere?v=2".to_owned())]));
            assert_eq!(Paths::with(&told), Ok(paths));
            assert_eq!(with(name, "  "), Ok(Paths::default()));
        }
        assert_eq!(with("socket_ticket", "/socket").unwrap().socket_ticket, "/socket");
        assert_eq!(with("login", "/in").unwrap().login, "/in");
    }

    #[test]
    fn what_is_no_path_is_refused_by_its_name() {
        for path in ["ws", "https://example.com/ws", "//example.com/ws", "/a b", "/a#b", "/a\nb", "/a\\b"] {
            assert_eq!(with("ticket", path), Err(PathError::NoPath("ticket")), "{path:?}");
        }
        assert_eq!(with("ticket", &format!("/{}", "x".repeat(LONGEST))), Err(PathError::NoPath("ticket")));
        let error = with("socket", "/ws").unwrap_err();
        assert!(error.to_string().contains("socket_ticket"), "{error}");
    }
}
