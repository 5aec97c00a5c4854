//! Frozen bytes: what this version writes, and what it must go on reading. A file under `golden/client`, `golden/server`
//! or `golden/http` changes only with a new version of the protocol; `golden/foreign` is what servers of others send.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

use std::{collections::BTreeSet, fmt::Debug, fs, path::PathBuf};

use serde::{Serialize, de::DeserializeOwned};
use tidings_protocol::{
    Action, AuthSuccess, ClientMessage, Code, Decoded, Device, ErrorBody, ErrorDetail, Flow, Goodbye,
    GuestRequest, Info, LoginRequest, Notification, Platform, Priority, PublishReceipt, PublishRequest,
    RefreshRequest, Resumed, Secret, ServerMessage, Session, TicketResponse, To, User,
};
use time::macros::datetime;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

fn golden(name: &str) -> String {
    let text = fs::read_to_string(folder().join(format!("{name}.json"))).expect(name);
    text.trim_end().to_owned()
}

fn covers_all(kind: &str, names: &[&str]) {
    let files = fs::read_dir(folder().join(kind)).unwrap().map(|entry| entry.unwrap().path());
    let files =
        files.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(
        files,
        names.iter().map(|name| (*name).to_owned()).collect(),
        "each file is checked, and each once"
    );
}

fn hello() -> Notification {
    serde_json::from_str(r#"{"title":"Hello"}"#).unwrap()
}

fn alice() -> User {
    User { id: "u1".into(), name: "alice".into() }
}

fn device(platform: Platform) -> Option<Device> {
    Some(Device { name: "desk".into(), platform })
}

#[test]
fn what_a_client_says() {
    let messages = [
        ("auth", ClientMessage::Auth { token: "at-1".into() }),
        ("ping", ClientMessage::Ping),
        ("resume", ClientMessage::Resume { epoch: "01JX".into(), after: 41 }),
        ("read", ClientMessage::Read { ids: vec!["n1".into(), "n2".into()] }),
    ];
    for (name, message) in &messages {
        let bytes = golden(&format!("client/{name}"));
        assert_eq!(message.encode(), bytes);
        assert_eq!(ClientMessage::decode(&bytes), Ok(Decoded::Message(message.clone())));
    }
    covers_all("client", &messages.map(|(name, _)| name));
}

#[test]
fn what_a_server_says() {
    let action = |id: &str, label: &str, path: &str, method: Option<&str>| Action {
        id: id.into(),
        label: label.into(),
        url: format!("https://ci.example.com/42/{path}"),
        method: method.map(str::to_owned),
        ..Action::default()
    };
    let full = Notification {
        seq: Some(42),
        id: Some("n42".into()),
        title: "Build failed".into(),
        body: "main, step 3\nsee the log".into(),
        priority: Priority::Urgent,
        topic: Some("builds".into()),
        tags: vec!["ci".into(), "red".into()],
        click_url: Some("https://ci.example.com/42".into()),
        actions: vec![action("retry", "Retry", "retry", Some("POST")), action("log", "Log", "log", None)],
        icon_url: Some("https://ci.example.com/icon.png".into()),
        replaces: Some("n40".into()),
        created_at: Some(datetime!(2026-05-04 09:59:58.123 UTC)),
        expires_at: Some(datetime!(2026-05-05 00:00 UTC)),
        ..Notification::default()
    };
    let plain = Notification {
        seq: Some(1),
        id: Some("n1".into()),
        created_at: Some(datetime!(2026-05-04 10:00 UTC)),
        ..hello()
    };
    let resumed = |complete| ServerMessage::Resumed(Resumed { epoch: "01JX".into(), head: 42, complete });
    let detail = |code, message: &str| ErrorDetail { code, message: message.into() };
    let messages = [
        (
            "auth_success",
            ServerMessage::AuthSuccess(AuthSuccess {
                user: Some(alice()),
                session_id: Some("s1".into()),
                epoch: Some("01JX".into()),
                head: Some(41),
            }),
        ),
        ("auth_success_bare", ServerMessage::AuthSuccess(AuthSuccess::default())),
        ("auth_error", ServerMessage::AuthError(detail(Code::NOT_AUTHORIZED, "the session was ended"))),
        ("pong", ServerMessage::Pong),
        ("notification", ServerMessage::Notification(Box::new(full))),
        ("notification_plain", ServerMessage::Notification(Box::new(plain))),
        ("resumed", resumed(true)),
        ("resumed_with_gap", resumed(false)),
        ("read", ServerMessage::Read { ids: vec!["n1".into(), "n2".into()] }),
        (
            "goodbye",
            ServerMessage::Goodbye(Goodbye { reason: "update".into(), reconnect_after_ms: [1000, 5000] }),
        ),
        ("error", ServerMessage::Error(detail(Code::BAD_REQUEST, "ids: expected a list"))),
    ];
    for (name, message) in &messages {
        let bytes = golden(&format!("server/{name}"));
        assert_eq!(message.encode(), bytes);
        assert_eq!(ServerMessage::decode(&bytes), Ok(Decoded::Message(message.clone())));
    }
    covers_all("server", &messages.map(|(name, _)| name));
}

fn body<T: Serialize + DeserializeOwned + PartialEq + Debug>(name: &'static str, value: &T) -> &'static str {
    let bytes = golden(&format!("http/{name}"));
    assert_eq!(serde_json::to_string(value).unwrap(), bytes);
    assert_eq!(&serde_json::from_str::<T>(&bytes).unwrap(), value);
    name
}

#[test]
fn what_travels_over_http() {
    let guest = Session {
        access_token: "at-1".into(),
        token_type: "Bearer".into(),
        expires_in: Some(900),
        refresh_token: Some("rt-1".into()),
        session_id: Some("s1".into()),
        user: None,
        epoch: None,
        head: None,
    };
    let at_login = Session { user: Some(alice()), epoch: Some("e1".into()), head: Some(41), ..guest.clone() };
    let login = |device| LoginRequest { username: "alice".into(), password: "pw-1".into(), device };
    let publish = PublishRequest {
        to: To::User("alice".into()),
        title: "Build failed".into(),
        body: "main".into(),
        priority: Priority::High,
        tags: vec!["ci".into()],
        click_url: Some("https://ci.example.com/42".into()),
        actions: vec![Action {
            id: "log".into(),
            label: "Log".into(),
            url: "https://ci.example.com/42/log".into(),
            method: None,
            ..Action::default()
        }],
        icon_url: Some("https://ci.example.com/icon.png".into()),
        image_url: None,
        attachment: None,
        plain: false,
        replaces: Some("n40".into()),
        expires_at: Some(datetime!(2026-05-05 00:00 UTC)),
    };
    let to_a_topic = PublishRequest {
        to: To::Topic("builds".into()),
        title: "Hello".into(),
        body: String::new(),
        priority: Priority::Default,
        tags: vec![],
        click_url: None,
        actions: vec![],
        icon_url: None,
        image_url: None,
        attachment: None,
        plain: false,
        replaces: None,
        expires_at: None,
    };
    let info = Info {
        server: "tidings".into(),
        version: "0.1.0".into(),
        protocol: 1,
        flows: vec![Flow::Ticket, Flow::Token],
        guests: false,
        keepalive_seconds: 30,
    };
    covers_all(
        "http",
        &[
            body("info", &info),
            body("login_request", &login(device(Platform::Linux))),
            body("login_request_bare", &login(None)),
            body("guest_request", &GuestRequest { device: device(Platform::Macos) }),
            body("refresh_request", &RefreshRequest { refresh_token: "rt-1".into() }),
            body("session", &Session { user: Some(alice()), ..guest.clone() }),
            body("session_of_a_guest", &guest),
            body("session_at_login", &at_login),
            body("ticket", &TicketResponse { ticket: "tk-1".into(), expires_in: 30 }),
            body("publish_request", &publish),
            body("publish_request_to_a_topic", &to_a_topic),
            body("publish_receipt", &PublishReceipt { id: "n42".into(), seq: 42 }),
            body("error", &ErrorBody::new(Code::INVALID_CREDENTIALS, "user or password is wrong")),
        ],
    );
}

#[test]
fn what_servers_of_others_say_over_the_socket() {
    let notification = |notification| ServerMessage::Notification(Box::new(notification));
    let refused = |code: &str, message: &str| {
        ServerMessage::AuthError(ErrorDetail { code: code.into(), message: message.into() })
    };
    let messages = [
        (
            "unknown_fields",
            notification(Notification {
                seq: Some(1),
                id: Some("n1".into()),
                created_at: Some(datetime!(2026-05-04 10:00 UTC)),
                ..hello()
            }),
        ),
        ("upper_case_type", notification(hello())),
        ("mixed_case_pong", ServerMessage::Pong),
        ("auth_success_without_payload", ServerMessage::AuthSuccess(AuthSuccess::default())),
        ("auth_success_of_another_shape", ServerMessage::AuthSuccess(AuthSuccess::default())),
        (
            "auth_success_with_numbers",
            ServerMessage::AuthSuccess(AuthSuccess {
                user: Some(User { id: "17".into(), name: "alice".into() }),
                session_id: Some("99".into()),
                ..AuthSuccess::default()
            }),
        ),
        ("auth_error_without_payload", refused("NOT_AUTHORIZED", "")),
        ("auth_error_with_number", refused("401", "token expired")),
        ("auth_error_as_text", refused("NOT_AUTHORIZED", "go away")),
        (
            "error_without_code",
            ServerMessage::Error(ErrorDetail { code: Code::INTERNAL, message: "try later".into() }),
        ),
        ("minimal_notification", notification(hello())),
        (
            "counting_notification",
            notification(Notification {
                id: Some("4711".into()),
                priority: Priority::Urgent,
                replaces: Some("4710".into()),
                ..hello()
            }),
        ),
        (
            "odd_notification",
            notification(Notification {
                body: "still here".into(),
                tags: vec!["a".into(), "b".into()],
                actions: vec![Action {
                    id: "1".into(),
                    label: "Log".into(),
                    url: "https://example.com".into(),
                    method: None,
                    ..Action::default()
                }],
                ..hello()
            }),
        ),
        (
            "local_time_notification",
            notification(Notification { created_at: Some(datetime!(2026-05-04 10:00 UTC)), ..hello() }),
        ),
        (
            "numbers_at_their_end",
            notification(Notification {
                seq: Some(u64::MAX),
                id: Some("18446744073709551615".into()),
                priority: Priority::Urgent,
                replaces: Some("-9223372036854775808".into()),
                ..hello()
            }),
        ),
        ("numbers_beyond_their_end", notification(Notification { priority: Priority::Min, ..hello() })),
        ("seq_as_text", notification(Notification { id: Some("n42".into()), ..hello() })),
        (
            "seq_as_float",
            notification(Notification { id: Some("n42".into()), priority: Priority::Urgent, ..hello() }),
        ),
        ("empty_ids", notification(hello())),
        ("all_null", notification(Notification { title: String::new(), ..hello() })),
        (
            "escaped_notification",
            notification(Notification {
                title: "caf\u{e9} \u{1f389}".into(),
                body: "a\0b\u{202e}c".into(),
                ..hello()
            }),
        ),
        (
            "resumed_with_null",
            ServerMessage::Resumed(Resumed { epoch: "01JX".into(), head: u64::MAX, complete: true }),
        ),
        (
            "goodbye_backwards",
            ServerMessage::Goodbye(Goodbye { reason: String::new(), reconnect_after_ms: [u64::MAX, 0] }),
        ),
        ("read_twice", ServerMessage::Read { ids: vec!["n1".into(), "n1".into()] }),
        ("auth_success_with_nulls", ServerMessage::AuthSuccess(AuthSuccess::default())),
        ("read_with_numbers", ServerMessage::Read { ids: vec!["1".into(), "n2".into()] }),
        (
            "resumed_without_complete",
            ServerMessage::Resumed(Resumed { epoch: "01JX".into(), head: 3, complete: true }),
        ),
    ];
    for (name, message) in &messages {
        let decoded = ServerMessage::decode(&golden(&format!("foreign/{name}")));
        assert_eq!(decoded, Ok(Decoded::Message(message.clone())), "{name}");
    }
    let unknown = ServerMessage::decode(&golden("foreign/unknown_type"));
    assert_eq!(unknown, Ok(Decoded::Unknown { kind: "presence".into() }));
    let over_http = [
        "unknown_type",
        "session_minimal",
        "session_odd",
        "session_with_nulls",
        "ticket_minimal",
        "ticket_odd",
        "info_newer",
        "info_odd",
    ];
    let names = messages.iter().map(|(name, _)| *name).chain(over_http).collect::<Vec<_>>();
    covers_all("foreign", &names);
}

#[test]
fn what_servers_of_others_answer_over_http() {
    let read = |name: &str| serde_json::from_str::<Session>(&golden(&format!("foreign/{name}"))).unwrap();
    let minimal = Session {
        access_token: "at-1".into(),
        token_type: "Bearer".into(),
        expires_in: None,
        refresh_token: None,
        session_id: None,
        user: None,
        epoch: None,
        head: None,
    };
    assert_eq!(read("session_minimal"), minimal);
    assert_eq!(read("session_with_nulls"), Session { token_type: "bearer".into(), ..minimal.clone() });
    let odd = Session { expires_in: Some(899), session_id: Some("12".into()), ..minimal };
    assert_eq!(read("session_odd"), odd);
    for name in ["ticket_minimal", "ticket_odd"] {
        let ticket: TicketResponse = serde_json::from_str(&golden(&format!("foreign/{name}"))).unwrap();
        assert_eq!(ticket, TicketResponse { ticket: "tk-1".into(), expires_in: 30 });
    }
    let odd: Info = serde_json::from_str(&golden("foreign/info_odd")).unwrap();
    assert_eq!((odd.flows, odd.guests, odd.keepalive_seconds), (vec![], false, 29));
    let info: Info = serde_json::from_str(&golden("foreign/info_newer")).unwrap();
    assert_eq!(
        (info.protocol, info.flows, info.guests, info.keepalive_seconds),
        (2, vec![Flow::Token], false, 30)
    );
}

#[test]
fn a_sign_in_without_a_token_is_none() {
    for body in ["{}", r#"{"access_token":""}"#, r#"{"access_token":null}"#, r#"{"access_token":7}"#] {
        assert!(serde_json::from_str::<Session>(body).is_err(), "{body}");
    }
    assert!(serde_json::from_str::<TicketResponse>(r#"{"ticket":""}"#).is_err());
}

#[test]
fn a_publisher_is_told_what_is_wrong_instead_of_being_guessed_at() {
    for body in [
        r#"{"title":"x"}"#,
        r#"{"to":{"user":"a"}}"#,
        r#"{"to":{"user":"a","topic":"b"},"title":"x"}"#,
        r#"{"to":{"user":"a"},"title":"x","priority":"high"}"#,
        r#"{"to":{"user":"a"},"title":"x","expires_at":"tomorrow"}"#,
    ] {
        assert!(serde_json::from_str::<PublishRequest>(body).is_err(), "{body}");
    }
}

#[test]
fn what_is_no_message_is_malformed() {
    for text in [
        "",
        "null",
        "[]",
        "ping",
        r#"{"payload":{}}"#,
        r#"{"type":5}"#,
        r#"{"type":"notification"}"#,
        r#"{"type":"notification","payload":{"title":{}}}"#,
        r#"{"type":"resumed","payload":{"epoch":"e","head":-1}}"#,
        r#"{"type":"resumed","payload":{"epoch":"e","head":1.5}}"#,
        r#"{"type":"resumed","payload":{"epoch":"e","head":18446744073709551616}}"#,
        r#"{"type":"resumed","payload":{"epoch":7,"head":1}}"#,
        r#"{"type":"read","payload":{"ids":"n1"}}"#,
        r#"{"type":"pong","type":"pong"}"#,
        r#"{"type":"pong"}{"type":"pong"}"#,
        r#"{"type":"notification","payload":{"title":"\ud800"}}"#,
        r#"{"type":"goodbye","payload":{"reconnect_after_ms":[1]}}"#,
    ] {
        assert!(ServerMessage::decode(text).is_err(), "{text}");
    }
}

#[test]
fn a_goodbye_cannot_keep_a_client_away() {
    let wait = |range| Goodbye { reason: String::new(), reconnect_after_ms: range }.wait();
    let ms = std::time::Duration::from_millis;
    assert_eq!(wait([1000, 5000]), ms(1000)..=ms(5000));
    assert_eq!(wait([5000, 1000]), ms(1000)..=ms(5000));
    assert_eq!(wait([0, u64::MAX]), ms(0)..=Goodbye::LONGEST_WAIT);
}

#[test]
fn a_secret_is_sent_and_never_printed() {
    let secret = || Secret::from("hunter2");
    let session = Session {
        access_token: secret(),
        token_type: "Bearer".into(),
        expires_in: None,
        refresh_token: Some(secret()),
        session_id: None,
        user: None,
        epoch: None,
        head: None,
    };
    let login = LoginRequest { username: "alice".into(), password: secret(), device: None };
    let refresh = RefreshRequest { refresh_token: secret() };
    let ticket = TicketResponse { ticket: secret(), expires_in: 30 };
    let auth = ClientMessage::Auth { token: secret() };
    let printed =
        format!("{session:?} {session:#?} {login:?} {refresh:?} {ticket:?} {auth:?} {:?}", secret());
    assert!(!printed.contains("hunter2"), "{printed}");
    for sent in [
        serde_json::to_string(&session).unwrap(),
        serde_json::to_string(&login).unwrap(),
        serde_json::to_string(&refresh).unwrap(),
        serde_json::to_string(&ticket).unwrap(),
        auth.encode(),
    ] {
        assert!(sent.contains("hunter2"), "{sent}");
    }
}
