use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, Serializer};

use crate::{Account, Diagnostics, Flow, Item, Page, Snapshot, Status};

/// Who is calling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The window. The agent knows of one at a time.
    Window,
    /// The command line.
    Cli,
}

/// Both sides' first message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// The sender's version.
    pub version: String,
    /// The sender's process id.
    pub pid: u32,
    /// In the agent's answer to a window: another window is open already and has been asked to show itself.
    #[serde(default)]
    pub window_open: bool,
}

/// What can be asked of the agent. Each is answered by the [`Reply`] named here, or by a [`crate::Failure`].
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "method", content = "params", rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub enum Request {
    /// Who is there. `Hello`. Sent by [`crate::Client::connect`] itself.
    #[cfg_attr(test, ts(skip))]
    Hello {
        /// Who is calling.
        role: Role,
        /// The caller.
        hello: Hello,
    },
    /// The whole state, once. `Snapshot`.
    Snapshot,
    /// The whole state, and from then on every [`Event`] on this connection. `Snapshot`.
    Subscribe,
    /// Who answers at this address; neither user nor password is sent. `Probed`.
    Probe(SignIn),
    /// Sign in and connect. `Account`.
    SignIn(SignIn),
    /// Sign out: end the session on the server if it answers, and forget the token in any case. `Done`.
    SignOut {
        /// [`Account::id`].
        account: String,
    },
    /// Start an attempt at once. `Done`.
    Reconnect {
        /// [`Account::id`]; all of them if absent.
        account: Option<String>,
    },
    /// How connections came to where they are. `Diagnostics`.
    Diagnostics {
        /// [`Account::id`]; all of them if absent.
        account: Option<String>,
    },
    /// A page of the inbox. `Inbox`.
    Inbox(InboxQuery),
    /// Mark rows as read, here and on the server. `Done`.
    MarkRead {
        /// [`Item::id`]s.
        #[cfg_attr(test, ts(type = "number[]"))]
        ids: Vec<i64>,
    },
    /// Mark everything as read. `Done`.
    MarkAllRead,
    /// Open a row's link in the browser. `Done`.
    OpenLink {
        /// [`Item::id`].
        #[cfg_attr(test, ts(type = "number"))]
        id: i64,
    },
    /// Switch "do not disturb". `Done`.
    SetDoNotDisturb {
        /// On or off.
        on: bool,
    },
    /// Switch starting with the session. `Done`.
    SetAutostart {
        /// On or off.
        on: bool,
    },
    /// Put a notice away until its reason returns. `Done`.
    DismissNotice {
        /// Its kind.
        code: crate::NoticeCode,
    },
    /// Open the window, or show the one that is open. `Done`.
    OpenWindow,
    /// End the agent. `Done`.
    Quit,
}

/// What the sign-in page sends. The password crosses once, here.
#[derive(Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub struct SignIn {
    /// Address as typed: a missing scheme means `https`, or `http` for loopback.
    pub server: String,
    /// User name. Not needed by a guest.
    #[serde(default)]
    #[cfg_attr(test, ts(as = "Option<String>", optional = nullable))]
    pub username: String,
    /// Password. Not needed by a guest.
    #[serde(default, serialize_with = "reveal")]
    #[cfg_attr(test, ts(type = "string", optional))]
    pub password: SecretString,
    /// Without a name, where the server lets guests in.
    #[serde(default)]
    #[cfg_attr(test, ts(as = "Option<bool>", optional = nullable))]
    pub guest: bool,
    /// The flow to use; the server's preferred one if absent.
    #[serde(default)]
    #[cfg_attr(test, ts(optional = nullable))]
    pub flow: Option<Flow>,
    /// Allow `http` and `ws` to a host that is not loopback.
    #[serde(default)]
    #[cfg_attr(test, ts(as = "Option<bool>", optional = nullable))]
    pub allow_unencrypted: bool,
    /// Full path of a PEM file with certificates that are trusted besides the operating system's. Of each file:
    /// absent means the one that the account has, where it is known already; empty means none.
    #[serde(default)]
    #[cfg_attr(test, ts(optional = nullable))]
    pub ca_file: Option<String>,
    /// Full path of a PEM file with a client certificate and what leads to its CA.
    #[serde(default)]
    #[cfg_attr(test, ts(optional = nullable))]
    pub client_certificate: Option<String>,
    /// Full path of a PEM file with the client certificate's private key, unless that is in the same file.
    #[serde(default)]
    #[cfg_attr(test, ts(optional = nullable))]
    pub client_key: Option<String>,
}

/// What a server says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub struct Probed {
    /// Guests are let in.
    pub guests: bool,
    /// The flows that it offers, the preferred one first.
    pub flows: Vec<Flow>,
}

fn reveal<S: Serializer>(secret: &SecretString, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose_secret())
}

/// Which rows of the inbox, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, optional_fields = nullable))]
pub struct InboxQuery {
    /// Only this account.
    #[serde(default)]
    pub account: Option<String>,
    /// Only rows with a smaller id: the `next` of the page before.
    #[serde(default)]
    #[cfg_attr(test, ts(type = "number | null"))]
    pub before: Option<i64>,
    /// At most so many, up to 200; 50 if absent.
    #[serde(default)]
    pub limit: Option<u32>,
    /// Only unread ones.
    #[serde(default)]
    #[cfg_attr(test, ts(as = "Option<bool>"))]
    pub unread: bool,
    /// Only rows with this text in title, body, topic or tags.
    #[serde(default)]
    pub search: Option<String>,
}

/// The answer to a [`Request`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "reply", content = "value", rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub enum Reply {
    /// To `Hello`.
    #[cfg_attr(test, ts(skip))]
    Hello(Hello),
    /// To `Snapshot` and `Subscribe`.
    Snapshot(Snapshot),
    /// To `Probe`.
    Probed(Probed),
    /// To `SignIn`.
    Account(Account),
    /// To `Diagnostics`.
    Diagnostics(Diagnostics),
    /// To `Inbox`.
    Inbox(Page),
    /// To everything that has nothing to tell.
    Done,
}

/// What a subscribed connection hears. A subscriber that does not read fast enough is disconnected, never waited for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", content = "value", rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub enum Event {
    /// Accounts, notices, settings or counts changed: the whole state again.
    Snapshot(Snapshot),
    /// One connection's state changed.
    Status {
        /// [`Account::id`].
        account: String,
        /// Now.
        status: Status,
    },
    /// A notification arrived and its disposition is decided.
    Notification(Item),
    /// As `Notification`, of one that takes the place of an earlier row: that one is no longer listed. Told once for each
    /// row that is gone, so the same item may come more than once.
    Replaced {
        /// [`Item::id`] of the row that went.
        #[cfg_attr(test, ts(type = "number"))]
        previous: i64,
        /// The row that stands now.
        item: Item,
    },
    /// Rows became read, here or on another device.
    Read {
        /// [`Item::id`]s.
        #[cfg_attr(test, ts(type = "number[]"))]
        ids: Vec<i64>,
    },
    /// To the window only: show yourself. With an id, at that row.
    Show {
        /// [`Item::id`].
        #[cfg_attr(test, ts(type = "number | null"))]
        item: Option<i64>,
    },
}
