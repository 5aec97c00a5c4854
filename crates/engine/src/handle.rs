//! The owner's end of a connection: commands in, status and events out. Owns the queues; decides nothing.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot, watch};
use tracing::Instrument as _;

use crate::{
    Diagnosis, Endpoint, Events, Options, Status, Store, Surroundings, Transport,
    backoff::Random,
    clock::{Clock as _, System},
    driver::{Driver, Parts},
    machine::{Machine, Rules},
};

/// Most events that wait for the owner. While it is full, the socket is not read, and the server holds the rest.
pub(crate) const EVENTS: usize = 64;

/// One account's connection: commands in, status and events out. Clones speak to the same connection; it ends with
/// [`Connection::shutdown`], or when the last of them or its [`Events`] are dropped.
#[derive(Clone, Debug)]
pub struct Connection {
    status: watch::Receiver<Status>,
    commands: mpsc::UnboundedSender<Command>,
}

#[derive(Debug)]
pub(crate) enum Command {
    Connect,
    Disconnect,
    Reconnect,
    MarkRead(Vec<String>),
    Diagnose(oneshot::Sender<Diagnosis>),
    Shutdown,
}

impl Connection {
    /// Starts a connection on the current tokio runtime. Transport and surroundings are shared by all connections of a
    /// process.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn start<S: Store>(
        endpoint: Endpoint,
        options: Options,
        transport: Transport,
        surroundings: Surroundings,
        store: S,
    ) -> (Self, Events) {
        let rules = Rules::new(&options, endpoint.dialect, endpoint.is_loopback());
        let machine = Machine::new(System.now(), rules, Box::new(Random::new()));
        let (shown, status) = watch::channel(machine.status());
        let (commands, commanded) = mpsc::unbounded_channel();
        let (events, told) = mpsc::channel(EVENTS);
        let surroundings = surroundings.into_view();
        let offline = surroundings.is_down();
        let driver = Driver::new(Parts {
            endpoint,
            store: Arc::new(store),
            reach: transport,
            clock: System,
            surroundings,
            machine,
            commands: commanded,
            status: shown,
            events,
        })
        .of_guest(options.guest)
        .of_nobody(options.anonymous);
        let account = options.account;
        let span = tracing::info_span!("connection", account);
        tokio::spawn(driver.run(offline).instrument(span));
        (Self { status, commands }, Events(told))
    }

    /// The status, now and as it changes. Asking never disturbs the connection.
    pub fn status(&self) -> watch::Receiver<Status> {
        self.status.clone()
    }

    /// Connects, also after a stop. Nothing happens if an attempt is under way or the connection is live.
    pub fn connect(&self) {
        self.command(Command::Connect);
    }

    /// Closes the connection and keeps it closed until [`Connection::connect`].
    pub fn disconnect(&self) {
        self.command(Command::Disconnect);
    }

    /// Makes an attempt at once, instead of waiting for the next one; a live connection is made anew.
    pub fn reconnect(&self) {
        self.command(Command::Reconnect);
    }

    /// Tells the server that these were read here; kept in memory until connected.
    pub fn mark_read(&self, ids: Vec<String>) {
        self.command(Command::MarkRead(ids));
    }

    /// How the connection came to where it is; `None` once it has ended. It is asked for and not watched, as it changes
    /// with every ping, and nobody should wake up for that.
    pub async fn diagnosis(&self) -> Option<Diagnosis> {
        let (answer, answered) = oneshot::channel();
        self.command(Command::Diagnose(answer));
        answered.await.ok()
    }

    /// Closes the connection cleanly and ends it, for all clones; returns when all of it is gone, which takes at
    /// most the deadlines of closing and of a refresh that is under way.
    pub async fn shutdown(self) {
        self.command(Command::Shutdown);
        self.commands.closed().await;
    }

    /// A connection that has ended takes no more commands, which is what its owner wanted.
    fn command(&self, command: Command) {
        let _ = self.commands.send(command);
    }
}
