//! What a connection tells its owner, in order and without loss. Owns the queue's receiving end.

use std::time::Duration;

use time::OffsetDateTime;
use tokio::sync::mpsc;

use crate::{Cause, Cursor};

/// Something that happened on a connection.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
#[expect(clippy::large_enum_variant, reason = "most of them are notifications, and few are held at a time")]
pub enum Event {
    /// The connection is live.
    Connected,
    /// The server says who is signed in. Comes with every connection of the token flow; in the ticket flow, where the
    /// server sends it. `epoch` and `head` say where the log stood when this connection's owner was first greeted: an
    /// owner without a cursor begins there.
    AuthSuccess(tidings_protocol::AuthSuccess),
    /// The server refuses the credentials for good; the session is cleared.
    AuthError {
        /// The server's code.
        code: String,
        /// The server's words.
        message: String,
    },
    /// A notification.
    Notification(Arrival),
    /// These were read on another device.
    Read {
        /// The server's ids of notifications.
        ids: Vec<String>,
        /// The topic that they are of, where ids are unique within it alone.
        topic: Option<String>,
    },
    /// These were deleted by whoever published them, or on another device.
    Deleted {
        /// The server's ids of notifications.
        ids: Vec<String>,
        /// As in `Read`.
        topic: Option<String>,
    },
    /// Part of what was missed is gone. It comes before what lies beyond the gap.
    Incomplete,
    /// The replay of what was missed has ended; `complete` says whether part of the gap is gone.
    Resumed(tidings_protocol::Resumed),
    /// The server did not end the replay, and nothing is known to be missing: what follows is live.
    ReplayEnded,
    /// The next attempt is due.
    ReconnectScheduled {
        /// Its number, from 1.
        attempt: u32,
        /// When it starts.
        at: OffsetDateTime,
        /// The wait until then, as drawn.
        delay: Duration,
        /// Why it is needed.
        cause: Cause,
    },
    /// [`crate::Options::max_attempts`] is reached: the network or a person has to move first.
    ReconnectFailed {
        /// How many there were.
        attempts: u32,
        /// Why the last one failed.
        cause: Cause,
    },
    /// Something failed and the connection stands: an `error` message of the server, or a session that could not be
    /// stored.
    Error {
        /// What a program matches on.
        code: String,
        /// What a person reads.
        message: String,
    },
}

/// A notification as it came in.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrival {
    /// The server's log that `notification.seq` counts in, or that `mark` stands in; `None` from servers that keep none.
    pub epoch: Option<String>,
    /// Where the log stands once this one is stored, for servers that do not number what they send: several may have the
    /// same mark.
    pub mark: Option<u64>,
    /// The notification.
    pub notification: tidings_protocol::Notification,
    /// True for one that was missed and is caught up on, false for a live one.
    pub replayed: bool,
}

impl Arrival {
    /// Where the log stands once this one is stored.
    pub fn cursor(&self) -> Option<Cursor> {
        Some(Cursor { epoch: self.epoch.clone()?, seq: self.notification.seq.or(self.mark)? })
    }
}

/// The events of one connection, in order.
///
/// The queue is bounded: while it is full, nothing more is read from the socket. Dropping it ends the connection, as
/// notifications would have nowhere to go.
#[derive(Debug)]
pub struct Events(pub(crate) mpsc::Receiver<Event>);

impl Events {
    /// The next event; `None` once the connection has been shut down.
    ///
    /// Cancel safe: an event is either returned or still queued.
    pub async fn recv(&mut self) -> Option<Event> {
        self.0.recv().await
    }
}
