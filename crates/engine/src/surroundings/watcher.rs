//! The one task that looks at the operating system.

use std::time::Duration;

use tokio::time::sleep;

use super::{Announcer, Change, routes, sleep::Sleep};
use crate::clock::{Clock as _, System};

/// Time between two looks.
const LOOK: Duration = Duration::from_secs(60);

/// Time between two looks while there is no network: coming back should not take long.
const LOOK_OFFLINE: Duration = Duration::from_secs(5);

/// Looks until nobody listens any more.
pub(super) async fn run(announcer: Announcer) {
    tokio::select! {
        () = look(&announcer) => {}
        () = announcer.unheard() => {}
    }
}

async fn look(announcer: &Announcer) {
    let mut clocks = Sleep::new(System.now());
    let mut seen = routes::fingerprint();
    if seen.is_none() {
        announcer.down();
    }
    loop {
        sleep(if seen.is_some() { LOOK } else { LOOK_OFFLINE }).await;
        if clocks.slept(System.now()) {
            announcer.woke();
        }
        let now = routes::fingerprint();
        match compare(std::mem::replace(&mut seen, now), now) {
            Some(Change::Down) => announcer.down(),
            Some(Change::Up) => announcer.up(),
            Some(_) => announcer.changed(),
            None => {}
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
