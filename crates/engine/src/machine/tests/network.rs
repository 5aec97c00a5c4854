//! The network goes, comes and changes; the machine sleeps.

use tidings_protocol::Flow;

use super::*;
use crate::verdict::Place;

#[test]
fn without_a_network_it_drops_at_once_and_stops_the_clock() {
    let waiting = {
        let mut bench = Bench::new(Flow::Ticket);
        bench.input(Input::Start);
        bench.fail(dropped());
        bench
    };
    let connecting = {
        let mut bench = Bench::new(Flow::Ticket);
        bench.input(Input::Start);
        bench
    };
    for mut bench in [Bench::live(), waiting, connecting] {
        bench.input(Input::NetworkDown);
        assert_eq!((bench.cause(), bench.retry()), (CauseKind::Offline, Retry::WhenOnline));
        assert!(bench.pass(10_000.0).is_empty());
        assert!(begins(bench.input(Input::NetworkUp)));
        assert_eq!(bench.machine.status().attempt, 0);
    }
}

#[test]
fn an_offline_start_waits_for_the_network() {
    let mut bench = Bench::new(Flow::Ticket);
    bench.input(Input::NetworkDown);
    assert!(!begins(bench.input(Input::Start)));
    assert_eq!(bench.retry(), Retry::WhenOnline);
    assert!(begins(bench.input(Input::NetworkUp)));
}

#[test]
fn a_person_may_try_while_it_is_said_to_be_offline() {
    let mut bench = Bench::live();
    bench.input(Input::NetworkDown);
    assert!(begins(bench.input(Input::Reconnect)));
    bench.fail(dropped());
    assert_eq!(bench.retry(), Retry::WhenOnline);
}

#[test]
fn what_a_person_began_while_it_was_said_to_be_offline_goes_on() {
    for live in [false, true] {
        let mut bench = Bench::live();
        bench.input(Input::NetworkDown);
        bench.input(Input::Connect);
        if live {
            bench.go_live();
        }
        assert_eq!(bench.input(Input::NetworkUp), []);
        assert_eq!(bench.is_live(), live);
    }
}

#[test]
fn another_network_beside_the_one_in_use_is_a_change() {
    let mut bench = Bench::live();
    assert_eq!(sent(bench.input(Input::NetworkUp)), [&Outgoing::Ping]);
}

#[test]
fn a_change_while_connected_is_probed_within_three_seconds() {
    let mut bench = Bench::live();
    bench.pass(5.0);
    assert_eq!(sent(bench.input(Input::NetworkChanged)), [&Outgoing::Ping]);
    bench.pass(2.9);
    assert!(bench.is_live());
    bench.pass(0.1);
    assert_eq!(bench.cause(), CauseKind::Unreachable);
}

#[test]
fn an_answered_probe_changes_nothing() {
    for signal in [Input::NetworkChanged, Input::Woke, Input::NetworkUp] {
        let mut bench = Bench::live();
        bench.input(signal);
        bench.input(Input::Alive(bench.attempt()));
        bench.pass(20.0);
        assert!(bench.is_live());
    }
}

#[test]
fn a_change_while_connecting_starts_the_attempt_again() {
    for signal in [Input::NetworkChanged, Input::Woke] {
        let mut bench = Bench::new(Flow::Ticket);
        bench.input(Input::Start);
        bench.input(Input::TokenReady(bench.attempt(), TOKEN));
        let old = bench.attempt();
        let effects = bench.input(signal);
        assert_eq!(effects.first(), Some(&Effect::Abandon(old, None)));
        assert!(begins(effects));
    }
}

#[test]
fn loopback_needs_no_network() {
    let mut bench = Bench::with(Flow::Ticket, |rules| rules.loopback = true);
    bench.input(Input::NetworkDown);
    bench.input(Input::Start);
    bench.go_live();
    for signal in [Input::NetworkDown, Input::NetworkChanged, Input::NetworkUp] {
        assert_eq!(bench.input(signal), []);
    }
    assert!(bench.is_live());
    bench.input(Input::NetworkDown);
    bench.fail(dropped());
    assert!(matches!(bench.retry(), Retry::At(_)));
}

#[test]
fn a_wait_that_ended_in_sleep_is_over() {
    let mut bench = Bench::new(Flow::Ticket);
    bench.input(Input::Start);
    for _ in 0..7 {
        bench.fail(dropped());
        if bench.machine.attempts < 7 {
            bench.pass(60.0);
        }
    }
    bench.now.wall += Duration::from_secs(20);
    assert!(!begins(bench.input(Input::Woke)));
    let Retry::At(shown) = bench.retry() else { panic!() };
    let left = (shown - bench.now.wall).unsigned_abs();
    assert_eq!(bench.machine.timeout(), Some(bench.now.at + left), "what is left of it by the wall clock");
    bench.now.wall += Duration::from_secs(3600);
    assert!(begins(bench.input(Input::Woke)));
}

#[test]
fn a_network_that_changes_all_the_time_lets_an_attempt_run_to_its_end() {
    for signal in [Input::NetworkChanged, Input::Woke] {
        let mut bench = Bench::new(Flow::Ticket);
        bench.input(Input::Start);
        bench.input(Input::TokenReady(bench.attempt(), TOKEN));
        let restarts = (0..20).filter(|_| begins(bench.input(signal.clone()))).count();
        assert_eq!(restarts, 3);
        bench.go_live();
        bench.input(Input::Reconnect);
        assert!(begins(bench.input(signal)), "the next attempt is another matter");
    }
}

#[test]
fn another_network_is_tried_at_once_where_the_old_one_led_nowhere() {
    let mut bench = Bench::new(Flow::Ticket);
    bench.input(Input::Start);
    for _ in 0..3 {
        bench.fail(dropped());
        bench.pass(60.0);
    }
    bench.fail(dropped());
    assert!(begins(bench.input(Input::NetworkChanged)));
    assert_eq!(bench.machine.status().attempt, 0);
}

#[test]
fn another_network_does_not_hurry_a_server_that_asked_for_time() {
    let mut bench = Bench::new(Flow::Ticket);
    bench.input(Input::Start);
    bench.input(Input::TokenReady(bench.attempt(), TOKEN));
    bench.fail(refused(Place::Ticket, 503, "TICKETS_UNAVAILABLE"));
    assert_eq!(bench.cause(), CauseKind::ServerBusy);
    let before = bench.retry();
    assert!(!begins(bench.input(Input::NetworkChanged)));
    assert_eq!(bench.retry(), before);
}
