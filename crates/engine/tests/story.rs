//! The log of a connection reads as a story, and tells no secret. Alone in its program, as a log has one owner.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that panics has said what is wrong")]

#[allow(dead_code, reason = "other tests use the rest of it")]
#[path = "real/house.rs"]
mod house;

use std::{
    io::Write,
    sync::{Arc, Mutex},
};

use tidings_engine::Store as _;
use tidings_protocol::{Flow, Secret};
use tracing_subscriber::fmt::MakeWriter;

use house::{Client, House};

#[derive(Clone, Default)]
struct Pages(Arc<Mutex<Vec<u8>>>);

impl Pages {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Pages {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Pages {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// The lines of one connection, in order: level and message alone.
fn story(pages: &Pages) -> Vec<String> {
    let lines = pages.text();
    lines
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .filter(|line| line["level"] != "TRACE" && line["level"] != "DEBUG")
        .filter(|line| line["target"].as_str().is_some_and(|target| target.starts_with("tidings_engine")))
        .map(|line| {
            let [connection, attempt] = [&line["spans"][0]["account"], &line["spans"][1]["attempt"]];
            assert!(connection == "alice" && attempt.is_u64(), "{line}");
            line["fields"]["message"].as_str().unwrap().to_owned()
        })
        .collect()
}

#[tokio::test]
async fn an_attempt_reads_as_a_story_and_no_line_holds_a_secret() {
    let pages = Pages::default();
    // with the `log` lines of the crates below: whatever a person turns on to find a fault, no secret comes with it
    tracing_subscriber::fmt()
        .json()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(pages.clone())
        .try_init()
        .unwrap();

    let house = House::new().await;
    let mut session = house.session().await;
    let good = session.access_token.clone();
    session.access_token = Secret::from("garbled");
    session.expires_at = None;
    let refresh = session.refresh_token.clone().unwrap();
    let store = tidings_engine::MemoryStore::signed_in(session);
    let client = Client::start(house.endpoint(Flow::Ticket), store).await;
    let renewed = client.store.load().await.unwrap().unwrap();
    client.connection.shutdown().await;
    let lines = story(&pages);

    // the other flow, which sends the token twice
    let other = Client::start(house.endpoint(Flow::Token), client.store).await;
    other.connection.shutdown().await;
    assert_eq!(
        lines,
        [
            "token ready",
            "ticket requested",
            "refused: HTTP 401 UNAUTHORIZED at ticket",
            "renewing the token",
            "token ready",
            "ticket requested",
            "ticket obtained",
            "opening",
            "connected",
            "disconnecting",
        ]
    );
    let secrets = [&good, &refresh, &renewed.access_token, &renewed.refresh_token.unwrap()];
    let leaks: Vec<_> = pages
        .text()
        .lines()
        .filter(|line| {
            line.contains("ticket=") || secrets.iter().any(|secret| line.contains(secret.expose()))
        })
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["target"].to_string())
        .collect();
    assert_eq!(leaks, Vec::<String>::new());
}
