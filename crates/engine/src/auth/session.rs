//! One session and its renewal.
//!
//! Owns the single flight and the margin before expiry. A renewal runs in a task of its own, so that an attempt that
//! is given up cannot cut it off between the server's answer and the store: the old refresh token is spent by then.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tidings_protocol::Secret;
use tokio::sync::Mutex;
use tokio_util::task::TaskTracker;
use tracing::Instrument as _;

use crate::{
    Endpoint, Store, StoreError, StoredSession,
    clock::Clock,
    dialect,
    machine::{MARGIN, Token},
    transport::Reach,
    verdict::{Failure, Place, UNASKED, printable},
};

/// A token that can be used, and what the machine may know about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Usable {
    pub(crate) secret: Secret,
    pub(crate) facts: Token,
}

/// The session of one connection. Clones share it.
pub(crate) struct Tokens<S, R, C> {
    shared: Arc<Shared<S, R, C>>,
    tasks: TaskTracker,
}

struct Shared<S, R, C> {
    endpoint: Endpoint,
    store: Arc<S>,
    reach: R,
    clock: C,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    session: Option<StoredSession>,
    /// Rises with every session that is taken on; 0 is none yet.
    generation: u64,
    unstored: bool,
    /// When a locked store may be offered the session again.
    ask_at: Option<Instant>,
    /// When a person last dismissed the prompt for the session.
    dismissed: Option<Instant>,
}

impl<S, R, C> Clone for Tokens<S, R, C> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), tasks: self.tasks.clone() }
    }
}

impl<S: Store, R: Reach, C: Clock> Tokens<S, R, C> {
    pub(crate) fn new(endpoint: Endpoint, store: Arc<S>, reach: R, clock: C) -> Self {
        let held = Mutex::new(Held::default());
        let shared = Arc::new(Shared { endpoint, store, reach, clock, held });
        Self { shared, tasks: TaskTracker::new() }
    }

    /// A token with some life in it; with `newer_than`, of a later generation than that.
    ///
    /// Callers at the same time wait for one another: whoever comes second finds what the first one fetched.
    pub(crate) async fn usable(&self, newer_than: Option<u64>) -> Result<Usable, Failure> {
        let shared = Arc::clone(&self.shared);
        let flight = async move { shared.usable(newer_than).await };
        match self.tasks.spawn(flight.in_current_span()).await {
            Ok(outcome) => outcome,
            Err(_) => Err(Failure::Unreachable("the renewal of the token was broken off".into())),
        }
    }

    /// Renews the token unless somebody else just did.
    pub(crate) async fn renew(&self) -> Result<Usable, Failure> {
        let generation = self.shared.held.lock().await.generation;
        self.usable(Some(generation)).await
    }

    /// Forgets the session, here and in the store; a later call reads the store again.
    pub(crate) fn clear(&self) {
        let shared = Arc::clone(&self.shared);
        let clearing = async move {
            let mut held = shared.held.lock().await;
            held.session = None;
            held.unstored = false;
            if let Err(error) = shared.store.clear().await {
                tracing::warn!(%error, "the session could not be cleared from the store");
            }
        };
        self.tasks.spawn(clearing.in_current_span());
    }

    /// Waits until nothing is under way any more.
    pub(crate) async fn settled(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }
}

impl<S: Store, R: Reach, C: Clock> Shared<S, R, C> {
    async fn usable(&self, newer_than: Option<u64>) -> Result<Usable, Failure> {
        let asked = self.clock.now().at;
        let mut held = self.held.lock().await;
        if held.session.is_none() {
            // attempts that came and went while the prompt was open must not each open one of their own
            if held.dismissed.is_some_and(|at| at > asked) {
                return Err(Failure::KeychainLocked("the keychain was not unlocked".into()));
            }
            let session = self.store.load().await.map_err(|error| {
                held.dismissed = matches!(error, StoreError::Locked(_)).then(|| self.clock.now().at);
                store_failure(&error)
            })?;
            held.session = Some(session.ok_or(Failure::NotSignedIn("nobody is signed in"))?);
            held.generation += 1;
        }
        self.store_again(&mut held).await;
        let another = newer_than.is_some_and(|generation| held.generation <= generation);
        let Some(session) = &held.session else { return Err(Failure::NotSignedIn("nobody is signed in")) };
        let lives = self.lives(session);
        let ample = lives.is_none_or(|lives| lives > MARGIN);
        match &session.refresh_token {
            Some(refresh_token) if another || !ample => {
                let renewed = self.refresh(refresh_token, session).await?;
                // stored first: from here on the old refresh token is worthless
                let stored = self.store.save(&renewed).await;
                if let Err(error) = &stored {
                    tracing::warn!(%error, "the renewed session could not be stored");
                }
                held.unstored = stored.is_err();
                held.ask_at = self.ask_at(&stored);
                held.session = Some(renewed);
                held.generation += 1;
            }
            None if another => {
                return Err(Failure::NotSignedIn("the token is refused and cannot be renewed"));
            }
            None if lives.is_some_and(|lives| lives.is_zero()) => {
                return Err(Failure::NotSignedIn("the token has expired and cannot be renewed"));
            }
            _ => {}
        }
        let Some(session) = &held.session else { return Err(Failure::NotSignedIn("nobody is signed in")) };
        Ok(Usable {
            secret: session.access_token.clone(),
            facts: Token {
                generation: held.generation,
                refreshable: session.refresh_token.is_some(),
                lives: self.lives(session),
                stored: !held.unstored,
            },
        })
    }

    /// A session that the store would not take is offered to it again, though not so often that its prompts nag.
    async fn store_again(&self, held: &mut Held) {
        if held.unstored
            && held.ask_at.is_none_or(|at| at <= self.clock.now().at)
            && let Some(session) = &held.session
        {
            let stored = self.store.save(session).await;
            held.unstored = stored.is_err();
            held.ask_at = self.ask_at(&stored);
        }
    }

    fn ask_at(&self, stored: &Result<(), StoreError>) -> Option<Instant> {
        matches!(stored, Err(StoreError::Locked(_))).then(|| self.clock.now().at + UNASKED)
    }

    async fn refresh(&self, token: &Secret, old: &StoredSession) -> Result<StoredSession, Failure> {
        tracing::info!("renewing the token");
        let answer = self.reach.call(dialect::refresh(&self.endpoint, token)).await?;
        let answer = dialect::session(Place::Refresh, &answer)?;
        let mut renewed = StoredSession::from_answer(answer, self.clock.now().wall);
        // servers that do not rotate, or do not repeat themselves, leave these out
        renewed.refresh_token = renewed.refresh_token.or_else(|| old.refresh_token.clone());
        renewed.session_id = renewed.session_id.or_else(|| old.session_id.clone());
        renewed.user = renewed.user.or_else(|| old.user.clone());
        Ok(renewed)
    }

    /// How long a session's token will still work.
    fn lives(&self, session: &StoredSession) -> Option<Duration> {
        let left = session.expires_at? - self.clock.now().wall;
        Some(left.max(time::Duration::ZERO).unsigned_abs())
    }
}

/// What the machine makes of a store's trouble.
fn store_failure(error: &StoreError) -> Failure {
    match error {
        StoreError::Locked(_) => Failure::KeychainLocked(printable(&error.to_string())),
        StoreError::Unavailable(_) => Failure::KeychainMissing(printable(&error.to_string())),
        StoreError::Garbled(_) => Failure::GarbledSession,
    }
}

#[cfg(test)]
#[path = "session_tests.rs"]
mod tests;
