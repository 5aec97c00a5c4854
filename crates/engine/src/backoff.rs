//! How long to wait before the next attempt. Owns the one formula; the waiting is the machine's.

use std::time::Duration;

/// Where random delays come from. Injected, so that a test or a simulation can repeat a run.
pub(crate) trait Jitter: Send {
    /// Uniform in `[low, high]`; `low` when the range is empty.
    fn between(&mut self, low: Duration, high: Duration) -> Duration;
}

/// Full jitter: `uniform(floor, min(cap, base · 2^attempt))` (`docs/protocol.md` §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// The shortest wait. Default: 100 ms.
    pub floor: Duration,
    /// The longest wait before the first retry. Default: 1 s.
    pub base: Duration,
    /// The longest wait of all. Default: 60 s.
    pub cap: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { floor: Duration::from_millis(100), base: Duration::from_secs(1), cap: Duration::from_secs(60) }
    }
}

impl Backoff {
    /// The longest wait before the retry that follows `attempt` earlier ones.
    pub fn ceiling(&self, attempt: u32) -> Duration {
        // 2^31 seconds is far beyond any cap that makes sense
        self.base.saturating_mul(1 << attempt.min(31)).min(self.cap).max(self.floor)
    }

    /// Draws the wait before the retry that follows `attempt` earlier ones.
    pub(crate) fn draw(&self, attempt: u32, jitter: &mut dyn Jitter) -> Duration {
        jitter.between(self.floor, self.ceiling(attempt))
    }

    /// Draws a wait near the longest one: the upper half of it, so that many clients still spread out.
    pub(crate) fn draw_at_cap(&self, jitter: &mut dyn Jitter) -> Duration {
        jitter.between((self.cap / 2).max(self.floor), self.cap.max(self.floor))
    }
}

/// Randomness of the operating system's making.
#[derive(Debug)]
pub(crate) struct Random(rand::rngs::StdRng);

impl Random {
    pub(crate) fn new() -> Self {
        use rand::SeedableRng as _;
        Self(rand::rngs::StdRng::from_os_rng())
    }
}

impl Jitter for Random {
    fn between(&mut self, low: Duration, high: Duration) -> Duration {
        use rand::Rng as _;
        if low >= high { low } else { self.0.random_range(low..=high) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Highest;

    impl Jitter for Highest {
        fn between(&mut self, low: Duration, high: Duration) -> Duration {
            low.max(high)
        }
    }

    #[test]
    fn the_ceiling_doubles_up_to_the_cap() {
        let backoff = Backoff::default();
        let seconds: Vec<_> = (0..9).map(|attempt| backoff.ceiling(attempt).as_secs()).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!(backoff.ceiling(u32::MAX), Duration::from_secs(60));
    }

    #[test]
    fn draws_reach_from_floor_to_ceiling() {
        let backoff = Backoff::default();
        assert_eq!(backoff.draw(3, &mut Highest), Duration::from_secs(8));
        let mut random = Random::new();
        for attempt in 0..200 {
            let drawn = backoff.draw(attempt, &mut random);
            assert!(drawn >= Duration::from_millis(100) && drawn <= backoff.ceiling(attempt), "{drawn:?}");
            let slow = backoff.draw_at_cap(&mut random);
            assert!(slow >= Duration::from_secs(30) && slow <= Duration::from_secs(60), "{slow:?}");
        }
    }

    #[test]
    fn draws_differ() {
        let mut random = Random::new();
        let drawn: std::collections::HashSet<_> =
            (0..50).map(|_| Backoff::default().draw(10, &mut random)).collect();
        assert!(drawn.len() > 40, "{drawn:?}");
    }

    #[test]
    fn options_that_contradict_themselves_do_not_panic() {
        let odd = Backoff {
            floor: Duration::from_secs(9),
            base: Duration::from_secs(1),
            cap: Duration::from_secs(2),
        };
        assert_eq!(odd.draw(0, &mut Random::new()), Duration::from_secs(9));
        assert_eq!(odd.draw_at_cap(&mut Random::new()), Duration::from_secs(9));
    }
}
