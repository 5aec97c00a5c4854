//! Which proxy stands between here and a server, and what its refusals mean. Owns their words.
//!
//! The HTTP client goes through it by itself: it reads the same environment and settings with the same code. What is
//! known here is the name to call it by, which never holds the credentials of its address.

use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock},
};

use hyper::Uri;
use hyper_util::client::proxy::matcher::Matcher;
use reqwest::ClientBuilder;
use url::Url;

use crate::{address, verdict::Failure};

/// How servers are reached. A server on this very machine is always reached directly.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ProxyChoice {
    /// As the environment, or the system, says.
    #[default]
    System,
    /// Directly, whatever they say.
    Direct,
    /// Through this one, whatever they say: `http`, `https`, `socks5` or `socks5h`.
    Through(Url),
}

/// The choice of now, the same for all who hold it.
#[derive(Clone, Debug, Default)]
pub(super) struct Chosen(Arc<RwLock<ProxyChoice>>);

impl Chosen {
    pub(super) fn choose(&self, choice: ProxyChoice) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = choice;
    }

    /// What the choice makes of a client, and the proxy that it will go through to a server.
    pub(super) fn prepare(
        &self,
        builder: ClientBuilder,
        server: &Url,
    ) -> Result<(ClientBuilder, Option<Proxy>), reqwest::Error> {
        if address::is_loopback(server) {
            // no proxy can reach it
            return Ok((builder.no_proxy(), None));
        }
        let choice = self.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        Ok(match choice {
            ProxyChoice::System => (builder, Proxy::chosen_by(&Matcher::from_system(), server)),
            ProxyChoice::Direct => (builder.no_proxy(), None),
            ProxyChoice::Through(proxy) => {
                let named = Proxy::chosen_by(&Matcher::builder().all(proxy.as_str()).build(), server);
                (builder.no_proxy().proxy(reqwest::Proxy::all(proxy)?), named)
            }
        })
    }
}

/// A proxy, by scheme, host and port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Proxy(String);

impl Proxy {
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
