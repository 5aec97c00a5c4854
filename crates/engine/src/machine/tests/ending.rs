//! Failures, backoff, stops and goodbyes.

use tidings_protocol::{Flow, ServerMessage};

use super::*;
use crate::verdict::{Failure, Place, Refusal};

fn seconds(n: f64) -> Duration {
    Duration::from_secs_f64(n)
}

/// The wait that the last failure led to, as shown, as told and as the timer has it: all the same.
fn wait(bench: &Bench) -> Duration {
    let Retry::At(shown) = bench.retry() else { panic!("no retry") };
    let shown = (shown - bench.now.wall).unsigned_abs();
    let told = told(&bench.effects).into_iter().find_map(|event| match event {
        Event::ReconnectScheduled { delay, at, .. } => {
            assert_eq!((*at - bench.now.wall).unsigned_abs(), *delay);
            Some(*delay)
        }
        _ => None,
    });
    assert_eq!(told, Some(shown));
    assert_eq!(bench.machine.timeout(), Some(bench.now.at + shown));
    shown
}

#[test]
fn waits_double_up_to_the_cap_and_are_what_is_shown() {
    let mut bench = Bench::new(Flow::Ticket);
    bench.input(Input::Start);
    let mut waits = Vec::new();
    for retry in 1..=8 {
        bench.fail(dropped());
        assert_eq!(bench.machine.status().attempt, retry);
        let waited = wait(&bench);
        assert!(!begins(&bench.pass(waited.as_secs_f64() - 0.001)));
        assert!(begins(&bench.pass(0.001)));
        waits.push(waited.as_secs());
    }
    assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
}

#[test]
fn the_count_starts_anew_only_after_thirty_seconds_of_connection() {
    let mut bench = Bench::new(Flow::Ticket);
    bench.input(Input::Start);
    for _ in 0..3 {
        bench.fail(dropped());
        bench.pass(60.0);
    }
    bench.go_live();
    bench.pass(29.9);
    assert_eq!(bench.machine.status().attempt, 3);
    bench.fail(dropped());
    assert_eq!(wait(&bench), seconds(8.0));
    bench.pass(8.0);
    bench.go_live();
    let effects = bench.pass(30.0);
    assert_eq!(bench.machine.status().attempt, 0);
    assert!(effects.contains(&Effect::Show(bench.machine.status())));
    bench.message(ServerMessage::Pong);
    bench.fail(dropped());
    assert_eq!(wait(&bench), seconds(1.0));
}

#[test]
fn a_connection_that_lasts_shows_nothing_where_there_was_no_count() {
    let effects = Bench::live().pass(30.0);
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Show(_))), "{effects:?}");
}

#[test]
fn retry_after_is_a_floor() {
    let mut bench = Bench::new(Flow::Ticket);
    bench.input(Input::Start);
    bench.input(Input::TokenReady(bench.attempt(), TOKEN));
    bench.fail(Failure::Refused(Refusal {
        at: Place::Ticket,
        status: 503,
        code: None,
        retry_after: Some(seconds(40.0)),
    }));
    assert_eq!(bench.cause(), CauseKind::ServerBusy);
    assert_eq!(wait(&bench), seconds(41.0));
}

#[test]
fn a_server_of_another_kind_is_tried_at_the_cap() {
    let mut bench = Bench::new(Flow::Ticket);
    bench.input(Input::Start);
    bench.fail(refused(Place::Upgrade, 404, "NOT_FOUND"));
    assert_eq!((bench.cause(), wait(&bench)), (CauseKind::NotSuchServer, seconds(60.0)));
}

#[test]
fn a_goodbye_is_waited_out_within_its_range() {
    let mut bench = Bench::live();
    bench.message(goodbye(2000, 5000));
    bench.fail(Failure::closed(1012, ""));
    assert_eq!((bench.cause(), wait(&bench)), (CauseKind::Restarting, seconds(5.0)));
}

#[test]
fn a_goodbye_that_comes_before_the_greeting_is_waited_out_too() {
    let mut bench = Bench::new(Flow::Token);
    bench.input(Input::Start);
    bench.open();
    bench.message(goodbye(20_000, 50_000));
    bench.fail(Failure::closed(1012, ""));
    assert_eq!((bench.cause(), wait(&bench)), (CauseKind::Restarting, seconds(50.0)));
}

#[test]
fn a_goodbye_of_nonsense_is_kept_within_reason() {
    for (from, to, longest) in [(9000, 1000, 9.0), (0, u64::MAX, 600.0), (u64::MAX, 0, 600.0)] {
        let mut bench = Bench::live();
        bench.message(goodbye(from, to));
        bench.fail(dropped());
        assert_eq!(wait(&bench), seconds(longest));
    }
    let mut bench = Bench::live();
    bench.machine.jitter = Box::new(Fixed(0.0));
    bench.message(goodbye(9000, 1000));
    bench.fail(dropped());
    assert_eq!(wait(&bench), seconds(1.0), "a range that is the wrong way round is turned");
}

#[test]
fn a_goodbye_that_is_said_again_and_again_gains_no_time_and_floods_no_log() {
    let mut bench = Bench::live();
    let mut notes = 0;
    for _ in 0..1000 {
        let effects = bench.message(goodbye(1000, 1000));
        notes += effects.iter().filter(|effect| matches!(effect, Effect::Note(Note::Goodbye(_)))).count();
        bench.pass(0.004);
    }
    assert_eq!(notes, 10);
    bench.pass(1.0);
    assert_eq!(bench.cause(), CauseKind::Restarting);
}

#[test]
fn a_server_that_says_goodbye_and_stays_is_left() {
    let mut bench = Bench::live();
    bench.message(goodbye(2000, 5000));
    bench.pass(4.9);
    assert!(bench.is_live());
    bench.pass(0.1);
    assert_eq!(bench.cause(), CauseKind::Restarting);
}

#[test]
fn a_goodbye_does_not_soften_a_stop() {
    let mut bench = Bench::live();
    bench.message(goodbye(2000, 5000));
    bench.fail(Failure::closed(1008, "NOT_AUTHORIZED"));
    assert_eq!(bench.retry(), Retry::No);
}

#[test]
fn a_stop_waits_for_a_person() {
    for (failure, kind) in [
        (Failure::closed(1008, "NOT_AUTHORIZED"), CauseKind::SignInNeeded),
        (Failure::closed(1008, "ORIGIN_BLOCKED"), CauseKind::Blocked),
        (Failure::Certificate("expired".into()), CauseKind::Certificate),
    ] {
        let mut bench = Bench::live();
        bench.fail(failure);
        assert_eq!((bench.cause(), bench.retry()), (kind, Retry::No));
        assert_eq!(bench.effects.contains(&Effect::ClearSession), kind == CauseKind::SignInNeeded);
        assert_eq!(bench.machine.timeout(), None);
        for input in [Input::NetworkDown, Input::NetworkUp, Input::NetworkChanged, Input::Woke, Input::Tick] {
            assert!(!begins(bench.input(input)));
            assert_eq!(bench.cause(), kind);
        }
        assert!(begins(bench.input(Input::Connect)));
    }
}

#[test]
fn an_auth_error_is_told_and_stops() {
    let mut bench = Bench::new(Flow::Token);
    bench.input(Input::Start);
    bench.open();
    let error: tidings_protocol::AuthError =
        serde_json::from_str(r#"{"code":"TOKEN_EXPIRED","message":"too old"}"#).unwrap();
    bench.message(ServerMessage::AuthError(error));
    assert_eq!((bench.cause(), bench.retry()), (CauseKind::SignInNeeded, Retry::No));
    let expected = Event::AuthError { code: "TOKEN_EXPIRED".into(), message: "too old".into() };
    assert!(told(&bench.effects).contains(&&expected));
}

#[test]
fn with_a_maximum_it_gives_up_until_the_network_or_a_person_moves() {
    for mover in [Input::NetworkUp, Input::Connect, Input::Reconnect] {
        let mut bench = Bench::with(Flow::Ticket, |rules| rules.max_attempts = Some(2));
        bench.input(Input::Start);
        bench.fail(dropped());
        bench.pass(2.0);
        bench.fail(dropped());
        bench.pass(4.0);
        bench.fail(dropped());
        assert_eq!((bench.cause(), bench.retry()), (CauseKind::GaveUp, Retry::No));
        assert!(matches!(told(&bench.effects)[..], [Event::ReconnectFailed { attempts: 2, .. }]));
        assert!(bench.pass(10_000.0).is_empty());
        assert!(begins(bench.input(mover)));
        assert_eq!(bench.machine.status().attempt, 0);
    }
}

#[test]
fn without_auto_reconnect_a_failure_is_the_end() {
    for failure in [dropped(), Failure::closed(4401, "")] {
        let mut bench = Bench::with(Flow::Ticket, |rules| rules.auto_reconnect = false);
        bench.input(Input::Start);
        bench.go_live();
        bench.fail(failure);
        assert_eq!(bench.retry(), Retry::No);
        assert!(!begins(&bench.effects));
    }
}

#[test]
fn silence_is_closed_with_4000() {
    let mut bench = Bench::live();
    bench.pass(29.9);
    assert_eq!(sent(&bench.pass(0.1)), [&Outgoing::Ping]);
    let effects = bench.pass(10.0);
    let attempt = bench.attempt();
    assert!(effects.contains(&Effect::Abandon(attempt, Some((4000, "KEEPALIVE_TIMEOUT")))));
    assert_eq!(bench.cause(), CauseKind::Unreachable);
}

#[test]
fn a_server_is_told_what_was_wrong_with_what_it_sent() {
    for (failure, farewell) in [
        (Failure::Oversized, (1009, "")),
        (Failure::Broken("no text".into()), (1002, "")),
        (Failure::Unfinished, (1000, "")),
    ] {
        let mut bench = Bench::live();
        let attempt = bench.attempt();
        assert_eq!(bench.fail(failure).first(), Some(&Effect::Abandon(attempt, Some(farewell))));
    }
}

#[test]
fn a_disconnect_closes_first_and_then_rests() {
    let mut bench = Bench::live();
    let attempt = bench.attempt();
    bench.input(Input::Disconnect);
    assert_eq!(bench.state(), Shown::Disconnecting);
    assert!(bench.effects.contains(&Effect::Close(attempt, (1000, ""))));
    bench.input(Input::Failed(attempt, Failure::closed(1000, "")));
    assert_eq!((bench.cause(), bench.retry()), (CauseKind::Stopped, Retry::No));
    assert!(bench.effects.contains(&Effect::Abandon(attempt, None)));
}

#[test]
fn a_server_that_does_not_close_in_turn_is_not_waited_for() {
    let mut bench = Bench::live();
    bench.input(Input::Disconnect);
    bench.pass(4.9);
    assert_eq!(bench.state(), Shown::Disconnecting);
    bench.pass(0.1);
    assert_eq!(bench.cause(), CauseKind::Stopped);
}

#[test]
fn a_connect_while_disconnecting_connects_afterwards() {
    let mut bench = Bench::live();
    bench.input(Input::Disconnect);
    bench.input(Input::Connect);
    assert_eq!(bench.state(), Shown::Disconnecting);
    assert!(begins(bench.fail(Failure::closed(1000, ""))));
}

#[test]
fn a_shutdown_ends_from_every_state_and_nothing_follows() {
    let mut live = Bench::live();
    live.input(Input::Shutdown);
    assert!(!live.effects.contains(&Effect::End));
    live.fail(dropped());
    assert!(live.effects.contains(&Effect::End));

    let mut connecting = Bench::new(Flow::Ticket);
    connecting.input(Input::Start);
    assert!(connecting.input(Input::Shutdown).contains(&Effect::End));

    let mut waiting = Bench::new(Flow::Ticket);
    waiting.input(Input::Start);
    waiting.fail(dropped());
    assert!(waiting.input(Input::Shutdown).contains(&Effect::End));

    let mut initial = Bench::new(Flow::Ticket);
    assert!(initial.input(Input::Shutdown).contains(&Effect::End));

    for mut bench in [live, connecting, waiting, initial] {
        assert_eq!(bench.input(Input::Connect), []);
        assert_eq!(bench.pass(1000.0), []);
    }
}

#[test]
fn impatience_makes_an_attempt_at_once_and_keeps_the_count() {
    let mut bench = Bench::new(Flow::Ticket);
    bench.input(Input::Start);
    bench.fail(dropped());
    assert!(begins(bench.input(Input::Reconnect)));
    assert_eq!(bench.machine.status().attempt, 1);
    bench.fail(dropped());
    assert_eq!(wait(&bench), seconds(2.0));
}

#[test]
fn a_reconnect_drops_the_living_socket_before_it_makes_another() {
    let mut bench = Bench::live();
    let old = bench.attempt();
    let effects = bench.input(Input::Reconnect);
    assert_eq!(effects.first(), Some(&Effect::Abandon(old, Some((1000, "")))));
    assert!(begins(effects));
}

#[test]
fn a_dismissed_prompt_does_not_come_back_by_itself_for_ten_minutes() {
    let mut bench = Bench::new(Flow::Ticket);
    bench.input(Input::Start);
    for _ in 0..3 {
        bench.fail(Failure::KeychainLocked("dismissed".into()));
        assert_eq!((bench.cause(), wait(&bench)), (CauseKind::KeychainLocked, seconds(600.0)));
        assert!(!begins(&bench.pass(599.0)));
        assert!(!begins(bench.input(Input::NetworkChanged)));
        assert!(begins(&bench.pass(1.0)));
    }
}

#[test]
fn a_person_or_a_wake_up_opens_the_prompt_at_once() {
    for signal in [Input::Connect, Input::Reconnect, Input::Woke] {
        let mut bench = Bench::new(Flow::Ticket);
        bench.input(Input::Start);
        bench.fail(Failure::KeychainLocked("dismissed".into()));
        assert!(begins(bench.input(signal)));
    }
    let mut bench = Bench::new(Flow::Ticket);
    bench.input(Input::Start);
    bench.fail(Failure::KeychainLocked("dismissed".into()));
    bench.input(Input::NetworkDown);
    assert!(begins(bench.input(Input::NetworkUp)));
}

#[test]
fn a_keychain_that_is_not_there_yet_is_tried_again_soon() {
    let mut bench = Bench::new(Flow::Ticket);
    bench.input(Input::Start);
    bench.fail(Failure::KeychainMissing("no service".into()));
    assert_eq!((bench.cause(), wait(&bench)), (CauseKind::KeychainLocked, seconds(1.0)));
}
