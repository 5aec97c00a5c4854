use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use thiserror::Error;
use tokio::sync::watch;

use crate::Asked;

/// How long is waited for something that has to happen; only a failure takes that long.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a server has seen so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Sockets that are open now.
    pub open: usize,
    /// The most that were open at a time.
    pub most_open: usize,
    /// Handshakes, accepted or not.
    pub handshakes: usize,
    /// Handshakes that were accepted.
    pub accepted: usize,
    /// Requests for what was missed.
    pub catch_ups: usize,
    /// Requests that carried a password or a token and were refused for it.
    pub strangers: usize,
    /// Pongs that came.
    pub pongs: usize,
    /// The longest message that a client has sent, in bytes.
    pub longest_frame: usize,
}

/// What was waited for has not happened.
#[derive(Debug, Error)]
#[error("waited in vain; the server has seen {0:?}")]
pub struct Late(pub Counts);

#[derive(Clone, Debug, Default)]
pub(crate) struct Ledger {
    counts: watch::Sender<Counts>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Ledger {
    pub(crate) fn count(&self, change: impl FnOnce(&mut Counts)) {
        self.counts.send_modify(change);
    }

    pub(crate) fn counts(&self) -> Counts {
        *self.counts.borrow()
    }

    pub(crate) fn write(&self, asked: Asked) {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(asked);
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) async fn until(&self, wanted: impl FnMut(&Counts) -> bool) -> Result<Counts, Late> {
        let mut counts = self.counts.subscribe();
        match tokio::time::timeout(PATIENCE, counts.wait_for(wanted)).await {
            Ok(Ok(counts)) => Ok(*counts),
            _ => Err(Late(self.counts())),
        }
    }
}
