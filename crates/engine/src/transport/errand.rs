//! Errands: calls that a person has asked for, to an address that a notification names.
//!
//! A stranger may have chosen that address. So an errand carries no token and shows no client certificate, follows no
//! redirect, and is bounded in time and size. One whose address nobody looks at before it is called leads no nearer than
//! the account's server ([`Ground::NoNearerThan`]): else whoever may publish on the internet could reach what only this
//! machine, or this network, can.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use reqwest::{
    dns::{Addrs, Name, Resolve, Resolving},
    header::{HeaderMap, HeaderName, HeaderValue},
};
use url::{Host, Url};

use super::{Transport, http};
use crate::verdict::Failure;

/// One call.
#[derive(Clone, Debug)]
pub struct Errand {
    /// How.
    pub verb: Verb,
    /// Where to, `http` or `https`.
    pub url: Url,
    /// Header fields. Those that are the connection's own business cannot be set: [`ErrandError::Header`].
    pub headers: Vec<(String, String)>,
    /// What it carries.
    pub body: Option<String>,
    /// All of it takes no longer.
    pub within: Duration,
    /// No more of the answer's body is read, in bytes. [`ErrandError::TooLarge`] if there is more.
    pub most: usize,
    /// Where it may lead.
    pub ground: Ground,
}

/// The methods of HTTP that an errand can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// `GET`.
    Get,
    /// `POST`.
    Post,
    /// `PUT`.
    Put,
    /// `PATCH`.
    Patch,
    /// `DELETE`.
    Delete,
}

impl Verb {
    /// By its name, in any case; `None` for all others.
    pub fn named(name: &str) -> Option<Self> {
        let all = [
            ("GET", Self::Get),
            ("POST", Self::Post),
            ("PUT", Self::Put),
            ("PATCH", Self::Patch),
            ("DELETE", Self::Delete),
        ];
        all.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name.trim())).map(|(_, verb)| verb)
    }

    pub(super) fn method(self) -> reqwest::Method {
        match self {
            Self::Get => reqwest::Method::GET,
            Self::Post => reqwest::Method::POST,
            Self::Put => reqwest::Method::PUT,
            Self::Patch => reqwest::Method::PATCH,
            Self::Delete => reqwest::Method::DELETE,
        }
    }
}

/// Where an errand may lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ground {
    /// Anywhere.
    Any,
    /// No nearer to this machine than this server, the account's own: from one on the internet not into a private
    /// network, and from one there not to the machine itself. Names are judged by what they stand for at the moment of
    /// the call; those that a proxy looks up cannot be judged.
    NoNearerThan(Url),
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Brought {
    /// The HTTP status.
    pub status: u16,
    /// The whole body.
    pub body: Vec<u8>,
}

/// Why nothing came back.
#[derive(Debug, thiserror::Error)]
pub enum ErrandError {
    /// Neither `http` nor `https`.
    #[error("only http and https addresses are called")]
    Scheme,
    /// See [`Errand::headers`]. Names the field; its value is nobody's to see.
    #[error("the header {0:?} cannot be set")]
    Header(String),
    /// See [`Ground::NoNearerThan`].
    #[error("the address leads into a private network")]
    Private,
    /// See [`Errand::most`].
    #[error("the answer is larger than {most} bytes")]
    TooLarge {
        /// The HTTP status.
        status: u16,
        /// [`Errand::most`].
        most: usize,
    },
    /// See [`Errand::within`].
    #[error("no answer within {} s", .0.as_secs())]
    Late(Duration),
    /// It was not reached, or broke off. Holds no address.
    #[error("{0}")]
    Unreachable(String),
}

impl Transport {
    /// Runs one errand.
    ///
    /// # Errors
    /// [`ErrandError`]; any HTTP status is an answer.
    pub async fn errand(&self, errand: Errand) -> Result<Brought, ErrandError> {
        if !matches!(errand.url.scheme(), "http" | "https") {
            return Err(ErrandError::Scheme);
        }
        let within = errand.within;
        tokio::time::timeout(within, self.run(errand)).await.unwrap_or(Err(ErrandError::Late(within)))
    }

    async fn run(&self, errand: Errand) -> Result<Brought, ErrandError> {
        let Errand { verb, url, headers, body, most, ground, .. } = errand;
        let carried = Carried { headers: read_headers(&headers)?, body };
        let guard: Option<Arc<dyn Resolve>> = match &ground {
            Ground::Any => None,
            Ground::NoNearerThan(home) => {
                let guard = Guard { nearest: nearness_of(home).await };
                if literal(&url).is_some_and(|address| !guard.lets_pass(address)) {
                    return Err(ErrandError::Private);
                }
                Some(Arc::new(guard))
            }
        };
        let way = self.way_without_identity(&url, guard).await.map_err(unreachable)?;
        let (status, body) =
            http::errand(way, verb.method(), url, carried, most).await.map_err(unreachable)?;
        let body = body.ok_or(ErrandError::TooLarge { status, most })?;
        Ok(Brought { status, body })
    }
}

/// What an errand brings along.
pub(super) struct Carried {
    pub(super) headers: HeaderMap,
    pub(super) body: Option<String>,
}

/// How a message is framed and where it goes, which is not the publisher's to say (RFC 9110, 7.6.1).
const OURS: [&str; 12] = [
    "connection",
    "content-length",
    "expect",
    "host",
    "http2-settings",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

fn read_headers(headers: &[(String, String)]) -> Result<HeaderMap, ErrandError> {
    let mut read = HeaderMap::with_capacity(headers.len());
    for (name, value) in headers {
        let refused = || ErrandError::Header(name.clone());
        let field = HeaderName::from_bytes(name.trim().as_bytes()).map_err(|_| refused())?;
        if OURS.contains(&field.as_str()) {
            return Err(refused());
        }
        let mut value = HeaderValue::from_str(value.trim()).map_err(|_| refused())?;
        value.set_sensitive(true);
        read.append(field, value);
    }
    Ok(read)
}

fn unreachable(failure: Failure) -> ErrandError {
    ErrandError::Unreachable(match failure {
        Failure::Unreachable(why) if why.contains(PRIVATE) => return ErrandError::Private,
        Failure::Unreachable(why)
        | Failure::Certificate(why)
        | Failure::ClientCertificate(why)
        | Failure::Proxy(why)
        | Failure::NotSuchServer(why) => why,
        Failure::TlsFile(error) => error.to_string(),
        // an errand signs nobody in, opens no socket and stores nothing
        _ => "the call failed".to_owned(),
    })
}

/// From where something can be reached. Further is less.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Nearness {
    /// From everywhere.
    World,
    /// From a network that this machine is in, or from nowhere.
    Network,
    /// From this machine alone.
    Machine,
}

/// How near a server is: the nearest of its addresses. One that is not found counts as far.
async fn nearness_of(server: &Url) -> Nearness {
    let addresses = match (literal(server), server.host_str()) {
        (Some(address), _) => vec![address],
        (None, Some(name)) => look_up(name).await.unwrap_or_default(),
        (None, None) => Vec::new(),
    };
    addresses.into_iter().map(nearness).max().unwrap_or(Nearness::World)
}

/// The address of a URL that names none.
fn literal(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Domain(_) => None,
        Host::Ipv4(address) => Some(address.into()),
        Host::Ipv6(address) => Some(address.into()),
    }
}

async fn look_up(name: &str) -> std::io::Result<Vec<IpAddr>> {
    Ok(tokio::net::lookup_host((name, 0)).await?.map(|address| address.ip()).collect())
}

/// Looks names up as the system does, and leaves out what is too near.
struct Guard {
    nearest: Nearness,
}

impl Guard {
    fn lets_pass(&self, address: IpAddr) -> bool {
        nearness(address) <= self.nearest
    }
}

const PRIVATE: &str = "the name leads into a private network";

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = Self { nearest: self.nearest };
        Box::pin(async move {
            let all = look_up(name.as_str()).await?;
            let some = !all.is_empty();
            // the port is filled in by whoever asks
            let far: Vec<SocketAddr> = all
                .into_iter()
                .filter(|address| guard.lets_pass(*address))
                .map(|address| SocketAddr::new(address, 0))
                .collect();
            if far.is_empty() && some {
                return Err(PRIVATE.into());
            }
            Ok(Box::new(far.into_iter()) as Addrs)
        })
    }
}

/// By the IANA registries of special-purpose addresses (RFC 6890).
fn nearness(address: IpAddr) -> Nearness {
    match address {
        IpAddr::V4(address) => nearness_v4(address),
        IpAddr::V6(address) => nearness_v6(address),
    }
}

fn nearness_v4(address: Ipv4Addr) -> Nearness {
    let [first, second, third, _] = address.octets();
    if address.is_loopback() || first == 0 {
        return Nearness::Machine;
    }
    let near = address.is_private()
        || address.is_link_local()
        || address.is_documentation()
        // shared by the customers of a provider
        || (first == 100 && (64..128).contains(&second))
        || (first == 192 && second == 0 && third == 0)
        // for measurements
        || (first == 198 && (18..20).contains(&second))
        // multicast, reserved, broadcast
        || first >= 224;
    if near { Nearness::Network } else { Nearness::World }
}

fn nearness_v6(address: Ipv6Addr) -> Nearness {
    let embedded = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        nearness_v4(Ipv4Addr::new(a, b, c, d))
    };
    match address.segments() {
        // loopback
        [0, 0, 0, 0, 0, 0, 0, 1] => Nearness::Machine,
        // unspecified, and version 4 in two old ways
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low] => embedded(high, low),
        // NAT64 of everybody, and 6to4
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => embedded(high, low),
        // Teredo, documentation
        [0x2001, 0 | 0xdb8, ..] => Nearness::Network,
        // global unicast
        [first, ..] if first & 0xe000 == 0x2000 => Nearness::World,
        // local, multicast, nobody's
        _ => Nearness::Network,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_as_near_as_its_registry_says() {
        use Nearness::{Machine, Network, World};
        #[rustfmt::skip]
        let table: [(Nearness, &[&str]); 3] = [
            (World, &[
                "93.184.216.34", "100.63.0.1", "172.32.0.1", "198.20.0.1", "2606:4700::1111", "2002:5db8:d822::1",
                "64:ff9b::5db8:d822",
            ]),
            (Network, &[
                "10.0.0.1", "100.64.0.1", "169.254.169.254", "172.16.0.1", "192.0.0.1", "192.0.2.1", "192.168.1.1",
                "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::ffff:192.168.1.1", "::10.0.0.1",
                "64:ff9b::10.0.0.1", "64:ff9b:1::1", "2001::1", "2001:db8::1", "2002:c0a8:101::1", "fc00::1",
                "fd12:3456::1", "fe80::1", "fec0::1", "ff02::1",
            ]),
            (Machine, &["0.0.0.0", "0.1.2.3", "127.0.0.1", "127.8.8.8", "::", "::1", "::ffff:127.0.0.1", "64:ff9b::127.0.0.1"]),
        ];
        for (expected, addresses) in table {
            for address in addresses {
                assert_eq!(nearness(address.parse().unwrap()), expected, "{address}");
            }
        }
    }

    #[test]
    fn a_header_is_a_field_that_says_nothing_of_the_connection() {
        let read = |name: &str, value: &str| read_headers(&[(name.to_owned(), value.to_owned())]);
        for (name, value) in
            [("Authorization", "Bearer abc"), ("X-Many", "a, b"), (" Accept ", "*/*"), ("X-Empty", "")]
        {
            let headers = read(name, value).unwrap();
            assert_eq!(headers.get(name.trim()).unwrap(), value, "{name}");
            assert!(value.is_empty() || !format!("{headers:?}").contains(value), "{headers:?}");
        }
        for (name, value) in [
            ("Host", "evil.example"),
            ("content-length", "0"),
            ("Connection", "X-Auth"),
            ("Transfer-Encoding", "chunked"),
            ("upgrade", "h2c"),
            ("Proxy-Authorization", "Basic x"),
            ("", "x"),
            ("X Y", "x"),
            ("X:Y", "x"),
            ("X-Y", "x\r\nHost: evil.example"),
            ("X-Y", "x\0"),
        ] {
            let error = read(name, value).unwrap_err();
            assert!(matches!(&error, ErrandError::Header(told) if told == name), "{error}");
        }
    }

    #[test]
    fn a_verb_is_one_of_five() {
        assert_eq!(Verb::named("post"), Some(Verb::Post));
        assert_eq!(Verb::named(" GET "), Some(Verb::Get));
        for other in ["", "CONNECT", "TRACE", "OPTIONS", "HEAD", "GET /", "POST\r\nX: y"] {
            assert_eq!(Verb::named(other), None, "{other:?}");
        }
    }
}
