//! Order, by example.

use proptest::prelude::*;

use super::*;

fn numbered(seq: u64) -> Notification {
    serde_json::from_value(serde_json::json!({ "seq": seq, "title": "t" })).unwrap()
}

fn cursor(epoch: &str, seq: u64) -> Cursor {
    Cursor { epoch: epoch.into(), seq }
}

fn seqs(ready: &[Ready]) -> Vec<(u64, bool)> {
    ready.iter().map(|ready| (ready.notification.seq.unwrap(), ready.replayed)).collect()
}

/// Ends the replay: what was part of it, what is live, and what is asked for.
#[expect(clippy::type_complexity, reason = "three lists that a test compares")]
fn end(replay: &mut Replay, head: u64) -> (Vec<(u64, bool)>, Vec<(u64, bool)>, Option<Cursor>) {
    let (replayed, later) = replay.resumed(Instant::now(), head).unwrap().unwrap();
    (seqs(&replayed), seqs(&later.ready), later.resume)
}

fn live(last: u64) -> Replay {
    let mut replay = Replay::new();
    replay.named("a");
    replay.skip(Instant::now(), Some(cursor("a", last))).unwrap();
    replay
}

fn take(replay: &mut Replay, seq: u64) -> Vec<(u64, bool)> {
    seqs(&replay.take(Instant::now(), numbered(seq)).unwrap().ready)
}

#[test]
fn a_contiguous_replay_passes_and_live_ones_wait_for_its_end() {
    let mut replay = Replay::new();
    replay.named("a");
    replay.resume(Instant::now(), cursor("a", 3));
    assert_eq!(take(&mut replay, 4), [(4, true)]);
    assert_eq!(take(&mut replay, 9), []);
    assert_eq!(take(&mut replay, 5), [(5, true)]);
    assert_eq!(take(&mut replay, 10), []);
    assert_eq!(end(&mut replay, 8), (vec![], vec![(9, false), (10, false)], None));
    assert_eq!(take(&mut replay, 11), [(11, false)]);
}

#[test]
fn one_that_came_early_waits_for_the_end_as_it_may_be_live() {
    let mut replay = Replay::new();
    replay.named("a");
    replay.resume(Instant::now(), cursor("a", 0));
    assert_eq!(take(&mut replay, 2), []);
    assert_eq!(take(&mut replay, 1), [(1, true)]);
    assert_eq!(take(&mut replay, 3), []);
    assert_eq!(end(&mut replay, 2), (vec![(2, true)], vec![(3, false)], None));
}

#[test]
fn nothing_passes_before_it_is_known_from_where_to_resume() {
    let mut replay = Replay::new();
    assert_eq!(take(&mut replay, 8), []);
    assert_eq!(take(&mut replay, 7), []);
    assert_eq!(seqs(&replay.skip(Instant::now(), None).unwrap().ready), [(7, false), (8, false)]);
    assert_eq!(take(&mut replay, 9), [(9, false)]);
}

#[test]
fn a_new_epoch_counts_from_one() {
    let mut replay = Replay::new();
    replay.named("b");
    assert_eq!(replay.resume(Instant::now(), cursor("a", 40)), Some("a".into()));
    assert_eq!(take(&mut replay, 1), [(1, true)]);
    assert_eq!(replay.epoch(), Some("b"));
}

#[test]
fn while_the_log_is_unknown_everything_waits_for_its_name() {
    let mut replay = Replay::new();
    replay.resume(Instant::now(), cursor("a", 4));
    assert_eq!(take(&mut replay, 5), []);
    replay.named("b");
    assert_eq!(end(&mut replay, 9), (vec![(5, true)], vec![], None));
    assert_eq!(replay.epoch(), Some("b"));
}

#[test]
fn a_log_that_is_named_late_goes_on_if_it_is_the_same_and_else_begins() {
    for (name, before, next, beyond) in [("a", None, 5, 7), ("b", Some("a".to_owned()), 1, 5)] {
        let mut replay = Replay::new();
        replay.resume(Instant::now(), cursor("a", 4));
        assert_eq!(replay.named(name), before);
        assert_eq!(take(&mut replay, beyond), []);
        assert_eq!(take(&mut replay, next), [(next, true)]);
    }
}

#[test]
fn a_log_that_is_named_after_a_replay_without_end_goes_on() {
    let mut replay = Replay::new();
    replay.resume(Instant::now(), cursor("a", 4));
    assert_eq!(replay.stalled(), Stalled::Live(vec![]));
    assert_eq!(replay.named("a"), None);
    assert_eq!(take(&mut replay, 5), [(5, false)]);
}

#[test]
fn without_a_number_there_is_no_order_to_keep() {
    let mut replay = Replay::new();
    let bare: Notification = serde_json::from_str(r#"{"title":"t"}"#).unwrap();
    assert_eq!(replay.take(Instant::now(), bare).unwrap().ready.len(), 1);
}

#[test]
fn what_is_held_is_bounded_and_never_passes_over_a_hole() {
    for named in [true, false] {
        let mut replay = Replay::new();
        if named {
            replay.named("a");
        }
        replay.resume(Instant::now(), cursor("a", 0));
        let outcomes: Vec<_> =
            (0..=MOST_HELD as u64).map(|n| replay.take(Instant::now(), numbered(n + 2))).collect();
        let (last, before) = outcomes.split_last().unwrap();
        assert!(before.iter().all(|outcome| *outcome == Ok(Passed::default())));
        assert_eq!(*last, Err(TooMuch));
    }
}

#[test]
fn an_overflow_lets_pass_what_has_no_hole_before_it() {
    let mut replay = Replay::new();
    replay.named("a");
    replay.resume(Instant::now(), cursor("a", 0));
    for seq in 2..2 + MOST_HELD as u64 {
        assert_eq!(take(&mut replay, seq), []);
    }
    assert_eq!(take(&mut replay, 1), [(1, true)]);
    assert_eq!(take(&mut replay, 9000).len(), MOST_HELD);
    assert_eq!(replay.held.len(), 1);
}

#[test]
fn a_long_replay_of_a_log_that_has_lost_its_beginning_passes() {
    let mut replay = Replay::new();
    replay.named("a");
    replay.stands_at(&cursor("a", 9100));
    replay.resume(Instant::now(), cursor("a", 10));
    let all = 5001..=5001 + 2 * MOST_HELD as u64;
    let mut passed = Vec::new();
    for seq in all.clone() {
        passed.extend(take(&mut replay, seq));
    }
    assert_eq!(passed, all.map(|seq| (seq, true)).collect::<Vec<_>>());
    assert_eq!(take(&mut replay, 9102), [], "a live one waits all the same");
}

#[test]
fn large_ones_are_bounded_by_their_size() {
    let mut replay = Replay::new();
    let mut large = numbered(1);
    large.body = "x".repeat(MOST_HELD_BYTES);
    assert_eq!(replay.take(Instant::now(), large), Err(TooMuch));
}

#[test]
fn three_of_the_largest_messages_can_wait_and_a_fourth_is_too_much() {
    for resuming in [false, true] {
        let mut replay = Replay::new();
        if resuming {
            replay.named("a");
            replay.resume(Instant::now(), cursor("a", 0));
        }
        let outcomes = [2, 3, 4, 5].map(|seq| {
            let mut large = numbered(seq);
            large.body = "x".repeat(tidings_protocol::MAX_FRAME_BYTES);
            replay.take(Instant::now(), large).is_ok()
        });
        assert_eq!(outcomes, [true, true, true, false]);
    }
}

#[test]
fn every_text_weighs_what_it_is_long_wherever_it_stands_and_nothing_is_free() {
    let weighs = |value| weight(&serde_json::from_value(value).unwrap());
    let button = serde_json::json!({ "id": "id", "label": "go", "url": "to" });
    let long = "x".repeat(10_000);
    let mut places = vec![serde_json::json!({ "tags": [long] })];
    for place in ["id", "title", "body", "topic", "click_url", "icon_url", "replaces"] {
        places.push(serde_json::json!({ place: long }));
    }
    for place in ["id", "label", "url", "method"] {
        let mut button = button.clone();
        button[place] = long.as_str().into();
        places.push(serde_json::json!({ "actions": [button] }));
    }
    for place in places {
        assert!((10_000..11_000).contains(&weighs(place.clone())), "{place}");
    }
    for many in
        [serde_json::json!({ "tags": vec!["t"; 100] }), serde_json::json!({ "actions": vec![button; 100] })]
    {
        assert!(weighs(many.clone()) > 2000, "{many}");
    }
}

#[test]
fn a_replay_that_never_ends_passes_nothing_over_a_hole() {
    let start = Instant::now();
    let mut replay = Replay::new();
    replay.named("a");
    replay.resume(start, cursor("a", 0));
    assert_eq!(replay.timeout(), Some(start + STALL));
    for seq in [7, 2, 1] {
        replay.take(start, numbered(seq)).unwrap();
    }
    let Stalled::Hole(ready) = replay.stalled() else { panic!() };
    assert_eq!(seqs(&ready), [(2, true)]);
}

#[test]
fn in_a_log_without_a_name_nothing_passes_before_the_end() {
    let mut replay = Replay::new();
    replay.resume(Instant::now(), cursor("a", 4));
    take(&mut replay, 5);
    assert_eq!(replay.stalled(), Stalled::Hole(vec![]));
}

#[test]
fn a_replay_that_brings_nothing_goes_live_and_knows_where_it_stands() {
    let mut replay = Replay::new();
    replay.named("a");
    replay.resume(Instant::now(), cursor("a", 1));
    take(&mut replay, 2);
    assert_eq!(replay.stalled(), Stalled::Live(vec![]));
    assert_eq!(replay.timeout(), None);
    let passed = replay.take(Instant::now(), numbered(9)).unwrap();
    assert_eq!(passed, Passed { ready: vec![], resume: Some(cursor("a", 2)) });
}

#[test]
fn a_gap_between_live_ones_is_asked_for_once() {
    let mut replay = live(3);
    assert_eq!(take(&mut replay, 4), [(4, false)]);
    let passed = replay.take(Instant::now(), numbered(7)).unwrap();
    assert_eq!(passed, Passed { ready: vec![], resume: Some(cursor("a", 4)) });
    for (seq, passes) in [(8, false), (5, true), (6, true), (7, true)] {
        let passed = replay.take(Instant::now(), numbered(seq)).unwrap();
        assert_eq!((passed.ready.len(), passed.resume), (usize::from(passes), None), "{seq}");
    }
    assert_eq!(end(&mut replay, 7), (vec![(7, false)], vec![(8, false)], None));
    assert_eq!(take(&mut replay, 9), [(9, false)]);
}

#[test]
fn a_server_that_skips_numbers_is_believed() {
    for head in [0, 3, 7, 9] {
        let mut replay = live(3);
        take(&mut replay, 7);
        let (passed, later, resume) = end(&mut replay, head);
        assert_eq!((passed, later, resume), (vec![(7, false)], vec![], None), "{head}");
        assert_eq!(take(&mut replay, head.max(7) + 1).len(), 1);
    }
}

#[test]
fn every_gap_is_asked_for_also_among_what_waited() {
    let mut replay = live(3);
    take(&mut replay, 5);
    take(&mut replay, 8);
    take(&mut replay, 9);
    assert_eq!(end(&mut replay, 5), (vec![(5, false)], vec![], Some(cursor("a", 5))));
    assert_eq!(end(&mut replay, 8), (vec![(8, false)], vec![(9, false)], None));
}

#[test]
fn a_late_answer_to_an_earlier_question_ends_nothing() {
    let mut replay = Replay::new();
    replay.named("a");
    replay.resume(Instant::now(), cursor("a", 3));
    assert_eq!(replay.stalled(), Stalled::Live(vec![]));
    take(&mut replay, 7);
    assert_eq!(replay.resumed(Instant::now(), 3), None);
    assert_eq!(end(&mut replay, 7), (vec![(7, false)], vec![], None));
    assert_eq!(replay.resumed(Instant::now(), 99), None, "nothing was asked");
}

#[test]
fn a_late_answer_that_reaches_as_far_as_the_question_is_an_answer() {
    let mut replay = Replay::new();
    replay.named("a");
    replay.resume(Instant::now(), cursor("a", 3));
    assert_eq!(replay.stalled(), Stalled::Live(vec![]));
    take(&mut replay, 7);
    assert_eq!(end(&mut replay, 7), (vec![(7, false)], vec![], None));
}

#[test]
fn an_answer_before_the_question_lets_nothing_pass() {
    let mut replay = Replay::new();
    take(&mut replay, 9);
    replay.named("a");
    assert_eq!(replay.resumed(Instant::now(), 9), None);
    assert_eq!(replay.held.len(), 1);
}

#[test]
fn a_new_epoch_is_told_once_and_all_of_it_is_news() {
    let mut replay = live(3);
    assert_eq!(replay.named("b"), Some("a".into()));
    assert_eq!(replay.named("b"), None);
    let passed = replay.take(Instant::now(), numbered(2)).unwrap();
    assert_eq!(passed.resume, Some(cursor("b", 0)));
}

#[test]
fn the_largest_numbers_do_no_harm() {
    let mut replay = live(u64::MAX);
    assert_eq!(take(&mut replay, u64::MAX).len(), 1);
    let mut replay = live(0);
    take(&mut replay, u64::MAX);
    assert_eq!(end(&mut replay, u64::MAX).0.len(), 1);
    assert_eq!(take(&mut replay, u64::MAX).len(), 1);
}

#[derive(Clone, Debug)]
enum Move {
    Come(u64),
    Name,
    Stall,
}

proptest! {
    #[test]
    fn without_the_servers_word_nothing_passes_over_a_hole(
        moves in prop::collection::vec(
            prop_oneof![12 => (0u64..12).prop_map(Move::Come), 1 => Just(Move::Name), 1 => Just(Move::Stall)],
            0..60,
        ),
    ) {
        let mut replay = Replay::new();
        let mut stored = 2;
        replay.resume(Instant::now(), cursor("a", stored));
        for a_move in moves {
            let (ready, over) = match a_move {
                Move::Name => {
                    replay.named("a");
                    continue;
                }
                Move::Come(seq) => (replay.take(Instant::now(), numbered(seq)).unwrap().ready, false),
                Move::Stall if replay.timeout().is_none() => continue,
                Move::Stall => match replay.stalled() {
                    Stalled::Live(ready) => (ready, false),
                    Stalled::Hole(ready) => (ready, true),
                },
            };
            // without a named log, none moves the cursor
            for Ready { notification, .. } in ready.into_iter().filter(|_| replay.epoch.is_some()) {
                let seq = notification.seq.unwrap();
                prop_assert!(seq <= stored + 1, "{} after {}", seq, stored);
                stored = stored.max(seq);
            }
            if over {
                break;
            }
        }
    }
}
