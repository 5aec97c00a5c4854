//! Whether a notification is worth interrupting for.
//!
//! Owns the rule, as pure functions over facts, circumstances and time. Refuses to show, store or count anything.
//!
//! The rule: a notification is toasted unless there is a named reason not to ([`Verdict::Suppress`]); and when more
//! are due than there is room for, the urgent ones are shown as far as the room goes and the others become one
//! summary ([`Verdict::Fold`]). A night's replay is one toast, not forty.

use std::{collections::VecDeque, time::Duration};

use tidings_control::{Disposition, Priority};
use time::OffsetDateTime;
use tokio::time::Instant;

/// Toasts that may appear within [`WITHIN`] before further ones are folded, unless the person says otherwise.
pub const AT_ONCE: usize = 5;

/// The span that [`AT_ONCE`] counts over: about as long as a desktop keeps a toast on the screen.
pub const WITHIN: Duration = Duration::from_secs(10);

/// How long those that found no room wait for company before the summary is shown.
pub const FOLD_AFTER: Duration = Duration::from_secs(1);

/// What the rule needs to know of one notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// How much it matters.
    pub priority: Priority,
    /// After this moment nobody needs to be told.
    pub expires_at: Option<OffsetDateTime>,
    /// Read on another device before it arrived here.
    pub read: bool,
}

/// What the rule needs to know of the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Circumstances {
    /// The clock on the wall.
    pub now: OffsetDateTime,
    /// The person wants quiet.
    pub do_not_disturb: bool,
    /// There is something that shows toasts.
    pub toasts: bool,
}

/// What becomes of one notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A toast of its own.
    Show,
    /// Part of the next summary.
    Fold,
    /// No toast, and why.
    Suppress(Disposition),
}

/// The reason not to show one, if there is one. The first that applies is named.
pub fn reason_against(facts: &Facts, circumstances: &Circumstances) -> Option<Disposition> {
    if facts.read {
        Some(Disposition::AlreadyRead)
    } else if facts.expires_at.is_some_and(|end| end <= circumstances.now) {
        Some(Disposition::Expired)
    } else if facts.priority == Priority::Min {
        Some(Disposition::LowPriority)
    } else if circumstances.do_not_disturb {
        Some(Disposition::DoNotDisturb)
    } else if !circumstances.toasts {
        Some(Disposition::NoToasts)
    } else {
        None
    }
}

/// Decides about all that are due, oldest first, with room for so many toasts of their own.
pub fn decide<'a>(
    due: impl IntoIterator<Item = &'a Facts>,
    circumstances: &Circumstances,
    room: usize,
) -> Vec<Verdict> {
    let mut verdicts: Vec<(Verdict, Priority)> = due
        .into_iter()
        .map(|facts| match reason_against(facts, circumstances) {
            Some(reason) => (Verdict::Suppress(reason), facts.priority),
            None => (Verdict::Show, facts.priority),
        })
        .collect();
    let worth_showing = verdicts.iter().filter(|(verdict, _)| *verdict == Verdict::Show).count();
    if worth_showing > room {
        let mut left = room;
        for (verdict, priority) in verdicts.iter_mut().filter(|(verdict, _)| *verdict == Verdict::Show) {
            if *priority == Priority::Urgent && left > 0 {
                left -= 1;
            } else {
                *verdict = Verdict::Fold;
            }
        }
    }
    verdicts.into_iter().map(|(verdict, _)| verdict).collect()
}

/// How many more toasts may appear now.
#[derive(Debug)]
pub struct Allowance {
    at_once: usize,
    shown: VecDeque<Instant>,
}

impl Allowance {
    /// So many within [`WITHIN`].
    pub fn new(at_once: usize) -> Self {
        Self { at_once, shown: VecDeque::new() }
    }

    /// Room at this moment.
    pub fn room(&mut self, now: Instant) -> usize {
        while self.shown.front().is_some_and(|&shown| now.duration_since(shown) >= WITHIN) {
            self.shown.pop_front();
        }
        self.at_once.saturating_sub(self.shown.len())
    }

    /// One was shown.
    pub fn spend(&mut self, now: Instant) {
        self.shown.push_back(now);
    }
}

/// Title and body of the toast that stands for many: how many, and the newest few titles.
pub fn summary_words(count: usize, newest_titles: &[String]) -> (String, String) {
    let title = if count == 1 { "1 more notification".to_owned() } else { format!("{count} notifications") };
    let mut lines: Vec<String> =
        newest_titles.iter().filter(|title| !title.trim().is_empty()).take(3).cloned().collect();
    let rest = count.saturating_sub(lines.len());
    if rest > 0 && !lines.is_empty() {
        lines.push(format!("and {rest} more"));
    }
    (title, lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Disposition::{AlreadyRead, DoNotDisturb, Expired, LowPriority, NoToasts};
    use Verdict::{Fold, Show, Suppress};

    const NOON: OffsetDateTime = time::macros::datetime!(2026-03-01 12:00 UTC);

    fn plain() -> Facts {
        Facts { priority: Priority::Default, expires_at: None, read: false }
    }

    fn of(priority: Priority) -> Facts {
        Facts { priority, ..plain() }
    }

    fn calm() -> Circumstances {
        Circumstances { now: NOON, do_not_disturb: false, toasts: true }
    }

    #[test]
    fn every_reason_against_a_toast_has_its_name() {
        let quiet = Circumstances { do_not_disturb: true, ..calm() };
        let blind = Circumstances { toasts: false, ..calm() };
        let minute = time::Duration::MINUTE;
        let table = [
            (plain(), calm(), None),
            (of(Priority::Low), calm(), None),
            (of(Priority::Urgent), calm(), None),
            (of(Priority::Min), calm(), Some(LowPriority)),
            (Facts { read: true, ..plain() }, calm(), Some(AlreadyRead)),
            (Facts { expires_at: Some(NOON), ..plain() }, calm(), Some(Expired)),
            (Facts { expires_at: Some(NOON - minute), ..plain() }, calm(), Some(Expired)),
            (Facts { expires_at: Some(NOON + minute), ..plain() }, calm(), None),
            (plain(), quiet, Some(DoNotDisturb)),
            (of(Priority::Urgent), quiet, Some(DoNotDisturb)),
            (plain(), blind, Some(NoToasts)),
            // what is true of the notification itself is named before what is true of the moment
            (Facts { read: true, ..plain() }, quiet, Some(AlreadyRead)),
            (Facts { expires_at: Some(NOON), ..plain() }, blind, Some(Expired)),
        ];
        for (facts, circumstances, reason) in table {
            assert_eq!(reason_against(&facts, &circumstances), reason, "{facts:?} {circumstances:?}");
        }
    }

    #[test]
    fn more_than_there_is_room_for_become_one_summary_but_for_the_urgent() {
        let (p, u, m) = (plain(), of(Priority::Urgent), of(Priority::Min));
        let quiet = Suppress(LowPriority);
        let table: [(Vec<&Facts>, usize, Vec<Verdict>); 7] = [
            (vec![], 0, vec![]),
            (vec![&p, &p, &p], 3, vec![Show, Show, Show]),
            (vec![&p, &p, &p], 2, vec![Fold, Fold, Fold]),
            (vec![&p, &m, &p], 2, vec![Show, quiet, Show]),
            (vec![&p, &u, &p, &p], 2, vec![Fold, Show, Fold, Fold]),
            (vec![&u, &u, &u], 2, vec![Show, Show, Fold]),
            (vec![&u, &m], 0, vec![Fold, quiet]),
        ];
        for (due, room, verdicts) in table {
            assert_eq!(decide(due.iter().copied(), &calm(), room), verdicts, "{due:?} room {room}");
        }
    }

    #[test]
    fn a_night_of_forty_is_no_toast_of_its_own() {
        let night = vec![plain(); 40];
        assert_eq!(decide(&night, &calm(), AT_ONCE), vec![Fold; 40]);
    }

    #[tokio::test(start_paused = true)]
    async fn room_comes_back_with_time() {
        let mut allowance = Allowance::new(2);
        assert_eq!(allowance.room(Instant::now()), 2);
        allowance.spend(Instant::now());
        tokio::time::advance(WITHIN / 2).await;
        allowance.spend(Instant::now());
        assert_eq!(allowance.room(Instant::now()), 0);
        tokio::time::advance(WITHIN / 2).await;
        assert_eq!(allowance.room(Instant::now()), 1);
        tokio::time::advance(WITHIN).await;
        assert_eq!(allowance.room(Instant::now()), 2);
    }

    #[test]
    fn a_summary_counts_and_names_the_newest() {
        let titles = |n: usize| (0..n).map(|i| format!("t{i}")).collect::<Vec<_>>();
        assert_eq!(
            summary_words(40, &titles(5)),
            ("40 notifications".into(), "t0\nt1\nt2\nand 37 more".into())
        );
        assert_eq!(summary_words(2, &titles(2)), ("2 notifications".into(), "t0\nt1".into()));
        assert_eq!(summary_words(1, &titles(1)), ("1 more notification".into(), "t0".into()));
        assert_eq!(summary_words(6, &[]), ("6 notifications".into(), String::new()));
    }
}
