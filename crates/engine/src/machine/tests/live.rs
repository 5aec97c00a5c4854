//! What comes in over a live socket, and what is sent over it.

use tidings_protocol::{AuthSuccess, Flow, MAX_READ_IDS, Resumed, ServerMessage};

use super::*;
use crate::verdict::Failure;

fn resuming(from: Cursor) -> Bench {
    let mut bench = Bench::new(Flow::Token);
    bench.input(Input::Start);
    bench.open();
    bench.message(hello("a", 9));
    bench.input(Input::CursorRead(bench.attempt(), Some(from)));
    bench
}

#[test]
fn it_resumes_from_the_stores_cursor() {
    let bench = resuming(cursor("a", 4));
    assert_eq!(sent(&bench.effects), [&Outgoing::Resume(cursor("a", 4))]);
}

#[test]
fn missed_ones_come_first_and_live_ones_after() {
    let mut bench = resuming(cursor("a", 4));
    assert_eq!(arrivals(bench.message(notification(5))), [(Some("a"), 5, true)]);
    assert_eq!(arrivals(bench.message(notification(8))), []);
    assert_eq!(arrivals(bench.message(notification(6))), [(Some("a"), 6, true)]);
    let effects = bench.message(resumed("a", 7));
    assert_eq!(arrivals(effects), [(Some("a"), 8, false)]);
    assert!(matches!(told(effects)[..], [Event::Resumed(_), Event::Notification(_)]));
    assert_eq!(arrivals(bench.message(notification(9))), [(Some("a"), 9, false)]);
}

#[test]
fn nothing_passes_before_the_cursor_is_read() {
    let mut bench = Bench::new(Flow::Ticket);
    bench.input(Input::Start);
    bench.open();
    bench.message(hello("a", 4));
    assert_eq!(arrivals(bench.message(notification(5))), []);
    bench.input(Input::CursorRead(bench.attempt(), None));
    assert_eq!(arrivals(&bench.effects), [(Some("a"), 5, false)]);
}

#[test]
fn the_first_connections_head_is_kept_until_the_store_has_a_cursor() {
    for greeting_first in [true, false] {
        let mut bench = Bench::new(Flow::Ticket);
        bench.input(Input::Start);
        bench.open();
        let attempt = bench.attempt();
        let mut inputs = vec![Input::Message(attempt, hello("a", 7)), Input::CursorRead(attempt, None)];
        if !greeting_first {
            inputs.reverse();
        }
        for input in inputs {
            assert!(sent(bench.input(input)).is_empty());
        }
        bench.fail(dropped());
        bench.pass(1.0);
        bench.open();
        bench.input(Input::CursorRead(bench.attempt(), None));
        assert_eq!(sent(&bench.effects), [&Outgoing::Resume(cursor("a", 7))]);
    }
}

#[test]
fn an_owner_who_could_not_keep_the_first_head_is_not_told_a_later_one() {
    let mut bench = Bench::live();
    let nameless = ServerMessage::AuthSuccess(AuthSuccess::default());
    for greeting in [hello("a", 7), hello("a", 9), nameless] {
        let effects = bench.message(greeting).to_vec();
        let [Event::AuthSuccess(greeting)] = told(&effects)[..] else { panic!("{effects:?}") };
        assert_eq!((greeting.epoch.as_deref(), greeting.head), (Some("a"), Some(7)));
        bench.fail(dropped());
        bench.pass(10.0);
        bench.open();
    }
}

#[test]
fn that_some_may_be_missing_is_told_before_anything_beyond_the_gap() {
    let mut bench = Bench::new(Flow::Ticket);
    bench.input(Input::Start);
    bench.open();
    bench.message(hello("a", 9));
    bench.input(Input::CursorRead(bench.attempt(), Some(cursor("a", 3))));
    bench.message(notification(9));
    let resumed = Resumed { epoch: "a".into(), head: 9, complete: false };
    bench.message(ServerMessage::Resumed(resumed.clone()));
    let told = told(&bench.effects);
    let [Event::Incomplete, Event::Notification(beyond), Event::Resumed(end)] = told[..] else {
        panic!("{told:?}")
    };
    assert_eq!((beyond.notification.seq, end), (Some(9), &resumed));
}

#[test]
fn that_the_log_is_another_one_is_told_before_anything_in_it() {
    let mut bench = Bench::new(Flow::Ticket);
    bench.input(Input::Start);
    bench.open();
    bench.message(hello("b", 2));
    bench.input(Input::CursorRead(bench.attempt(), Some(cursor("a", 3))));
    assert_eq!(told(&bench.effects), [&Event::Incomplete]);
    assert_eq!(arrivals(bench.message(notification(1))), [(Some("b"), 1, true)]);
}

#[test]
fn the_stores_cursor_is_the_only_truth() {
    let mut bench = Bench::live();
    bench.message(hello("a", 7));
    bench.fail(dropped());
    bench.pass(1.0);
    bench.open();
    bench.input(Input::CursorRead(bench.attempt(), Some(cursor("a", 30))));
    assert_eq!(sent(&bench.effects), [&Outgoing::Resume(cursor("a", 30))]);
}

#[test]
fn a_new_log_is_noted_and_delivered_from_its_start() {
    let mut bench = Bench::new(Flow::Ticket);
    bench.input(Input::Start);
    bench.open();
    bench.input(Input::CursorRead(bench.attempt(), Some(cursor("a", 40))));
    let effects = bench.message(hello("b", 2));
    let expected = Note::NewEpoch { old: "a".into(), new: "b".into() };
    assert!(effects.contains(&Effect::Note(expected)));
    assert_eq!(arrivals(bench.message(notification(1))), [(Some("b"), 1, true)]);
    assert_eq!(arrivals(bench.message(notification(2))), [(Some("b"), 2, true)]);
}

#[test]
fn a_server_without_numbers_works_all_the_same() {
    let mut bench = Bench::live();
    let bare = serde_json::from_str(r#"{"title":"hello"}"#).unwrap();
    let effects = bench.message(ServerMessage::Notification(Box::new(bare)));
    let [Event::Notification(arrival)] = told(effects)[..] else { panic!("{effects:?}") };
    assert_eq!((arrival.epoch.as_deref(), arrival.replayed), (None, false));
}

#[test]
fn a_replay_that_stalls_before_a_hole_is_asked_for_again() {
    let mut bench = resuming(cursor("a", 1));
    bench.message(notification(2));
    bench.message(notification(3));
    bench.message(notification(9));
    bench.pass(29.0);
    bench.message(ServerMessage::Pong);
    let effects = bench.pass(1.0);
    assert_eq!(arrivals(&effects), [], "9 would take the cursor over what is missing");
    assert!(effects.contains(&Effect::Note(Note::Failed { failure: Failure::Unfinished, hard: false })));
    bench.pass(60.0);
    bench.open();
    bench.message(hello("a", 9));
    bench.input(Input::CursorRead(bench.attempt(), Some(cursor("a", 3))));
    assert_eq!(sent(&bench.effects), [&Outgoing::Resume(cursor("a", 3))]);
}

#[test]
fn a_replay_that_brings_nothing_is_over_after_thirty_seconds() {
    let mut bench = resuming(cursor("a", 4));
    bench.message(ServerMessage::Pong);
    bench.pass(29.0);
    bench.message(ServerMessage::Pong);
    let effects = bench.pass(1.0);
    assert!(told(&effects).contains(&&Event::ReplayEnded));
    assert!(bench.is_live());
    assert_eq!(arrivals(bench.message(notification(5))), [(Some("a"), 5, false)]);
}

#[test]
fn a_gap_between_live_ones_is_asked_for() {
    let mut bench = Bench::live();
    bench.message(hello("a", 4));
    assert_eq!(arrivals(bench.message(notification(5))), [(Some("a"), 5, false)]);
    let effects = bench.message(notification(8));
    assert_eq!((arrivals(effects), sent(effects)), (vec![], vec![&Outgoing::Resume(cursor("a", 5))]));
    assert_eq!(arrivals(bench.message(notification(6))), [(Some("a"), 6, true)]);
    assert_eq!(arrivals(bench.message(notification(7))), [(Some("a"), 7, true)]);
    let effects = bench.message(resumed("a", 8));
    assert_eq!(arrivals(effects), [(Some("a"), 8, false)]);
    assert!(matches!(told(effects)[..], [Event::Notification(_), Event::Resumed(_)]));
    assert_eq!(arrivals(bench.message(notification(9))), [(Some("a"), 9, false)]);
}

#[test]
fn an_end_of_a_replay_that_nobody_asked_for_is_not_told() {
    let mut bench = Bench::live();
    assert_eq!(told(bench.message(resumed("a", 900))), Vec::<&Event>::new());
}

#[test]
fn too_much_out_of_order_ends_the_connection_and_not_the_memory() {
    let mut bench = Bench::new(Flow::Ticket);
    bench.input(Input::Start);
    bench.open();
    for seq in 1.. {
        bench.message(notification(seq));
        if !bench.is_live() {
            break;
        }
        assert!(seq < 10_000);
    }
    assert_eq!(bench.cause(), CauseKind::Unreachable);
}

#[test]
fn reads_go_both_ways_and_wait_for_a_connection() {
    let mut bench = Bench::live();
    let effects = bench.message(ServerMessage::Read { ids: vec!["x".into()] });
    assert_eq!(told(effects), [&Event::Read { ids: vec!["x".into()], topic: None }]);
    let effects = bench.input(Input::MarkRead(vec!["y".into()]));
    assert_eq!(sent(effects), [&Outgoing::Read(vec!["y".into()])]);
    bench.fail(dropped());
    assert_eq!(bench.input(Input::MarkRead(vec!["z".into()])), []);
    bench.pass(1.0);
    bench.open();
    assert!(sent(&bench.effects).contains(&&Outgoing::Read(vec!["z".into()])));
}

#[test]
fn many_reads_go_in_messages_that_a_server_takes() {
    let many: Vec<_> = (0..=2 * MAX_READ_IDS).map(|id| id.to_string()).collect();
    let parts: Vec<_> = many.chunks(MAX_READ_IDS).map(|ids| Outgoing::Read(ids.to_vec())).collect();
    let mut bench = Bench::live();
    assert_eq!(sent(bench.input(Input::MarkRead(many.clone()))), parts.iter().collect::<Vec<_>>());
    bench.fail(dropped());
    bench.input(Input::MarkRead(many));
    bench.pass(1.0);
    bench.open();
    let told: Vec<_> =
        sent(&bench.effects).into_iter().filter(|sent| matches!(sent, Outgoing::Read(_))).collect();
    assert_eq!(told, parts.iter().collect::<Vec<_>>());
}

#[test]
fn long_ids_go_in_messages_of_a_size_that_a_server_takes() {
    // two of them are as much as fits
    let long = "\u{1}".repeat(MOST_READ_BYTES / 2 - 2);
    let many: Vec<_> = (0..100).map(|id| format!("{id:02}{long}")).collect();
    let mut bench = Bench::live();
    let mut told = Vec::new();
    for outgoing in sent(bench.input(Input::MarkRead(many.clone()))) {
        let Outgoing::Read(ids) = outgoing else { panic!() };
        let frame = tidings_protocol::ClientMessage::Read { ids: ids.clone() }.encode();
        assert!(frame.len() <= tidings_protocol::MAX_FRAME_BYTES);
        assert_eq!(ids.len(), 2);
        told.extend(ids.clone());
    }
    assert_eq!(told, many);
}

#[test]
fn what_waits_to_be_told_as_read_is_bounded() {
    let mut bench = Bench::new(Flow::Ticket);
    for id in 0..3 * MOST_READ {
        bench.input(Input::MarkRead(vec![id.to_string()]));
    }
    assert_eq!(bench.machine.unsent_read.len(), MOST_READ);
    assert_eq!(bench.machine.unsent_read.last(), Some(&(3 * MOST_READ - 1).to_string()));
}

#[test]
fn an_error_of_the_server_is_told_and_the_connection_stands() {
    let mut bench = Bench::live();
    let detail = serde_json::from_str(r#"{"code":"X","message":"m"}"#).unwrap();
    let effects = bench.message(ServerMessage::Error(detail));
    assert_eq!(told(effects), [&Event::Error { code: "X".into(), message: "m".into() }]);
    assert!(bench.is_live());
}

#[test]
fn errors_of_a_server_flood_nobody_and_say_nothing_unprintable() {
    let mut bench = Bench::live();
    let mut all = Vec::new();
    for _ in 0..1000 {
        let detail = serde_json::json!({ "code": "hunter2 \u{1b}", "message": "m\n".repeat(9000) });
        let detail = serde_json::from_value(detail).unwrap();
        let effects = bench.message(ServerMessage::Error(detail)).to_vec();
        all.extend(told(&effects).into_iter().cloned());
    }
    assert_eq!(all.len(), 10, "1, 2, 4 … 512");
    let Event::Error { code, message } = &all[0] else { panic!() };
    assert_eq!((code.as_str(), message.as_str()), ("INTERNAL", "m".repeat(160).as_str()));
}

#[test]
fn changing_epochs_flood_no_log() {
    let mut bench = resuming(cursor("a", 4));
    let mut notes = 0;
    for epoch in 0..1000 {
        let effects = bench.message(hello(&epoch.to_string(), 1));
        notes += effects.iter().filter(|effect| matches!(effect, Effect::Note(_))).count();
    }
    assert_eq!(notes, 10);
}

#[test]
fn gaps_without_end_flood_no_log_and_are_asked_for_once_each() {
    let mut bench = Bench::live();
    bench.message(hello("a", 0));
    let (mut notes, mut asked) = (0, 0);
    for gap in 1..=1000 {
        let effects = bench.message(notification(2 * gap));
        notes += effects.iter().filter(|effect| matches!(effect, Effect::Note(_))).count();
        asked += sent(effects).len();
        assert_eq!(arrivals(bench.message(resumed("a", 2 * gap))), [(Some("a"), 2 * gap, false)]);
    }
    assert_eq!((notes, asked), (10, 1000));
}

#[test]
fn any_frame_keeps_it_alive() {
    let mut bench = Bench::live();
    bench.pass(35.0);
    bench.input(Input::Alive(bench.attempt()));
    bench.pass(20.0);
    assert!(bench.is_live());
}

#[test]
fn without_a_keepalive_silence_is_no_failure() {
    let mut bench = Bench::with(Flow::Ticket, |rules| rules.keepalive = None);
    bench.input(Input::Start);
    bench.go_live();
    assert!(sent(&bench.pass(700.0)).is_empty());
    assert!(bench.is_live());
}
