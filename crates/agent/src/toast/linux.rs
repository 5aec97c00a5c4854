//! Toasts on Linux: the connection, and who hears of what.
//!
//! One connection for all toasts, kept open: GNOME takes a notification off the screen when its sender leaves the bus,
//! and clicks come back on it. A daemon that is missing or restarts is heard of, never asked for.

use std::sync::{Arc, Weak};

use futures_util::StreamExt;
use tokio::sync::{Mutex, mpsc, watch};
use tracing::{debug, warn};
use zbus::{Connection, MatchRule, Message, MessageStream, message::Type, names::OwnedUniqueName};

use super::{
    Event, Toast, ToastError,
    daemon::{Desk, Link, NAME, PATH, activatable},
};
use crate::desktop::{
    Availability,
    bus::{self, Owner},
    quiet,
};

/// Shows toasts. Cheap to clone; when the last clone is gone, so is the connection.
#[derive(Clone)]
pub struct Toaster {
    shared: Arc<Shared>,
}

struct Shared {
    /// Held while the daemon is asked, so that a click is never heard before it is known what was clicked.
    desk: Mutex<Desk>,
    availability: watch::Sender<Availability>,
    /// The desktop's own "do not disturb".
    quiet: watch::Sender<bool>,
    events: mpsc::Sender<Event>,
}

impl Toaster {
    /// Starts within the current runtime.
    pub fn start(events: mpsc::Sender<Event>) -> (Self, watch::Receiver<Availability>) {
        let (availability, watching) = watch::channel(Availability::Starting);
        let shared = Arc::new(Shared {
            desk: Mutex::default(),
            availability,
            quiet: watch::Sender::new(false),
            events,
        });
        let starting = Arc::downgrade(&shared);
        tokio::spawn(async move {
            if let Some(shared) = starting.upgrade() {
                // what went wrong is in the availability
                let _ = shared.link(&mut *shared.desk.lock().await).await;
            }
        });
        (Self { shared }, watching)
    }

    /// Whether the desktop's own "do not disturb" is on, as far as the daemon says.
    pub fn desktop_quiet(&self) -> watch::Receiver<bool> {
        self.shared.quiet.subscribe()
    }

    /// Shows one. Returns when the daemon has taken it; a daemon that does not answer is given up after 10 s.
    ///
    /// # Errors
    /// [`ToastError`] when there is no daemon, or it refuses.
    pub async fn show(&self, toast: Toast) -> Result<(), ToastError> {
        let mut desk = self.shared.desk.lock().await;
        self.shared.link(&mut desk).await?;
        let result = desk.show(&toast).await;
        match &result {
            Ok(()) => self.shared.available(Availability::Ready),
            Err(ToastError::Unavailable(reason)) => {
                self.shared.available(Availability::Missing(reason.clone()));
            }
            Err(ToastError::Refused(_)) => {}
        }
        result
    }

    /// Takes one off the screen, if it is there.
    pub async fn close(&self, item: i64) {
        if let Err(error) = self.shared.desk.lock().await.close(item).await {
            debug!(%error, item, "a toast was gone before it was taken off");
        }
    }
}

impl Shared {
    fn available(&self, now: Availability) {
        self.availability.send_if_modified(|known| {
            let changed = *known != now;
            *known = now;
            changed
        });
    }

    fn send(&self, event: Event) {
        if let Err(error) = self.events.try_send(event) {
            warn!(%error, "what became of a toast was not taken");
        }
    }

    /// Connects, if no connection lives.
    async fn link(self: &Arc<Self>, desk: &mut Desk) -> Result<(), ToastError> {
        if desk.link.as_ref().is_some_and(|link| !link.bus.is_closed()) {
            return Ok(());
        }
        desk.link = None;
        match self.connect().await {
            Ok(link) => desk.link = Some(link),
            Err(error) => {
                let reason = format!("no session bus: {error}");
                self.available(Availability::Missing(reason.clone()));
                return Err(ToastError::Unavailable(reason));
            }
        }
        Ok(())
    }

    async fn connect(self: &Arc<Self>) -> zbus::Result<Link> {
        let bus = bus::connect().await?;
        let rule =
            MatchRule::builder().msg_type(Type::Signal).sender(NAME)?.interface(NAME)?.path(PATH)?.build();
        let signals = MessageStream::for_match_rule(rule, &bus, None).await?;
        let owner = Owner::watch(&bus, NAME).await?;
        let listening = tokio::spawn(hear(Arc::downgrade(self), bus.clone(), signals, owner)).abort_handle();
        Ok(Link::new(bus, listening))
    }

    /// The daemon came, changed or left.
    async fn owned_by(&self, bus: &Connection, owner: Option<OwnedUniqueName>) {
        let mut desk = self.desk.lock().await;
        desk.shown.keep_only(owner.as_ref());
        let Some(link) = &mut desk.link else { return };
        link.forget_abilities();
        let now = match owner {
            // known before the first toast needs it
            Some(_) => link.abilities().await.map(|_| ()).err(),
            None if activatable(bus).await => None,
            None => Some(ToastError::Unavailable("no notification daemon runs".to_owned())),
        };
        self.available(match now {
            None => Availability::Ready,
            Some(ToastError::Unavailable(reason) | ToastError::Refused(reason)) => {
                Availability::Missing(reason)
            }
        });
    }

    async fn signalled(&self, message: &Message) {
        let header = message.header();
        let (Some(daemon), Some(member)) = (header.sender(), header.member()) else { return };
        let mut desk = self.desk.lock().await;
        if let Some(event) = desk.heard(daemon, member.as_str(), message) {
            self.send(event);
        }
    }
}

/// Hears the daemon, and whether it wants quiet, until the bus or the last [`Toaster`] is gone.
async fn hear(shared: Weak<Shared>, bus: Connection, signals: MessageStream, owner: Owner) {
    let Some(quiet) = shared.upgrade().map(|shared| shared.quiet.clone()) else { return };
    let follow = async {
        if let Err(error) = quiet::follow(&bus, &quiet).await {
            debug!(%error, "nobody says whether the desktop wants quiet");
        }
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = listen(shared, bus.clone(), signals, owner) => {}
        () = follow => {}
    }
    quiet.send_replace(false);
}

/// Hears the daemon until the bus or the last [`Toaster`] is gone.
async fn listen(shared: Weak<Shared>, bus: Connection, mut signals: MessageStream, mut owner: Owner) {
    loop {
        tokio::select! {
            biased;
            // before any new owner, so that a click is not lost to the news that the daemon has left
            signal = signals.next() => {
                let (Some(shared), Some(Ok(message))) = (shared.upgrade(), signal) else { break };
                shared.signalled(&message).await;
            }
            owner = owner.next() => {
                let (Some(shared), Ok(owner)) = (shared.upgrade(), owner) else { break };
                shared.owned_by(&bus, owner).await;
            }
        }
    }
    if let Some(shared) = shared.upgrade() {
        shared.available(Availability::Missing("no session bus: it has gone".to_owned()));
        shared.desk.lock().await.shown.keep_only(None);
    }
}
