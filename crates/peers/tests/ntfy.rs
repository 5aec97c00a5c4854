//! What an ntfy server is seen to do, and the model does.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod client;

use std::time::Duration;

use serde_json::{Value, json};
use tidings_peers::{Access, Door, Ntfy, NtfyOptions};

use client::{Next, Socket, ask, http};

async fn ntfy() -> Ntfy {
    Ntfy::start(NtfyOptions::default()).await.unwrap()
}

async fn open(ntfy: &Ntfy, path: &str) -> Socket {
    let mut socket = Socket::open(&format!("{}/{path}", ntfy.url()), &[]).await.unwrap();
    assert_eq!(socket.frame().await["event"], "open");
    socket
}

async fn refused(ntfy: &Ntfy, path: &str, headers: &[(&'static str, &str)]) -> u16 {
    let (status, body) = Socket::open(&format!("{}/{path}", ntfy.url()), headers).await.err().unwrap();
    assert!(body.is_empty(), "{body:?}");
    status
}

async fn polled(ntfy: &Ntfy, query: &str) -> Vec<Value> {
    let url = format!("{}/{query}", ntfy.url());
    let body = http().get(url).send().await.unwrap().text().await.unwrap();
    body.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn messages(frames: &[Value]) -> Vec<&str> {
    frames.iter().map(|frame| frame["message"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_socket_listens_to_several_topics_and_hears_every_kind_of_event() {
    let ntfy = ntfy().await;
    let mut socket = open(&ntfy, "a,b/ws").await;
    let fields = json!({
        "title": "T", "priority": "urgent", "tags": ["warning"], "markdown": true, "sequence_id": "s1", "message": "one"
    });
    ntfy.publish("a", &fields);
    ntfy.publish("elsewhere", &json!({ "message": "unheard" }));
    ntfy.clear("b", "s1");
    ntfy.delete("b", "s1");
    ntfy.poll_request("b");
    let told = socket.frame().await;
    assert_eq!((&told["event"], &told["priority"]), (&json!("message"), &json!(5)));
    assert_eq!(told["content_type"], "text/markdown");
    for event in ["message_clear", "message_delete"] {
        let told = socket.frame().await;
        assert_eq!((&told["event"], &told["sequence_id"]), (&json!(event), &json!("s1")));
    }
    assert_eq!(socket.frame().await["event"], "poll_request");
    assert_eq!(ntfy.messages().len(), 4, "all but the request to poll are kept");
}

#[tokio::test]
async fn an_id_is_exclusive_an_unknown_one_gives_all_and_a_time_is_inclusive() {
    let ntfy = ntfy().await;
    let one = ntfy.publish("a", &json!({ "message": "one" }));
    ntfy.publish("b", &json!({ "message": "two" }));
    let id = one["id"].as_str().unwrap();
    assert_eq!(messages(&polled(&ntfy, &format!("a,b/json?poll=1&since={id}")).await), ["two"]);
    for since in [one["time"].to_string().as_str(), "unknown00000", "all", "10m", ""] {
        let all = polled(&ntfy, &format!("a,b/json?poll=1&since={since}")).await;
        assert_eq!(messages(&all), ["one", "two"], "{since}");
    }
    let mut socket = open(&ntfy, "a,b/ws?since=unknown00000").await;
    assert_eq!(
        [socket.frame().await, socket.frame().await].map(|told| told["message"].clone()),
        ["one", "two"]
    );
    ntfy.age_out(1);
    assert_eq!(messages(&polled(&ntfy, &format!("a,b/json?poll=1&since={id}")).await), ["two"]);
}

#[tokio::test]
async fn what_was_scheduled_before_an_id_is_not_among_what_came_after_it() {
    let ntfy = ntfy().await;
    ntfy.publish("a", &json!({ "message": "scheduled", "delay": "30m" }));
    let read = ntfy.publish("a", &json!({ "message": "read" }));
    assert_eq!(messages(&polled(&ntfy, "a/json?poll=1").await), ["read"]);
    ntfy.deliver_scheduled();
    let (id, time) = (read["id"].as_str().unwrap(), &read["time"]);
    assert!(polled(&ntfy, &format!("a/json?poll=1&since={id}")).await.is_empty());
    let by_time = polled(&ntfy, &format!("a/json?poll=1&since={time}")).await;
    assert_eq!(messages(&by_time), ["read", "scheduled"]);
}

#[tokio::test]
async fn handshakes_are_refused_with_a_status_and_nothing_else() {
    let options = NtfyOptions { most_sockets: 1, ..NtfyOptions::default() };
    let ntfy = Ntfy::start(options).await.unwrap();
    ntfy.allow(None, "secret*", Access::Deny);
    ntfy.allow(Some(Ntfy::USER), "secret*", Access::Read);
    assert_eq!(refused(&ntfy, "a/ws", &[("authorization", "Bearer tk_unknown")]).await, 401);
    assert_eq!(refused(&ntfy, "a,secret1/ws", &[]).await, 403);
    assert_eq!(refused(&ntfy, "a%20b/ws", &[]).await, 404);
    assert_eq!(refused(&ntfy, "a/ws?since=never", &[]).await, 400);
    let token = ntfy.token("desk");
    let bearer = format!("Bearer {token}");
    let url = format!("{}/secret1/ws", ntfy.url());
    let mut socket = Socket::open(&url, &[("authorization", &bearer)]).await.ok().unwrap();
    assert_eq!(refused(&ntfy, "a/ws", &[]).await, 429);
    assert_eq!(socket.frame().await["event"], "open");
    ntfy.revoke(&token);
    ntfy.publish("secret1", &json!({ "message": "still heard" }));
    assert_eq!(socket.frame().await["message"], "still heard");
    ntfy.drop_sockets();
    assert_eq!(socket.next().await, Next::Silently);
    ntfy.until(|counts| counts.open == 0).await.unwrap();
    assert_eq!(refused(&ntfy, "secret1/ws", &[("authorization", &bearer)]).await, 401);
    ntfy.refuse(Door::Sockets, 503);
    assert_eq!(refused(&ntfy, "a/ws", &[]).await, 503);
}

#[tokio::test]
async fn a_password_makes_a_token_that_ends_in_three_days_unless_it_is_told_otherwise() {
    let ntfy = ntfy().await;
    let url = format!("{}/v1/account/token", ntfy.url());
    let make = async |wish: &'static str| {
        let request = http().post(&url).basic_auth(Ntfy::USER, Some(Ntfy::PASSWORD)).body(wish);
        ask(request).await
    };
    assert!(make(r#"{"label":"desk"}"#).await.1["expires"].is_i64());
    let (status, made) = make(r#"{"label":"laptop","expires":0}"#).await;
    assert_eq!((status, made.get("expires"), &made["label"]), (200, None, &json!("laptop")));
    let token = made["token"].as_str().unwrap();
    let account = async || ask(http().get(format!("{}/v1/account", ntfy.url())).bearer_auth(token)).await;
    assert_eq!(account().await.1["username"], Ntfy::USER);
    assert_eq!(ask(http().delete(&url).bearer_auth(token)).await, (200, json!({ "success": true })));
    assert_eq!((account().await.0, ntfy.tokens()), (401, vec!["desk".to_owned()]));
    let nobody = ask(http().get(format!("{}/v1/account", ntfy.url()))).await;
    assert_eq!(nobody.1["username"], "*");
}

#[tokio::test]
async fn who_fails_to_sign_in_too_often_is_told_to_wait_whatever_is_sent_then() {
    let options = NtfyOptions { most_failures: 2, ..NtfyOptions::default() };
    let ntfy = Ntfy::start(options).await.unwrap();
    let try_with = async |password: &'static str| {
        let url = format!("{}/v1/account", ntfy.url());
        ask(http().get(url).basic_auth(Ntfy::USER, Some(password))).await
    };
    assert_eq!(try_with("wrong").await.0, 401);
    assert_eq!(try_with("wrong").await.0, 401);
    let (status, body) = try_with(Ntfy::PASSWORD).await;
    assert_eq!((status, &body["code"]), (429, &json!(42909)));
    assert_eq!(polled(&ntfy, "a/json?poll=1").await, Vec::<Value>::new(), "who sends nothing is let in");
    ntfy.forgive();
    assert_eq!(try_with(Ntfy::PASSWORD).await.0, 200);
}

#[tokio::test]
async fn it_is_published_to_with_headers_with_json_and_with_bytes() {
    let ntfy = ntfy().await;
    let url = format!("{}/a", ntfy.url());
    let put = http().put(&url).header("Title", "T").header("Prio", "low").header("Tags", "a, b");
    let (_, told) = ask(put.header("Attach", "https://example.com/f.jpg").body("text")).await;
    assert_eq!((&told["priority"], &told["tags"]), (&json!(2), &json!(["a", "b"])));
    assert_eq!(told["attachment"]["name"], "f.jpg");
    let (_, told) = ask(http().post(&url).body(vec![0xff, 0xfe, 0x00])).await;
    assert_eq!((&told["encoding"], &told["message"]), (&json!("base64"), &json!("//4A")));
    assert_eq!(
        (told.get("actions"), told.get("priority")),
        (None, None),
        "what there is none of is not said"
    );
    let action = r#"{"topic":"a","actions":[{"action":"copy","label":"L","value":"v"}]}"#;
    let (_, told) = ask(http().post(ntfy.url()).body(action)).await;
    assert_eq!((&told["message"], &told["actions"][0]["action"]), (&json!("triggered"), &json!("copy")));
    let (status, fault) = ask(http().post(&url).header("Priority", "9").body("m")).await;
    assert_eq!((status, &fault["code"]), (400, &json!(40007)));
    let sequence = http().delete(format!("{url}/s1"));
    assert_eq!(ask(sequence).await.1["event"], "message_delete");
    assert_eq!(ask(http().put(format!("{url}/s1/clear"))).await.1["event"], "message_clear");
}

#[tokio::test]
async fn it_says_what_it_is_and_has_a_page_for_whatever_could_be_a_topic() {
    let ntfy = ntfy().await;
    let url = |path: &str| format!("{}/{path}", ntfy.url());
    assert_eq!(ask(http().get(url("v1/health"))).await.1, json!({ "healthy": true }));
    assert_eq!(ask(http().get(url("v1/config"))).await.1["enable_login"], true);
    assert_eq!(ask(http().get(url("version"))).await, (200, Value::Null), "a page, and no JSON");
    assert_eq!(ask(http().get(url("api/info"))).await.1["code"], 40401);
    ntfy.allow(None, "b", Access::Write);
    assert_eq!(ask(http().get(url("a/auth"))).await.1, json!({ "success": true }));
    assert_eq!(ask(http().get(url("a,b/auth"))).await.1["code"], 40301);
}

#[tokio::test]
async fn whoever_does_not_pong_or_says_too_much_is_cut_off_and_silence_is_total() {
    let (ping, pong) = (Duration::from_millis(50), Duration::from_secs(2));
    let ntfy = Ntfy::start(NtfyOptions { ping, pong, ..NtfyOptions::default() }).await.unwrap();
    let mut speaking = open(&ntfy, "a/ws").await;
    speaking.say("x".repeat(65)).await;
    assert_eq!(speaking.next().await, Next::Closed(1009));
    let _deaf = open(&ntfy, "a/ws").await;
    ntfy.until(|counts| counts.accepted == 2 && counts.open == 0).await.unwrap();
    let mut hearing = open(&ntfy, "a/ws").await;
    ntfy.go_silent();
    ntfy.publish("a", &json!({ "message": "unheard" }));
    // by the time that this is answered, the frame would have been on its way
    assert_eq!(polled(&ntfy, "a/json?poll=1").await.len(), 1);
    ntfy.drop_sockets();
    assert_eq!(hearing.next().await, Next::Silently);
}
