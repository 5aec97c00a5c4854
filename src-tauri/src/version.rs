//! Which of two versions is older. Agent and window are released together; where they differ, one of them is a process
//! that was started before an update.

use std::cmp::Ordering;

/// This window's version.
pub(crate) const OWN: &str = env!("CARGO_PKG_VERSION");

/// Compares an agent's version with a window's. What cannot be read as a version counts as the oldest.
pub(crate) fn compare(agent: &str, window: &str) -> Ordering {
    parts(agent).cmp(&parts(window))
}

fn parts(version: &str) -> Option<[u64; 3]> {
    let core = version.split(['-', '+']).next()?;
    let mut numbers = core.split('.').map(|part| part.parse().ok());
    let parts = [numbers.next()??, numbers.next()??, numbers.next()??];
    numbers.next().is_none().then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lower_version_is_older() {
        assert_eq!(compare("0.9.0", "0.10.0"), Ordering::Less);
        assert_eq!(compare("1.0.0", "0.10.7"), Ordering::Greater);
        assert_eq!(compare("1.2.3", "1.2.3"), Ordering::Equal);
        assert_eq!(compare("1.2.3-rc.1", "1.2.3"), Ordering::Equal);
    }

    #[test]
    fn an_unreadable_version_is_the_oldest() {
        for unreadable in ["", "1", "1.2", "one.two.three", "1.2.3.4"] {
            assert_eq!(compare(unreadable, "0.0.0"), Ordering::Less, "{unreadable}");
        }
    }
}
