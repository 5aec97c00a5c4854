//! Sign-ins in the operating system's keychain, and nowhere else.
//!
//! Owns the way to the keychain: off the async threads, one call at a time, for no longer than [`PATIENCE`], because
//! a keychain may sit in a prompt for as long as a person is away. Refuses to know what a session is (`session`), and
//! to write anything to a file.

#[cfg(not(target_os = "linux"))]
mod native;
#[cfg(target_os = "linux")]
mod secret_service;
mod split;
mod system;

use std::{sync::Arc, time::Duration};

use tidings_protocol::Secret;
use tokio::sync::{Mutex, Notify, oneshot};

pub use system::SystemVault;

/// How long a call is waited for. The prompt behind it stays open, and its answer still counts.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A keychain; its calls block. Entries are named by account id.
pub trait Vault: Send + Sync + 'static {
    /// What kind of keychain it is.
    fn name(&self) -> &'static str;

    /// Reads an entry; `None` if there is none.
    ///
    /// # Errors
    /// [`VaultError`].
    fn read(&self, account: &str) -> Result<Option<Secret>, VaultError>;

    /// Adds or replaces an entry. The label is what a person sees in the keychain's own program.
    ///
    /// # Errors
    /// [`VaultError`].
    fn write(&self, account: &str, label: &str, secret: &Secret) -> Result<(), VaultError>;

    /// Removes an entry; one that is not there is no error.
    ///
    /// # Errors
    /// [`VaultError`].
    fn erase(&self, account: &str) -> Result<(), VaultError>;
}

/// Why the keychain did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// It is locked and was not unlocked, or has no place to store in.
    #[error("the keychain is locked ({0})")]
    Locked(String),
    /// There is none, or it refuses.
    #[error("no keychain can be used ({0})")]
    Unavailable(String),
    /// The entry is there but is not what was stored.
    #[error("what the keychain holds cannot be read ({0})")]
    Garbled(String),
}

/// The async way to a [`Vault`]. Cheap to clone.
#[derive(Clone)]
pub struct Keychain {
    vault: Arc<dyn Vault>,
    // two prompts at once would be one too many
    turn: Arc<Mutex<()>>,
    patience: Duration,
    answered_late: Arc<Notify>,
}

impl Keychain {
    /// Over a vault.
    pub fn new(vault: impl Vault) -> Self {
        Self {
            vault: Arc::new(vault),
            turn: Arc::default(),
            patience: PATIENCE,
            answered_late: Arc::default(),
        }
    }

    /// [`Vault::name`].
    pub fn name(&self) -> &'static str {
        self.vault.name()
    }

    /// With another [`PATIENCE`].
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Is told when a prompt is answered with yes that nobody waited for any more.
    pub fn answered_late(&self) -> Arc<Notify> {
        Arc::clone(&self.answered_late)
    }

    /// [`Vault::read`].
    ///
    /// # Errors
    /// [`VaultError`]; `Locked` also when a prompt stays unanswered for [`PATIENCE`].
    pub async fn read(&self, account: &str) -> Result<Option<Secret>, VaultError> {
        let account = account.to_owned();
        self.call(move |vault| vault.read(&account)).await
    }

    /// [`Vault::write`].
    ///
    /// # Errors
    /// As [`Keychain::read`].
    pub async fn write(&self, account: &str, label: &str, secret: Secret) -> Result<(), VaultError> {
        let (account, label) = (account.to_owned(), label.to_owned());
        self.call(move |vault| vault.write(&account, &label, &secret)).await
    }

    /// [`Vault::erase`].
    ///
    /// # Errors
    /// As [`Keychain::read`].
    pub async fn erase(&self, account: &str) -> Result<(), VaultError> {
        let account = account.to_owned();
        self.call(move |vault| vault.erase(&account)).await
    }

    async fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Vault) -> Result<T, VaultError> + Send + 'static,
    ) -> Result<T, VaultError> {
        let vault = Arc::clone(&self.vault);
        let turn = Arc::clone(&self.turn);
        let answered_late = Arc::clone(&self.answered_late);
        let answer = async move {
            let turn = turn.lock_owned().await;
            let (asker, answer) = oneshot::channel();
            // the turn ends with the call, even when nobody waits for it any more
            tokio::task::spawn_blocking(move || {
                let answer = work(vault.as_ref());
                drop(turn);
                if let Err(Ok(_)) = asker.send(answer) {
                    answered_late.notify_one();
                }
            });
            answer.await
        };
        match tokio::time::timeout(self.patience, answer).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(VaultError::Unavailable("the call broke off".to_owned())),
            Err(_) => Err(VaultError::Locked("it waits to be unlocked".to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Mutex,
        mpsc::{Receiver, Sender, channel},
    };

    use super::*;

    /// A vault that sits in a prompt until the test answers it.
    struct Prompting(Mutex<Receiver<()>>);

    impl Prompting {
        fn keychain() -> (Keychain, Sender<()>) {
            let (answer, prompt) = channel();
            (Keychain::new(Self(Mutex::new(prompt))), answer)
        }
    }

    impl Vault for Prompting {
        fn name(&self) -> &'static str {
            "the test's"
        }

        fn read(&self, _: &str) -> Result<Option<Secret>, VaultError> {
            let answered = self.0.lock().unwrap().recv().is_ok();
            if answered { Ok(None) } else { Err(VaultError::Locked("dismissed".into())) }
        }

        fn write(&self, _: &str, _: &str, _: &Secret) -> Result<(), VaultError> {
            self.read("").map(|_| ())
        }

        fn erase(&self, _: &str) -> Result<(), VaultError> {
            self.read("").map(|_| ())
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_prompt_nobody_answers_is_locked_after_a_while_and_the_next_call_waits_its_turn() {
        let (keychain, answer) = Prompting::keychain();
        let (unanswered, ()) = tokio::join!(keychain.read("id"), tokio::time::advance(PATIENCE));
        assert!(matches!(unanswered, Err(VaultError::Locked(_))));
        tokio::time::resume();
        let late = keychain.answered_late();
        answer.send(()).unwrap();
        late.notified().await;
        answer.send(()).unwrap();
        assert_eq!(keychain.read("id").await, Ok(None));
    }

    #[tokio::test]
    async fn a_dismissed_prompt_is_locked() {
        let (keychain, answer) = Prompting::keychain();
        drop(answer);
        assert_eq!(keychain.erase("id").await, Err(VaultError::Locked("dismissed".into())));
    }
}
