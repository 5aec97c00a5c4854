//! The log of attempts that fail, as a reader meets it: one line says what was refused, where, by which status and code, and
//! whether it is hard or soft; the next says when it goes on, or that it does not.

use std::{cell::RefCell, io::Write, sync::Once};

use serde_json::Value;

use crate::scripted::{At, Fault, failing, outcome, session};

thread_local! {
    /// A runtime and all of its client are on the test's own thread. The log has one owner in this program, as what one
    /// thread finds uninteresting would be so for all.
    static PAGE: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

struct Pages;

impl Write for Pages {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        PAGE.with_borrow_mut(|page| page.write(bytes))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What is told, at info level, of a client that meets this fault.
async fn told(at: At, fault: Fault, with: Option<tidings_engine::StoredSession>) -> Vec<Value> {
    static LOG: Once = Once::new();
    LOG.call_once(|| {
        tracing_subscriber::fmt().json().with_max_level(tracing::Level::INFO).with_writer(|| Pages).init();
    });
    PAGE.take();
    let (url, _) = failing(at, fault, true).await;
    outcome(&url, with).await;
    let text = String::from_utf8(PAGE.take()).unwrap();
    for secret in ["a1", "a2", "r1", "r2", "t1"] {
        assert!(!text.contains(&format!("={secret}")) && !text.contains(&format!("\"{secret}\"")), "{text}");
    }
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn messages(lines: &[Value]) -> Vec<&str> {
    lines.iter().map(|line| line["fields"]["message"].as_str().unwrap()).collect()
}

fn failures(lines: &[Value]) -> Vec<&Value> {
    lines.iter().filter(|line| line["level"] == "WARN").map(|line| &line["fields"]).collect()
}

#[tokio::test]
async fn a_soft_refusal_is_one_line_and_then_the_wait() {
    let busy = r#"{"error":{"code":"TICKETS_UNAVAILABLE","message":"m"}}"#;
    let fault = Fault::Http("503 Busy\r\nretry-after: 7".into(), busy);
    let lines = told(At::Ticket, fault, Some(session(true, false))).await;
    let [start @ .., last] = &messages(&lines)[..] else { panic!() };
    assert_eq!(start, ["token ready", "ticket requested", "refused: HTTP 503 TICKETS_UNAVAILABLE at ticket"]);
    assert!(last.starts_with("next attempt in "), "{last}");
    let [refused] = failures(&lines)[..] else { panic!("one line") };
    assert_eq!((&refused["status"], &refused["code"]), (&503.into(), &"TICKETS_UNAVAILABLE".into()));
    assert_eq!((&refused["at"], &refused["hardness"]), (&"ticket".into(), &"soft".into()));
    let delay = lines.last().unwrap()["fields"]["delay_ms"].as_u64().unwrap();
    assert!((7_100..=8_000).contains(&delay), "{delay}");
}

#[tokio::test]
async fn a_hard_refusal_is_one_line_and_then_the_end() {
    let blocked = r#"{"error":{"code":"ORIGIN_BLOCKED","message":"m"}}"#;
    let lines = told(At::Upgrade, Fault::http(403, blocked), Some(session(true, false))).await;
    assert_eq!(
        messages(&lines),
        [
            "token ready",
            "ticket requested",
            "ticket obtained",
            "opening",
            "refused: HTTP 403 ORIGIN_BLOCKED at upgrade",
            "no further attempt",
        ]
    );
    let [refused] = failures(&lines)[..] else { panic!("one line") };
    assert_eq!(refused["hardness"], "hard");
}

#[tokio::test]
async fn a_token_that_no_refresh_cures_is_told_as_soft_and_then_as_hard() {
    let expired = r#"{"error":{"code":"TOKEN_EXPIRED","message":"m"}}"#;
    let lines = told(At::Ticket, Fault::http(401, expired), Some(session(true, false))).await;
    assert_eq!(
        messages(&lines),
        [
            "token ready",
            "ticket requested",
            "refused: HTTP 401 TOKEN_EXPIRED at ticket",
            "renewing the token",
            "token ready",
            "ticket requested",
            "refused: HTTP 401 TOKEN_EXPIRED at ticket",
            "no further attempt",
        ]
    );
    let hardness: Vec<_> = failures(&lines).iter().map(|line| line["hardness"].clone()).collect();
    assert_eq!(hardness, ["soft", "hard"]);
}

#[tokio::test]
async fn a_refused_refresh_and_a_refused_guest_are_told_by_their_place() {
    let lines = told(At::Refresh, Fault::http(401, ""), Some(session(true, true))).await;
    assert_eq!(
        messages(&lines),
        ["renewing the token", "refused: HTTP 401 at refresh", "no further attempt"]
    );
    let lines = told(At::Guest, Fault::http(403, ""), None).await;
    let guest = ["signing in as a guest", "refused: HTTP 403 at guest login", "no further attempt"];
    assert_eq!(messages(&lines), guest);
}

#[tokio::test]
async fn a_close_is_told_with_its_code() {
    let fault = Fault::close(1008, "NOT_AUTHORIZED");
    let lines = told(At::Upgrade, fault, Some(session(true, false))).await;
    let [.., connected, ended, last] = &messages(&lines)[..] else { panic!() };
    let expected =
        ["connected", "the connection ended: closed with 1008 NOT_AUTHORIZED", "no further attempt"];
    assert_eq!([*connected, *ended, *last], expected);
    let [ended] = failures(&lines)[..] else { panic!("one line") };
    assert_eq!((&ended["close"], &ended["hardness"]), (&1008.into(), &"hard".into()));
}
