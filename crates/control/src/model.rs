//! What the agent shows of itself. Times are RFC 3339 in UTC.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{DoNotDisturb, Settings, Silence};

/// All that the window needs to draw itself, but for the inbox's rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub struct Snapshot {
    /// The agent's version.
    pub version: String,
    /// Accounts, in the order that a person has given them.
    pub accounts: Vec<Account>,
    /// Unread notifications over all accounts.
    pub unread: u32,
    /// While on, nothing is toasted; everything still arrives in the inbox.
    pub do_not_disturb: DoNotDisturb,
    /// Why nothing is toasted now, if nothing is.
    pub silence: Option<Silence>,
    /// What a person has chosen.
    pub settings: Settings,
    /// Whether the agent starts with the session.
    pub autostart: Autostart,
    /// Standing conditions that a person should know of.
    pub notices: Vec<Notice>,
    /// What to fill in on the sign-in page.
    pub hint: SignInHint,
}

/// One user on one server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub struct Account {
    /// The agent's own id of it.
    pub id: String,
    /// Base address, without credentials.
    pub server: String,
    /// User name; empty for a guest.
    pub username: String,
    /// What the person calls it, where that is not the user and the server.
    pub name: Option<String>,
    /// What marks its notifications where there are several accounts.
    pub colour: Colour,
    /// Pictures that its notifications name are fetched and shown.
    pub pictures: bool,
    /// Whether there is a session. Without one its history stays, and nothing is received.
    pub signed_in: bool,
    /// How its server is spoken to.
    pub dialect: Dialect,
    /// The topics that it follows, where its kind of server asks for that; else none.
    pub topics: Vec<String>,
    /// The person has put it to rest: it stays signed in, and receives nothing.
    pub paused: bool,
    /// What is deleted here for good is deleted on the server too, where its kind of server can.
    pub deletes_on_server: bool,
    /// The connection, now.
    pub status: Status,
    /// Where the sign-in is kept.
    pub persistence: Persistence,
    /// Unread notifications of this account.
    pub unread: u32,
}

/// What marks an account. The window has a light and a dark value for each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub enum Colour {
    /// The first account's, and whatever else has none of its own.
    #[default]
    Brass,
    /// A red.
    Rose,
    /// A violet.
    Violet,
    /// A blue.
    Blue,
    /// A blue green.
    Teal,
    /// A green.
    Green,
}

/// How a server is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub enum Dialect {
    /// Tidings, or a server of one's own that speaks its protocol, with a single-use ticket.
    Ticket,
    /// The same, with the token in the URL and an auth message.
    Token,
    /// Gotify.
    Gotify,
    /// ntfy.
    Ntfy,
}

/// Where a sign-in is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub enum Persistence {
    /// In the keychain.
    Keychain,
    /// In memory until the agent ends, because the keychain could not take it.
    ThisRun,
}

/// A connection's state. `retry_at` is the exact time of the next attempt, where one is due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub struct Status {
    /// Where it is.
    pub state: State,
    /// Attempts since the last connection that lasted.
    pub attempt: u32,
    /// Why it is not connected.
    pub cause: Option<Cause>,
    /// When the next attempt starts.
    #[serde(with = "time::serde::rfc3339::option")]
    #[cfg_attr(test, ts(type = "string | null"))]
    pub retry_at: Option<OffsetDateTime>,
    /// Since when it is in this state.
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(test, ts(type = "string"))]
    pub since: OffsetDateTime,
}

/// The five states of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub enum State {
    /// Not started.
    Initial,
    /// An attempt is under way.
    Connecting,
    /// Live.
    Connected,
    /// Closing on request.
    Disconnecting,
    /// Not live; see the cause and the time of the next attempt.
    Disconnected,
}

/// Why a connection is not live.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub struct Cause {
    /// What the window has words for.
    pub kind: CauseKind,
    /// Technical detail: a status and code, an error of the operating system.
    pub detail: String,
}

/// Kinds of [`Cause`], by what a person can do about them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub enum CauseKind {
    /// No usable network; reconnects by itself.
    Offline,
    /// The server cannot be reached, or the connection broke; retried.
    Unreachable,
    /// 429 or 503; retried.
    ServerBusy,
    /// The server restarts and said so; retried.
    Restarting,
    /// The sign-in has ended; the token is gone.
    SignInNeeded,
    /// The server refuses; nothing is retried until the person acts.
    Blocked,
    /// What answers there is no Tidings server; retried at the longest interval.
    NotSuchServer,
    /// The certificate is not trusted.
    Certificate,
    /// The server asks for a client certificate, or does not accept the account's.
    ClientCertificate,
    /// A certificate file of the account cannot be used.
    CertificateFile,
    /// A proxy, not the server, wants credentials.
    Proxy,
    /// The keychain is locked, so there is no token yet; retried.
    KeychainLocked,
    /// The configured number of attempts is used up.
    GaveUp,
    /// The person, or an option, keeps it disconnected.
    Stopped,
}

/// One row of the inbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub struct Item {
    /// The inbox's own id; rises in the order of arrival.
    #[cfg_attr(test, ts(type = "number"))]
    pub id: i64,
    /// [`Account::id`].
    pub account: String,
    /// The server's id of it, where it gave one.
    pub server_id: Option<String>,
    /// The server's sequence number, where it gave one.
    #[cfg_attr(test, ts(type = "number | null"))]
    pub seq: Option<u64>,
    /// First line.
    pub title: String,
    /// The rest.
    pub body: String,
    /// How much it matters.
    pub priority: Priority,
    /// Topic it was published to.
    pub topic: Option<String>,
    /// Free labels.
    pub tags: Vec<String>,
    /// What "open link" opens; `http` or `https` only.
    pub click_url: Option<String>,
    /// Buttons.
    pub actions: Vec<Action>,
    /// A picture; `http` or `https` only. Asked for by [`crate::Request::Picture`].
    pub icon_url: Option<String>,
    /// A large picture, as `icon_url`.
    pub image_url: Option<String>,
    /// A file.
    pub attachment: Option<Attachment>,
    /// The body is no Markdown.
    pub plain: bool,
    /// When the server stored it, else when it arrived.
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(test, ts(type = "string"))]
    pub created_at: OffsetDateTime,
    /// When it arrived here.
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(test, ts(type = "string"))]
    pub received_at: OffsetDateTime,
    /// Read here or on another device.
    pub read: bool,
    /// Kept, however old it gets.
    pub kept: bool,
    /// What became of it.
    pub disposition: Disposition,
}

/// A button of a notification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub struct Action {
    /// Unique within its notification.
    pub id: String,
    /// What the button says.
    pub label: String,
    /// What it opens or calls; `http` or `https` only. Empty where it copies.
    pub url: String,
    /// The HTTP method that it calls the address with; absent means that the address is opened.
    pub method: Option<String>,
    /// The text that it copies, instead of opening or calling anything. The window does that by itself.
    pub copy: Option<String>,
}

/// A file that a notification comes with. It stays where it is until a person asks for it, by
/// [`crate::Request::OpenAttachment`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub struct Attachment {
    /// What it is called; may be empty.
    pub name: String,
    /// Where it is; `http` or `https` only.
    pub url: String,
    /// Its media type, as the publisher has it.
    pub media_type: Option<String>,
    /// Bytes in it.
    #[cfg_attr(test, ts(type = "number | null"))]
    pub size: Option<u64>,
    /// After this moment it is gone.
    #[serde(with = "time::serde::rfc3339::option")]
    #[cfg_attr(test, ts(type = "string | null"))]
    pub expires_at: Option<OffsetDateTime>,
}

/// An account of another program on this computer, which could move in here. Nothing secret is in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub struct Foreign {
    /// Names it, for [`crate::Request::Import`].
    pub id: String,
    /// Whose it is.
    pub program: Program,
    /// The file that it was found in.
    pub file: String,
    /// The kind of its server.
    pub dialect: Dialect,
    /// Address of the server.
    pub server: String,
    /// User name; empty where there is a token, or nobody.
    pub username: String,
    /// How it proves itself there.
    pub proof: Proof,
    /// The topics that it follows.
    pub topics: Vec<String>,
    /// There is such an account here already.
    pub known: bool,
}

/// A program that an account can be taken over from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub enum Program {
    /// gotify-tray.
    GotifyTray,
    /// The `ntfy` command line.
    Ntfy,
}

/// How a [`Foreign`] account proves itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub enum Proof {
    /// By a token that stands in its file.
    Token,
    /// By a password that stands in its file.
    Password,
    /// It does not.
    Nothing,
}

/// How much a notification matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub enum Priority {
    /// 1 on the wire.
    Min,
    /// 2.
    Low,
    /// 3.
    Default,
    /// 4.
    High,
    /// 5.
    Urgent,
}

/// What became of a notification when it arrived: shown as a toast, or not and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub enum Disposition {
    /// Recorded, not decided yet.
    Pending,
    /// Shown as a toast.
    Shown,
    /// Part of a summary toast, as many arrived at once.
    Summarized,
    /// Not shown: do not disturb.
    DoNotDisturb,
    /// Not shown: already past its `expires_at`.
    Expired,
    /// Not shown: read on another device before it arrived here.
    AlreadyRead,
    /// Not shown: of priority "min", or of less than the person wants toasts for.
    LowPriority,
    /// Not shown: toasts are switched off for this run, or no notification daemon runs.
    NoToasts,
    /// Not shown: quiet hours.
    QuietHours,
    /// Not shown: its account or topic is muted.
    Muted,
    /// Not shown: the desktop's own "do not disturb".
    DesktopQuiet,
}

/// A page of the inbox, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub struct Page {
    /// Rows.
    pub items: Vec<Item>,
    /// Pass it as `before` for the next page; absent at the end. A page may hold fewer rows than asked for, or none at
    /// all, and yet have a next one: a search looks only so far at a time.
    #[cfg_attr(test, ts(type = "number | null"))]
    pub next: Option<i64>,
}

/// A standing condition that a person should know of. It goes away with its reason, or when dismissed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub struct Notice {
    /// What the window has words for.
    pub code: NoticeCode,
    /// Technical detail.
    pub detail: String,
    /// The account that it is about, if it is about one.
    pub account: Option<String>,
    /// Since when.
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(test, ts(type = "string"))]
    pub since: OffsetDateTime,
}

/// Kinds of [`Notice`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub enum NoticeCode {
    /// No display or no session bus: neither tray nor toasts.
    NoDesktop,
    /// No tray host answers; the icon appears when one does.
    NoTray,
    /// No notification daemon answers.
    NoNotifications,
    /// There is no keychain.
    NoKeychain,
    /// The keychain is locked.
    KeychainLocked,
    /// The disk is full: notifications wait on the server.
    StorageFull,
    /// The data folder cannot be written.
    StorageReadOnly,
    /// The inbox could not be read; it was set aside and a new one started. The detail names the file.
    InboxReplaced,
    /// A newer version has written the inbox; it was not touched, and this one runs without it.
    InboxTooNew,
    /// Some notifications are no longer on the server.
    Gap,
    /// The administrator's file cannot be read or makes no sense, so nothing of it is followed. The detail says why.
    PolicyUnreadable,
}

/// Whether the agent starts with the session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub enum Autostart {
    /// It does.
    On,
    /// It does not.
    Off,
    /// It cannot be told or switched here.
    Unavailable,
}

/// What to fill in on the sign-in page, from the agent's own start options.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub struct SignInHint {
    /// Server address.
    pub server: Option<String>,
    /// User name.
    pub username: Option<String>,
    /// An administrator has decided the server.
    #[serde(default)]
    pub server_locked: bool,
}

/// A topic that something was published to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub struct Topic {
    /// [`Account::id`].
    pub account: String,
    /// Its name.
    pub name: String,
    /// Unread notifications of it.
    pub unread: u32,
}

/// A picture, as it was fetched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub struct Picture {
    /// `image/png`, `image/jpeg`, `image/gif` or `image/webp`: found by looking at its bytes.
    pub media_type: String,
    /// Its bytes in base64.
    pub base64: String,
}

/// What an export has written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub struct Exported {
    /// Full path of the file.
    pub path: String,
    /// Notifications in it.
    pub count: u32,
}

/// How an account's connection is made, for a server of one's own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub struct Route {
    /// How the server is spoken to, of the two that the protocol has; unchanged if absent.
    pub dialect: Option<Dialect>,
    /// Paths that differ from the protocol's, by the names of `docs/protocol.md`.
    pub paths: std::collections::BTreeMap<String, String>,
    /// Full path of a PEM file with certificates that are trusted besides the operating system's.
    pub ca_file: Option<String>,
    /// Full path of a PEM file with a client certificate.
    pub client_certificate: Option<String>,
    /// Full path of a PEM file with its private key, unless that is in the same file.
    pub client_key: Option<String>,
}
