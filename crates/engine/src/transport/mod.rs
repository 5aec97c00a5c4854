//! How bytes reach a server: HTTP calls and WebSockets.
//!
//! Owns TLS, proxies, the HTTP client and the socket's framing. Refuses to own any retry, any deadline of an attempt, and any
//! meaning of what is carried.
//!
//! The WebSocket is opened by the HTTP client too, as an upgraded request: name resolution, happy eyeballs, proxies
//! and TLS are then the same for both by construction, and a refusal arrives with its whole (bounded) body.
//!
//! Each call is made by a client of its own. Calls are rare, so it costs nothing that counts, and in return nothing of
//! it rests in memory, and the proxies of the system and the certificate files of the account are as they are now.

mod certificate;
mod errand;
mod files;
mod http;
mod proxy;
mod socket;
#[cfg(test)]
mod tests;
mod tls;
mod trouble;

use std::{future::Future, sync::Arc, time::Duration};

pub use errand::{Brought, Errand, ErrandError, Ground, Verb};
pub use files::{FileTrouble, TlsFile, TlsFileError, TlsFiles};
use reqwest::dns::Resolve;
pub(crate) use socket::{Frame, Socket};
use url::Url;

pub use proxy::ProxyChoice;

use self::{proxy::Chosen, tls::Tls, trouble::Circumstances};

use crate::{
    dialect::{Answer, Call, Upgrade},
    verdict::{Failure, printable},
};

/// Limit for TCP and TLS together.
const CONNECT: Duration = Duration::from_secs(15);

/// Limit for a whole call, the slowest body included. Longer than any attempt waits, so that a refresh that is under
/// way is not cut off between the server's answer and ours.
const CALL: Duration = Duration::from_secs(30);

/// How long after an unusable certificate file was found it is read again.
const SECOND_LOOK: Duration = Duration::from_secs(1);

/// How the driver reaches a server.
pub(crate) trait Reach: Clone + Send + Sync + 'static {
    /// Makes a call; any HTTP status is an answer.
    fn call(&self, call: Call) -> impl Future<Output = Result<Answer, Failure>> + Send;

    /// Opens a socket.
    fn open(&self, upgrade: Upgrade) -> impl Future<Output = Result<Socket, Failure>> + Send;
}

/// The way to servers: TLS with the operating system's trust store, and proxies. Made once per process; clones, and what
/// [`Transport::with`] makes of it, share the trust store and the choice of a proxy.
#[derive(Clone, Debug)]
pub struct Transport {
    tls: Arc<Tls>,
    files: Option<Arc<TlsFiles>>,
    proxy: Chosen,
    /// Addresses that stand for names.
    #[cfg(test)]
    names: Vec<(&'static str, Vec<std::net::SocketAddr>)>,
}

/// Why a [`Transport`] cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// TLS cannot be set up.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
}

impl Transport {
    /// Sets up TLS with the operating system's trust store.
    ///
    /// # Errors
    /// [`TransportError`] when the operating system's trust store cannot be read.
    pub fn new() -> Result<Self, TransportError> {
        let tls = Tls::new().map_err(|error| TransportError::Tls(error.to_string()))?;
        Ok(Self {
            tls: Arc::new(tls),
            files: None,
            proxy: Chosen::default(),
            #[cfg(test)]
            names: Vec::new(),
        })
    }

    /// The same, with the certificate files of an account instead of those it may have had. They are read anew for
    /// every call; one that cannot be used then stops the connection until somebody acts.
    #[must_use]
    pub fn with(&self, files: TlsFiles) -> Self {
        Self { files: (!files.is_empty()).then(|| Arc::new(files)), ..self.clone() }
    }

    /// Chooses how servers are reached, for every call from now on and for all that share this transport. What is
    /// connected stays as it is; [`crate::Connection::reconnect`] makes it anew.
    pub fn choose_proxy(&self, choice: ProxyChoice) {
        self.proxy.choose(choice);
    }

    async fn way(&self, server: &Url) -> Result<Way, Failure> {
        self.way_for(server, true, None).await
    }

    /// A way on which this account is nobody, and on which names are looked up by `resolver`.
    async fn way_without_identity(
        &self,
        server: &Url,
        resolver: Option<Arc<dyn Resolve>>,
    ) -> Result<Way, Failure> {
        self.way_for(server, false, resolver).await
    }

    async fn way_for(
        &self,
        server: &Url,
        with_identity: bool,
        resolver: Option<Arc<dyn Resolve>>,
    ) -> Result<Way, Failure> {
        let (tls, has_certificate) = match &self.files {
            Some(files) => {
                let mut contents = contents(files).await.map_err(Failure::TlsFile)?;
                contents.identity = contents.identity.filter(|_| with_identity);
                let has_certificate = contents.identity.is_some();
                (self.tls.with(contents).map_err(unusable)?, has_certificate)
            }
            None => (self.tls.shared(), false),
        };
        let prepared = self.proxy.prepare(client(tls), server);
        let (mut builder, proxy) = prepared.map_err(|error| unusable(error.without_url()))?;
        // through a proxy, only the proxy's own name would be looked up by it
        if let (Some(resolver), None) = (resolver, &proxy) {
            builder = builder.dns_resolver(resolver);
        }
        #[cfg(test)]
        for (name, addresses) in &self.names {
            builder = builder.resolve_to_addrs(name, addresses);
        }
        let client = builder.build().map_err(|error| unusable(error.without_url()))?;
        Ok(Way { client, circumstances: Circumstances { proxy, has_certificate, asked: false } })
    }
}

/// What makes one call.
struct Way {
    client: reqwest::Client,
    circumstances: Circumstances,
}

fn unusable(error: impl std::error::Error) -> Failure {
    Failure::Unreachable(format!("the HTTP client cannot be set up: {}", printable(&error.to_string())))
}

/// Reads the files; twice, if need be: a renewal replaces one after the other, and in between they do not fit.
async fn contents(files: &TlsFiles) -> Result<files::Contents, TlsFileError> {
    match files.read().await {
        Ok(contents) => Ok(contents),
        Err(_) => {
            tokio::time::sleep(SECOND_LOOK).await;
            files.read().await
        }
    }
}

impl Reach for Transport {
    async fn call(&self, call: Call) -> Result<Answer, Failure> {
        http::call(self.way(&call.url).await?, call).await
    }

    async fn open(&self, upgrade: Upgrade) -> Result<Socket, Failure> {
        http::open(self.way(upgrade.expose()).await?, &upgrade).await
    }
}

fn client(tls: rustls::ClientConfig) -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .tls_info(true)
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
