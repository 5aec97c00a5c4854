//! §2: tickets and the two ways to a socket.

use std::time::Duration;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;
use tidings_protocol::{ClientMessage, Secret, ServerMessage};

use crate::support::{House, code, retry_after};

async fn refusal(house: &House, path: &str) -> (u16, String) {
    match house.upgrade(path, None).await {
        Ok(_) => panic!("{path} was let in"),
        Err((status, body)) => (status.as_u16(), body.error.code.to_string()),
    }
}

#[tokio::test]
async fn a_ticket_opens_a_socket_that_says_who_and_where() {
    let house = House::open().await;
    house.publish(3).await;
    let session = house.login("alice").await;
    let (_wire, success) = house.connect(&session).await;
    assert_eq!(success.user, session.user);
    assert_eq!(success.session_id, session.session_id);
    assert_eq!(success.head, Some(3));
    assert!(success.epoch.is_some());
}

#[tokio::test]
async fn a_ticket_lives_for_thirty_seconds_as_told() {
    let house = House::open().await;
    let session = house.login("alice").await;
    let response = house.post("/api/ws/ticket", Some(&session.access_token), json!({})).await;
    assert_eq!(response.json::<serde_json::Value>().await.unwrap()["expires_in"], 30);
}

#[tokio::test]
async fn of_many_who_show_one_ticket_one_is_let_in() {
    let house = House::open().await;
    let session = house.login("alice").await;
    let path = format!("/ws?ticket={}", house.ticket(&session).await.expose());
    let outcomes = join_all((0..10).map(|_| house.upgrade(&path, None))).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    for (status, body) in outcomes.into_iter().filter_map(Result::err) {
        assert_eq!((status.as_u16(), body.error.code.as_str()), (401, "TICKET_INVALID"));
    }
}

#[tokio::test]
async fn a_plain_request_spends_no_ticket() {
    let house = House::open().await;
    let session = house.login("alice").await;
    let path = format!("/ws?ticket={}", house.ticket(&session).await.expose());
    let plain = house.http.get(format!("{}{path}", house.url)).send().await.unwrap();
    assert_eq!(plain.status(), 426);
    assert!(house.upgrade(&path, None).await.is_ok());
}

#[tokio::test]
async fn missing_made_up_and_old_tickets_are_refused() {
    let house = House::with(|config| config.ticket_life = Duration::ZERO).await;
    let invalid = (401, "TICKET_INVALID".to_owned());
    assert_eq!(refusal(&house, "/ws").await, invalid);
    assert_eq!(refusal(&house, "/ws?ticket=made-up").await, invalid);
    let session = house.login("alice").await;
    let old = house.ticket(&session).await;
    assert_eq!(refusal(&house, &format!("/ws?ticket={}", old.expose())).await, invalid);
    assert_eq!(house.metric("tidings_tickets_total{outcome=\"issued\"}").await, 1);
    assert_eq!(house.metric("tidings_tickets_total{outcome=\"refused\"}").await, 2);
}

#[tokio::test]
async fn a_ticket_dies_with_its_session() {
    let house = House::open().await;
    let session = house.login("alice").await;
    let ticket = house.ticket(&session).await;
    house.post("/api/auth/logout", Some(&session.access_token), json!({})).await;
    let path = format!("/ws?ticket={}", ticket.expose());
    assert_eq!(refusal(&house, &path).await, (401, "MISSING_SESSION".to_owned()));
}

#[tokio::test]
async fn no_ticket_without_a_good_token() {
    let house = House::with(|config| config.access_token_life = Duration::ZERO).await;
    let none = house.post("/api/ws/ticket", None, json!({})).await;
    assert_eq!(none.headers()["www-authenticate"], "Bearer");
    assert_eq!(code(none, 401).await, "UNAUTHORIZED");
    let garbled = house.post("/api/ws/ticket", Some(&Secret::from("a.b.c")), json!({})).await;
    assert_eq!(code(garbled, 401).await, "UNAUTHORIZED");
    let session = house.login("alice").await;
    let expired = house.post("/api/ws/ticket", Some(&session.access_token), json!({})).await;
    assert_eq!(code(expired, 401).await, "TOKEN_EXPIRED");
}

#[tokio::test]
async fn when_tickets_run_out_the_client_is_told_when_to_come_back() {
    let house = House::with(|config| config.max_tickets = 0).await;
    let session = house.login("alice").await;
    let refused = house.post("/api/ws/ticket", Some(&session.access_token), json!({})).await;
    assert!(retry_after(&refused) >= 1);
    assert_eq!(code(refused, 503).await, "TICKETS_UNAVAILABLE");
}

#[tokio::test]
async fn only_listed_origins_get_in_and_native_clients_need_none() {
    let house = House::with(|config| config.allow_origins = vec!["https://good.example".to_owned()]).await;
    let session = house.login("alice").await;
    let token_path = format!("/api/ws/notification?token={}", session.access_token.expose());
    for origin in ["https://bad.example", "null", "https://good.example.evil.example"] {
        let ticket_path = format!("/ws?ticket={}", house.ticket(&session).await.expose());
        for path in [&ticket_path, &token_path] {
            let (status, body) = house.upgrade(path, Some(origin)).await.err().expect(origin);
            assert_eq!((status.as_u16(), body.error.code.as_str()), (403, "ORIGIN_BLOCKED"));
        }
        // the first upgrade that shows a ticket spends it, whatever becomes of it
        assert_eq!(refusal(&house, &ticket_path).await, (401, "TICKET_INVALID".to_owned()));
    }
    assert!(house.upgrade(&token_path, Some("https://good.example")).await.is_ok());
    assert!(house.upgrade(&token_path, None).await.is_ok());
    let call = house.http.get(format!("{}/api/info", house.url));
    let blocked = call.header("origin", "https://bad.example").send().await.unwrap();
    assert_eq!(code(blocked, 403).await, "ORIGIN_BLOCKED");
}

#[tokio::test]
async fn a_listed_page_that_asks_first_may_sign_in_and_read_the_answer() {
    let house = House::with(|config| config.allow_origins = vec!["https://good.example".to_owned()]).await;
    for (origin, told) in
        [("https://good.example", Some("https://good.example")), ("https://bad.example", None)]
    {
        for path in ["/api/auth/login", "/api/ws/ticket", "/api/notifications"] {
            let asked = house.http.request(Method::OPTIONS, format!("{}{path}", house.url));
            let asked = asked.header("origin", origin).header("access-control-request-method", "POST");
            let asked = asked.header("access-control-request-headers", "authorization,content-type");
            let answer = asked.send().await.unwrap();
            let says = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok());
            assert_eq!(says("access-control-allow-origin"), told, "{path}");
            assert!(
                told.is_none() || says("access-control-allow-headers").unwrap().contains("authorization")
            );
        }
    }
    let answer = house.http.get(format!("{}/api/info", house.url)).header("origin", "https://good.example");
    assert_eq!(answer.send().await.unwrap().headers()["access-control-allow-origin"], "https://good.example");
    let wrong = house.http.put(format!("{}/api/info", house.url)).send().await.unwrap();
    assert_eq!(code(wrong, 405).await, "METHOD_NOT_ALLOWED");
}

#[tokio::test]
async fn the_token_flow_is_connected_by_its_auth_message() {
    let house = House::open().await;
    let session = house.login("alice").await;
    let mut wire = house.connect_by_token(&session.access_token).await;
    // a ping may come first; nothing is sent before the proof is complete
    house.publish(1).await;
    assert!(wire.until_pong().await.is_empty());
    wire.send(&ClientMessage::Auth { token: session.access_token.clone() }).await;
    let success = wire.auth_success().await;
    assert_eq!((success.user, success.session_id), (session.user, session.session_id));
    assert_eq!(success.head, Some(1));
    house.publish(1).await;
    assert_eq!(wire.notification().await.seq, Some(2));
}

#[tokio::test]
async fn the_token_flow_refuses_at_the_upgrade_what_is_no_good_there() {
    let house = House::open().await;
    let session = house.login("alice").await;
    assert_eq!(refusal(&house, "/api/ws/notification").await, (401, "UNAUTHORIZED".to_owned()));
    assert_eq!(refusal(&house, "/api/ws/notification?token=x").await, (401, "UNAUTHORIZED".to_owned()));
    house.post("/api/auth/logout", Some(&session.access_token), json!({})).await;
    let path = format!("/api/ws/notification?token={}", session.access_token.expose());
    assert_eq!(refusal(&house, &path).await, (401, "MISSING_SESSION".to_owned()));
}

#[tokio::test]
async fn an_expired_token_is_told_apart_from_a_bad_one() {
    let house = House::with(|config| config.access_token_life = Duration::ZERO).await;
    let session = house.login("alice").await;
    let path = format!("/api/ws/notification?token={}", session.access_token.expose());
    assert_eq!(refusal(&house, &path).await, (401, "TOKEN_EXPIRED".to_owned()));
}

#[tokio::test]
async fn another_sessions_token_and_any_other_first_message_end_in_auth_error() {
    let house = House::open().await;
    let (session, other) = (house.login("alice").await, house.login("alice").await);
    for first in [
        ClientMessage::Auth { token: other.access_token.clone() },
        ClientMessage::Auth { token: Secret::from("made up") },
        ClientMessage::Read { ids: Vec::new() },
    ] {
        let mut wire = house.connect_by_token(&session.access_token).await;
        wire.send(&first).await;
        assert!(
            matches!(wire.recv().await, ServerMessage::AuthError(error) if error.code.as_str() == "UNAUTHORIZED")
        );
        assert_eq!(wire.closed().await, (1008, "NOT_AUTHORIZED".to_owned()));
    }
}

#[tokio::test]
async fn without_an_auth_message_the_socket_is_closed_and_may_retry() {
    let house = House::with(|config| config.auth_deadline = Duration::from_millis(20)).await;
    let session = house.login("alice").await;
    let mut wire = house.connect_by_token(&session.access_token).await;
    assert_eq!(wire.closed().await, (4408, "AUTH_TIMEOUT".to_owned()));
}
