//! What a Gotify server is seen to do, and the model does.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod client;

use std::time::Duration;

use serde_json::{Value, json};
use tidings_peers::{Door, Edition, Gotify, GotifyOptions};

use client::{Next, Socket, ask, http};

async fn gotify() -> Gotify {
    Gotify::start(GotifyOptions::default()).await.unwrap()
}

async fn stream(gotify: &Gotify, token: &str) -> Socket {
    Socket::open(&format!("{}/stream", gotify.url()), &[("x-gotify-key", token)]).await.unwrap()
}

fn ids(page: &Value) -> Vec<u64> {
    page["messages"].as_array().unwrap().iter().map(|message| message["id"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn a_password_makes_a_client_whose_token_opens_the_stream_and_signs_itself_out() {
    let gotify = gotify().await;
    let (status, client) = ask(http()
        .post(format!("{}/client", gotify.url()))
        .basic_auth(Gotify::USER, Some(Gotify::PASSWORD))
        .body(r#"{"name":"desk"}"#))
    .await;
    assert_eq!((status, gotify.clients()), (200, vec!["desk".to_owned()]));
    let token = client["token"].as_str().unwrap();
    let mut socket = stream(&gotify, token).await;
    gotify.publish(&json!({ "message": "m", "priority": 8 }));
    // no greeting comes before it, and the application's name stands for a title
    let told = socket.frame().await;
    assert_eq!((&told["id"], &told["title"], &told["priority"]), (&json!(1), &json!("Backups"), &json!(8)));
    let keyed = |request: reqwest::RequestBuilder| request.header("x-gotify-key", token);
    let delete = format!("{}/client/{}", gotify.url(), client["id"]);
    assert_eq!(ask(keyed(http().delete(delete))).await.0, 403, "version 3 asks for an elevated token");
    assert_eq!(ask(keyed(http().post(format!("{}/auth/logout", gotify.url())))).await.0, 200);
    assert_eq!(socket.next().await, Next::Silently);
    let (status, body) = ask(keyed(http().get(format!("{}/current/user", gotify.url())))).await;
    assert_eq!((status, &body["error"], &body["errorCode"]), (401, &json!("Unauthorized"), &json!(401)));
    assert!(body["errorDescription"].is_string());
}

#[tokio::test]
async fn version_2_has_neither_a_logout_nor_an_info_and_a_token_deletes_its_client() {
    let two = GotifyOptions { edition: Edition::Two, ..GotifyOptions::default() };
    let gotify = Gotify::start(two).await.unwrap();
    let token = gotify.client("desk");
    let keyed = |request: reqwest::RequestBuilder| request.header("x-gotify-key", token.as_str());
    assert_eq!(ask(keyed(http().get(format!("{}/gotifyinfo", gotify.url())))).await.0, 404);
    assert_eq!(ask(keyed(http().post(format!("{}/auth/logout", gotify.url())))).await.0, 404);
    assert!(ask(http().get(format!("{}/version", gotify.url()))).await.1["version"].is_string());
    let (_, clients) = ask(keyed(http().get(format!("{}/client", gotify.url())))).await;
    assert_eq!(clients[0]["token"], token.as_str());
    let delete = format!("{}/client/{}", gotify.url(), clients[0]["id"]);
    assert_eq!(ask(keyed(http().delete(delete))).await.0, 200);
    assert!(gotify.clients().is_empty());
}

#[tokio::test]
async fn the_history_is_paged_to_older_ones_and_an_id_may_become_visible_late() {
    let gotify = gotify().await;
    let token = gotify.client("desk");
    let page = async |query: &str| {
        let url = format!("{}/message?{query}", gotify.url());
        ask(http().get(url).header("x-gotify-key", token.as_str())).await.1
    };
    gotify.publish(&json!({ "message": "one" }));
    let late = gotify.hold(&json!({ "message": "two" }));
    gotify.publish(&json!({ "message": "three" }));
    gotify.publish(&json!({ "message": "four" }));
    let newest = page("limit=2").await;
    assert_eq!(ids(&newest), [4, 3]);
    assert_eq!(newest["paging"]["since"], 3);
    assert_eq!(ids(&page("limit=2&since=3").await), [1]);
    assert_eq!(page("limit=2&since=3").await["paging"].get("next"), None);
    let mut socket = stream(&gotify, &token).await;
    assert_eq!(gotify.commit(late), 2);
    assert_eq!(socket.frame().await["id"], 2);
    assert_eq!(ids(&page("limit=200").await), [4, 3, 2, 1]);
    assert_eq!(page("limit=201").await["errorCode"], 400);
    let delete = http().delete(format!("{}/message/3", gotify.url())).header("x-gotify-key", token.as_str());
    assert_eq!(ask(delete).await.0, 200);
    assert_eq!(gotify.messages(), [1, 2, 4]);
    gotify.reset();
    assert_eq!(gotify.publish(&json!({ "message": "first again" })), 1);
    assert_eq!(gotify.counts().catch_ups, 5);
}

#[tokio::test]
async fn whoever_does_not_pong_says_too_much_or_comes_from_elsewhere_is_cut_off() {
    let (ping, pong) = (Duration::from_millis(50), Duration::from_secs(2));
    let options = GotifyOptions { ping, pong, ..GotifyOptions::default() };
    let gotify = Gotify::start(options).await.unwrap();
    let token = gotify.client("desk");
    let mut speaking = stream(&gotify, &token).await;
    speaking.say("x".repeat(64)).await;
    speaking.say("x".repeat(65)).await;
    assert_eq!(speaking.next().await, Next::Closed(1009));
    // one that reads nothing sends no pong, and one that does lives on
    let _deaf = stream(&gotify, &token).await;
    gotify.until(|counts| counts.accepted == 2 && counts.open == 0).await.unwrap();
    let mut hearing = stream(&gotify, &token).await;
    let pongs = async {
        gotify.until(|counts| counts.pongs > 5).await.unwrap();
        gotify.drop_sockets();
    };
    assert_eq!(tokio::join!(hearing.next(), pongs).0, Next::Silently);
    assert_eq!(gotify.counts().longest_frame, 65);
    let elsewhere = [("x-gotify-key", token.as_str()), ("origin", "https://example.com")];
    let refused = Socket::open(&format!("{}/stream", gotify.url()), &elsewhere).await.err().unwrap();
    assert_eq!(refused.0, 403);
}

#[tokio::test]
async fn it_can_be_silent_refuse_and_be_away() {
    let mut gotify = gotify().await;
    let token = gotify.client("desk");
    let mut socket = stream(&gotify, &token).await;
    gotify.go_silent();
    gotify.publish(&json!({ "message": "unheard" }));
    gotify.speak_again();
    assert_eq!(socket.frame().await["message"], "unheard");
    gotify.stop().await;
    assert_eq!(socket.next().await, Next::Silently);
    gotify.start_again().await.unwrap();
    gotify.refuse(Door::Sockets, 503);
    let url = format!("{}/stream?token={token}", gotify.url());
    assert_eq!(Socket::open(&url, &[]).await.err().unwrap().0, 503);
    gotify.welcome();
    let mut socket = Socket::open(&url, &[]).await.ok().unwrap();
    gotify.revoke(&token);
    assert_eq!(socket.next().await, Next::Silently);
    assert_eq!(Socket::open(&url, &[]).await.err().unwrap().0, 401);
    assert_eq!(gotify.counts().strangers, 1);
}

#[tokio::test]
async fn applications_have_names_and_perhaps_images_and_publish_with_tokens_of_their_own() {
    let gotify = gotify().await;
    let token = gotify.client("desk");
    let kitchen = gotify.application("Kitchen", Some(b"png"));
    let url = format!("{}/application", gotify.url());
    let (_, applications) = ask(http().get(url).header("x-gotify-key", token.as_str())).await;
    assert_eq!(applications[0]["image"], "static/defaultapp.png");
    assert_eq!((&applications[1]["name"], &applications[1]["token"]), (&json!("Kitchen"), &json!("")));
    let image = applications[1]["image"].as_str().unwrap();
    let image = http().get(format!("{}/{image}", gotify.url())).send().await.unwrap();
    assert_eq!(image.bytes().await.unwrap(), "png");
    let publish = http().post(format!("{}/message", gotify.url())).header("x-gotify-key", kitchen.token);
    let (status, told) = ask(publish.body(r#"{"message":"the kettle","extras":{"a::b":{"c":1}}}"#)).await;
    assert_eq!((status, &told["appid"], &told["title"]), (200, &json!(kitchen.id), &json!("Kitchen")));
    assert_eq!(told["extras"]["a::b"]["c"], 1);
}
