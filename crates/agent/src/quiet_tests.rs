use tidings_control::{Disposition, QuietHours, Weekday};
use time::macros::datetime;

use super::*;

const MINUTE: Duration = Duration::from_secs(60);

fn berlin() -> Zone {
    Zone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap()
}

fn at(wall: OffsetDateTime) -> Now {
    Now { wall, at: Instant::now() }
}

#[test]
fn tomorrow_begins_at_seven_and_a_night_is_over_by_then() {
    let table = [
        // Saturday afternoon, in winter time; Sunday morning is in summer time
        (datetime!(2026-03-28 15:00 UTC), datetime!(2026-03-29 05:00 UTC)),
        (datetime!(2026-03-29 15:00 UTC), datetime!(2026-03-30 05:00 UTC)),
        // 3:59 and 4:00 in the morning
        (datetime!(2026-03-31 01:59 UTC), datetime!(2026-03-31 05:00 UTC)),
        (datetime!(2026-03-31 02:00 UTC), datetime!(2026-04-01 05:00 UTC)),
        // 23:59 and 0:00
        (datetime!(2026-06-01 21:59 UTC), datetime!(2026-06-02 05:00 UTC)),
        (datetime!(2026-06-01 22:00 UTC), datetime!(2026-06-02 05:00 UTC)),
    ];
    for (now, until) in table {
        let expected = DoNotDisturb { on: true, until: Some(until) };
        assert_eq!(chosen(Quiet::Tomorrow, &berlin(), at(now)), expected, "{now}");
    }
}

#[test]
fn the_others_last_as_long_as_they_say() {
    let now = datetime!(2026-03-28 15:00:00.7 UTC);
    for (quiet, on, until) in [
        (Quiet::Off, false, None),
        (Quiet::HalfHour, true, Some(datetime!(2026-03-28 15:30 UTC))),
        (Quiet::Hour, true, Some(datetime!(2026-03-28 16:00 UTC))),
        (Quiet::UntilTurnedOff, true, None),
    ] {
        assert_eq!(chosen(quiet, &berlin(), at(now)), DoNotDisturb { on, until });
    }
}

#[test]
fn it_ends_right_after_a_sleep_and_when_the_clock_is_set() {
    let begun = at(datetime!(2026-03-28 15:00 UTC));
    let half_hour = chosen(Quiet::HalfHour, &berlin(), begun);
    let countdown = Countdown::of(half_hour, begun);
    assert_eq!(countdown.due(), Some(begun.at + 30 * MINUTE));
    // minutes that ran, minutes that the wall shows to have passed
    for (ran, wall, over) in [
        (0, 0, false),
        (29, 29, false),
        (30, 30, true),
        // a sleep, in which nothing runs; or the clock was set ahead
        (1, 480, true),
        // the clock was set back
        (29, -60, false),
        (30, -60, true),
    ] {
        let now = Now { wall: begun.wall + time::Duration::minutes(wall), at: begun.at + ran * MINUTE };
        assert_eq!(countdown.is_over(half_hour, now), over, "{ran} {wall}");
    }
    let for_good = chosen(Quiet::UntilTurnedOff, &berlin(), begun);
    assert!(!Countdown::of(for_good, begun).is_over(for_good, at(datetime!(2030-01-01 00:00 UTC))));
}

#[test]
fn silence_names_the_persons_own_word_first_and_until_when() {
    let hours = QuietHours { days: vec![Weekday::Saturday], from: "16:00".into(), until: "18:00".into() };
    let spans = [Span::parse(&hours).unwrap()];
    // 16:30 in Berlin, a Saturday
    let within = datetime!(2026-03-28 15:30 UTC);
    let (off, on) = (DoNotDisturb::default(), chosen(Quiet::HalfHour, &berlin(), at(within)));
    let end = datetime!(2026-03-28 17:00 UTC);
    let silence = |reason, until| Some(Silence { reason, until });
    let table = [
        (off, within, false, silence(Disposition::QuietHours, Some(end)), Some(end)),
        (off, within, true, silence(Disposition::QuietHours, Some(end)), Some(end)),
        (on, within, true, silence(Disposition::DoNotDisturb, on.until), Some(end)),
        (off, end, true, silence(Disposition::DesktopQuiet, None), Some(datetime!(2026-04-04 14:00 UTC))),
        (off, end, false, None, Some(datetime!(2026-04-04 14:00 UTC))),
    ];
    for (quiet, wall, desktop, silence, changes_at) in table {
        let lull = Lull::at(quiet, &spans, &berlin(), desktop, wall);
        assert_eq!((lull.silence, lull.changes_at), (silence, changes_at), "{quiet:?} {wall} {desktop}");
    }
}
