//! The time on the wall where the person is.
//!
//! Owns the way between the world's time and the wall's, across the days on which clocks are changed. Everything else
//! counts in the world's.

use jiff::{
    Timestamp,
    civil::{Date, DateTime, Time},
    tz::{AmbiguousOffset, Offset, TimeZone},
};
use time::{OffsetDateTime, Weekday};

use crate::words::Wall;

/// When the rules of how time is written down change there.
#[derive(Clone, Debug)]
pub struct Zone(TimeZone);

impl Zone {
    /// The system's. Its answer is a few minutes old at most; where it has none, the world's time is the wall's.
    pub fn system() -> Self {
        Self(TimeZone::try_system().ok().or_else(named).unwrap_or(TimeZone::UTC))
    }

    /// The world's time.
    pub fn world() -> Self {
        Self(TimeZone::UTC)
    }

    /// The zone of a rule as POSIX writes it, such as `CET-1CEST,M3.5.0,M10.5.0/3`.
    ///
    /// # Errors
    /// When it is none.
    pub fn posix(rule: &str) -> Result<Self, jiff::Error> {
        TimeZone::posix(rule).map(Self)
    }

    /// What a wall clock shows.
    pub(crate) fn wall(&self, moment: OffsetDateTime) -> DateTime {
        // years beyond 9999 are of no account
        let at = Timestamp::from_second(moment.unix_timestamp()).unwrap_or(Timestamp::MAX);
        self.0.to_datetime(at)
    }

    /// What a wall clock will show, as a person says it now.
    pub fn to_come(&self, moment: OffsetDateTime, now: OffsetDateTime) -> Wall {
        let (then, today) = (self.wall(moment), self.wall(now).date());
        let days = then.weekday().to_monday_zero_offset().unsigned_abs();
        Wall {
            hour: then.hour().unsigned_abs(),
            minute: then.minute().unsigned_abs(),
            day: (then.date() != today).then(|| Weekday::Monday.nth_next(days)),
        }
    }

    /// The first moment at which a wall clock shows this or more: where the clocks skip it, the moment at which they do.
    pub(crate) fn first(&self, date: Date, time: Time) -> OffsetDateTime {
        let shown = date.to_datetime(time);
        match self.0.to_ambiguous_timestamp(shown).offset() {
            AmbiguousOffset::Unambiguous { offset } => moment(shown, offset),
            AmbiguousOffset::Fold { before, .. } => moment(shown, before),
            AmbiguousOffset::Gap { after, .. } => self.skipped(shown, after),
        }
    }

    /// The moment up to which a wall clock may still show less than this: where it is shown twice, the second time, unless
    /// clocks are set back to it and not beyond; where the clocks skip it, the moment at which they do.
    pub(crate) fn last(&self, date: Date, time: Time) -> OffsetDateTime {
        let shown = date.to_datetime(time);
        match self.0.to_ambiguous_timestamp(shown).offset() {
            AmbiguousOffset::Unambiguous { offset } => moment(shown, offset),
            AmbiguousOffset::Fold { before, after } => {
                let again = moment(shown, after);
                let less_before = self.wall(again - time::Duration::SECOND) < shown;
                if less_before { again } else { moment(shown, before) }
            }
            AmbiguousOffset::Gap { after, .. } => self.skipped(shown, after),
        }
    }

    /// When the clocks skip this: the first change after what it would be if they had been changed already.
    fn skipped(&self, shown: DateTime, after: Offset) -> OffsetDateTime {
        let too_early = moment(shown, after);
        let at = Timestamp::from_second(too_early.unix_timestamp()).unwrap_or(Timestamp::MIN);
        let change = self.0.following(at).next().map(|change| change.timestamp());
        change.map_or(too_early, |change| of_seconds(change.as_second()))
    }
}

/// What `TZ` names, as jiff looks no names up here: that would read every file of the system's database.
fn named() -> Option<TimeZone> {
    let name = std::env::var("TZ").ok()?;
    let name = name.trim_start_matches(':');
    let inside = !name.split('/').any(|part| part.is_empty() || part == "..");
    let file = std::path::Path::new("/usr/share/zoneinfo").join(name);
    std::fs::read(file).ok().filter(|_| inside).and_then(|data| TimeZone::tzif(name, &data).ok())
}

fn moment(shown: DateTime, offset: Offset) -> OffsetDateTime {
    offset.to_timestamp(shown).map_or(OffsetDateTime::UNIX_EPOCH, |at| of_seconds(at.as_second()))
}

fn of_seconds(seconds: i64) -> OffsetDateTime {
    // jiff's years are within those of `time`
    OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    /// Berlin: from 2:00 to 3:00 on the last Sunday of March, from 3:00 to 2:00 on the last of October.
    fn berlin() -> Zone {
        Zone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap()
    }

    fn at(hour: i8, minute: i8) -> Time {
        Time::new(hour, minute, 0, 0).unwrap()
    }

    #[test]
    fn a_time_that_the_clocks_skip_is_the_moment_at_which_they_do() {
        let (berlin, day) = (berlin(), jiff::civil::date(2026, 3, 29));
        let change = datetime!(2026-03-29 01:00 UTC);
        for time in [at(2, 0), at(2, 30), at(2, 59), at(3, 0)] {
            assert_eq!((berlin.first(day, time), berlin.last(day, time)), (change, change), "{time}");
        }
        assert_eq!(berlin.first(day, at(1, 59)), datetime!(2026-03-29 00:59 UTC));
        assert_eq!(berlin.first(day, at(3, 1)), datetime!(2026-03-29 01:01 UTC));
    }

    #[test]
    fn a_time_that_comes_twice_begins_at_the_first_and_ends_at_the_second() {
        let (berlin, day) = (berlin(), jiff::civil::date(2026, 10, 25));
        let [first, last] = [berlin.first(day, at(2, 30)), berlin.last(day, at(2, 30))];
        assert_eq!([first, last], [datetime!(2026-10-25 00:30 UTC), datetime!(2026-10-25 01:30 UTC)]);
        assert_eq!([berlin.wall(first), berlin.wall(last)], [day.to_datetime(at(2, 30)); 2]);
    }

    #[test]
    fn the_time_that_clocks_are_set_back_to_ends_where_it_is_first_shown_as_nothing_less_comes_after() {
        let (berlin, day) = (berlin(), jiff::civil::date(2026, 10, 25));
        assert_eq!(berlin.first(day, at(2, 0)), datetime!(2026-10-25 00:00 UTC));
        assert_eq!(berlin.last(day, at(2, 0)), datetime!(2026-10-25 00:00 UTC));
        assert_eq!(berlin.last(day, at(2, 1)), datetime!(2026-10-25 01:01 UTC));
        assert_eq!(berlin.last(day, at(3, 0)), datetime!(2026-10-25 02:00 UTC));
    }

    #[test]
    fn a_time_to_come_names_its_day_unless_that_is_today() {
        let now = datetime!(2026-03-28 21:30 UTC);
        let wall = |hour, minute, day| Wall { hour, minute, day };
        assert_eq!(berlin().to_come(datetime!(2026-03-28 22:59 UTC), now), wall(23, 59, None));
        assert_eq!(berlin().to_come(datetime!(2026-03-28 23:00 UTC), now), wall(0, 0, Some(Weekday::Sunday)));
        assert_eq!(berlin().to_come(datetime!(2026-03-30 05:00 UTC), now), wall(7, 0, Some(Weekday::Monday)));
    }

    #[test]
    fn clocks_that_are_changed_at_midnight_skip_the_beginning_of_a_day() {
        let zone = Zone::posix("<-03>3<-02>,M10.3.0/0,M2.3.0/0").unwrap();
        let day = jiff::civil::date(2026, 10, 18);
        assert_eq!(zone.first(day, at(0, 0)), datetime!(2026-10-18 03:00 UTC));
        assert_eq!(zone.wall(datetime!(2026-10-18 03:00 UTC)), day.to_datetime(at(1, 0)));
    }
}
