//! Windows and macOS: addresses and ways out as every program sees them, and the system's word that they have changed.
//!
//! Nobody says here that the machine has slept. What tells is, on macOS, the wall clock, which is ahead of the monotonic
//! one after a sleep; on Windows, where both go on in sleep, a timer that fires long after it was due. Either is looked
//! at with every hint, and a network nearly always changes when a machine wakes up; without a hint it takes until the
//! next [`TICK`].

mod addresses;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(windows)]
mod windows;

use std::{
    future::{Future, pending},
    time::Duration,
};

#[cfg(target_os = "macos")]
use macos::Hints;
use tokio::time::sleep;
#[cfg(windows)]
use windows::Hints;

use super::{
    sleep::Clocks,
    watcher::{Look, Network, Rest},
};
use crate::clock::{Clock as _, System};

/// A sleep is found within so much time awake.
const TICK: Duration = Duration::from_secs(30);

/// The system's network.
#[derive(Debug)]
pub(super) struct Addresses {
    hints: Option<Hints>,
}

/// The system's clocks.
#[derive(Debug)]
pub(super) struct Ticks;

/// Both; nothing else has to run for them.
pub(super) fn open() -> (Addresses, Ticks, impl Future<Output = ()> + Send) {
    let hints = Hints::open().inspect_err(|error| {
        tracing::warn!(%error, "the system tells nothing about the network, so it is looked at every now and then");
    });
    (Addresses { hints: hints.ok() }, Ticks, pending())
}

impl Network for Addresses {
    async fn hint(&mut self) {
        match &mut self.hints {
            Some(hints) => {
                if let Err(error) = hints.next().await {
                    tracing::warn!(%error, "the system tells no more about the network");
                    self.hints = None;
                }
            }
            None => pending().await,
        }
    }

    fn drain(&mut self) -> bool {
        self.hints.as_mut().is_some_and(Hints::drain)
    }

    fn hints(&self) -> bool {
        self.hints.is_some()
    }

    fn look(&mut self) -> Option<Look> {
        let ways = self.hints.as_ref().map_or(0, Hints::ways);
        addresses::look(ways)
    }
}

impl Rest for Ticks {
    async fn stirred(&mut self) -> bool {
        sleep(TICK).await;
        false
    }

    fn clocks(&self) -> Clocks {
        let now = System.now();
        Clocks { at: now.at, wall: now.wall, asleep: Duration::ZERO }
    }
}
