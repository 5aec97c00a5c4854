//! The session bus: a connection to it, and who owns a name on it.
//!
//! Nothing here polls. A bus that is not there is an error at once; a name's owner is heard of as it changes.

use std::time::Duration;

use futures_util::StreamExt;
use zbus::{
    Connection, MatchRule, MessageStream,
    fdo::{DBusProxy, NameOwnerChanged},
    message::Type,
    names::{BusName, OwnedUniqueName},
};

/// How long a service may take to answer. Long enough for the bus to start one that is not running yet.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// Connects to the session bus.
pub(crate) async fn connect() -> zbus::Result<Connection> {
    zbus::connection::Builder::session()?.method_timeout(PATIENCE).build().await
}

/// The owner of one well-known name.
pub(crate) struct Owner {
    changes: MessageStream,
    current: Option<OwnedUniqueName>,
    told: bool,
}

impl Owner {
    /// Starts listening.
    pub(crate) async fn watch(bus: &Connection, name: &'static str) -> zbus::Result<Self> {
        let rule = MatchRule::builder()
            .msg_type(Type::Signal)
            .sender("org.freedesktop.DBus")?
            .interface("org.freedesktop.DBus")?
            .member("NameOwnerChanged")?
            .add_arg(name)?
            .build();
        // listen first, ask second: a change in between is heard twice rather than missed
        let changes = MessageStream::for_match_rule(rule, bus, None).await?;
        let current = DBusProxy::new(bus).await?.get_name_owner(BusName::try_from(name)?).await.ok();
        Ok(Self { changes, current, told: false })
    }

    /// The present owner at the first call, then each new one. `Err` when the bus has gone.
    pub(crate) async fn next(&mut self) -> Result<Option<OwnedUniqueName>, BusGone> {
        if !self.told {
            self.told = true;
            return Ok(self.current.clone());
        }
        loop {
            let message = self.changes.next().await.ok_or(BusGone)?.map_err(|_| BusGone)?;
            let Some(signal) = NameOwnerChanged::from_message(message) else { continue };
            let Ok(args) = signal.args() else { continue };
            let owner = args.new_owner().as_ref().map(|owner| OwnedUniqueName::from(owner.to_owned()));
            if owner != self.current {
                self.current.clone_from(&owner);
                return Ok(owner);
            }
        }
    }
}

/// The connection to the bus has ended.
#[derive(Debug, thiserror::Error)]
#[error("the session bus has gone")]
pub(crate) struct BusGone;
