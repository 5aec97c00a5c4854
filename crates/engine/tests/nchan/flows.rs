use std::time::Duration;

use tidings_engine::{
    Arrival, Backoff, CauseKind, Connection, Endpoint, Event, Events, MemoryStore, Options, Retry, State,
    Store as _, StoredSession, Surroundings, Transport,
};
use tidings_protocol::{Flow, Secret};

use crate::nginx::Nginx;

/// How long a test waits for something that has to happen; only a failure takes that long.
const PATIENCE: Duration = Duration::from_secs(60);

const WELCOME: &str = r#"{"type":"auth_success"}"#;

struct Client {
    connection: Connection,
    events: Events,
    store: MemoryStore,
}

impl Client {
    /// A person whose token came with the account: there is nowhere to sign in, and nothing to renew it with.
    fn start(nginx: &Nginx, token: &str) -> Self {
        let quick = Backoff { cap: Duration::from_millis(200), ..Backoff::default() };
        Self::start_with(nginx, token, Options { backoff: quick, ..Options::default() })
    }

    fn start_with(nginx: &Nginx, token: &str, options: Options) -> Self {
        let endpoint = Endpoint::parse(&nginx.url(), Flow::Token, false).unwrap();
        let session = StoredSession {
            access_token: Secret::from(token),
            expires_at: None,
            refresh_token: None,
            session_id: None,
            user: None,
        };
        let store = MemoryStore::signed_in(session);
        let transport = Transport::new().unwrap();
        let (connection, events) =
            Connection::start(endpoint, options, transport, Surroundings::still(), store.clone());
        Self { connection, events, store }
    }

    /// Takes events in until one is the wanted one.
    async fn find<T>(&mut self, mut wanted: impl FnMut(Event) -> Option<T>) -> T {
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

    async fn connected(&mut self) {
        self.find(|event| (event == Event::Connected).then_some(())).await;
    }

    async fn arrival(&mut self) -> Arrival {
        self.find(|event| match event {
            Event::Notification(arrival) => Some(arrival),
            _ => None,
        })
        .await
    }

    /// Titles of the next ones.
    async fn titles(&mut self, count: usize) -> Vec<String> {
        let mut titles = Vec::new();
        while titles.len() < count {
            titles.push(self.arrival().await.notification.title);
        }
        titles
    }

    /// Why it will try again.
    async fn lost(&mut self) -> (CauseKind, String) {
        self.find(|event| match event {
            Event::ReconnectScheduled { cause, .. } => Some((cause.kind, cause.detail)),
            _ => None,
        })
        .await
    }

    /// Why it will not.
    async fn stopped(&self) -> (CauseKind, String) {
        let mut status = self.connection.status();
        let stopped =
            status.wait_for(|status| matches!(status.state, State::Disconnected { retry: Retry::No, .. }));
        let status = tokio::time::timeout(PATIENCE, stopped).await.unwrap().unwrap().clone();
        match status.state {
            State::Disconnected { cause, .. } => (cause.kind, cause.detail),
            _ => unreachable!(),
        }
    }
}

fn note(id: &str) -> String {
    format!(r#"{{"type":"notification","payload":{{"id":"{id}","title":"{id}"}}}}"#)
}

#[tokio::test]
#[ignore = "needs nginx with nchan"]
async fn a_server_of_others_is_greeted_and_its_notifications_come_in_order() {
    let nginx = Nginx::start().await;
    let mut client = Client::start(&nginx, "alice");
    assert_eq!(nginx.heard("alice", 1).await, [r#"{"payload":{"token":"alice"},"type":"auth"}"#]);
    assert_ne!(client.connection.status().borrow().state, State::Connected, "nobody has said auth_success");
    nginx.publish("alice", WELCOME).await;
    client.connected().await;
    for id in ["n1", "n2", "n3"] {
        nginx.publish("alice", &note(id)).await;
    }
    for id in ["n1", "n2", "n3"] {
        let arrival = client.arrival().await;
        assert_eq!(arrival.notification.id.as_deref(), Some(id));
        assert_eq!(arrival.cursor(), None, "there is no log to have a place in");
    }
    nginx.publish("alice", "no JSON").await;
    nginx.publish("alice", r#"{"type":"presence","payload":{"who":"bob"}}"#).await;
    nginx.publish("alice", r#"{"type":"Notification","payload":{"title":"without id"}}"#).await;
    assert_eq!(client.titles(1).await, ["without id"]);
}

#[tokio::test]
#[ignore = "needs nginx with nchan"]
async fn a_server_that_never_says_pong_is_not_taken_for_dead() {
    let nginx = Nginx::start().await;
    nginx.publish("alice", WELCOME).await;
    let (interval, pong) = (Duration::from_millis(500), Duration::from_secs(5));
    let mut options = Options { keepalive: Some(interval), ..Options::default() };
    options.deadlines.pong = pong;
    let mut client = Client::start_with(&nginx, "alice", options);
    client.connected().await;
    // auth, and more pings than there is time for before the first one's deadline
    let pings = 2 * usize::try_from(pong.as_millis() / interval.as_millis()).unwrap();
    let heard = nginx.heard("alice", 1 + pings).await;
    assert_eq!(heard.iter().filter(|message| message.contains("auth")).count(), 1, "one connection");
    assert_eq!(client.connection.status().borrow().state, State::Connected);
}

#[tokio::test]
#[ignore = "needs nginx with nchan"]
async fn what_the_door_says_is_judged_by_the_table() {
    let nginx = Nginx::start().await;
    let stranger = Client::start(&nginx, "stranger");
    assert_eq!(stranger.stopped().await, (CauseKind::Blocked, "HTTP 403 at upgrade".into()));
    let expired = Client::start(&nginx, "expired");
    assert_eq!(expired.stopped().await, (CauseKind::SignInNeeded, "HTTP 401 at upgrade".into()));
    expired.connection.shutdown().await;
    assert_eq!(expired.store.load().await, Ok(None), "the token that nothing can renew is cleared");
    assert!(stranger.store.load().await.unwrap().is_some(), "a refused one is kept");
    let mut busy = Client::start(&nginx, "busy");
    assert_eq!(busy.lost().await, (CauseKind::ServerBusy, "HTTP 503 at upgrade".into()));
}

#[tokio::test]
#[ignore = "needs nginx with nchan"]
async fn it_comes_back_after_each_way_that_nginx_can_go() {
    let mut nginx = Nginx::start().await;
    nginx.publish("alice", WELCOME).await;
    let mut client = Client::start(&nginx, "alice");
    client.connected().await;
    let gone = (CauseKind::Unreachable, "closed with 1001 410 Gone".to_owned());

    nginx.reload();
    assert_eq!(client.lost().await, gone);
    nginx.publish("alice", WELCOME).await;
    client.connected().await;

    nginx.forget("alice").await;
    assert_eq!(client.lost().await, gone);
    nginx.publish("alice", WELCOME).await;
    client.connected().await;

    nginx.stop().await;
    assert_eq!(client.lost().await, gone);
    nginx.start_again().await;
    nginx.publish("alice", WELCOME).await;
    client.connected().await;

    nginx.crash().await;
    assert_eq!(client.lost().await.0, CauseKind::Unreachable);
    nginx.start_again().await;
    nginx.publish("alice", WELCOME).await;
    client.connected().await;
    nginx.publish("alice", &note("after all")).await;
    assert_eq!(client.titles(1).await, ["after all"]);
}

/// nchan keeps what was published and sends it again to every new socket; `id` is what tells that it is the same, and the
/// inbox goes by it (`crates/inbox/tests/behaviour.rs`).
#[tokio::test]
#[ignore = "needs nginx with nchan"]
async fn what_is_sent_again_after_a_break_carries_the_ids_of_the_first_time() {
    let nginx = Nginx::start().await;
    for message in [WELCOME, &note("n1"), &note("n2")] {
        nginx.publish("alice", message).await;
    }
    let mut client = Client::start(&nginx, "alice");
    assert_eq!(client.titles(2).await, ["n1", "n2"]);
    client.connection.reconnect();
    nginx.publish("alice", &note("n3")).await;
    let again = [client.arrival().await, client.arrival().await, client.arrival().await];
    let ids = again.each_ref().map(|arrival| arrival.notification.id.as_deref());
    assert_eq!(ids, [Some("n1"), Some("n2"), Some("n3")]);
}

#[tokio::test]
#[ignore = "needs nginx with nchan"]
async fn a_message_beyond_the_limit_stops_it_and_a_large_one_does_not() {
    let nginx = Nginx::start().await;
    nginx.publish("alice", WELCOME).await;
    let mut client = Client::start(&nginx, "alice");
    client.connected().await;
    let sized = |length: usize| {
        format!(r#"{{"type":"notification","payload":{{"title":"t","body":"{}"}}}}"#, "x".repeat(length))
    };
    nginx.publish("alice", &sized(1_000_000)).await;
    assert_eq!(client.arrival().await.notification.body.len(), 1_000_000);
    nginx.publish("alice", &sized(1_100_000)).await;
    assert_eq!(client.stopped().await.0, CauseKind::Blocked);
}
