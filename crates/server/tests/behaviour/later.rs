//! What ntfy's clients publish for later.

use serde_json::json;
use time::OffsetDateTime;

use crate::{
    ntfy::{house, refusal, sent, to_alerts, to_root},
    support::House,
};

#[tokio::test]
async fn what_is_for_later_waits_over_a_restart_and_comes_once() {
    let (house, key, mut alice) = house().await;
    let answer = sent(to_alerts(&house, &key).header("In", "30 min").header("SID", "s").body("later")).await;
    let wait = answer["time"].as_i64().unwrap() - OffsetDateTime::now_utc().unix_timestamp();
    assert!((1700..=1800).contains(&wait), "{wait}");
    sent(to_root(&house, &key, &json!({"topic": "alerts", "message": "first", "delay": "10m"}))).await;
    assert!(alice.until_pong().await.is_empty());
    let house = House::within(house.close().await, |_| {}).await;
    let (mut alice, _) = house.connect(&house.login("alice").await).await;
    let soon = OffsetDateTime::now_utc() + time::Duration::minutes(31);
    for _ in 0..2 {
        house.admin.release(soon).await.unwrap();
    }
    let (first, later) = (alice.notification().await, alice.notification().await);
    assert_eq!((first.body.as_str(), later.body.as_str()), ("first", "later"));
    assert_eq!(later.replaces.as_deref(), Some("s"));
    assert_eq!((json!(later.id), later.topic.as_deref()), (answer["id"].clone(), Some("alerts")));
    assert!(alice.until_pong().await.is_empty());
}

#[tokio::test]
async fn what_is_due_comes_by_itself() {
    let (house, key, mut alice) = house().await;
    sent(to_alerts(&house, &key).header("In", "1h").body("later")).await;
    // an hour goes by
    let database = rusqlite::Connection::open(house.folder.path().join("server.db")).unwrap();
    assert_eq!(database.execute("UPDATE scheduled SET due_at = due_at - 3600", []).unwrap(), 1);
    assert_eq!(alice.notification().await.body, "later");
}

#[tokio::test]
async fn what_waits_goes_with_the_key() {
    let (house, key, mut alice) = house().await;
    sent(to_alerts(&house, &key).header("In", "1h").body("later")).await;
    house.admin.revoke_key("ci").await.unwrap();
    house.admin.release(OffsetDateTime::now_utc() + time::Duration::hours(2)).await.unwrap();
    assert!(alice.until_pong().await.is_empty());
}

#[tokio::test]
async fn no_end_of_it_can_wait() {
    let (house, key, _alice) = house().await;
    let publish = || to_alerts(&house, &key).header("In", "1h").body("later");
    let database = rusqlite::Connection::open(house.folder.path().join("server.db")).unwrap();
    sent(publish()).await;
    let fill = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 999)
        INSERT INTO scheduled SELECT 'more ' || i, due_at, publisher, request FROM n, scheduled WHERE id NOT LIKE 'more %'";
    assert_eq!(database.execute(fill, []).unwrap(), 999);
    assert_eq!(refusal(publish()).await.0, 42901);
    let later_for_nobody = house.http.post(format!("{}/nobody?in=1h", house.url)).bearer_auth(key.expose());
    assert_eq!(refusal(later_for_nobody).await.0, 40000);
}
