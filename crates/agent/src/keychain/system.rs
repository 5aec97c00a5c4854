//! The operating system's keychain: Secret Service, Keychain or Credential Manager, through `keyring-core`.
//!
//! The store is opened for each use and let go of after it. A keychain that appears, restarts or is replaced while
//! the agent runs is found that way, nothing of it rests in memory, and one use in ten minutes is as often as a
//! token is refreshed.

use std::{collections::HashMap, sync::Arc};

use keyring_core::{CredentialStore, Entry, Error};
use tidings_protocol::Secret;

use super::{
    Vault, VaultError,
    split::{self, Entries},
};

/// The `service` of every entry of ours.
const SERVICE: &str = "tidings";

/// The real keychain.
#[derive(Debug, Default)]
pub struct SystemVault;

#[cfg(target_os = "linux")]
fn open() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(zbus_secret_service_keyring_store::Store::new()?)
}

#[cfg(target_os = "macos")]
fn open() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(apple_native_keyring_store::keychain::Store::new()?)
}

#[cfg(windows)]
fn open() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(windows_native_keyring_store::Store::new()?)
}

struct Opened<'a> {
    store: Arc<CredentialStore>,
    label: &'a str,
}

impl Opened<'_> {
    fn entry(&self, name: &str) -> Result<Entry, VaultError> {
        // the other systems' stores know no label
        let label = HashMap::from([("label", self.label)]);
        let modifiers = (cfg!(target_os = "linux") && !self.label.is_empty()).then_some(&label);
        self.store.build(SERVICE, name, modifiers).map_err(classify)
    }
}

impl Entries for Opened<'_> {
    // CRED_MAX_CREDENTIAL_BLOB_SIZE of Windows: 5 * 512 bytes
    const LIMIT: Option<usize> = if cfg!(windows) { Some(2560) } else { None };

    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, VaultError> {
        match self.entry(name)?.get_secret() {
            Ok(secret) => Ok(Some(secret)),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(classify(error)),
        }
    }

    fn write(&self, name: &str, secret: &[u8]) -> Result<(), VaultError> {
        self.entry(name)?.set_secret(secret).map_err(classify)
    }

    fn erase(&self, name: &str) -> Result<(), VaultError> {
        match self.entry(name)?.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(classify(error)),
        }
    }
}

impl Vault for SystemVault {
    fn read(&self, account: &str) -> Result<Option<Secret>, VaultError> {
        let opened = Opened { store: open().map_err(classify)?, label: "" };
        let Some(bytes) = split::read(&opened, account)? else { return Ok(None) };
        let text = String::from_utf8(bytes)
            .map_err(|_| VaultError::Garbled("the stored sign-in is not text".to_owned()))?;
        Ok(Some(Secret::from(text)))
    }

    fn write(&self, account: &str, label: &str, secret: &Secret) -> Result<(), VaultError> {
        let opened = Opened { store: open().map_err(classify)?, label };
        split::write(&opened, account, secret.expose().as_bytes())
    }

    fn erase(&self, account: &str) -> Result<(), VaultError> {
        split::erase(&Opened { store: open().map_err(classify)?, label: "" }, account)
    }
}

/// Sorts the keychain's errors by what a person can do. Only those texts are kept that cannot hold a secret.
fn classify(error: Error) -> VaultError {
    match error {
        Error::NoStorageAccess(cause) => VaultError::Locked(cause.to_string()),
        Error::BadEncoding(_) | Error::BadDataFormat(..) => {
            VaultError::Garbled("the stored sign-in is not in the keychain's format".to_owned())
        }
        Error::Ambiguous(entries) => {
            VaultError::Garbled(format!("{} entries of the keychain have this account's name", entries.len()))
        }
        other => VaultError::Unavailable(other.to_string()),
    }
}
