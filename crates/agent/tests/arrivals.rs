//! How long those wait that were recorded and not decided, by a clock that the test moves.

#![allow(clippy::unwrap_used)]

use std::{sync::Arc, time::Duration};

use tidings_agent::{
    arrival::{Arrivals, Screen},
    attention,
};
use tidings_engine::Arrival;
use tidings_inbox::{AccountRow, Inbox};
use tidings_protocol::Flow;
use time::OffsetDateTime;
use tokio::time::{Instant, sleep_until};

fn arrivals() -> Arrivals {
    let inbox = Inbox::in_memory().unwrap();
    for id in ["a", "b"] {
        let account = AccountRow {
            id: id.into(),
            server: "https://alerts.example.com".into(),
            username: "alice".into(),
            flow: Flow::Ticket,
            allow_unencrypted: false,
            paths: None,
            created_at: OffsetDateTime::UNIX_EPOCH,
        };
        inbox.put_account(&account).unwrap();
    }
    Arrivals::new(Arc::new(inbox), attention::AT_ONCE)
}

fn arrival(seq: Option<u64>, replayed: bool) -> Arrival {
    let notification = serde_json::from_value(serde_json::json!({ "seq": seq, "title": "Hello" })).unwrap();
    Arrival { epoch: Some("e".into()), notification, replayed }
}

fn decided(arrivals: &mut Arrivals) -> usize {
    arrivals.settle(Screen::Shows, false).items.len()
}

#[tokio::test(start_paused = true)]
async fn a_replay_that_never_ends_is_waited_for_only_so_long() {
    let mut arrivals = arrivals();
    arrivals.record("a", arrival(Some(1), true)).unwrap();
    assert_eq!(decided(&mut arrivals), 0);
    let first = arrivals.due().unwrap();
    tokio::time::advance(Duration::from_secs(1)).await;
    arrivals.record("a", arrival(Some(2), true)).unwrap();
    let second = arrivals.due().unwrap();
    assert!(second > first, "it goes on");
    sleep_until(first).await;
    assert_eq!(decided(&mut arrivals), 0);
    sleep_until(second).await;
    assert_eq!(decided(&mut arrivals), 2);
    assert_eq!(arrivals.due(), None);
}

#[tokio::test(start_paused = true)]
async fn a_live_one_says_that_the_replay_is_over_unless_it_has_no_place_in_the_log() {
    let mut arrivals = arrivals();
    arrivals.record("a", arrival(Some(1), true)).unwrap();
    arrivals.record("b", arrival(Some(7), false)).unwrap();
    arrivals.record("a", arrival(None, false)).unwrap();
    assert_eq!(decided(&mut arrivals), 1, "the other account's");
    arrivals.record("a", arrival(Some(2), false)).unwrap();
    assert_eq!(decided(&mut arrivals), 3);
}

#[tokio::test(start_paused = true)]
async fn while_nobody_knows_of_toasts_the_end_of_a_replay_does_not_wake_again_and_again() {
    let mut arrivals = arrivals();
    arrivals.record("a", arrival(Some(1), true)).unwrap();
    sleep_until(arrivals.due().unwrap()).await;
    assert!(arrivals.settle(Screen::Unknown, false).items.is_empty());
    assert!(arrivals.due().unwrap() > Instant::now());
}
