//! Spans of the week without toasts.
//!
//! Owns what a person may write down as one, and which moments are within, as pure functions. Refuses to know the time.
//!
//! A span lasts from the first moment at which a wall clock shows its beginning to the last at which one shows less than
//! its end. So on the days on which clocks are changed it is as long as the clocks say: what they skip is not quiet,
//! an hour that comes twice is quiet both times and not interrupted between, and a time that is skipped is the moment at
//! which it is.

use jiff::{
    Span as Days,
    civil::{Date, Time, Weekday as Day},
};
use tidings_control::{QuietHours, Weekday};
use time::OffsetDateTime;

use crate::zone::Zone;

/// Spans that follow each other for more than a week follow each other for ever.
const AHEAD: i64 = 9;

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

/// How long the quiet lasts that a moment is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lasts {
    /// Until then.
    Until(OffsetDateTime),
    /// It does not end by itself.
    Always,
}

/// Whether a moment is in quiet hours, and how long they last, over spans that meet or overlap.
pub fn at(spans: &[Span], zone: &Zone, moment: OffsetDateTime) -> Option<Lasts> {
    let around = around(spans, zone, moment);
    let within = |moment: OffsetDateTime| {
        let holding = around.iter().filter(|(from, until)| (*from..*until).contains(&moment));
        holding.map(|&(_, until)| until).max()
    };
    let mut end = within(moment)?;
    while let Some(later) = within(end) {
        end = later;
    }
    let always = end - moment >= time::Duration::days(AHEAD - 2);
    Some(if always { Lasts::Always } else { Lasts::Until(end) })
}

/// When the next of these spans begins.
pub fn next(spans: &[Span], zone: &Zone, moment: OffsetDateTime) -> Option<OffsetDateTime> {
    let begins = around(spans, zone, moment).into_iter().filter(|(from, until)| from < until);
    begins.map(|(from, _)| from).filter(|&from| from > moment).min()
}

/// Beginnings and ends of all that could hold this moment, and of those of the days ahead.
fn around(spans: &[Span], zone: &Zone, moment: OffsetDateTime) -> Vec<(OffsetDateTime, OffsetDateTime)> {
    let today = zone.wall(moment).date();
    let days = (-2..=AHEAD).filter_map(|ahead| today.checked_add(Days::new().days(ahead)).ok());
    days.flat_map(|day| spans.iter().filter_map(move |span| span.on(day, zone))).collect()
}

impl Span {
    /// The span that begins on this day, if one does.
    fn on(&self, day: Date, zone: &Zone) -> Option<(OffsetDateTime, OffsetDateTime)> {
        let begins = self.days & 1 << day.weekday().to_monday_zero_offset() != 0;
        let ends = if self.until > self.from { day } else { day.tomorrow().ok()? };
        begins.then(|| (zone.first(day, self.from.time()), zone.last(ends, self.until.time())))
    }
}

impl Clock {
    fn time(self) -> Time {
        // an hour is below 24, as only `parse` makes one
        Time::new((self.0 / 60) as i8, (self.0 % 60) as i8, 0, 0).unwrap_or(Time::midnight())
    }

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

fn number(day: Weekday) -> i8 {
    let day = match day {
        Weekday::Monday => Day::Monday,
        Weekday::Tuesday => Day::Tuesday,
        Weekday::Wednesday => Day::Wednesday,
        Weekday::Thursday => Day::Thursday,
        Weekday::Friday => Day::Friday,
        Weekday::Saturday => Day::Saturday,
        Weekday::Sunday => Day::Sunday,
    };
    day.to_monday_zero_offset()
}

#[cfg(test)]
#[path = "quiet_hours_tests.rs"]
mod tests;
