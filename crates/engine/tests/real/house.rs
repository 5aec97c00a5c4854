//! A server in a thread of its own, which can be stopped, killed and started again; and a client that watches.

use std::{net::SocketAddr, path::PathBuf, thread::JoinHandle, time::Duration};

use tempfile::TempDir;
use tidings_engine::{
    Arrival, CauseKind, Connection, Endpoint, Event, Events, MemoryStore, Options, Retry, State,
    StoredSession, Surroundings, Transport, sign_in,
};
use tidings_protocol::{Device, Flow, Platform, PublishRequest, Secret};
use tidings_server::{Admin, Config, PasswordCost, Server};
use tokio::{net::TcpSocket, sync::oneshot};
use tokio_util::sync::CancellationToken;

/// How long a test waits for something that has to happen; only a failure takes that long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// A server, its database and its address.
pub(crate) struct House {
    folder: TempDir,
    address: Option<SocketAddr>,
    /// Keeps the address for the server while it is away.
    _port: Option<TcpSocket>,
    change: fn(&mut Config),
    running: Option<Running>,
}

struct Running {
    admin: Admin,
    url: String,
    stop: CancellationToken,
    kill: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl House {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: fn(&mut Config)) -> Self {
        let folder = TempDir::new().unwrap();
        let port = port();
        let address = port.as_ref().map(|port| port.local_addr().unwrap());
        let mut house = Self { folder, address, _port: port, change, running: None };
        house.start().await;
        house.admin().add_user("alice", &Secret::from(PASSWORD)).await.unwrap();
        house
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.folder.path().join("tidings.db")
    }

    /// Starts the server, at its earlier address if it had one.
    pub(crate) async fn start(&mut self) {
        let mut config = Config::new(self.database());
        config.password_cost = PasswordCost::CHEAP;
        if let Some(address) = self.address {
            config.listen = address;
        }
        (self.change)(&mut config);
        let (ready, started) = oneshot::channel();
        let (kill, killed) = oneshot::channel::<()>();
        let stop = CancellationToken::new();
        let stopping = stop.clone();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let server = Server::bind(config).await.unwrap();
                let _ = ready.send((server.admin(), server.url(), server.local_addr()));
                tokio::select! {
                    () = server.run(stopping) => {}
                    _ = killed => {}
                }
            });
            // every socket goes with its task, without a word
            runtime.shutdown_background();
        });
        let (admin, url, address) = started.await.unwrap();
        self.address = Some(address);
        self.running = Some(Running { admin, url, stop, kill, thread });
    }

    pub(crate) fn admin(&self) -> &Admin {
        &self.running.as_ref().unwrap().admin
    }

    /// Stops it with a goodbye.
    pub(crate) async fn stop(&mut self) {
        let running = self.running.take().unwrap();
        running.stop.cancel();
        tokio::task::spawn_blocking(move || running.thread.join()).await.unwrap().unwrap();
    }

    /// Ends it without a word.
    pub(crate) async fn kill(&mut self) {
        let running = self.running.take().unwrap();
        running.kill.send(()).unwrap();
        tokio::task::spawn_blocking(move || running.thread.join()).await.unwrap().unwrap();
    }

    pub(crate) async fn publish(&self, title: &str) {
        let request = serde_json::json!({ "to": { "user": "alice" }, "title": title });
        let request: PublishRequest = serde_json::from_value(request).unwrap();
        self.admin().publish(request).await.unwrap();
    }

    pub(crate) fn endpoint(&self, flow: Flow) -> Endpoint {
        Endpoint::parse(&self.running.as_ref().unwrap().url, flow, false).unwrap()
    }

    /// Signs alice in.
    pub(crate) async fn session(&self) -> StoredSession {
        let transport = Transport::new().unwrap();
        let endpoint = self.endpoint(Flow::Ticket);
        sign_in(&transport, &endpoint, "alice", &Secret::from(PASSWORD), &device()).await.unwrap().session
    }

    /// Signs alice in and connects her.
    pub(crate) async fn connect(&self, flow: Flow) -> Client {
        Client::start(self.endpoint(flow), MemoryStore::signed_in(self.session().await)).await
    }
}

/// A port that nobody else is given. It is bound and does not listen, beside which Linux lets the server listen.
#[cfg(target_os = "linux")]
fn port() -> Option<TcpSocket> {
    let port = TcpSocket::new_v4().unwrap();
    port.set_reuseaddr(true).unwrap();
    port.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    Some(port)
}

/// Elsewhere two cannot share a port: the server finds its own, and its address is free while it is away.
#[cfg(not(target_os = "linux"))]
fn port() -> Option<TcpSocket> {
    None
}

pub(crate) fn device() -> Device {
    Device { name: "test".into(), platform: Platform::current() }
}

/// A connection and what it tells.
pub(crate) struct Client {
    pub(crate) connection: Connection,
    pub(crate) events: Events,
    pub(crate) store: MemoryStore,
}

impl Client {
    /// Starts a connection and waits until it is live.
    pub(crate) async fn start(endpoint: Endpoint, store: MemoryStore) -> Self {
        let mut client = Self::begin(endpoint, store);
        client.connected().await;
        client
    }

    pub(crate) fn begin(endpoint: Endpoint, store: MemoryStore) -> Self {
        Self::begin_by(Transport::new().unwrap(), endpoint, store)
    }

    pub(crate) fn begin_by(transport: Transport, endpoint: Endpoint, store: MemoryStore) -> Self {
        let options = Options { account: "alice".into(), ..Options::default() };
        let (connection, events) =
            Connection::start(endpoint, options, transport, Surroundings::still(), store.clone());
        Self { connection, events, store }
    }

    /// Waits until the connection is live and greeted, so that whatever is published from now on is told.
    pub(crate) async fn connected(&mut self) {
        loop {
            if let Event::AuthSuccess(_) = self.event().await {
                break;
            }
        }
    }

    pub(crate) async fn event(&mut self) -> Event {
        let event = tokio::time::timeout(PATIENCE, self.events.recv()).await;
        event.expect("an event within the test's patience").expect("the connection stands")
    }

    /// The next notification. The cursor follows, as it does when one is stored.
    pub(crate) async fn arrival(&mut self) -> Arrival {
        loop {
            if let Event::Notification(arrival) = self.event().await {
                if let Some(cursor) = arrival.cursor() {
                    self.store.advance(cursor).await;
                }
                return arrival;
            }
        }
    }

    pub(crate) async fn disconnected(&self) -> (CauseKind, String, Retry) {
        let mut status = self.connection.status();
        let wanted = status.wait_for(|status| matches!(status.state, State::Disconnected { .. }));
        let status = tokio::time::timeout(PATIENCE, wanted).await.unwrap().unwrap().clone();
        match status.state {
            State::Disconnected { cause, retry } => (cause.kind, cause.detail, retry),
            _ => unreachable!(),
        }
    }
}
