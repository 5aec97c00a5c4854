//! A client, and an owner who stores what it is told: each once, with the cursor moving along.

use std::{collections::HashSet, time::Duration};

use tidings_engine::{
    Arrival, CauseKind, Connection, Cursor, Endpoint, Event, Events, MemoryStore, Options, Retry, State,
    Store as _, StoredSession, Surroundings, Transport,
};
use tidings_protocol::{Device, Platform};

/// How long a test waits for something that has to happen; only a failure takes that long.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) fn device() -> Device {
    Device { name: "desk".into(), platform: Platform::Linux }
}

pub(crate) fn transport() -> Transport {
    Transport::new().unwrap()
}

pub(crate) struct Owner {
    connection: Connection,
    events: Events,
    pub(crate) store: MemoryStore,
    ids: HashSet<String>,
    /// How often one came that was here already.
    pub(crate) again: usize,
    pub(crate) deleted: Vec<String>,
    pub(crate) read: Vec<String>,
}

impl Owner {
    /// Somebody who is signed in, and began with this place in the log.
    pub(crate) async fn signed_in(endpoint: Endpoint, session: StoredSession, at: Option<Cursor>) -> Self {
        let store = MemoryStore::signed_in(session);
        if let Some(at) = at {
            store.advance(at).await;
        }
        Self::begin(endpoint, store, Options::default())
    }

    /// Nobody in particular.
    pub(crate) fn anonymous(endpoint: Endpoint) -> Self {
        Self::begin(endpoint, MemoryStore::new(), Options { anonymous: true, ..Options::default() })
    }

    pub(crate) fn begin(endpoint: Endpoint, store: MemoryStore, options: Options) -> Self {
        let (connection, events) =
            Connection::start(endpoint, options, transport(), Surroundings::still(), store.clone());
        let (ids, deleted, read) = (HashSet::new(), Vec::new(), Vec::new());
        Self { connection, events, store, ids, again: 0, deleted, read }
    }

    /// Takes in the next event; returns a notification that is new.
    pub(crate) async fn take(&mut self) -> (Option<Arrival>, bool) {
        let event = tokio::time::timeout(PATIENCE, self.events.recv()).await;
        match event.expect("an event within the test's patience").expect("the connection stands") {
            Event::Notification(arrival) => {
                if let Some(cursor) = arrival.cursor() {
                    self.advance(cursor).await;
                }
                let new = self.ids.insert(arrival.notification.id.clone().unwrap());
                self.again += usize::from(!new);
                (Some(arrival).filter(|_| new), false)
            }
            Event::AuthSuccess(greeting) => {
                if self.store.cursor().await.unwrap().is_none()
                    && let (Some(epoch), Some(seq)) = (greeting.epoch, greeting.head)
                {
                    self.store.advance(Cursor { epoch, seq }).await;
                }
                (None, false)
            }
            Event::Resumed(resumed) => {
                self.advance(Cursor { epoch: resumed.epoch, seq: resumed.head }).await;
                (None, true)
            }
            Event::Read { ids, .. } => {
                self.read.extend(ids);
                (None, false)
            }
            Event::Deleted { ids, .. } => {
                self.deleted.extend(ids);
                (None, false)
            }
            _ => (None, false),
        }
    }

    /// As the inbox does it: a place that is behind does not count.
    async fn advance(&self, cursor: Cursor) {
        let at = self.store.cursor().await.unwrap();
        if at.is_none_or(|at| at.epoch != cursor.epoch || at.seq < cursor.seq) {
            self.store.advance(cursor).await;
        }
    }

    /// The next so many that are new.
    pub(crate) async fn arrivals(&mut self, count: usize) -> Vec<Arrival> {
        let mut new = Vec::new();
        while new.len() < count {
            new.extend(self.take().await.0);
        }
        new
    }

    pub(crate) async fn titles(&mut self, count: usize) -> Vec<String> {
        self.arrivals(count).await.into_iter().map(|arrival| arrival.notification.title).collect()
    }

    /// Waits until what was missed is here. Nothing new may have come with it.
    pub(crate) async fn caught_up(&mut self) {
        loop {
            match self.take().await {
                (None, true) => return,
                (None, false) => {}
                (Some(arrival), _) => panic!("{arrival:?} was not to come"),
            }
        }
    }

    pub(crate) async fn until(&mut self, done: impl Fn(&Self) -> bool) {
        while !done(self) {
            self.take().await;
        }
    }

    pub(crate) async fn connected(&self) {
        self.reaches(|state| *state == State::Connected).await;
    }

    async fn reaches(&self, wanted: impl Fn(&State) -> bool) -> State {
        let mut status = self.connection.status();
        let reached = status.wait_for(|status| wanted(&status.state));
        tokio::time::timeout(PATIENCE, reached).await.unwrap().unwrap().state.clone()
    }

    /// Where it stops for a person.
    pub(crate) async fn stopped(&self) -> CauseKind {
        let stopped = |state: &State| matches!(state, State::Disconnected { retry: Retry::No, .. });
        match self.reaches(stopped).await {
            State::Disconnected { cause, .. } => cause.kind,
            _ => unreachable!(),
        }
    }

    pub(crate) async fn waits(&self) -> CauseKind {
        match self.reaches(|state| matches!(state, State::Disconnected { .. })).await {
            State::Disconnected { cause, .. } => cause.kind,
            _ => unreachable!(),
        }
    }

    pub(crate) async fn shutdown(self) -> MemoryStore {
        self.connection.shutdown().await;
        self.store
    }
}
