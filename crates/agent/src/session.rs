//! Where one account's session and cursor are: keychain and inbox, behind the engine's [`Store`].
//!
//! Owns the rule for a keychain that fails: a session that cannot be kept there is held in memory for this run, and
//! said so; nothing is ever written elsewhere. Refuses to retry: the engine asks again, and each new token tries the
//! keychain anew.

use std::sync::{Arc, Mutex, PoisonError};

use tidings_control::Persistence;
use tidings_engine::{Cursor, Store, StoreError, StoredSession};
use tidings_inbox::{AccountRow, Inbox};
use tokio::sync::mpsc;
use url::Url;

use crate::{
    keychain::{Keychain, VaultError},
    settings,
};

/// What an account without a user name is called.
const GUEST: &str = "guest";

/// What a person calls whoever has this user name.
pub fn called(username: &str) -> &str {
    if username.is_empty() { GUEST } else { username }
}

/// What became of a session, told to the agent's loop.
#[derive(Debug)]
pub struct Report {
    /// The account's id.
    pub account: String,
    /// What there is to tell.
    pub news: News,
}

/// The news of a [`Report`].
#[derive(Debug)]
pub enum News {
    /// The keychain did as it was asked.
    KeychainWorks,
    /// The session is kept here now; `Err` says why it is not in the keychain.
    Kept(Result<(), VaultError>),
    /// The session could not be read or erased.
    Trouble(VaultError),
}

impl News {
    /// Where the session is, if this says so.
    pub fn persistence(&self) -> Option<Persistence> {
        match self {
            Self::Kept(Ok(())) => Some(Persistence::Keychain),
            Self::Kept(Err(_)) => Some(Persistence::ThisRun),
            Self::KeychainWorks | Self::Trouble(_) => None,
        }
    }
}

/// One account's [`Store`]. Clones are the same store.
#[derive(Clone)]
pub struct SessionStore {
    account: String,
    label: String,
    /// Nobody signs in: there is nothing to keep, and the keychain is left alone.
    anonymous: bool,
    keychain: Keychain,
    inbox: Arc<Inbox>,
    this_run: Arc<Mutex<Option<StoredSession>>>,
    reports: mpsc::UnboundedSender<Report>,
}

impl SessionStore {
    /// The store of one account.
    pub fn new(
        account: &AccountRow,
        keychain: Keychain,
        inbox: Arc<Inbox>,
        reports: mpsc::UnboundedSender<Report>,
    ) -> Self {
        Self {
            account: account.id.clone(),
            label: label(account),
            anonymous: account.anonymous,
            keychain,
            inbox,
            this_run: Arc::default(),
            reports,
        }
    }

    /// Keeps a session, wherever it can be, and says where.
    pub async fn keep(&self, session: &StoredSession) -> Persistence {
        let kept = self.keychain.write(&self.account, &self.label, session.to_json()).await;
        self.hold(kept.is_err().then(|| session.clone()));
        settings::set_this_run_only(&self.inbox, &self.account, kept.is_err());
        let news = News::Kept(kept);
        let persistence = news.persistence().unwrap_or(Persistence::ThisRun);
        self.tell(news);
        persistence
    }

    /// Offers a session that is held for this run to the keychain once more, if there is one.
    pub async fn keep_again(&self) {
        if let Some(session) = self.held() {
            self.keep(&session).await;
        }
    }

    /// Forgets the session, wherever it is.
    ///
    /// # Errors
    /// When the keychain does not let go of it. It is out of memory all the same.
    pub async fn forget(&self) -> Result<(), VaultError> {
        if self.anonymous {
            return Ok(());
        }
        let held = self.hold(None);
        match self.keychain.erase(&self.account).await {
            // it never was in the keychain, which may not exist
            Err(VaultError::Unavailable(_))
                if held.is_some() || settings::is_this_run_only(&self.inbox, &self.account) =>
            {
                Ok(())
            }
            erased => erased,
        }
    }

    fn hold(&self, session: Option<StoredSession>) -> Option<StoredSession> {
        std::mem::replace(&mut *self.this_run.lock().unwrap_or_else(PoisonError::into_inner), session)
    }

    fn held(&self) -> Option<StoredSession> {
        self.this_run.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn tell(&self, news: News) {
        // the loop is gone only when the agent ends
        let _ = self.reports.send(Report { account: self.account.clone(), news });
    }
}

impl Store for SessionStore {
    async fn load(&self) -> Result<Option<StoredSession>, StoreError> {
        if self.anonymous {
            return Ok(None);
        }
        if let Some(session) = self.held() {
            return Ok(Some(session));
        }
        match self.keychain.read(&self.account).await {
            Ok(found) => {
                self.tell(News::KeychainWorks);
                let garbled = |error: tidings_engine::GarbledSession| StoreError::Garbled(error.to_string());
                found.map(|secret| StoredSession::from_json(&secret).map_err(garbled)).transpose()
            }
            Err(error) => {
                self.tell(News::Trouble(error.clone()));
                if settings::is_this_run_only(&self.inbox, &self.account) {
                    // waiting for the keychain would be in vain
                    return Ok(None);
                }
                Err(match error {
                    VaultError::Locked(detail) => StoreError::Locked(detail),
                    VaultError::Unavailable(detail) => StoreError::Unavailable(detail),
                    VaultError::Garbled(detail) => StoreError::Garbled(detail),
                })
            }
        }
    }

    /// Always succeeds: what the keychain does not take is held for this run.
    async fn save(&self, session: &StoredSession) -> Result<(), StoreError> {
        self.keep(session).await;
        Ok(())
    }

    async fn clear(&self) -> Result<(), StoreError> {
        if let Err(error) = self.forget().await {
            self.tell(News::Trouble(error.clone()));
            return Err(StoreError::Unavailable(error.to_string()));
        }
        Ok(())
    }

    async fn cursor(&self) -> Result<Option<Cursor>, StoreError> {
        match self.inbox.cursor(&self.account) {
            Ok(cursor) => Ok(cursor.map(|(epoch, seq)| Cursor { epoch, seq })),
            Err(error) => Err(StoreError::Unavailable(error.to_string())),
        }
    }
}

/// What a person reads in the keychain's own program.
pub fn label(account: &AccountRow) -> String {
    let host = Url::parse(&account.server).ok().and_then(|url| url.host_str().map(str::to_owned));
    format!("Tidings: {} at {}", called(&account.username), host.as_deref().unwrap_or(&account.server))
}
