//! When something is to be delivered: a Unix time, or a while such as `30m`, `1h30m` or `2 days`.
//!
//! ntfy reads English phrases too ("tomorrow, 10am"). Those mean a clock on somebody's wall, and a server does not know
//! whose: they are refused.

use time::{Duration, OffsetDateTime};

use super::fault::Fault;

/// ntfy's own bounds.
const LEAST: Duration = Duration::seconds(10);
const MOST: Duration = Duration::days(3);

/// The moment that is meant.
pub(super) fn read(text: &str, now: OffsetDateTime) -> Result<OffsetDateTime, Fault> {
    let due = match text.trim().parse() {
        Ok(unix) => OffsetDateTime::from_unix_timestamp(unix).map_err(|_| Fault::DelayTooLarge)?,
        Err(_) => {
            let wait = duration(text).ok_or(Fault::DelayUnreadable)?;
            now.checked_add(wait).ok_or(Fault::DelayTooLarge)?
        }
    };
    match due - now {
        // a Unix time is whole seconds
        wait if wait < LEAST - Duration::seconds(1) => Err(Fault::DelayTooSmall),
        wait if wait > MOST => Err(Fault::DelayTooLarge),
        _ => Ok(due),
    }
}

/// Numbers with units behind them, added up.
fn duration(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    let mut sum = Duration::ZERO;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, after) = rest.split_at(digits);
        let after = after.trim_start();
        let letters = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
        let (unit, after) = after.split_at(letters);
        let seconds: i64 = match unit.to_ascii_lowercase().as_str() {
            "s" | "sec" | "secs" | "second" | "seconds" => 1,
            "m" | "min" | "mins" | "minute" | "minutes" => 60,
            "h" | "hour" | "hours" => 3600,
            "d" | "day" | "days" => 86_400,
            _ => return None,
        };
        sum = sum.checked_add(Duration::seconds(number.parse::<i64>().ok()?.checked_mul(seconds)?))?;
        rest = after.trim_start();
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::macros::datetime;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-01-31 12:00 UTC);

    #[test]
    fn times_and_whiles_are_read() {
        for (text, seconds) in [
            ("30m", 1800),
            ("30 min", 1800),
            (" 10 s ", 10),
            ("1h30m", 5400),
            ("2 days", 172_800),
            ("1 Day", 86_400),
            ("3d", 259_200),
            ("1769860830", 30),
        ] {
            assert_eq!(read(text, NOW), Ok(NOW + Duration::seconds(seconds)), "{text}");
        }
    }

    #[test]
    fn what_is_too_soon_too_late_or_not_understood_is_told_apart() {
        for (text, fault) in [
            ("1s", Fault::DelayTooSmall),
            ("1769860000", Fault::DelayTooSmall),
            ("-5", Fault::DelayTooSmall),
            ("4d", Fault::DelayTooLarge),
            ("9223372036854775807", Fault::DelayTooLarge),
            ("9223372036854775807s", Fault::DelayTooLarge),
            ("9999999999999999999999d", Fault::DelayUnreadable),
            ("", Fault::DelayUnreadable),
            ("30", Fault::DelayTooSmall),
            ("tomorrow, 10am", Fault::DelayUnreadable),
            ("m", Fault::DelayUnreadable),
            ("5 parsecs", Fault::DelayUnreadable),
        ] {
            assert_eq!(read(text, NOW), Err(fault), "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_breaks_it(text in "([0-9]{1,20}|[smhd]|days| |-|\\PC){0,12}") {
            if let Ok(due) = read(&text, NOW) {
                prop_assert!(due > NOW && due <= NOW + MOST);
            }
        }
    }
}
