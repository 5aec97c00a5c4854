//! What goes into the machine and what comes out of it. No secret passes through either.

use std::time::{Duration, Instant};

use tidings_protocol::{Goodbye, Notification, ServerMessage};
use time::OffsetDateTime;

use crate::{Cursor, Event, Status, verdict::Failure};

/// The time, twice: `at` orders and measures, `wall` is shown to people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Now {
    pub(crate) at: Instant,
    pub(crate) wall: OffsetDateTime,
}

/// Numbers the attempts of one machine. What carries the number of an abandoned one is ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Attempt(pub(crate) u64);

/// What the machine may know about an access token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    /// Rises with every refresh.
    pub(crate) generation: u64,
    /// Whether another one can be had: by a refresh token, or by another guest login.
    pub(crate) refreshable: bool,
    /// How long it will work; `None` when the server did not say.
    pub(crate) lives: Option<Duration>,
    /// False when the store could not take it: it works, but is lost with the process.
    pub(crate) stored: bool,
}

/// What happened.
#[derive(Clone, Debug)]
pub(crate) enum Input {
    /// The owner is ready.
    Start,
    /// Connect unless connected.
    Connect,
    /// Close, and stay closed.
    Disconnect,
    /// Make an attempt now.
    Reconnect,
    /// Close, and end.
    Shutdown,
    /// These were read here.
    MarkRead(Vec<String>),
    /// Answer to [`Effect::EnsureToken`].
    TokenReady(Attempt, Token),
    /// Answer to [`Effect::RequestTicket`].
    TicketReady(Attempt),
    /// Answer to [`Effect::OpenSocket`].
    Opened(Attempt),
    /// Answer to [`Effect::ReadCursor`].
    CursorRead(Attempt, Option<Cursor>),
    /// Any of the above went wrong, or the socket ended.
    Failed(Attempt, Failure),
    /// A message came.
    Message(Attempt, ServerMessage),
    /// Something came of a log that is caught up on by calls.
    Item(Attempt, Item),
    /// There is something to be fetched by calls.
    Behind(Attempt, Option<u64>),
    /// Answer to [`Effect::CatchUp`] and [`Effect::CatchUpOn`].
    Page(Attempt, Page),
    /// Something else came: a control frame, an unknown or an unreadable message.
    Alive(Attempt),
    /// Answer to [`Effect::RefreshAhead`].
    RefreshedAhead(Result<Token, Failure>),
    /// [`super::Machine::timeout`] has come.
    Tick,
    /// No usable network.
    NetworkDown,
    /// A usable network again.
    NetworkUp,
    /// Another address or route.
    NetworkChanged,
    /// The machine slept.
    Woke,
}

/// Ids, and the topic that they are of, where they are unique within it alone.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Topical {
    pub(crate) ids: Vec<String>,
    pub(crate) topic: Option<String>,
}

/// Something of a log that is caught up on by calls.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Item {
    /// A notification, and where the log stands once it is stored.
    Notification { mark: u64, notification: Box<Notification> },
    /// These were read elsewhere.
    Read(Topical),
    /// These were deleted elsewhere.
    Deleted(Topical),
}

impl Item {
    /// What a notification is called.
    pub(crate) fn id(&self) -> Option<&str> {
        match self {
            Self::Notification { notification, .. } => notification.id.as_deref(),
            Self::Read(_) | Self::Deleted(_) => None,
        }
    }
}

/// A part of what was fetched, in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Page {
    pub(crate) items: Vec<Item>,
    /// Ids of what was fetched and does not pass, because something later has taken its place.
    pub(crate) passed_over: Vec<String>,
    /// Where the log stands, if nothing was received of it yet.
    pub(crate) head: Option<u64>,
    /// Another one follows.
    pub(crate) more: bool,
}

/// What to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outgoing {
    /// The token flow's first message; the sender knows the token.
    Auth,
    /// Keepalive.
    Ping,
    /// Replay what follows.
    Resume(Cursor),
    /// Read here.
    Read(Vec<String>),
}

/// A close code and its reason.
pub(crate) type Farewell = (u16, &'static str);

/// What to do, in order.
#[expect(clippy::large_enum_variant, reason = "there are a handful at a time, and none is kept")]
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Effect {
    /// Get a token with some life in it; with `newer_than`, another one than that generation.
    EnsureToken { attempt: Attempt, newer_than: Option<u64> },
    /// Fetch a ticket with the token.
    RequestTicket(Attempt),
    /// Open the socket with the ticket or the token.
    OpenSocket(Attempt),
    /// Read the cursor from the store.
    ReadCursor(Attempt),
    /// Fetch what came after this place in the log, by calls; without one, where it stands.
    CatchUp(Attempt, Option<u64>),
    /// Fetch the next page.
    CatchUpOn(Attempt),
    /// Send over the attempt's socket.
    Send(Attempt, Outgoing),
    /// Start the closing handshake; its end comes as [`Input::Failed`].
    Close(Attempt, Farewell),
    /// Drop the attempt's work and socket, with a word of farewell if the socket takes one at once.
    Abandon(Attempt, Option<Farewell>),
    /// Renew the token while the connection lives.
    RefreshAhead,
    /// Clear the session from the store.
    ClearSession,
    /// Show this.
    Show(Status),
    /// Tell the owner.
    Tell(Event),
    /// Write into the log.
    Note(Note),
    /// All is over.
    End,
}

/// A line of the log, with what it needs.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Note {
    /// An attempt or a connection has failed.
    Failed { failure: Failure, hard: bool },
    /// The next attempt is due.
    Next { delay: Duration, at: OffsetDateTime },
    /// None is due until the network is back.
    Offline,
    /// None is due.
    NoNext,
    /// The token could not be renewed ahead of its expiry.
    NotRefreshed(Failure),
    /// The server keeps another log now.
    NewEpoch { old: String, new: String },
    /// A live notification came over a gap, and what follows `after` is asked for.
    Gap { after: u64 },
    /// What was missed is fetched.
    CatchesUp { again: bool },
    /// The server did not end its replay.
    ReplayStalled,
    /// The server will restart.
    Goodbye(Goodbye),
    /// The network changed or the machine slept, and the connection is asked whether it lives.
    Probe,
}

/// A notification that is ready to be told.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ready {
    pub(crate) notification: Notification,
    pub(crate) replayed: bool,
}
