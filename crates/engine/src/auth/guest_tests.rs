//! A guest's session: whence it comes, and when another guest takes its place.

use tidings_protocol::{Device, Flow, Platform};

use super::*;
use crate::{
    MemoryStore,
    fakes::{PausedClock, Played, ToPlayed, played, refreshed, session},
};

type Guest = Tokens<MemoryStore, ToPlayed, PausedClock>;

fn guest(store: &MemoryStore) -> (Guest, Played) {
    let (reach, server) = played();
    let endpoint = Endpoint::parse("https://example.com", Flow::Ticket, false).unwrap();
    let device = Device { name: "desk".into(), platform: Platform::Linux };
    let tokens = Tokens::new(endpoint, Arc::new(store.clone()), reach, PausedClock::new());
    (tokens.of_guest(Some(device)), server)
}

fn asking(tokens: &Guest, newer_than: Option<u64>) -> tokio::task::JoinHandle<Result<Usable, Failure>> {
    let tokens = tokens.clone();
    tokio::spawn(async move { tokens.usable(newer_than).await })
}

async fn access_token(store: &MemoryStore) -> Option<Secret> {
    store.load().await.unwrap().map(|session| session.access_token)
}

#[tokio::test(start_paused = true)]
async fn where_there_is_no_session_a_guest_login_makes_one() {
    let store = MemoryStore::new();
    let (tokens, mut server) = guest(&store);
    let using = asking(&tokens, None);
    let asked = server.call(Place::Guest).await;
    assert!(asked.bearer().is_none() && asked.call.body.as_ref().unwrap().expose().contains("desk"));
    asked.answer(200, &refreshed("g1", "r1", 900));
    assert_eq!(using.await.unwrap().unwrap().secret, Secret::from("g1"));
    assert_eq!(access_token(&store).await, Some(Secret::from("g1")));
    assert_eq!(tokens.usable(None).await.unwrap().secret, Secret::from("g1"), "the cached one comes first");
    assert!(server.is_quiet());
}

#[tokio::test(start_paused = true)]
async fn a_guest_is_refreshed_before_another_takes_their_place() {
    let store = MemoryStore::signed_in(session("g1", Some("r1"), Some(10)));
    let (tokens, mut server) = guest(&store);
    let using = asking(&tokens, None);
    server.call(Place::Refresh).await.answer(200, &refreshed("g2", "r2", 900));
    assert_eq!(using.await.unwrap().unwrap().secret, Secret::from("g2"));

    let using = asking(&tokens, Some(2));
    server.call(Place::Refresh).await.answer(401, "");
    server.call(Place::Guest).await.answer(200, &refreshed("g3", "r3", 900));
    assert_eq!(using.await.unwrap().unwrap().secret, Secret::from("g3"));
    assert_eq!(access_token(&store).await, Some(Secret::from("g3")));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_busy_makes_no_other_guest() {
    let (tokens, mut server) = guest(&MemoryStore::signed_in(session("g1", Some("r1"), Some(10))));
    let using = asking(&tokens, None);
    server.call(Place::Refresh).await.answer(503, "");
    assert!(matches!(using.await.unwrap(), Err(Failure::Refused(Refusal { status: 503, .. }))));
    assert!(server.is_quiet());
}

#[tokio::test(start_paused = true)]
async fn a_guest_without_a_refresh_token_is_replaced_when_the_token_ends_and_not_before() {
    let (tokens, mut server) = guest(&MemoryStore::signed_in(session("g1", None, Some(900))));
    let facts = tokens.usable(None).await.unwrap().facts;
    assert!(facts.refreshable, "a refusal is cured by another guest");
    assert_eq!(facts.lives, None, "nothing is renewed ahead");
    assert!(server.is_quiet());
    tokio::time::advance(Duration::from_secs(890)).await;
    let using = asking(&tokens, None);
    server.call(Place::Guest).await.answer(200, r#"{"access_token":"g2","expires_in":900}"#);
    assert_eq!(using.await.unwrap().unwrap().secret, Secret::from("g2"));
}

#[tokio::test(start_paused = true)]
async fn while_a_connection_lives_its_guest_is_not_replaced() {
    let (tokens, mut server) = guest(&MemoryStore::signed_in(session("g1", Some("r1"), None)));
    tokens.usable(None).await.unwrap();
    let ahead = {
        let tokens = tokens.clone();
        tokio::spawn(async move { tokens.renew().await })
    };
    server.call(Place::Refresh).await.answer(401, "");
    assert!(ahead.await.unwrap().is_err());
    assert!(server.is_quiet());
}

#[tokio::test(start_paused = true)]
async fn guests_who_are_not_let_in_are_told_so() {
    let (tokens, mut server) = guest(&MemoryStore::new());
    let using = asking(&tokens, None);
    server.call(Place::Guest).await.answer(403, r#"{"error":{"code":"GUESTS_DISABLED","message":"m"}}"#);
    let failure = using.await.unwrap().unwrap_err();
    assert_eq!(failure.to_string(), "HTTP 403 GUESTS_DISABLED at guest login");
}
