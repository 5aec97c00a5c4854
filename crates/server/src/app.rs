//! What every request and socket of one running server shares.

use std::{net::IpAddr, sync::Arc, time::Instant};

use tidings_protocol::Secret;
use time::OffsetDateTime;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    auth::{AccessKey, InvalidAccess, Passwords},
    config::Config,
    health::Health,
    hub::Hub,
    limits::Buckets,
    metrics::Metrics,
    store::{Store, StoreError, log, sessions},
    tickets::Tickets,
};

/// See the module.
pub(crate) struct App {
    pub(crate) config: Config,
    pub(crate) store: Store,
    pub(crate) hub: Arc<Hub>,
    pub(crate) access: AccessKey,
    pub(crate) passwords: Passwords,
    pub(crate) tickets: Tickets,
    pub(crate) sign_ins: Buckets<IpAddr>,
    pub(crate) refreshes: Buckets<IpAddr>,
    pub(crate) publishing: Buckets<String>,
    pub(crate) health: Health,
    pub(crate) metrics: Metrics,
    /// Connections and sockets that a shutdown waits for.
    pub(crate) tasks: TaskTracker,
    /// Cancelled when the server goes down.
    pub(crate) closing: CancellationToken,
}

/// Why an access token opens nothing.
#[derive(Debug)]
pub(crate) enum Denied {
    /// The token itself is no good.
    Token(InvalidAccess),
    /// It is good, but its session is over.
    MissingSession,
    /// The database failed.
    Store(StoreError),
}

impl App {
    /// The living session behind an access token.
    pub(crate) async fn session(&self, token: &Secret) -> Result<sessions::Living, Denied> {
        let id = self.access.session(token, OffsetDateTime::now_utc()).map_err(Denied::Token)?;
        self.living(id).await
    }

    /// The living session of this id.
    pub(crate) async fn living(&self, id: String) -> Result<sessions::Living, Denied> {
        self.store
            .read(move |connection| sessions::living(connection, &id, OffsetDateTime::now_utc()))
            .await
            .map_err(Denied::Store)?
            .ok_or(Denied::MissingSession)
    }

    /// The newest `seq` of a user's log.
    pub(crate) async fn head(&self, user: String) -> Result<u64, Denied> {
        let standing = self.store.read(move |connection| log::standing(connection, &user)).await;
        Ok(standing.map_err(Denied::Store)?.ok_or(Denied::MissingSession)?.head)
    }

    /// The clock of buckets and tickets.
    pub(crate) fn now() -> Instant {
        Instant::now()
    }
}
