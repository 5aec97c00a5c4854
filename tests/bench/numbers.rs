//! Medians and the like, and how times are written.

use std::time::Duration;

/// Times, in ascending order.
#[derive(Debug)]
pub(crate) struct Times(Vec<Duration>);

impl Times {
    pub(crate) fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self(times)
    }

    /// The time that half of them do not exceed.
    pub(crate) fn median(&self) -> Duration {
        self.quantile(50)
    }

    /// The time that so many per cent of them do not exceed (nearest rank).
    pub(crate) fn quantile(&self, percent: usize) -> Duration {
        let rank = (self.0.len() * percent).div_ceil(100).max(1);
        self.0.get(rank - 1).copied().unwrap_or_default()
    }
}

/// `1.23 ms`, or `60.1 s`.
pub(crate) fn written(time: Duration) -> String {
    if time < Duration::from_secs(10) {
        format!("{:.2} ms", time.as_secs_f64() * 1000.0)
    } else {
        format!("{:.1} s", time.as_secs_f64())
    }
}

/// `7.96 MiB`: two decimals, as one would hide which side of a limit it is on.
pub(crate) fn mebibytes(kibibytes: u64) -> String {
    format!("{:.2} MiB", Duration::from_secs(kibibytes).as_secs_f64() / 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_by_nearest_rank() {
        let times = Times::of([5, 1, 4, 2, 3].map(Duration::from_millis).to_vec());
        assert_eq!(times.median(), Duration::from_millis(3));
        assert_eq!(times.quantile(95), Duration::from_millis(5));
        assert_eq!(times.quantile(1), Duration::from_millis(1));
        assert_eq!(Times::of(Vec::new()).median(), Duration::ZERO);
    }

    #[test]
    fn memory_is_told_to_a_hundredth_of_a_mebibyte() {
        assert_eq!(mebibytes(8 * 1024), "8.00 MiB");
        assert_eq!(mebibytes(8 * 1024 + 11), "8.01 MiB");
    }

    #[test]
    fn times_keep_what_matters() {
        assert_eq!(written(Duration::from_micros(1234)), "1.23 ms");
        assert_eq!(written(Duration::from_millis(60_140)), "60.1 s");
    }
}
