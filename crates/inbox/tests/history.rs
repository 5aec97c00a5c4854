//! What accounts' connections have gone through.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{NOW, account, inbox, incoming};
use serde_json::json;
use tidings_inbox::{Inbox, Spell};
use time::{Duration, OffsetDateTime};

fn spell(from: OffsetDateTime, state: &str) -> Spell {
    Spell { from, state: Some(state.into()), cause: None }
}

fn gone(from: OffsetDateTime) -> Spell {
    Spell { from, state: None, cause: None }
}

fn minutes(count: i64) -> OffsetDateTime {
    NOW + Duration::minutes(count)
}

fn spells(inbox: &Inbox, now: OffsetDateTime) -> Vec<Spell> {
    inbox.spells("a", now).unwrap()
}

#[test]
fn a_state_lasts_until_another_one_begins_also_over_a_restart() {
    let (folder, inbox) = inbox();
    inbox.begin_spell("a", &spell(NOW, "connecting")).unwrap();
    inbox.begin_spell("a", &spell(minutes(1), "connected")).unwrap();
    inbox.begin_spell("a", &spell(minutes(2), "connected")).unwrap();
    inbox.end_of_run(minutes(3)).unwrap();
    inbox.end_of_run(minutes(4)).unwrap();
    drop(inbox);
    let (inbox, _) = Inbox::open(folder.path()).unwrap();
    inbox.begin_of_run(minutes(9)).unwrap();
    inbox.begin_spell("a", &spell(minutes(9), "connected")).unwrap();
    assert_eq!(
        spells(&inbox, minutes(10)),
        [
            spell(NOW, "connecting"),
            spell(minutes(1), "connected"),
            gone(minutes(3)),
            spell(minutes(9), "connected")
        ]
    );
}

#[test]
fn a_run_that_was_killed_ended_with_its_latest_trace() {
    let connected = |inbox: &Inbox| inbox.begin_spell("a", &spell(NOW, "connected")).unwrap();
    let killed = |inbox: &Inbox| {
        inbox.begin_of_run(minutes(60)).unwrap();
        spells(inbox, minutes(60)).pop().unwrap()
    };
    let (_folder, inbox_a) = inbox();
    connected(&inbox_a);
    assert_eq!(killed(&inbox_a), gone(NOW + Duration::milliseconds(1)));

    let (_folder, inbox_b) = inbox();
    connected(&inbox_b);
    inbox_b.alive(minutes(10)).unwrap();
    assert_eq!(killed(&inbox_b), gone(minutes(10)));

    let (_folder, inbox_c) = inbox();
    connected(&inbox_c);
    inbox_c.alive(minutes(10)).unwrap();
    let mut late = incoming(Some("e"), json!({"seq": 1, "id": "n1", "title": "t"}));
    late.received_at = minutes(12);
    inbox_c.record("a", late).unwrap();
    assert_eq!(killed(&inbox_c), gone(minutes(12)));

    // a trace that is not past yet is of a clock that was set back
    let (_folder, inbox_d) = inbox();
    connected(&inbox_d);
    inbox_d.alive(minutes(999)).unwrap();
    assert_eq!(killed(&inbox_d), gone(minutes(60)));
}

#[test]
fn a_run_that_has_told_its_end_has_no_other_and_a_new_inbox_has_none() {
    let (_folder, inbox) = inbox();
    inbox.begin_of_run(NOW).unwrap();
    inbox.end_of_run(NOW).unwrap();
    assert_eq!(spells(&inbox, NOW), []);
    inbox.begin_spell("a", &spell(NOW, "connected")).unwrap();
    inbox.end_of_run(minutes(1)).unwrap();
    inbox.alive(minutes(5)).unwrap();
    inbox.begin_of_run(minutes(60)).unwrap();
    assert_eq!(spells(&inbox, minutes(60)), [spell(NOW, "connected"), gone(minutes(1))]);
}

#[test]
fn it_goes_back_a_day_and_is_never_long() {
    let (_folder, inbox) = inbox();
    let states = ["connected", "disconnected"];
    for count in 0..2000_i64 {
        let state = states[usize::try_from(count % 2).unwrap()];
        inbox.begin_spell("a", &spell(minutes(count), state)).unwrap();
    }
    assert_eq!(spells(&inbox, minutes(2000)).len(), 500);
    // the one that was under way a day ago is the oldest
    let far = minutes(1999 + 24 * 60 + 5);
    assert_eq!(spells(&inbox, far), [spell(minutes(1999), "disconnected")]);
    inbox.begin_spell("a", &spell(far, "connected")).unwrap();
    assert_eq!(spells(&inbox, far), [spell(minutes(1999), "disconnected"), spell(far, "connected")]);
}

#[test]
fn a_clock_that_is_set_back_takes_what_it_had_foretold_along() {
    let (_folder, inbox) = inbox();
    inbox.begin_spell("a", &spell(minutes(100), "connected")).unwrap();
    inbox.begin_spell("a", &spell(minutes(1), "disconnected")).unwrap();
    assert_eq!(spells(&inbox, minutes(2)), [spell(minutes(1), "disconnected")]);
}

#[test]
fn accounts_have_their_own_and_take_it_along() {
    let (_folder, inbox) = inbox();
    inbox.put_account(&account("b")).unwrap();
    inbox.begin_spell("a", &spell(NOW, "connected")).unwrap();
    inbox.begin_spell("b", &spell(NOW, "disconnected")).unwrap();
    inbox.remove_account("a").unwrap();
    inbox.begin_spell("a", &spell(minutes(1), "connected")).unwrap();
    assert_eq!(spells(&inbox, minutes(2)), []);
    assert_eq!(inbox.spells("b", minutes(2)).unwrap(), [spell(NOW, "disconnected")]);
}

#[test]
fn the_size_counts_what_is_listed_and_tells_where_it_is() {
    let (_folder, inbox) = inbox();
    inbox.record("a", incoming(Some("e"), json!({"seq": 1, "id": "n1", "title": "t"}))).unwrap();
    let size = inbox.size().unwrap();
    assert_eq!((size.rows, size.in_memory), (1, false));
    assert!(size.bytes >= 4096, "{size:?}");
    assert!(Inbox::in_memory().unwrap().size().unwrap().in_memory);
}
