//! What a connection reads and keeps between runs: the session and the cursor. Owns their shape; where they are kept
//! is the implementor's affair (the agent: keychain and inbox).

use std::{future::Future, sync::Arc};

use serde::{Deserialize, Serialize};
use tidings_protocol::{Secret, Session, User};
use time::OffsetDateTime;
use tokio::sync::Mutex;

/// Where a connection keeps its session and finds its cursor.
pub trait Store: Send + Sync + 'static {
    /// The session of the last sign-in or refresh; `None` when nobody is signed in.
    ///
    /// May take as long as a keychain's prompt is open.
    fn load(&self) -> impl Future<Output = Result<Option<StoredSession>, StoreError>> + Send;

    /// Keeps a session. It is durable when this returns: refresh tokens rotate, and the old one is worthless.
    fn save(&self, session: &StoredSession) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Forgets the session; the sign-in has ended.
    fn clear(&self) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The last notification stored; read at every connect, and the only truth about what to resume from.
    fn cursor(&self) -> impl Future<Output = Result<Option<Cursor>, StoreError>> + Send;
}

/// Why a [`Store`] could not do it. The texts hold no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// It is locked, and was not unlocked. As every try may prompt a person, it is not tried again for ten minutes by
    /// itself; [`crate::Connection::connect`] tries at once.
    #[error("the keychain is locked: {0}")]
    Locked(String),
    /// It is not there, or refuses.
    #[error("the keychain cannot be reached: {0}")]
    Unavailable(String),
    /// What it holds cannot be read; signing in again replaces it.
    #[error("the stored session cannot be read: {0}")]
    Garbled(String),
}

/// A place in a server's log: the last notification that was stored.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Cursor {
    /// Names the log.
    pub epoch: String,
    /// `seq` of the last one stored.
    pub seq: u64,
}

/// A session as it is kept between runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredSession {
    /// Bearer token.
    #[serde(serialize_with = "Secret::reveal")]
    pub access_token: Secret,
    /// When it stops working; `None` when the server did not say.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "time::serde::rfc3339::option")]
    pub expires_at: Option<OffsetDateTime>,
    /// Spent by the next refresh.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "Secret::reveal_option")]
    pub refresh_token: Option<Secret>,
    /// Names the session in lists and logs; not a secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// Who signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<User>,
}

impl StoredSession {
    /// A server's answer, with its relative expiry made absolute.
    pub(crate) fn from_answer(answer: Session, now: OffsetDateTime) -> Self {
        // a life beyond the calendar is as good as none stated
        let expires_at = answer
            .expires_in
            .and_then(|seconds| i64::try_from(seconds).ok())
            .and_then(|seconds| now.checked_add(time::Duration::seconds(seconds)));
        Self {
            access_token: answer.access_token,
            expires_at,
            refresh_token: answer.refresh_token,
            session_id: answer.session_id,
            user: answer.user,
        }
    }

    /// One text for a keychain entry.
    pub fn to_json(&self) -> Secret {
        // infallible: strings and a date with string keys
        Secret::from(serde_json::to_string(self).unwrap_or_default())
    }

    /// Reads [`StoredSession::to_json`].
    ///
    /// # Errors
    /// [`GarbledSession`] when the text is something else.
    pub fn from_json(text: &Secret) -> Result<Self, GarbledSession> {
        serde_json::from_str::<Self>(text.expose())
            .ok()
            .filter(|session| !session.access_token.is_empty())
            .ok_or(GarbledSession)
    }
}

/// A stored session that cannot be read. Says nothing about its content, which may hold secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the stored session cannot be read")]
pub struct GarbledSession;

/// A store that forgets everything when the process ends. Its clones share what they hold.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore(Arc<Mutex<Memory>>);

#[derive(Debug, Default)]
struct Memory {
    session: Option<StoredSession>,
    cursor: Option<Cursor>,
}

impl MemoryStore {
    /// Nobody is signed in.
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts from a sign-in.
    pub fn signed_in(session: StoredSession) -> Self {
        Self(Arc::new(Mutex::new(Memory { session: Some(session), cursor: None })))
    }

    /// Moves the cursor, as storing a notification does.
    pub async fn advance(&self, cursor: Cursor) {
        self.0.lock().await.cursor = Some(cursor);
    }
}

impl Store for MemoryStore {
    async fn load(&self) -> Result<Option<StoredSession>, StoreError> {
        Ok(self.0.lock().await.session.clone())
    }

    async fn save(&self, session: &StoredSession) -> Result<(), StoreError> {
        self.0.lock().await.session = Some(session.clone());
        Ok(())
    }

    async fn clear(&self) -> Result<(), StoreError> {
        self.0.lock().await.session = None;
        Ok(())
    }

    async fn cursor(&self) -> Result<Option<Cursor>, StoreError> {
        Ok(self.0.lock().await.cursor.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session() -> StoredSession {
        StoredSession {
            access_token: Secret::from("hunter2"),
            expires_at: Some(OffsetDateTime::UNIX_EPOCH),
            refresh_token: Some(Secret::from("swordfish")),
            session_id: Some("s1".into()),
            user: Some(User { id: "u1".into(), name: "alice".into() }),
        }
    }

    #[test]
    fn a_session_survives_its_json() {
        assert_eq!(StoredSession::from_json(&session().to_json()), Ok(session()));
    }

    #[test]
    fn a_session_never_prints_its_tokens() {
        let text = format!("{:?}", session());
        assert!(!text.contains("hunter2") && !text.contains("swordfish"), "{text}");
    }

    #[test]
    fn garbled_text_is_an_error() {
        for text in ["", "{}", "null", "hunter2", r#"{"access_token":""}"#, r#"{"access_token":5}"#] {
            assert_eq!(StoredSession::from_json(&Secret::from(text)), Err(GarbledSession), "{text}");
        }
    }

    #[test]
    fn a_life_beyond_the_calendar_is_no_expiry() {
        let answer: Session =
            serde_json::from_str(r#"{"access_token":"a","expires_in":18446744073709551615}"#).unwrap();
        assert_eq!(StoredSession::from_answer(answer, OffsetDateTime::UNIX_EPOCH).expires_at, None);
    }
}
