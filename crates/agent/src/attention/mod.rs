//! Whether a notification is worth interrupting for.
//!
//! Owns the rule, as pure functions over facts, circumstances and time. Refuses to show, store or count anything.
//!
//! The rule: a notification is toasted unless there is a named reason not to ([`Verdict::Suppress`]); and where many
//! come at once, those of one topic become one toast that counts, and whatever else there is no room for becomes
//! another ([`Verdict::Fold`]); the urgent ones are shown as far as the room goes.
//!
//! `docs/guide.md` has it as a table, which is checked against it here.

mod crowd;
#[cfg(test)]
mod guide;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use tidings_control::{Disposition, Priority, Rule};
use time::OffsetDateTime;

pub use self::crowd::{AT_ONCE, Crowd, FOLD_AFTER, GROWS_EVERY, OF_TOPIC, Topic, WITHIN};

/// What the rule needs to know of one notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Whose it is.
    pub account: String,
    /// What it was published to.
    pub topic: Option<String>,
    /// How much it matters.
    pub priority: Priority,
    /// After this moment nobody needs to be told.
    pub expires_at: Option<OffsetDateTime>,
    /// Read on another device before it arrived here.
    pub read: bool,
}

/// What the rule needs to know of the moment, and of the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Circumstances<'a> {
    /// The clock on the wall.
    pub now: OffsetDateTime,
    /// The person wants quiet.
    pub do_not_disturb: bool,
    /// It is a time at which the person wants quiet.
    pub quiet_hours: bool,
    /// The desktop says that the person wants quiet, and the person wants the desktop to be asked.
    pub desktop_quiet: bool,
    /// Urgent ones pass all three.
    pub urgent_passes: bool,
    /// Toasts from this priority on.
    pub least_priority: Priority,
    /// Exceptions.
    pub rules: &'a [Rule],
    /// There is something that shows toasts.
    pub toasts: bool,
}

/// What becomes of one notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A toast of its own.
    Show,
    /// Part of a toast that stands for many.
    Fold(Fold),
    /// No toast, and why.
    Suppress(Disposition),
}

/// Which toast that stands for many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fold {
    /// Its topic's.
    Topic,
    /// The one for everything.
    All,
}

/// The reason not to show one, if there is one. The first that applies is named: what is true of the notification itself
/// comes before what the person has said of its like, that before the moment, and that before what is possible.
pub fn reason_against(facts: &Facts, circumstances: &Circumstances<'_>) -> Option<Disposition> {
    let wanted = Wanted::of(facts, circumstances);
    let passes = facts.priority == Priority::Urgent && circumstances.urgent_passes;
    if facts.read {
        Some(Disposition::AlreadyRead)
    } else if facts.expires_at.is_some_and(|end| end <= circumstances.now) {
        Some(Disposition::Expired)
    } else if wanted.muted {
        Some(Disposition::Muted)
    } else if facts.priority < wanted.least_priority {
        Some(Disposition::LowPriority)
    } else if let Some(reason) = silence(circumstances).filter(|_| !passes) {
        Some(reason)
    } else if !circumstances.toasts {
        Some(Disposition::NoToasts)
    } else {
        None
    }
}

/// Why nothing is toasted at this moment, but for what passes. The person's own word comes first, and what passes by
/// itself before what does not.
pub fn silence(circumstances: &Circumstances<'_>) -> Option<Disposition> {
    if circumstances.do_not_disturb {
        Some(Disposition::DoNotDisturb)
    } else if circumstances.quiet_hours {
        Some(Disposition::QuietHours)
    } else if circumstances.desktop_quiet {
        Some(Disposition::DesktopQuiet)
    } else {
        None
    }
}

/// What a person wants of one account and topic. The topic's rule stands before the account's, and that before what
/// holds for all. Whether it is muted is said by the nearest rule that there is; the priority, by the nearest that says
/// one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Wanted {
    muted: bool,
    least_priority: Priority,
}

impl Wanted {
    fn of(facts: &Facts, circumstances: &Circumstances<'_>) -> Self {
        let rule = |topic: Option<&str>| {
            let is_it = |rule: &&Rule| rule.account == facts.account && rule.topic.as_deref() == topic;
            circumstances.rules.iter().find(is_it)
        };
        let of_topic = facts.topic.as_deref().and_then(|topic| rule(Some(topic)));
        let nearest_first = || of_topic.into_iter().chain(rule(None));
        Self {
            muted: nearest_first().next().is_some_and(|rule| rule.muted),
            least_priority: nearest_first()
                .find_map(|rule| rule.least_priority)
                .unwrap_or(circumstances.least_priority),
        }
    }
}

/// Decides about all that are due, oldest first, among those that came before.
pub fn decide<'a>(
    due: impl IntoIterator<Item = &'a Facts>,
    circumstances: &Circumstances<'_>,
    crowd: &Crowd,
) -> Vec<Verdict> {
    let due: Vec<&Facts> = due.into_iter().collect();
    let mut verdicts: Vec<Verdict> = due
        .iter()
        .map(|facts| reason_against(facts, circumstances).map_or(Verdict::Show, Verdict::Suppress))
        .collect();
    fold_topics(&due, &mut verdicts, crowd);
    fold_rest(&due, &mut verdicts, crowd);
    verdicts
}

/// More than [`OF_TOPIC`] of one topic within [`WITHIN`] become one toast.
fn fold_topics(due: &[&Facts], verdicts: &mut [Verdict], crowd: &Crowd) {
    let mut counts: HashMap<Topic<'_>, usize> = HashMap::new();
    for (facts, _) in due.iter().zip(&*verdicts).filter(|(_, verdict)| **verdict == Verdict::Show) {
        if let Some(topic) = Topic::of(facts) {
            *counts.entry(topic).or_insert_with(|| crowd.of_topic(topic)) += 1;
        }
    }
    for (facts, verdict) in due.iter().zip(verdicts).filter(|(_, verdict)| **verdict == Verdict::Show) {
        let many = Topic::of(facts).is_some_and(|topic| counts.get(&topic).is_some_and(|&n| n > OF_TOPIC));
        if many && facts.priority != Priority::Urgent {
            *verdict = Verdict::Fold(Fold::Topic);
        }
    }
}

/// What there is no room for on the screen becomes one toast: all of it, as nobody could say why these and not those.
fn fold_rest(due: &[&Facts], verdicts: &mut [Verdict], crowd: &Crowd) {
    let mut new_topics: Vec<Topic<'_>> = Vec::new();
    let mut single = 0;
    for (facts, verdict) in due.iter().zip(&*verdicts) {
        match verdict {
            Verdict::Show => single += 1,
            Verdict::Fold(_) => new_topics.extend(Topic::of(facts).filter(|&topic| !crowd.stands(topic))),
            Verdict::Suppress(_) => {}
        }
    }
    new_topics.sort_unstable();
    new_topics.dedup();
    if single + new_topics.len() <= crowd.room() {
        return;
    }
    let mut room = crowd.urgent_room();
    for (facts, verdict) in due.iter().zip(verdicts) {
        match verdict {
            Verdict::Show if facts.priority == Priority::Urgent && room > 0 => room -= 1,
            // it has a place on the screen already
            Verdict::Fold(_) if Topic::of(facts).is_some_and(|topic| crowd.stands(topic)) => {}
            Verdict::Show | Verdict::Fold(_) => *verdict = Verdict::Fold(Fold::All),
            Verdict::Suppress(_) => {}
        }
    }
}
