//! A keychain that the test holds in its hands.

use std::{
    collections::BTreeMap,
    sync::{Arc, Condvar, Mutex, MutexGuard},
};

use tidings_agent::keychain::{Vault, VaultError};
use tidings_protocol::Secret;
use tokio::sync::watch;

use super::soon;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mood {
    Works,
    Locked,
    Absent,
    /// Reading and writing sit in a prompt until the mood is another one.
    Prompts,
    /// As `Prompts`, but only writing.
    PromptsToWrite,
}

/// Label and secret by account.
type Entries = BTreeMap<String, (String, String)>;

/// A keychain of the test's own.
#[derive(Clone)]
pub struct FakeVault {
    inner: Arc<(Mutex<(Mood, Entries)>, Condvar)>,
    prompts: watch::Sender<u32>,
}

impl FakeVault {
    pub fn new() -> Self {
        Self::holding(BTreeMap::new())
    }

    fn holding(entries: Entries) -> Self {
        let inner = Arc::new((Mutex::new((Mood::Works, entries)), Condvar::new()));
        Self { inner, prompts: watch::Sender::new(0) }
    }

    /// Another one with the same entries: whoever sits in a prompt of this one changes nothing in it.
    pub fn copy(&self) -> Self {
        Self::holding(self.state().1.clone())
    }

    fn state(&self) -> MutexGuard<'_, (Mood, Entries)> {
        self.inner.0.lock().unwrap()
    }

    pub fn set(&self, mood: Mood) {
        self.state().0 = mood;
        self.inner.1.notify_all();
    }

    /// Waits until a prompt has been opened since the vault was made.
    pub async fn prompted(&self) {
        let mut prompts = self.prompts.subscribe();
        soon("a prompt", prompts.wait_for(|prompts| *prompts > 0)).await.unwrap();
    }

    /// Account, label and secret of each entry.
    pub fn entries(&self) -> Vec<(String, String, String)> {
        self.state().1.iter().map(|(a, (l, s))| (a.clone(), l.clone(), s.clone())).collect()
    }

    pub fn garble(&self) {
        self.state().1.values_mut().for_each(|(_, secret)| *secret = "{\"garbled".to_owned());
    }

    fn with<T>(&self, prompts: &[Mood], work: impl FnOnce(&mut Entries) -> T) -> Result<T, VaultError> {
        let mut inner = self.state();
        if prompts.contains(&inner.0) {
            self.prompts.send_modify(|prompts| *prompts += 1);
            inner = self.inner.1.wait_while(inner, |inner| prompts.contains(&inner.0)).unwrap();
        }
        match inner.0 {
            Mood::Works | Mood::Prompts | Mood::PromptsToWrite => Ok(work(&mut inner.1)),
            Mood::Locked => Err(VaultError::Locked("says the test".into())),
            Mood::Absent => Err(VaultError::Unavailable("says the test".into())),
        }
    }
}

impl Vault for FakeVault {
    fn name(&self) -> &'static str {
        "the test's"
    }

    fn read(&self, account: &str) -> Result<Option<Secret>, VaultError> {
        self.with(&[Mood::Prompts], |entries| {
            entries.get(account).map(|(_, secret)| Secret::from(secret.as_str()))
        })
    }

    fn write(&self, account: &str, label: &str, secret: &Secret) -> Result<(), VaultError> {
        let entry = (label.to_owned(), secret.expose().to_owned());
        let prompts = [Mood::Prompts, Mood::PromptsToWrite];
        self.with(&prompts, |entries| entries.insert(account.to_owned(), entry)).map(|_| ())
    }

    fn erase(&self, account: &str) -> Result<(), VaultError> {
        self.with(&[], |entries| entries.remove(account)).map(|_| ())
    }
}
