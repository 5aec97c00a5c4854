//! Passwords: argon2id, off the async threads, a few at a time.

use std::sync::Arc;

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use tidings_protocol::Secret;
use tokio::sync::Semaphore;

use crate::config::PasswordCost;

/// Hashings at the same time: each takes tens of MiB and a core.
const AT_ONCE: usize = 2;

/// Why a password could not be hashed.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// The configured cost is outside what argon2 allows.
    #[error("password hashing: {0}")]
    Cost(String),
    /// The server is going down.
    #[error("password hashing was interrupted")]
    Interrupted,
}

/// Hashes and verifies.
#[derive(Clone)]
pub(crate) struct Passwords {
    argon2: Argon2<'static>,
    permits: Arc<Semaphore>,
    /// Verified against when there is no such user, so that the time of an answer does not tell who exists.
    decoy: Arc<str>,
}

impl Passwords {
    /// Hashes once, for the decoy. Blocks.
    pub(crate) fn new(cost: PasswordCost) -> Result<Self, PasswordError> {
        let params = Params::new(cost.memory_kib, cost.passes, 1, None)
            .map_err(|error| PasswordError::Cost(error.to_string()))?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let decoy = hash_now(&argon2, &crate::random::secret(""))?.into();
        Ok(Self { argon2, permits: Arc::new(Semaphore::new(AT_ONCE)), decoy })
    }

    /// A PHC string with its own salt.
    pub(crate) async fn hash(&self, password: &Secret) -> Result<String, PasswordError> {
        let (argon2, password) = (self.argon2.clone(), password.clone());
        self.apart(move || hash_now(&argon2, &password)).await?
    }

    /// Whether the password fits. Without a hash it takes the same time and does not.
    pub(crate) async fn fits(&self, password: &Secret, hash: Option<String>) -> Result<bool, PasswordError> {
        let (argon2, decoy, password) = (self.argon2.clone(), Arc::clone(&self.decoy), password.clone());
        self.apart(move || {
            let known = hash.is_some();
            let fits = PasswordHash::new(hash.as_deref().unwrap_or(&decoy))
                .is_ok_and(|hash| argon2.verify_password(password.expose().as_bytes(), &hash).is_ok());
            fits && known
        })
        .await
    }

    async fn apart<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, PasswordError> {
        let permit =
            Arc::clone(&self.permits).acquire_owned().await.map_err(|_| PasswordError::Interrupted)?;
        let counted = move || {
            let result = work();
            // not before: a caller that hangs up does not end the work
            drop(permit);
            result
        };
        tokio::task::spawn_blocking(counted).await.map_err(|_| PasswordError::Interrupted)
    }
}

fn hash_now(argon2: &Argon2<'_>, password: &Secret) -> Result<String, PasswordError> {
    argon2
        .hash_password(password.expose().as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|error| PasswordError::Cost(error.to_string()))
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn callers_that_hang_up_do_not_let_more_hashings_run_at_once() {
        let passwords = Passwords::new(PasswordCost::CHEAP).unwrap();
        let mut releases = Vec::new();
        for _ in 0..AT_ONCE {
            let (release, wait) = mpsc::channel::<()>();
            let (begun, begins) = tokio::sync::oneshot::channel();
            let working = passwords.apart(move || {
                let _ = begun.send(());
                let _ = wait.recv();
            });
            tokio::select! {
                _ = working => panic!("it waits to be released"),
                _ = begins => {}
            }
            releases.push(release);
        }
        assert_eq!(passwords.permits.available_permits(), 0);
        drop(releases);
        assert!(passwords.fits(&Secret::from("anything"), None).await.is_ok_and(|fits| !fits));
    }
}
