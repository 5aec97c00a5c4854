use std::fmt;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use hyper::{HeaderMap, Method, header};
use url::form_urlencoded;

/// A request, read to its end.
#[derive(Debug)]
pub(crate) struct Ask {
    pub(crate) method: Method,
    pub(crate) path: String,
    query: String,
    headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// A request that was answered, as a test may look at it.
#[derive(Clone, PartialEq, Eq)]
pub struct Asked {
    /// `GET`, for example.
    pub method: String,
    /// Without the query.
    pub path: String,
    /// As it was sent.
    pub query: String,
    /// What it was answered with.
    pub status: u16,
}

impl fmt::Debug for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}?{} {}", self.method, self.path, self.query, self.status)
    }
}

impl Ask {
    pub(crate) fn new(parts: &hyper::http::request::Parts, body: Vec<u8>) -> Self {
        Self {
            method: parts.method.clone(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            headers: parts.headers.clone(),
            body,
        }
    }

    pub(crate) fn answered(&self, status: u16) -> Asked {
        let (method, path, query) = (self.method.to_string(), self.path.clone(), self.query.clone());
        Asked { method, path, query, status }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    pub(crate) fn query(&self, name: &str) -> Option<String> {
        let mut pairs = form_urlencoded::parse(self.query.as_bytes());
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    pub(crate) fn is_upgrade(&self) -> bool {
        self.header("upgrade").is_some_and(|to| to.eq_ignore_ascii_case("websocket"))
    }

    /// Whether a browser would say that another site asks.
    pub(crate) fn is_from_elsewhere(&self) -> bool {
        let host = self.header("host").unwrap_or_default();
        self.header("origin").is_some_and(|origin| origin.split_once("://").is_none_or(|(_, at)| at != host))
    }

    pub(crate) fn bearer(&self) -> Option<&str> {
        self.header(header::AUTHORIZATION.as_str())?.strip_prefix("Bearer ")
    }

    /// Name and password.
    pub(crate) fn basic(&self) -> Option<(String, String)> {
        let encoded = self.header(header::AUTHORIZATION.as_str())?.strip_prefix("Basic ")?;
        let decoded = String::from_utf8(BASE64_STANDARD.decode(encoded).ok()?).ok()?;
        decoded.split_once(':').map(|(name, password)| (name.to_owned(), password.to_owned()))
    }

    /// Segments of the path.
    pub(crate) fn segments(&self) -> Vec<&str> {
        self.path.trim_start_matches('/').split('/').collect()
    }
}
