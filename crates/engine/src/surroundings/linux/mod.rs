//! Linux: the kernel by netlink and by its clocks, and the login manager.

mod clock_set;
mod logind;
mod message;
mod netlink;
mod picture;
mod tables;

use std::{
    future::{Future, pending},
    io,
    time::Duration,
};

use rustix::time::{ClockId, clock_gettime};
use tokio::sync::mpsc;

use self::{clock_set::ClockSet, netlink::Hints};
use super::{
    sleep::Clocks,
    watcher::{Look, Network, Rest},
};
use crate::clock::{Clock as _, System};

/// While routes change over and over, no picture of them is true for longer than this many tries.
const TRIES: usize = 3;

/// The kernel's network.
#[derive(Debug)]
pub(super) struct Kernel {
    hints: Option<Hints>,
}

/// The kernel's clocks, and the login manager.
#[derive(Debug)]
pub(super) struct Sleeps {
    clock_set: Option<ClockSet>,
    awakenings: mpsc::Receiver<()>,
}

/// Both, and what has to run for them.
pub(super) fn open() -> (Kernel, Sleeps, impl Future<Output = ()> + Send) {
    let hints = Hints::open().inspect_err(|error| {
        tracing::warn!(%error, "the kernel tells nothing about the network, so it is looked at every now and then");
    });
    let clock_set = ClockSet::open().inspect_err(|error| {
        tracing::warn!(%error, "the kernel does not tell when the clock is set");
    });
    let (tell, awakenings) = mpsc::channel(1);
    (Kernel { hints: hints.ok() }, Sleeps { clock_set: clock_set.ok(), awakenings }, logind::run(tell))
}

impl Kernel {
    /// What comes of asking for hints, unless there will be no more.
    fn heard<T>(&mut self, outcome: io::Result<T>) -> Option<T> {
        outcome
            .inspect_err(|error| {
                tracing::warn!(%error, "the kernel tells no more about the network");
                self.hints = None;
            })
            .ok()
    }
}

impl Network for Kernel {
    async fn hint(&mut self) {
        match &self.hints {
            Some(hints) => {
                let outcome = hints.next().await;
                // the end of the hints is worth a look, too
                self.heard(outcome);
            }
            None => pending().await,
        }
    }

    fn drain(&mut self) -> bool {
        let outcome = self.hints.as_ref().map(Hints::drain);
        outcome.and_then(|outcome| self.heard(outcome)).unwrap_or_default()
    }

    fn hints(&self) -> bool {
        self.hints.is_some()
    }

    fn look(&mut self) -> Option<Look> {
        for _ in 0..TRIES {
            match netlink::picture() {
                Ok(picture) => return Some(picture.look()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    tracing::debug!(%error, "the kernel does not say what the network is like");
                    return tables::look();
                }
            }
        }
        None
    }
}

impl Rest for Sleeps {
    async fn stirred(&mut self) -> bool {
        let jumped = async {
            match &self.clock_set {
                Some(clock_set) => clock_set.next().await,
                None => pending().await,
            }
        };
        tokio::select! {
            outcome = jumped => {
                if outcome.is_err() {
                    self.clock_set = None;
                }
                false
            }
            Some(()) = self.awakenings.recv() => true,
        }
    }

    fn clocks(&self) -> Clocks {
        let now = System.now();
        let read = |clock| Duration::try_from(clock_gettime(clock)).unwrap_or_default();
        // in this order, so that whatever passes between the two is not taken for sleep
        let asleep = read(ClockId::Boottime);
        let asleep = asleep.saturating_sub(read(ClockId::Monotonic));
        Clocks { at: now.at, wall: now.wall, asleep }
    }
}
