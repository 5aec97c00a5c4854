//! How long those wait that were recorded and not decided, by a clock that the test moves.

#![allow(clippy::unwrap_used)]

use std::{sync::Arc, time::Duration};

use tidings_agent::{
    arrival::{Arrivals, Order, Screen},
    attention,
};
use tidings_control::Event;
use tidings_engine::Arrival;
use tidings_inbox::{AccountRow, Inbox};
use tidings_protocol::Flow;
use time::OffsetDateTime;
use tokio::time::{Instant, sleep_until};

fn arrivals() -> Arrivals {
    Arrivals::new(inbox(), attention::AT_ONCE)
}

fn inbox() -> Arc<Inbox> {
    let inbox = Inbox::in_memory().unwrap();
    for id in ["a", "b"] {
        let account = AccountRow {
            id: id.into(),
            server: "https://alerts.example.com".into(),
            username: "alice".into(),
            flow: Flow::Ticket,
            allow_unencrypted: false,
            paths: None,
            ca_file: None,
            client_certificate: None,
            client_key: None,
            created_at: OffsetDateTime::UNIX_EPOCH,
            signed_out: false,
            look: tidings_inbox::Look::default(),
        };
        inbox.put_account(&account).unwrap();
    }
    Arc::new(inbox)
}

fn arrival(seq: Option<u64>, replayed: bool) -> Arrival {
    let notification = serde_json::from_value(serde_json::json!({ "seq": seq, "title": "Hello" })).unwrap();
    Arrival { epoch: Some("e".into()), notification, replayed }
}

fn decided(arrivals: &mut Arrivals) -> usize {
    arrivals.settle(Screen::Shows, false).events.len()
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
    assert!(arrivals.settle(Screen::Unknown, false).events.is_empty());
    assert!(arrivals.due().unwrap() > Instant::now());
}

#[test]
fn one_that_is_replaced_while_it_waits_leaves_its_place_to_the_next() {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let _inside = runtime.enter();
    let mut arrivals = arrivals();
    let mut record = |seq: u64, replaces: Option<&str>, replayed| {
        let notification = serde_json::json!({
            "seq": seq, "id": format!("n{seq}"), "title": format!("number {seq}"), "replaces": replaces,
        });
        let notification = serde_json::from_value(notification).unwrap();
        arrivals.record("a", Arrival { epoch: Some("e".into()), notification, replayed }).unwrap();
        arrivals.settle(Screen::Shows, false)
    };
    let first = record(1, None, false);
    let [Order::Show(toast)] = &first.orders[..] else { panic!("{first:?}") };
    assert!(record(2, Some("n1"), true).events.is_empty());
    assert!(record(3, Some("n2"), true).events.is_empty());
    let last = record(4, Some("n3"), false);
    let gone: Vec<i64> = last
        .events
        .iter()
        .map(|event| match event {
            Event::Replaced { previous, item } if item.title == "number 4" => *previous,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(gone, [toast.item, toast.item + 1, toast.item + 2]);
    let [Order::Show(replacing)] = &last.orders[..] else { panic!("{last:?}") };
    assert_eq!(replacing.replaces, Some(toast.item));
}

#[test]
fn a_summary_is_not_taken_off_the_screen_by_what_replaces_one_of_its_many() {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let _inside = runtime.enter();
    let mut arrivals = Arrivals::new(inbox(), 0);
    let mut record = |seq: u64, replaces: Option<&str>| {
        let notification =
            serde_json::json!({ "seq": seq, "id": format!("n{seq}"), "title": "x", "replaces": replaces });
        let notification = serde_json::from_value(notification).unwrap();
        arrivals.record("a", Arrival { epoch: Some("e".into()), notification, replayed: false }).unwrap();
        arrivals.settle(Screen::Shows, false);
        runtime.block_on(tokio::time::advance(attention::FOLD_AFTER));
        arrivals.settle(Screen::Shows, false).orders
    };
    let [Order::Show(summary)] = &record(1, None)[..] else { panic!("no summary") };
    let orders = record(2, Some("n1"));
    let [Order::Show(second)] = &orders[..] else { panic!("{orders:?}") };
    assert_eq!((second.title.as_str(), second.replaces), ("2 notifications", Some(summary.item)));
}
