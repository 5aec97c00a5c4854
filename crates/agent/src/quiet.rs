//! Quiet that a person, a time or the desktop asks for: whether there is any at a moment, why, and until when.
//!
//! Owns how long "do not disturb" lasts, and what of several kinds of quiet is named. Pure: both clocks come in as an
//! argument. Refuses to know what quiet means for a notification (`attention`).

use std::time::Duration;

use jiff::civil::time;
use tidings_control::{self as control, DoNotDisturb, Quiet, Silence};
use time::OffsetDateTime;
use tokio::time::Instant;

use crate::{
    attention::{self, Circumstances},
    quiet_hours::{self, Lasts, Span},
    zone::Zone,
};

/// "Until tomorrow" is until this hour.
const MORNING: i8 = 7;

/// Before this hour it is still yesterday's night: "tomorrow" is then the day that has begun.
const NIGHT: i8 = 4;

/// The clock on the wall and the one that only runs, read together.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// What the first shows. It may be set, and goes on while the machine sleeps.
    pub wall: OffsetDateTime,
    /// What the second shows.
    pub at: Instant,
}

impl Now {
    /// Reads both.
    pub fn read() -> Self {
        Self { wall: OffsetDateTime::now_utc(), at: Instant::now() }
    }

    /// When the wall shows this, if it is not set and the machine does not sleep.
    pub fn when(self, wall: OffsetDateTime) -> Instant {
        self.at + Duration::try_from(wall - self.wall).unwrap_or_default()
    }
}

/// What a person's choice comes to now.
pub fn chosen(quiet: Quiet, zone: &Zone, now: Now) -> DoNotDisturb {
    // it is stored in seconds
    let from = now.wall.replace_nanosecond(0).unwrap_or(now.wall);
    let until = match quiet {
        Quiet::HalfHour => Some(from + Duration::from_secs(30 * 60)),
        Quiet::Hour => Some(from + Duration::from_secs(60 * 60)),
        Quiet::Tomorrow => {
            let wall = zone.wall(now.wall);
            let today = wall.date();
            let day = if wall.hour() < NIGHT { today } else { today.tomorrow().unwrap_or(today) };
            Some(zone.first(day, time(MORNING, 0, 0, 0)))
        }
        Quiet::Off | Quiet::UntilTurnedOff => None,
    };
    DoNotDisturb { on: quiet != Quiet::Off, until }
}

/// "Do not disturb" as it runs down. It ends when the wall shows the time that was promised; or, should somebody set the
/// clock back, when as much time has passed as there was to go.
#[derive(Clone, Copy, Debug, Default)]
pub struct Countdown(Option<Instant>);

impl Countdown {
    /// Begins to count.
    pub fn of(quiet: DoNotDisturb, now: Now) -> Self {
        Self(quiet.until.map(|until| now.when(until)))
    }

    /// Whether it is over.
    pub fn is_over(self, quiet: DoNotDisturb, now: Now) -> bool {
        quiet.on
            && (quiet.until.is_some_and(|until| until <= now.wall) || self.0.is_some_and(|at| at <= now.at))
    }

    /// When it is over, unless somebody sets the clock ahead or the machine sleeps meanwhile.
    pub fn due(self) -> Option<Instant> {
        self.0
    }
}

/// All the quiet there is at a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lull {
    do_not_disturb: bool,
    quiet_hours: bool,
    desktop_quiet: bool,
    /// The reason to name, and until when it holds.
    pub silence: Option<Silence>,
    /// When quiet hours begin or end next.
    pub changes_at: Option<OffsetDateTime>,
}

impl Lull {
    /// What comes together now. `desktop` is whether the desktop wants quiet and is listened to.
    pub fn at(quiet: DoNotDisturb, spans: &[Span], zone: &Zone, desktop: bool, wall: OffsetDateTime) -> Self {
        let hours = quiet_hours::at(spans, zone, wall);
        let hours_end = match hours {
            Some(Lasts::Until(end)) => Some(end),
            Some(Lasts::Always) | None => None,
        };
        let mut lull = Self {
            do_not_disturb: quiet.on,
            quiet_hours: hours.is_some(),
            desktop_quiet: desktop,
            silence: None,
            changes_at: if hours.is_some() { hours_end } else { quiet_hours::next(spans, zone, wall) },
        };
        lull.silence =
            attention::silence(&lull.circumstances(&control::Settings::default(), wall)).map(|reason| {
                let until = match reason {
                    control::Disposition::DoNotDisturb => quiet.until,
                    control::Disposition::QuietHours => hours_end,
                    _ => None,
                };
                Silence { reason, until }
            });
        lull
    }

    /// What the rule needs to know, for somebody who has chosen this.
    pub fn circumstances<'a>(
        &self,
        settings: &'a control::Settings,
        now: OffsetDateTime,
    ) -> Circumstances<'a> {
        Circumstances {
            now,
            do_not_disturb: self.do_not_disturb,
            quiet_hours: self.quiet_hours,
            desktop_quiet: self.desktop_quiet,
            urgent_passes: settings.urgent_passes,
            least_priority: settings.least_priority,
            rules: &settings.rules,
            toasts: true,
        }
    }
}

#[cfg(test)]
#[path = "quiet_tests.rs"]
mod tests;
