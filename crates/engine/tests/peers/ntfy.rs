//! ntfy: from signing in to signing out, and all that goes wrong in between.

use std::time::Duration;

use serde_json::json;
use tidings_engine::{
    CauseKind, Dialect, Endpoint, Following, MemoryStore, Options, SignInError, SignedIn, check_topics,
    sign_in, sign_in_with_token, sign_out,
};
use tidings_peers::{Access, Ntfy, NtfyOptions};
use tidings_protocol::Secret;
use time::OffsetDateTime;

use crate::owner::{Owner, device, transport};

async fn ntfy() -> Ntfy {
    Ntfy::start(NtfyOptions::default()).await.unwrap()
}

fn endpoint(ntfy: &Ntfy, topics: &[&str]) -> Endpoint {
    let since = OffsetDateTime::now_utc();
    let topics = topics.iter().map(|topic| Following { topic: (*topic).to_owned(), since }).collect();
    Endpoint { topics, ..Endpoint::parse(&ntfy.url(), Dialect::Ntfy, false).unwrap() }
}

async fn signed_in(ntfy: &Ntfy) -> SignedIn {
    let password = Secret::from(Ntfy::PASSWORD);
    sign_in(&transport(), &endpoint(ntfy, &[]), Ntfy::USER, &password, &device()).await.unwrap()
}

/// Somebody who has heard the greeting, so that whatever is published from now on is told.
async fn listening(endpoint: Endpoint) -> Owner {
    let mut owner = Owner::anonymous(endpoint);
    owner.connected().await;
    while tidings_engine::Store::cursor(&owner.store).await.unwrap().is_none() {
        owner.take().await;
    }
    owner
}

fn publish(ntfy: &Ntfy, topic: &str, title: &str) {
    ntfy.publish(topic, &json!({ "title": title, "message": "m" }));
}

#[tokio::test]
async fn a_token_is_made_and_deleted() {
    let ntfy = ntfy().await;
    let SignedIn { session, .. } = signed_in(&ntfy).await;
    assert_eq!(ntfy.tokens().len(), 1);
    sign_out(&transport(), &endpoint(&ntfy, &[]), &session).await.unwrap();
    assert!(ntfy.tokens().is_empty());
}

#[tokio::test]
async fn a_wrong_password_and_a_wrong_token_are_told_from_the_rest() {
    let ntfy = ntfy().await;
    let at = endpoint(&ntfy, &[]);
    let wrong = sign_in(&transport(), &at, Ntfy::USER, &Secret::from("wrong"), &device()).await;
    assert_eq!(wrong, Err(SignInError::InvalidCredentials));
    let wrong = sign_in_with_token(&transport(), &at, &Secret::from("tk_wrong")).await;
    assert_eq!(wrong, Err(SignInError::TokenRefused));
    let own = Secret::from(ntfy.token("mine").as_str());
    let SignedIn { session, .. } = sign_in_with_token(&transport(), &at, &own).await.unwrap();
    sign_out(&transport(), &at, &session).await.unwrap();
    assert_eq!(ntfy.tokens().len(), 1, "a token of one's own is left alone");
}

#[tokio::test]
async fn nobody_in_particular_follows_several_topics_on_one_socket() {
    let ntfy = ntfy().await;
    let mut owner = listening(endpoint(&ntfy, &["a", "b"])).await;
    publish(&ntfy, "a", "one");
    publish(&ntfy, "c", "of no interest");
    publish(&ntfy, "b", "two");
    assert_eq!(owner.titles(2).await, ["one", "two"]);
    let counts = ntfy.counts();
    assert_eq!((counts.most_open, counts.longest_frame), (1, 0), "one socket, on which nothing is said");
}

#[tokio::test]
async fn five_hundred_that_were_missed_come_once_and_in_order() {
    let ntfy = ntfy().await;
    let at = endpoint(&ntfy, &["a"]);
    let owner = listening(at.clone()).await;
    let store = owner.shutdown().await;
    let titles: Vec<_> = (0..500).map(|number| format!("n{number}")).collect();
    for title in &titles {
        publish(&ntfy, "a", title);
    }
    let options = || Options { anonymous: true, ..Options::default() };
    let mut owner = Owner::begin(at, store, options());
    assert_eq!(owner.titles(500).await, titles);
    publish(&ntfy, "a", "live");
    assert_eq!(owner.titles(1).await, ["live"]);
}

#[tokio::test]
async fn a_connection_that_ends_without_a_word_loses_nothing() {
    let ntfy = ntfy().await;
    let mut owner = listening(endpoint(&ntfy, &["a"])).await;
    for round in 0..3 {
        publish(&ntfy, "a", "live");
        owner.arrivals(1).await;
        ntfy.drop_sockets();
        for missed in 0..5 {
            publish(&ntfy, "a", &format!("{round} {missed}"));
        }
        let wanted: Vec<_> = (0..5).map(|missed| format!("{round} {missed}")).collect();
        assert_eq!(owner.titles(5).await, wanted);
    }
    assert_eq!(ntfy.counts().most_open, 1);
}

#[tokio::test]
async fn a_history_that_has_aged_out_brings_nothing_twice() {
    let ntfy = ntfy().await;
    let at = endpoint(&ntfy, &["a"]);
    let mut owner = listening(at.clone()).await;
    for title in ["one", "two", "three"] {
        publish(&ntfy, "a", title);
    }
    owner.arrivals(3).await;
    ntfy.age_out(0);
    ntfy.drop_sockets();
    publish(&ntfy, "a", "four");
    assert_eq!(owner.titles(1).await, ["four"]);
    assert_eq!(owner.again, 0);
}

#[tokio::test]
async fn what_is_cleared_or_deleted_elsewhere_is_here_too() {
    let ntfy = ntfy().await;
    let mut owner = listening(endpoint(&ntfy, &["a"])).await;
    let said = ntfy.publish("a", &json!({ "message": "m" }));
    let id = said["id"].as_str().unwrap().to_owned();
    owner.arrivals(1).await;
    ntfy.clear("a", &id);
    ntfy.delete("a", &id);
    owner.until(|owner| !owner.deleted.is_empty()).await;
    assert_eq!((owner.read.as_slice(), owner.deleted.as_slice()), ([id.clone()].as_slice(), [id].as_slice()));
    // neither comes back with the overlap
    ntfy.drop_sockets();
    owner.caught_up().await;
    assert_eq!(owner.again, 0);
}

#[tokio::test]
async fn a_poll_request_is_followed() {
    let ntfy = ntfy().await;
    let mut owner = listening(endpoint(&ntfy, &["a"])).await;
    let before = ntfy.counts().catch_ups;
    ntfy.poll_request("a");
    owner.caught_up().await;
    assert_eq!(ntfy.counts().catch_ups, before + 1);
}

#[tokio::test]
async fn a_topic_that_is_not_for_everybody_says_so() {
    let ntfy = ntfy().await;
    ntfy.allow(None, "secret", Access::Deny);
    let at = endpoint(&ntfy, &["a", "secret"]);
    let forbidden = check_topics(&transport(), &at, None).await;
    assert_eq!(forbidden, Err(SignInError::TopicForbidden("secret".into())));
    assert_eq!(Owner::anonymous(at.clone()).stopped().await, CauseKind::SignInNeeded);
    // who is signed in and may not is not sent to sign in again
    let SignedIn { session, .. } = signed_in(&ntfy).await;
    ntfy.allow(Some(Ntfy::USER), "secret", Access::Deny);
    let forbidden = check_topics(&transport(), &at, Some(&session)).await;
    assert_eq!(forbidden, Err(SignInError::TopicForbidden("secret".into())));
    let owner = Owner::signed_in(at, session.clone(), None).await;
    assert_eq!(owner.stopped().await, CauseKind::Blocked);
    let none = check_topics(&transport(), &endpoint(&ntfy, &["a", "b/c"]), Some(&session)).await;
    assert_eq!(none, Err(SignInError::NoTopic("b/c".into())));
    assert_eq!(check_topics(&transport(), &endpoint(&ntfy, &["a"]), Some(&session)).await, Ok(()));
}

#[tokio::test]
async fn a_token_that_was_revoked_stops_the_next_attempt() {
    let ntfy = ntfy().await;
    let SignedIn { session, .. } = signed_in(&ntfy).await;
    let token = session.access_token.expose().to_owned();
    let mut owner = Owner::signed_in(endpoint(&ntfy, &["a"]), session, None).await;
    owner.connected().await;
    ntfy.revoke(&token);
    publish(&ntfy, "a", "the socket stands");
    owner.arrivals(1).await;
    ntfy.drop_sockets();
    assert_eq!(owner.stopped().await, CauseKind::SignInNeeded);
    assert_eq!(ntfy.counts().strangers, 1, "failed sign-ins are counted there");
}

#[tokio::test]
async fn a_server_with_no_room_is_left_in_peace() {
    let full = NtfyOptions { most_sockets: 0, ..NtfyOptions::default() };
    let ntfy = Ntfy::start(full).await.unwrap();
    let owner = Owner::anonymous(endpoint(&ntfy, &["a"]));
    assert_eq!(owner.waits().await, CauseKind::ServerBusy);
}

#[tokio::test]
async fn silence_is_noticed() {
    let ntfy = ntfy().await;
    let keepalive = Some(Duration::from_millis(200));
    let deadlines = tidings_engine::Deadlines { pong: Duration::from_millis(200), ..Default::default() };
    let options = Options { anonymous: true, keepalive, deadlines, ..Options::default() };
    let mut owner = Owner::begin(endpoint(&ntfy, &["a"]), MemoryStore::new(), options);
    owner.connected().await;
    ntfy.go_silent();
    owner.waits().await;
    ntfy.speak_again();
    publish(&ntfy, "a", "after the silence");
    assert_eq!(owner.titles(1).await, ["after the silence"]);
}
