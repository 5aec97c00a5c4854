//! The failure table of `docs/protocol.md` §4 as a whole: every row, at every place where it can be seen.

use std::{ops::RangeInclusive, time::Duration};

use tidings_engine::{CauseKind, SignInError, Transport, sign_in, sign_in_as_guest};
use tidings_protocol::{Device, Flow, Platform, Secret};
use time::{OffsetDateTime, format_description::well_known::Rfc2822};

use crate::{
    host::{endpoint, host},
    scripted::{At, Fault, Outcome, bound_for, failing, outcome, session},
};

/// In milliseconds, before the first retry.
const BACKOFF: RangeInclusive<u128> = 100..=1_000;
const AT_CAP: RangeInclusive<u128> = 30_000..=60_000;

const MISSING_SESSION: &str = r#"{"error":{"code":"MISSING_SESSION","message":"m"}}"#;
const TOKEN_EXPIRED: &str = r#"{"error":{"code":"TOKEN_EXPIRED","message":"m"}}"#;
const ORIGIN_BLOCKED: &str = r#"{"error":{"code":"ORIGIN_BLOCKED","message":"m"}}"#;

fn in_http(at: OffsetDateTime) -> String {
    at.to_offset(time::UtcOffset::UTC).format(&Rfc2822).unwrap().replace("+0000", "GMT")
}

/// Fails there and is tried again after a wait in this range, with the session as it was.
async fn tried_again(at: At, fault: Fault, kind: CauseKind, wait: RangeInclusive<u128>) {
    let (url, asked) = failing(at, fault.clone(), true).await;
    let before = bound_for(at);
    let outcome = outcome(&url, before.clone()).await;
    assert_eq!(outcome.kind, kind, "{at:?} {fault:?} {outcome:?}");
    let waits = outcome.wait.map(|wait| wait.as_millis());
    assert!(waits.is_some_and(|waits| wait.contains(&waits)), "{at:?} {fault:?} {outcome:?}");
    assert_eq!(outcome.kept.is_some(), before.is_some() || at != At::Guest, "{at:?} {fault:?}");
    assert_eq!(asked.times(at), 1, "{at:?} {fault:?}");
}

/// Fails there and stops, after the place was asked so many times.
async fn stopped(at: At, fault: Fault, with: Option<tidings_engine::StoredSession>, times: usize) -> Outcome {
    let (url, asked) = failing(at, fault.clone(), true).await;
    let outcome = outcome(&url, with).await;
    assert_eq!(outcome.wait, None, "{at:?} {fault:?} {outcome:?}");
    assert_eq!(asked.times(at), times, "{at:?} {fault:?} {outcome:?}");
    outcome
}

#[tokio::test]
async fn a_server_in_trouble_is_tried_again_wherever_it_shows() {
    for at in At::ALL {
        for status in [408, 425, 500, 502, 504, 599] {
            tried_again(at, Fault::http(status, ""), CauseKind::Unreachable, BACKOFF).await;
        }
    }
}

#[tokio::test]
async fn a_busy_server_is_waited_for_as_long_as_it_asks_wherever_it_shows() {
    for at in At::ALL {
        for status in [429, 503] {
            tried_again(at, Fault::http(status, ""), CauseKind::ServerBusy, BACKOFF).await;
            let seconds = Fault::later(status, "7");
            tried_again(at, seconds, CauseKind::ServerBusy, 7_100..=8_000).await;
            let date = Fault::later(status, &in_http(OffsetDateTime::now_utc() + Duration::from_secs(900)));
            tried_again(at, date, CauseKind::ServerBusy, 840_000..=901_000).await;
        }
    }
}

#[tokio::test]
async fn a_path_that_should_exist_is_tried_at_the_cap_wherever_it_is_missing() {
    for at in At::ALL {
        for status in [400, 404, 405, 410, 426] {
            tried_again(at, Fault::http(status, "<html>"), CauseKind::NotSuchServer, AT_CAP).await;
        }
    }
}

#[tokio::test]
async fn a_403_stops_wherever_it_shows_and_the_sign_in_is_kept() {
    for at in At::ALL {
        let before = bound_for(at);
        let outcome = stopped(at, Fault::http(403, ORIGIN_BLOCKED), before, 1).await;
        assert_eq!(outcome.kind, CauseKind::Blocked, "{at:?} {outcome:?}");
        assert!(outcome.detail.starts_with("HTTP 403 ORIGIN_BLOCKED at "), "{outcome:?}");
        assert_eq!(outcome.kept.is_some(), at != At::Guest, "{at:?}");
    }
}

#[tokio::test]
async fn a_401_that_nothing_can_cure_ends_the_session_wherever_it_shows() {
    for at in At::ALL {
        let outcome = stopped(at, Fault::http(401, ""), bound_for(at), 1).await;
        assert_eq!((outcome.kind, outcome.kept), (CauseKind::SignInNeeded, None), "{at:?}");
    }
    for at in [At::Ticket, At::Upgrade] {
        let outcome = stopped(at, Fault::http(401, MISSING_SESSION), Some(session(true, false)), 1).await;
        assert_eq!((outcome.kind, outcome.kept), (CauseKind::SignInNeeded, None), "{at:?}");
    }
}

#[tokio::test]
async fn a_401_after_a_fresh_refresh_ends_the_session() {
    for at in [At::Ticket, At::Upgrade] {
        for body in ["", TOKEN_EXPIRED] {
            let (url, asked) = failing(at, Fault::http(401, body), true).await;
            let outcome = outcome(&url, Some(session(true, false))).await;
            assert_eq!((outcome.kind, outcome.wait), (CauseKind::SignInNeeded, None), "{at:?}");
            assert_eq!(outcome.kept, None, "{at:?}");
            assert_eq!((asked.times(at), asked.times(At::Refresh)), (2, 1), "{at:?}");
        }
    }
}

#[tokio::test]
async fn a_guest_is_let_in_anew_once() {
    for at in [At::Ticket, At::Upgrade] {
        let (url, asked) = failing(at, Fault::http(401, ""), false).await;
        let outcome = outcome(&url, None).await;
        assert_eq!((outcome.kind, outcome.wait), (CauseKind::SignInNeeded, None), "{at:?}");
        assert_eq!((asked.times(at), asked.times(At::Guest)), (2, 2), "{at:?}: to begin with, and anew");
        assert_eq!(asked.times(At::Refresh), 0);
    }
}

#[tokio::test]
async fn closes_of_a_passing_kind_are_tried_again() {
    let kinds = [(1012, CauseKind::Restarting), (1013, CauseKind::ServerBusy)];
    for code in [1000, 1001, 1011, 1012, 1013, 1014, 3000, 4000, 4402, 4999] {
        let kind =
            kinds.iter().find(|(named, _)| *named == code).map_or(CauseKind::Unreachable, |(_, kind)| *kind);
        tried_again(At::Upgrade, Fault::close(code, ""), kind, BACKOFF).await;
    }
    // 1005 is a close frame without a code, 1006 none at all
    for bytes in [vec![0x88, 0], vec![]] {
        let (url, _) = match bytes.is_empty() {
            false => failing(At::Upgrade, Fault::Socket(bytes), true).await,
            true => (ending().await, Default::default()),
        };
        let outcome = outcome(&url, bound_for(At::Upgrade)).await;
        assert_eq!(outcome.kind, CauseKind::Unreachable, "{outcome:?}");
        assert!(outcome.wait.is_some() && outcome.kept.is_some(), "{outcome:?}");
    }
}

/// A server that opens sockets and ends them without a word.
async fn ending() -> String {
    host(|mut visit| async move {
        if visit.head.starts_with("POST") {
            return visit.answer("200 OK", r#"{"ticket":"t1","expires_in":30}"#).await;
        }
        visit.upgrade().await;
    })
    .await
}

#[tokio::test]
async fn closes_that_only_people_can_lift_stop_and_keep_the_sign_in() {
    let policy = [(1008, "ORIGIN_BLOCKED"), (1008, "no cats"), (1008, "")];
    let others = [1002, 1003, 1007, 1009, 1010, 4403].map(|code| (code, ""));
    for (code, reason) in policy.into_iter().chain(others) {
        let outcome = stopped(At::Upgrade, Fault::close(code, reason), bound_for(At::Upgrade), 1).await;
        assert_eq!(outcome.kind, CauseKind::Blocked, "{code} {reason}");
        assert!(outcome.kept.is_some() && outcome.detail.contains(&code.to_string()), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_close_for_want_of_a_right_ends_the_session() {
    let fault = Fault::close(1008, "NOT_AUTHORIZED");
    let outcome = stopped(At::Upgrade, fault, Some(session(true, false)), 1).await;
    assert_eq!((outcome.kind, outcome.kept), (CauseKind::SignInNeeded, None));
}

#[tokio::test]
async fn a_close_for_an_expired_token_is_cured_by_one_refresh_or_ends_the_session() {
    for fault in [Fault::close(1008, "TOKEN_EXPIRED"), Fault::close(4401, "")] {
        let outcome = stopped(At::Upgrade, fault.clone(), Some(session(true, false)), 2).await;
        assert_eq!((outcome.kind, outcome.kept), (CauseKind::SignInNeeded, None), "{fault:?}");
        let outcome = stopped(At::Upgrade, fault.clone(), Some(session(false, false)), 1).await;
        assert_eq!((outcome.kind, outcome.kept), (CauseKind::SignInNeeded, None), "{fault:?}");
    }
}

#[tokio::test]
async fn refused_sign_ins_are_told_apart_and_say_when_to_try_again() {
    use SignInError::{Forbidden, InvalidCredentials, NotATidingsServer, RateLimited, ServerBusy};
    type Expected = fn(&SignInError) -> bool;
    let soon = in_http(OffsetDateTime::now_utc() + Duration::from_secs(900));
    let told: Expected = |error| match error {
        RateLimited { retry_after } | ServerBusy { retry_after, .. } => {
            retry_after.is_some_and(|wait| matches!(wait.as_secs(), 7 | 840..=900))
        }
        _ => false,
    };
    let rows: [(String, Expected); 12] = [
        ("401 No".into(), |error| matches!(error, InvalidCredentials | Forbidden(_))),
        ("403 No".into(), |error| matches!(error, Forbidden(_))),
        ("429 No".into(), |error| matches!(error, RateLimited { retry_after: None })),
        ("429 No\r\nretry-after: 7".into(), told),
        (format!("429 No\r\nretry-after: {soon}"), told),
        ("503 No\r\nretry-after: 7".into(), told),
        (format!("503 No\r\nretry-after: {soon}"), told),
        ("500 No".into(), |error| matches!(error, ServerBusy { retry_after: None, .. })),
        ("408 No".into(), |error| matches!(error, ServerBusy { .. })),
        ("425 No".into(), |error| matches!(error, ServerBusy { .. })),
        ("404 No".into(), |error| matches!(error, NotATidingsServer(_))),
        ("400 No".into(), |error| matches!(error, NotATidingsServer(_))),
    ];
    let transport = Transport::new().unwrap();
    let device = Device { name: "desk".into(), platform: Platform::Linux };
    for (head, expected) in rows {
        let url = host({
            let head = head.clone();
            move |visit| {
                let head = head.clone();
                async move { visit.answer(&head, "").await }
            }
        })
        .await;
        let at = endpoint(&url, Flow::Ticket);
        let by_name = sign_in(&transport, &at, "alice", &Secret::from("hunter2"), &device).await.unwrap_err();
        let as_guest = sign_in_as_guest(&transport, &at, &device).await.unwrap_err();
        assert!(expected(&by_name) && expected(&as_guest), "{head}: {by_name:?} {as_guest:?}");
        assert_eq!(by_name == InvalidCredentials, head == "401 No");
    }
}
