use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, Serializer};

use crate::{
    Account, Colour, Diagnostics, Dialect, Exported, Failure, Foreign, Item, Page, Picture, Priority, Quiet,
    Route, Setting, SignInHint, Snapshot, Status, Topic,
};

/// Rows that one request may change. So many take some milliseconds, and whoever else asks waits no longer.
pub const ROWS_AT_ONCE: usize = 100;

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
    /// In a caller's: the desktop's permission to come to the front that it was started with. It serves the window that
    /// is shown because of this caller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activation: Option<String>,
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
    /// Sign out: end the session on the server if it answers, and forget the token in any case. The account and its
    /// history stay. `Done`.
    SignOut {
        /// [`Account::id`].
        account: String,
    },
    /// Sign out and forget the account with its history and rules. `Done`.
    Forget {
        /// [`Account::id`].
        account: String,
    },
    /// Change how an account is shown; what is absent stays. `Done`.
    SetAccount(AccountChange),
    /// Follow these topics and no others, and connect anew. Each new one is asked for at the server first. `Done`, or
    /// `BAD_REQUEST` for one that is no topic, `FORBIDDEN` for one that the account may not read: both name it.
    SetTopics {
        /// [`Account::id`].
        account: String,
        /// All of them; at least one.
        topics: Vec<String>,
    },
    /// Accounts of other programs on this computer that could move in. Nothing is sent anywhere. `Foreigners`.
    FindForeign,
    /// Take over what [`Request::FindForeign`] found: sign in as it does, and connect. The other program's file stays as
    /// it is. `Account`.
    Import {
        /// [`Foreign::id`].
        id: String,
    },
    /// How an account's connection is made. `Route`.
    Route {
        /// [`Account::id`].
        account: String,
    },
    /// Make an account's connection another way, and connect anew. `Done`.
    SetRoute {
        /// [`Account::id`].
        account: String,
        /// The whole of it.
        route: Route,
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
    /// Mark rows as read, here and on the server. `Done`. Of this and what follows: up to 100 rows at a time
    /// ([`ROWS_AT_ONCE`]); a failure only if there is none of them.
    MarkRead {
        /// [`Item::id`]s.
        #[cfg_attr(test, ts(type = "number[]"))]
        ids: Vec<i64>,
    },
    /// Mark rows as unread, here alone, until another device says again that they are read. `Done`.
    MarkUnread {
        /// [`Item::id`]s.
        #[cfg_attr(test, ts(type = "number[]"))]
        ids: Vec<i64>,
    },
    /// Mark everything as read. `Done`.
    MarkAllRead,
    /// Keep rows however old they get, or no longer. `Done`.
    Keep {
        /// [`Item::id`]s.
        #[cfg_attr(test, ts(type = "number[]"))]
        ids: Vec<i64>,
        /// Keep them, or no longer.
        kept: bool,
    },
    /// Delete rows. `Done`. They can be restored for ten minutes; after that, unread ones count as read on the server too.
    Delete {
        /// [`Item::id`]s.
        #[cfg_attr(test, ts(type = "number[]"))]
        ids: Vec<i64>,
    },
    /// Bring deleted rows back. `Done`.
    Restore {
        /// [`Item::id`]s.
        #[cfg_attr(test, ts(type = "number[]"))]
        ids: Vec<i64>,
    },
    /// The topics that there are rows of, for the filter and for rules. `Topics`.
    Topics,
    /// Write rows to a JSON file: all that the query finds, whatever its `before` and `limit`. `Exported`.
    Export {
        /// Which.
        #[serde(default)]
        query: InboxQuery,
        /// Full path of the file, which must not exist; one with the day in its name in the person's folder for
        /// downloads, if absent.
        #[serde(default)]
        #[cfg_attr(test, ts(optional = nullable))]
        path: Option<String>,
    },
    /// A picture that a row names, in `icon_url` or in its body. It is fetched only because a person asked for it, or
    /// has allowed the account's. `Picture`.
    Picture {
        /// [`Item::id`].
        #[cfg_attr(test, ts(type = "number"))]
        id: i64,
        /// The address, as it stands in the row.
        url: String,
    },
    /// Press a button of a row: open its address, or call it with its method. `Done`.
    Act {
        /// [`Item::id`].
        #[cfg_attr(test, ts(type = "number"))]
        id: i64,
        /// [`crate::Action::id`].
        action: String,
    },
    /// Open a row's link in the browser. `Done`.
    OpenLink {
        /// [`Item::id`].
        #[cfg_attr(test, ts(type = "number"))]
        id: i64,
        /// A link that stands in its body; the row's own if absent.
        #[serde(default)]
        #[cfg_attr(test, ts(optional = nullable))]
        url: Option<String>,
    },
    /// Have the browser fetch the file that a row comes with. `Done`.
    OpenAttachment {
        /// [`Item::id`].
        #[cfg_attr(test, ts(type = "number"))]
        id: i64,
    },
    /// Switch "do not disturb". `Done`.
    SetDoNotDisturb {
        /// For how long.
        quiet: Quiet,
    },
    /// Change a setting; it takes effect at once. `Done`.
    Set(Setting),
    /// Show a toast as they are with the settings of now. `Done`.
    PreviewToast,
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
    /// Follow a `tidings://` link: the window opens and asks before anything is done. `Done`.
    Follow {
        /// As it was clicked.
        link: String,
    },
    /// End the agent. `Done`.
    Quit,
}

/// What is to change about an account; what is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, optional_fields = nullable))]
pub struct AccountChange {
    /// [`Account::id`].
    pub account: String,
    /// What it is called; its user and server if empty.
    #[serde(default)]
    pub name: Option<String>,
    /// What marks it.
    #[serde(default)]
    pub colour: Option<Colour>,
    /// Whether pictures are fetched.
    #[serde(default)]
    pub pictures: Option<bool>,
    /// Its new place in the list, from 0.
    #[serde(default)]
    pub place: Option<u32>,
    /// Whether it rests: signed in, but not connected.
    #[serde(default)]
    pub paused: Option<bool>,
    /// Whether what is deleted here is deleted on the server too.
    #[serde(default)]
    pub deletes_on_server: Option<bool>,
}

/// What the sign-in page sends. The password crosses once, here.
#[derive(Debug, Default, Serialize, Deserialize)]
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
    /// A token of the person's own, instead of user and password, where the kind of server has such.
    #[serde(default, serialize_with = "reveal")]
    #[cfg_attr(test, ts(type = "string", optional))]
    pub token: SecretString,
    /// Without a name: as a guest where the server lets guests in, as nobody on ntfy.
    #[serde(default)]
    #[cfg_attr(test, ts(as = "Option<bool>", optional = nullable))]
    pub guest: bool,
    /// How to speak to the server; found out if absent.
    #[serde(default)]
    #[cfg_attr(test, ts(optional = nullable))]
    pub dialect: Option<Dialect>,
    /// The topics to follow, where the kind of server asks for that.
    #[serde(default)]
    #[cfg_attr(test, ts(as = "Option<Vec<String>>", optional = nullable))]
    pub topics: Vec<String>,
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
    /// Paths that differ from the protocol's, by the names of `docs/protocol.md`: all of them. Absent means those that
    /// the account has, where it is known already.
    #[serde(default)]
    #[cfg_attr(test, ts(optional = nullable))]
    pub paths: Option<std::collections::BTreeMap<String, String>>,
}

/// What a server says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export))]
pub struct Probed {
    /// Guests are let in.
    pub guests: bool,
    /// How it can be spoken to, the preferred one first. All are of one kind of server.
    pub dialects: Vec<Dialect>,
    /// The server's version, where it says so.
    pub version: Option<String>,
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
    /// Only kept ones.
    #[serde(default)]
    #[cfg_attr(test, ts(as = "Option<bool>"))]
    pub kept: bool,
    /// Only this topic.
    #[serde(default)]
    pub topic: Option<String>,
    /// Only from this priority on.
    #[serde(default)]
    pub least_priority: Option<Priority>,
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
    /// To `SignIn` and `Import`.
    Account(Account),
    /// To `FindForeign`.
    Foreigners(Vec<Foreign>),
    /// To `Diagnostics`.
    Diagnostics(Diagnostics),
    /// To `Inbox`.
    Inbox(Page),
    /// To `Topics`.
    Topics(Vec<Topic>),
    /// To `Export`.
    Exported(Exported),
    /// To `Picture`.
    Picture(Picture),
    /// To `Route`.
    Route(Route),
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
    /// Rows became unread.
    Unread {
        /// [`Item::id`]s.
        #[cfg_attr(test, ts(type = "number[]"))]
        ids: Vec<i64>,
    },
    /// Rows are kept, or no longer.
    Kept {
        /// [`Item::id`]s.
        #[cfg_attr(test, ts(type = "number[]"))]
        ids: Vec<i64>,
        /// Whether they are.
        kept: bool,
    },
    /// Rows were deleted.
    Removed {
        /// [`Item::id`]s.
        #[cfg_attr(test, ts(type = "number[]"))]
        ids: Vec<i64>,
    },
    /// Deleted rows are back.
    Restored {
        /// As they were.
        items: Vec<Item>,
    },
    /// To the window only: a link asks for this account to be added; ask the person.
    Add(SignInHint),
    /// To the window only: a link that somebody has clicked is not followed, for this reason; tell the person.
    Refused(Failure),
    /// To the window only: show yourself. With an id, at that row.
    Show {
        /// [`Item::id`].
        #[cfg_attr(test, ts(type = "number | null"))]
        item: Option<i64>,
        /// The desktop's permission to come to the front, given for the click that asked for it. The page has no use
        /// for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(skip))]
        activation: Option<String>,
    },
}
