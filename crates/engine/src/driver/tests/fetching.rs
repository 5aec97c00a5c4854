//! What was missed, where calls fetch it, and what else happens meanwhile.

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::*;
use crate::{Following, fakes::Asked};

/// Seconds of the place that everything was received up to.
const RECEIVED: u64 = 1_700_000_000;

async fn started(dialect: Dialect) -> Client {
    let seq = if dialect == Dialect::Gotify { RECEIVED << 31 | 1 } else { RECEIVED };
    let store = MemoryStore::signed_in(session("a1", None, None));
    store.advance(Cursor { epoch: dialect.name().into(), seq }).await;
    started_with(dialect, store)
}

fn started_with(dialect: Dialect, store: MemoryStore) -> Client {
    let topics = vec![Following { topic: "t".into(), since: OffsetDateTime::UNIX_EPOCH }];
    let endpoint = Endpoint { topics, ..Endpoint::parse("https://example.com", dialect, false).unwrap() };
    start_at(endpoint, dialect, store)
}

/// A message of ntfy's that came so many seconds later.
fn line(id: &str, later: u64) -> String {
    let line = json!({ "id": id, "time": RECEIVED + later, "event": "message", "topic": "t", "message": id });
    format!("{line}\n")
}

/// A message of Gotify's.
fn numbered_of(application: u64, id: u64) -> Value {
    json!({ "id": id, "appid": application, "message": "m", "date": "2024-01-01T00:00:00Z" })
}

impl Client {
    /// Connects to ntfy, and is asked for what was missed.
    async fn asked_for_lines(&mut self) -> (PlayedSocket, Asked) {
        let mut socket = self.server.open().await;
        socket
            .text(&json!({ "id": "o", "time": RECEIVED + 900, "event": "open", "topic": "t" }).to_string())
            .await;
        self.connected().await;
        let asked = self.server.call(Place::CatchUp).await;
        (socket, asked)
    }

    /// Connects to Gotify, which knows application 5, and is asked for its newest messages.
    async fn asked_for_a_page(&mut self) -> (PlayedSocket, Asked) {
        let socket = self.server.open().await;
        self.connected().await;
        (socket, self.asked_again().await)
    }

    async fn asked_again(&mut self) -> Asked {
        let applications = self.server.call(Place::CatchUp).await;
        assert_eq!(applications.call.url.path(), "/application");
        applications.answer(200, r#"[{"id":5,"name":"Backups"}]"#);
        self.server.call(Place::CatchUp).await
    }

    async fn ids(&mut self, count: usize) -> Vec<(String, bool)> {
        let mut ids = Vec::new();
        while ids.len() < count {
            let arrival = self.arrival().await;
            ids.push((arrival.notification.id.unwrap(), arrival.replayed));
        }
        ids
    }

    /// Nothing more is asked of the server.
    async fn leaves_it_in_peace(&mut self) {
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert!(self.server.is_quiet());
    }
}

fn page(ids: impl Iterator<Item = u64>) -> String {
    json!({ "messages": ids.map(|id| numbered_of(5, id)).collect::<Vec<_>>() }).to_string()
}

#[tokio::test(start_paused = true)]
async fn live_ones_pass_once_and_after_what_was_missed() {
    let mut client = started(Dialect::Ntfy).await;
    let (mut socket, asked) = client.asked_for_lines().await;
    for live in [line("b", 2), line("c", 3)] {
        socket.text(&live).await;
    }
    // they are there before the answer is
    client.leaves_it_in_peace().await;
    asked.answer(200, &(line("a", 1) + &line("b", 2)));
    let wanted = [("a", true), ("b", true), ("c", false)].map(|(id, replayed)| (id.to_owned(), replayed));
    assert_eq!(client.ids(3).await, wanted);
    socket.text(&line("d", 4)).await;
    assert_eq!(client.ids(1).await, [("d".to_owned(), false)]);
}

#[tokio::test(start_paused = true)]
async fn the_next_page_is_asked_for_once_the_last_was_taken() {
    let mut client = started(Dialect::Gotify).await;
    let (_socket, newest) = client.asked_for_a_page().await;
    newest.answer(200, &page((102..=201).rev()));
    let oldest = client.server.call(Place::CatchUp).await;
    assert!(oldest.call.url.as_str().ends_with("since=102"), "{:?}", oldest.call.url);
    oldest.answer(200, &page((12..=101).rev()));
    client.leaves_it_in_peace().await;
    assert_eq!(client.ids(90).await.len(), 90);
    let next = client.server.call(Place::CatchUp).await;
    assert!(next.call.url.as_str().ends_with("since=202"), "{:?}", next.call.url);
    next.answer(200, &page((102..=201).rev()));
    assert_eq!(client.ids(100).await.len(), 100);
    client.leaves_it_in_peace().await;
}

#[tokio::test(start_paused = true)]
async fn an_answer_to_an_attempt_that_was_given_up_is_forgotten_and_asked_for_again() {
    let mut client = started(Dialect::Ntfy).await;
    let (_first, abandoned) = client.asked_for_lines().await;
    client.commands.send(Command::Reconnect).unwrap();
    let (_second, asked) = client.asked_for_lines().await;
    assert_eq!(asked.call.url, abandoned.call.url, "nothing was received meanwhile");
    abandoned.answer(200, &line("x", 1));
    asked.answer(200, &line("a", 1));
    assert_eq!(client.ids(1).await, [("a".to_owned(), true)]);
}

#[tokio::test(start_paused = true)]
async fn a_refused_call_is_judged_as_a_refused_socket_is() {
    for (status, body, cause, patience) in [
        (401, "", CauseKind::SignInNeeded, None),
        (403, "", CauseKind::Blocked, None),
        (429, "", CauseKind::ServerBusy, Some(60)),
        (502, "", CauseKind::Unreachable, Some(0)),
        (200, "<!doctype html>", CauseKind::NotSuchServer, Some(30)),
    ] {
        let mut client = started(Dialect::Ntfy).await;
        let (_socket, asked) = client.asked_for_lines().await;
        asked.answer(status, body);
        let (seen, retry) = client.disconnected().await;
        assert_eq!((seen, retry == Retry::No), (cause, patience.is_none()), "{status}");
        let Some(patience) = patience else { continue };
        let before = tokio::time::Instant::now();
        let _again = client.server.upgrade().await;
        let waited = before.elapsed().as_secs();
        assert!((patience..=patience + 61).contains(&waited), "{status}: {waited} s");
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_always_fails_to_answer_is_asked_less_and_less_often() {
    let mut client = started(Dialect::Gotify).await;
    let before = tokio::time::Instant::now();
    for _ in 0..20 {
        let (_socket, asked) = client.asked_for_a_page().await;
        asked.answer(500, "");
        client.disconnected().await;
    }
    assert!(before.elapsed() > Duration::from_secs(120), "{:?}", before.elapsed());
}

#[tokio::test(start_paused = true)]
async fn however_often_the_server_says_that_there_is_something_it_is_asked_once_more() {
    let mut client = started(Dialect::Ntfy).await;
    let (mut socket, asked) = client.asked_for_lines().await;
    let hint = json!({ "id": "p", "time": RECEIVED, "event": "poll_request", "topic": "t" }).to_string();
    for _ in 0..5 {
        socket.text(&hint).await;
    }
    socket.text(&line("last", 9)).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    asked.answer(200, &line("a", 1));
    client.server.call(Place::CatchUp).await.answer(200, &line("b", 2));
    let ids = client.ids(3).await.into_iter().map(|(id, _)| id).collect::<Vec<_>>();
    assert_eq!(ids, ["a", "b", "last"]);
    client.leaves_it_in_peace().await;
}

#[tokio::test(start_paused = true)]
async fn an_application_that_nobody_knows_is_asked_for_once() {
    let mut client = started(Dialect::Gotify).await;
    let (mut socket, asked) = client.asked_for_a_page().await;
    asked.answer(200, &page(1..1));
    socket.text(&numbered_of(9, 2).to_string()).await;
    let asked = client.asked_again().await;
    asked.answer(200, &json!({ "messages": [numbered_of(9, 2)] }).to_string());
    assert_eq!(client.ids(1).await.len(), 1);
    socket.text(&numbered_of(9, 3).to_string()).await;
    assert_eq!(client.ids(1).await.len(), 1);
    client.leaves_it_in_peace().await;
}

#[tokio::test(start_paused = true)]
async fn one_that_came_before_anybody_knew_where_the_log_stood_is_not_taken_for_old() {
    let mut client = started_with(Dialect::Gotify, MemoryStore::signed_in(session("a1", None, None)));
    let (mut socket, asked) = client.asked_for_a_page().await;
    socket.text(&numbered_of(5, 7).to_string()).await;
    client.leaves_it_in_peace().await;
    asked.answer(200, &page([7].into_iter()));
    client.asked_again().await.answer(200, &page((1..=7).rev()));
    let ids = client.ids(1).await;
    assert!(ids[0].0.starts_with("7."), "{ids:?}");
    client.leaves_it_in_peace().await;
}
