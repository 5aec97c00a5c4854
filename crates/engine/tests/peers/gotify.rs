//! Gotify: from signing in to signing out, and all that goes wrong in between.

use std::time::Duration;

use serde_json::json;
use tidings_engine::{
    CauseKind, Dialect, Endpoint, MemoryStore, Options, SignInError, SignedIn, delete, sign_in,
    sign_in_with_token, sign_out,
};
use tidings_peers::{Edition, Gotify, GotifyOptions};
use tidings_protocol::{Priority, Secret};

use crate::owner::{Owner, device, transport};

async fn gotify() -> Gotify {
    Gotify::start(GotifyOptions::default()).await.unwrap()
}

fn endpoint(gotify: &Gotify) -> Endpoint {
    Endpoint::parse(&gotify.url(), Dialect::Gotify, false).unwrap()
}

async fn signed_in(gotify: &Gotify) -> SignedIn {
    let password = Secret::from(Gotify::PASSWORD);
    sign_in(&transport(), &endpoint(gotify), Gotify::USER, &password, &device()).await.unwrap()
}

async fn owner(gotify: &Gotify) -> Owner {
    let SignedIn { session, baseline } = signed_in(gotify).await;
    let mut owner = Owner::signed_in(endpoint(gotify), session, baseline).await;
    owner.caught_up().await;
    owner
}

fn publish(gotify: &Gotify, title: &str) -> u64 {
    gotify.publish(&json!({ "title": title, "message": "m", "priority": 5 }))
}

#[tokio::test]
async fn a_client_is_made_and_deleted_in_both_versions() {
    for edition in [Edition::Two, Edition::Three] {
        let gotify = Gotify::start(GotifyOptions { edition, ..GotifyOptions::default() }).await.unwrap();
        let SignedIn { session, .. } = signed_in(&gotify).await;
        assert_eq!(gotify.clients(), ["Tidings on desk"]);
        assert_eq!(session.user.as_ref().map(|user| user.name.as_str()), Some(Gotify::USER));
        sign_out(&transport(), &endpoint(&gotify), &session).await.unwrap();
        assert!(gotify.clients().is_empty(), "{edition:?}");
    }
}

#[tokio::test]
async fn a_wrong_password_and_a_wrong_token_are_told_from_the_rest() {
    let gotify = gotify().await;
    let at = endpoint(&gotify);
    let wrong = sign_in(&transport(), &at, Gotify::USER, &Secret::from("wrong"), &device()).await;
    assert_eq!(wrong, Err(SignInError::InvalidCredentials));
    let wrong = sign_in_with_token(&transport(), &at, &Secret::from("Cwrong")).await;
    assert_eq!(wrong, Err(SignInError::TokenRefused));
    let own = Secret::from(gotify.client("my own").as_str());
    let SignedIn { session, .. } = sign_in_with_token(&transport(), &at, &own).await.unwrap();
    sign_out(&transport(), &at, &session).await.unwrap();
    assert_eq!(gotify.clients(), ["my own"], "a token of one's own is left alone");
}

#[tokio::test]
async fn a_message_comes_with_its_applications_name_and_picture() {
    let gotify = gotify().await;
    publish(&gotify, "before anybody listened");
    let mut owner = owner(&gotify).await;
    publish(&gotify, "live");
    let arrival = owner.arrivals(1).await.remove(0);
    assert_eq!((arrival.notification.title.as_str(), arrival.replayed), ("live", false));
    assert_eq!(arrival.notification.priority, Priority::Default);
    assert_eq!(arrival.notification.topic.as_deref(), Some("Backups"));
    // one that was made since is asked for
    let new = gotify.application("Doorbell", Some(b"\x89PNG"));
    gotify.publish_from(new.id, &json!({ "title": "ring", "message": "m" }));
    let arrival = owner.arrivals(1).await.remove(0);
    assert_eq!(arrival.notification.topic.as_deref(), Some("Doorbell"));
    assert!(arrival.notification.icon_url.unwrap().starts_with(&gotify.url()));
}

#[tokio::test]
async fn five_hundred_that_were_missed_come_once_and_in_order() {
    let gotify = gotify().await;
    let owner = owner(&gotify).await;
    let store = owner.shutdown().await;
    let titles: Vec<_> = (0..500).map(|number| format!("n{number}")).collect();
    for title in &titles {
        publish(&gotify, title);
    }
    let mut owner = Owner::begin(endpoint(&gotify), store, Options::default());
    assert_eq!(owner.titles(500).await, titles);
    assert_eq!(owner.again, 0);
    publish(&gotify, "live");
    assert_eq!(owner.titles(1).await, ["live"]);
}

#[tokio::test]
async fn a_connection_that_ends_without_a_word_loses_nothing() {
    let gotify = gotify().await;
    let mut owner = owner(&gotify).await;
    for round in 0..3 {
        publish(&gotify, "live");
        owner.arrivals(1).await;
        gotify.drop_sockets();
        for missed in 0..5 {
            publish(&gotify, &format!("{round} {missed}"));
        }
        let wanted: Vec<_> = (0..5).map(|missed| format!("{round} {missed}")).collect();
        assert_eq!(owner.titles(5).await, wanted);
    }
    let counts = gotify.counts();
    assert_eq!((counts.most_open, counts.longest_frame), (1, 0), "one socket, on which nothing is said");
}

#[tokio::test]
async fn a_number_that_commits_late_is_not_passed_over() {
    let gotify = gotify().await;
    let mut owner = owner(&gotify).await;
    let late = gotify.hold(&json!({ "title": "late", "message": "m" }));
    publish(&gotify, "early");
    assert_eq!(owner.titles(1).await, ["early"]);
    let store = owner.shutdown().await;
    gotify.commit(late);
    let mut owner = Owner::begin(endpoint(&gotify), store, Options::default());
    assert_eq!(owner.titles(1).await, ["late"]);
}

#[tokio::test]
async fn what_was_there_before_the_sign_in_is_not_news() {
    let gotify = gotify().await;
    for _ in 0..30 {
        publish(&gotify, "old");
    }
    let mut owner = owner(&gotify).await;
    gotify.drop_sockets();
    publish(&gotify, "new");
    assert_eq!(owner.titles(1).await, ["new"]);
}

#[tokio::test]
async fn a_client_that_was_deleted_asks_for_a_sign_in_at_once() {
    let gotify = gotify().await;
    let owner = owner(&gotify).await;
    gotify.revoke_all();
    assert_eq!(owner.stopped().await, CauseKind::SignInNeeded);
    let strangers = gotify.counts().strangers;
    assert_eq!(strangers, 1, "and is not tried again");
}

#[tokio::test]
async fn silence_is_noticed() {
    let gotify = gotify().await;
    let SignedIn { session, baseline } = signed_in(&gotify).await;
    let store = MemoryStore::signed_in(session);
    store.advance(baseline.unwrap()).await;
    let keepalive = Some(Duration::from_millis(200));
    let deadlines = tidings_engine::Deadlines { pong: Duration::from_millis(200), ..Default::default() };
    let options = Options { keepalive, deadlines, ..Options::default() };
    let mut owner = Owner::begin(endpoint(&gotify), store, options);
    owner.caught_up().await;
    gotify.go_silent();
    owner.waits().await;
    gotify.speak_again();
    publish(&gotify, "after the silence");
    assert_eq!(owner.titles(1).await, ["after the silence"]);
}

#[tokio::test]
async fn a_server_that_is_away_is_waited_for() {
    let mut gotify = gotify().await;
    let mut owner = owner(&gotify).await;
    gotify.stop().await;
    owner.waits().await;
    gotify.start_again().await.unwrap();
    publish(&gotify, "back");
    assert_eq!(owner.titles(1).await, ["back"]);
}

#[tokio::test]
async fn deleting_reaches_the_server_and_what_is_gone_is_gone() {
    let gotify = gotify().await;
    let SignedIn { session, baseline } = signed_in(&gotify).await;
    let mut owner = Owner::signed_in(endpoint(&gotify), session.clone(), baseline).await;
    let number = publish(&gotify, "short-lived");
    let id = owner.arrivals(1).await.remove(0).notification.id.unwrap();
    assert!(gotify.messages().contains(&number));
    for _ in 0..2 {
        delete(&transport(), &endpoint(&gotify), &session, std::slice::from_ref(&id)).await.unwrap();
        assert!(!gotify.messages().contains(&number));
    }
}
