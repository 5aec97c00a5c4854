//! A notification daemon on a bus, which tells what it was asked and does what it is told.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicU32, Ordering},
};

use tokio::sync::mpsc;
use zbus::{Connection, fdo, object_server::SignalEmitter, zvariant::OwnedValue};

pub(crate) const NAME: &str = "org.freedesktop.Notifications";
pub(crate) const PATH: &str = "/org/freedesktop/Notifications";

#[derive(Debug)]
pub(crate) struct Notify {
    pub(crate) app_name: String,
    pub(crate) replaces_id: u32,
    pub(crate) icon: String,
    pub(crate) title: String,
    pub(crate) body: String,
    pub(crate) actions: Vec<String>,
    pub(crate) hints: HashMap<String, OwnedValue>,
    pub(crate) expires: i32,
}

#[derive(Debug)]
pub(crate) enum Call {
    Notify(Box<Notify>),
    Close(u32),
}

/// A notification daemon that tells what it was asked.
pub(crate) struct Daemon {
    calls: mpsc::UnboundedSender<Call>,
    abilities: Vec<String>,
    /// Clicks before it has even answered.
    eager: bool,
    refuses: bool,
    last: AtomicU32,
}

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Daemon {
    fn get_capabilities(&self) -> Vec<String> {
        self.abilities.clone()
    }

    #[expect(clippy::too_many_arguments, reason = "the specification's")]
    async fn notify(
        &self,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
        app_name: String,
        replaces_id: u32,
        icon: String,
        title: String,
        body: String,
        actions: Vec<String>,
        hints: HashMap<String, OwnedValue>,
        expires: i32,
    ) -> fdo::Result<u32> {
        if self.refuses {
            return Err(fdo::Error::LimitsExceeded("too many".to_owned()));
        }
        let call = Notify { app_name, replaces_id, icon, title, body, actions, hints, expires };
        self.calls.send(Call::Notify(Box::new(call))).unwrap();
        let id = if replaces_id == 0 { self.last.fetch_add(1, Ordering::Relaxed) + 1 } else { replaces_id };
        if self.eager {
            Self::action_invoked(&emitter, id, "default").await?;
        }
        Ok(id)
    }

    fn close_notification(&self, id: u32) {
        self.calls.send(Call::Close(id)).unwrap();
    }

    #[zbus(signal)]
    pub(crate) async fn action_invoked(emitter: &SignalEmitter<'_>, id: u32, key: &str) -> zbus::Result<()>;
    #[zbus(signal)]
    pub(crate) async fn activation_token(
        emitter: &SignalEmitter<'_>,
        id: u32,
        token: &str,
    ) -> zbus::Result<()>;
    #[zbus(signal)]
    pub(crate) async fn notification_closed(
        emitter: &SignalEmitter<'_>,
        id: u32,
        reason: u32,
    ) -> zbus::Result<()>;
}

/// A running daemon; gone when dropped.
pub(crate) struct Running {
    pub(crate) bus: Connection,
    pub(crate) calls: mpsc::UnboundedReceiver<Call>,
}

impl Running {
    pub(crate) async fn start(abilities: &[&str]) -> Self {
        Self::start_as(abilities, false, false).await
    }

    pub(crate) async fn start_as(abilities: &[&str], eager: bool, refuses: bool) -> Self {
        let (sender, calls) = mpsc::unbounded_channel();
        let abilities = abilities.iter().map(|&ability| ability.to_owned()).collect();
        let daemon = Daemon { calls: sender, abilities, eager, refuses, last: AtomicU32::new(0) };
        let builder = zbus::connection::Builder::session().unwrap();
        let bus = builder.serve_at(PATH, daemon).unwrap().name(NAME).unwrap().build().await.unwrap();
        Self { bus, calls }
    }

    pub(crate) async fn notify(&mut self) -> Notify {
        match self.calls.recv().await {
            Some(Call::Notify(call)) => *call,
            other => panic!("expected a toast, not {other:?}"),
        }
    }

    pub(crate) async fn clicked(&self, id: u32, key: &str) {
        Daemon::action_invoked(&SignalEmitter::new(&self.bus, PATH).unwrap(), id, key).await.unwrap();
    }

    pub(crate) async fn closed(&self, id: u32) {
        Daemon::notification_closed(&SignalEmitter::new(&self.bus, PATH).unwrap(), id, 2).await.unwrap();
    }

    pub(crate) async fn stop(self) {
        self.bus.close().await.unwrap();
    }
}
