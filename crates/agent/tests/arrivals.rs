//! How long those wait that were recorded and not decided, by a clock that the test moves.

#![allow(clippy::unwrap_used)]

use std::{sync::Arc, time::Duration};

use tidings_agent::{
    arrival::{Arrivals, Decided, Folding, Order, Screen},
    attention::{self, Circumstances},
    quiet::Lull,
    toast::Toast,
    words::Locale,
};
use tidings_control::{Event, Priority, Settings};
use tidings_engine::Arrival;
use tidings_inbox::{AccountRow, Inbox};
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
            dialect: "ticket".into(),
            topics: None,
            anonymous: false,
            paused: false,
            deletes_on_server: false,
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
    Arrival { epoch: Some("e".into()), mark: None, notification, replayed }
}

/// With nothing chosen and no quiet.
fn settle(arrivals: &mut Arrivals, screen: Screen) -> Decided {
    let (settings, words) = (Settings::default(), Locale::default().words());
    let calm: Circumstances<'_> = Lull::default().circumstances(&settings, OffsetDateTime::now_utc());
    arrivals.settle(screen, &calm, words)
}

fn decided(arrivals: &mut Arrivals) -> usize {
    settle(arrivals, Screen::Shows).events.len()
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
    assert!(settle(&mut arrivals, Screen::Unknown).events.is_empty());
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
        arrivals
            .record("a", Arrival { epoch: Some("e".into()), mark: None, notification, replayed })
            .unwrap();
        settle(&mut arrivals, Screen::Shows)
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

/// Arrivals in a minute of their own, one order after the other.
struct Minute {
    arrivals: Arrivals,
    runtime: tokio::runtime::Runtime,
    seq: u64,
}

impl Minute {
    fn with(at_once: usize) -> Self {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let arrivals = {
            let _inside = runtime.enter();
            Arrivals::new(inbox(), at_once)
        };
        Self { arrivals, runtime, seq: 0 }
    }

    fn comes(&mut self, more: &serde_json::Value) -> Vec<Order> {
        self.seq += 1;
        let mut notification = serde_json::json!({
            "seq": self.seq, "id": format!("n{}", self.seq), "title": format!("number {}", self.seq),
        });
        notification.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let notification = serde_json::from_value(notification).unwrap();
        let _inside = self.runtime.enter();
        self.arrivals
            .record("a", Arrival { epoch: Some("e".into()), mark: None, notification, replayed: false })
            .unwrap();
        settle(&mut self.arrivals, Screen::Shows).orders
    }

    fn of_topic(&mut self, topic: &str) -> Vec<Order> {
        self.comes(&serde_json::json!({ "topic": topic }))
    }

    fn passes(&mut self, time: Duration) -> Vec<Order> {
        self.runtime.block_on(tokio::time::advance(time));
        let _inside = self.runtime.enter();
        settle(&mut self.arrivals, Screen::Shows).orders
    }
}

fn toasts(orders: &[Order]) -> Vec<&Toast> {
    orders
        .iter()
        .filter_map(|order| match order {
            Order::Show(toast) => Some(toast),
            Order::Close(_) => None,
        })
        .collect()
}

fn titles(orders: &[Order]) -> Vec<&str> {
    toasts(orders).into_iter().map(|toast| toast.title.as_str()).collect()
}

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_summary_is_not_taken_off_the_screen_by_what_replaces_one_of_its_many() {
    let mut minute = Minute::with(0);
    minute.comes(&serde_json::json!({}));
    minute.comes(&serde_json::json!({}));
    let orders = minute.passes(attention::FOLD_AFTER);
    let [Order::Show(summary)] = &orders[..] else { panic!("{orders:?}") };
    assert_eq!(minute.comes(&serde_json::json!({ "replaces": "n2" })), []);
    let orders = minute.passes(attention::GROWS_EVERY);
    let [Order::Show(second)] = &orders[..] else { panic!("{orders:?}") };
    assert_eq!((second.title.as_str(), second.replaces), ("2 notifications", Some(summary.item)));
    assert_eq!(second.body, "number 3\nnumber 1");
}

#[test]
fn more_than_three_of_a_topic_in_ten_seconds_become_one_toast_that_counts_in_their_place() {
    let mut minute = Minute::with(attention::AT_ONCE + 1);
    let first: Vec<i64> = (0..3)
        .map(|_| {
            let orders = minute.of_topic("builds");
            toasts(&orders)[0].item
        })
        .collect();
    assert_eq!(minute.of_topic("builds"), [Order::Close(first[0]), Order::Close(first[1])]);
    let orders = minute.passes(attention::FOLD_AFTER);
    let [Order::Show(four)] = &orders[..] else { panic!("{orders:?}") };
    assert_eq!((four.title.as_str(), four.replaces), ("4 notifications: builds", Some(first[2])));
    assert_eq!(four.body, "number 4\nnumber 3\nnumber 2\nand 1 more");
    // another topic has toasts of its own meanwhile
    assert_eq!(titles(&minute.of_topic("backups")), ["number 5"]);
    for _ in 0..3 {
        assert_eq!(minute.of_topic("builds"), []);
    }
    let orders = minute.passes(attention::GROWS_EVERY);
    let [Order::Show(seven)] = &orders[..] else { panic!("{orders:?}") };
    assert_eq!((seven.title.as_str(), seven.replaces), ("7 notifications: builds", Some(four.item)));
    // an urgent one is heard
    assert_eq!(titles(&minute.comes(&serde_json::json!({ "topic": "builds", "priority": 5 }))), ["number 9"]);
    // after a while without, the topic has toasts of its own again
    minute.passes(attention::WITHIN);
    assert_eq!(titles(&minute.of_topic("builds")), ["number 10"]);
}

#[test]
fn a_toast_that_stands_for_many_leaves_when_all_of_them_were_read_and_not_before() {
    let mut minute = Minute::with(0);
    for _ in 0..3 {
        minute.comes(&serde_json::json!({}));
    }
    let orders = minute.passes(attention::FOLD_AFTER);
    let item = toasts(&orders)[0].item;
    // the newest gives the toast its row, and takes it along no sooner than the others
    assert_eq!(minute.arrivals.read(&[item]), []);
    assert!(minute.arrivals.is_summary(item));
    assert_eq!(minute.arrivals.read(&[item - 2, item - 1]).last(), Some(&Order::Close(item)));
    assert!(!minute.arrivals.is_summary(item));
    // what was read counts no more
    minute.comes(&serde_json::json!({}));
    assert_eq!(titles(&minute.passes(attention::WITHIN)), ["1 more notification"]);
}

#[test]
fn a_summary_that_was_put_away_does_not_jump_up_again_at_once() {
    let mut minute = Minute::with(0);
    minute.comes(&serde_json::json!({}));
    let orders = minute.passes(attention::FOLD_AFTER);
    minute.arrivals.closed(toasts(&orders)[0].item);
    minute.comes(&serde_json::json!({}));
    assert_eq!(minute.passes(attention::WITHIN - 2 * SECOND), []);
    minute.comes(&serde_json::json!({}));
    assert_eq!(titles(&minute.passes(2 * SECOND)), ["2 notifications"]);
}

#[test]
fn a_flood_is_five_toasts_at_most_which_count_all_of_it() {
    const FLOOD: usize = 2000;
    for topics in [0, 1, 2, 7, FLOOD] {
        let mut minute = Minute::with(attention::AT_ONCE);
        let mut orders = Vec::new();
        for number in 0..FLOOD {
            let topic = (topics > 0).then(|| format!("topic {}", number % topics));
            orders.extend(minute.comes(&serde_json::json!({ "topic": topic })));
            if number % 100 == 99 {
                orders.extend(minute.passes(SECOND / 4));
            }
        }
        orders.extend(minute.passes(attention::GROWS_EVERY));
        let mut on_screen: Vec<i64> = Vec::new();
        let mut appeared = 0;
        for order in &orders {
            match order {
                Order::Show(toast) => {
                    let before = on_screen.len();
                    on_screen.retain(|&item| Some(item) != toast.replaces && item != toast.item);
                    appeared += usize::from(on_screen.len() == before);
                    on_screen.push(toast.item);
                }
                Order::Close(item) => on_screen.retain(|on_screen| on_screen != item),
            }
        }
        assert!(appeared <= 5, "{topics} topics: {appeared} toasts appeared");
        let counted: usize = toasts(&orders)
            .iter()
            .filter(|toast| on_screen.contains(&toast.item))
            .map(|toast| toast.title.split(' ').next().unwrap().parse().unwrap_or(1))
            .sum();
        assert_eq!(counted, FLOOD, "{topics} topics");
    }
}

#[test]
fn what_was_withheld_is_one_toast() {
    let mut minute = Minute::with(attention::AT_ONCE);
    let withheld = (1..=12).map(|row| Folding {
        row,
        title: format!("number {row}"),
        priority: Priority::Default,
        missed: true,
    });
    {
        let _inside = minute.runtime.enter();
        minute.arrivals.catch_up(withheld.collect());
    }
    let orders = minute.passes(Duration::ZERO);
    assert_eq!(titles(&orders), ["12 notifications while you were away"]);
    assert_eq!(toasts(&orders)[0].body, "number 12\nnumber 11\nnumber 10\nand 9 more");
    assert_eq!(minute.arrivals.read(&(1..=12).collect::<Vec<_>>()).last(), Some(&Order::Close(12)));
}
