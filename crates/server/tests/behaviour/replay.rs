//! §3: `resume`, `resumed`, and the order of things.

use futures_util::StreamExt as _;
use tidings_protocol::{Decoded, Resumed, ServerMessage};
use tidings_server::{Admin, Retention};

use crate::support::{House, Wire};

/// Reads up to `resumed` and answers it with the `seq`s that came before.
async fn replayed(wire: &mut Wire) -> (Vec<u64>, Resumed) {
    let mut seqs = Vec::new();
    loop {
        match wire.recv().await {
            ServerMessage::Notification(notification) => seqs.push(notification.seq.unwrap()),
            ServerMessage::Resumed(resumed) => return (seqs, resumed),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn without_a_resume_only_new_ones_follow() {
    let house = House::open().await;
    house.publish(3).await;
    let (mut wire, _) = house.connect(&house.login("alice").await).await;
    house.publish(1).await;
    assert_eq!(wire.notification().await.seq, Some(4));
}

#[tokio::test]
async fn a_resume_replays_everything_after_the_cursor_in_order() {
    let house = House::open().await;
    house.publish(200).await;
    let (mut wire, success) = house.connect(&house.login("alice").await).await;
    let epoch = success.epoch.unwrap();
    wire.resume(&epoch, 7).await;
    let (seqs, resumed) = replayed(&mut wire).await;
    assert_eq!(seqs, (8..=200).collect::<Vec<_>>());
    assert_eq!(resumed, Resumed { epoch: epoch.clone(), head: 200, complete: true });
    house.publish(1).await;
    assert_eq!(wire.notification().await.seq, Some(201));
    // nothing missed: an empty replay
    wire.resume(&epoch, 201).await;
    assert_eq!(replayed(&mut wire).await, (Vec::new(), Resumed { epoch, head: 201, complete: true }));
}

/// More than the system holds for a client that does not read.
const MANY: usize = 300;

fn large() -> String {
    "x".repeat(32 * 1024)
}

#[tokio::test]
async fn live_ones_never_overtake_the_replay_even_if_the_queue_overflows() {
    let house = House::with(|config| config.socket_queue = 2).await;
    let backlog = house.publish_body(MANY, &large()).await;
    let (mut wire, success) = house.connect_narrow(&house.login("alice").await).await;
    let epoch = success.epoch.unwrap();
    wire.resume(&epoch, 0).await;
    assert_eq!(wire.notification().await.seq, Some(1));
    // the replay stands still, as nobody reads; ten times what the queue holds arrives
    let last = house.publish(20).await;
    assert_eq!(last, backlog + 20);
    let (seqs, resumed) = replayed(&mut wire).await;
    assert_eq!(seqs, (2..=last).collect::<Vec<_>>());
    assert_eq!(resumed, Resumed { epoch, head: last, complete: true });
    house.publish(1).await;
    assert_eq!(wire.notification().await.seq, Some(last + 1));
}

#[tokio::test]
async fn another_epoch_gets_all_there_is_and_is_told_so() {
    let house = House::open().await;
    house.publish(3).await;
    let (mut wire, success) = house.connect(&house.login("alice").await).await;
    wire.resume("another", 99).await;
    let (seqs, resumed) = replayed(&mut wire).await;
    assert_eq!(seqs, [1, 2, 3]);
    assert_eq!(resumed, Resumed { epoch: success.epoch.unwrap(), head: 3, complete: false });
}

#[tokio::test]
async fn a_gap_that_was_pruned_is_told() {
    let house = House::with(|config| {
        config.retention = Retention { per_user: 4, ..Retention::default() };
    })
    .await;
    house.publish(10).await;
    house.admin.clean().await.unwrap();
    let (mut wire, success) = house.connect(&house.login("alice").await).await;
    let epoch = success.epoch.unwrap();
    wire.resume(&epoch, 5).await;
    let (seqs, resumed) = replayed(&mut wire).await;
    assert_eq!((seqs, resumed.complete), (vec![7, 8, 9, 10], false));
    wire.resume(&epoch, 6).await;
    let (seqs, resumed) = replayed(&mut wire).await;
    assert_eq!((seqs, resumed.complete), (vec![7, 8, 9, 10], true));
}

#[tokio::test]
async fn when_all_of_the_gap_was_pruned_the_cursor_still_moves_on() {
    let house = House::with(|config| {
        config.retention = Retention { per_user: 0, ..Retention::default() };
    })
    .await;
    house.publish(3).await;
    house.admin.clean().await.unwrap();
    let (mut wire, success) = house.connect(&house.login("alice").await).await;
    let epoch = success.epoch.unwrap();
    wire.resume(&epoch, 1).await;
    assert_eq!(replayed(&mut wire).await, (Vec::new(), Resumed { epoch, head: 3, complete: false }));
}

#[tokio::test]
async fn what_is_pruned_while_the_replay_is_under_way_is_a_gap_as_well() {
    let house = House::with(|config| {
        config.retention = Retention { per_user: 20, ..Retention::default() };
    })
    .await;
    let last = house.publish_body(MANY, &large()).await;
    let (mut wire, success) = house.connect_narrow(&house.login("alice").await).await;
    wire.resume(&success.epoch.unwrap(), 0).await;
    wire.notification().await;
    // the replay stands still, as nobody reads
    house.admin.clean().await.unwrap();
    let (seqs, resumed) = replayed(&mut wire).await;
    assert!((seqs.len() as u64) < last - 1, "{MANY} large ones are too few to fill the buffers");
    assert_eq!((seqs.last(), resumed.head, resumed.complete), (Some(&last), last, false));
}

#[tokio::test]
async fn what_another_process_published_comes_before_the_next_live_one() {
    let house = House::open().await;
    let (mut wire, _) = house.connect(&house.login("alice").await).await;
    let elsewhere = Admin::open(&house.folder.path().join("server.db")).await.unwrap();
    let request = serde_json::json!({"to": {"user": "alice"}, "title": "from elsewhere"});
    elsewhere.publish(serde_json::from_value(request).unwrap()).await.unwrap();
    house.publish(2).await;
    for seq in 1..=3 {
        assert_eq!(wire.notification().await.seq, Some(seq));
    }
    assert!(wire.until_pong().await.is_empty());
}

#[tokio::test]
async fn a_restart_keeps_sessions_epoch_and_everything_stored() {
    let house = House::open().await;
    let session = house.login("alice").await;
    let (wire, before) = house.connect(&session).await;
    drop(wire);
    house.publish(2).await;
    let house = House::within(house.close().await, |_| {}).await;
    let (mut wire, after) = house.connect(&session).await;
    assert_eq!((&before.epoch, after.head), (&after.epoch, Some(2)));
    wire.resume(&after.epoch.unwrap(), 0).await;
    assert_eq!(replayed(&mut wire).await.0, [1, 2]);
}

#[tokio::test]
async fn a_database_put_back_to_an_older_state_gets_a_new_epoch() {
    let house = House::open().await;
    house.publish(2).await;
    let session = house.login("alice").await;
    let (mut wire, before) = house.connect(&session).await;
    let old = before.epoch.unwrap();
    wire.resume(&old, 50).await;
    assert_eq!(wire.closed().await, (1012, "EPOCH_RENEWED".to_owned()));
    let (mut wire, after) = house.connect(&session).await;
    assert_ne!(after.epoch.as_deref(), Some(old.as_str()));
    wire.resume(&old, 50).await;
    let (seqs, resumed) = replayed(&mut wire).await;
    assert_eq!((seqs, resumed.complete, Some(resumed.epoch)), (vec![1, 2], false, after.epoch));
}

#[tokio::test]
async fn a_socket_that_does_not_read_is_closed_and_loses_nothing() {
    let house = House::with(|config| config.socket_queue = 4).await;
    let session = house.login("alice").await;
    let (mut wire, success) = house.connect_narrow(&session).await;
    let last = house.publish_body(MANY, &large()).await;
    let mut cursor = 0;
    // the close frame may not get through either: then the connection just ends
    while let Some(Ok(frame)) = wire.socket.next().await {
        let Ok(text) = frame.to_text() else { continue };
        if let Ok(Decoded::Message(ServerMessage::Notification(got))) = ServerMessage::decode(text) {
            cursor += 1;
            assert_eq!(got.seq, Some(cursor));
        }
    }
    assert!(cursor < last, "{MANY} large ones are too few to fill the buffers");
    let (mut wire, _) = house.connect(&session).await;
    assert_eq!(house.metric("tidings_sockets_slow_total").await, 1);
    wire.resume(&success.epoch.unwrap(), cursor).await;
    assert_eq!(replayed(&mut wire).await.0, (cursor + 1..=last).collect::<Vec<_>>());
}
