//! Who listens. A seat is taken while a handshake is answered, under the model's lock, together with what is to be said
//! first: so nothing that is published meanwhile falls in between.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::ledger::Ledger;

#[derive(Clone, Debug)]
pub(crate) struct Seats {
    taken: Arc<Mutex<Vec<Taken>>>,
    hush: watch::Sender<bool>,
    pub(crate) ledger: Ledger,
}

/// Whom a seat was given to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Guest {
    pub(crate) token: Option<String>,
    /// All, if absent.
    pub(crate) topics: Option<Vec<String>>,
}

#[derive(Debug)]
struct Taken {
    number: usize,
    guest: Guest,
    frames: mpsc::UnboundedSender<String>,
    cut: CancellationToken,
}

/// One listener's end.
#[derive(Debug)]
pub(crate) struct Seat {
    number: usize,
    seats: Seats,
    pub(crate) frames: mpsc::UnboundedReceiver<String>,
    /// The socket ends, without a word.
    pub(crate) cut: CancellationToken,
    /// Nothing is said and nothing is heard.
    pub(crate) hush: watch::Receiver<bool>,
}

impl Seats {
    pub(crate) fn new() -> Self {
        Self { taken: Arc::default(), hush: watch::Sender::new(false), ledger: Ledger::default() }
    }

    /// A seat for `guest`, who is told `first` before anything else.
    pub(crate) fn take(&self, guest: Guest, first: Vec<String>) -> Seat {
        let (sender, frames) = mpsc::unbounded_channel();
        for frame in first {
            // the receiver is in hand
            let _ = sender.send(frame);
        }
        let (cut, hush) = (CancellationToken::new(), self.hush.subscribe());
        let mut taken = self.lock();
        let mut number = 0;
        self.ledger.count(|counts| {
            counts.accepted += 1;
            counts.open += 1;
            counts.most_open = counts.most_open.max(counts.open);
            number = counts.accepted;
        });
        taken.push(Taken { number, guest, frames: sender, cut: cut.clone() });
        Seat { number, seats: self.clone(), frames, cut, hush }
    }

    pub(crate) fn taken(&self) -> usize {
        self.lock().len()
    }

    /// Tells everybody who listens to `topic`, and to all where there are no topics.
    pub(crate) fn tell(&self, topic: Option<&str>, frame: &str) {
        for taken in &*self.lock() {
            let topics = taken.guest.topics.as_deref();
            let listens =
                topics.is_none_or(|topics| topics.iter().any(|listened| Some(listened.as_str()) == topic));
            if listens {
                let _ = taken.frames.send(frame.to_owned());
            }
        }
    }

    pub(crate) fn cut(&self, whose: impl Fn(&Guest) -> bool) {
        for taken in self.lock().iter().filter(|taken| whose(&taken.guest)) {
            taken.cut.cancel();
        }
    }

    pub(crate) fn hush(&self, hushed: bool) {
        self.hush.send_replace(hushed);
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Taken>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat {
    pub(crate) fn ledger(&self) -> &Ledger {
        &self.seats.ledger
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.seats.lock().retain(|taken| taken.number != self.number);
        self.seats.ledger.count(|counts| counts.open -= 1);
    }
}
