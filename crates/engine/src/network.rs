//! Whether there is a network, and whether it is still the same one. Owns the slow look at the operating system; what
//! follows from it is for the machine to say.

mod routes;

use std::{
    future::{Future, pending},
    time::Duration,
};

use tokio::time::{Instant, sleep_until};

/// Time between two looks.
const LOOK: Duration = Duration::from_secs(60);

/// Time between two looks while there is no network: coming back should not take long.
const LOOK_OFFLINE: Duration = Duration::from_secs(5);

/// A change of the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// Nothing usable is left.
    Down,
    /// Something usable is back.
    Up,
    /// Another address or route.
    Other,
}

/// Tells of changes.
pub(crate) trait Network: Send + 'static {
    /// The next change. Cancel safe. The first one comes at once if there is no network to begin with.
    fn changed(&mut self) -> impl Future<Output = Change> + Send;
}

/// What the operating system says, looked at every now and then.
#[derive(Debug)]
pub(crate) struct Looking {
    seen: Option<u64>,
    /// `None`: nobody needs to know.
    next: Option<Instant>,
}

impl Looking {
    /// Takes the first look. For a server on loopback it is the last.
    pub(crate) fn new(loopback: bool) -> Self {
        let next = (!loopback).then(|| Instant::now() + LOOK);
        Self { seen: routes::fingerprint(), next }
    }

    /// The state to begin with.
    pub(crate) fn is_down(&self) -> bool {
        self.seen.is_none()
    }
}

impl Network for Looking {
    async fn changed(&mut self) -> Change {
        loop {
            let Some(next) = self.next else { return pending().await };
            sleep_until(next).await;
            let now = routes::fingerprint();
            let before = std::mem::replace(&mut self.seen, now);
            self.next = Some(Instant::now() + if now.is_some() { LOOK } else { LOOK_OFFLINE });
            if let Some(change) = compare(before, now) {
                return change;
            }
        }
    }
}

fn compare(before: Option<u64>, now: Option<u64>) -> Option<Change> {
    match (before, now) {
        (Some(_), None) => Some(Change::Down),
        (None, Some(_)) => Some(Change::Up),
        (Some(before), Some(now)) if before != now => Some(Change::Other),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_are_compared() {
        assert_eq!(compare(Some(1), None), Some(Change::Down));
        assert_eq!(compare(None, Some(1)), Some(Change::Up));
        assert_eq!(compare(Some(1), Some(2)), Some(Change::Other));
        assert_eq!(compare(Some(1), Some(1)), None);
        assert_eq!(compare(None, None), None);
    }
}
