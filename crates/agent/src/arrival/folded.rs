//! Toasts that stand for many: one for each topic that overflows, and one for everything else.
//!
//! Owns what each of them stands for, when it is shown, counts on or is taken off. Refuses to decide what goes into
//! one. What was read counts no more; a toast that nothing unread is left of is taken off.

use std::collections::{HashMap, HashSet, VecDeque};

use tidings_control::{Item, Priority};
use tokio::time::Instant;

use super::Order;
use crate::{
    attention::{FOLD_AFTER, GROWS_EVERY, WITHIN},
    convert,
    toast::Toast,
    words::Words,
};

/// Titles that one of them can name.
const TITLES: usize = 3;

/// After so long one that was left on the screen is not added to; the next one counts anew.
const LASTS: std::time::Duration = std::time::Duration::from_secs(60);

/// So many of those that are not added to any more are remembered, to be taken off when all is read.
const LEFT: usize = 32;

/// One that goes into a toast for many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folding {
    /// [`Item::id`].
    pub row: i64,
    /// [`Item::title`].
    pub title: String,
    /// [`Item::priority`].
    pub priority: Priority,
    /// It came while the person, the computer or the connection was away.
    pub missed: bool,
}

impl Folding {
    pub(super) fn of(item: &Item, missed: bool) -> Self {
        Self { row: item.id, title: item.title.clone(), priority: item.priority, missed }
    }
}

/// What was withheld goes into a summary as missed.
impl From<tidings_inbox::Withheld> for Folding {
    fn from(row: tidings_inbox::Withheld) -> Self {
        Self { row: row.id, title: row.title, priority: convert::priority(row.priority), missed: true }
    }
}

type Key = Option<(String, String)>;

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Folded {
    /// By account and topic; without either, the one for everything.
    summaries: HashMap<Key, Summary>,
    left: VecDeque<Left>,
}

#[derive(Debug)]
struct Summary {
    /// Those unread that it stands for, oldest first.
    rows: Vec<i64>,
    /// Of the newest few of them, newest first.
    titles: VecDeque<(i64, String)>,
    priority: Priority,
    missed: bool,
    on_screen: Option<i64>,
    /// The toast whose place it takes when it is first shown.
    takes_over: Option<i64>,
    due: Option<Instant>,
    grown: Instant,
    shown: Option<Instant>,
}

/// One on the screen that is not added to any more.
#[derive(Debug)]
struct Left {
    item: i64,
    rows: Vec<i64>,
}

impl Folded {
    /// Adds one to its toast; to the one for everything without a topic.
    pub(super) fn add(&mut self, topic: Key, folding: Folding, now: Instant) {
        self.part_with_the_old(&topic, now);
        let summary = self.summaries.entry(topic).or_insert_with(|| Summary::new(now));
        let after = if summary.on_screen.is_some() {
            summary.shown.map_or(now, |shown| shown + GROWS_EVERY)
        } else {
            // one that was just put away does not jump up again at once
            summary.shown.map_or(now, |shown| shown + WITHIN)
        };
        summary.due.get_or_insert(after.max(now + FOLD_AFTER));
        summary.add(folding, now);
    }

    /// Adds one that has a toast of its own on the screen, which is given up for the common one.
    pub(super) fn absorb(&mut self, topic: &Key, folding: Folding, now: Instant) -> Option<Order> {
        let row = folding.row;
        self.add(topic.clone(), folding, now);
        let summary = self.summaries.get_mut(topic)?;
        match summary.on_screen {
            Some(_) => Some(Order::Close(row)),
            None => summary.takes_over.replace(row).map(Order::Close),
        }
    }

    /// Shows the one for everything as soon as it can be.
    pub(super) fn hurry(&mut self, now: Instant) {
        if let Some(summary) = self.summaries.get_mut(&None) {
            summary.due = Some(now);
        }
    }

    /// Whether a topic has a toast that goes on counting.
    pub(super) fn counts(&self, topic: &Key) -> bool {
        self.summaries.get(topic).is_some_and(|summary| !summary.rows.is_empty())
    }

    /// When there is something to show.
    pub(super) fn due(&self) -> Option<Instant> {
        self.summaries.values().filter_map(|summary| summary.due).min()
    }

    /// What is to be shown now.
    pub(super) fn show(&mut self, words: &Words, now: Instant) -> Vec<Order> {
        self.summaries.retain(|_, summary| {
            summary.on_screen.is_some() || summary.due.is_some() || now.duration_since(summary.grown) < LASTS
        });
        let mut orders = Vec::new();
        for (topic, summary) in &mut self.summaries {
            if summary.due.is_some_and(|due| due <= now) {
                summary.due = None;
                let topic = topic.as_ref().map(|(_, name)| name.as_str());
                orders.extend(summary.toast(topic, words, now).map(Order::Show));
            }
        }
        orders
    }

    /// Whether the toast of this row stands for many.
    pub(super) fn is_one(&self, item: i64) -> bool {
        self.summaries.values().any(|summary| summary.on_screen == Some(item))
            || self.left.iter().any(|left| left.item == item)
    }

    /// The toast of this row left the screen: the next one counts anew.
    pub(super) fn closed(&mut self, item: i64) {
        self.left.retain(|left| left.item != item);
        for summary in self.summaries.values_mut().filter(|summary| summary.on_screen == Some(item)) {
            summary.on_screen = None;
            // what has come since is not lost with it
            if summary.due.is_none() {
                summary.rows.clear();
                summary.titles.clear();
            }
        }
    }

    /// Rows that need nobody's attention any more.
    pub(super) fn settled(&mut self, rows: &[i64]) -> Vec<Order> {
        let mut orders = Vec::new();
        if rows.is_empty() {
            return orders;
        }
        let rows: HashSet<i64> = rows.iter().copied().collect();
        for summary in self.summaries.values_mut() {
            summary.rows.retain(|row| !rows.contains(row));
            summary.titles.retain(|(row, _)| !rows.contains(row));
            if summary.rows.is_empty() {
                summary.due = None;
                orders.extend(summary.on_screen.take().or(summary.takes_over.take()).map(Order::Close));
            }
        }
        self.left.retain_mut(|left| {
            left.rows.retain(|row| !rows.contains(row));
            if left.rows.is_empty() {
                orders.push(Order::Close(left.item));
            }
            !left.rows.is_empty()
        });
        orders
    }

    fn part_with_the_old(&mut self, topic: &Key, now: Instant) {
        let old = |summary: &Summary| now.duration_since(summary.grown) >= LASTS;
        if !self.summaries.get(topic).is_some_and(old) {
            return;
        }
        if let Some(Summary { on_screen: Some(item), rows, .. }) = self.summaries.remove(topic) {
            if self.left.len() == LEFT {
                self.left.pop_front();
            }
            self.left.push_back(Left { item, rows });
        }
    }
}

impl Summary {
    fn new(now: Instant) -> Self {
        Self {
            rows: Vec::new(),
            titles: VecDeque::new(),
            priority: Priority::Low,
            missed: true,
            on_screen: None,
            takes_over: None,
            due: None,
            grown: now,
            shown: None,
        }
    }

    fn add(&mut self, folding: Folding, now: Instant) {
        let Folding { row, title, priority, missed } = folding;
        // the first of a new count
        if self.rows.is_empty() {
            (self.missed, self.priority) = (true, Priority::Low);
        }
        self.rows.push(row);
        self.titles.push_front((row, title));
        self.titles.truncate(TITLES);
        self.priority = self.priority.max(priority);
        self.missed &= missed;
        self.grown = now;
    }

    fn toast(&mut self, topic: Option<&str>, words: &Words, now: Instant) -> Option<Toast> {
        let item = *self.rows.last()?;
        let count = self.rows.len();
        let title = match topic {
            Some(topic) => (words.summary_of)(count, topic),
            None if self.missed => (words.missed)(count),
            None => (words.summary)(count),
        };
        let titles = self.titles.iter().map(|(_, title)| title.as_str());
        let replaces = self.on_screen.replace(item).or(self.takes_over.take());
        self.shown = Some(now);
        let body = body(words, count, titles);
        Some(Toast::plain(item, title, body, self.priority).in_place_of(replaces))
    }
}

/// The newest few titles, and how many more there are.
fn body<'a>(words: &Words, count: usize, titles: impl Iterator<Item = &'a str>) -> String {
    let mut lines: Vec<String> = titles.filter(|title| !title.trim().is_empty()).map(str::to_owned).collect();
    let rest = count.saturating_sub(lines.len());
    if rest > 0 && !lines.is_empty() {
        lines.push((words.and_more)(rest));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Locale;

    #[test]
    fn it_names_the_newest_and_counts_the_rest() {
        let words = Locale::default().words();
        let body = |count, titles: &[&str]| body(words, count, titles.iter().copied());
        assert_eq!(body(40, &["a", "b", "c"]), "a\nb\nc\nand 37 more");
        assert_eq!(body(2, &["a", "b"]), "a\nb");
        assert_eq!(body(2, &["a", " "]), "a\nand 1 more");
        assert_eq!(body(6, &[]), "");
    }
}
