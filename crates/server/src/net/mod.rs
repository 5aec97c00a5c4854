//! From a listening socket to requests: accept, TLS, HTTP/1.

mod accept;
mod permit;
mod tls;

pub(crate) use accept::serve;
pub(crate) use permit::Permit;
pub(crate) use tls::Certificates;
pub use tls::TlsError;
