use tidings_protocol::{Action, Flow, Notification, Priority};
use time::OffsetDateTime;

/// One signed-in account, without any secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRow {
    /// The agent's own id of it.
    pub id: String,
    /// Base address of the server.
    pub server: String,
    /// User name.
    pub username: String,
    /// How it signs in.
    pub flow: Flow,
    /// The person has allowed `http` and `ws` to a host that is not loopback.
    pub allow_unencrypted: bool,
    /// Paths that differ from the protocol's defaults, as JSON of the engine's making.
    pub paths: Option<String>,
    /// When it was added.
    pub created_at: OffsetDateTime,
}

/// A notification as it came in.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// The server's log that its `seq` belongs to; absent for servers that keep none.
    pub epoch: Option<String>,
    /// What the server sent.
    pub notification: Notification,
    /// When it arrived here.
    pub received_at: OffsetDateTime,
}

/// What became of an [`Incoming`] in the inbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// It is new.
    New(Row),
    /// It is new and takes the place of an earlier one, which is no longer listed.
    Replaced {
        /// The new one.
        row: Row,
        /// [`Row::id`] of the earlier one.
        previous: i64,
    },
    /// It was here already.
    Duplicate,
}

/// One notification in the inbox.
///
/// Text has been cleaned of control characters and clipped to the limits of this crate's `text` module; addresses are
/// `http` or `https`, or absent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The inbox's own id; rises in the order of arrival and is never used again.
    pub id: i64,
    /// [`AccountRow::id`].
    pub account: String,
    /// The server's id of it.
    pub server_id: Option<String>,
    /// The server's sequence number.
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
    /// What opens on a click.
    pub click_url: Option<String>,
    /// Buttons.
    pub actions: Vec<Action>,
    /// A picture.
    pub icon_url: Option<String>,
    /// When the server stored it, else when it arrived.
    pub created_at: OffsetDateTime,
    /// When it arrived here.
    pub received_at: OffsetDateTime,
    /// After this moment nobody needs to be told.
    pub expires_at: Option<OffsetDateTime>,
    /// Read here or on another device.
    pub read: bool,
    /// What became of it.
    pub disposition: Disposition,
}

/// What became of a notification when it arrived: shown as a toast, or not and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Disposition {
    /// Recorded, not decided yet.
    Pending = 0,
    /// Shown as a toast.
    Shown = 1,
    /// Part of a summary toast.
    Summarized = 2,
    /// Not shown: do not disturb.
    DoNotDisturb = 3,
    /// Not shown: already past its `expires_at`.
    Expired = 4,
    /// Not shown: read on another device before it arrived here.
    AlreadyRead = 5,
    /// Not shown: of the lowest priority.
    LowPriority = 6,
    /// Not shown: toasts are off or nothing can show them.
    NoToasts = 7,
}

/// Which rows, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Only this account.
    pub account: Option<String>,
    /// Only rows with a smaller id: the [`Page::next`] of the page before.
    pub before: Option<i64>,
    /// At most so many, from 1 to [`Query::MOST`]; [`Query::USUAL`] if absent.
    pub limit: Option<u32>,
    /// Only unread ones.
    pub unread: bool,
    /// Only rows that hold every word of this somewhere in title, body, topic or tags.
    pub search: Option<String>,
}

impl Query {
    /// Rows in a page when nothing is said.
    pub const USUAL: u32 = 50;
    /// Most rows in a page.
    pub const MOST: u32 = 200;
}

/// Rows, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Rows.
    pub rows: Vec<Row>,
    /// Pass it as [`Query::before`] for the next page; absent at the end.
    pub next: Option<i64>,
}
