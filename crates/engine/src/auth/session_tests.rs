//! The session's renewal against a server that the test plays.

use std::sync::Mutex as StdMutex;

use tidings_protocol::Flow;

use super::*;
use crate::{
    Cursor, MemoryStore,
    fakes::{PausedClock, Played, ToPlayed, played, refreshed, session},
};

type Under<S> = Tokens<S, ToPlayed, PausedClock>;

fn tokens<S: Store>(store: S) -> (Under<S>, Played) {
    let (reach, server) = played();
    let endpoint = Endpoint::parse("https://example.com", Flow::Ticket, false).unwrap();
    (Tokens::new(endpoint, Arc::new(store), reach, PausedClock::new()), server)
}

/// A store that fails in the way it is told to.
#[derive(Clone, Default)]
struct Troubled {
    inner: MemoryStore,
    loading: Arc<StdMutex<Option<StoreError>>>,
    saving: Arc<StdMutex<Option<StoreError>>>,
}

impl Store for Troubled {
    async fn load(&self) -> Result<Option<StoredSession>, StoreError> {
        let trouble = self.loading.lock().unwrap().clone();
        match trouble {
            Some(error) => Err(error),
            None => self.inner.load().await,
        }
    }

    async fn save(&self, session: &StoredSession) -> Result<(), StoreError> {
        let trouble = self.saving.lock().unwrap().clone();
        match trouble {
            Some(error) => Err(error),
            None => self.inner.save(session).await,
        }
    }

    async fn clear(&self) -> Result<(), StoreError> {
        self.inner.clear().await
    }

    async fn cursor(&self) -> Result<Option<Cursor>, StoreError> {
        Ok(None)
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_with_life_in_it_is_used_as_it_is() {
    for life in [None, Some(31)] {
        let (tokens, mut server) = tokens(MemoryStore::signed_in(session("a1", Some("r1"), life)));
        let usable = tokens.usable(None).await.unwrap();
        assert_eq!(usable.secret, Secret::from("a1"));
        assert!(usable.facts.refreshable);
        assert!(server.is_quiet());
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_within_its_margin_is_renewed_first_and_stored_before_it_is_used() {
    let store = MemoryStore::signed_in(session("a1", Some("r1"), Some(30)));
    let (tokens, mut server) = tokens(store.clone());
    let using = tokio::spawn({
        let tokens = tokens.clone();
        async move { tokens.usable(None).await }
    });
    let asked = server.call(Place::Refresh).await;
    assert!(asked.call.body.as_ref().unwrap().expose().contains("r1"));
    asked.answer(200, &refreshed("a2", "r2", 900));
    let usable = using.await.unwrap().unwrap();
    assert_eq!(usable.secret, Secret::from("a2"));
    assert_eq!(store.load().await.unwrap().unwrap().refresh_token, Some(Secret::from("r2")));
}

#[tokio::test(start_paused = true)]
async fn two_callers_make_one_refresh() {
    let (tokens, mut server) = tokens(MemoryStore::signed_in(session("a1", Some("r1"), None)));
    assert_eq!(tokens.usable(None).await.unwrap().facts.generation, 1);
    let both = [(); 2].map(|()| {
        let tokens = tokens.clone();
        tokio::spawn(async move { tokens.usable(Some(1)).await.unwrap() })
    });
    server.call(Place::Refresh).await.answer(200, &refreshed("a2", "r2", 900));
    for caller in both {
        assert_eq!(caller.await.unwrap().secret, Secret::from("a2"));
    }
    assert!(server.is_quiet());
}

#[tokio::test(start_paused = true)]
async fn a_refresh_outlives_the_attempt_that_asked_for_it() {
    let store = MemoryStore::signed_in(session("a1", Some("r1"), Some(10)));
    let (tokens, mut server) = tokens(store.clone());
    let asked = tokio::select! {
        _ = tokens.usable(None) => panic!("nobody answered"),
        asked = server.call(Place::Refresh) => asked,
    };
    // by now the attempt's future is dropped
    asked.answer(200, &refreshed("a2", "r2", 900));
    tokens.settled().await;
    assert_eq!(store.load().await.unwrap().unwrap().refresh_token, Some(Secret::from("r2")));
}

#[tokio::test(start_paused = true)]
async fn a_session_that_the_store_refuses_is_used_and_offered_again() {
    let store = Troubled {
        inner: MemoryStore::signed_in(session("a1", Some("r1"), Some(10))),
        ..Troubled::default()
    };
    *store.saving.lock().unwrap() = Some(StoreError::Locked("no".into()));
    let (tokens, mut server) = tokens(store.clone());
    let (usable, ()) = tokio::join!(tokens.usable(None), async {
        server.call(Place::Refresh).await.answer(200, &refreshed("a2", "r2", 900));
    });
    let usable = usable.unwrap();
    assert_eq!((usable.secret, usable.facts.stored), (Secret::from("a2"), false));
    *store.saving.lock().unwrap() = None;
    assert!(!tokens.usable(None).await.unwrap().facts.stored, "a locked store prompts a person each time");
    tokio::time::advance(UNASKED).await;
    assert!(tokens.usable(None).await.unwrap().facts.stored);
    assert_eq!(store.inner.load().await.unwrap().unwrap().access_token, Secret::from("a2"));
}

#[tokio::test(start_paused = true)]
async fn a_stores_trouble_has_a_name() {
    for (error, expected) in [
        (StoreError::Locked("x".into()), "KeychainLocked"),
        (StoreError::Unavailable("x".into()), "KeychainMissing"),
        (StoreError::Garbled("x".into()), "GarbledSession"),
    ] {
        let store = Troubled::default();
        *store.loading.lock().unwrap() = Some(error);
        let (tokens, _server) = tokens(store);
        let failure = tokens.usable(None).await.unwrap_err();
        assert!(format!("{failure:?}").starts_with(expected), "{failure:?}");
    }
}

/// A store behind a prompt that is dismissed after a minute.
#[derive(Clone, Default)]
struct Prompting(Arc<std::sync::atomic::AtomicU32>);

impl Prompting {
    fn prompts(&self) -> u32 {
        self.0.load(std::sync::atomic::Ordering::SeqCst)
    }
}

impl Store for Prompting {
    async fn load(&self) -> Result<Option<StoredSession>, StoreError> {
        self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        tokio::time::sleep(Duration::from_secs(60)).await;
        Err(StoreError::Locked("dismissed".into()))
    }

    async fn save(&self, _: &StoredSession) -> Result<(), StoreError> {
        Ok(())
    }

    async fn clear(&self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn cursor(&self) -> Result<Option<Cursor>, StoreError> {
        Ok(None)
    }
}

#[tokio::test(start_paused = true)]
async fn one_dismissal_answers_everybody_who_waits_for_the_prompt() {
    let store = Prompting::default();
    let (tokens, _server) = tokens(store.clone());
    let (first, second) = tokio::join!(tokens.usable(None), tokens.usable(None));
    assert!(matches!(first, Err(Failure::KeychainLocked(_))));
    assert!(matches!(second, Err(Failure::KeychainLocked(_))));
    assert_eq!(store.prompts(), 1);
    assert!(tokens.usable(None).await.is_err());
    assert_eq!(store.prompts(), 2, "who asks later is asked again");
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_renewed_needs_a_sign_in() {
    let (nobody, _server) = tokens(MemoryStore::new());
    assert!(matches!(nobody.usable(None).await, Err(Failure::NotSignedIn(_))));
    let (expired, _server) = tokens(MemoryStore::signed_in(session("a1", None, Some(0))));
    assert!(matches!(expired.usable(None).await, Err(Failure::NotSignedIn(_))));
    let (refused, _server) = tokens(MemoryStore::signed_in(session("a1", None, None)));
    assert!(refused.usable(None).await.is_ok());
    assert!(matches!(refused.usable(Some(1)).await, Err(Failure::NotSignedIn(_))));
}

#[tokio::test(start_paused = true)]
async fn a_refused_refresh_is_reported_as_such() {
    let (tokens, mut server) = tokens(MemoryStore::signed_in(session("a1", Some("r1"), Some(0))));
    let (outcome, ()) = tokio::join!(tokens.usable(None), async {
        let body = r#"{"error":{"code":"REFRESH_REVOKED","message":"m"}}"#;
        server.call(Place::Refresh).await.answer(401, body);
    });
    let Err(Failure::Refused(refusal)) = outcome else { panic!("{outcome:?}") };
    assert_eq!((refusal.at, refusal.status), (Place::Refresh, 401));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_does_not_rotate_leaves_the_refresh_token_alone() {
    let store = MemoryStore::signed_in(session("a1", Some("r1"), Some(0)));
    let (tokens, mut server) = tokens(store.clone());
    let (usable, ()) = tokio::join!(tokens.usable(None), async {
        server.call(Place::Refresh).await.answer(200, r#"{"access_token":"a2"}"#);
    });
    assert!(usable.unwrap().facts.refreshable);
    assert_eq!(store.load().await.unwrap().unwrap().refresh_token, Some(Secret::from("r1")));
}

#[tokio::test(start_paused = true)]
async fn after_clearing_the_store_is_read_again() {
    let store = MemoryStore::signed_in(session("a1", None, None));
    let (tokens, _server) = tokens(store.clone());
    tokens.usable(None).await.unwrap();
    tokens.clear();
    assert!(matches!(tokens.usable(None).await, Err(Failure::NotSignedIn(_))));
    store.save(&session("b1", None, None)).await.unwrap();
    assert_eq!(tokens.usable(None).await.unwrap().secret, Secret::from("b1"));
}
