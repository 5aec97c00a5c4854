//! The agent's end of the control interface: who is connected, who listens, and which one is the window.
//!
//! Owns callers and their rights to events. Refuses to know what a request means: it hands [`Incoming`] to the loop.
//! A caller that does not read is forgotten, never waited for.

use std::{collections::HashMap, time::Duration};

use futures_util::FutureExt;
use tidings_control::{Event, Failure, Listener, Outbox, Peer, Reply, Request, Role, SignInHint};
use tokio::sync::{mpsc, oneshot};

/// Names a caller for as long as it is connected.
pub type CallerId = u64;

/// Rest after a failed accept, which is most likely a lack of file descriptors.
const AFTER_ERROR: Duration = Duration::from_secs(1);

/// What callers do.
#[derive(Debug)]
pub enum Incoming {
    /// One has connected; it is let go of when the sender is dropped.
    Opened(CallerId, Outbox, oneshot::Sender<()>),
    /// One asks.
    Asked(CallerId, u64, Box<Request>),
    /// One has gone.
    Closed(CallerId),
}

/// Accepts callers and passes on what they ask, for as long as the loop takes it in.
pub async fn serve(listener: Listener, incoming: mpsc::Sender<Incoming>) {
    let mut next: CallerId = 0;
    while !incoming.is_closed() {
        match listener.accept().await {
            Ok(peer) => {
                next += 1;
                tokio::spawn(attend(next, peer, incoming.clone()));
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept a caller");
                tokio::time::sleep(AFTER_ERROR).await;
            }
        }
    }
}

async fn attend(caller: CallerId, mut peer: Peer, incoming: mpsc::Sender<Incoming>) {
    let (known, forgotten) = oneshot::channel();
    let asking = async {
        if incoming.send(Incoming::Opened(caller, peer.outbox(), known)).await.is_err() {
            return;
        }
        while let Some((id, request)) = peer.request().await {
            if incoming.send(Incoming::Asked(caller, id, Box::new(request))).await.is_err() {
                return;
            }
        }
        let _ = incoming.send(Incoming::Closed(caller)).await;
    };
    tokio::select! {
        () = asking => {}
        _ = forgotten => {}
    }
}

#[derive(Debug)]
struct Caller {
    outbox: Outbox,
    window: bool,
    subscribed: bool,
    /// Permission to come to the front that it came with, until it is used.
    activation: Option<String>,
    /// Dropped with this, which ends the connection.
    _known: oneshot::Sender<()>,
}

/// What the window is asked to show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Show {
    /// A row; none means as it is.
    pub item: Option<i64>,
    /// An account that the person is asked about.
    pub add: Option<SignInHint>,
    /// Why a link that the person has clicked leads nowhere.
    pub refused: Option<Failure>,
    /// The desktop's permission to come to the front.
    pub activation: Option<String>,
}

impl Show {
    fn tell(self, window: &Outbox) -> bool {
        let Self { item, add, refused, activation } = self;
        window.tell(Event::Show { item, activation })
            && add.is_none_or(|hint| window.tell(Event::Add(hint)))
            && refused.is_none_or(|failure| window.tell(Event::Refused(failure)))
    }
}

/// Those who are connected.
#[derive(Debug, Default)]
pub struct Callers {
    connected: HashMap<CallerId, Caller>,
    // for a window that is being started, or is not ready to listen yet
    show_when_ready: Option<Show>,
}

impl Callers {
    /// One has connected.
    pub fn opened(&mut self, caller: CallerId, outbox: Outbox, known: oneshot::Sender<()>) {
        self.connected.insert(
            caller,
            Caller { outbox, window: false, subscribed: false, activation: None, _known: known },
        );
    }

    /// One has gone.
    pub fn closed(&mut self, caller: CallerId) {
        self.connected.remove(&caller);
    }

    /// One says what it is, and which permission to come to the front it has. True when it is a window and another one is open, which has been asked to show itself;
    /// the new one is expected to leave.
    pub fn introduce(&mut self, caller: CallerId, role: Role, activation: Option<String>) -> bool {
        if role == Role::Window
            && self.connected.iter().any(|(&other, known)| known.window && other != caller)
        {
            let waiting = self.show_when_ready.take().unwrap_or_default();
            self.show(Show { activation: activation.or(waiting.activation), ..waiting });
            return true;
        }
        if let Some(caller) = self.connected.get_mut(&caller) {
            caller.window = role == Role::Window;
            caller.activation = activation.filter(|_| role != Role::Window);
        }
        false
    }

    /// The permission to come to the front that one came with; there is one.
    pub fn take_activation(&mut self, caller: CallerId) -> Option<String> {
        self.connected.get_mut(&caller)?.activation.take()
    }

    /// Answers a request. A caller whose outbox is full is forgotten.
    pub fn answer(&mut self, caller: CallerId, id: u64, answer: Result<Reply, Failure>) {
        let Some(known) = self.connected.get(&caller) else { return };
        // unconstrained: "not ready" must mean a full outbox, not a used-up share of this turn
        if tokio::task::unconstrained(known.outbox.answer(id, answer)).now_or_never().is_none() {
            tracing::warn!(caller, "does not read its answers and is forgotten");
            self.connected.remove(&caller);
        }
    }

    /// From now on it hears every event.
    pub fn subscribe(&mut self, caller: CallerId) {
        let Some(known) = self.connected.get_mut(&caller) else { return };
        known.subscribed = true;
        if known.window
            && let Some(show) = self.show_when_ready.take()
        {
            show.tell(&known.outbox);
        }
    }

    /// Whether anybody hears events.
    pub fn has_subscribers(&self) -> bool {
        self.connected.values().any(|known| known.subscribed)
    }

    /// Tells all who have subscribed.
    pub fn tell(&mut self, event: &Event) {
        self.connected.retain(|caller, known| {
            let reads = !known.subscribed || known.outbox.tell(event.clone());
            if !reads {
                tracing::warn!(caller, "does not read its events and is forgotten");
            }
            reads
        });
    }

    /// Whether a window is open.
    pub fn have_window(&self) -> bool {
        self.connected.values().any(|known| known.window)
    }

    /// Asks the open window to show itself. False when none is open: the next one will be asked as soon as it listens,
    /// but for the permission, which the caller starts it with.
    pub fn show(&mut self, mut show: Show) -> bool {
        let window = self.connected.values().find(|known| known.window);
        let earlier = self.show_when_ready.take();
        let (add, refused) = earlier.map(|earlier| (earlier.add, earlier.refused)).unwrap_or_default();
        show.add = show.add.or(add);
        show.refused = show.refused.or(refused);
        if let Some(window) = window.filter(|window| window.subscribed) {
            return show.tell(&window.outbox);
        }
        let open = window.is_some();
        show.activation = show.activation.filter(|_| open);
        self.show_when_ready = Some(show);
        open
    }
}
