//! Spans of the week without toasts.
//!
//! Owns what a person may write down as one, and reading it. Refuses to know the time.

use tidings_control::{QuietHours, Weekday};

/// Quiet hours that were read: a span that begins on each of some days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Bit 0 is Monday.
    days: u8,
    from: Clock,
    until: Clock,
}

/// A time of day, in minutes after midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Clock(u16);

/// Why something is no quiet hours.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpanError {
    /// Not a time of day.
    #[error("quiet hours begin and end at times like 22:00, and {0:?} is none")]
    Time(String),
    /// It would never begin.
    #[error("quiet hours need at least one day on which they begin")]
    NoDay,
}

impl Span {
    /// Reads one.
    ///
    /// # Errors
    /// [`SpanError`].
    pub fn parse(text: &QuietHours) -> Result<Self, SpanError> {
        let days = text.days.iter().fold(0, |days, &day| days | 1 << number(day));
        if days == 0 {
            return Err(SpanError::NoDay);
        }
        Ok(Self { days, from: Clock::parse(&text.from)?, until: Clock::parse(&text.until)? })
    }
}

impl Clock {
    /// Two digits, a colon, two digits: what `<input type="time">` says.
    fn parse(text: &str) -> Result<Self, SpanError> {
        let wrong = || SpanError::Time(text.to_owned());
        let [h1, h2, b':', m1, m2] = text.as_bytes() else { return Err(wrong()) };
        if ![h1, h2, m1, m2].iter().all(|digit| digit.is_ascii_digit()) {
            return Err(wrong());
        }
        let two = |tens: &u8, ones: &u8| u16::from(tens - b'0') * 10 + u16::from(ones - b'0');
        let (hour, minute) = (two(h1, h2), two(m1, m2));
        if hour < 24 && minute < 60 { Ok(Self(hour * 60 + minute)) } else { Err(wrong()) }
    }
}

fn number(day: Weekday) -> u8 {
    match day {
        Weekday::Monday => 0,
        Weekday::Tuesday => 1,
        Weekday::Wednesday => 2,
        Weekday::Thursday => 3,
        Weekday::Friday => 4,
        Weekday::Saturday => 5,
        Weekday::Sunday => 6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(from: &str, until: &str) -> QuietHours {
        QuietHours { days: vec![Weekday::Friday], from: from.into(), until: until.into() }
    }

    #[test]
    fn a_time_of_day_is_two_digits_a_colon_and_two_digits() {
        for (text, minutes) in [("00:00", 0), ("07:30", 450), ("22:00", 1320), ("23:59", 1439)] {
            assert_eq!(Clock::parse(text), Ok(Clock(minutes)), "{text}");
        }
        for text in ["", "7:30", "24:00", "12:60", "12-30", "12:3a", " 12:30", "12:30:00", "１２:30", "+1:30"]
        {
            assert_eq!(Clock::parse(text), Err(SpanError::Time(text.into())), "{text}");
        }
    }

    #[test]
    fn a_span_needs_a_day_to_begin_on() {
        assert!(Span::parse(&hours("22:00", "07:00")).is_ok());
        assert_eq!(
            Span::parse(&QuietHours { days: vec![], ..hours("22:00", "07:00") }),
            Err(SpanError::NoDay)
        );
    }
}
