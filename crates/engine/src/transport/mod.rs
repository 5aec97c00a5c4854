//! How bytes reach a server: HTTP calls and WebSockets.
//!
//! Owns TLS, the HTTP client and the socket's framing. Refuses to own any retry, any deadline of an attempt, and any
//! meaning of what is carried.
//!
//! The WebSocket is opened by the HTTP client too, as an upgraded request: name resolution, happy eyeballs, proxies
//! and TLS are then the same for both by construction, and a refusal arrives with its whole (bounded) body.

mod http;
mod socket;
mod trouble;

use std::{future::Future, sync::Arc, time::Duration};

pub(crate) use socket::{Frame, Socket};

use crate::{
    address,
    dialect::{Answer, Call, Upgrade},
    verdict::Failure,
};

/// Limit for TCP and TLS together.
const CONNECT: Duration = Duration::from_secs(15);

/// Limit for a whole call, the slowest body included. Longer than any attempt waits, so that a refresh that is under
/// way is not cut off between the server's answer and ours.
const CALL: Duration = Duration::from_secs(30);

/// How the driver reaches a server.
pub(crate) trait Reach: Clone + Send + Sync + 'static {
    /// Makes a call; any HTTP status is an answer.
    fn call(&self, call: Call) -> impl Future<Output = Result<Answer, Failure>> + Send;

    /// Opens a socket.
    fn open(&self, upgrade: Upgrade) -> impl Future<Output = Result<Socket, Failure>> + Send;
}

/// The way to servers: TLS with the operating system's trust store, and the HTTP client. Made once per process and
/// shared by all its connections.
#[derive(Clone, Debug)]
pub struct Transport {
    proxied: reqwest::Client,
    /// For loopback, which no proxy can reach.
    direct: reqwest::Client,
}

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
    /// Sets up TLS with the operating system's trust store, and the HTTP client with its proxies.
    ///
    /// # Errors
    /// [`TransportError`] when the operating system's trust store cannot be read.
    pub fn new() -> Result<Self, TransportError> {
        let tls = tls()?;
        let proxied = client(tls.clone()).build();
        let direct = client(tls).no_proxy().build();
        let http = |error: reqwest::Error| TransportError::Http(error.without_url().to_string());
        Ok(Self { proxied: proxied.map_err(http)?, direct: direct.map_err(http)? })
    }

    fn client(&self, url: &url::Url) -> &reqwest::Client {
        if address::is_loopback(url) { &self.direct } else { &self.proxied }
    }
}

impl Reach for Transport {
    async fn call(&self, call: Call) -> Result<Answer, Failure> {
        http::call(self.client(&call.url), call).await
    }

    async fn open(&self, upgrade: Upgrade) -> Result<Socket, Failure> {
        http::open(self.client(upgrade.expose()), &upgrade).await
    }
}

fn tls() -> Result<rustls::ClientConfig, TransportError> {
    use rustls_platform_verifier::BuilderVerifierExt as _;

    let tls = |error: rustls::Error| TransportError::Tls(error.to_string());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(tls)?
        .with_platform_verifier()
        .map_err(tls)?
        .with_no_client_auth();
    Ok(config)
}

fn client(tls: rustls::ClientConfig) -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .user_agent(concat!("Tidings/", env!("CARGO_PKG_VERSION")))
        .http1_only()
        // tokens are sent where the person said, and nowhere else
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        // what may be tried again is for the machine to say
        .retry(reqwest::retry::never())
        // calls are rare: an idle connection would only cost memory and wake-ups
        .pool_max_idle_per_host(0)
        .tcp_keepalive(None)
        .connect_timeout(CONNECT)
        .timeout(CALL)
}
