//! The model of ntfy against a real one: the same questions, the same answers. It needs the program, so a plain
//! `cargo test` passes it over; `cargo xtask test --peers` fetches it and runs this.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod client;

use std::time::Duration;

use serde_json::{Value, json};
use tidings_peers::{Access, Ntfy, NtfyOptions, RealNtfy};

use client::{Next, Socket, ask, http};

const PING: Duration = Duration::from_secs(45);

/// A model and a real one with the same rules.
async fn both() -> (Ntfy, RealNtfy) {
    let (model, real) =
        (Ntfy::start(NtfyOptions::default()).await.unwrap(), RealNtfy::start(PING).await.unwrap());
    for (user, topic, access) in [
        (None, "secret*", Access::Deny),
        (Some(Ntfy::USER), "secret*", Access::ReadWrite),
        (None, "ear", Access::Read),
        (None, "mouth", Access::Write),
    ] {
        model.allow(user, topic, access);
        real.allow(user, topic, access).await.unwrap();
    }
    (model, real)
}

/// With what differs from one run to the next by its kind alone.
fn alike(mut value: Value) -> Value {
    if value.get("sequence_id").is_some() && value["sequence_id"] == value["id"] {
        value["sequence_id"] = json!("the id");
    }
    for (name, field) in value.as_object_mut().into_iter().flatten() {
        match name.as_str() {
            "id" | "time" | "expires" | "token" | "last_access" => *field = json!(kind(field)),
            // words may change
            "error" => *field = Value::Null,
            "actions" => {
                field.as_array_mut().unwrap().iter_mut().for_each(|action| *action = alike(action.take()));
            }
            _ => {}
        }
    }
    // to their documentation, where there is some
    value.as_object_mut().map(|object| object.remove("link"));
    value
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "text",
        Value::Number(_) => "number",
        _ => "other",
    }
}

async fn said(request: reqwest::RequestBuilder) -> (u16, Value) {
    let (status, body) = ask(request).await;
    (status, alike(body))
}

#[tokio::test]
#[ignore = "needs ntfy"]
async fn both_answer_the_same_to_who_signs_in() {
    let (model, real) = both().await;
    let mut heard = Vec::new();
    for url in [model.url(), real.url()] {
        let at = |path: &str| format!("{url}{path}");
        let alice = |request: reqwest::RequestBuilder| request.basic_auth(Ntfy::USER, Some(Ntfy::PASSWORD));
        let mut answers = vec![
            said(http().get(at("/v1/health"))).await,
            said(http().get(at("/api/info"))).await,
            said(http().get(at("/v1/account")).basic_auth(Ntfy::USER, Some("wrong"))).await,
            said(http().get(at("/v1/account")).bearer_auth("tk_nononononononononononononono")).await,
            said(http().post(at("/v1/account/token")).body("{}")).await,
            said(alice(http().post(at("/v1/account/token"))).body("no JSON")).await,
            said(alice(http().post(at("/v1/account/token"))).body(r#"{"label":"desk"}"#)).await,
            said(alice(http().delete(at("/v1/account/token")))).await,
        ];
        let (_, made) =
            ask(alice(http().post(at("/v1/account/token"))).body(r#"{"label":"desk","expires":0}"#)).await;
        let token = made["token"].as_str().unwrap().to_owned();
        answers.push((200, alike(made)));
        let bearer = |request: reqwest::RequestBuilder| request.bearer_auth(&token);
        for path in ["/secret1/auth", "/a/auth", "/ear/auth", "/mouth/auth", "/a,mouth/auth"] {
            answers.push(said(bearer(http().get(at(path)))).await);
            answers.push(said(http().get(at(path))).await);
        }
        for path in ["/v1/account", "/v1/config"] {
            let (status, told) = ask(bearer(http().get(at(path)))).await;
            answers.push((status, json!([told["username"], told["enable_login"], told["base_url"]])));
        }
        answers.push(said(bearer(http().delete(at("/v1/account/token")))).await);
        answers.push(said(bearer(http().get(at("/a/auth")))).await);
        heard.push(answers);
    }
    assert_eq!(heard[0], heard[1]);
}

#[tokio::test]
#[ignore = "needs ntfy"]
async fn both_say_the_same_of_what_is_published() {
    let (model, real) = both().await;
    let mut heard = Vec::new();
    for url in [model.url(), real.url()] {
        let topic = format!("{url}/a");
        let mut socket = Socket::open(&format!("{topic},b/ws"), &[]).await.unwrap();
        let actions = r#"[{"action":"view","label":"O","url":"https://example.com","clear":true},
            {"action":"copy","label":"C","value":"v"}]"#;
        let json = format!(
            r#"{{"topic":"b","title":"T","message":"m","priority":4,"tags":["a"],"actions":{actions},"click":"https://c",
            "icon":"https://i/x.png","markdown":true,"sequence_id":"s1"}}"#
        );
        let mut answers = Vec::new();
        for request in [
            http().post(&topic).body("plain"),
            http().put(&topic).header("Title", "T").header("Prio", "low").header("Tags", "a, b").body("x"),
            http().post(&topic).header("Attach", "https://example.com/f.jpg"),
            http().post(&topic).header("Poll-ID", "p1"),
            http().post(&url).body(json),
            http().delete(format!("{url}/b/s1")),
            http().put(format!("{url}/b/s1/clear")),
            http().post(&topic).header("In", "30m").body("later"),
            http().post(&topic).header("Priority", "9").body("x"),
            http().post(&topic).header("In", "1s").body("x"),
            http().post(format!("{url}/ear")).body("x"),
            http().post(format!("{url}/a b")).body("x"),
            http().post(&url).body("no JSON"),
            http().post(&url).body(r#"{"topic":"a b"}"#),
            http().post(&url).body("{}"),
            http().post(format!("{url}/a,b")).body("x"),
        ] {
            answers.push(said(request).await);
        }
        let mut frames = Vec::new();
        while frames.len() < 8 {
            frames.push((0, alike(socket.frame().await)));
        }
        answers.extend(frames);
        heard.push(answers);
    }
    for (model, real) in heard[0].iter().zip(&heard[1]) {
        assert_eq!(model, real);
    }
}

#[tokio::test]
#[ignore = "needs ntfy"]
async fn both_find_the_same_in_the_past_and_refuse_the_same_handshakes() {
    let (model, real) = both().await;
    let mut heard = Vec::new();
    for url in [model.url(), real.url()] {
        let mut answers = Vec::new();
        let later = http().post(format!("{url}/a")).header("In", "30m").body("later");
        assert_eq!(ask(later).await.0, 200);
        let (_, first) = ask(http().post(format!("{url}/a")).body("first")).await;
        ask(http().post(format!("{url}/b")).body("second")).await;
        let (id, time) = (first["id"].as_str().unwrap(), first["time"].to_string());
        let kinds = [id, &time, "unknown00000", "all", "none", "latest", "10m", "1", "never"];
        for (number, since) in kinds.into_iter().enumerate() {
            let polled = http().get(format!("{url}/a,b/json?poll=1&since={since}")).send().await.unwrap();
            let status = polled.status().as_u16();
            let body = polled.text().await.unwrap();
            let lines = body.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
            answers.push((
                status,
                json!([number, lines.map(|line| line["message"].clone()).collect::<Value>()]),
            ));
        }
        let token = "Bearer tk_nononononononononononononono";
        for (path, headers) in [
            ("a/ws", &[("authorization", token)][..]),
            ("a,secret1/ws", &[]),
            ("a%20b/ws", &[]),
            ("a/ws?since=never", &[]),
            ("mouth/ws", &[]),
        ] {
            let (status, body) = Socket::open(&format!("{url}/{path}"), headers).await.err().unwrap();
            answers.push((status, json!(String::from_utf8(body).unwrap())));
        }
        let elsewhere = [("origin", "https://example.com")];
        let mut socket = Socket::open(&format!("{url}/a,b/ws?since={id}"), &elsewhere).await.unwrap();
        answers.push((101, json!([alike(socket.frame().await), socket.frame().await["message"]])));
        socket.say("x".repeat(64)).await;
        socket.say("x".repeat(65)).await;
        let Next::Closed(code) = socket.next().await else { panic!("it lives on") };
        answers.push((code, Value::Null));
        let mut open = Vec::new();
        let full = loop {
            match Socket::open(&format!("{url}/a/ws"), &[]).await {
                Ok(socket) => open.push(socket),
                Err((status, body)) => break (status, json!([open.len(), body.len()])),
            }
        };
        answers.push(full);
        heard.push(answers);
    }
    for (model, real) in heard[0].iter().zip(&heard[1]) {
        assert_eq!(model, real);
    }
}
