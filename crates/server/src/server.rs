//! A server as a value: bound, then run until told to stop.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use tidings_protocol::Secret;
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{info, warn};

use crate::{
    admin::{Admin, AdminError},
    app::App,
    auth::{AccessKey, PasswordError, Passwords},
    config::Config,
    health::Health,
    housekeeping, http,
    hub::Hub,
    limits::Buckets,
    metrics::Metrics,
    net::{self, Certificates, TlsError},
    store::{OpenError, Store, schema},
    tickets::Tickets,
};

/// Why a server could not be started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The address is taken or not ours.
    #[error(
        "cannot listen on {address}: {source}. Choose another address with --listen, or stop what uses it"
    )]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// Another server serves the same database: neither would tell its sockets what the other takes in.
    #[error("another tidings-server serves {} already. Stop it first, or choose another file with --database", .0.display())]
    Serving(PathBuf),
    /// The database.
    #[error(transparent)]
    Database(#[from] OpenError),
    /// TLS.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The cost of passwords.
    #[error(transparent)]
    Passwords(#[from] PasswordError),
}

/// A bound server: it holds its port and its database, and answers once [`Server::run`] is awaited.
pub struct Server {
    app: Arc<App>,
    listener: TcpListener,
    address: SocketAddr,
    tls: Option<Arc<Certificates>>,
    // locked as long as it is open; the system lets go of it however the process ends
    _lock: Option<File>,
}

impl Server {
    /// Opens the database and takes the port.
    ///
    /// # Errors
    /// [`StartError`], which says what to do.
    pub async fn bind(config: Config) -> Result<Self, StartError> {
        let tls = config.tls.as_ref().map(Certificates::load).transpose()?;
        let lock = lock(&config.database)?;
        let app = open(config).await?;
        let listen = |source| StartError::Listen { address: app.config.listen, source };
        let listener = TcpListener::bind(app.config.listen).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        Ok(Self { app, listener, address, tls, _lock: lock })
    }

    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// The base address for clients: `http://127.0.0.1:8740`, or `https` with TLS.
    pub fn url(&self) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// Users, keys and publishing from inside the process; it stays good while the server runs.
    pub fn admin(&self) -> Admin {
        Admin::new(Arc::clone(&self.app))
    }

    /// Short for [`Admin::add_user`].
    ///
    /// # Errors
    /// [`AdminError`].
    pub async fn add_user(&self, name: &str, password: &str) -> Result<(), AdminError> {
        self.admin().add_user(name, &Secret::from(password)).await
    }

    /// Short for [`Admin::create_key`].
    ///
    /// # Errors
    /// [`AdminError`].
    pub async fn create_key(&self, name: &str) -> Result<Secret, AdminError> {
        self.admin().create_key(name).await
    }

    /// Serves until `shutdown` is cancelled; then says goodbye to every socket and waits for them, but no longer than
    /// [`Config::shutdown_grace`].
    pub async fn run(self, shutdown: CancellationToken) {
        let Self { app, listener, tls, _lock, .. } = self;
        let router = http::router(Arc::clone(&app));
        let keeping = tokio::spawn(housekeeping::run(Arc::clone(&app)));
        let renewing = tls.clone().map(|tls| tokio::spawn(tls.keep_fresh(app.closing.clone())));
        let serving = tokio::spawn(net::serve(Arc::clone(&app), listener, tls, router));
        shutdown.cancelled().await;
        info!("going down");
        app.closing.cancel();
        app.hub.close();
        app.tasks.close();
        if tokio::time::timeout(app.config.shutdown_grace, app.tasks.wait()).await.is_err() {
            warn!(left = app.tasks.len(), "some connections did not close in time");
        }
        // all end by `closing`; a panic in them has been reported by now
        let _ = (keeping.await, serving.await);
        if let Some(renewing) = renewing {
            let _ = renewing.await;
        }
    }
}

/// Makes this the only server of a database. Commands work beside it, as nobody waits on them for what they store.
///
/// A file of its own, as SQLite's locks on the database are lost when any other handle to it is closed.
fn lock(database: &Path) -> Result<Option<File>, StartError> {
    let mut path = database.to_owned().into_os_string();
    path.push(".lock");
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // without one nothing is lost but this check; a folder that cannot be written is for the database to report
    let Ok(file) = options.open(&path) else { return Ok(None) };
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Err(StartError::Serving(database.to_owned())),
        Err(TryLockError::Error(error)) => {
            warn!(%error, "cannot lock {}; see that no other server serves this database", path.display());
            Ok(None)
        }
    }
}

/// Opens everything but the port.
pub(crate) async fn open(config: Config) -> Result<Arc<App>, StartError> {
    let blocking = tokio::task::spawn_blocking(move || {
        let store = Store::open(&config.database)?;
        let passwords = Passwords::new(config.password_cost)?;
        Ok::<_, StartError>((config, store, passwords))
    });
    let (config, store, passwords) = blocking.await.map_err(|_| PasswordError::Interrupted)??;
    let key = store
        .read(schema::access_key)
        .await
        .map_err(|error| OpenError::Unusable { path: config.database.clone(), reason: error.to_string() })?;
    Ok(Arc::new(App {
        store,
        hub: Arc::new(Hub::new(config.socket_queue, config.max_per_user)),
        access: AccessKey::new(&key, config.access_token_life),
        passwords,
        tickets: Tickets::new(config.ticket_life, config.max_tickets, config.max_per_user),
        sign_ins: Buckets::new(config.sign_in_limit),
        refreshes: Buckets::new(config.refresh_limit),
        publishing: Buckets::new(config.publish_limit),
        health: Health::default(),
        metrics: Metrics::default(),
        tasks: TaskTracker::new(),
        closing: CancellationToken::new(),
        config,
    }))
}
