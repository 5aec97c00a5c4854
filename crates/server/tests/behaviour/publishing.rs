//! §1: `POST /api/notifications`.

use std::time::Duration;

use serde_json::{Value, json};
use tidings_protocol::{PublishReceipt, Secret};
use tidings_server::Limit;

use crate::support::{House, PASSWORD, code, retry_after};

#[tokio::test]
async fn what_is_published_with_a_key_reaches_every_device_as_it_was() {
    let house = House::open().await;
    let key = house.admin.create_key("ci").await.unwrap();
    let (mut one, _) = house.connect(&house.login("alice").await).await;
    let (mut two, _) = house.connect(&house.login("alice").await).await;
    let sent = json!({
        "to": {"user": "alice"}, "title": "Build 7 failed", "body": "in 3 min", "priority": 5,
        "tags": ["ci"], "click_url": "https://ci.example/7", "icon_url": "https://ci.example/i.png",
        "actions": [{"id": "retry", "label": "Retry", "url": "https://ci.example/7/retry", "method": "POST",
            "headers": {"X-Build": "7"}, "body": "{}"}, {"id": "copy", "label": "Copy", "url": "", "copy": "7"}],
        "image_url": "https://ci.example/7.png", "plain": true,
        "attachment": {"name": "log.txt", "url": "https://ci.example/7/log.txt", "media_type": "text/plain", "size": 7},
        "replaces": "an-earlier-one", "expires_at": "2030-01-01T00:00:00Z"
    });
    let response = house.post("/api/notifications", Some(&key), sent.clone()).await;
    assert_eq!(response.status(), 202);
    let receipt: PublishReceipt = response.json().await.unwrap();
    for wire in [&mut one, &mut two] {
        let got = serde_json::to_value(wire.notification().await).unwrap();
        for field in [
            "title",
            "body",
            "priority",
            "tags",
            "click_url",
            "icon_url",
            "image_url",
            "attachment",
            "plain",
            "actions",
            "replaces",
            "expires_at",
        ] {
            assert_eq!(got[field], sent[field], "{field}");
        }
        assert_eq!((&got["id"], &got["seq"]), (&json!(receipt.id), &json!(receipt.seq)));
        assert!(got["created_at"].is_string());
    }
}

#[tokio::test]
async fn seq_rises_by_one_for_each_user_apart() {
    let house = House::open().await;
    house.admin.add_user("bob", &Secret::from(PASSWORD)).await.unwrap();
    let publish = async |to: &str| {
        let request = serde_json::from_value(json!({"to": {"user": to}, "title": "x"})).unwrap();
        house.admin.publish(request).await.unwrap().seq
    };
    assert_eq!(publish("alice").await, 1);
    assert_eq!(publish("bob").await, 1);
    assert_eq!(publish("alice").await, 2);
    assert_eq!(publish("Bob").await, 2);
}

#[tokio::test]
async fn a_topic_reaches_its_subscribers_and_nobody_else() {
    let house = House::open().await;
    house.admin.add_user("bob", &Secret::from(PASSWORD)).await.unwrap();
    house.admin.subscribe("alice", "builds").await.unwrap();
    let (mut alice, _) = house.connect(&house.login("alice").await).await;
    let (mut bob, _) = house.connect(&house.login("bob").await).await;
    let request = || serde_json::from_value(json!({"to": {"topic": "builds"}, "title": "x"})).unwrap();
    let receipt = house.admin.publish(request()).await.unwrap();
    let got = alice.notification().await;
    assert_eq!((got.id, got.topic.as_deref()), (Some(receipt.id), Some("builds")));
    assert!(bob.until_pong().await.is_empty());
    house.admin.unsubscribe("alice", "builds").await.unwrap();
    assert_eq!(house.admin.publish(request()).await.unwrap().seq, 0);
    assert!(alice.until_pong().await.is_empty());
}

#[tokio::test]
async fn a_person_may_publish_to_themselves_and_their_topics_only() {
    let house = House::open().await;
    house.admin.add_user("bob", &Secret::from(PASSWORD)).await.unwrap();
    house.admin.subscribe("alice", "builds").await.unwrap();
    let session = house.login("alice").await;
    let publish = async |to: Value| {
        house.post("/api/notifications", Some(&session.access_token), json!({"to": to, "title": "x"})).await
    };
    assert_eq!(publish(json!({"user": "alice"})).await.status(), 202);
    assert_eq!(publish(json!({"topic": "builds"})).await.status(), 202);
    assert_eq!(code(publish(json!({"user": "bob"})).await, 403).await, "FORBIDDEN");
    assert_eq!(code(publish(json!({"topic": "secrets"})).await, 403).await, "FORBIDDEN");
}

#[tokio::test]
async fn a_bad_or_revoked_key_is_refused() {
    let house = House::open().await;
    let key = house.admin.create_key("ci").await.unwrap();
    let request = || json!({"to": {"user": "alice"}, "title": "x"});
    let made_up = Secret::from(format!("{}0", key.expose()));
    assert_eq!(
        code(house.post("/api/notifications", Some(&made_up), request()).await, 401).await,
        "UNAUTHORIZED"
    );
    assert_eq!(code(house.post("/api/notifications", None, request()).await, 401).await, "UNAUTHORIZED");
    house.admin.revoke_key("ci").await.unwrap();
    assert_eq!(
        code(house.post("/api/notifications", Some(&key), request()).await, 401).await,
        "UNAUTHORIZED"
    );
    // a key is for publishing alone
    let key = house.admin.create_key("ci").await.unwrap();
    assert_eq!(code(house.post("/api/ws/ticket", Some(&key), json!({})).await, 401).await, "UNAUTHORIZED");
}

#[tokio::test]
async fn a_bad_field_is_named() {
    let house = House::open().await;
    let key = house.admin.create_key("ci").await.unwrap();
    let action = |id: &str, url: &str| json!({"id": id, "label": "Go", "url": url});
    for (field, value) in [
        ("to", json!({"everybody": true})),
        ("to.user", json!({"user": "nobody"})),
        ("to.topic", json!({"topic": "no spaces"})),
        ("title", json!("  ")),
        ("title", json!("x".repeat(251))),
        ("title", Value::Null),
        ("body", json!("x".repeat(33 * 1024))),
        ("priority", json!("high")),
        ("tags", json!([""])),
        ("tags[1]", json!(["a", 7])),
        ("click_url", json!("file:///etc/passwd")),
        ("icon_url", json!("javascript:alert(1)")),
        ("actions.url", json!([action("a", "run:calc")])),
        ("actions.id", json!([action("a", "https://a.example"), action("a", "https://a.example")])),
        ("actions.copy", json!([{"id": "a", "label": "Copy", "url": "https://a.example", "copy": "x"}])),
        ("actions.copy", json!([{"id": "a", "label": "Copy", "copy": ""}])),
        ("actions.method", json!([{"id": "a", "label": "Go", "url": "https://a.example", "body": "x"}])),
        (
            "actions.headers",
            json!([{"id": "a", "label": "Go", "url": "https://a.example", "method": "POST", "headers": {"A": "b\r\nC: d"}}]),
        ),
        (
            "actions.body",
            json!([{"id": "a", "label": "Go", "url": "https://a.example", "method": "POST", "body": "x".repeat(4097)}]),
        ),
        ("image_url", json!("file:///etc/passwd")),
        ("attachment.url", json!({"name": "x", "url": "file:///etc/passwd"})),
        ("attachment.name", json!({"name": "x".repeat(251), "url": "https://a.example"})),
        ("replaces", json!("")),
        ("expires_at", json!("tomorrow")),
    ] {
        let mut request = json!({"to": {"user": "alice"}, "title": "x"});
        let key_of = field.split(['.', '[']).next().unwrap();
        request[key_of] = value;
        let response = house.post("/api/notifications", Some(&key), request.clone()).await;
        assert_eq!(response.status(), 400, "{request}");
        let body: Value = response.json().await.unwrap();
        let message = body["error"]["message"].as_str().unwrap();
        assert!(message.starts_with(field), "{field}: {message}");
    }
    assert_eq!(house.publish(1).await, 1, "nothing of it was stored");
}

#[tokio::test]
async fn a_publisher_who_publishes_without_end_is_slowed_down() {
    let limit = Limit { burst: 2, refill: Duration::from_secs(600) };
    let house = House::with(|config| config.publish_limit = limit).await;
    let key = house.admin.create_key("ci").await.unwrap();
    let publish = async || {
        house.post("/api/notifications", Some(&key), json!({"to": {"user": "alice"}, "title": "x"})).await
    };
    assert_eq!(publish().await.status(), 202);
    assert_eq!(publish().await.status(), 202);
    let refused = publish().await;
    assert!((590..=600).contains(&retry_after(&refused)));
    assert_eq!(code(refused, 429).await, "RATE_LIMITED");
}
