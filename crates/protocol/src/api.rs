use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{Action, Attachment, Priority, Secret, lenient};

/// How a client proves itself when it opens the socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Flow {
    /// A single-use ticket, fetched with the token, travels in the URL.
    Ticket,
    /// The token travels in the URL and again in an `auth` message.
    Token,
}

/// `GET /api/info`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Info {
    /// `"tidings"`.
    pub server: String,
    /// The server's own version.
    pub version: String,
    /// [`crate::VERSION`].
    pub protocol: u32,
    /// Flows that the server accepts, the preferred one first. Unknown names are dropped.
    #[serde(default, deserialize_with = "lenient::readable")]
    pub flows: Vec<Flow>,
    /// Whether `POST /api/auth/guest` works.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub guests: bool,
    /// Seconds between the client's pings.
    #[serde(default = "usual_keepalive", deserialize_with = "keepalive")]
    pub keepalive_seconds: u64,
}

fn usual_keepalive() -> u64 {
    crate::KEEPALIVE_SECONDS
}

fn keepalive<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    Ok(lenient::seconds(deserializer)?.unwrap_or_else(usual_keepalive))
}

/// The device that signs in, as a person would recognise it in a list of sessions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Host name or a name that the person chose.
    pub name: String,
    /// Operating system.
    pub platform: Platform,
}

/// Operating system of a [`Device`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Platform {
    /// Linux.
    Linux,
    /// Windows.
    Windows,
    /// macOS.
    Macos,
    /// Anything else.
    #[serde(other)]
    Other,
}

impl Platform {
    /// The one that this program was built for.
    pub const fn current() -> Self {
        if cfg!(target_os = "linux") {
            Self::Linux
        } else if cfg!(windows) {
            Self::Windows
        } else if cfg!(target_os = "macos") {
            Self::Macos
        } else {
            Self::Other
        }
    }
}

/// `POST /api/auth/login`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginRequest {
    /// User name.
    pub username: String,
    /// Password.
    #[serde(serialize_with = "Secret::reveal")]
    pub password: Secret,
    /// Where from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<Device>,
}

/// `POST /api/auth/guest`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuestRequest {
    /// Where from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<Device>,
}

/// `POST /api/auth/refresh`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefreshRequest {
    /// The newest refresh token; it is spent by this call.
    #[serde(serialize_with = "Secret::reveal")]
    pub refresh_token: Secret,
}

/// The answer to login, guest login and refresh.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Bearer token for HTTP and for the token flow's socket.
    #[serde(serialize_with = "Secret::reveal", deserialize_with = "lenient::required_secret")]
    pub access_token: Secret,
    /// Always `Bearer` here.
    #[serde(default = "bearer", deserialize_with = "token_type")]
    pub token_type: String,
    /// Seconds that the access token lives, from now; absent when the server does not say.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "lenient::seconds")]
    pub expires_in: Option<u64>,
    /// Rotates with every refresh.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "Secret::reveal_option",
        deserialize_with = "lenient::secret"
    )]
    pub refresh_token: Option<Secret>,
    /// Names the session in lists and logs; not a secret.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "lenient::id")]
    pub session_id: Option<String>,
    /// Who signed in; absent for guests.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "lenient::or_default")]
    pub user: Option<User>,
    /// Names the user's log; at a login only.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "lenient::or_default")]
    pub epoch: Option<String>,
    /// The newest `seq` in it: what comes after the login follows this.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "lenient::or_default")]
    pub head: Option<u64>,
}

fn bearer() -> String {
    "Bearer".to_owned()
}

fn token_type<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_else(bearer))
}

fn usual_ticket_life() -> u64 {
    crate::TICKET_SECONDS
}

fn ticket_life<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    Ok(lenient::seconds(deserializer)?.unwrap_or_else(usual_ticket_life))
}

/// A user as others see one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Stable id.
    #[serde(deserialize_with = "lenient::required_id")]
    pub id: String,
    /// Display name.
    pub name: String,
}

/// `POST /api/ws/ticket`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketResponse {
    /// Opaque and single-use.
    #[serde(serialize_with = "Secret::reveal", deserialize_with = "lenient::required_secret")]
    pub ticket: Secret,
    /// Seconds to live.
    #[serde(default = "usual_ticket_life", deserialize_with = "ticket_life")]
    pub expires_in: u64,
}

/// Whom a published notification is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum To {
    /// One user, by name.
    User(String),
    /// Everybody who is subscribed to a topic.
    Topic(String),
}

/// `POST /api/notifications`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishRequest {
    /// Whom it is for.
    pub to: To,
    /// First line; required, not blank.
    pub title: String,
    /// The rest.
    #[serde(default)]
    pub body: String,
    /// 1 to 5.
    #[serde(default)]
    pub priority: Priority,
    /// Free labels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// What opens on a click; `http` or `https`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub click_url: Option<String>,
    /// Buttons.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<Action>,
    /// A picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icon_url: Option<String>,
    /// A large picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_url: Option<String>,
    /// A file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attachment: Option<Attachment>,
    /// The body is no Markdown.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub plain: bool,
    /// Id of an earlier notification that this one takes the place of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<String>,
    /// After this moment nobody needs to be told.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "time::serde::rfc3339::option")]
    pub expires_at: Option<OffsetDateTime>,
}

/// 202 of `POST /api/notifications`: it is durably stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishReceipt {
    /// The notification's id.
    pub id: String,
    /// Its place in the recipient's log; for a topic, the place in the publisher's own log or the first recipient's.
    pub seq: u64,
}
