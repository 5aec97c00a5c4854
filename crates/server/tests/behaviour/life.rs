//! Keepalive, bad frames, shutdown, and what the one who runs the server does meanwhile.

use std::time::Duration;

use tidings_protocol::{Goodbye, MAX_FRAME_BYTES, Secret, ServerMessage};
use tidings_server::Admin;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use tokio_tungstenite::tungstenite::Message;

use crate::support::{House, PASSWORD};

#[tokio::test]
async fn a_ping_is_answered_however_it_is_spelt_and_bad_frames_are_skipped() {
    let house = House::open().await;
    let (mut wire, _) = house.connect(&house.login("alice").await).await;
    for frame in
        ["", "not json", "{}", r#"{"type":"confetti"}"#, r#"{"type":"resume","payload":{"after":-1}}"#]
    {
        wire.send_text(frame).await;
    }
    futures_util::SinkExt::send(&mut wire.socket, Message::binary(vec![1, 2, 3])).await.unwrap();
    wire.send_text(r#"{"type":"PING"}"#).await;
    assert_eq!(wire.recv().await, ServerMessage::Pong);
    assert_eq!(house.metric("tidings_unreadable_messages_total").await, 5);
}

#[tokio::test]
async fn a_frame_beyond_the_limit_closes_the_socket() {
    let house = House::open().await;
    let (mut wire, _) = house.connect(&house.login("alice").await).await;
    wire.send_text(&"x".repeat(MAX_FRAME_BYTES + 1)).await;
    assert_eq!(wire.closed().await.0, 1009);
}

#[tokio::test]
async fn a_silent_socket_is_dropped() {
    let house = House::with(|config| config.keepalive = Duration::from_millis(20)).await;
    let (mut wire, _) = house.connect(&house.login("alice").await).await;
    assert_eq!(wire.closed().await, (4000, "KEEPALIVE_TIMEOUT".to_owned()));
}

#[tokio::test]
async fn a_shutdown_says_goodbye_and_takes_no_more() {
    let house = House::with(|config| config.reconnect_after_ms = [10, 20]).await;
    let (mut wire, _) = house.connect(&house.login("alice").await).await;
    house.begin_shutdown();
    let ServerMessage::Goodbye(Goodbye { reconnect_after_ms, .. }) = wire.recv().await else {
        panic!("no goodbye")
    };
    assert_eq!(reconnect_after_ms, [10, 20]);
    assert_eq!(wire.closed().await, (1012, "RESTART".to_owned()));
    let url = house.url.clone();
    let http = house.http.clone();
    house.close().await;
    assert!(http.get(format!("{url}/healthz")).send().await.is_err());
}

#[tokio::test]
async fn health_and_metrics_tell_without_names() {
    let house = House::open().await;
    assert_eq!(house.text("/healthz").await, "ok\n");
    let (mut wire, _) = house.connect(&house.login("alice").await).await;
    house.publish(2).await;
    wire.notification().await;
    wire.notification().await;
    wire.until_pong().await;
    assert_eq!(house.metric("tidings_sockets").await, 1);
    assert_eq!(house.metric("tidings_published_total").await, 2);
    assert_eq!(house.metric("tidings_delivered_total{how=\"live\"}").await, 2);
    assert_eq!(house.metric("tidings_logins_total{outcome=\"accepted\"}").await, 1);
    assert!(!house.text("/metrics").await.contains("alice"));
}

#[tokio::test]
async fn a_person_removed_by_another_process_is_cut_off() {
    let house = House::open().await;
    house.admin.add_user("bob", &Secret::from(PASSWORD)).await.unwrap();
    let (mut alice, _) = house.connect(&house.login("alice").await).await;
    let (mut bob, _) = house.connect(&house.login("bob").await).await;
    let elsewhere = Admin::open(&house.folder.path().join("server.db")).await.unwrap();
    elsewhere.remove_user("alice").await.unwrap();
    assert_eq!(alice.closed().await, (1008, "NOT_AUTHORIZED".to_owned()));
    assert!(bob.until_pong().await.is_empty());
    assert_eq!(house.try_login("alice", PASSWORD).await.status(), 401);
}

#[tokio::test]
async fn a_new_password_signs_out_everywhere() {
    let house = House::open().await;
    let (mut wire, _) = house.connect(&house.login("alice").await).await;
    house.admin.set_password("alice", &Secret::from("battery staple")).await.unwrap();
    assert_eq!(wire.closed().await, (1008, "NOT_AUTHORIZED".to_owned()));
    assert_eq!(house.try_login("alice", PASSWORD).await.status(), 401);
    assert_eq!(house.try_login("alice", "battery staple").await.status(), 200);
}

#[tokio::test]
async fn open_sockets_count_as_connections() {
    let mut house = House::with(|config| config.max_connections = 3).await;
    let session = house.login("alice").await;
    // closes the connection that was kept for a next request
    house.http = reqwest::Client::new();
    let mut wires = Vec::new();
    for _ in 0..3 {
        let mut wire = house.connect_by_token(&session.access_token).await;
        wire.until_pong().await;
        wires.push(wire);
    }
    let mut waits = TcpStream::connect(house.url.strip_prefix("http://").unwrap()).await.unwrap();
    waits.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
    for _ in 0..20 {
        wires[0].until_pong().await;
    }
    assert_eq!(waits.try_read(&mut [0; 1]).unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    drop(wires);
    let mut answer = String::new();
    waits.read_to_string(&mut answer).await.unwrap();
    assert!(answer.ends_with("ok\n"), "{answer}");
}

#[tokio::test]
async fn one_user_cannot_take_all_sockets() {
    let house = House::with(|config| config.max_per_user = 1).await;
    let session = house.login("alice").await;
    let (mut first, _) = house.connect(&session).await;
    let mut second = house.connect_by_token(&session.access_token).await;
    assert_eq!(second.closed().await, (1013, "TOO_MANY_SOCKETS".to_owned()));
    assert!(first.until_pong().await.is_empty());
}
