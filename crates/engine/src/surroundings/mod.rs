//! What surrounds all connections of a process: the network, and whether the machine has slept.
//!
//! Owns what is known of both, once per process however many accounts there are, and tells each connection what has
//! changed since it last asked. Refuses to say what follows from a change: that is the machine's.

#[cfg(unix)]
mod descriptor;
#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(target_os = "linux")]
mod linux;
mod sleep;
mod watcher;

use std::future::{Future, pending};

use tokio::sync::watch;

#[cfg(not(target_os = "linux"))]
use self::elsewhere as system;
#[cfg(target_os = "linux")]
use self::linux as system;
use self::watcher::Watcher;

/// What all connections of a process have around them. Made once; clones share it.
#[derive(Clone, Debug)]
pub struct Surroundings {
    seen: watch::Receiver<Seen>,
}

/// Tells [`Surroundings`] what has changed, in the place of the operating system.
#[derive(Debug)]
pub struct Announcer {
    seen: watch::Sender<Seen>,
}

/// A change around a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// No usable network is left.
    Down,
    /// A usable network is back.
    Up,
    /// Another address or route.
    Other,
    /// The machine slept.
    Woke,
}

/// Tells of changes.
pub(crate) trait Changes: Send + 'static {
    /// The next change. Cancel safe.
    fn next(&mut self) -> impl Future<Output = Change> + Send;
}

/// What is known. Counts what has happened, so that nobody who looks later misses that something did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seen {
    usable: bool,
    changes: u64,
    sleeps: u64,
    jumps: u64,
    /// The system tells of changes.
    told: bool,
}

/// Tells when the clock on the wall may show something else than the time that has passed: the machine slept, or somebody
/// set it. Whoever waits for a time of day looks again.
#[derive(Debug)]
pub struct Jumps {
    told: u64,
    seen: watch::Receiver<Seen>,
}

/// One listener's view: what it was told, and what there is to tell. Each connection has one.
#[derive(Debug)]
pub struct View {
    told: Seen,
    seen: watch::Receiver<Seen>,
}

impl Surroundings {
    /// Watches the operating system for as long as there is a clone of this, or a connection that was started with it.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn watch() -> Self {
        let (surroundings, announcer) = Self::announced();
        let (network, rest, background) = system::open();
        let watcher = Watcher::new(announcer, network, rest);
        tokio::spawn(async {
            tokio::select! {
                () = watcher.run() => {}
                () = background => {}
            }
        });
        surroundings
    }

    /// A network that is there and never changes, and a machine that never sleeps.
    pub fn still() -> Self {
        Self::announced().0
    }

    /// As [`Surroundings::still`], until something is announced: for tests, and for owners who know better than the
    /// operating system.
    pub fn announced() -> (Self, Announcer) {
        let (announced, seen) =
            watch::channel(Seen { usable: true, changes: 0, sleeps: 0, jumps: 0, told: true });
        (Self { seen }, Announcer { seen: announced })
    }

    /// Whether the system tells of changes; else they are looked for every now and then.
    pub fn is_told(&self) -> bool {
        self.seen.borrow().told
    }

    /// A view of its own, beginning with what is known now.
    pub fn into_view(self) -> View {
        let told = *self.seen.borrow();
        View { told, seen: self.seen }
    }

    /// Jumps of the clock on the wall from now on.
    pub fn jumps(&self) -> Jumps {
        let seen = self.seen.clone();
        let told = seen.borrow().jumps;
        Jumps { told, seen }
    }
}

impl Jumps {
    /// Returns after the next one. Cancel safe.
    pub async fn next(&mut self) {
        let told = self.told;
        match self.seen.wait_for(|seen| seen.jumps != told).await {
            Ok(seen) => self.told = seen.jumps,
            Err(_) => pending().await,
        }
    }
}

impl Announcer {
    /// No usable network is left.
    pub fn down(&self) {
        self.network(false);
    }

    /// A usable network is back.
    pub fn up(&self) {
        self.network(true);
    }

    /// The network is another one, by address or route.
    pub fn changed(&self) {
        self.seen.send_modify(|seen| seen.changes += 1);
    }

    /// The machine slept.
    pub fn woke(&self) {
        self.seen.send_modify(|seen| {
            seen.sleeps += 1;
            seen.jumps += 1;
        });
    }

    /// Somebody has set the clock on the wall.
    pub fn clock_set(&self) {
        self.seen.send_modify(|seen| seen.jumps += 1);
    }

    /// Whether the system tells of changes is no change itself, and wakes nobody.
    fn told(&self, told: bool) {
        self.seen.send_if_modified(|seen| {
            seen.told = told;
            false
        });
    }

    fn network(&self, usable: bool) {
        self.seen.send_if_modified(|seen| {
            let changed = seen.usable != usable;
            seen.usable = usable;
            seen.changes += u64::from(changed);
            changed
        });
    }

    /// Returns once nobody listens any more.
    async fn unheard(&self) {
        self.seen.closed().await;
    }
}

impl View {
    /// True if there is no usable network to begin with.
    pub fn is_down(&self) -> bool {
        !self.told.usable
    }

    /// The next change. Cancel safe.
    pub async fn next(&mut self) -> Change {
        loop {
            let seen = *self.seen.borrow_and_update();
            if let Some(change) = self.told.towards(seen) {
                return change;
            }
            if self.seen.changed().await.is_err() {
                return pending().await;
            }
        }
    }
}

impl Changes for View {
    async fn next(&mut self) -> Change {
        self.next().await
    }
}

impl Seen {
    /// Takes one step towards what is known now. A lost network comes first, as nothing can be asked without one; a
    /// new one last, so that what follows a sleep is not started twice.
    fn towards(&mut self, now: Self) -> Option<Change> {
        if self.usable && !now.usable {
            self.usable = false;
            self.changes = now.changes;
            return Some(Change::Down);
        }
        if self.sleeps != now.sleeps {
            self.sleeps = now.sleeps;
            return Some(Change::Woke);
        }
        let before = std::mem::replace(self, now);
        match (before.usable, now.usable) {
            (false, true) => Some(Change::Up),
            (true, true) if before.changes != now.changes => Some(Change::Other),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn told(view: &mut View) -> Vec<Change> {
        let mut told = Vec::new();
        while let Ok(change) = tokio::time::timeout(std::time::Duration::from_secs(1), view.next()).await {
            told.push(change);
        }
        told
    }

    #[tokio::test(start_paused = true)]
    async fn each_connection_is_told_of_each_change_once() {
        let (surroundings, announcer) = Surroundings::announced();
        let mut views = [surroundings.clone().into_view(), surroundings.into_view()];
        announcer.down();
        for view in &mut views {
            assert_eq!(told(view).await, [Change::Down]);
        }
        announcer.up();
        for view in &mut views {
            assert_eq!(told(view).await, [Change::Up]);
        }
        announcer.changed();
        announcer.woke();
        for view in &mut views {
            assert_eq!(told(view).await, [Change::Woke, Change::Other]);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_came_and_went_between_two_looks_is_a_change() {
        let (surroundings, announcer) = Surroundings::announced();
        let mut view = surroundings.into_view();
        announcer.down();
        announcer.up();
        assert_eq!(told(&mut view).await, [Change::Other]);
        announcer.down();
        announcer.woke();
        announcer.down();
        assert_eq!(told(&mut view).await, [Change::Down, Change::Woke]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_begins_with_what_is_known() {
        let (surroundings, announcer) = Surroundings::announced();
        announcer.down();
        announcer.woke();
        let mut view = surroundings.into_view();
        assert!(view.is_down());
        assert_eq!(told(&mut view).await, []);
        drop(announcer);
        assert_eq!(told(&mut view).await, [], "without an announcer nothing changes");
    }

    #[tokio::test(start_paused = true)]
    async fn a_jump_of_the_clock_is_told_once_and_a_network_is_none() {
        let (surroundings, announcer) = Surroundings::announced();
        let mut jumps = surroundings.jumps();
        let second = std::time::Duration::from_secs(1);
        announcer.down();
        assert!(tokio::time::timeout(second, jumps.next()).await.is_err());
        for jump in [Announcer::clock_set, Announcer::woke] {
            jump(&announcer);
            assert!(tokio::time::timeout(second, jumps.next()).await.is_ok());
            assert!(tokio::time::timeout(second, jumps.next()).await.is_err());
        }
    }
}
