//! `docs/publishing.md`: what ntfy's clients send to `/<topic>` and `/`.

use std::time::Duration;

use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use reqwest::{Method, RequestBuilder, Response, header::HeaderValue};
use serde_json::{Value, json};
use tidings_protocol::Secret;
use tidings_server::{AdminError, Limit};

use crate::support::{House, Wire, code, retry_after};

/// A house whose topic `alerts` alice receives.
pub(crate) async fn house() -> (House, Secret, Wire) {
    let house = House::open().await;
    let (key, alice) = open(&house).await;
    (house, key, alice)
}

async fn open(house: &House) -> (Secret, Wire) {
    let key = house.admin.create_key("ci").await.unwrap();
    house.admin.subscribe("alice", "alerts").await.unwrap();
    let (alice, _) = house.connect(&house.login("alice").await).await;
    (key, alice)
}

pub(crate) fn to_alerts(house: &House, key: &Secret) -> RequestBuilder {
    house.http.post(format!("{}/alerts", house.url)).bearer_auth(key.expose())
}

pub(crate) fn to_root(house: &House, key: &Secret, body: &Value) -> RequestBuilder {
    house.http.post(format!("{}/", house.url)).bearer_auth(key.expose()).json(body)
}

pub(crate) async fn sent(request: RequestBuilder) -> Value {
    let response = request.send().await.unwrap();
    let status = response.status();
    let body: Value = response.json().await.unwrap();
    assert_eq!(status, 200, "{body}");
    body
}

/// ntfy's number and words for a refusal.
async fn refused(response: Response) -> (u64, String) {
    let status = response.status().as_u16();
    let body: Value = response.json().await.unwrap();
    assert_eq!((&body["http"], body["code"].as_u64().unwrap() / 100), (&json!(status), u64::from(status)));
    (body["code"].as_u64().unwrap(), body["error"].as_str().unwrap().to_owned())
}

pub(crate) async fn refusal(request: RequestBuilder) -> (u64, String) {
    refused(request.send().await.unwrap()).await
}

#[tokio::test]
async fn headers_come_out_as_a_notification() {
    let (house, key, mut alice) = house().await;
    let answer = sent(
        to_alerts(&house, &key)
            .header("Title", "Unauthorized access detected")
            .header("Priority", "urgent")
            .header("Tags", "warning, skull")
            .header("Click", "https://home.nest.com/")
            .header("Icon", "https://styles.example/icon.png")
            .header("Actions", "http, Open door, https://api.nest.com/open/yAxkasd, clear=true; view, Look, https://b.example")
            .body("Remote access to phils-laptop detected. 😀\n"),
    )
    .await;
    let got = serde_json::to_value(alice.notification().await).unwrap();
    for (field, expected) in [
        ("title", json!("Unauthorized access detected")),
        ("body", json!("Remote access to phils-laptop detected. 😀")),
        ("priority", json!(5)),
        ("topic", json!("alerts")),
        ("tags", json!(["warning", "skull"])),
        ("click_url", json!("https://home.nest.com/")),
        ("icon_url", json!("https://styles.example/icon.png")),
        (
            "actions",
            json!([
                {"id": "1", "label": "Open door", "url": "https://api.nest.com/open/yAxkasd", "method": "POST"},
                {"id": "2", "label": "Look", "url": "https://b.example"}
            ]),
        ),
    ] {
        assert_eq!(got[field], expected, "{field}");
    }
    for (field, expected) in [
        ("id", got["id"].clone()),
        ("event", json!("message")),
        ("topic", json!("alerts")),
        ("message", got["body"].clone()),
        ("title", got["title"].clone()),
        ("priority", json!(5)),
        ("tags", got["tags"].clone()),
        ("click", got["click_url"].clone()),
        ("icon", got["icon_url"].clone()),
    ] {
        assert_eq!(answer[field], expected, "{field}");
    }
    assert!(answer["expires"].as_i64().unwrap() > answer["time"].as_i64().unwrap());
    assert_eq!(answer["actions"][0]["action"], "http");
}

#[tokio::test]
async fn a_bare_message_is_titled_by_its_topic_and_an_empty_one_says_triggered() {
    let (house, key, mut alice) = house().await;
    for (request, body) in [
        (to_alerts(&house, &key).body("Backup successful"), "Backup successful"),
        (house.http.put(format!("{}/alerts", house.url)).bearer_auth(key.expose()).body("by PUT"), "by PUT"),
        (to_alerts(&house, &key), "triggered"),
        (to_alerts(&house, &key).header("m", "line one\\nline two"), "line one\nline two"),
        (to_alerts(&house, &key).header("m", "header").body("body"), "body"),
    ] {
        let answer = sent(request).await;
        let got = alice.notification().await;
        assert_eq!((got.title.as_str(), got.body.as_str(), got.priority.number()), ("alerts", body, 3));
        assert_eq!((&answer["title"], &answer["message"]), (&Value::Null, &json!(body)));
    }
}

#[tokio::test]
async fn an_address_alone_publishes_too() {
    let (house, key, mut alice) = house().await;
    let basic = format!("Basic {}", BASE64_STANDARD.encode(format!("phil:{}", key.expose())));
    let auth = BASE64_URL_SAFE_NO_PAD.encode(basic);
    for path in ["publish", "send", "trigger"] {
        let query = format!("message=Webhook+triggered&title=%C3%84pfel&priority=high&tags=a,b&auth={auth}");
        sent(house.http.get(format!("{}/alerts/{path}?{query}", house.url))).await;
        let got = alice.notification().await;
        assert_eq!(
            (got.title.as_str(), got.body.as_str(), got.priority.number()),
            ("Äpfel", "Webhook triggered", 4)
        );
        assert_eq!(got.tags, ["a", "b"]);
        let preview = house.http.head(format!("{}/alerts/{path}?{query}", house.url));
        assert_eq!(preview.send().await.unwrap().status(), 404);
        assert!(alice.until_pong().await.is_empty());
        for method in [Method::POST, Method::PUT] {
            let url = format!("{}/alerts/{path}?title=t", house.url);
            sent(house.http.request(method, url).bearer_auth(key.expose()).body("by body")).await;
            let got = alice.notification().await;
            assert_eq!((got.title.as_str(), got.body.as_str(), got.replaces), ("t", "by body", None));
        }
    }
}

#[tokio::test]
async fn json_to_the_root_names_its_topic() {
    let (house, key, mut alice) = house().await;
    let body = json!({
        "topic": "alerts", "message": "Disk space is low at 5.1 GB", "title": "Low disk space alert",
        "tags": ["warning", "cd"], "priority": 4, "click": "https://homecamera.lan/xasds1h2xsSsa/",
        "actions": [{"action": "view", "label": "Admin panel", "url": "https://filesrv.lan/admin"}]
    });
    let answer = sent(to_root(&house, &key, &body)).await;
    let got = alice.notification().await;
    assert_eq!(
        (got.title.as_str(), got.body.as_str()),
        ("Low disk space alert", "Disk space is low at 5.1 GB")
    );
    assert_eq!((got.priority.number(), got.tags.len(), got.actions.len()), (4, 2, 1));
    assert_eq!(got.click_url.as_deref(), Some("https://homecamera.lan/xasds1h2xsSsa/"));
    assert_eq!(answer["id"], json!(got.id));
    // what JSON leaves open, headers may say
    sent(to_root(&house, &key, &json!({"topic": "alerts", "message": "x"})).header("X-Priority", "1")).await;
    assert_eq!(alice.notification().await.priority.number(), 1);
}

#[tokio::test]
async fn json_is_read_whatever_the_case_of_its_names() {
    let (house, key, mut alice) = house().await;
    // ntfy's manual has them like this for PowerShell
    let body = json!({
        "Topic": "alerts", "Title": "Low disk space alert", "Message": "Disk space is low at 5.1 GB", "Priority": 4,
        "Attach": "https://filesrv.lan/space.jpg", "FileName": "diskspace.jpg", "Tags": ["warning", "cd"],
        "Click": "https://homecamera.lan/xasds1h2xsSsa/",
        "Actions": [{"Action": "view", "Label": "Admin panel", "URL": "https://filesrv.lan/admin"}]
    });
    sent(to_root(&house, &key, &body)).await;
    let got = alice.notification().await;
    assert_eq!((got.title.as_str(), got.priority.number()), ("Low disk space alert", 4));
    assert_eq!(got.attachment.unwrap().name, "diskspace.jpg");
    assert_eq!(got.actions.first().unwrap().label, "Admin panel");
    let header = r#"[{"Action": "view", "Label": "Open", "URL": "https://a.example"}]"#;
    sent(to_alerts(&house, &key).header("Actions", header).body("x")).await;
    assert_eq!(alice.notification().await.actions.first().unwrap().label, "Open");
}

#[tokio::test]
async fn a_backslash_begins_a_new_line_in_headers_alone() {
    let (house, key, mut alice) = house().await;
    let path = r"C:\new\nothing";
    sent(to_root(&house, &key, &json!({"topic": "alerts", "message": format!(" {path}\n")}))).await;
    assert_eq!(alice.notification().await.body, path);
    sent(to_alerts(&house, &key).body(path)).await;
    assert_eq!(alice.notification().await.body, path);
    sent(to_alerts(&house, &key).header("m", r"a\nb")).await;
    assert_eq!(alice.notification().await.body, "a\nb");
}

#[tokio::test]
async fn what_uptime_kuma_posts_is_read() {
    let (house, key, mut alice) = house().await;
    let test = json!({
        "topic": "alerts", "title": "alerts [Uptime-Kuma]", "message": "alerts Testing", "priority": 4, "tags": ["test_tube"]
    });
    sent(to_root(&house, &key, &test)).await;
    let got = alice.notification().await;
    assert_eq!((got.title.as_str(), got.priority.number()), ("alerts [Uptime-Kuma]", 4));
    // whoever writes their own tags writes them as they like
    let long = format!("contact: {}", "somebody ".repeat(10));
    let body = json!({
        "topic": "alerts", "message": "timeout of 48000ms exceeded", "priority": 5, "title": "shop Down [Uptime-Kuma]",
        "tags": ["red_circle", long], "actions": [{"action": "view", "label": "Open shop", "url": "http://"}]
    });
    sent(to_root(&house, &key, &body)).await;
    let got = alice.notification().await;
    assert_eq!(got.tags, ["red_circle"]);
    assert_eq!(
        got.body,
        format!("timeout of 48000ms exceeded\n\nOpen shop: http://\n\nTags: {}", long.trim())
    );
    let name = "a monitor whose name is longer than a button of ours may be, as names can be";
    let body = json!({
        "topic": "alerts", "message": "connect ECONNREFUSED", "priority": 5, "title": "shop Down [Uptime-Kuma]",
        "tags": ["red_circle", "team: shop"],
        "actions": [{"action": "view", "label": format!("Open {name}"), "url": "https://shop.example"}]
    });
    sent(to_root(&house, &key, &body)).await;
    let got = alice.notification().await;
    assert_eq!((got.title.as_str(), got.priority.number()), ("shop Down [Uptime-Kuma]", 5));
    assert_eq!(got.tags, ["red_circle", "team: shop"]);
    let button = got.actions.first().unwrap();
    assert!(button.label.starts_with("Open a monitor") && button.url == "https://shop.example", "{button:?}");
}

#[tokio::test]
async fn headers_may_be_encoded_or_of_another_charset() {
    let (house, key, mut alice) = house().await;
    for title in [
        HeaderValue::from_static("=?UTF-8?B?8J+HqfCfh6o=?= =?UTF-8?Q?=C3=84pfel?="),
        HeaderValue::from_bytes("🇩🇪Äpfel".as_bytes()).unwrap(),
    ] {
        sent(to_alerts(&house, &key).header("X-Title", title).body("x")).await;
        assert_eq!(alice.notification().await.title, "🇩🇪Äpfel");
    }
}

#[tokio::test]
async fn a_key_may_be_a_bearer_or_anybodys_password() {
    let (house, key, mut alice) = house().await;
    let url = format!("{}/alerts", house.url);
    let header = |scheme: &str, rest: String| BASE64_URL_SAFE_NO_PAD.encode(format!("{scheme} {rest}"));
    for request in [
        house.http.post(&url).bearer_auth(key.expose()),
        house.http.post(&url).basic_auth("phil", Some(key.expose())),
        house.http.post(&url).basic_auth("", Some(key.expose())),
        house.http.post(&url).basic_auth(key.expose(), Some("None")),
        house.http.post(format!("{url}?auth={}", header("Bearer", key.expose().to_owned()))),
        house.http.post(format!("{url}?authorization={}==", header("bearer", key.expose().to_owned()))),
        house.http.post(format!("{url}?auth={}", key.expose())),
        // the header is for the proxy in front
        house.http.post(format!("{url}?auth={}", key.expose())).basic_auth("proxy", Some("of its own")),
    ] {
        sent(request.body("x")).await;
        alice.notification().await;
    }
    for request in [
        house.http.post(&url),
        house.http.post(&url).bearer_auth("tk_of_somewhere_else"),
        house.http.post(&url).basic_auth("alice", Some("correct horse")),
        house.http.post(format!("{url}?auth=%00")),
    ] {
        assert_eq!(refusal(request.body("x")).await.0, 40101);
    }
    assert!(alice.until_pong().await.is_empty());
}

#[tokio::test]
async fn a_persons_own_token_reaches_their_own_topics_alone() {
    let (house, _, mut alice) = house().await;
    let token = house.login("alice").await.access_token;
    sent(to_alerts(&house, &token).body("x")).await;
    alice.notification().await;
    let other = house.http.post(format!("{}/secrets", house.url)).bearer_auth(token.expose());
    assert_eq!(refusal(other).await.0, 40301);
}

#[tokio::test]
async fn what_tidings_cannot_do_is_refused_and_what_is_wrong_is_named() {
    let (house, key, mut alice) = house().await;
    for (name, value, number, words) in [
        ("Email", "phil@example.com", 40001, "e-mail"),
        ("X-Call", "yes", 40032, "calls"),
        ("Template", "grafana", 40000, "templates"),
        ("Up", "1", 40000, "UnifiedPush"),
        ("Filename", "flower.jpg", 40014, "Attach"),
        ("Attach", "file:///etc/passwd", 40013, "URL"),
        ("Icon", "javascript:alert(1)", 40021, "icon"),
        ("Priority", "6", 40007, "priority"),
        ("Priority", "loud", 40007, "priority"),
        ("Actions", "view, Open", 40018, "'url' is required"),
        ("Actions", "http, Off, https://a.example, headers.a b=c", 40018, "unknown"),
        ("Actions", "http, Off, https://a.example, headers.=c", 40000, "actions.headers"),
        ("Actions", "http, Off, https://a.example, method=TRACE", 40000, "actions.method"),
        ("In", "soon", 40004, "delay"),
        ("In", "1s", 40005, "small"),
        ("In", "4d", 40006, "large"),
    ] {
        let (code, error) = refusal(to_alerts(&house, &key).header(name, value).body("x")).await;
        assert!(code == number && error.contains(words), "{name}: {value}: {code} {error}");
    }
    for (body, number) in
        [(vec![0xFF, 0xD8, 0xFF], 40014), (vec![b'x'; 33 * 1024], 40014), (vec![b'x'; 200 * 1024], 41301)]
    {
        assert_eq!(refusal(to_alerts(&house, &key).body(body)).await.0, number);
    }
    for (body, number) in [
        (json!({"message": "x"}), 40009),
        (json!({"topic": null}), 40009),
        (json!([]), 40024),
        (json!({"topic": "alerts", "tags": "a"}), 40024),
        (json!({"topic": "no spaces"}), 40009),
        (json!({"topic": "alerts/x"}), 40009),
        (json!({"topic": ""}), 40009),
        (json!({"topic": "nobody-receives-it"}), 40000),
    ] {
        assert_eq!(refusal(to_root(&house, &key, &body)).await.0, number, "{body}");
    }
    let origin = to_alerts(&house, &key).header("origin", "https://evil.example").body("x");
    assert_eq!(refusal(origin).await.0, 40301);
    assert!(alice.until_pong().await.is_empty(), "nothing of it was stored");
}

#[tokio::test]
async fn harmless_wishes_are_heard_and_change_nothing() {
    let (house, key, mut alice) = house().await;
    for (name, value) in [
        ("Cache", "no"),
        ("Firebase", "no"),
        ("Email", "no"),
        ("Priority", "u=3, i"),
        ("Actions", "broadcast, Take picture, extras.cmd=pic"),
        ("X-Something-New", "1"),
    ] {
        sent(to_alerts(&house, &key).header(name, value).body("x")).await;
        let got = alice.notification().await;
        assert_eq!((got.body.as_str(), got.priority.number(), got.actions.len()), ("x", 3, 0), "{name}");
    }
}

#[tokio::test]
async fn a_link_to_a_file_comes_along() {
    let (house, key, mut alice) = house().await;
    let link = "https://f-droid.org/F-Droid%20Client.apk?latest";
    for (name, named, body, said) in [
        ("", "F-Droid Client.apk", "", "You received a file: F-Droid Client.apk"),
        ("client.apk", "client.apk", "Have a look", "Have a look"),
    ] {
        let answer = sent(to_alerts(&house, &key).header("Attach", link).header("f", name).body(body)).await;
        let got = alice.notification().await;
        let file = got.attachment.unwrap();
        assert_eq!((file.name.as_str(), file.url.as_str(), got.body.as_str()), (named, link, said));
        assert_eq!(answer["attachment"], json!({"name": named, "url": link}));
    }
}

#[tokio::test]
async fn a_body_is_markdown_if_it_says_so() {
    let (house, key, mut alice) = house().await;
    for (name, value, plain) in [
        ("Markdown", "yes", false),
        ("md", "1", false),
        ("Content-Type", "text/markdown", false),
        ("Content-Type", "text/Markdown; charset=utf-8", false),
        ("Content-Type", "text/plain", true),
        ("md", "no", true),
    ] {
        sent(to_alerts(&house, &key).header(name, value).body("**x**")).await;
        assert_eq!(alice.notification().await.plain, plain, "{name}: {value}");
    }
}

#[tokio::test]
async fn a_text_file_is_its_message() {
    let (house, key, mut alice) = house().await;
    sent(to_alerts(&house, &key).header("f", "notes.TXT").body("long\ntext")).await;
    assert_eq!(alice.notification().await.body, "long\ntext");
}

#[tokio::test]
async fn one_of_a_sequence_takes_the_place_of_the_one_before() {
    let (house, key, mut alice) = house().await;
    let url = format!("{}/alerts", house.url);
    let answer = sent(to_alerts(&house, &key).header("SID", "download-7").body("10 %")).await;
    assert_eq!(answer["sequence_id"], "download-7");
    let mut last = alice.notification().await;
    assert!(last.replaces.is_none_or(|id| id == "download-7"), "there is none before");
    for request in [
        house.http.put(format!("{url}/download-7")).bearer_auth(key.expose()).body("50 %"),
        to_root(&house, &key, &json!({"topic": "alerts", "sequence_id": "download-7", "message": "90 %"})),
        house.http.get(format!("{url}/publish?sid=download-7&m=done")).bearer_auth(key.expose()),
    ] {
        sent(request).await;
        let next = alice.notification().await;
        assert_eq!(next.replaces, last.id);
        last = next;
    }
    // another topic's is another
    house.admin.subscribe("alice", "other").await.unwrap();
    let other = house.http.put(format!("{}/other/download-7", house.url)).bearer_auth(key.expose());
    sent(other).await;
    assert_ne!(alice.notification().await.replaces, last.id);
    // the id of any of them may serve as a name
    let bare = sent(to_alerts(&house, &key).body("bare")).await["id"].as_str().unwrap().to_owned();
    alice.notification().await;
    sent(house.http.post(format!("{url}/{bare}")).bearer_auth(key.expose()).body("again")).await;
    assert_eq!(alice.notification().await.replaces.as_deref(), Some(bare.as_str()));
    let wrong = to_alerts(&house, &key).header("X-Sequence-ID", "no spaces");
    assert_eq!(refusal(wrong).await.0, 40049);
}

#[tokio::test]
async fn no_topic_stands_in_the_way_of_a_path_of_ours() {
    let (house, key, mut alice) = house().await;
    for name in ["api", "healthz", "message", "metrics", "ws"] {
        let by_json = to_root(&house, &key, &json!({"topic": name, "message": "x"}));
        assert_eq!(refusal(by_json).await.0, 40010, "{name}");
        assert!(matches!(house.admin.subscribe("alice", name).await, Err(AdminError::Reserved(_))), "{name}");
        assert!(matches!(house.admin.create_key(name).await, Err(AdminError::Reserved(_))), "{name}");
        let ours = json!({"to": {"topic": name}, "title": "x"});
        assert_eq!(code(house.post("/api/notifications", Some(&key), ours).await, 400).await, "BAD_REQUEST");
        for (method, path) in
            [(Method::PUT, ""), (Method::POST, ""), (Method::GET, "/publish"), (Method::PUT, "/nothing")]
        {
            let request =
                house.http.request(method, format!("{}/{name}{path}", house.url)).bearer_auth(key.expose());
            assert!(request.send().await.unwrap().status().is_client_error(), "{name}{path}");
        }
    }
    for path in ["/healthz", "/metrics", "/api/info"] {
        assert!(house.http.get(format!("{}{path}", house.url)).send().await.unwrap().status().is_success());
    }
    for path in ["/", "/alerts", "/alerts/json", "/api/nothing", "/api/publish"] {
        let response = house.http.get(format!("{}{path}", house.url)).send().await.unwrap();
        assert_eq!(code(response, 404).await, "NOT_FOUND", "{path}");
    }
    assert!(alice.until_pong().await.is_empty());
}

#[tokio::test]
async fn a_page_on_the_list_may_send_whatever_header_it_needs() {
    const PAGE: &str = "https://panel.example";
    let house = House::with(|config| config.allow_origins = vec![PAGE.to_owned()]).await;
    let (key, mut alice) = open(&house).await;
    for (origin, allowed) in [(PAGE, true), ("https://evil.example", false)] {
        for (path, method) in [("/alerts", "PUT"), ("/message", "POST"), ("/", "POST")] {
            let asked = house
                .http
                .request(Method::OPTIONS, format!("{}{path}", house.url))
                .header("origin", origin)
                .header("access-control-request-method", method)
                .header("access-control-request-headers", "authorization,priority,x-gotify-key,x-title");
            let answer = asked.send().await.unwrap();
            let says = |name: &str| {
                answer.headers().get(name).map_or("", |value| value.to_str().unwrap()).to_owned()
            };
            assert_eq!(says("access-control-allow-origin"), if allowed { PAGE } else { "" }, "{path}");
            assert!(says("access-control-allow-methods").contains(method), "{path}");
            assert!(says("access-control-allow-headers").contains("x-title"), "{path}");
        }
    }
    sent(to_alerts(&house, &key).header("origin", PAGE).header("priority", "5").body("x")).await;
    assert_eq!(alice.notification().await.priority.number(), 5);
}

#[tokio::test]
async fn too_much_is_slowed_down_as_everywhere() {
    let limit = Limit { burst: 1, refill: Duration::from_secs(600) };
    let house = House::with(|config| config.publish_limit = limit).await;
    let (key, _alice) = open(&house).await;
    sent(to_alerts(&house, &key).body("x")).await;
    let limited = to_alerts(&house, &key).body("x").send().await.unwrap();
    assert!((590..=600).contains(&retry_after(&limited)));
    assert_eq!(refused(limited).await.0, 42901);
}
