//! The quiet of this moment: when it begins and ends, and the one word about what was withheld in it.

use tidings_control::{DoNotDisturb, Failure, Priority, Quiet, Reply};

use super::Agent;
use crate::{
    arrival::{Folding, Order, Screen},
    convert,
    quiet::{self, Countdown, Lull, Now},
    toast::Toast,
    words::Wall,
    zone::Zone,
};

/// The toast that shows what toasts are like has a row that nothing else has.
const PREVIEW_TOAST: i64 = i64::MIN;

impl Agent {
    /// Looks which quiet there is now. Nothing else ends or begins it.
    pub(super) fn look_for_quiet(&mut self, now: Now) {
        let quiet = self.settings.do_not_disturb();
        if self.countdown.is_over(quiet, now) {
            tracing::info!("\"do not disturb\" is over");
            self.hold_quiet(DoNotDisturb::default(), now).unwrap_or_else(|error| {
                tracing::warn!(%error, "the end of \"do not disturb\" cannot be stored");
            });
        }
        let spans = self.settings.quiet_hours();
        // asked for only where it matters
        let zone = if spans.is_empty() { Zone::world() } else { Zone::system() };
        let desktop = self.settings.held().follow_desktop && self.surfaces.desktop_quiet.now();
        let lull = Lull::at(self.settings.do_not_disturb(), spans, &zone, desktop, now.wall);
        self.changed |= lull.silence != self.lull.silence;
        self.lull = lull;
        if lull.silence.is_some() && self.settings.silent_after().is_none() {
            let newest = self.inbox.newest().ok().flatten().unwrap_or_default();
            let before = self.arrivals.oldest_waiting().map_or(newest, |waiting| newest.min(waiting - 1));
            self.settings.set_silent_after(Some(before));
        }
    }

    /// When quiet begins or ends next.
    pub(super) fn quiet_changes(&self) -> Option<tokio::time::Instant> {
        let by_the_wall = self.lull.changes_at.map(|at| Now::read().when(at));
        self.countdown.due().into_iter().chain(by_the_wall).min()
    }

    /// Until when there is quiet, as the wall will show it.
    pub(super) fn quiet_until(&self) -> Option<Wall> {
        let until = self.lull.silence?.until?;
        Some(Zone::system().to_come(until, Now::read().wall))
    }

    /// After quiet, one toast for all that was withheld and is unread still; none if nothing of it was of usual
    /// priority.
    pub(super) fn catch_up(&mut self) {
        let Some(after) = self.settings.silent_after().filter(|_| self.lull.silence.is_none()) else {
            return;
        };
        if self.screen() == Screen::Unknown {
            return;
        }
        self.settings.set_silent_after(None);
        let withheld = self.inbox.withheld(after).unwrap_or_else(|error| {
            tracing::warn!(%error, "what was withheld cannot be read");
            Vec::new()
        });
        let withheld: Vec<Folding> = withheld.into_iter().map(Folding::from).collect();
        let matters = withheld.iter().any(|folding| folding.priority >= Priority::Default);
        if matters && self.screen() == Screen::Shows {
            self.arrivals.catch_up(withheld);
        }
    }

    pub(super) fn set_do_not_disturb(&mut self, quiet: Quiet) -> Result<Reply, Failure> {
        let now = Now::read();
        let chosen = quiet::chosen(quiet, &Zone::system(), now);
        self.hold_quiet(chosen, now).map_err(|error| convert::inbox_failure(&error))?;
        Ok(Reply::Done)
    }

    fn hold_quiet(&mut self, quiet: DoNotDisturb, now: Now) -> Result<(), tidings_inbox::InboxError> {
        self.changed = true;
        self.countdown = Countdown::of(quiet, now);
        self.settings.set_do_not_disturb(quiet)
    }

    /// A toast as they are with the settings of now, whether or not there is quiet: the person asks for it.
    pub(super) fn preview(&self) -> Result<Reply, Failure> {
        if self.screen() == Screen::Blind {
            let message = "there is nothing that shows notifications";
            return Err(Failure::new(tidings_control::FailureCode::BadRequest, message));
        }
        let words = self.locale().words();
        let (title, body) = (words.preview_title.to_owned(), words.preview_body.to_owned());
        self.order(Order::Show(Toast::plain(PREVIEW_TOAST, title, body, Priority::Default)));
        Ok(Reply::Done)
    }
}
