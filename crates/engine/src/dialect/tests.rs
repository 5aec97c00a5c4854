use super::*;

fn endpoint(flow: Flow) -> Endpoint {
    Endpoint::parse("https://alerts.example.com/push", flow, false).unwrap()
}

#[test]
fn the_token_flow_carries_the_token_in_the_query_and_in_the_greeting() {
    let secret = Secret::from("a b&c");
    let upgrade = token::Token.socket(&endpoint(Flow::Token), &secret);
    assert_eq!(
        upgrade.expose().as_str(),
        "https://alerts.example.com/push/api/ws/notification?token=a+b%26c"
    );
    let greeting = token::Token.encode(Outgoing::Auth, &secret).unwrap();
    assert_eq!(greeting, r#"{"type":"auth","payload":{"token":"a b&c"}}"#);
}

#[test]
fn the_ticket_flow_asks_with_the_bearer_and_opens_with_the_ticket() {
    let call = ticket::request(&endpoint(Flow::Ticket), &Secret::from("hunter2"));
    assert_eq!(call.url.as_str(), "https://alerts.example.com/push/api/ws/ticket");
    assert_eq!(call.proof, Proof::Bearer(Secret::from("hunter2")));
    let upgrade = ticket::Ticket.socket(&endpoint(Flow::Ticket), &Secret::from("swordfish"));
    assert_eq!(upgrade.expose().as_str(), "https://alerts.example.com/push/ws?ticket=swordfish");
}

#[test]
fn a_query_of_the_path_is_kept() {
    let mut endpoint = endpoint(Flow::Token);
    endpoint.paths.socket_token = "/feed?v=2".into();
    let upgrade = token::Token.socket(&endpoint, &Secret::from("t"));
    assert_eq!(upgrade.expose().as_str(), "https://alerts.example.com/push/feed?v=2&token=t");
}

#[test]
fn neither_calls_nor_upgrades_print_their_secrets() {
    let secret = Secret::from("hunter2");
    let device = Device { name: "desk".into(), platform: tidings_protocol::Platform::Linux };
    let at = endpoint(Flow::Ticket);
    for text in [
        format!("{:?}", tidings::login(&at, "alice", &secret, &device)),
        format!("{:?}", tidings::refresh(&at, &secret)),
        format!("{:?}", tidings::logout(&at, &secret)),
        format!("{:?}", ticket::request(&at, &secret)),
        format!("{:?}", ticket::Ticket.socket(&at, &secret)),
        format!("{:?}", token::Token.socket(&at, &secret)),
    ] {
        assert!(!text.contains("hunter2"), "{text}");
    }
}

#[test]
fn an_epoch_that_is_too_long_to_keep_is_none() {
    for (length, fits) in [(tidings::LONGEST_EPOCH, true), (tidings::LONGEST_EPOCH + 1, false)] {
        let epoch = "e".repeat(length);
        let text = format!(r#"{{"type":"auth_success","payload":{{"epoch":"{epoch}","head":3}}}}"#);
        let Ok(Incoming::Message(ServerMessage::AuthSuccess(details))) = tidings::decode(&text) else {
            panic!()
        };
        assert_eq!((details.epoch.is_some(), details.head), (fits, Some(3)));
        let text = format!(r#"{{"type":"resumed","payload":{{"epoch":"{epoch}","head":3}}}}"#);
        assert_eq!(tidings::decode(&text).is_ok(), fits);
    }
}

#[test]
fn signing_out_with_a_token_that_has_expired_renews_it_and_ends_the_session_all_the_same() {
    let session = StoredSession {
        access_token: Secret::from("old"),
        expires_at: None,
        refresh_token: Some(Secret::from("r1")),
        session_id: None,
        user: None,
    };
    let answer = |status, body: &str| Answer {
        status,
        retry_after: None,
        body: body.as_bytes().to_vec(),
        cut: false,
        broken: None,
        sent_at: None,
        received_at: time::OffsetDateTime::UNIX_EPOCH,
    };
    let asked = |step| match step {
        Ok(Step::Ask(call)) => (call.url.path().to_owned(), call.proof),
        Ok(Step::Done(())) => panic!("the session is not ended"),
        Err(failure) => panic!("{failure}"),
    };
    let out = |token: &str| ("/push/api/auth/logout".to_owned(), Proof::Bearer(Secret::from(token)));
    for dialect in [Dialect::Ticket, Dialect::Token] {
        let leaving = || dialect.speech().sign_out(&endpoint(Flow::Ticket), &session).unwrap();
        let mut course = leaving();
        assert_eq!(asked(course.next(None)), out("old"));
        let (path, proof) = asked(course.next(Some(answer(401, ""))));
        assert_eq!((path.as_str(), proof), ("/push/api/auth/refresh", Proof::None));
        let renewed = r#"{"access_token":"new","token_type":"Bearer","refresh_token":"r2"}"#;
        assert_eq!(asked(course.next(Some(answer(200, renewed)))), out("new"));
        assert!(matches!(course.next(Some(answer(204, ""))), Ok(Step::Done(()))));
        // one that is over already
        let mut course = leaving();
        let _ = (course.next(None), course.next(Some(answer(401, ""))));
        assert!(matches!(course.next(Some(answer(401, ""))), Ok(Step::Done(()))));
    }
    let without = StoredSession { refresh_token: None, ..session };
    let mut course = Dialect::Ticket.speech().sign_out(&endpoint(Flow::Ticket), &without).unwrap();
    let _ = course.next(None);
    assert!(matches!(course.next(Some(answer(401, ""))), Ok(Step::Done(()))));
}
