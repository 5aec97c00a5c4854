//! What came and appeared within the last few seconds, as far as the rule asks for it.

use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

use tokio::time::Instant;

use super::Facts;

/// Toasts of their own that may appear within [`WITHIN`] before further ones are folded, unless the person says
/// otherwise. With the one that stands for all others there are five.
pub const AT_ONCE: usize = 4;

/// Of one topic, so many within [`WITHIN`] have toasts of their own.
pub const OF_TOPIC: usize = 3;

/// The span that both count over: about as long as a desktop keeps a toast on the screen.
pub const WITHIN: Duration = Duration::from_secs(10);

/// How long those that found no room wait for company before their toast is shown.
pub const FOLD_AFTER: Duration = Duration::from_secs(1);

/// A toast that stands for many and is on the screen counts on no more often than this.
pub const GROWS_EVERY: Duration = Duration::from_secs(2);

/// A topic of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Topic<'a> {
    /// The account.
    pub account: &'a str,
    /// The topic's name.
    pub name: &'a str,
}

impl<'a> Topic<'a> {
    /// What one was published to.
    pub fn of(facts: &'a Facts) -> Option<Self> {
        Some(Self { account: &facts.account, name: facts.topic.as_deref()? })
    }

    fn key(self) -> (String, String) {
        (self.account.to_owned(), self.name.to_owned())
    }
}

/// The last few seconds.
#[derive(Debug)]
pub struct Crowd {
    at_once: usize,
    now: Instant,
    /// Toasts that appeared, one each.
    appeared: VecDeque<Instant>,
    /// What a toast appeared for, or would have if there had been room: the last `at_once` of them.
    wanted: VecDeque<Instant>,
    topics: HashMap<(String, String), OfTopic>,
    /// When topics of which nothing comes any more were last forgotten.
    tidied: Instant,
}

#[derive(Debug, Default)]
struct OfTopic {
    /// The last [`OF_TOPIC`] that came: when, and the row whose toast appeared.
    came: VecDeque<(Instant, Option<i64>)>,
}

impl Crowd {
    /// Nobody yet; so many toasts may appear within [`WITHIN`].
    pub fn new(at_once: usize) -> Self {
        let (appeared, wanted, topics) = (VecDeque::new(), VecDeque::new(), HashMap::new());
        let now = Instant::now();
        Self { at_once, now, appeared, wanted, topics, tidied: now }
    }

    /// Lets go of what was longer ago than [`WITHIN`].
    pub fn advance(&mut self, now: Instant) {
        let past = |at: Instant| now.duration_since(at) >= WITHIN;
        self.now = now;
        for times in [&mut self.appeared, &mut self.wanted] {
            while times.front().is_some_and(|&at| past(at)) {
                times.pop_front();
            }
        }
        // strangers choose how many there are: not each time
        if past(self.tidied) {
            self.tidied = now;
            self.topics.retain(|_, topic| topic.came.back().is_some_and(|&(at, _)| !past(at)));
        }
    }

    /// Toasts that may still appear. None for as long as others keep finding no room: a flood is one toast, however long
    /// it lasts.
    pub fn room(&self) -> usize {
        self.at_once.saturating_sub(self.wanted.len())
    }

    /// Toasts of urgent ones that may still appear.
    pub fn urgent_room(&self) -> usize {
        self.at_once.saturating_sub(self.appeared.len())
    }

    /// How many of a topic have come, as far as the rule counts.
    pub fn of_topic(&self, topic: Topic<'_>) -> usize {
        self.lately(topic).count()
    }

    /// Whether a toast of a topic has appeared that its summary can take the place of.
    pub fn stands(&self, topic: Topic<'_>) -> bool {
        !self.shown_of(topic).is_empty()
    }

    /// Rows of a topic that have toasts which its summary can take the place of, oldest first.
    pub fn shown_of(&self, topic: Topic<'_>) -> Vec<i64> {
        self.lately(topic).flatten().collect()
    }

    fn lately(&self, topic: Topic<'_>) -> impl Iterator<Item = Option<i64>> {
        let came = self.topics.get(&topic.key()).into_iter().flat_map(|topic| &topic.came);
        came.filter(|(at, _)| self.now.duration_since(*at) < WITHIN).map(|&(_, row)| row)
    }

    /// One came and was not suppressed; `shown` is the row whose toast it has, or is part of.
    pub fn came(&mut self, topic: Topic<'_>, shown: Option<i64>) {
        let came = &mut self.topics.entry(topic.key()).or_default().came;
        came.push_back((self.now, shown));
        if came.len() > OF_TOPIC {
            came.pop_front();
        }
    }

    /// A toast appeared.
    pub fn appeared(&mut self) {
        self.appeared.push_back(self.now);
        self.wanted();
    }

    /// One found no room.
    pub fn overflowed(&mut self) {
        self.wanted();
    }

    fn wanted(&mut self) {
        self.wanted.push_back(self.now);
        if self.wanted.len() > self.at_once {
            self.wanted.pop_front();
        }
    }
}
