//! The operating system's keychain: Secret Service, Keychain or Credential Manager.
//!
//! It is opened for each use and let go of after it. A keychain that appears, restarts or is replaced while the agent
//! runs is found that way, nothing of it rests in memory, and one use in ten minutes is as often as a token is
//! refreshed.

use tidings_protocol::Secret;

#[cfg(not(target_os = "linux"))]
use super::native::Opened;
#[cfg(target_os = "linux")]
use super::secret_service::Opened;
use super::{Vault, VaultError, split};

/// The real keychain.
#[derive(Debug, Default)]
pub struct SystemVault;

impl Vault for SystemVault {
    fn name(&self) -> &'static str {
        if cfg!(windows) {
            "Credential Manager"
        } else if cfg!(target_os = "macos") {
            "Keychain"
        } else {
            "Secret Service"
        }
    }

    fn read(&self, account: &str) -> Result<Option<Secret>, VaultError> {
        let Some(bytes) = split::read(&Opened::new("")?, account)? else { return Ok(None) };
        let text = String::from_utf8(bytes)
            .map_err(|_| VaultError::Garbled("the stored sign-in is not text".to_owned()))?;
        Ok(Some(Secret::from(text)))
    }

    fn write(&self, account: &str, label: &str, secret: &Secret) -> Result<(), VaultError> {
        split::write(&Opened::new(label)?, account, secret.expose().as_bytes())
    }

    fn erase(&self, account: &str) -> Result<(), VaultError> {
        split::erase(&Opened::new("")?, account)
    }
}
