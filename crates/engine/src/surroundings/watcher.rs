//! The one task that watches: when to look, and what to announce. Owns the waiting and the comparison of two looks; how
//! the operating system is asked is behind two small traits.
//!
//! What the system says is a hint that it is worth looking, never the change itself: hints come in bursts, some are
//! lost, and most are about nothing that matters. So a burst is waited out, and then what is there now is compared with
//! what was there before.

use std::{future::Future, time::Duration};

use tokio::time::{Instant, sleep_until};

use super::{
    Announcer,
    sleep::{Clocks, Sleep},
};

/// A burst is over when nothing was said for so long.
const QUIET: Duration = Duration::from_millis(250);

/// The same while there is no network: nothing can be broken by looking early, and coming back should not take long.
const QUIET_OFFLINE: Duration = Duration::from_millis(50);

/// However long a burst lasts, it is looked at by then.
const MOST: Duration = Duration::from_secs(1);

/// Time between two looks without a hint, as hints may be missed.
const SLOWLY: Duration = Duration::from_secs(60);

/// The same without a network, where there are no hints at all.
const SLOWLY_OFFLINE: Duration = Duration::from_secs(5);

/// What the network looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// No way leads anywhere.
    Nothing,
    /// Something is usable; the number is another one when anything about it is.
    Usable(u64),
}

/// The operating system's network.
pub(super) trait Network: Send {
    /// Returns when the network may have changed. Cancel safe.
    fn hint(&mut self) -> impl Future<Output = ()> + Send;

    /// Forgets the hints that have come meanwhile; true if there were any.
    fn drain(&mut self) -> bool;

    /// Whether there are hints at all.
    fn hints(&self) -> bool;

    /// What is there now; `None` if that cannot be found out.
    fn look(&mut self) -> Option<Look>;
}

/// The operating system's sleep.
pub(super) trait Rest: Send {
    /// Returns when the clocks are worth comparing. True: the system says that it slept. Cancel safe.
    fn stirred(&mut self) -> impl Future<Output = bool> + Send;

    /// What the clocks say.
    fn clocks(&self) -> Clocks;
}

/// Watches both, and announces.
#[derive(Debug)]
pub(super) struct Watcher<N, R> {
    announcer: Announcer,
    network: N,
    rest: R,
    seen: Look,
    sleep: Sleep,
}

/// A burst of hints that is waited out.
#[derive(Clone, Copy, Debug)]
struct Burst {
    quiet_at: Instant,
    over_at: Instant,
}

enum Woken {
    Hint,
    Stirred { slept: bool },
    Time,
}

impl<N: Network, R: Rest> Watcher<N, R> {
    /// Takes the first look. What cannot be read counts as a network that is there: a wrong "offline" would keep every
    /// connection down.
    pub(super) fn new(announcer: Announcer, mut network: N, rest: R) -> Self {
        let seen = network.look().unwrap_or(Look::Usable(0));
        if seen == Look::Nothing {
            announcer.down();
        }
        Self { announcer, network, sleep: Sleep::new(rest.clocks()), rest, seen }
    }

    /// Watches until nobody listens any more.
    pub(super) async fn run(mut self) {
        let mut look_at = Instant::now() + self.slowly();
        let mut burst: Option<Burst> = None;
        loop {
            self.announcer.told(self.network.hints());
            let wake_at = burst.map_or(look_at, |burst| burst.quiet_at);
            let woken = tokio::select! {
                () = self.announcer.unheard() => return,
                // in a burst the hints pile up unread, so that a storm of them wakes nobody
                () = self.network.hint(), if burst.is_none() => Woken::Hint,
                slept = self.rest.stirred() => Woken::Stirred { slept },
                () = sleep_until(wake_at) => Woken::Time,
            };
            let now = Instant::now();
            let told = matches!(woken, Woken::Stirred { slept: true });
            let late = now.saturating_duration_since(wake_at);
            let clocks = self.rest.clocks();
            let jump = self.sleep.is_jump(clocks);
            let woke = self.sleep.slept(clocks, late, told);
            burst = match woken {
                Woken::Hint => Some(self.burst(now)),
                Woken::Stirred { .. } => burst,
                Woken::Time => burst.and_then(|burst| self.go_on(burst, now)),
            };
            if woke || (matches!(woken, Woken::Time) && burst.is_none()) {
                self.look();
                look_at = Instant::now() + self.slowly();
            }
            if woke {
                tracing::info!("the machine slept");
                self.announcer.woke();
            } else if jump {
                self.announcer.clock_set();
            }
        }
    }

    fn burst(&self, now: Instant) -> Burst {
        match self.seen {
            Look::Nothing => Burst { quiet_at: now + QUIET_OFFLINE, over_at: now + QUIET_OFFLINE },
            Look::Usable(_) => Burst { quiet_at: now + QUIET, over_at: now + MOST },
        }
    }

    fn go_on(&mut self, burst: Burst, now: Instant) -> Option<Burst> {
        let more = self.network.drain();
        (more && now < burst.over_at).then(|| Burst { quiet_at: (now + QUIET).min(burst.over_at), ..burst })
    }

    fn slowly(&self) -> Duration {
        if self.seen == Look::Nothing && !self.network.hints() { SLOWLY_OFFLINE } else { SLOWLY }
    }

    fn look(&mut self) {
        let Some(now) = self.network.look() else { return };
        match (std::mem::replace(&mut self.seen, now), now) {
            (Look::Usable(_), Look::Nothing) => {
                tracing::info!("no usable network is left");
                self.announcer.down();
            }
            (Look::Nothing, Look::Usable(_)) => {
                tracing::info!("a usable network is there");
                self.announcer.up();
            }
            (before, now) if before != now => {
                tracing::info!("the network is another one");
                self.announcer.changed();
            }
            _ => {}
        }
    }
}

#[cfg(test)]
#[path = "watcher_tests.rs"]
mod tests;
