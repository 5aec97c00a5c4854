//! One session and its renewal.
//!
//! Owns the single flight and the margin before expiry. A renewal runs in a task of its own, so that an attempt that
//! is given up cannot cut it off between the server's answer and the store: the old refresh token is spent by then.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tidings_protocol::{Device, Secret};
use tokio::sync::Mutex;
use tokio_util::task::TaskTracker;
use tracing::Instrument as _;

use crate::{
    Endpoint, Store, StoreError, StoredSession,
    clock::Clock,
    dialect::{self, tidings},
    machine::{MARGIN, Token},
    transport::Reach,
    verdict::{Failure, Place, Refusal, UNASKED, printable},
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
    /// The account is a guest's, on this device.
    guest: Option<Device>,
    /// The account is nobody's.
    anonymous: bool,
    tasks: TaskTracker,
}

/// What a token is wanted for.
enum Want {
    /// An attempt, which may become another guest.
    Attempt { newer_than: Option<u64> },
    /// The next attempt, while a connection lives: whoever it belongs to stays who they are.
    Ahead { newer_than: u64 },
}

impl Want {
    fn newer_than(&self) -> Option<u64> {
        match self {
            Self::Attempt { newer_than } => *newer_than,
            Self::Ahead { newer_than } => Some(*newer_than),
        }
    }
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
        Self {
            shared: Arc::clone(&self.shared),
            guest: self.guest.clone(),
            anonymous: self.anonymous,
            tasks: self.tasks.clone(),
        }
    }
}

impl<S: Store, R: Reach, C: Clock> Tokens<S, R, C> {
    pub(crate) fn new(endpoint: Endpoint, store: Arc<S>, reach: R, clock: C) -> Self {
        let held = Mutex::new(Held::default());
        let shared = Arc::new(Shared { endpoint, store, reach, clock, held });
        Self { shared, guest: None, anonymous: false, tasks: TaskTracker::new() }
    }

    /// Of a guest, who is signed in anew where there is no session, or none that can be renewed.
    pub(crate) fn of_guest(self, device: Option<Device>) -> Self {
        Self { guest: device, ..self }
    }

    /// Of nobody, who shows no token.
    pub(crate) fn of_nobody(self, anonymous: bool) -> Self {
        Self { anonymous, ..self }
    }

    /// A token with some life in it; with `newer_than`, of a later generation than that.
    ///
    /// Callers at the same time wait for one another: whoever comes second finds what the first one fetched.
    pub(crate) async fn usable(&self, newer_than: Option<u64>) -> Result<Usable, Failure> {
        self.fly(Want::Attempt { newer_than }).await
    }

    async fn fly(&self, want: Want) -> Result<Usable, Failure> {
        if self.anonymous {
            let facts = Token { generation: 0, refreshable: false, lives: None, stored: true };
            return Ok(Usable { secret: Secret::from(""), facts });
        }
        let (shared, guest) = (Arc::clone(&self.shared), self.guest.clone());
        let flight = async move { shared.usable(&want, guest.as_ref()).await };
        match self.tasks.spawn(flight.in_current_span()).await {
            Ok(outcome) => outcome,
            Err(_) => Err(Failure::Unreachable("the renewal of the token was broken off".into())),
        }
    }

    /// Renews the token ahead of its expiry, unless somebody else just did.
    pub(crate) async fn renew(&self) -> Result<Usable, Failure> {
        let newer_than = self.shared.held.lock().await.generation;
        self.fly(Want::Ahead { newer_than }).await
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
    async fn usable(&self, want: &Want, guest: Option<&Device>) -> Result<Usable, Failure> {
        let asked = self.clock.now().at;
        let mut held = self.held.lock().await;
        if held.session.is_none() {
            // attempts that came and went while the prompt was open must not each open one of their own
            if held.dismissed.is_some_and(|at| at > asked) {
                return Err(Failure::KeychainLocked("the keychain was not unlocked".into()));
            }
            match (self.store.load().await, guest) {
                (Ok(Some(session)), _) => {
                    held.session = Some(session);
                    held.generation += 1;
                }
                (Ok(None) | Err(StoreError::Garbled(_)), Some(device)) => {
                    let session = self.guest_login(device).await?;
                    self.take_on(&mut held, session).await;
                }
                (Ok(None), None) => return Err(Failure::NotSignedIn("nobody is signed in")),
                (Err(error), _) => {
                    held.dismissed = matches!(error, StoreError::Locked(_)).then(|| self.clock.now().at);
                    return Err(store_failure(&error));
                }
            }
        }
        self.store_again(&mut held).await;
        let Some(session) = &held.session else { return Err(Failure::NotSignedIn("nobody is signed in")) };
        let another = want.newer_than().is_some_and(|generation| held.generation <= generation);
        if let Some(renewed) = self.renewed(session, another, want, guest).await? {
            self.take_on(&mut held, renewed).await;
        }
        let Some(session) = &held.session else { return Err(Failure::NotSignedIn("nobody is signed in")) };
        let refreshable = session.refresh_token.is_some();
        Ok(Usable {
            secret: session.access_token.clone(),
            facts: Token {
                generation: held.generation,
                refreshable: refreshable || guest.is_some(),
                // ahead of time there is nothing to do for a guest who can only be replaced by another one
                lives: self.lives(session).filter(|_| refreshable || guest.is_none()),
                stored: !held.unstored,
            },
        })
    }

    /// The session that has to follow this one, if it is not good enough: a refreshed one, else another guest's.
    async fn renewed(
        &self,
        session: &StoredSession,
        another: bool,
        want: &Want,
        guest: Option<&Device>,
    ) -> Result<Option<StoredSession>, Failure> {
        let lives = self.lives(session);
        if !another && lives.is_none_or(|lives| lives > MARGIN) {
            return Ok(None);
        }
        let guest = guest.filter(|_| matches!(want, Want::Attempt { .. }));
        match (&session.refresh_token, guest) {
            (Some(token), Some(device)) => match self.refresh(token, session).await {
                Err(Failure::Refused(Refusal { status: 401, .. })) => {
                    self.guest_login(device).await.map(Some)
                }
                outcome => outcome.map(Some),
            },
            (Some(token), None) => self.refresh(token, session).await.map(Some),
            (None, Some(device)) => self.guest_login(device).await.map(Some),
            (None, None) if another => {
                Err(Failure::NotSignedIn("the token is refused and cannot be renewed"))
            }
            (None, None) if lives.is_some_and(|lives| lives.is_zero()) => {
                Err(Failure::NotSignedIn("the token has expired and cannot be renewed"))
            }
            (None, None) => Ok(None),
        }
    }

    /// From here on this is the session. It is stored first: the refresh token before it is worthless by now.
    async fn take_on(&self, held: &mut Held, session: StoredSession) {
        let stored = self.store.save(&session).await;
        if let Err(error) = &stored {
            tracing::warn!(%error, "the renewed session could not be stored");
        }
        held.unstored = stored.is_err();
        held.ask_at = self.ask_at(&stored);
        held.session = Some(session);
        held.generation += 1;
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

    async fn guest_login(&self, device: &Device) -> Result<StoredSession, Failure> {
        tracing::info!("signing in as a guest");
        let answer = self.reach.call(tidings::guest(&self.endpoint, device)).await?;
        let session = dialect::session(Place::Guest, &answer)?;
        Ok(StoredSession::from_answer(session, self.clock.now().wall))
    }

    async fn refresh(&self, token: &Secret, old: &StoredSession) -> Result<StoredSession, Failure> {
        tracing::info!("renewing the token");
        let answer = self.reach.call(tidings::refresh(&self.endpoint, token)).await?;
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

#[cfg(test)]
#[path = "guest_tests.rs"]
mod guest_tests;
