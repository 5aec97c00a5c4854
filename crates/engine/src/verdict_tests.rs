//! The failure table, row by row.

use super::*;

const NONE: Credentials = Credentials { refreshable: false, fresh: false };
const REFRESHABLE: Credentials = Credentials { refreshable: true, fresh: false };
const FRESH: Credentials = Credentials { refreshable: true, fresh: true };
const ALL: [Credentials; 3] = [NONE, REFRESHABLE, FRESH];
const PLACES: [Place; 3] = [Place::Refresh, Place::Ticket, Place::Upgrade];

fn refused(at: Place, status: u16, code: Option<Code>) -> Failure {
    Failure::Refused(Refusal { at, status, code, retry_after: None })
}

fn verdict(failure: &Failure, credentials: Credentials) -> Verdict {
    failure.judge(credentials).0
}

fn always(failure: &Failure, expected: &Verdict, kind: CauseKind) {
    for credentials in ALL {
        let (verdict, cause) = failure.judge(credentials);
        assert_eq!((&verdict, cause.kind), (expected, kind), "{failure:?} {credentials:?}");
    }
}

#[test]
fn what_never_arrived_is_tried_again() {
    for failure in [
        Failure::Unreachable("dns".into()),
        Failure::ended(),
        Failure::Silent,
        Failure::Broken("bits".into()),
        Failure::Unfinished,
        Failure::Storage("disk".into()),
    ] {
        always(&failure, &Verdict::Retry(Pace::Backoff), CauseKind::Unreachable);
    }
}

#[test]
fn closes_of_a_passing_kind_are_tried_again() {
    for code in [1000, 1001, 1005, 1006, 1011, 1014] {
        let failure = Failure::closed(code, "");
        always(&failure, &Verdict::Retry(Pace::Backoff), CauseKind::Unreachable);
    }
    always(&Failure::closed(1012, ""), &Verdict::Retry(Pace::Backoff), CauseKind::Restarting);
    always(&Failure::closed(1013, ""), &Verdict::Retry(Pace::Backoff), CauseKind::ServerBusy);
}

#[test]
fn busy_statuses_are_tried_again_anywhere() {
    for at in PLACES {
        for status in [408, 425, 500, 501, 502, 504, 599] {
            let failure = refused(at, status, None);
            always(&failure, &Verdict::Retry(Pace::Backoff), CauseKind::Unreachable);
        }
        for status in [429, 503] {
            let failure = refused(at, status, Some(Code::TICKETS_UNAVAILABLE));
            always(&failure, &Verdict::Retry(Pace::Backoff), CauseKind::ServerBusy);
        }
    }
}

#[test]
fn retry_after_is_a_floor_within_reason() {
    for status in [429, 503] {
        for (asked, honoured) in [(40, 40), (10_000_000, 3600)] {
            let failure = Failure::Refused(Refusal {
                at: Place::Ticket,
                status,
                code: None,
                retry_after: Some(Duration::from_secs(asked)),
            });
            let expected = Verdict::Retry(Pace::After(Duration::from_secs(honoured)));
            always(&failure, &expected, CauseKind::ServerBusy);
        }
    }
}

#[test]
fn a_401_is_cured_by_one_refresh_or_not_at_all() {
    for at in [Place::Ticket, Place::Upgrade] {
        for code in [None, Some(Code::UNAUTHORIZED), Some(Code::TOKEN_EXPIRED), Some(Code::TICKET_INVALID)] {
            let failure = refused(at, 401, code);
            assert_eq!(verdict(&failure, REFRESHABLE), Verdict::Reauthenticate, "{failure:?}");
            assert_eq!(verdict(&failure, FRESH), Verdict::SignIn, "{failure:?}");
            assert_eq!(verdict(&failure, NONE), Verdict::SignIn, "{failure:?}");
        }
    }
}

#[test]
fn a_session_that_is_gone_needs_a_sign_in() {
    for failure in [
        refused(Place::Ticket, 401, Some(Code::MISSING_SESSION)),
        refused(Place::Upgrade, 401, Some(Code::MISSING_SESSION)),
        refused(Place::Refresh, 401, Some(Code::REFRESH_EXPIRED)),
        refused(Place::Refresh, 401, Some(Code::REFRESH_REVOKED)),
        refused(Place::Refresh, 401, None),
        Failure::AuthError { code: Code::TOKEN_EXPIRED, message: String::new() },
        Failure::AuthError { code: Code::NOT_AUTHORIZED, message: String::new() },
        Failure::closed(1008, "NOT_AUTHORIZED"),
        Failure::closed(1008, "MISSING_SESSION"),
        Failure::NotSignedIn("nobody"),
        Failure::GarbledSession,
    ] {
        always(&failure, &Verdict::SignIn, CauseKind::SignInNeeded);
    }
}

#[test]
fn an_expired_token_at_the_close_is_cured_by_one_refresh() {
    for failure in [Failure::closed(1008, "TOKEN_EXPIRED"), Failure::closed(4401, "")] {
        assert_eq!(verdict(&failure, REFRESHABLE), Verdict::Reauthenticate, "{failure:?}");
        assert_eq!(verdict(&failure, FRESH), Verdict::SignIn, "{failure:?}");
        assert_eq!(verdict(&failure, NONE), Verdict::SignIn, "{failure:?}");
    }
}

#[test]
fn a_refusal_that_only_people_can_lift_blocks() {
    for at in PLACES {
        for code in [None, Some(Code::ORIGIN_BLOCKED), Some(Code::FORBIDDEN)] {
            always(&refused(at, 403, code), &Verdict::Blocked, CauseKind::Blocked);
        }
    }
    for failure in [
        Failure::closed(1008, "ORIGIN_BLOCKED"),
        Failure::closed(1008, "no cats"),
        Failure::closed(1008, ""),
        Failure::closed(4403, ""),
        Failure::closed(1002, ""),
        Failure::closed(1003, ""),
        Failure::closed(1007, ""),
        Failure::closed(1009, ""),
        Failure::closed(1010, ""),
        Failure::Oversized,
    ] {
        always(&failure, &Verdict::Blocked, CauseKind::Blocked);
    }
    always(&Failure::Certificate("expired".into()), &Verdict::Blocked, CauseKind::Certificate);
    let asked = Failure::ClientCertificate("the server asks for a client certificate".into());
    always(&asked, &Verdict::Blocked, CauseKind::ClientCertificate);
    let file = Failure::TlsFile(TlsFileError {
        file: crate::TlsFile::Ca,
        path: "/nowhere/ca.pem".into(),
        trouble: crate::FileTrouble::Missing,
    });
    always(&file, &Verdict::Blocked, CauseKind::CertificateFile);
    assert_eq!(file.to_string(), "the CA file /nowhere/ca.pem is not there");
    always(&Failure::Proxy("407".into()), &Verdict::Blocked, CauseKind::Proxy);
}

#[test]
fn a_server_of_another_kind_is_tried_slowly() {
    for at in PLACES {
        for status in [400, 404, 405, 410, 426, 301, 302, 307, 308, 418, 451] {
            always(&refused(at, status, None), &Verdict::Retry(Pace::Cap), CauseKind::NotSuchServer);
        }
    }
    always(&Failure::NotSuchServer("html".into()), &Verdict::Retry(Pace::Cap), CauseKind::NotSuchServer);
}

#[test]
fn private_closes_that_are_not_named_are_tried_again() {
    for code in [3000, 4000, 4001, 4400, 4402, 4404, 4999] {
        let failure = Failure::closed(code, "whatever");
        always(&failure, &Verdict::Retry(Pace::Backoff), CauseKind::Unreachable);
    }
}

#[test]
fn a_policy_close_with_the_code_of_an_http_refusal_means_the_same() {
    assert_eq!(verdict(&Failure::closed(1008, "UNAUTHORIZED"), REFRESHABLE), Verdict::Reauthenticate);
    assert_eq!(verdict(&Failure::closed(1008, "TICKET_INVALID"), FRESH), Verdict::SignIn);
    let busy = Failure::closed(1008, "RATE_LIMITED");
    always(&busy, &Verdict::Retry(Pace::Backoff), CauseKind::ServerBusy);
    let slow = Failure::closed(1008, "AUTH_TIMEOUT");
    always(&slow, &Verdict::Retry(Pace::Backoff), CauseKind::Unreachable);
}

#[test]
fn a_locked_keychain_is_waited_for() {
    let failure = Failure::KeychainLocked("locked".into());
    always(&failure, &Verdict::Retry(Pace::Unasked), CauseKind::KeychainLocked);
    let failure = Failure::KeychainMissing("no service".into());
    always(&failure, &Verdict::Retry(Pace::Backoff), CauseKind::KeychainLocked);
}

#[test]
fn every_status_and_every_close_has_a_verdict_that_keeps_a_403_and_a_5xx_apart() {
    for status in 100..=999 {
        let hard = verdict(&refused(Place::Upgrade, status, None), REFRESHABLE).is_hard();
        assert_eq!(hard, status == 403, "{status}");
    }
    for code in 0..=u16::MAX {
        let hard = verdict(&Failure::closed(code, ""), REFRESHABLE).is_hard();
        let expected = matches!(code, 1002 | 1003 | 1007 | 1008 | 1009 | 1010 | 4403);
        assert_eq!(hard, expected, "{code}");
    }
}

#[test]
fn details_name_status_and_code() {
    let (_, cause) = refused(Place::Ticket, 503, Some(Code::TICKETS_UNAVAILABLE)).judge(NONE);
    assert_eq!(cause.detail, "HTTP 503 TICKETS_UNAVAILABLE at ticket");
    let (_, cause) = Failure::closed(1008, "ORIGIN\u{7}_BLOCKED\n").judge(NONE);
    assert_eq!(cause.detail, "closed with 1008 ORIGIN_BLOCKED");
    assert!(Failure::closed(1008, &"x".repeat(5000)).to_string().len() < 200);
    assert_eq!(Failure::closed(1011, "").to_string(), "closed with 1011");
}

#[test]
fn the_code_that_a_server_gave_is_known_wherever_it_stood() {
    let auth_error = Failure::AuthError { code: Code::TOKEN_EXPIRED, message: String::new() };
    for failure in [
        refused(Place::Upgrade, 401, Some(Code::TOKEN_EXPIRED)),
        Failure::closed(1008, "TOKEN_EXPIRED"),
        auth_error,
    ] {
        assert_eq!(failure.code(), Some("TOKEN_EXPIRED"), "{failure:?}");
    }
    for failure in [
        refused(Place::Upgrade, 401, None),
        Failure::closed(1008, ""),
        Failure::closed(1008, "eyJhbGciOi"),
        Failure::ended(),
        Failure::Silent,
    ] {
        assert_eq!(failure.code(), None, "{failure:?}");
    }
}

#[test]
fn a_code_that_looks_like_a_token_is_dropped() {
    assert_eq!(plausible(Code::TOKEN_EXPIRED), Some(Code::TOKEN_EXPIRED));
    for odd in ["", "eyJhbGciOi", "A B", &"A".repeat(41)] {
        assert_eq!(plausible(Code::from(odd)), None, "{odd}");
    }
}
