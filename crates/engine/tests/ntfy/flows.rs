use serde_json::json;
use tidings_engine::{CauseKind, Dialect, Event, SignInError, Transport, check_topics, detect, sign_out};
use tidings_peers::Ntfy;
use tidings_protocol::Priority;

use crate::{
    client::{Client, endpoint, log_in},
    house::House,
};

/// Each flow twice.
macro_rules! flows {
    ($($flow:ident)*) => {
        mod model {
            $(#[tokio::test] async fn $flow() { super::$flow(super::House::model().await).await; })*
        }
        mod real {
            $(#[tokio::test] #[ignore = "needs ntfy"] async fn $flow() { super::$flow(super::House::real().await).await; })*
        }
    };
}

flows! {
    it_is_found_signed_in_to_and_left_without_a_trace
    what_is_published_arrives_and_what_is_withdrawn_is_told
    what_was_missed_arrives_once_whoever_was_away
    what_was_changed_while_nobody_was_there_arrives_as_it_is_in_the_end
    what_was_scheduled_before_something_that_has_arrived_is_not_passed_over
    bytes_that_are_no_text_are_told_as_such
    a_token_that_is_void_ends_it_at_the_next_handshake
}

async fn it_is_found_signed_in_to_and_left_without_a_trace(house: House) {
    let transport = Transport::new().unwrap();
    house.keeps_to_the_user("secret").await;
    let endpoint = endpoint(&house, &["doors", "secret"]);
    let found = detect(&transport, &endpoint).await.unwrap();
    assert_eq!((found.dialects, found.guests), (vec![Dialect::Ntfy], true));
    let forbidden = check_topics(&transport, &endpoint, None).await.unwrap_err();
    assert_eq!(forbidden, SignInError::TopicForbidden("secret".into()));
    assert_eq!(log_in(&endpoint, "not her password").await.unwrap_err(), SignInError::InvalidCredentials);
    let session = log_in(&endpoint, Ntfy::PASSWORD).await.unwrap().session;
    assert_eq!(session.expires_at, None, "a token that ends by itself would sign her out");
    check_topics(&transport, &endpoint, Some(&session)).await.unwrap();
    sign_out(&transport, &endpoint, &session).await.unwrap();
    let void = check_topics(&transport, &endpoint, Some(&session)).await.unwrap_err();
    assert_eq!(void, SignInError::TokenRefused);
}

async fn what_is_published_arrives_and_what_is_withdrawn_is_told(house: House) {
    let endpoint = endpoint(&house, &["doors", "windows"]);
    let session = log_in(&endpoint, Ntfy::PASSWORD).await.unwrap().session;
    let mut client = Client::start(&endpoint, session);
    client.connected().await;
    let full = json!({
        "title": "Open", "message": "since noon", "priority": 5, "tags": ["warning"], "click": "https://example.com/",
        "sequence_id": "door-1", "actions": [{ "action": "copy", "label": "Code", "value": "4711" }]
    });
    house.publish("doors", full).await;
    let arrival = client.arrival().await;
    let notification = &arrival.notification;
    assert!(!arrival.replayed);
    assert_eq!((notification.title.as_str(), notification.body.as_str()), ("Open", "since noon"));
    assert_eq!(notification.priority, Priority::Urgent);
    assert_eq!(notification.topic.as_deref(), Some("doors"));
    assert_eq!(notification.actions.len(), 1);
    assert_eq!(notification.replaces.as_deref(), Some("door-1"), "by this it is withdrawn");
    house.clear("doors", "door-1").await;
    let read = client.find(|event| if let Event::Read { ids, .. } = event { Some(ids) } else { None }).await;
    assert_eq!(read, ["door-1"]);
    house.delete("doors", "door-1").await;
    let gone =
        client.find(|event| if let Event::Deleted { ids, .. } = event { Some(ids) } else { None }).await;
    assert_eq!(gone, ["door-1"]);
}

async fn what_was_missed_arrives_once_whoever_was_away(mut house: House) {
    let endpoint = endpoint(&house, &["doors", "windows"]);
    let session = log_in(&endpoint, Ntfy::PASSWORD).await.unwrap().session;
    let mut client = Client::start(&endpoint, session);
    client.connected().await;
    house.publish("doors", json!({ "message": "live" })).await;
    assert_eq!(client.titles(1).await, ["live"]);
    // the client
    let kept = client.closed().await;
    for text in ["one", "two", "three"] {
        house.publish("windows", json!({ "message": text })).await;
    }
    let mut client = Client::opened_again(&endpoint, kept);
    assert_eq!(sorted(client.titles(3).await), ["one", "three", "two"]);
    // the server
    house.stop().await;
    client.find(|event| matches!(event, Event::ReconnectScheduled { .. }).then_some(())).await;
    house.start_again().await;
    house.publish("doors", json!({ "message": "after" })).await;
    assert_eq!(client.titles(1).await, ["after"]);
}

async fn what_was_changed_while_nobody_was_there_arrives_as_it_is_in_the_end(house: House) {
    let endpoint = endpoint(&house, &["doors", "windows"]);
    let session = log_in(&endpoint, Ntfy::PASSWORD).await.unwrap().session;
    let mut client = Client::start(&endpoint, session);
    client.connected().await;
    house.publish("doors", json!({ "message": "live" })).await;
    assert_eq!(client.titles(1).await, ["live"]);
    let kept = client.closed().await;
    for text in ["ajar", "open", "shut"] {
        house.publish("doors", json!({ "message": text, "sequence_id": "door-1" })).await;
    }
    let withdrawn = house.publish("windows", json!({ "message": "withdrawn" })).await;
    house.delete("windows", &withdrawn).await;
    house.publish("windows", json!({ "message": "last" })).await;
    let mut client = Client::opened_again(&endpoint, kept);
    assert_eq!(sorted(client.titles(2).await), ["last", "shut"]);
}

/// It was stored before the other, is told after it, and its time is between the two or later.
async fn what_was_scheduled_before_something_that_has_arrived_is_not_passed_over(house: House) {
    let endpoint = endpoint(&house, &["doors"]);
    let session = log_in(&endpoint, Ntfy::PASSWORD).await.unwrap().session;
    let mut client = Client::start(&endpoint, session);
    client.connected().await;
    house.publish("doors", json!({ "message": "later", "delay": "10s" })).await;
    house.publish("doors", json!({ "message": "now" })).await;
    assert_eq!(client.titles(1).await, ["now"]);
    let kept = client.closed().await;
    house.delivers("doors", "later").await;
    house.publish("doors", json!({ "message": "after" })).await;
    let mut client = Client::opened_again(&endpoint, kept);
    assert_eq!(sorted(client.titles(2).await), ["after", "later"]);
}

async fn bytes_that_are_no_text_are_told_as_such(house: House) {
    let endpoint = endpoint(&house, &["doors"]);
    let session = log_in(&endpoint, Ntfy::PASSWORD).await.unwrap().session;
    let mut client = Client::start(&endpoint, session);
    client.connected().await;
    house.put("doors", "up=1", &[0xff, 0x00, 0xfe]).await;
    let title = client.titles(1).await;
    assert_eq!(title, ["(binary, 3 bytes)"]);
}

async fn a_token_that_is_void_ends_it_at_the_next_handshake(mut house: House) {
    let endpoint = endpoint(&house, &["doors"]);
    let session = log_in(&endpoint, Ntfy::PASSWORD).await.unwrap().session;
    let mut client = Client::start(&endpoint, session.clone());
    client.connected().await;
    sign_out(&Transport::new().unwrap(), &endpoint, &session).await.unwrap();
    house.publish("doors", json!({ "message": "still heard" })).await;
    assert_eq!(client.titles(1).await, ["still heard"]);
    house.stop().await;
    house.start_again().await;
    assert_eq!(client.stopped().await, CauseKind::SignInNeeded);
}

/// Those of one second have no order.
fn sorted(mut titles: Vec<String>) -> Vec<String> {
    titles.sort();
    titles
}
