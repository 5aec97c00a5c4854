//! Who is connected, and the fan-out to them.
//!
//! Owns one bounded queue for each socket and the reasons to end one. Never waits for a socket: one that cannot keep
//! up is ended, and resumes from its cursor later. Delivery is called on the writing thread right after a commit, so
//! that each queue is in `seq` order.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
};

use axum::extract::ws::Utf8Bytes;
use tokio::sync::{mpsc, watch};

/// Something for a socket, encoded.
#[derive(Clone, Debug)]
pub(crate) enum Live {
    /// A notification and its place.
    Notification { seq: u64, frame: Utf8Bytes },
    /// Reads, and the number of the last one.
    Read { no: u64, frame: Utf8Bytes },
}

/// Why a socket must end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Its session is over.
    SessionEnded,
    /// Its queue is full.
    Slow,
    /// The user's log has a new name.
    EpochRenewed,
    /// The user has too many sockets.
    Crowded,
    /// The server restarts.
    Restart,
}

/// See the module.
pub(crate) struct Hub {
    queue: usize,
    max_per_user: usize,
    numbers: AtomicU64,
    users: Mutex<HashMap<String, Vec<Arc<Seat>>>>,
    closed: AtomicBool,
    leaving: AtomicUsize,
}

/// One socket, as the hub sees it.
pub(crate) struct Seat {
    number: u64,
    session: String,
    queue: mpsc::Sender<Live>,
    phase: Mutex<Phase>,
    ending: watch::Sender<Option<Ending>>,
}

/// While a socket catches up from the store, its queue may overflow: the store has it all.
#[derive(Clone, Copy)]
enum Phase {
    CatchingUp { overflowed: bool },
    Live,
}

/// One socket's place; leaving is by dropping it.
pub(crate) struct Place {
    hub: Arc<Hub>,
    user: String,
    pub(crate) seat: Arc<Seat>,
    pub(crate) queue: mpsc::Receiver<Live>,
    pub(crate) ending: watch::Receiver<Option<Ending>>,
}

impl Hub {
    pub(crate) fn new(queue: usize, max_per_user: usize) -> Self {
        Self {
            queue: queue.max(1),
            max_per_user,
            numbers: AtomicU64::new(1),
            users: Mutex::default(),
            closed: AtomicBool::new(false),
            leaving: AtomicUsize::new(0),
        }
    }

    /// Takes a place, catching up. From now on everything that is committed for the user is queued.
    pub(crate) fn join(self: &Arc<Self>, user: &str, session: &str) -> Place {
        let (sender, queue) = mpsc::channel(self.queue);
        let (ending_sender, ending) = watch::channel(None);
        let seat = Arc::new(Seat {
            number: self.numbers.fetch_add(1, Ordering::Relaxed),
            session: session.to_owned(),
            queue: sender,
            phase: Mutex::new(Phase::CatchingUp { overflowed: false }),
            ending: ending_sender,
        });
        let mut users = self.users();
        let seats = users.entry(user.to_owned()).or_default();
        if seats.len() >= self.max_per_user {
            // the new one, as an old one would come back and push out the next
            seat.end(Ending::Crowded);
        }
        seats.push(Arc::clone(&seat));
        drop(users);
        if self.closed.load(Ordering::SeqCst) {
            seat.end(Ending::Restart);
        }
        Place { hub: Arc::clone(self), user: user.to_owned(), seat, queue, ending }
    }

    /// Queues for all of a user's sockets but `except`, and says how many there are.
    pub(crate) fn deliver(&self, user: &str, live: &Live, except: Option<u64>) -> usize {
        let users = self.users();
        let seats = users.get(user).map(Vec::as_slice).unwrap_or_default();
        let others = seats.iter().filter(|seat| Some(seat.number) != except);
        others.fold(0, |count, seat| {
            seat.offer(live);
            count + 1
        })
    }

    /// Ends a session's sockets.
    pub(crate) fn end_session(&self, session: &str) {
        self.end_where(Ending::SessionEnded, |_, seat| seat.session == session);
    }

    /// Ends a user's sockets.
    pub(crate) fn end_user(&self, user: &str, ending: Ending) {
        self.end_where(ending, |name, _| name == user);
    }

    /// Ends everything, and whatever still joins.
    pub(crate) fn close(&self) {
        self.leaving.store(self.users().values().map(Vec::len).sum(), Ordering::SeqCst);
        self.closed.store(true, Ordering::SeqCst);
        self.end_where(Ending::Restart, |_, _| true);
    }

    /// How many sockets there were when everything was ended.
    pub(crate) fn leaving(&self) -> usize {
        self.leaving.load(Ordering::SeqCst)
    }

    /// Sessions that have a socket open.
    pub(crate) fn sessions(&self) -> Vec<String> {
        self.users().values().flatten().map(|seat| seat.session.clone()).collect()
    }

    fn end_where(&self, ending: Ending, which: impl Fn(&str, &Seat) -> bool) {
        for (user, seats) in self.users().iter() {
            seats.iter().filter(|seat| which(user, seat)).for_each(|seat| seat.end(ending));
        }
    }

    fn users(&self) -> MutexGuard<'_, HashMap<String, Vec<Arc<Seat>>>> {
        self.users.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat {
    /// Names this socket for [`Hub::deliver`]'s `except`.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// From now on an overflow is no failure.
    pub(crate) fn begin_catching_up(&self) {
        *self.phase() = Phase::CatchingUp { overflowed: false };
    }

    /// Back to live, if the queue holds everything since the last try; else it has to be emptied and the store read
    /// again.
    pub(crate) fn settle(&self) -> bool {
        let mut phase = self.phase();
        let complete = !matches!(*phase, Phase::CatchingUp { overflowed: true });
        *phase = if complete { Phase::Live } else { Phase::CatchingUp { overflowed: false } };
        complete
    }

    /// Asks the socket to end; the first reason stands.
    pub(crate) fn end(&self, ending: Ending) {
        self.ending.send_if_modified(|current| {
            let first = current.is_none();
            current.get_or_insert(ending);
            first
        });
    }

    fn offer(&self, live: &Live) {
        // held over the attempt, so that `settle` sees either the message queued or the overflow
        let mut phase = self.phase();
        if self.queue.try_send(live.clone()).is_err() {
            match &mut *phase {
                Phase::CatchingUp { overflowed } => *overflowed = true,
                Phase::Live => self.end(Ending::Slow),
            }
        }
    }

    fn phase(&self) -> MutexGuard<'_, Phase> {
        self.phase.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut users = self.hub.users();
        if let Some(seats) = users.get_mut(&self.user) {
            seats.retain(|seat| seat.number != self.seat.number);
            if seats.is_empty() {
                users.remove(&self.user);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notification(seq: u64) -> Live {
        Live::Notification { seq, frame: Utf8Bytes::from_static("{}") }
    }

    #[test]
    fn a_live_socket_that_cannot_keep_up_is_ended_and_nobody_else() {
        let hub = Arc::new(Hub::new(2, 9));
        let (slow, mut quick) = (hub.join("alice", "s1"), hub.join("alice", "s2"));
        assert!(slow.seat.settle() && quick.seat.settle());
        for seq in 1..=3 {
            assert_eq!(hub.deliver("alice", &notification(seq), None), 2);
            assert!(matches!(quick.queue.try_recv(), Ok(Live::Notification { seq: got, .. }) if got == seq));
        }
        assert_eq!(*slow.ending.borrow(), Some(Ending::Slow));
        assert_eq!(*quick.ending.borrow(), None);
    }

    #[test]
    fn an_overflow_while_catching_up_means_reading_again() {
        let hub = Arc::new(Hub::new(1, 9));
        let mut place = hub.join("alice", "s1");
        hub.deliver("alice", &notification(1), None);
        hub.deliver("alice", &notification(2), None);
        assert!(!place.seat.settle());
        assert!(place.queue.try_recv().is_ok());
        assert!(place.seat.settle());
        assert_eq!(*place.ending.borrow(), None);
    }

    #[test]
    fn an_ended_session_ends_its_own_sockets_only() {
        let hub = Arc::new(Hub::new(1, 9));
        let (mine, other) = (hub.join("alice", "s1"), hub.join("alice", "s2"));
        hub.end_session("s1");
        assert_eq!(*mine.ending.borrow(), Some(Ending::SessionEnded));
        assert_eq!(*other.ending.borrow(), None);
    }

    #[test]
    fn whoever_joins_a_closed_hub_is_sent_away() {
        let hub = Arc::new(Hub::new(1, 9));
        hub.close();
        assert_eq!(*hub.join("alice", "s1").ending.borrow(), Some(Ending::Restart));
    }

    #[test]
    fn one_user_has_so_many_sockets_and_no_more() {
        let hub = Arc::new(Hub::new(1, 2));
        let (first, _second, third) =
            (hub.join("alice", "s1"), hub.join("alice", "s1"), hub.join("alice", "s1"));
        assert_eq!(*first.ending.borrow(), None);
        assert_eq!(*third.ending.borrow(), Some(Ending::Crowded));
        assert_eq!(*hub.join("bob", "s2").ending.borrow(), None);
        drop((first, third));
        assert_eq!(*hub.join("alice", "s1").ending.borrow(), None);
    }

    #[test]
    fn a_dropped_place_is_free() {
        let hub = Arc::new(Hub::new(1, 9));
        drop(hub.join("alice", "s1"));
        assert_eq!(hub.deliver("alice", &notification(1), None), 0);
        assert!(hub.sessions().is_empty());
    }
}
