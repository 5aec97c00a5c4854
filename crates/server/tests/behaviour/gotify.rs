//! `docs/publishing.md`: what Gotify's clients send to `POST /message`.

use std::time::Duration;

use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};
use tidings_protocol::{Notification, Secret};
use tidings_server::Limit;

use crate::support::{House, Wire, retry_after};

/// A house with the key `backup`, whose topic alice receives.
async fn house() -> (House, Secret, Wire) {
    let house = House::open().await;
    let (key, alice) = open(&house).await;
    (house, key, alice)
}

async fn open(house: &House) -> (Secret, Wire) {
    let key = house.admin.create_key("backup").await.unwrap();
    house.admin.subscribe("alice", "backup").await.unwrap();
    let (alice, _) = house.connect(&house.login("alice").await).await;
    (key, alice)
}

fn to_message(house: &House, key: &Secret) -> RequestBuilder {
    house.http.post(format!("{}/message", house.url)).header("X-Gotify-Key", key.expose())
}

async fn sent(request: RequestBuilder) -> Value {
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 200);
    response.json().await.unwrap()
}

/// The description of a refusal in Gotify's shape.
async fn refused(response: Response, status: u16) -> String {
    assert_eq!(response.status(), status);
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["errorCode"], status);
    assert!(body["error"].is_string());
    body["errorDescription"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn json_comes_out_as_a_notification_under_the_name_of_the_key() {
    let (house, key, mut alice) = house().await;
    let extras = json!({
        "client::display": {"contentType": "text/markdown"},
        "client::notification": {"click": {"url": "https://backup.example/7"}, "bigImageUrl": "https://backup.example/7.png"},
        "home::appliances::thermostat::change_temperature": {"temperature": 23}
    });
    let body = json!({"title": "Backup", "message": "**done**", "priority": 8, "extras": extras});
    let answer = sent(to_message(&house, &key).json(&body)).await;
    let got = alice.notification().await;
    assert_eq!((got.title.as_str(), got.body.as_str(), got.priority.number()), ("Backup", "**done**", 4));
    assert_eq!(got.topic.as_deref(), Some("backup"));
    assert_eq!(got.click_url.as_deref(), Some("https://backup.example/7"));
    assert_eq!((got.image_url.as_deref(), got.plain), (Some("https://backup.example/7.png"), false));
    for (field, value) in [("title", json!("Backup")), ("message", json!("**done**")), ("priority", json!(8))]
    {
        assert_eq!(answer[field], value);
    }
    assert_eq!((&answer["extras"], &answer["id"]), (&extras, &json!(got.seq)));
    assert!(answer["appid"].is_u64() && answer["date"].as_str().unwrap().ends_with('Z'), "{answer}");
}

#[tokio::test]
async fn a_key_is_taken_from_the_address_the_header_and_as_a_bearer() {
    let (house, key, mut alice) = house().await;
    let body = json!({"message": "x"});
    let url = format!("{}/message", house.url);
    sent(house.http.post(format!("{url}?token={}", key.expose())).json(&body)).await;
    sent(house.http.post(&url).header("x-gotify-key", key.expose()).json(&body)).await;
    sent(house.http.post(&url).bearer_auth(key.expose()).json(&body)).await;
    for _ in 0..3 {
        // without a title it is the application's name, as with Gotify
        assert_eq!(alice.notification().await.title, "backup");
    }
}

#[tokio::test]
async fn forms_of_every_kind_are_read() {
    let (house, key, mut alice) = house().await;
    let form = |kind: &str, body: &str| {
        to_message(&house, &key).header("content-type", kind.to_owned()).body(body.to_owned())
    };
    let boundary = "------------------------d74496d66958873e";
    let multipart = [("title", "my title"), ("message", "ä b"), ("priority", "5")]
        .map(|(name, value)| {
            format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        })
        .concat();
    let multipart = format!("{multipart}--{boundary}--\r\n");
    let by_query =
        format!("{}/message?token={}&title=my+title&message=%C3%A4%20b&priority=5", house.url, key.expose());
    for request in [
        form(&format!("multipart/form-data; boundary={boundary}"), &multipart),
        form("application/x-www-form-urlencoded", "title=my+title&message=%C3%A4+b&priority=5"),
        house.http.post(by_query),
        // curl -d calls JSON a form
        form("application/x-www-form-urlencoded", r#"{"title":"my title","message":"ä b","priority":"5"}"#),
    ] {
        sent(request).await;
        let got = alice.notification().await;
        assert_eq!((got.title.as_str(), got.body.as_str(), got.priority.number()), ("my title", "ä b", 3));
    }
}

#[tokio::test]
async fn without_a_priority_it_is_as_any_other() {
    let (house, key, mut alice) = house().await;
    let answer = sent(to_message(&house, &key).json(&json!({"message": "x"}))).await;
    let got = alice.notification().await;
    assert_eq!((got.priority.number(), &answer["priority"]), (3, &json!(5)));
    assert!(got.plain, "it is no Markdown unless it says so");
}

#[tokio::test]
async fn what_grafana_and_uptime_kuma_post_is_read() {
    let (house, key, mut alice) = house().await;
    // the example of its manual
    let grafana = json!({
        "receiver": "My Super Webhook", "status": "firing", "orgId": 1,
        "alerts": [{
            "status": "firing", "labels": {"alertname": "High memory usage", "team": "blue", "zone": "us-1"},
            "annotations": {
                "description": "The system has high memory usage", "runbook_url": "https://myrunbook.com/runbook/1234",
                "summary": "This alert was triggered for zone us-1"
            },
            "startsAt": "2021-10-12T09:51:03.157076+02:00", "endsAt": "0001-01-01T00:00:00Z",
            "generatorURL": "https://play.grafana.org/alerting/1afz29v7z/edit", "fingerprint": "c6eadffa33fcdf37",
            "silenceURL": "https://play.grafana.org/alerting/silence/new?alertmanager=grafana", "dashboardURL": "",
            "panelURL": "", "values": {"B": 44.23943737541908, "C": 1}
        }],
        "groupLabels": {}, "commonLabels": {"team": "blue"}, "commonAnnotations": {}, "externalURL": "https://play.grafana.org/",
        "version": "1", "groupKey": "{}:{}", "truncatedAlerts": 0, "title": "[FIRING:2]  (blue)", "state": "alerting",
        "message": "**Firing**\n\nLabels:\n - alertname = T2\n - team = blue\n - zone = us-1\n"
    });
    let kuma = json!({"message": "[shop] [🔴 Down] timeout", "priority": 8, "title": "Uptime-Kuma"});
    let url = format!("{}/message?token={}", house.url, key.expose());
    for (body, title, priority) in [(grafana, "[FIRING:2]  (blue)", 3), (kuma, "Uptime-Kuma", 4)] {
        sent(house.http.post(&url).json(&body)).await;
        let got = alice.notification().await;
        assert_eq!((got.title.as_str(), got.priority.number()), (title, priority));
        assert_eq!(json!(got.body), body["message"]);
    }
}

#[tokio::test]
async fn an_outage_that_fires_a_hundred_alerts_is_told_as_far_as_there_is_room() {
    let (house, key, mut alice) = house().await;
    let url = format!("{}/message?token={}", house.url, key.expose());
    let alert = json!({
        "status": "firing", "labels": {"alertname": "High memory usage", "team": "blue", "zone": "us-1"},
        "annotations": {"description": "x".repeat(1500), "runbook_url": "https://myrunbook.com/runbook/1234"},
        "startsAt": "2021-10-12T09:51:03.157076+02:00", "endsAt": "0001-01-01T00:00:00Z", "values": {"B": 44.239, "C": 1}
    });
    let message = "**Firing**\n\nValue: B=44.239, C=1\n".repeat(1000);
    let body = json!({
        "receiver": "My Super Webhook", "status": "firing", "orgId": 1, "alerts": vec![alert; 100],
        "title": "[FIRING:100]  (blue)", "state": "alerting", "message": message
    });
    assert!(serde_json::to_vec(&body).unwrap().len() > 128 * 1024);
    let answer = sent(house.http.post(&url).json(&body)).await;
    let got = alice.notification().await;
    assert!(got.body.starts_with("**Firing**") && got.body.ends_with("cut off)"), "{}", got.body);
    assert_eq!(answer["message"], body["message"]);
}

#[tokio::test]
async fn what_gotify_is_lenient_with_is_taken() {
    let (house, key, mut alice) = house().await;
    let url = format!("{}/message", house.url);
    let with_key = |request: RequestBuilder| request.header("x-gotify-key", key.expose());
    for request in [
        house.http.post(&url).json(&json!({"Message": "x", "Title": "t", "PRIORITY": 9})),
        house.http.post(format!("{url}/")).json(&json!({"message": "x", "title": "t", "priority": 9})),
        // what it does not know for a form says nothing, and the address all
        house
            .http
            .post(format!("{url}?message=x&title=t&priority=9"))
            .header("content-type", "text/plain")
            .body("y"),
    ] {
        sent(with_key(request)).await;
        let got = alice.notification().await;
        assert_eq!((got.title.as_str(), got.body.as_str(), got.priority.number()), ("t", "x", 4));
    }
}

#[tokio::test]
async fn what_is_wrong_is_told_in_gotifys_shape_and_stored_nowhere() {
    let (house, key, mut alice) = house().await;
    let json = |body: Value| to_message(&house, &key).json(&body).send();
    assert!(refused(json(json!({"title": "x"})).await.unwrap(), 400).await.contains("message"));
    assert!(
        refused(json(json!({"message": "x", "priority": "high"})).await.unwrap(), 400)
            .await
            .contains("whole")
    );
    assert!(refused(json(json!({"message": ["x"]})).await.unwrap(), 400).await.contains("string"));
    assert!(
        refused(json(json!({"message": "x".repeat(1100 * 1024)})).await.unwrap(), 413)
            .await
            .contains("larger")
    );
    let xml = to_message(&house, &key).header("content-type", "application/xml").body("<message/>");
    assert!(refused(xml.send().await.unwrap(), 400).await.contains("JSON or a form"));
    let broken =
        to_message(&house, &key).header("content-type", "multipart/form-data; boundary=x").body("--y");
    refused(broken.send().await.unwrap(), 400).await;
    let nobody = |key: &str| to_message(&house, &Secret::from(key)).json(&json!({"message": "x"})).send();
    for key in ["tdk_made_up", "not a key", ""] {
        refused(nobody(key).await.unwrap(), 401).await;
    }
    let origin =
        to_message(&house, &key).header("origin", "https://evil.example").json(&json!({"message": "x"}));
    assert!(refused(origin.send().await.unwrap(), 403).await.contains("origin"));
    assert!(alice.until_pong().await.is_empty());
}

#[tokio::test]
async fn what_nobody_would_receive_is_refused_and_says_how_that_is_changed() {
    let (house, _, _) = house().await;
    let lonely = house.admin.create_key("lonely").await.unwrap();
    let publish = || to_message(&house, &lonely).json(&json!({"message": "x"})).send();
    let description = refused(publish().await.unwrap(), 400).await;
    assert!(description.contains("user subscribe NAME lonely"), "{description}");
    house.admin.subscribe("alice", "lonely").await.unwrap();
    assert_eq!(publish().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_persons_own_token_reaches_the_person() {
    let (house, _, mut alice) = house().await;
    let session = house.login("alice").await;
    sent(to_message(&house, &session.access_token).json(&json!({"message": "x"}))).await;
    let Notification { topic, body, .. } = alice.notification().await;
    assert_eq!((topic, body.as_str()), (None, "x"));
}

#[tokio::test]
async fn too_much_is_slowed_down_as_everywhere() {
    let limit = Limit { burst: 1, refill: Duration::from_secs(600) };
    let house = House::with(|config| config.publish_limit = limit).await;
    let (key, _alice) = open(&house).await;
    let publish = || to_message(&house, &key).json(&json!({"message": "x"})).send();
    assert_eq!(publish().await.unwrap().status(), 200);
    let limited = publish().await.unwrap();
    assert!((590..=600).contains(&retry_after(&limited)));
    refused(limited, 429).await;
}
