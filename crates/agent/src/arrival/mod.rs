//! What happens to a notification between the socket and the screen: recorded, then decided, then shown.
//!
//! Owns the order of these three, and those that wait between the first two. Refuses to know the rule (`attention`)
//! or to talk to a notification daemon: it hands out [`Order`]s.
//!
//! Recording comes first, in one transaction with the cursor, so that nothing shown can be lost. Deciding is written
//! down before the toast is ordered, so that a crash in between costs a toast and never shows one twice. What was
//! recorded but not decided when the agent ended is decided at the next start.
//!
//! A replay waits until its end is known, nothing more of it comes, or [`HELD_AT_MOST`] are waiting, and while it is not
//! yet known whether there are toasts at all; so a night's worth is judged as one.

mod folded;

use std::{collections::HashMap, sync::Arc, time::Duration};

use tidings_control::{Disposition, Event, Item, Priority};
use tidings_engine::Arrival;
use tidings_inbox::{Inbox, InboxError, Incoming, Recorded, Row};
use time::OffsetDateTime;
use tokio::time::Instant;

use self::folded::Folded;
pub use self::folded::Folding;
use crate::{
    attention::{self, Circumstances, Crowd, Facts, Fold, Topic, Verdict},
    convert,
    toast::Toast,
    words::Words,
};

/// How many may wait to be decided; it bounds memory, not attention.
const HELD_AT_MOST: usize = 200;

/// A replay that brings nothing for so long is over, or too slow to be waited for.
const REPLAY_RESTS: Duration = Duration::from_secs(2);

/// How long the notification daemon may take to be found before it counts as missing.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is to be done on the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// Show a toast.
    Show(Toast),
    /// Take the toast of this row off the screen.
    Close(i64),
}

/// What a round of deciding has led to.
#[derive(Debug, Default)]
pub struct Decided {
    /// What subscribers are to hear of it, oldest first.
    pub events: Vec<Event>,
    /// To be shown, in this order.
    pub orders: Vec<Order>,
}

/// Whether toasts can be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Screen {
    /// Not known yet.
    Unknown,
    /// They can.
    Shows,
    /// They cannot, or the person has switched them off.
    Blind,
}

#[derive(Debug)]
struct Waiting {
    item: Item,
    facts: Facts,
    replayed: bool,
    /// Rows that it takes the place of, oldest first: more than one if the one before it was replaced while it waited.
    replaces: Vec<i64>,
}

/// Those on their way to the screen.
#[derive(Debug)]
pub struct Arrivals {
    inbox: Arc<Inbox>,
    waiting: Vec<Waiting>,
    /// Accounts in a replay, and when it last brought something.
    replaying: HashMap<String, Instant>,
    crowd: Crowd,
    folded: Folded,
    patience_ends: Instant,
}

impl Arrivals {
    /// Begins with what was recorded but not decided when the agent last ended.
    pub fn new(inbox: Arc<Inbox>, at_once: usize) -> Self {
        let left_over = inbox.pending().unwrap_or_else(|error| {
            tracing::warn!(%error, "cannot read what was left undecided");
            Vec::new()
        });
        let mut arrivals = Self {
            inbox,
            waiting: Vec::new(),
            replaying: HashMap::new(),
            crowd: Crowd::new(at_once),
            folded: Folded::default(),
            patience_ends: Instant::now() + PATIENCE,
        };
        for row in left_over {
            arrivals.wait(row, true, Vec::new());
        }
        arrivals
    }

    /// Records one. Whatever is new then waits for [`Arrivals::settle`].
    ///
    /// # Errors
    /// When it could not be stored: it is not acknowledged, and comes again with the next connection.
    pub fn record(&mut self, account: &str, arrival: Arrival) -> Result<(), InboxError> {
        if arrival.replayed {
            self.replaying.insert(account.to_owned(), Instant::now());
        } else if arrival.cursor().is_some() {
            // those wait for the end of a replay, whether or not the server has told it
            self.replay_ended(account);
        }
        let Arrival { epoch, mark, notification, replayed } = arrival;
        let seq = notification.seq;
        let incoming = Incoming { epoch, mark, notification, received_at: OffsetDateTime::now_utc() };
        match self.inbox.record(account, incoming)? {
            Recorded::New(row) => self.wait(row, replayed, Vec::new()),
            Recorded::Replaced { row, previous } => {
                let mut replaces = self.waits_no_more(previous);
                replaces.push(previous);
                self.wait(row, replayed, replaces);
            }
            Recorded::Duplicate => tracing::debug!(account, seq, "here already"),
        }
        Ok(())
    }

    /// An account's replay is over, or its connection is.
    pub fn replay_ended(&mut self, account: &str) {
        self.replaying.remove(account);
    }

    /// Rows were read, here or elsewhere: they need no toast any more. Returns what leaves the screen.
    pub fn read(&mut self, ids: &[i64]) -> Vec<Order> {
        for waiting in self.waiting.iter_mut().filter(|waiting| ids.contains(&waiting.item.id)) {
            waiting.facts.read = true;
            waiting.item.read = true;
        }
        self.leaving(ids)
    }

    /// Takes the toasts of these rows off the screen, and those that stood for no others.
    fn leaving(&mut self, ids: &[i64]) -> Vec<Order> {
        let own = ids.iter().copied().filter(|&row| !self.folded.is_one(row)).map(Order::Close);
        let mut orders: Vec<Order> = own.collect();
        orders.extend(self.folded.settled(ids));
        orders
    }

    /// Rows were deleted: nobody is told of them any more. Returns what leaves the screen.
    pub fn deleted(&mut self, ids: &[i64]) -> Vec<Order> {
        self.waiting.retain(|waiting| !ids.contains(&waiting.item.id));
        self.leaving(ids)
    }

    /// A deleted row is back. If it was not decided yet, it is now.
    pub fn restored(&mut self, row: &Row) {
        if row.disposition == tidings_inbox::Disposition::Pending {
            self.wait(row.clone(), false, Vec::new());
        }
    }

    /// An account is gone, and so are its rows.
    pub fn forget(&mut self, account: &str) {
        self.waiting.retain(|waiting| waiting.item.account != account);
        self.replaying.remove(account);
    }

    /// The toast of a row left the screen. If it stood for many, the next such one counts anew.
    pub fn closed(&mut self, item: i64) {
        self.folded.closed(item);
    }

    /// Whether the toast of this row stands for many.
    pub fn is_summary(&self, item: i64) -> bool {
        self.folded.is_one(item)
    }

    /// One toast for what was withheld, as soon as it can be shown.
    pub fn catch_up(&mut self, withheld: Vec<Folding>) {
        let now = Instant::now();
        for folding in withheld {
            self.folded.add(None, folding, now);
        }
        self.folded.hurry(now);
    }

    /// The oldest row that is not decided yet.
    pub fn oldest_waiting(&self) -> Option<i64> {
        self.waiting.iter().map(|waiting| waiting.item.id).min()
    }

    /// When [`Arrivals::settle`] has something to do without anything else happening.
    pub fn due(&self) -> Option<Instant> {
        let waiting = self.waiting.iter().map(|waiting| match self.replaying.get(&waiting.item.account) {
            Some(last) => *last + REPLAY_RESTS,
            None => self.patience_ends,
        });
        self.folded.due().into_iter().chain(waiting).min()
    }

    /// Decides about all that need wait no longer; whether there are toasts is for `screen` to say. Summaries are in these
    /// words.
    pub fn settle(&mut self, screen: Screen, circumstances: &Circumstances<'_>, words: &Words) -> Decided {
        let mut decided = Decided::default();
        let now = Instant::now();
        self.crowd.advance(now);
        self.replaying.retain(|_, last| now.duration_since(*last) < REPLAY_RESTS);
        if screen != Screen::Unknown || now >= self.patience_ends {
            let circumstances = Circumstances { toasts: screen == Screen::Shows, ..*circumstances };
            self.decide(now, &circumstances, &mut decided);
        }
        decided.orders.extend(self.folded.show(words, now));
        decided
    }

    fn decide(&mut self, now: Instant, circumstances: &Circumstances<'_>, decided: &mut Decided) {
        let crowded = self.waiting.len() >= HELD_AT_MOST;
        let (due, held) = std::mem::take(&mut self.waiting)
            .into_iter()
            .partition(|w| crowded || !self.replaying.contains_key(&w.item.account));
        self.waiting = held;
        let due: Vec<Waiting> = due;
        let facts = due.iter().map(|waiting| &waiting.facts);
        let verdicts = attention::decide(facts, circumstances, &self.crowd);
        for (waiting, verdict) in due.into_iter().zip(verdicts) {
            self.carry_out(waiting, verdict, now, decided);
        }
    }

    fn carry_out(&mut self, waiting: Waiting, verdict: Verdict, now: Instant, decided: &mut Decided) {
        let Waiting { mut item, facts, replayed, replaces } = waiting;
        item.disposition = match verdict {
            Verdict::Show => Disposition::Shown,
            Verdict::Fold(_) => Disposition::Summarized,
            Verdict::Suppress(reason) => reason,
        };
        match self.inbox.decide(item.id, convert::stored_disposition(item.disposition)) {
            Ok(true) => {}
            Ok(false) => return,
            // not written down: it may be decided again after a restart, which beats not at all
            Err(error) => tracing::warn!(%error, id = item.id, "cannot write down a decision"),
        }
        tracing::debug!(account = item.account, id = item.id, disposition = ?item.disposition, "decided");
        // a row that was replaced before it was decided has no toast; a summary stands for others too
        let on_screen = replaces.first().copied().filter(|&row| !self.is_summary(row));
        decided.orders.extend(self.folded.settled(&replaces));
        match verdict {
            Verdict::Show => {
                self.crowd.appeared();
                if let Some(topic) = Topic::of(&facts) {
                    // an urgent one keeps its toast whatever becomes of the others
                    let gives_way = item.priority != Priority::Urgent;
                    self.crowd.came(topic, gives_way.then_some(item.id));
                }
                decided.orders.push(Order::Show(Toast::of(&item).in_place_of(on_screen)));
            }
            Verdict::Fold(fold) => {
                decided.orders.extend(on_screen.map(Order::Close));
                self.fold(fold, &facts, Folding::of(&item, replayed), now, decided);
            }
            Verdict::Suppress(_) => decided.orders.extend(on_screen.map(Order::Close)),
        }
        if replaces.is_empty() {
            decided.events.push(Event::Notification(item));
        } else {
            let replaced = |previous| Event::Replaced { previous, item: item.clone() };
            decided.events.extend(replaces.into_iter().map(replaced));
        }
    }

    fn fold(&mut self, fold: Fold, facts: &Facts, folding: Folding, now: Instant, decided: &mut Decided) {
        let row = folding.row;
        let Some(topic) = Topic::of(facts).filter(|_| fold == Fold::Topic) else {
            self.crowd.overflowed();
            if let Some(topic) = Topic::of(facts) {
                self.crowd.came(topic, None);
            }
            return self.folded.add(None, folding, now);
        };
        let key = Some((topic.account.to_owned(), topic.name.to_owned()));
        if !self.crowd.stands(topic) {
            self.crowd.appeared();
        }
        if !self.folded.counts(&key) {
            // those before it that have toasts of their own still
            let shown = self.crowd.shown_of(topic).into_iter().filter_map(|row| self.unread_row(row));
            let shown: Vec<Folding> = shown.collect();
            for before in shown {
                decided.orders.extend(self.folded.absorb(&key, before, now));
            }
        }
        self.crowd.came(topic, Some(row));
        self.folded.add(key, folding, now);
    }

    fn unread_row(&self, row: i64) -> Option<Folding> {
        let row = self.inbox.row(row).ok().flatten().filter(|row| !row.read)?;
        Some(Folding::of(&convert::item(row), false))
    }

    /// A row that waits to be decided was replaced: whatever it was to replace is left to the one that follows.
    fn waits_no_more(&mut self, row: i64) -> Vec<i64> {
        let waits = self.waiting.iter().position(|waiting| waiting.item.id == row);
        waits.map(|at| self.waiting.remove(at).replaces).unwrap_or_default()
    }

    fn wait(&mut self, row: Row, replayed: bool, replaces: Vec<i64>) {
        let expires_at = row.expires_at;
        let item = convert::item(row);
        let facts = Facts {
            account: item.account.clone(),
            topic: item.topic.clone(),
            priority: item.priority,
            expires_at,
            read: item.read,
        };
        self.waiting.push(Waiting { item, facts, replayed, replaces });
    }
}
