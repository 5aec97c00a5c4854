//! §1: login, guests, refresh, logout.

use std::time::Duration;

use serde_json::{Value, json};
use tidings_protocol::{Secret, Session};
use tidings_server::Limit;

use crate::support::{House, PASSWORD, code, retry_after};

async fn session(response: reqwest::Response) -> Session {
    assert_eq!(response.status(), 200);
    response.json().await.unwrap()
}

fn refresh_token(session: &Session) -> Secret {
    session.refresh_token.clone().unwrap()
}

#[tokio::test]
async fn info_tells_what_the_server_is_and_takes() {
    let house = House::with(|config| config.guests = true).await;
    let info: Value = serde_json::from_str(&house.text("/api/info").await).unwrap();
    assert_eq!(info["server"], "tidings");
    assert_eq!(info["protocol"], 1);
    assert_eq!(info["flows"], json!(["ticket", "token"]));
    assert_eq!(info["guests"], true);
    assert_eq!(info["keepalive_seconds"], 30);
}

#[tokio::test]
async fn login_answers_a_session() {
    let house = House::open().await;
    let session = house.login("Alice").await;
    assert_eq!(session.token_type, "Bearer");
    assert_eq!(session.expires_in, Some(900));
    assert_eq!(session.user.unwrap().name, "alice");
    assert!(session.session_id.is_some() && session.refresh_token.is_some());
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_user_look_the_same() {
    let house = House::open().await;
    let wrong = house.try_login("alice", "wrong horse").await;
    let unknown = house.try_login("bob", PASSWORD).await;
    assert_eq!(wrong.status(), 401);
    assert_eq!(unknown.status(), 401);
    assert_eq!(wrong.text().await.unwrap(), unknown.text().await.unwrap());
    assert_eq!(code(house.try_login("alice", "wrong horse").await, 401).await, "INVALID_CREDENTIALS");
}

#[tokio::test]
async fn failed_logins_are_limited_and_good_ones_do_not_count() {
    let limit = Limit { burst: 2, refill: Duration::from_secs(600) };
    let house = House::with(|config| config.sign_in_limit = limit).await;
    for _ in 0..4 {
        house.login("alice").await;
    }
    for _ in 0..2 {
        assert_eq!(house.try_login("alice", "wrong horse").await.status(), 401);
    }
    // the right password as well: else the limit would tell which one it is
    let refused = house.try_login("alice", PASSWORD).await;
    assert!((590..=600).contains(&retry_after(&refused)));
    assert_eq!(code(refused, 429).await, "RATE_LIMITED");
}

#[tokio::test]
async fn addresses_behind_a_trusted_proxy_are_limited_apart() {
    let limit = Limit { burst: 1, refill: Duration::from_secs(600) };
    let house = House::with(|config| {
        config.sign_in_limit = limit;
        config.trust_forwarded_for = true;
    })
    .await;
    for (address, status) in [("192.0.2.1", 401), ("192.0.2.1", 429), ("192.0.2.2", 401)] {
        let response = house
            .http
            .post(format!("{}/api/auth/login", house.url))
            .header("x-forwarded-for", address)
            .json(&json!({"username": "alice", "password": "wrong horse"}))
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), status, "{address}");
    }
}

#[tokio::test]
async fn a_refresh_rotates_the_token_and_keeps_the_session() {
    let house = House::open().await;
    let first = house.login("alice").await;
    let second = session(house.refresh(&refresh_token(&first)).await).await;
    assert_eq!(first.session_id, second.session_id);
    assert_ne!(first.access_token, second.access_token);
    assert_ne!(refresh_token(&first), refresh_token(&second));
    assert_eq!(second.user.as_ref().unwrap().name, "alice");
    house.connect(&second).await;
}

#[tokio::test]
async fn refused_refreshes_are_limited_and_good_ones_do_not_count() {
    let limit = Limit { burst: 2, refill: Duration::from_secs(600) };
    let house = House::with(|config| config.refresh_limit = limit).await;
    let mut token = refresh_token(&house.login("alice").await);
    for _ in 0..4 {
        token = refresh_token(&session(house.refresh(&token).await).await);
    }
    for _ in 0..2 {
        assert_eq!(code(house.refresh(&Secret::from("made up")).await, 401).await, "REFRESH_REVOKED");
    }
    let refused = house.refresh(&token).await;
    assert!((590..=600).contains(&retry_after(&refused)));
    assert_eq!(code(refused, 429).await, "RATE_LIMITED");
    assert_eq!(house.metric("tidings_refreshes_total{outcome=\"limited\"}").await, 1);
    // signing in is another matter
    house.login("alice").await;
}

#[tokio::test]
async fn a_client_that_lost_the_answer_may_refresh_again() {
    let house = House::open().await;
    let first = house.login("alice").await;
    let _lost = session(house.refresh(&refresh_token(&first)).await).await;
    let _lost_too = session(house.refresh(&refresh_token(&first)).await).await;
    let kept = session(house.refresh(&refresh_token(&first)).await).await;
    session(house.refresh(&refresh_token(&kept)).await).await;
}

#[tokio::test]
async fn an_old_refresh_token_ends_the_session_and_its_sockets() {
    let house = House::open().await;
    let first = house.login("alice").await;
    let (mut wire, _) = house.connect(&first).await;
    let second = session(house.refresh(&refresh_token(&first)).await).await;
    let third = session(house.refresh(&refresh_token(&second)).await).await;
    assert_eq!(code(house.refresh(&refresh_token(&first)).await, 401).await, "REFRESH_REVOKED");
    assert_eq!(wire.closed().await, (1008, "NOT_AUTHORIZED".to_owned()));
    assert_eq!(code(house.refresh(&refresh_token(&third)).await, 401).await, "REFRESH_REVOKED");
    let ticket = house.post("/api/ws/ticket", Some(&third.access_token), json!({})).await;
    assert_eq!(code(ticket, 401).await, "MISSING_SESSION");
    assert_eq!(house.metric("tidings_sessions_revoked_total").await, 1);
}

#[tokio::test]
async fn a_refresh_that_was_given_up_and_comes_in_late_spends_nothing() {
    let house = House::open().await;
    let first = house.login("alice").await;
    let kept = session(house.refresh(&refresh_token(&first)).await).await;
    let _late = session(house.refresh(&refresh_token(&first)).await).await;
    let next = session(house.refresh(&refresh_token(&kept)).await).await;
    session(house.refresh(&refresh_token(&next)).await).await;
}

#[tokio::test]
async fn of_two_that_come_of_one_token_the_second_to_be_used_ends_the_session() {
    let house = House::open().await;
    let first = house.login("alice").await;
    let stolen = session(house.refresh(&refresh_token(&first)).await).await;
    let kept = session(house.refresh(&refresh_token(&first)).await).await;
    let thiefs = session(house.refresh(&refresh_token(&stolen)).await).await;
    assert_eq!(code(house.refresh(&refresh_token(&kept)).await, 401).await, "REFRESH_REVOKED");
    assert_eq!(code(house.refresh(&refresh_token(&thiefs)).await, 401).await, "REFRESH_REVOKED");
}

#[tokio::test]
async fn once_the_new_token_was_used_the_one_before_the_last_ends_the_session() {
    let house = House::open().await;
    let first = house.login("alice").await;
    let second = session(house.refresh(&refresh_token(&first)).await).await;
    session(house.refresh(&refresh_token(&second)).await).await;
    assert_eq!(code(house.refresh(&refresh_token(&first)).await, 401).await, "REFRESH_REVOKED");
    assert_eq!(code(house.refresh(&refresh_token(&second)).await, 401).await, "REFRESH_REVOKED");
}

#[tokio::test]
async fn a_login_tells_where_the_log_stands() {
    let house = House::open().await;
    let before = house.login("alice").await;
    let (_, success) = house.connect(&before).await;
    assert_eq!((before.epoch.clone(), before.head), (success.epoch, Some(0)));
    house.publish(1).await;
    let after = house.login("alice").await;
    assert_eq!((after.epoch, after.head), (before.epoch, Some(1)));
    // of a session that goes on, its owner knows better
    let refreshed = session(house.refresh(&after.refresh_token.unwrap()).await).await;
    assert_eq!((refreshed.epoch, refreshed.head), (None, None));
}

#[tokio::test]
async fn a_session_that_was_away_too_long_has_expired() {
    let house = House::with(|config| config.refresh_token_life = Duration::ZERO).await;
    let session = house.login("alice").await;
    assert_eq!(code(house.refresh(&refresh_token(&session)).await, 401).await, "REFRESH_EXPIRED");
    assert_eq!(code(house.refresh(&Secret::from("made up")).await, 401).await, "REFRESH_REVOKED");
}

#[tokio::test]
async fn guests_are_refused_unless_let_in() {
    let house = House::open().await;
    let device = json!({"device": {"name": "lab", "platform": "linux"}});
    assert_eq!(code(house.post("/api/auth/guest", None, device).await, 403).await, "GUESTS_DISABLED");
}

#[tokio::test]
async fn a_guest_has_no_name_receives_public_topics_and_publishes_nothing() {
    let house = House::with(|config| {
        config.guests = true;
        config.guest_topics = vec!["news".to_owned()];
    })
    .await;
    let guest = session(house.post("/api/auth/guest", None, json!({})).await).await;
    assert_eq!(guest.user, None);
    let (mut wire, success) = house.connect(&guest).await;
    assert_eq!(success.user, None);
    let request = json!({"to": {"topic": "news"}, "title": "hello"});
    let refused = house.post("/api/notifications", Some(&guest.access_token), request.clone()).await;
    assert_eq!(code(refused, 403).await, "FORBIDDEN");
    house.admin.publish(serde_json::from_value(request).unwrap()).await.unwrap();
    assert_eq!(wire.notification().await.topic.as_deref(), Some("news"));
    session(house.refresh(&refresh_token(&guest)).await).await;
}

#[tokio::test]
async fn logout_ends_the_session_and_its_sockets_and_no_other() {
    let house = House::open().await;
    let (here, elsewhere) = (house.login("alice").await, house.login("alice").await);
    let (mut wire, _) = house.connect(&here).await;
    let (mut other, _) = house.connect(&elsewhere).await;
    let left = house.post("/api/auth/logout", Some(&here.access_token), json!({})).await;
    assert_eq!(left.status(), 204);
    assert_eq!(wire.closed().await, (1008, "NOT_AUTHORIZED".to_owned()));
    let again = house.post("/api/auth/logout", Some(&here.access_token), json!({})).await;
    assert_eq!(code(again, 401).await, "MISSING_SESSION");
    assert_eq!(code(house.refresh(&refresh_token(&here)).await, 401).await, "REFRESH_REVOKED");
    assert!(other.until_pong().await.is_empty());
}

#[tokio::test]
async fn bad_bodies_are_told_what_is_wrong_with_them() {
    let house = House::with(|config| config.max_body = 2000).await;
    for (body, named) in [
        (json!({"password": "x"}), "username"),
        (json!({"username": 7, "password": "x"}), "username"),
        (json!({"username": "a", "password": "x", "device": {"name": "a"}}), "platform"),
        (json!(["alice", "x"]), "JSON object"),
    ] {
        let response = house.post("/api/auth/login", None, body.clone()).await;
        assert_eq!(response.status(), 400, "{body}");
        let text = response.text().await.unwrap();
        assert!(text.contains("BAD_REQUEST") && text.contains(named), "{body}: {text}");
    }
    let huge = json!({"username": "a", "password": "x".repeat(3000)});
    assert_eq!(code(house.post("/api/auth/login", None, huge).await, 413).await, "PAYLOAD_TOO_LARGE");
    assert_eq!(code(house.post("/api/nowhere", None, json!({})).await, 404).await, "NOT_FOUND");
    let wrong_method = house.http.get(format!("{}/api/auth/login", house.url)).send().await.unwrap();
    assert_eq!(code(wrong_method, 405).await, "METHOD_NOT_ALLOWED");
}
