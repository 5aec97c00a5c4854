//! Whether the machine slept. Owns the comparison of the clocks; waits for nothing.
//!
//! Three things give a sleep away, and each of them covers for the others:
//!
//! - the clocks: the wall clock goes on in sleep, and so does Linux' clock since boot, while the monotonic one stands
//!   still (Linux, macOS);
//! - a timer that fires long after it was due: where the monotonic clock goes on in sleep (Windows), and where not the
//!   machine but the process stood still;
//! - the system's word for it, where somebody gives it.

use std::time::{Duration, Instant};

use time::OffsetDateTime;

/// The clocks of an awake machine drift apart by far less between two looks; a step by NTP that is larger costs one
/// needless probe.
const LEAST: Duration = Duration::from_secs(3);

/// A machine that is merely busy is not that late.
const LATE: Duration = Duration::from_secs(10);

/// The system says that it woke up within this time; what the clocks have told by then is the same sleep.
const SAME: Duration = Duration::from_secs(10);

/// What the clocks say.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clocks {
    pub(super) at: Instant,
    pub(super) wall: OffsetDateTime,
    /// How long the machine has slept since it was started; zero where the system keeps no such account.
    pub(super) asleep: Duration,
}

/// Finds each sleep once.
#[derive(Debug)]
pub(super) struct Sleep {
    before: Clocks,
    found: Option<Instant>,
}

impl Sleep {
    pub(super) fn new(now: Clocks) -> Self {
        Self { before: now, found: None }
    }

    /// Whether the clock on the wall shows something else than the time that has passed since [`Sleep::slept`] was last
    /// asked.
    pub(super) fn is_jump(&self, now: Clocks) -> bool {
        let awake = now.at.saturating_duration_since(self.before.at);
        let passed = now.wall - self.before.wall;
        (passed - awake).unsigned_abs() > LEAST
    }

    /// True if the machine slept since this was last asked. `late`: for how long a timer has been due; `told`: the
    /// system says that it slept.
    pub(super) fn slept(&mut self, now: Clocks, late: Duration, told: bool) -> bool {
        let before = std::mem::replace(&mut self.before, now);
        let awake = now.at.saturating_duration_since(before.at);
        let passed = now.wall - before.wall;
        let slept = (passed.is_positive() && passed.unsigned_abs() > awake + LEAST)
            || now.asleep.saturating_sub(before.asleep) > LEAST
            || late > LATE
            || (told && self.found.is_none_or(|found| now.at.saturating_duration_since(found) > SAME));
        if slept {
            self.found = Some(now.at);
        }
        slept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NO: Duration = Duration::ZERO;

    fn start() -> Clocks {
        Clocks { at: Instant::now(), wall: OffsetDateTime::UNIX_EPOCH, asleep: Duration::from_secs(500) }
    }

    fn later(clocks: Clocks, at: u64, wall: i64) -> Clocks {
        Clocks {
            at: clocks.at + Duration::from_secs(at),
            wall: clocks.wall + time::Duration::seconds(wall),
            ..clocks
        }
    }

    #[test]
    fn a_wall_clock_ahead_of_the_monotonic_one_is_a_sleep_noticed_once() {
        let start = start();
        let mut sleep = Sleep::new(start);
        assert!(!sleep.slept(later(start, 30, 31), NO, false));
        assert!(sleep.slept(later(start, 31, 3600), NO, false));
        assert!(!sleep.slept(later(start, 61, 3630), NO, false));
    }

    #[test]
    fn a_wall_clock_set_back_is_no_sleep_and_hides_none() {
        let start = start();
        let mut sleep = Sleep::new(start);
        assert!(!sleep.slept(later(start, 10, -3600), NO, false));
        let slept = Clocks { asleep: start.asleep + Duration::from_secs(60), ..later(start, 20, -7200) };
        assert!(sleep.slept(slept, NO, false));
        assert!(!sleep.slept(later(slept, 10, 10), NO, false));
    }

    #[test]
    fn a_wall_clock_that_is_set_is_a_jump_in_either_direction() {
        let start = start();
        let sleep = Sleep::new(start);
        for (wall, jump) in [(30, false), (32, false), (3600, true), (-3600, true), (20, true)] {
            assert_eq!(sleep.is_jump(later(start, 30, wall)), jump, "{wall}");
        }
    }

    #[test]
    fn a_timer_that_is_far_too_late_is_a_sleep_and_a_busy_machine_is_none() {
        let start = start();
        let mut sleep = Sleep::new(start);
        assert!(!sleep.slept(later(start, 65, 65), Duration::from_secs(5), false));
        assert!(sleep.slept(later(start, 3665, 3665), Duration::from_secs(3600), false));
    }

    #[test]
    fn the_systems_word_counts_where_the_clocks_have_not_told_of_that_sleep() {
        let start = start();
        let mut sleep = Sleep::new(start);
        assert!(sleep.slept(later(start, 1, 1), NO, true));
        assert!(sleep.slept(later(start, 60, 3600), NO, false));
        assert!(!sleep.slept(later(start, 62, 3602), NO, true), "the same sleep");
        assert!(sleep.slept(later(start, 120, 3660), NO, true), "another one");
        assert!(sleep.slept(later(start, 122, 5000), NO, true), "two short ones, by the clocks");
    }
}
