//! Keepalive, bad frames, shutdown, and what the one who runs the server does meanwhile.

use std::time::Duration;

use tidings_protocol::{Goodbye, MAX_FRAME_BYTES, Secret, ServerMessage};
use tidings_server::Admin;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use tokio_tungstenite::tungstenite::Message;

use crate::support::{House, PASSWORD, code};

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

/// One request on a connection of its own that is open already, which is closed after it.
async fn ask(mut stream: TcpStream, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn one_address_cannot_take_all_connections_without_signing_in() {
    let house = House::with(|config| config.max_newcomers = 2).await;
    let connect = async || TcpStream::connect(house.url.strip_prefix("http://").unwrap()).await.unwrap();
    let (first, second, mut third) = (connect().await, connect().await, connect().await);
    // a reset, where the system does not even tell the end
    let mut room = [0; 1];
    let end = tokio::time::timeout(Duration::from_secs(60), third.read(&mut room)).await;
    assert!(matches!(end.expect("the third is closed"), Ok(0) | Err(_)));
    assert!(ask(first, "/healthz").await.ends_with("ok\n"));
    let metrics = ask(second, "/metrics").await;
    assert!(metrics.contains("tidings_connections_refused_total 1\n"), "{metrics}");
}

#[tokio::test]
async fn who_has_signed_in_is_no_newcomer() {
    let house = House::with(|config| config.max_newcomers = 2).await;
    // on the one connection that the client keeps
    let session = house.login("alice").await;
    let mut wires = Vec::new();
    for _ in 0..4 {
        let mut wire = house.connect_by_token(&session.access_token).await;
        wire.until_pong().await;
        wires.push(wire);
    }
    for wire in &mut wires {
        assert!(wire.until_pong().await.is_empty());
    }
}

#[tokio::test]
async fn a_database_that_takes_no_writes_is_not_healthy() {
    let house = House::open().await;
    let database = rusqlite::Connection::open(house.folder.path().join("server.db")).unwrap();
    let block = "CREATE TRIGGER full BEFORE INSERT ON meta BEGIN SELECT RAISE(ABORT, 'disk full'); END";
    database.execute_batch(block).unwrap();
    let response = house.http.get(format!("{}/healthz", house.url)).send().await.unwrap();
    assert_eq!(code(response, 503).await, "DATABASE_FAILED");
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
