//! From a listening socket to requests: accept, TLS, HTTP/1.

mod accept;
mod tls;

pub(crate) use accept::serve;
pub use tls::TlsError;
pub(crate) use tls::acceptor;
