//! A `tidings://` link: `tidings://add?server=https://alerts.example.com&user=alice` offers an account.
//!
//! Owns reading one. Anybody can make a person click a link, so what is not exactly of this form is refused, and what is
//! becomes words on a page that asks. Refuses to do anything: nothing is contacted, and nothing is added.

use tidings_control::{Failure, FailureCode, SignInHint};
use tidings_engine::Endpoint;
use tidings_protocol::{Flow, is_legible};
use url::Url;

/// Longest link. Desktops and browsers cut longer ones.
const LONGEST: usize = 2048;
/// Longest user name, in characters.
const LONGEST_USER: usize = 128;

/// What a link offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// `http` or `https`, without credentials; a name with foreign letters is in its ASCII form.
    pub server: Url,
    /// Who to sign in as, where the link says so.
    pub user: Option<String>,
}

impl Invitation {
    /// Reads a link.
    ///
    /// # Errors
    /// `BAD_REQUEST` with what is wrong with it. The link is not repeated: it may hold what should not be in a log.
    pub fn read(link: &str) -> Result<Self, Failure> {
        if link.len() > LONGEST {
            return Err(bad(format!("is longer than {LONGEST} characters")));
        }
        let url = Url::parse(link).map_err(|error| bad(format!("cannot be read: {error}")))?;
        if url.scheme() != "tidings" {
            return Err(bad("does not begin with tidings:"));
        }
        let bare = url.username().is_empty() && url.password().is_none() && url.port().is_none();
        if url.host_str() != Some("add")
            || !matches!(url.path(), "" | "/")
            || !bare
            || url.fragment().is_some()
        {
            return Err(bad("asks for something that is not known here; only tidings://add?server=… is"));
        }
        let (mut server, mut user) = (None, None);
        for (name, value) in url.query_pairs() {
            let (place, value) = match name.as_ref() {
                "server" => (&mut server, value),
                "user" => (&mut user, value),
                _ => return Err(bad("says more than server and user")),
            };
            if place.replace(value.into_owned()).is_some() {
                return Err(bad("says the same thing twice"));
            }
        }
        let server = server.ok_or_else(|| bad("names no server"))?;
        Ok(Self {
            server: read_server(&server)?,
            user: user.as_deref().map(read_user).transpose()?.flatten(),
        })
    }

    /// Whether it leads to the server at this address.
    pub fn leads_to(&self, server: &str) -> bool {
        address(server).is_some_and(|server| server == self.server)
    }

    /// What the window fills in.
    pub fn hint(self, server_locked: bool) -> SignInHint {
        let server = self.server.as_str().trim_end_matches('/').to_owned();
        SignInHint { server: Some(server), username: self.user, server_locked }
    }
}

fn read_server(server: &str) -> Result<Url, Failure> {
    let spelt = server.to_ascii_lowercase();
    let has_scheme = spelt.starts_with("https://") || spelt.starts_with("http://");
    let clean = server.chars().all(|c| is_legible(c) && !c.is_whitespace());
    address(server)
        .filter(|_| has_scheme && clean)
        .ok_or_else(|| bad("names a server that is no plain http or https address"))
}

fn address(server: &str) -> Option<Url> {
    // whether an unencrypted one is used is asked on the page
    Endpoint::parse(server, Flow::Ticket, true).ok().map(|endpoint| endpoint.server)
}

fn read_user(user: &str) -> Result<Option<String>, Failure> {
    if user.chars().count() > LONGEST_USER || !user.chars().all(is_legible) {
        return Err(bad("names a user that cannot be one"));
    }
    let user = user.trim();
    Ok((!user.is_empty()).then(|| user.to_owned()))
}

fn bad(why: impl std::fmt::Display) -> Failure {
    Failure::new(FailureCode::BadRequest, format!("the link {why}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(link: &str) -> Result<(String, Option<String>), FailureCode> {
        let hint = Invitation::read(link).map_err(|failure| failure.code)?.hint(false);
        Ok((hint.server.unwrap_or_default(), hint.username))
    }

    #[test]
    fn a_link_offers_a_server_and_perhaps_a_user() {
        for (link, server, user) in [
            ("tidings://add?server=https://alerts.example.com", "https://alerts.example.com", None),
            (
                "tidings://add/?server=https%3A%2F%2Falerts.example.com%2F&user=alice",
                "https://alerts.example.com",
                Some("alice"),
            ),
            (
                "TIDINGS://add?user=Jos%C3%A9+Silva&server=http://10.0.0.7:8080/push/",
                "http://10.0.0.7:8080/push",
                Some("José Silva"),
            ),
            ("tidings://add?server=https://localhost&user=", "https://localhost", None),
            // letters that look like others become visible
            ("tidings://add?server=https://exаmple.com", "https://xn--exmple-4nf.com", None),
        ] {
            assert_eq!(read(link), Ok((server.to_owned(), user.map(str::to_owned))), "{link}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for link in [
            "",
            "add?server=https://example.com",
            "https://add?server=https://example.com",
            "tidings:add?server=https://example.com",
            "tidings://add",
            "tidings://add?server=",
            "tidings://add?server=example.com",
            "tidings://add?server=ftp://example.com",
            "tidings://add?server=wss://example.com",
            "tidings://add?server=file:///etc/passwd",
            "tidings://add?server=javascript:alert(1)",
            "tidings://add?server=https://",
            "tidings://add?server=https://alice:hunter2@example.com",
            "tidings://add?server=https://example.com%3Ftoken%3Dhunter2",
            "tidings://add?server=https://example.com%23x",
            "tidings://add?server=https://exam%0Aple.com",
            "tidings://add?server=https://exam%E2%80%AEple.com",
            "tidings://add?server=%20https://example.com",
            "tidings://add?server=https://example.com&user=a%00b",
            "tidings://add?server=https://example.com&user=a%E2%80%AEb",
            "tidings://add?server=https://example.com&server=https://evil.example",
            "tidings://add?server=https://example.com&password=hunter2",
            "tidings://add?server=https://example.com#x",
            "tidings://add/now?server=https://example.com",
            "tidings://alice@add?server=https://example.com",
            "tidings://add:1?server=https://example.com",
            "tidings://remove?server=https://example.com",
        ] {
            let failure = Invitation::read(link).expect_err(link);
            assert_eq!(failure.code, FailureCode::BadRequest, "{link}");
            assert!(!failure.message.contains("hunter2"), "{}", failure.message);
        }
        assert!(read(&format!("tidings://add?server=https://example.com&user={}", "a".repeat(129))).is_err());
        assert!(read(&format!("tidings://add?server=https://example.com/{}", "a".repeat(2048))).is_err());
    }

    #[test]
    fn the_same_server_is_known_however_it_is_written() {
        let invitation = Invitation::read("tidings://add?server=https://Alerts.example.com:443/").unwrap();
        assert!(invitation.leads_to("alerts.example.com"));
        assert!(invitation.leads_to("https://alerts.example.com/"));
        for other in ["http://alerts.example.com", "alerts.example.com/push", "example.com", ""] {
            assert!(!invitation.leads_to(other), "{other}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_taken_is_a_plain_address(rest in "[ -~]{0,60}") {
            for link in [rest.clone(), format!("tidings://add?server={rest}"), format!("tidings://add?server=https://{rest}")] {
                if let Ok(invitation) = Invitation::read(&link) {
                    let server = &invitation.server;
                    prop_assert!(matches!(server.scheme(), "http" | "https"));
                    prop_assert!(server.username().is_empty() && server.password().is_none() && server.query().is_none());
                }
            }
        }
    }
}
