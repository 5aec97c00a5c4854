//! From sign-in to notification, through restarts and ends.

use tidings_engine::{CauseKind, Event, MemoryStore, Retry, Store as _, Transport, sign_out};
use tidings_protocol::{Flow, Secret};

use crate::house::{Client, House};

#[tokio::test]
async fn both_flows_bring_what_is_published() {
    let house = House::new().await;
    for flow in [Flow::Ticket, Flow::Token] {
        let mut client = house.connect(flow).await;
        house.publish("hello").await;
        let arrival = client.arrival().await;
        assert_eq!(arrival.notification.title, "hello");
        assert!(arrival.epoch.is_some() && arrival.notification.seq.is_some() && !arrival.replayed);
        client.connection.shutdown().await;
    }
}

#[tokio::test]
async fn what_was_missed_comes_in_order_and_once() {
    let house = House::new().await;
    let mut client = house.connect(Flow::Ticket).await;
    house.publish("0").await;
    assert_eq!(client.arrival().await.notification.title, "0");
    let (endpoint, store) = (house.endpoint(Flow::Token), client.store.clone());
    client.connection.shutdown().await;
    for title in 1..=200 {
        house.publish(&title.to_string()).await;
    }
    let mut client = Client::start(endpoint, store).await;
    for title in 1..=200 {
        let arrival = client.arrival().await;
        assert_eq!(
            (arrival.notification.title.as_str(), arrival.replayed),
            (title.to_string().as_str(), true)
        );
    }
    match client.event().await {
        Event::Resumed(resumed) => assert!(resumed.complete),
        other => panic!("{other:?}"),
    }
    house.publish("live").await;
    let arrival = client.arrival().await;
    assert_eq!((arrival.notification.title.as_str(), arrival.replayed), ("live", false));
}

#[tokio::test]
async fn what_came_before_the_first_sign_in_stays_there() {
    let house = House::new().await;
    house.publish("old").await;
    let mut client = house.connect(Flow::Ticket).await;
    house.publish("new").await;
    assert_eq!(client.arrival().await.notification.title, "new");
}

#[tokio::test]
async fn a_server_that_says_goodbye_and_returns_is_met_again() {
    let mut house = House::with(|config| config.reconnect_after_ms = [10, 20]).await;
    let mut client = house.connect(Flow::Ticket).await;
    house.publish("before").await;
    client.arrival().await;
    house.stop().await;
    loop {
        if let Event::ReconnectScheduled { cause, delay, .. } = client.event().await {
            assert_eq!(cause.kind, CauseKind::Restarting);
            assert!((10..=20).contains(&delay.as_millis()), "{delay:?}");
            break;
        }
    }
    house.start().await;
    house.publish("after").await;
    assert_eq!(client.arrival().await.notification.title, "after");
}

#[tokio::test]
async fn a_server_that_dies_and_returns_is_met_again() {
    let mut house = House::new().await;
    let mut client = house.connect(Flow::Token).await;
    house.publish("before").await;
    client.arrival().await;
    house.kill().await;
    let (kind, _, retry) = client.disconnected().await;
    assert_eq!(kind, CauseKind::Unreachable);
    assert!(matches!(retry, Retry::At(_)));
    house.start().await;
    house.publish("after").await;
    client.connection.reconnect();
    assert_eq!(client.arrival().await.notification.title, "after");
}

#[tokio::test]
async fn a_token_about_to_expire_is_renewed_first() {
    let house = House::with(|config| config.access_token_life = std::time::Duration::from_secs(20)).await;
    let session = house.session().await;
    let before = session.refresh_token.clone();
    let client = Client::start(house.endpoint(Flow::Ticket), MemoryStore::signed_in(session)).await;
    let stored = client.store.load().await.unwrap().unwrap();
    assert!(stored.refresh_token.is_some() && stored.refresh_token != before, "the rotated token is stored");
}

#[tokio::test]
async fn a_token_that_the_server_refuses_is_renewed_and_works() {
    let house = House::new().await;
    for flow in [Flow::Ticket, Flow::Token] {
        let mut session = house.session().await;
        session.access_token = Secret::from("garbled");
        session.expires_at = None;
        let mut client = Client::start(house.endpoint(flow), MemoryStore::signed_in(session)).await;
        house.publish("hello").await;
        assert_eq!(client.arrival().await.notification.title, "hello");
    }
}

#[tokio::test]
async fn a_session_that_cannot_be_renewed_ends_with_a_sign_in() {
    let house = House::new().await;
    for flow in [Flow::Ticket, Flow::Token] {
        let mut session = house.session().await;
        session.access_token = Secret::from("garbled");
        session.refresh_token = Some(Secret::from("garbled too"));
        session.expires_at = None;
        let client = Client::begin(house.endpoint(flow), MemoryStore::signed_in(session));
        let (kind, detail, retry) = client.disconnected().await;
        assert_eq!((kind, retry), (CauseKind::SignInNeeded, Retry::No), "{detail}");
        let store = client.store.clone();
        client.connection.shutdown().await;
        assert_eq!(store.load().await, Ok(None));
    }
}

#[tokio::test]
async fn signing_out_ends_the_connection_for_good() {
    let house = House::new().await;
    let client = house.connect(Flow::Ticket).await;
    let session = client.store.load().await.unwrap().unwrap();
    sign_out(&Transport::new().unwrap(), &house.endpoint(Flow::Ticket), &session).await.unwrap();
    let (kind, detail, retry) = client.disconnected().await;
    assert_eq!((kind, retry), (CauseKind::SignInNeeded, Retry::No), "{detail}");
    assert_eq!(detail, "closed with 1008 NOT_AUTHORIZED");
}

#[tokio::test]
async fn what_is_read_on_one_device_is_read_on_the_other() {
    let house = House::new().await;
    let mut desk = house.connect(Flow::Ticket).await;
    let mut lap = house.connect(Flow::Token).await;
    house.publish("hello").await;
    let id = desk.arrival().await.notification.id.unwrap();
    lap.arrival().await;
    desk.connection.mark_read(vec![id.clone()]);
    loop {
        if let Event::Read { ids, .. } = lap.event().await {
            assert_eq!(ids, [id]);
            break;
        }
    }
}

#[tokio::test]
async fn a_disconnect_lasts_until_connect() {
    let house = House::new().await;
    let mut client = house.connect(Flow::Ticket).await;
    client.connection.disconnect();
    assert_eq!(client.disconnected().await.0, CauseKind::Stopped);
    client.connection.connect();
    client.connected().await;
}
