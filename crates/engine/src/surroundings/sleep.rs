//! Whether the machine slept. Owns the comparison of the two clocks: the wall clock goes on in sleep, the monotonic
//! one stands still on Linux and macOS.

use std::time::{Duration, Instant};

use time::OffsetDateTime;

use crate::machine::Now;

/// The clocks of an awake machine drift apart by far less between two looks; a step by NTP that is larger costs one
/// needless probe.
const LEAST: Duration = Duration::from_secs(3);

/// Compares the clocks at every look.
#[derive(Debug)]
pub(crate) struct Sleep {
    at: Instant,
    wall: OffsetDateTime,
}

impl Sleep {
    pub(crate) fn new(now: Now) -> Self {
        Self { at: now.at, wall: now.wall }
    }

    /// True if the machine slept since the last look.
    pub(crate) fn slept(&mut self, now: Now) -> bool {
        let awake = now.at.saturating_duration_since(self.at);
        let passed = now.wall - self.wall;
        *self = Self::new(now);
        passed.is_positive() && passed.unsigned_abs() > awake + LEAST
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn later(now: Now, at: u64, wall: i64) -> Now {
        Now { at: now.at + Duration::from_secs(at), wall: now.wall + time::Duration::seconds(wall) }
    }

    #[test]
    fn a_wall_clock_ahead_of_the_monotonic_one_is_a_sleep_noticed_once() {
        let start = Now { at: Instant::now(), wall: OffsetDateTime::UNIX_EPOCH };
        let mut sleep = Sleep::new(start);
        assert!(!sleep.slept(later(start, 30, 31)));
        assert!(sleep.slept(later(start, 31, 3600)));
        assert!(!sleep.slept(later(start, 61, 3630)));
    }

    #[test]
    fn a_wall_clock_set_back_is_no_sleep() {
        let start = Now { at: Instant::now(), wall: OffsetDateTime::UNIX_EPOCH };
        assert!(!Sleep::new(start).slept(later(start, 10, -3600)));
    }
}
