//! The Secret Service of Linux desktops.
//!
//! Everything is done on the calling thread, by a runtime that ends with the use. zbus' blocking calls, on which the
//! stores of `keyring-core` are built, would leave a runtime with a thread for each core behind, for as long as the
//! agent lives.

use std::collections::HashMap;

use secret_service::{EncryptionType, Error, Item, SecretService};
use tokio::runtime::{Builder, Runtime};

use super::{VaultError, split::Entries};

/// The attribute `service` of every entry of ours.
const SERVICE: &str = "tidings";

/// An open Secret Service.
pub(super) struct Opened {
    label: String,
    // before the runtime, on which its connection runs
    service: SecretService<'static>,
    runtime: Runtime,
}

impl Opened {
    /// Connects. The label is what a person sees in the keychain's own program; only a new entry is given one.
    pub(super) fn new(label: &str) -> Result<Self, VaultError> {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| VaultError::Unavailable(error.to_string()))?;
        let service = runtime.block_on(SecretService::connect(EncryptionType::Dh))?;
        Ok(Self { label: label.to_owned(), service, runtime })
    }

    /// The one entry of this name, unlocked, after a prompt if there has to be one.
    async fn item(&self, name: &str) -> Result<Option<Item<'_>>, VaultError> {
        let found = self.service.search_items(attributes(name)).await?;
        if !found.locked.is_empty() {
            let locked: Vec<_> = found.locked.iter().collect();
            self.service.unlock_all(&locked).await?;
        }
        let mut items: Vec<_> = found.unlocked.into_iter().chain(found.locked).collect();
        match items.len() {
            0 | 1 => Ok(items.pop()),
            several => Err(VaultError::Garbled(format!(
                "{several} entries of the keychain have this account's name"
            ))),
        }
    }

    async fn create(&self, name: &str, secret: &[u8]) -> Result<(), Error> {
        let collection = self.service.get_default_collection().await?;
        if collection.is_locked().await? {
            collection.unlock().await?;
        }
        collection.create_item(&self.label, attributes(name), secret, true, CONTENT).await?;
        Ok(())
    }
}

/// The content type of every entry.
const CONTENT: &str = "application/octet-stream";

fn attributes(name: &str) -> HashMap<&'static str, &str> {
    HashMap::from([("service", SERVICE), ("username", name)])
}

impl Entries for Opened {
    const LIMIT: Option<usize> = None;

    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, VaultError> {
        self.runtime.block_on(async {
            let Some(item) = self.item(name).await? else { return Ok(None) };
            Ok(Some(item.get_secret().await?))
        })
    }

    fn write(&self, name: &str, secret: &[u8]) -> Result<(), VaultError> {
        self.runtime.block_on(async {
            match self.item(name).await? {
                Some(item) => Ok(item.set_secret(secret, CONTENT).await?),
                None => Ok(self.create(name, secret).await?),
            }
        })
    }

    fn erase(&self, name: &str) -> Result<(), VaultError> {
        self.runtime.block_on(async {
            let Some(item) = self.item(name).await? else { return Ok(()) };
            Ok(item.delete().await?)
        })
    }
}

/// Sorted by what a person can do. None of these texts holds a secret.
impl From<Error> for VaultError {
    fn from(error: Error) -> Self {
        match error {
            // no result: there is no default collection to store in
            Error::Locked | Error::Prompt | Error::NoResult => Self::Locked(error.to_string()),
            _ => Self::Unavailable(error.to_string()),
        }
    }
}
