use std::{collections::HashSet, time::Duration};

use tidings_engine::{
    Arrival, Backoff, CauseKind, Connection, Dialect, Endpoint, Event, Events, Following, MemoryStore,
    Options, Retry, SignInError, SignedIn, State, StoredSession, Surroundings, Transport, sign_in,
};
use tidings_peers::Ntfy;
use tidings_protocol::{Device, Platform, Secret};
use time::OffsetDateTime;

use crate::house::House;

/// How long a test waits for something that has to happen; only a failure takes that long.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) fn endpoint(house: &House, topics: &[&str]) -> Endpoint {
    let mut endpoint = Endpoint::parse(&house.url(), Dialect::Ntfy, false).unwrap();
    let since = OffsetDateTime::now_utc();
    endpoint.topics = topics.iter().map(|topic| Following { topic: (*topic).to_owned(), since }).collect();
    endpoint
}

pub(crate) async fn log_in(endpoint: &Endpoint, password: &str) -> Result<SignedIn, SignInError> {
    let device = Device { name: "desk".into(), platform: Platform::Linux };
    sign_in(&Transport::new().unwrap(), endpoint, Ntfy::USER, &Secret::from(password), &device).await
}

/// What an inbox does: it keeps each once, and the cursor of the last.
pub(crate) struct Client {
    pub(crate) connection: Connection,
    events: Events,
    store: MemoryStore,
    known: HashSet<String>,
}

impl Client {
    pub(crate) fn start(endpoint: &Endpoint, session: StoredSession) -> Self {
        Self::resume(endpoint, MemoryStore::signed_in(session), HashSet::new())
    }

    fn resume(endpoint: &Endpoint, store: MemoryStore, known: HashSet<String>) -> Self {
        let quick = Backoff { cap: Duration::from_millis(200), ..Backoff::default() };
        let options = Options { backoff: quick, ..Options::default() };
        let (transport, still) = (Transport::new().unwrap(), Surroundings::still());
        let (connection, events) =
            Connection::start(endpoint.clone(), options, transport, still, store.clone());
        Self { connection, events, store, known }
    }

    /// Ends it, as when the program is closed; what comes back goes on from what was kept.
    pub(crate) async fn closed(self) -> (MemoryStore, HashSet<String>) {
        self.connection.shutdown().await;
        (self.store, self.known)
    }

    pub(crate) fn opened_again(endpoint: &Endpoint, (store, known): (MemoryStore, HashSet<String>)) -> Self {
        Self::resume(endpoint, store, known)
    }

    /// Takes events in until one is the wanted one.
    pub(crate) async fn find<T>(&mut self, mut wanted: impl FnMut(Event) -> Option<T>) -> T {
        let search = async {
            loop {
                let event = self.events.recv().await.expect("the connection stands");
                if let Some(found) = wanted(event) {
                    return found;
                }
            }
        };
        tokio::time::timeout(PATIENCE, search).await.expect("an event within the test's patience")
    }

    pub(crate) async fn connected(&mut self) {
        self.find(|event| (event == Event::Connected).then_some(())).await;
    }

    /// The next one that is not known yet.
    pub(crate) async fn arrival(&mut self) -> Arrival {
        loop {
            let arrival = self
                .find(|event| match event {
                    Event::Notification(arrival) => Some(arrival),
                    _ => None,
                })
                .await;
            if let Some(cursor) = arrival.cursor() {
                self.store.advance(cursor).await;
            }
            if self.known.insert(arrival.notification.id.clone().unwrap_or_default()) {
                return arrival;
            }
        }
    }

    /// Titles of the next ones; what has only a text has it there.
    pub(crate) async fn titles(&mut self, count: usize) -> Vec<String> {
        let mut titles = Vec::new();
        while titles.len() < count {
            titles.push(self.arrival().await.notification.title);
        }
        titles
    }

    /// Why it will not try again.
    pub(crate) async fn stopped(&self) -> CauseKind {
        let mut status = self.connection.status();
        let stopped =
            status.wait_for(|status| matches!(status.state, State::Disconnected { retry: Retry::No, .. }));
        let status = tokio::time::timeout(PATIENCE, stopped).await.unwrap().unwrap().clone();
        match status.state {
            State::Disconnected { cause, .. } => cause.kind,
            _ => unreachable!(),
        }
    }
}
