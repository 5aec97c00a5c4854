use std::collections::BTreeSet;

use jiff::civil::date;
use proptest::prelude::*;
use time::{Duration, macros::datetime};

use super::*;

const ALL: [Weekday; 7] = [
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
    Weekday::Saturday,
    Weekday::Sunday,
];

/// Berlin; New York; Lord Howe Island, where it is half an hour; a place where it is done at midnight; one where it is
/// never done; Dublin, whose winter is the exception.
///
/// With each, the days of 2026 on which it is done, the only ones that differ from all others.
const ZONES: [(&str, [Date; 2]); 6] = [
    ("CET-1CEST,M3.5.0,M10.5.0/3", [date(2026, 3, 29), date(2026, 10, 25)]),
    ("EST5EDT,M3.2.0,M11.1.0", [date(2026, 3, 8), date(2026, 11, 1)]),
    ("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", [date(2026, 4, 5), date(2026, 10, 4)]),
    ("<-03>3<-02>,M10.3.0/0,M2.3.0/0", [date(2026, 2, 15), date(2026, 10, 18)]),
    ("<-03>3", [date(2026, 6, 1), date(2026, 12, 1)]),
    ("IST-1GMT0,M10.5.0,M3.5.0/1", [date(2026, 3, 29), date(2026, 10, 25)]),
];

fn hours(days: &[Weekday], from: &str, until: &str) -> QuietHours {
    QuietHours { days: days.into(), from: from.into(), until: until.into() }
}

fn span(days: &[Weekday], from: &str, until: &str) -> Span {
    Span::parse(&hours(days, from, until)).unwrap()
}

#[test]
fn a_time_of_day_is_two_digits_a_colon_and_two_digits() {
    for (text, minutes) in [("00:00", 0), ("07:30", 450), ("22:00", 1320), ("23:59", 1439)] {
        assert_eq!(Clock::parse(text), Ok(Clock(minutes)), "{text}");
    }
    for text in ["", "7:30", "24:00", "12:60", "12-30", "12:3a", " 12:30", "12:30:00", "１２:30", "+1:30"] {
        assert_eq!(Clock::parse(text), Err(SpanError::Time(text.into())), "{text}");
    }
}

#[test]
fn a_span_needs_a_day_to_begin_on() {
    assert!(Span::parse(&hours(&[Weekday::Friday], "22:00", "07:00")).is_ok());
    assert_eq!(Span::parse(&hours(&[], "22:00", "07:00")), Err(SpanError::NoDay));
}

#[test]
fn a_night_belongs_to_the_day_on_which_it_begins() {
    // 2026-03-06 is a Friday
    let (zone, nights) = (Zone::posix("<-03>3").unwrap(), [span(&[Weekday::Friday], "22:00", "07:00")]);
    let saturday = datetime!(2026-03-07 10:00 UTC);
    assert_eq!(at(&nights, &zone, datetime!(2026-03-07 00:59:59 UTC)), None);
    for within in [datetime!(2026-03-07 01:00 UTC), datetime!(2026-03-07 09:59:59 UTC)] {
        assert_eq!(at(&nights, &zone, within), Some(Lasts::Until(saturday)), "{within}");
    }
    assert_eq!(at(&nights, &zone, saturday), None);
    assert_eq!(at(&nights, &zone, datetime!(2026-03-08 05:00 UTC)), None, "the night of Saturday");
    assert_eq!(next(&nights, &zone, saturday), Some(datetime!(2026-03-14 01:00 UTC)));
}

#[test]
fn spans_that_meet_are_one_quiet_and_a_whole_week_has_no_end() {
    let zone = Zone::posix("<-03>3").unwrap();
    let friday = datetime!(2026-03-06 15:00 UTC);
    let meeting = [span(&[Weekday::Friday], "12:00", "18:00"), span(&[Weekday::Friday], "18:00", "18:00")];
    assert_eq!(at(&meeting, &zone, friday), Some(Lasts::Until(datetime!(2026-03-07 21:00 UTC))));
    let always = [span(&ALL, "00:00", "00:00")];
    assert_eq!(at(&always, &zone, friday), Some(Lasts::Always));
    let almost = [span(&ALL, "00:00", "23:59")];
    assert_eq!(at(&almost, &zone, friday), Some(Lasts::Until(datetime!(2026-03-07 02:59 UTC))));
}

#[test]
fn a_night_on_which_clocks_are_changed_ends_when_they_say_so() {
    let (berlin, nights) = (Zone::posix(ZONES[0].0).unwrap(), [span(&ALL, "22:00", "07:00")]);
    let night = |from, until: OffsetDateTime| {
        assert_eq!(at(&nights, &berlin, from - Duration::SECOND), None);
        assert_eq!(at(&nights, &berlin, from), Some(Lasts::Until(until)));
        assert_eq!(at(&nights, &berlin, until), None);
        until - from
    };
    let spring = night(datetime!(2026-03-28 21:00 UTC), datetime!(2026-03-29 05:00 UTC));
    let autumn = night(datetime!(2026-10-24 20:00 UTC), datetime!(2026-10-25 06:00 UTC));
    assert_eq!([spring, autumn], [Duration::hours(8), Duration::hours(10)]);
    // both ends within the hour that is skipped: no quiet at all; within the one that comes twice: until its second end
    let hour = [span(&ALL, "02:10", "02:50")];
    assert_eq!(at(&hour, &berlin, datetime!(2026-03-29 01:00 UTC)), None);
    let end = datetime!(2026-10-25 01:50 UTC);
    for within in [datetime!(2026-10-25 00:10 UTC), datetime!(2026-10-25 00:55 UTC)] {
        assert_eq!(at(&hour, &berlin, within), Some(Lasts::Until(end)), "{within}");
    }
}

#[test]
fn quiet_that_ends_at_the_time_clocks_are_set_back_to_ends_the_first_time_it_is_shown() {
    let (rule, changes) = ZONES[5];
    let dublin = Zone::posix(rule).unwrap();
    let days = [hours(&[Weekday::Saturday], "01:00", "01:00"), hours(&[Weekday::Saturday], "01:05", "01:00")];
    for change in changes {
        agrees(&days, &dublin, change.checked_sub(Days::new().days(2)).unwrap(), 5).unwrap();
    }
    let saturday = datetime!(2026-10-24 12:00 UTC);
    let end = datetime!(2026-10-25 00:00 UTC);
    assert_eq!(
        at(&[span(&[Weekday::Saturday], "01:00", "01:00")], &dublin, saturday),
        Some(Lasts::Until(end))
    );
}

/// The same, minute by minute, from what a wall clock shows and nothing else: a span holds the minutes from the first
/// that shows its beginning or more to the last that shows less than its end.
fn minute_by_minute(spans: &[QuietHours], walls: &[(i64, jiff::civil::DateTime)]) -> BTreeSet<i64> {
    let mut quiet = BTreeSet::new();
    let first = walls[0].1.date();
    for span in spans {
        let clock = |text: &str| jiff::civil::Time::strptime("%H:%M", text).unwrap();
        let (from, until) = (clock(&span.from), clock(&span.until));
        for day in first.series(Days::new().days(1)).take(walls.len() / 1440) {
            if !span.days.contains(&ALL[day.weekday().to_monday_zero_offset() as usize]) {
                continue;
            }
            let begins = day.to_datetime(from);
            let ends = if until > from { day } else { day.tomorrow().unwrap() }.to_datetime(until);
            // two days around are enough to look at
            let start = walls.partition_point(|(_, wall)| wall.date() < day.yesterday().unwrap());
            let near = &walls[start..walls.len().min(start + 5 * 1440)];
            let first = near.iter().position(|(_, wall)| *wall >= begins);
            let last = near.iter().rposition(|(_, wall)| *wall < ends);
            if let (Some(first), Some(last)) = (first, last)
                && first <= last
            {
                quiet.extend(near[first..=last].iter().map(|(minute, _)| *minute));
            }
        }
    }
    quiet
}

fn any_hours() -> impl Strategy<Value = QuietHours> {
    let clock = || (0..24u8, 0..60u8).prop_map(|(hour, minute)| format!("{hour:02}:{minute:02}"));
    let days = proptest::sample::subsequence(ALL.to_vec(), 1..=7);
    // many around the hours at which clocks are changed
    let night = || (0..4u8, 0..12u8).prop_map(|(hour, five)| format!("{hour:02}:{:02}", five * 5));
    let clock = || prop_oneof![clock(), night()];
    (days, clock(), clock()).prop_map(|(days, from, until)| QuietHours { days, from, until })
}

/// Every minute of so many days from this one.
fn agrees(hours: &[QuietHours], zone: &Zone, first: Date, days: i64) -> Result<(), TestCaseError> {
    let minute_of = |day: Date| zone.first(day, Time::midnight()).unix_timestamp() / 60;
    let later = |days: i64| first.checked_add(Days::new().days(days)).unwrap();
    // the model knows nothing of the days beyond its own
    let walls: Vec<_> = (minute_of(later(-3))..minute_of(later(days + 3)))
        .map(|minute| (minute, zone.wall(OffsetDateTime::from_unix_timestamp(minute * 60).unwrap())))
        .collect();
    let expected = minute_by_minute(hours, &walls);
    let spans: Vec<Span> = hours.iter().map(|hours| Span::parse(hours).unwrap()).collect();
    let [mut moment, end] = [later(0), later(days)].map(|day| zone.first(day, Time::midnight()));
    let mut quiet = at(&spans, zone, moment).is_some();
    while moment < end {
        let change = match at(&spans, zone, moment) {
            Some(Lasts::Until(until)) => until,
            Some(Lasts::Always) => end,
            None => next(&spans, zone, moment).unwrap_or(end),
        };
        prop_assert!(change > moment);
        for minute in moment.unix_timestamp() / 60..change.min(end).unix_timestamp() / 60 {
            prop_assert_eq!(expected.contains(&minute), quiet, "minute {} from {}", minute, moment);
        }
        moment = change;
        let now = at(&spans, zone, moment).is_some();
        prop_assert!(moment >= end || now != quiet, "{moment}");
        quiet = now;
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4))]

    #[test]
    fn quiet_hours_are_what_a_wall_clock_shows_minute_by_minute_for_a_year(
        hours in proptest::collection::vec(any_hours(), 1..3),
        (zone, _) in proptest::sample::select(ZONES.to_vec()),
    ) {
        agrees(&hours, &Zone::posix(zone).unwrap(), date(2026, 1, 1), 365)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn quiet_hours_are_what_a_wall_clock_shows_on_the_days_on_which_it_is_changed(
        hours in proptest::collection::vec(any_hours(), 1..3),
        (zone, changes) in proptest::sample::select(ZONES.to_vec()),
    ) {
        for change in changes {
            let before = change.checked_sub(Days::new().days(2)).unwrap();
            agrees(&hours, &Zone::posix(zone).unwrap(), before, 5)?;
        }
    }
}
