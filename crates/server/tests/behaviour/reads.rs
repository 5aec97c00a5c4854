//! §3: `read`, here and on other devices.

use tidings_protocol::{ClientMessage, Notification, ServerMessage};

use crate::support::{House, Wire};

fn id(notification: Notification) -> String {
    notification.id.unwrap()
}

async fn read(wire: &mut Wire) -> Vec<String> {
    match wire.recv().await {
        ServerMessage::Read { ids } => ids,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_read_is_told_to_the_other_devices_once_and_not_to_the_reader() {
    let house = House::open().await;
    let (mut here, _) = house.connect(&house.login("alice").await).await;
    let (mut there, _) = house.connect(&house.login("alice").await).await;
    house.publish(1).await;
    let known = id(here.notification().await);
    there.notification().await;
    let message = ClientMessage::Read { ids: vec![known.clone(), "unknown".to_owned()] };
    here.send(&message).await;
    assert_eq!(read(&mut there).await, std::slice::from_ref(&known));
    here.send(&message).await;
    assert!(here.until_pong().await.is_empty());
    assert!(there.until_pong().await.is_empty());
}

#[tokio::test]
async fn a_device_that_was_away_is_told_of_reads_until_it_has_confirmed_them() {
    let house = House::open().await;
    let away = house.login("alice").await;
    let (mut here, _) = house.connect(&house.login("alice").await).await;
    house.publish(1).await;
    let known = id(here.notification().await);
    here.send(&ClientMessage::Read { ids: vec![known.clone()] }).await;
    here.until_pong().await;

    // gone before it could answer
    let (mut back, _) = house.connect(&away).await;
    assert_eq!(read(&mut back).await, std::slice::from_ref(&known));
    drop(back);
    let (mut back, _) = house.connect(&away).await;
    assert_eq!(read(&mut back).await, std::slice::from_ref(&known));
    // reading on answers the mark that came with it, and the server has taken that before it answers a second ping
    back.until_pong().await;
    back.until_pong().await;
    drop(back);
    let (mut back, _) = house.connect(&away).await;
    assert!(back.until_pong().await.is_empty());
}

#[tokio::test]
async fn a_replay_tells_what_was_read_before_it_tells_the_notification() {
    let house = House::open().await;
    let (mut here, success) = house.connect(&house.login("alice").await).await;
    house.publish(2).await;
    let first = id(here.notification().await);
    here.notification().await;
    here.send(&ClientMessage::Read { ids: vec![first.clone()] }).await;
    here.until_pong().await;
    // a session that starts now has missed no reads, but it replays the notification
    let (mut new, _) = house.connect(&house.login("alice").await).await;
    new.resume(&success.epoch.unwrap(), 0).await;
    assert_eq!(read(&mut new).await, std::slice::from_ref(&first));
    assert_eq!(id(new.notification().await), first);
    new.notification().await;
    assert!(matches!(new.recv().await, ServerMessage::Resumed(resumed) if resumed.complete));
}

#[tokio::test]
async fn reads_that_find_no_place_in_the_queue_are_told_all_the_same() {
    let house = House::with(|config| config.socket_queue = 2).await;
    let (mut here, success) = house.connect(&house.login("alice").await).await;
    let mut known = Vec::new();
    for _ in 0..12 {
        house.publish(1).await;
        known.push(id(here.notification().await));
    }
    drop(here);
    let backlog = house.publish_body(300, &"x".repeat(32 * 1024)).await;
    let (mut narrow, _) = house.connect_narrow(&house.login("alice").await).await;
    narrow.resume(&success.epoch.unwrap(), 12).await;
    narrow.notification().await;
    // the replay stands still, as nobody reads; six times what the queue holds is read elsewhere
    let (mut here, _) = house.connect(&house.login("alice").await).await;
    for one in &known {
        here.send(&ClientMessage::Read { ids: vec![one.clone()] }).await;
        here.until_pong().await;
    }
    let mut told = Vec::new();
    loop {
        match narrow.recv().await {
            ServerMessage::Read { ids } => told.extend(ids),
            ServerMessage::Resumed(resumed) => break assert_eq!(resumed.head, backlog),
            _ => {}
        }
    }
    narrow.until_pong().await.into_iter().for_each(|said| {
        if let ServerMessage::Read { ids } = said {
            told.extend(ids);
        }
    });
    assert_eq!(told, known);
}
