//! Which proxy stands between here and a server, and what its refusals mean. Owns their words.
//!
//! The HTTP client goes through it by itself: it reads the same environment and settings with the same code. What is
//! known here is the name to call it by, which never holds the credentials of its address.

use std::fmt;

use hyper::Uri;
use hyper_util::client::proxy::matcher::Matcher;
use url::Url;

use crate::verdict::Failure;

/// A proxy, by scheme, host and port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Proxy(String);

impl Proxy {
    /// The one that the environment, or the system, names for a server.
    pub(super) fn on_the_way_to(server: &Url) -> Option<Self> {
        Self::chosen_by(&Matcher::from_system(), server)
    }

    fn chosen_by(matcher: &Matcher, server: &Url) -> Option<Self> {
        // without path and query, which may hold a token
        let origin = server.origin().ascii_serialization().parse::<Uri>().ok()?;
        let proxy = matcher.intercept(&origin)?;
        let scheme = proxy.uri().scheme_str().unwrap_or("http");
        Some(Self(format!("{scheme}://{}", proxy.uri().authority()?)))
    }

    /// What it means that a connection through it did not come about. `chain` is every error's text, outermost first:
    /// the types behind them are not public.
    pub(super) fn failure(&self, chain: &[String]) -> Failure {
        let said = |text: &str| chain.iter().any(|error| error.contains(text));
        let innermost = chain.last().map_or("", String::as_str);
        if said("proxy authorization required")
            || said("credentials not accepted")
            || said("does not support user/pass authentication")
        {
            return self.unauthorized();
        }
        Failure::Unreachable(if said("failed to create underlying connection") {
            format!("the proxy {self} cannot be reached: {innermost}")
        } else if said("tunnel error: unsuccessful") {
            format!("the proxy {self} does not connect to the server")
        } else {
            format!("{innermost} (through the proxy {self})")
        })
    }

    /// It wants credentials that its address does not hold, or other ones.
    pub(super) fn unauthorized(&self) -> Failure {
        Failure::Proxy(format!(
            "the proxy {self} does not accept the user and password in its address, or wants them"
        ))
    }
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(matcher: &Matcher, server: &str) -> Option<String> {
        Proxy::chosen_by(matcher, &server.parse().unwrap()).map(|proxy| proxy.to_string())
    }

    #[test]
    fn a_proxy_is_called_by_its_name_without_its_credentials() {
        let matcher = Matcher::builder().https("http://alice:hunter2@proxy.example:3128").build();
        let named = chosen(&matcher, "https://alerts.example.com/ws?ticket=secret");
        assert_eq!(named.as_deref(), Some("http://proxy.example:3128"));
        assert_eq!(chosen(&matcher, "http://alerts.example.com/"), None);
    }

    #[test]
    fn no_proxy_is_heeded_by_suffix_address_and_network() {
        let matcher = Matcher::builder()
            .all("socks5h://proxy.example:1080")
            .no("example.com, .example.org, 10.0.0.0/8, 192.0.2.7, 2001:db8::/32")
            .build();
        for (server, proxied) in [
            ("https://example.com/", false),
            ("https://alerts.example.com:8443/", false),
            ("https://alerts.example.org/", false),
            ("https://notexample.com/", true),
            ("https://10.1.2.3/", false),
            ("https://11.1.2.3/", true),
            ("https://192.0.2.7/", false),
            ("https://192.0.2.8/", true),
            ("https://[2001:db8::1]/", false),
            ("http://elsewhere.example/", true),
        ] {
            assert_eq!(chosen(&matcher, server).is_some(), proxied, "{server}");
        }
    }

    #[test]
    fn what_a_proxy_refuses_is_told_apart() {
        let proxy = Proxy("http://proxy.example:3128".into());
        let failure = |text: &str| proxy.failure(&["outer".to_owned(), text.to_owned()]);
        assert!(matches!(failure("tunnel error: proxy authorization required"), Failure::Proxy(_)));
        assert!(matches!(failure("SOCKS error: credentials not accepted"), Failure::Proxy(_)));
        for soft in ["tunnel error: unsuccessful", "SOCKS error: host unreachable", "connection reset"] {
            let Failure::Unreachable(words) = failure(soft) else { panic!("{soft}") };
            assert!(words.contains("http://proxy.example:3128"), "{words}");
        }
    }
}
