//! All chance of a run, from one number.

use std::time::Duration;

use crate::backoff::Jitter;

/// SplitMix64: the same seed rolls the same, on every machine and with every version of every crate.
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Dice of their own for somebody else, so that one who rolls more often does not change what the other rolls.
    pub(crate) fn fork(&mut self) -> Self {
        Self(self.roll())
    }

    /// From 0 to below `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        // the high half times the range: a bias of 2^-32 matters to nobody here
        ((self.roll() >> 32) * end) >> 32
    }

    /// True in `per_mille` of a thousand.
    pub(crate) fn chance(&mut self, per_mille: u64) -> bool {
        per_mille > 0 && self.below(1000) < per_mille
    }

    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[usize::try_from(self.below(from.len() as u64)).unwrap()]
    }

    /// Milliseconds, from `low` to `high`.
    pub(crate) fn ms(&mut self, low: u64, high: u64) -> Duration {
        Duration::from_millis(low + self.below(high - low + 1))
    }
}

impl Jitter for Dice {
    fn between(&mut self, low: Duration, high: Duration) -> Duration {
        let width = u64::try_from(high.saturating_sub(low).as_micros()).unwrap();
        low + Duration::from_micros(self.below((width + 1).min(1 << 32)))
    }
}
