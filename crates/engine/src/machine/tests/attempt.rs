//! The order of an attempt, its deadlines, and the token's life.

use tidings_protocol::{Flow, ServerMessage};

use super::*;
use crate::verdict::{Failure, Place};

/// All that can still come of an attempt.
fn echoes(old: Attempt) -> [Input; 8] {
    [
        Input::TokenReady(old, TOKEN),
        Input::TicketReady(old),
        Input::Opened(old),
        Input::Failed(old, dropped()),
        Input::Message(old, notification(1)),
        Input::Message(old, hello("a", 3)),
        Input::CursorRead(old, None),
        Input::Alive(old),
    ]
}

#[test]
fn the_ticket_flow_goes_from_token_to_ticket_to_socket() {
    let mut bench = Bench::new(Flow::Ticket);
    let first = Attempt(1);
    assert!(matches!(
        bench.input(Input::Start),
        [Effect::Show(_), Effect::EnsureToken { attempt, newer_than: None }] if *attempt == first
    ));
    assert_eq!(bench.state(), Shown::Connecting(Phase::Token));
    assert!(matches!(
        bench.input(Input::TokenReady(first, TOKEN)),
        [Effect::Show(_), Effect::RequestTicket(attempt)] if *attempt == first
    ));
    assert!(matches!(
        bench.input(Input::TicketReady(first)),
        [Effect::Show(_), Effect::OpenSocket(attempt)] if *attempt == first
    ));
    bench.input(Input::Opened(first));
    assert!(bench.is_live(), "connected is the upgrade");
    assert!(told(&bench.effects).contains(&&Event::Connected));
    assert!(bench.effects.contains(&Effect::ReadCursor(first)));
    assert_eq!(sent(&bench.effects), [&Outgoing::Ping], "a ping at once");
}

#[test]
fn the_token_flow_is_connected_with_auth_success() {
    let mut bench = Bench::new(Flow::Token);
    bench.input(Input::Start);
    let attempt = bench.attempt();
    bench.input(Input::TokenReady(attempt, TOKEN));
    assert!(bench.effects.contains(&Effect::OpenSocket(attempt)), "no ticket in this flow");
    bench.input(Input::Opened(attempt));
    assert_eq!(bench.state(), Shown::Connecting(Phase::Authenticating));
    assert_eq!(sent(&bench.effects), [&Outgoing::Auth]);
    bench.message(hello("a", 3));
    assert!(bench.is_live());
    assert!(matches!(told(&bench.effects)[..], [Event::Connected, Event::AuthSuccess(_)]));
}

#[test]
fn what_comes_out_of_order_or_from_an_abandoned_attempt_is_ignored() {
    let mut bench = Bench::new(Flow::Ticket);
    bench.input(Input::Start);
    let old = bench.attempt();
    assert_eq!(bench.input(Input::TicketReady(old)), []);
    assert_eq!(bench.input(Input::Opened(old)), []);
    bench.input(Input::NetworkChanged);
    assert_ne!(bench.attempt(), old);
    for stale in echoes(old) {
        assert_eq!(bench.input(stale.clone()), [], "{stale:?}");
    }
}

#[test]
fn neither_a_connection_nor_its_beginning_or_end_hears_anything_of_an_abandoned_attempt() {
    let mut bench = Bench::new(Flow::Token);
    bench.input(Input::Start);
    bench.open();
    let old = bench.attempt();
    bench.fail(dropped());
    bench.pass(1.0);
    bench.open();
    for stale in echoes(old) {
        assert_eq!(bench.input(stale.clone()), [], "{stale:?}");
        assert_eq!(bench.state(), Shown::Connecting(Phase::Authenticating));
    }

    let mut bench = Bench::live();
    let old = bench.attempt();
    bench.input(Input::Reconnect);
    bench.go_live();
    for shown in [Shown::Connected, Shown::Disconnecting] {
        for stale in echoes(old) {
            assert_eq!(bench.input(stale.clone()), [], "{stale:?}");
            assert_eq!(bench.state(), shown);
        }
        bench.input(Input::Disconnect);
    }
}

#[test]
fn every_phase_on_the_wire_has_a_deadline() {
    let mut bench = Bench::new(Flow::Ticket);
    bench.input(Input::Start);
    let attempt = bench.attempt();
    assert_eq!(bench.machine.timeout(), None, "a keychain's prompt may be open for as long as it takes");
    bench.input(Input::TokenReady(attempt, TOKEN));
    bench.pass(14.9);
    assert_eq!(bench.state(), Shown::Connecting(Phase::Ticket));
    bench.input(Input::TicketReady(attempt));
    bench.pass(14.9);
    assert_eq!(bench.state(), Shown::Connecting(Phase::Opening));
    bench.pass(0.1);
    assert_eq!(bench.cause(), CauseKind::Unreachable);

    let mut bench = Bench::new(Flow::Token);
    bench.input(Input::Start);
    bench.open();
    bench.pass(9.9);
    assert_eq!(bench.state(), Shown::Connecting(Phase::Authenticating));
    bench.pass(0.1);
    assert_eq!(bench.cause(), CauseKind::Unreachable);
}

#[test]
fn a_timer_that_is_early_does_nothing_and_one_that_is_late_does_all() {
    let mut bench = Bench::new(Flow::Ticket);
    assert_eq!(bench.input(Input::Tick), []);
    bench.input(Input::Start);
    bench.fail(dropped());
    bench.now.at += Duration::from_millis(999);
    assert_eq!(bench.input(Input::Tick), []);
    bench.now.at += Duration::from_secs(5);
    assert!(begins(bench.input(Input::Tick)));
}

#[test]
fn triggers_at_the_same_time_make_one_attempt() {
    let mut bench = Bench::new(Flow::Ticket);
    bench.input(Input::Start);
    for trigger in [Input::Start, Input::Connect, Input::Reconnect, Input::NetworkUp, Input::Connect] {
        bench.input(trigger);
    }
    let begun = bench.machine.attempts;
    bench.go_live();
    assert!(bench.is_live());
    assert_eq!(bench.machine.attempts, begun);
}

#[test]
fn without_auto_connect_it_waits_to_be_asked() {
    let mut bench = Bench::with(Flow::Ticket, |rules| rules.auto_connect = false);
    assert_eq!(bench.input(Input::Start), []);
    assert_eq!(bench.state(), Shown::Initial);
    assert!(begins(bench.input(Input::Connect)));
}

#[test]
fn a_refused_token_is_renewed_once_and_tried_at_once() {
    let mut bench = Bench::new(Flow::Ticket);
    bench.input(Input::Start);
    bench.input(Input::TokenReady(bench.attempt(), TOKEN));
    let effects = bench.fail(refused(Place::Ticket, 401, "TOKEN_EXPIRED")).to_vec();
    assert!(effects.iter().any(|effect| matches!(effect, Effect::EnsureToken { newer_than: Some(1), .. })));
    bench.input(Input::TokenReady(bench.attempt(), Token { generation: 2, ..TOKEN }));
    bench.fail(refused(Place::Ticket, 401, "TOKEN_EXPIRED"));
    assert_eq!((bench.cause(), bench.retry()), (CauseKind::SignInNeeded, Retry::No));
    assert!(bench.effects.contains(&Effect::ClearSession));
}

#[test]
fn a_renewed_token_that_runs_out_by_itself_may_be_renewed_again() {
    let short = Token { lives: Some(Duration::from_secs(20)), ..TOKEN };
    let mut bench = Bench::new(Flow::Ticket);
    bench.input(Input::Start);
    bench.input(Input::TokenReady(bench.attempt(), short));
    bench.fail(refused(Place::Ticket, 401, "TOKEN_EXPIRED"));
    bench.input(Input::TokenReady(bench.attempt(), Token { generation: 2, ..short }));
    bench.input(Input::TicketReady(bench.attempt()));
    bench.input(Input::Opened(bench.attempt()));
    bench.pass(5.0);
    bench.message(ServerMessage::Pong);
    bench.pass(15.0);
    bench.fail(Failure::closed(4401, ""));
    assert_eq!(bench.state(), Shown::Connecting(Phase::Token));
}

#[test]
fn a_token_is_renewed_ahead_of_its_expiry() {
    let mut bench = Bench::live();
    // 900 s of life less a margin of 30 s and a spread of up to 30 s, which this bench draws in full
    let mut early = Vec::new();
    for _ in 0..167 {
        early.extend(bench.pass(5.0));
        bench.message(ServerMessage::Pong);
    }
    assert!(!early.contains(&Effect::RefreshAhead));
    assert!(bench.pass(5.0).contains(&Effect::RefreshAhead));
    bench.input(Input::RefreshedAhead(Ok(Token { generation: 2, ..TOKEN })));
    assert_eq!(bench.effects, []);
    assert!(bench.is_live());
}

#[test]
fn a_short_life_is_renewed_in_its_second_half_and_not_all_the_time() {
    // less a margin of 30 s and a spread of up to a tenth, which this bench draws in full
    for (lives, early) in [(900, 840), (100, 60), (60, 30), (20, 10), (8, 5), (0, 5)] {
        let mut bench = Bench::new(Flow::Ticket);
        bench.input(Input::Start);
        let token = Token { lives: Some(Duration::from_secs(lives)), ..TOKEN };
        bench.input(Input::TokenReady(bench.attempt(), token));
        assert_eq!(bench.machine.refresh_at, Some(bench.now.at + Duration::from_secs(early)), "{lives}");
    }
}

#[test]
fn a_failed_renewal_leaves_a_living_socket_alone() {
    for failure in
        [dropped(), refused(Place::Refresh, 401, "REFRESH_REVOKED"), refused(Place::Refresh, 503, "X")]
    {
        let mut bench = Bench::live();
        let effects = bench.input(Input::RefreshedAhead(Err(failure.clone())));
        assert!(matches!(effects, [Effect::Note(Note::NotRefreshed(_))]), "{effects:?}");
        assert!(bench.is_live());
    }
}

#[test]
fn a_failed_renewal_is_tried_again_unless_it_is_hopeless() {
    for (failure, again) in [(dropped(), true), (refused(Place::Refresh, 401, "REFRESH_REVOKED"), false)] {
        let mut bench = Bench::live();
        bench.machine.refresh_at = None;
        bench.input(Input::RefreshedAhead(Err(failure)));
        assert_eq!(bench.pass(2.0).contains(&Effect::RefreshAhead), again);
    }
}

#[test]
fn renewals_that_fail_are_tried_again_at_longer_and_longer_waits() {
    let mut bench = Bench::live();
    for wait in [1, 2, 4, 8] {
        bench.input(Input::RefreshedAhead(Err(dropped())));
        assert_eq!(bench.machine.refresh_at, Some(bench.now.at + Duration::from_secs(wait)));
    }
    bench.input(Input::RefreshedAhead(Ok(Token { generation: 2, ..TOKEN })));
    bench.input(Input::RefreshedAhead(Err(dropped())));
    assert_eq!(bench.machine.refresh_at, Some(bench.now.at + Duration::from_secs(1)), "counted anew");
}

#[test]
fn a_session_that_was_not_stored_is_told_once() {
    let mut bench = Bench::new(Flow::Ticket);
    bench.input(Input::Start);
    let unstored = Token { stored: false, ..TOKEN };
    bench.input(Input::TokenReady(bench.attempt(), unstored));
    assert!(matches!(told(&bench.effects)[..], [Event::Error { .. }]));
    bench.fail(dropped());
    bench.input(Input::Connect);
    bench.input(Input::TokenReady(bench.attempt(), unstored));
    assert_eq!(told(&bench.effects), Vec::<&Event>::new());
}
