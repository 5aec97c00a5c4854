use std::collections::HashMap;

use futures_util::StreamExt;
use zbus::{
    MatchRule, MessageStream, Proxy,
    message::Type,
    zvariant::{OwnedObjectPath, OwnedValue, Value},
};

use crate::{Outcome, Trouble, patience::PATIENCE, within};

const SERVICE: &str = "org.freedesktop.secrets";

/// The session's keychain, read and written behind the agent's back (Secret Service API).
#[derive(Debug)]
pub struct Keychain {
    bus: zbus::Connection,
    session: OwnedObjectPath,
}

/// An entry of it.
#[derive(Clone, Debug)]
pub struct KeychainEntry {
    path: OwnedObjectPath,
    /// What a person reads in a list of their secrets.
    pub label: String,
    /// What it is found by.
    pub attributes: HashMap<String, String>,
    /// The secret itself.
    pub secret: String,
}

/// Session, parameters, value, content type (Secret Service API, "Secret").
type Secret = (OwnedObjectPath, Vec<u8>, Vec<u8>, String);

impl Keychain {
    pub(crate) async fn open(bus: zbus::Connection) -> Outcome<Self> {
        let (_, session): (OwnedValue, OwnedObjectPath) =
            service(&bus).await?.call("OpenSession", &("plain", Value::from(""))).await?;
        Ok(Self { bus, session })
    }

    /// What Tidings keeps there.
    ///
    /// # Errors
    /// When the keychain does not answer, or is locked.
    pub async fn entries(&self) -> Outcome<Vec<KeychainEntry>> {
        let wanted = HashMap::from([("service", "tidings")]);
        let (unlocked, locked): (Vec<OwnedObjectPath>, Vec<OwnedObjectPath>) =
            service(&self.bus).await?.call("SearchItems", &(wanted,)).await?;
        if !locked.is_empty() {
            return Err(Trouble::Unexpected("the keychain is locked".to_owned()));
        }
        let mut entries = Vec::new();
        for path in unlocked {
            let item = self.item(&path).await?;
            let (_, _, secret, _): Secret =
                item.call::<_, _, (Secret,)>("GetSecret", &(&self.session,)).await?.0;
            entries.push(KeychainEntry {
                label: item.get_property("Label").await?,
                attributes: item.get_property("Attributes").await?,
                secret: String::from_utf8_lossy(&secret).into_owned(),
                path,
            });
        }
        Ok(entries)
    }

    /// The one entry that Tidings keeps there.
    ///
    /// # Errors
    /// When there is none, or more than one.
    pub async fn entry(&self) -> Outcome<KeychainEntry> {
        let mut entries = self.entries().await?;
        match (entries.pop(), entries.is_empty()) {
            (Some(entry), true) => Ok(entry),
            (entry, _) => Err(Trouble::Unexpected(format!(
                "the keychain holds {} entries of Tidings where one is expected",
                entries.len() + usize::from(entry.is_some())
            ))),
        }
    }

    /// Waits until its entries are as wanted.
    ///
    /// # Errors
    /// [`Trouble::Late`].
    pub async fn when(&self, what: &str, wanted: impl Fn(&[KeychainEntry]) -> bool) -> Outcome {
        let rule = MatchRule::builder()
            .msg_type(Type::Signal)
            .interface("org.freedesktop.Secret.Collection")?
            .build();
        // ItemCreated, ItemChanged, ItemDeleted
        let mut changes = MessageStream::for_match_rule(rule, &self.bus, None).await?;
        let becomes = async {
            while !wanted(&self.entries().await?) {
                let gone = || Trouble::Unexpected("the session bus has ended".to_owned());
                changes.next().await.ok_or_else(gone)??;
            }
            Ok(())
        };
        within(PATIENCE, what, becomes).await?
    }

    /// Puts another secret into an entry.
    ///
    /// # Errors
    /// When the keychain refuses.
    pub async fn overwrite(&self, entry: &KeychainEntry, secret: &str) -> Outcome {
        let value: Secret =
            (self.session.clone(), Vec::new(), secret.as_bytes().to_vec(), "text/plain".to_owned());
        Ok(self.item(&entry.path).await?.call("SetSecret", &(value,)).await?)
    }

    /// Locks it.
    ///
    /// # Errors
    /// When the keychain refuses.
    pub async fn lock(&self) -> Outcome {
        let service = service(&self.bus).await?;
        let collection: OwnedObjectPath = service.call("ReadAlias", &("default",)).await?;
        let (locked, _prompt): (Vec<OwnedObjectPath>, OwnedObjectPath) =
            service.call("Lock", &(vec![&collection],)).await?;
        if locked.contains(&collection) {
            return Ok(());
        }
        Err(Trouble::Unexpected("the keychain did not lock".to_owned()))
    }

    async fn item<'a>(&self, path: &'a OwnedObjectPath) -> Outcome<Proxy<'a>> {
        Ok(Proxy::new(&self.bus, SERVICE, path, "org.freedesktop.Secret.Item").await?)
    }
}

async fn service(bus: &zbus::Connection) -> Outcome<Proxy<'_>> {
    Ok(Proxy::new(bus, SERVICE, "/org/freedesktop/secrets", "org.freedesktop.Secret.Service").await?)
}
