//! What the inbox takes and gives, and how a row's columns become one.

use rusqlite::types::Type;
use tidings_protocol::{Action, Attachment, Notification, Priority};
use time::OffsetDateTime;

/// One account, without any secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRow {
    /// The agent's own id of it.
    pub id: String,
    /// Base address of the server.
    pub server: String,
    /// User name; empty for a guest, and where a token of the person's own names nobody.
    pub username: String,
    /// The name of how its server is spoken to, of the engine's making.
    pub dialect: String,
    /// The topics that it follows, where its kind of server has such, as JSON of the engine's making.
    pub topics: Option<String>,
    /// It is nobody's: no token goes with anything.
    pub anonymous: bool,
    /// The person has put it to rest: it stays signed in, and is not connected.
    pub paused: bool,
    /// What is deleted here for good is deleted on the server too.
    pub deletes_on_server: bool,
    /// The person has allowed `http` and `ws` to a host that is not loopback.
    pub allow_unencrypted: bool,
    /// Paths that differ from the protocol's defaults, as JSON of the engine's making.
    pub paths: Option<String>,
    /// Full path of the file with certificates that it trusts besides the operating system's.
    pub ca_file: Option<String>,
    /// Full path of the file with its client certificate.
    pub client_certificate: Option<String>,
    /// Full path of the file with its client key, unless that is in the certificate's.
    pub client_key: Option<String>,
    /// When it was added.
    pub created_at: OffsetDateTime,
    /// The person has signed out; its history stays.
    pub signed_out: bool,
    /// How it is shown.
    pub look: Look,
}

/// How an account is shown, as far as a person has chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// What it is called.
    pub name: Option<String>,
    /// The name of what marks it.
    pub colour: Option<String>,
    /// Pictures are fetched without being asked for.
    pub pictures: bool,
}

/// A notification as it came in.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// The server's log that its `seq` or its mark belongs to; absent for servers that keep none.
    pub epoch: Option<String>,
    /// How far the log is stored with this one, where that is not said by a `seq` of its own: several may have the same.
    pub mark: Option<u64>,
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
    /// A large picture.
    pub image_url: Option<String>,
    /// A file.
    pub attachment: Option<Attachment>,
    /// The body is no Markdown.
    pub plain: bool,
    /// When the server stored it, else when it arrived.
    pub created_at: OffsetDateTime,
    /// When it arrived here.
    pub received_at: OffsetDateTime,
    /// After this moment nobody needs to be told.
    pub expires_at: Option<OffsetDateTime>,
    /// Read here or on another device.
    pub read: bool,
    /// A person keeps it, however old it gets.
    pub kept: bool,
    /// What became of it.
    pub disposition: Disposition,
}

impl Row {
    /// How much text it is, in bytes, with all that strangers fill. What a button's call carries does not travel.
    pub fn weight(&self) -> usize {
        let of = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let buttons = self.actions.iter().map(|action| {
            action.id.len() + action.label.len() + action.url.len() + of(&action.copy) + of(&action.method)
        });
        let file = self.attachment.iter().map(|file| file.url.len() + file.name.len() + of(&file.media_type));
        let parts = [&self.server_id, &self.topic, &self.click_url, &self.icon_url, &self.image_url];
        self.title.len()
            + self.body.len()
            + parts.into_iter().map(of).sum::<usize>()
            + self.tags.iter().map(String::len).sum::<usize>()
            + buttons.sum::<usize>()
            + file.sum::<usize>()
    }
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
    /// Not shown: quiet hours.
    QuietHours = 8,
    /// Not shown: its account or topic is muted.
    Muted = 9,
    /// Not shown: the desktop's own "do not disturb".
    DesktopQuiet = 10,
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
    /// Only kept ones.
    pub kept: bool,
    /// Only this topic.
    pub topic: Option<String>,
    /// Only from this priority on.
    pub least_priority: Option<Priority>,
    /// Only rows that hold every word of this somewhere in title, body, topic or tags.
    pub search: Option<String>,
}

impl Query {
    /// Rows in a page when nothing is said.
    pub const USUAL: u32 = 50;
    /// Most rows in a page.
    pub const MOST: u32 = 200;
}

/// A topic that there are rows of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicRow {
    /// [`AccountRow::id`].
    pub account: String,
    /// Its name.
    pub name: String,
    /// Unread rows of it.
    pub unread: u32,
}

/// Rows, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Rows.
    pub rows: Vec<Row>,
    /// Pass it as [`Query::before`] for the next page; absent at the end. A page may hold fewer rows than asked for, or
    /// none, and yet not be the last.
    pub next: Option<i64>,
}

impl Disposition {
    fn from_number(number: u8) -> Self {
        match number {
            1 => Self::Shown,
            2 => Self::Summarized,
            3 => Self::DoNotDisturb,
            4 => Self::Expired,
            5 => Self::AlreadyRead,
            6 => Self::LowPriority,
            7 => Self::NoToasts,
            8 => Self::QuietHours,
            9 => Self::Muted,
            10 => Self::DesktopQuiet,
            _ => Self::Pending,
        }
    }
}

/// What [`from_columns`] reads of a notification that is called `n`.
pub(crate) const COLUMNS: &str = "n.id, n.account, n.server_id, n.seq, n.title, n.body, n.priority, n.topic, n.tags, \
    n.click_url, n.actions, n.icon_url, n.created_at, n.received_at, n.expires_at, n.read, n.kept, n.disposition, \
    n.image_url, n.attachment, n.plain";

pub(crate) fn from_columns(columns: &rusqlite::Row<'_>) -> rusqlite::Result<Row> {
    Ok(Row {
        id: columns.get(0)?,
        account: columns.get(1)?,
        server_id: columns.get(2)?,
        seq: columns.get::<_, Option<i64>>(3)?.and_then(|seq| u64::try_from(seq).ok()),
        title: columns.get(4)?,
        body: columns.get(5)?,
        priority: Priority::nearest(columns.get(6)?),
        topic: columns.get(7)?,
        tags: columns.get_ref(8)?.as_str()?.lines().map(str::to_owned).collect(),
        click_url: columns.get(9)?,
        actions: serde_json::from_str(columns.get_ref(10)?.as_str()?)
            .map_err(|error| rusqlite::Error::FromSqlConversionFailure(10, Type::Text, Box::new(error)))?,
        icon_url: columns.get(11)?,
        created_at: moment(columns.get(12)?),
        received_at: moment(columns.get(13)?),
        expires_at: columns.get::<_, Option<i64>>(14)?.map(moment),
        read: columns.get(15)?,
        kept: columns.get(16)?,
        disposition: Disposition::from_number(columns.get(17)?),
        image_url: columns.get(18)?,
        attachment: columns
            .get::<_, Option<String>>(19)?
            .map(|stored| serde_json::from_str(&stored))
            .transpose()
            .map_err(|error| rusqlite::Error::FromSqlConversionFailure(19, Type::Text, Box::new(error)))?,
        plain: columns.get(20)?,
    })
}

/// A time as it is stored: milliseconds since 1970.
pub(crate) fn stored(moment: OffsetDateTime) -> i64 {
    moment.unix_timestamp() * 1000 + i64::from(moment.millisecond())
}

/// A stored time; 1970 for a number that is none.
pub(crate) fn moment(stored: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(stored) * 1_000_000)
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// Labels as they are stored, one a line, so that a search reads them like text.
pub(crate) fn joined(labels: &[String]) -> String {
    labels.join("\n")
}

/// Buttons, or a file, as they are stored.
pub(crate) fn json(part: &impl serde::Serialize) -> crate::Result<String> {
    serde_json::to_string(part).map_err(|error| crate::InboxError::Other(error.to_string()))
}
