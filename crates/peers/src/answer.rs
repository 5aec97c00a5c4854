use serde_json::Value;

use crate::seats::Seat;

/// What a model does with a request.
#[derive(Debug)]
pub(crate) enum Answer {
    Http(Reply),
    /// The request is a handshake, and accepted.
    Socket(Seat),
}

/// An answer over HTTP.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) kind: &'static str,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self { status, kind: "application/json", body: body.to_string().into_bytes() }
    }

    pub(crate) fn ok(body: &Value) -> Self {
        Self::json(200, body)
    }

    pub(crate) fn empty(status: u16) -> Self {
        Self { status, kind: "", body: Vec::new() }
    }

    pub(crate) fn page(status: u16, body: &str) -> Self {
        Self { status, kind: "text/html; charset=utf-8", body: body.as_bytes().to_vec() }
    }
}

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Self {
        Self::Http(reply)
    }
}
