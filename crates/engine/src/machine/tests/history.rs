//! What is remembered for whoever looks for a fault.

use tidings_protocol::{ErrorDetail, Flow, ServerMessage};

use super::*;

fn shown(bench: &Bench) -> Vec<&'static str> {
    let transitions = bench.machine.diagnosis(bench.now.wall, 0).transitions;
    let name = |status: &crate::Status| match status.state {
        Shown::Initial => "initial",
        Shown::Connecting(_) => "connecting",
        Shown::Connected => "connected",
        Shown::Disconnecting => "disconnecting",
        Shown::Disconnected { .. } => "disconnected",
    };
    transitions.iter().map(name).collect()
}

#[test]
fn an_attempt_is_one_change_however_many_phases_it_has() {
    let bench = Bench::live();
    assert_eq!(shown(&bench), ["connecting", "connected"]);
}

#[test]
fn a_change_keeps_its_time_its_cause_and_its_attempt() {
    let mut bench = Bench::live();
    bench.pass(40.0);
    let failed_at = bench.now.wall;
    bench.fail(dropped());
    bench.pass(100.0);
    let transitions = bench.machine.diagnosis(bench.now.wall, 0).transitions;
    let [.., failed, again] = transitions.as_slice() else { panic!("{transitions:?}") };
    assert_eq!((failed.since, failed.attempt), (failed_at, 1));
    let Shown::Disconnected { cause, retry } = &failed.state else { panic!("{failed:?}") };
    assert_eq!(cause.kind, CauseKind::Unreachable);
    assert_eq!(*retry, Retry::At(again.since), "the next one began when it was told to");
}

#[test]
fn the_last_ten_changes_are_kept() {
    let mut bench = Bench::new(Flow::Ticket);
    bench.input(Input::Start);
    for _ in 0..20 {
        bench.fail(dropped());
        bench.pass(100.0);
    }
    let diagnosis = bench.machine.diagnosis(bench.now.wall, 0);
    assert_eq!(diagnosis.transitions.len(), 10);
    assert_eq!(diagnosis.transitions.last().map(|last| last.since), Some(diagnosis.status.since));
}

#[test]
fn a_round_trip_is_from_ping_to_pong_and_outlives_the_connection() {
    let mut bench = Bench::live();
    bench.pass(30.0);
    bench.pass(0.25);
    bench.message(ServerMessage::Pong);
    let trip = bench.machine.diagnosis(bench.now.wall, 0).round_trip.unwrap();
    assert_eq!((trip.took, trip.at), (Duration::from_millis(250), bench.now.wall));
    bench.fail(dropped());
    assert_eq!(bench.machine.diagnosis(bench.now.wall, 0).round_trip, Some(trip));
}

#[test]
fn a_round_trip_shows_nothing_new() {
    let mut bench = Bench::live();
    bench.pass(35.0);
    let effects = bench.message(ServerMessage::Pong);
    assert!(effects.is_empty(), "nobody wakes up for it: {effects:?}");
}

#[test]
fn the_servers_last_error_is_kept_also_when_it_is_told_no_more() {
    let mut bench = Bench::live();
    for number in 0..100 {
        let error = ErrorDetail { code: "RATE_LIMITED".into(), message: number.to_string() };
        bench.message(ServerMessage::Error(error));
    }
    let reported = bench.machine.diagnosis(bench.now.wall, 0).reported.unwrap();
    assert_eq!((reported.code.as_str(), reported.message.as_str()), ("RATE_LIMITED", "99"));
}
