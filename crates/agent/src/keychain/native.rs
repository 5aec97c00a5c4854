//! Keychain of macOS and Credential Manager of Windows, through `keyring-core`.

use std::sync::Arc;

use keyring_core::{CredentialStore, Entry, Error};

use super::{VaultError, split::Entries};

/// The `service` of every entry of ours.
const SERVICE: &str = "tidings";

#[cfg(target_os = "macos")]
fn open() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(apple_native_keyring_store::keychain::Store::new()?)
}

#[cfg(windows)]
fn open() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(windows_native_keyring_store::Store::new()?)
}

/// An open keychain.
pub(super) struct Opened(Arc<CredentialStore>);

impl Opened {
    /// Opens it. These stores know no label.
    pub(super) fn new(_label: &str) -> Result<Self, VaultError> {
        open().map(Self).map_err(classify)
    }

    fn entry(&self, name: &str) -> Result<Entry, VaultError> {
        self.0.build(SERVICE, name, None).map_err(classify)
    }
}

impl Entries for Opened {
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
