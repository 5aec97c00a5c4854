//! The driver on paused time, against a server that the test plays over in-memory streams.

mod asked;
mod deadlines;
mod fetching;
mod ordered;

use std::time::Duration;

use tidings_protocol::{AuthSuccess, ClientMessage, Flow, Goodbye, Resumed, ServerMessage};

use tokio::sync::oneshot;
use tokio_tungstenite::tungstenite::Message;

use super::*;
use crate::{
    Arrival, CauseKind, Cursor, Diagnosis, Dialect, MemoryStore, Options, Retry, State,
    backoff::Random,
    fakes::{Announced, PausedClock, Played, PlayedSocket, played, refreshed, session},
    handle::EVENTS,
    machine::Rules,
    verdict::Place,
};

struct Client {
    commands: mpsc::UnboundedSender<Command>,
    status: watch::Receiver<Status>,
    events: mpsc::Receiver<Event>,
    surroundings: mpsc::UnboundedSender<Change>,
    store: MemoryStore,
    server: Played,
}

fn start(flow: Flow) -> Client {
    start_with(flow, MemoryStore::signed_in(session("a1", Some("r1"), None)))
}

fn start_with(flow: Flow, store: MemoryStore) -> Client {
    start_at(Endpoint::parse("https://example.com", flow, false).unwrap(), flow.into(), store)
}

fn start_at(endpoint: Endpoint, dialect: Dialect, store: MemoryStore) -> Client {
    let (reach, server) = played();
    let Wired { commands, status, events, surroundings } =
        wired(endpoint, dialect, false, store.clone(), reach);
    Client { commands, status, events, surroundings, store, server }
}

/// The ends of a driver that runs on paused time.
struct Wired {
    commands: mpsc::UnboundedSender<Command>,
    status: watch::Receiver<Status>,
    events: mpsc::Receiver<Event>,
    surroundings: mpsc::UnboundedSender<Change>,
}

fn wired(
    endpoint: Endpoint,
    dialect: impl Into<Dialect>,
    loopback: bool,
    store: MemoryStore,
    reach: impl Reach,
) -> Wired {
    let clock = PausedClock::new();
    let rules = Rules::new(&Options::default(), dialect.into(), loopback);
    let machine = Machine::new(clock.now(), rules, Box::new(Random::new()));
    let (shown, status) = watch::channel(machine.status());
    let (commands, commanded) = mpsc::unbounded_channel();
    let (events, told) = mpsc::channel(EVENTS);
    let (surroundings, changes) = mpsc::unbounded_channel();
    let driver = Driver::new(Parts {
        endpoint,
        store: Arc::new(store),
        reach,
        clock,
        surroundings: Announced(changes),
        machine,
        commands: commanded,
        status: shown,
        events,
    });
    tokio::spawn(driver.run(false));
    Wired { commands, status, events: told, surroundings }
}

impl Client {
    async fn reaches(&mut self, wanted: impl Fn(&State) -> bool) -> Status {
        self.status.wait_for(|status| wanted(&status.state)).await.unwrap().clone()
    }

    async fn connected(&mut self) {
        self.reaches(|state| *state == State::Connected).await;
    }

    async fn disconnected(&mut self) -> (CauseKind, Retry) {
        let status = self.reaches(|state| matches!(state, State::Disconnected { .. })).await;
        match status.state {
            State::Disconnected { cause, retry } => (cause.kind, retry),
            _ => unreachable!(),
        }
    }

    /// The next notification; what else is told is skipped.
    async fn arrival(&mut self) -> Arrival {
        loop {
            if let Event::Notification(arrival) = self.events.recv().await.unwrap() {
                return arrival;
            }
        }
    }

    /// Connects by tickets.
    async fn admitted(&mut self) -> PlayedSocket {
        let socket = self.server.admit().await;
        self.connected().await;
        socket
    }
}

fn numbered(seq: u64) -> ServerMessage {
    let notification =
        serde_json::from_value(serde_json::json!({ "seq": seq, "id": seq.to_string() })).unwrap();
    ServerMessage::Notification(Box::new(notification))
}

fn hello(head: u64) -> ServerMessage {
    ServerMessage::AuthSuccess(AuthSuccess {
        epoch: Some("e".into()),
        head: Some(head),
        ..AuthSuccess::default()
    })
}

#[tokio::test(start_paused = true)]
async fn the_ticket_flow_shows_the_token_then_the_ticket() {
    let mut client = start(Flow::Ticket);
    let asked = client.server.call(Place::Ticket).await;
    assert_eq!(asked.bearer(), Some("a1"));
    asked.answer(200, r#"{"ticket":"t1","expires_in":30}"#);
    let socket = client.server.open().await;
    assert_eq!(socket.query, "ticket=t1");
    client.connected().await;
}

#[tokio::test(start_paused = true)]
async fn the_token_flow_greets_and_is_greeted() {
    let mut client = start(Flow::Token);
    let mut socket = client.server.open().await;
    assert_eq!(socket.query, "token=a1");
    assert!(matches!(socket.heard().await, ClientMessage::Auth { token } if token.expose() == "a1"));
    socket.say(&hello(0)).await;
    client.connected().await;
}

#[tokio::test(start_paused = true)]
async fn every_attempt_fetches_a_ticket_of_its_own() {
    let mut client = start(Flow::Ticket);
    let mut socket = client.admitted().await;
    socket.close(1012, "").await;
    client.server.call(Place::Ticket).await.answer(200, r#"{"ticket":"t2","expires_in":30}"#);
    assert_eq!(client.server.open().await.query, "ticket=t2");
}

#[tokio::test(start_paused = true)]
async fn what_was_missed_comes_before_what_is_live() {
    let mut client = start(Flow::Ticket);
    client.store.advance(Cursor { epoch: "e".into(), seq: 4 }).await;
    let mut socket = client.admitted().await;
    socket.say(&hello(6)).await;
    assert!(matches!(socket.heard().await, ClientMessage::Resume { epoch, after: 4 } if epoch == "e"));
    for message in [numbered(5), numbered(7), numbered(6)] {
        socket.say(&message).await;
    }
    socket.say(&ServerMessage::Resumed(Resumed { epoch: "e".into(), head: 6, complete: true })).await;
    let mut told = Vec::new();
    for _ in 0..3 {
        let arrival = client.arrival().await;
        told.push((arrival.notification.seq.unwrap(), arrival.replayed));
    }
    assert_eq!(told, [(5, true), (6, true), (7, false)]);
}

#[tokio::test(start_paused = true)]
async fn garbage_is_skipped_and_the_connection_stands() {
    let mut client = start(Flow::Ticket);
    let mut socket = client.admitted().await;
    for garbage in ["", "{", "[]", "null", r#"{"type":7}"#, r#"{"type":"confetti"}"#, "\u{0}"] {
        socket.text(garbage).await;
    }
    use futures_util::SinkExt as _;
    use tokio_tungstenite::tungstenite::Message;
    socket.stream.send(Message::binary(vec![0u8; 1000])).await.unwrap();
    socket.stream.send(Message::Ping(vec![1].into())).await.unwrap();
    socket.say(&numbered(1)).await;
    assert_eq!(client.arrival().await.notification.seq, Some(1));
}

#[tokio::test(start_paused = true)]
async fn a_message_beyond_the_limit_closes_with_1009_and_waits_for_a_person() {
    let mut client = start(Flow::Ticket);
    let mut socket = client.admitted().await;
    let huge = format!(r#"{{"type":"notification","payload":{{"title":"{}"}}}}"#, "x".repeat(1024 * 1024));
    let (closed, ()) = tokio::join!(
        async {
            use futures_util::SinkExt as _;
            let _ = socket.stream.send(tokio_tungstenite::tungstenite::Message::text(huge)).await;
            socket.until_closed().await
        },
        async { assert_eq!(client.disconnected().await, (CauseKind::Blocked, Retry::No)) },
    );
    // the stream may already be gone when the close frame would be read
    assert!(closed.is_none_or(|code| code == 1009), "{closed:?}");
}

#[tokio::test(start_paused = true)]
async fn bytes_that_are_no_websocket_are_tried_again() {
    use tokio::io::AsyncWriteExt as _;
    let mut client = start(Flow::Ticket);
    let mut socket = client.admitted().await;
    socket.stream.get_mut().write_all(&[0xff; 64]).await.unwrap();
    let (kind, retry) = client.disconnected().await;
    assert_eq!(kind, CauseKind::Unreachable);
    assert!(matches!(retry, Retry::At(_)));
}

#[tokio::test(start_paused = true)]
async fn a_silent_peer_is_found_and_told_4000() {
    let mut client = start(Flow::Ticket);
    let mut socket = client.admitted().await;
    let before = tokio::time::Instant::now();
    let (kind, _) = client.disconnected().await;
    assert_eq!(kind, CauseKind::Unreachable);
    assert_eq!(before.elapsed().as_secs(), 10, "the deadline of the first ping");
    let (ping, text, close) = (0x9, 0x1, 0x8);
    let farewell = [&4000u16.to_be_bytes()[..], b"KEEPALIVE_TIMEOUT"].concat();
    let frames = [(ping, vec![]), (text, br#"{"type":"ping"}"#.to_vec()), (close, farewell)];
    assert_eq!(socket.unanswered().await, frames);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_answers_only_websocket_pings_is_alive() {
    let mut client = start(Flow::Ticket);
    let mut socket = client.admitted().await;
    // as long as the stream is read, it answers WebSocket pings, and nobody answers ours
    let reading = async { while socket.raw().await.is_some() {} };
    let ten_pings = tokio::time::sleep(Duration::from_secs(300));
    tokio::select! {
        () = reading => panic!("the client has gone"),
        () = ten_pings => {}
    }
    assert_eq!(client.status.borrow().state, State::Connected);
}

#[tokio::test(start_paused = true)]
async fn the_wait_that_is_told_is_the_wait_that_is_waited() {
    let mut client = start(Flow::Ticket);
    for _ in 0..5 {
        client.server.call(Place::Ticket).await.fail();
        let delay = loop {
            if let Event::ReconnectScheduled { delay, .. } = client.events.recv().await.unwrap() {
                break delay;
            }
        };
        let told_at = tokio::time::Instant::now();
        let asked = client.server.call(Place::Ticket).await;
        let waited = told_at.elapsed();
        // tokio's timers are good to a millisecond
        assert!(waited >= delay && waited <= delay + Duration::from_millis(2), "{waited:?} {delay:?}");
        asked.fail();
        client.events.recv().await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn an_expired_token_is_renewed_once_and_the_new_one_is_used() {
    let mut client = start(Flow::Ticket);
    let expired = r#"{"error":{"code":"TOKEN_EXPIRED","message":"m"}}"#;
    client.server.call(Place::Ticket).await.answer(401, expired);
    client.server.call(Place::Refresh).await.answer(200, &refreshed("a2", "r2", 900));
    let asked = client.server.call(Place::Ticket).await;
    assert_eq!(asked.bearer(), Some("a2"));
    asked.answer(401, expired);
    assert_eq!(client.disconnected().await, (CauseKind::SignInNeeded, Retry::No));
    assert!(client.server.is_quiet());
    client.commands.send(Command::Shutdown).unwrap();
    client.commands.closed().await;
    assert_eq!(client.store.load().await, Ok(None), "the session is cleared");
}

#[tokio::test(start_paused = true)]
async fn a_token_is_renewed_ahead_and_a_failure_of_that_leaves_the_socket_alone() {
    let store = MemoryStore::signed_in(session("a1", Some("r1"), Some(120)));
    let mut client = start_with(Flow::Ticket, store.clone());
    let mut socket = client.admitted().await;
    let answering = tokio::spawn(async move { socket.until_closed().await });
    let asked = client.server.call(Place::Refresh).await;
    assert_eq!(client.status.borrow().state, State::Connected);
    asked.answer(503, "");
    client.server.call(Place::Refresh).await.answer(200, &refreshed("a2", "r2", 900));
    while store.load().await.unwrap().unwrap().access_token.expose() != "a2" {
        tokio::task::yield_now().await;
    }
    assert_eq!(client.status.borrow().state, State::Connected);
    assert!(!answering.is_finished());
}

#[tokio::test(start_paused = true)]
async fn a_goodbye_is_waited_out() {
    let mut client = start(Flow::Ticket);
    let mut socket = client.admitted().await;
    let goodbye = Goodbye { reason: "update".into(), reconnect_after_ms: [200_000, 300_000] };
    socket.say(&ServerMessage::Goodbye(goodbye)).await;
    socket.close(1012, "").await;
    assert_eq!(client.disconnected().await.0, CauseKind::Restarting);
    let before = tokio::time::Instant::now();
    client.server.call(Place::Ticket).await.fail();
    assert!((200..=300).contains(&before.elapsed().as_secs()));
}

#[tokio::test(start_paused = true)]
async fn a_slow_owner_loses_nothing_and_the_connection_stands() {
    let mut client = start(Flow::Ticket);
    let mut socket = client.admitted().await;
    let total = 20 * EVENTS as u64;
    let server = tokio::spawn(async move {
        for seq in 1..=total {
            socket.say(&numbered(seq)).await;
        }
        socket.until_closed().await;
    });
    // far longer than any deadline, while the queue is full and the socket is not read
    tokio::time::sleep(Duration::from_secs(300)).await;
    assert_eq!(client.status.borrow().state, State::Connected);
    for seq in 1..=total {
        assert_eq!(client.arrival().await.notification.seq, Some(seq));
    }
    assert!(!server.is_finished());
}

#[tokio::test(start_paused = true)]
async fn no_network_drops_at_once_and_its_return_connects_at_once() {
    let mut client = start(Flow::Ticket);
    let _socket = client.admitted().await;
    client.surroundings.send(Change::Down).unwrap();
    assert_eq!(client.disconnected().await, (CauseKind::Offline, Retry::WhenOnline));
    client.surroundings.send(Change::Up).unwrap();
    let before = tokio::time::Instant::now();
    client.admitted().await;
    assert!(before.elapsed().is_zero());
}

#[tokio::test(start_paused = true)]
async fn reads_are_sent_and_told() {
    let mut client = start(Flow::Ticket);
    client.commands.send(Command::MarkRead(vec!["early".into()])).unwrap();
    let mut socket = client.admitted().await;
    assert!(matches!(socket.heard().await, ClientMessage::Read { ids } if ids == ["early"]));
    client.commands.send(Command::MarkRead(vec!["late".into()])).unwrap();
    assert!(matches!(socket.heard().await, ClientMessage::Read { ids } if ids == ["late"]));
    socket.say(&ServerMessage::Read { ids: vec!["there".into()] }).await;
    loop {
        if let Event::Read { ids, .. } = client.events.recv().await.unwrap() {
            assert_eq!(ids, ["there"]);
            break;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_closes_cleanly_and_ends_the_events() {
    let mut client = start(Flow::Ticket);
    let mut socket = client.admitted().await;
    client.commands.send(Command::Shutdown).unwrap();
    assert_eq!(socket.until_closed().await, Some(1000));
    while socket.raw().await.is_some() {}
    client.commands.closed().await;
    while client.events.recv().await.is_some() {}
    assert!(matches!(client.status.borrow().state, State::Disconnected { retry: Retry::No, .. }));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_ignores_our_close_is_left_after_five_seconds() {
    let mut client = start(Flow::Ticket);
    let _socket = client.admitted().await;
    let before = tokio::time::Instant::now();
    client.commands.send(Command::Shutdown).unwrap();
    client.commands.closed().await;
    assert_eq!(before.elapsed().as_secs(), 5);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_nobody_listens_to_ends() {
    let mut client = start(Flow::Ticket);
    let mut socket = client.admitted().await;
    drop(client.events);
    assert_eq!(socket.until_closed().await, Some(1000));
    client.commands.closed().await;
}

#[tokio::test(start_paused = true)]
async fn a_change_of_network_while_opening_starts_again_and_the_old_socket_is_forgotten() {
    let mut client = start(Flow::Ticket);
    client.server.call(Place::Ticket).await.answer(200, r#"{"ticket":"t1","expires_in":30}"#);
    let (_, abandoned) = client.server.upgrade().await;
    client.surroundings.send(Change::Other).unwrap();
    let mut socket = client.admitted().await;
    assert!(abandoned.is_closed(), "the attempt that was given up is dropped");
    socket.say(&numbered(1)).await;
    assert_eq!(client.arrival().await.notification.seq, Some(1));
}
