//! What whoever runs the server can do: users, topics, keys. The command line and tests call it.

use std::{path::Path, sync::Arc};

use tidings_protocol::{PublishReceipt, PublishRequest, Secret};
use time::OffsetDateTime;

use crate::{
    app::App,
    auth::PasswordError,
    config::Config,
    housekeeping,
    http::KEY_PREFIX,
    hub::Ending,
    later,
    publish::{self, PublishError, is_name, is_reserved},
    random::{self, Digest},
    server::{self, StartError},
    store::{StoreError, keys, topics, users},
};

/// Shortest password that is taken, in characters (NIST SP 800-63B, §5.1.1.1).
const MIN_PASSWORD: usize = 8;

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AdminError {
    /// Names are short and plain.
    #[error("`{0}` cannot be a name: use 1 to 64 letters, digits and . _ - @")]
    Name(String),
    /// A topic of this name would stand in the way of a path.
    #[error("`{0}` is a path of the server and cannot be a topic, nor a key, whose name is one")]
    Reserved(String),
    /// Passwords are not.
    #[error("the password is too short: use at least {MIN_PASSWORD} characters")]
    ShortPassword,
    /// There is one already.
    #[error("there is a {kind} `{name}` already")]
    Taken {
        /// Of what kind.
        kind: &'static str,
        /// Its name.
        name: String,
    },
    /// There is none.
    #[error("there is no {kind} `{name}`")]
    Unknown {
        /// Of what kind.
        kind: &'static str,
        /// The name.
        name: String,
    },
    /// Hashing failed.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A person, as `user list` shows one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UserSummary {
    /// Name.
    pub name: String,
    /// Signed-in devices.
    pub sessions: u64,
    /// Subscriptions.
    pub topics: Vec<String>,
}

/// See the module. Cheap to clone.
#[derive(Clone)]
pub struct Admin {
    app: Arc<App>,
}

impl Admin {
    pub(crate) fn new(app: Arc<App>) -> Self {
        Self { app }
    }

    /// Works on a database whose server runs elsewhere, or not at all. A running server notices within seconds.
    ///
    /// # Errors
    /// [`StartError::Database`].
    pub async fn open(database: &Path) -> Result<Self, StartError> {
        Ok(Self::new(server::open(Config::new(database)).await?))
    }

    /// Adds a person.
    ///
    /// # Errors
    /// [`AdminError`].
    pub async fn add_user(&self, name: &str, password: &Secret) -> Result<(), AdminError> {
        let name = checked_name(name)?;
        let hash = self.hash(password).await?;
        let added = self
            .app
            .store
            .write({
                let name = name.clone();
                move |connection| users::add(connection, &name, &hash, OffsetDateTime::now_utc())
            })
            .await?;
        added.map(drop).ok_or(AdminError::Taken { kind: "user", name })
    }

    /// Removes a person, their devices and all that was stored for them.
    ///
    /// # Errors
    /// [`AdminError`].
    pub async fn remove_user(&self, name: &str) -> Result<(), AdminError> {
        let name = name.to_owned();
        self.on_user(name.clone(), move |connection| users::remove(connection, &name)).await
    }

    /// Sets a password and signs the person out everywhere.
    ///
    /// # Errors
    /// [`AdminError`].
    pub async fn set_password(&self, name: &str, password: &Secret) -> Result<(), AdminError> {
        let hash = self.hash(password).await?;
        let name = name.to_owned();
        self.on_user(name.clone(), move |connection| users::set_password(connection, &name, &hash)).await
    }

    /// Everybody, by name.
    ///
    /// # Errors
    /// [`AdminError::Store`].
    pub async fn users(&self) -> Result<Vec<UserSummary>, AdminError> {
        let rows = self.app.store.read(users::list).await?;
        Ok(rows
            .into_iter()
            .map(|row| UserSummary { name: row.name, sessions: row.sessions, topics: row.topics })
            .collect())
    }

    /// Subscribes a person to a topic; doing it twice is fine.
    ///
    /// # Errors
    /// [`AdminError`].
    pub async fn subscribe(&self, name: &str, topic: &str) -> Result<(), AdminError> {
        let (name, topic) = (name.to_owned(), checked_topic(topic)?);
        let found = self
            .app
            .store
            .write({
                let name = name.clone();
                move |connection| {
                    let user = users::id_by_name(connection, &name)?;
                    user.map(|user| topics::subscribe(connection, &user, &topic)).transpose()
                }
            })
            .await?;
        found.ok_or(AdminError::Unknown { kind: "user", name })
    }

    /// Ends a subscription.
    ///
    /// # Errors
    /// [`AdminError`].
    pub async fn unsubscribe(&self, name: &str, topic: &str) -> Result<(), AdminError> {
        let (user, wanted) = (name.to_owned(), topic.to_owned());
        let ended = self
            .app
            .store
            .write(move |connection| match users::id_by_name(connection, &user)? {
                Some(user) => topics::unsubscribe(connection, &user, &wanted),
                None => Ok(false),
            })
            .await?;
        let name = || format!("{name} → {topic}");
        if ended { Ok(()) } else { Err(AdminError::Unknown { kind: "subscription", name: name() }) }
    }

    /// Makes a publisher's key. It is told this once and not stored.
    ///
    /// # Errors
    /// [`AdminError`].
    pub async fn create_key(&self, name: &str) -> Result<Secret, AdminError> {
        let name = checked_topic(name)?;
        let key = random::secret(KEY_PREFIX);
        let digest = Digest::of(&key);
        let added = self
            .app
            .store
            .write({
                let name = name.clone();
                move |connection| keys::add(connection, &name, digest, OffsetDateTime::now_utc())
            })
            .await?;
        if added { Ok(key) } else { Err(AdminError::Taken { kind: "key", name }) }
    }

    /// Names of all keys.
    ///
    /// # Errors
    /// [`AdminError::Store`].
    pub async fn keys(&self) -> Result<Vec<String>, AdminError> {
        Ok(self.app.store.read(keys::list).await?)
    }

    /// Ends a key.
    ///
    /// # Errors
    /// [`AdminError`].
    pub async fn revoke_key(&self, name: &str) -> Result<(), AdminError> {
        let name = name.to_owned();
        let revoked = self
            .app
            .store
            .write({
                let name = name.clone();
                move |connection| keys::remove(connection, &name)
            })
            .await?;
        if revoked { Ok(()) } else { Err(AdminError::Unknown { kind: "key", name }) }
    }

    /// Publishes without HTTP.
    ///
    /// # Errors
    /// [`PublishError`].
    pub async fn publish(&self, request: PublishRequest) -> Result<PublishReceipt, PublishError> {
        publish::publish(&self.app, request).await
    }

    /// Applies retention now, as the server does every few minutes.
    ///
    /// # Errors
    /// [`AdminError::Store`].
    pub async fn clean(&self) -> Result<(), AdminError> {
        Ok(housekeeping::clean(&self.app, OffsetDateTime::now_utc()).await?)
    }

    /// Delivers what was published for later and is due by then, as the server does every two seconds.
    ///
    /// # Errors
    /// [`AdminError::Store`].
    pub async fn release(&self, now: OffsetDateTime) -> Result<(), AdminError> {
        Ok(later::release(&self.app, now).await?)
    }

    async fn hash(&self, password: &Secret) -> Result<String, AdminError> {
        if password.expose().chars().count() < MIN_PASSWORD {
            return Err(AdminError::ShortPassword);
        }
        Ok(self.app.passwords.hash(password).await?)
    }

    /// Runs what ends a user's sessions, and then their sockets.
    async fn on_user(
        &self,
        name: String,
        work: impl FnOnce(&rusqlite::Connection) -> Result<Option<String>, StoreError> + Send + 'static,
    ) -> Result<(), AdminError> {
        let hub = Arc::clone(&self.app.hub);
        let then = move |user: &Option<String>| {
            if let Some(user) = user {
                hub.end_user(user, Ending::SessionEnded);
            }
        };
        let user = self.app.store.write_then(work, then).await?;
        user.map(drop).ok_or(AdminError::Unknown { kind: "user", name })
    }
}

fn checked_name(name: &str) -> Result<String, AdminError> {
    if is_name(name) { Ok(name.to_owned()) } else { Err(AdminError::Name(name.to_owned())) }
}

fn checked_topic(name: &str) -> Result<String, AdminError> {
    if is_reserved(name) { Err(AdminError::Reserved(name.to_owned())) } else { checked_name(name) }
}
