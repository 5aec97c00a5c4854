//! Whatever bytes arrive: reading them never panics, never leaks them into an error, and never changes what was meant.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use proptest::prelude::*;
use serde_json::{Value, json};
use tidings_protocol::{
    Action, AuthSuccess, ClientMessage, Decoded, ErrorBody, ErrorDetail, Goodbye, Info, Notification,
    Priority, Resumed, Secret, ServerMessage, Session, TicketResponse, User,
};
use time::OffsetDateTime;

const TYPES: [&str; 12] = [
    "auth",
    "ping",
    "pong",
    "resume",
    "read",
    "auth_success",
    "auth_error",
    "notification",
    "resumed",
    "goodbye",
    "error",
    "other",
];

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::vec((field(), inner), 0..8).prop_map(|fields| fields.into_iter().collect()),
        ]
    })
}

/// Mostly names that mean something.
fn field() -> impl Strategy<Value = String> {
    const NAMES: [&str; 21] = [
        "seq",
        "id",
        "title",
        "body",
        "priority",
        "topic",
        "tags",
        "click_url",
        "actions",
        "icon_url",
        "replaces",
        "created_at",
        "expires_at",
        "ids",
        "epoch",
        "head",
        "user",
        "code",
        "message",
        "token",
        "reconnect_after_ms",
    ];
    prop_oneof![4 => proptest::sample::select(&NAMES[..]).prop_map(str::to_owned), 1 => ".{0,8}"]
}

fn option<T: std::fmt::Debug>(value: impl Strategy<Value = T>) -> impl Strategy<Value = Option<T>> {
    proptest::option::of(value)
}

fn moment() -> impl Strategy<Value = OffsetDateTime> {
    // the years 0 to 9999, which are those that RFC 3339 can write
    (-62_167_219_200i64..=253_402_300_799, 0..1_000_000_000u32).prop_map(|(seconds, nanos)| {
        OffsetDateTime::from_unix_timestamp(seconds).unwrap().replace_nanosecond(nanos).unwrap()
    })
}

fn notification() -> impl Strategy<Value = Notification> {
    // an id is never empty
    let action = (".+", ".*", ".*", option(".*")).prop_map(|(id, label, url, method)| Action {
        id,
        label,
        url,
        method,
        ..Action::default()
    });
    let who = (option(any::<u64>()), option(".+"), ".*", ".*", any::<i64>(), option(".*"), option(".*"));
    let what = (
        proptest::collection::vec(".*", 0..4),
        proptest::collection::vec(action, 0..3),
        option(".*"),
        option(".+"),
        option(moment()),
        option(moment()),
    );
    (who, what).prop_map(|((seq, id, title, body, priority, topic, click_url), what)| {
        let (tags, actions, icon_url, replaces, created_at, expires_at) = what;
        let priority = Priority::nearest(priority);
        Notification {
            seq,
            id,
            title,
            body,
            priority,
            topic,
            tags,
            click_url,
            actions,
            icon_url,
            replaces,
            created_at,
            expires_at,
            ..Notification::default()
        }
    })
}

fn server_message() -> impl Strategy<Value = ServerMessage> {
    let user = (".+", ".*").prop_map(|(id, name)| User { id, name });
    // a code is never empty, and a sentence is at most 1000 characters
    let detail = || {
        ("[A-Z_]{1,20}", ".{0,100}")
            .prop_map(|(code, message): (String, _)| ErrorDetail { code: code.into(), message })
    };
    prop_oneof![
        (option(user), option(".+"), option(".*"), option(any::<u64>())).prop_map(
            |(user, session_id, epoch, head)| {
                ServerMessage::AuthSuccess(AuthSuccess { user, session_id, epoch, head })
            }
        ),
        detail().prop_map(ServerMessage::AuthError),
        detail().prop_map(ServerMessage::Error),
        Just(ServerMessage::Pong),
        notification().prop_map(|notification| ServerMessage::Notification(Box::new(notification))),
        (".*", any::<u64>(), any::<bool>())
            .prop_map(|(epoch, head, complete)| ServerMessage::Resumed(Resumed { epoch, head, complete })),
        proptest::collection::vec(".+", 0..5).prop_map(|ids| ServerMessage::Read { ids }),
        (".*", any::<[u64; 2]>()).prop_map(|(reason, reconnect_after_ms)| ServerMessage::Goodbye(Goodbye {
            reason,
            reconnect_after_ms
        })),
    ]
}

fn client_message() -> impl Strategy<Value = ClientMessage> {
    prop_oneof![
        ".*".prop_map(|token| ClientMessage::Auth { token: Secret::from(token) }),
        Just(ClientMessage::Ping),
        (".*", any::<u64>()).prop_map(|(epoch, after)| ClientMessage::Resume { epoch, after }),
        proptest::collection::vec(".+", 0..5).prop_map(|ids| ClientMessage::Read { ids }),
    ]
}

fn read_all(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let _ = ServerMessage::decode(&text);
    let _ = ClientMessage::decode(&text);
    let _ = ErrorBody::parse(bytes);
    let _ = serde_json::from_slice::<Info>(bytes);
    let _ = serde_json::from_slice::<Session>(bytes);
    let _ = serde_json::from_slice::<TicketResponse>(bytes);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        read_all(&bytes);
    }

    #[test]
    fn json_of_any_shape_never_panics(kind in proptest::sample::select(&TYPES[..]), payload in any_json()) {
        read_all(json!({"type": kind, "payload": payload}).to_string().as_bytes());
        read_all(payload.to_string().as_bytes());
    }

    #[test]
    fn what_was_read_can_be_written_and_read_again(kind in proptest::sample::select(&TYPES[..]), payload in any_json()) {
        let text = json!({"type": kind, "payload": payload}).to_string();
        if let Ok(Decoded::Message(message)) = ServerMessage::decode(&text) {
            prop_assert_eq!(ServerMessage::decode(&message.encode()), Ok(Decoded::Message(message)));
        }
    }

    #[test]
    fn a_servers_message_survives_the_wire(message in server_message()) {
        prop_assert_eq!(ServerMessage::decode(&message.encode()), Ok(Decoded::Message(message)));
    }

    #[test]
    fn a_clients_message_survives_the_wire(message in client_message()) {
        prop_assert_eq!(ClientMessage::decode(&message.encode()), Ok(Decoded::Message(message)));
    }

    #[test]
    fn an_error_never_quotes_what_arrived(kind in proptest::sample::select(&TYPES[..]), secret in "[a-z0-9]{16}") {
        for payload in [json!(secret), json!({"ids": secret, "title": [secret], "token": {"t": secret}, "epoch": [secret]})] {
            let text = json!({"type": kind, "payload": payload}).to_string();
            for cut in [text.len(), text.len() - 1] {
                let errors = [
                    ServerMessage::decode(&text[..cut]).err().map(|error| format!("{error} {error:?}")),
                    ClientMessage::decode(&text[..cut]).err().map(|error| format!("{error} {error:?}")),
                ];
                for error in errors.into_iter().flatten() {
                    prop_assert!(!error.contains(&secret), "{}", error);
                }
            }
        }
    }
}
