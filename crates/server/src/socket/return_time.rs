//! When clients may come back after a planned restart.

/// A server that has just started should not have to greet more than so many clients in a second (`docs/herd.md`).
const RETURNS_PER_SECOND: u64 = 1000;

/// The range that is configured, made wide enough for this many sockets to come back one after the other.
pub(super) fn spread([from, to]: [u64; 2], sockets: usize) -> [u64; 2] {
    let width = (sockets as u64).saturating_mul(1000) / RETURNS_PER_SECOND;
    [from, to.max(from.saturating_add(width))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_sockets_get_more_time_and_few_get_what_is_configured() {
        assert_eq!(spread([500, 5000], 0), [500, 5000]);
        assert_eq!(spread([500, 5000], 4500), [500, 5000]);
        assert_eq!(spread([500, 5000], 100_000), [500, 100_500]);
        assert_eq!(spread([u64::MAX, 0], usize::MAX), [u64::MAX; 2]);
    }
}
