//! Order, where what was missed is fetched by calls: what is fetched comes first, and live ones wait. Owns what is held
//! back meanwhile; makes no call.
//!
//! It drops nothing that the server does not have: whether a notification is known already is for the inbox to say.

use std::collections::HashSet;

use super::{
    input::{Item, Page},
    replay::{MOST_HELD, MOST_HELD_BYTES, weight},
};
use crate::Cursor;

/// One connection's place in a server's log.
#[derive(Debug)]
pub(crate) struct CatchUp {
    log: &'static str,
    stage: Stage,
    /// Live ones that came meanwhile.
    held: Vec<Item>,
    held_bytes: usize,
    /// Once the calls under way are over, they begin again.
    again: bool,
    /// Nothing more is held: the calls that follow bring it.
    overflown: bool,
    /// What was told of and not said came after this.
    before: Option<u64>,
    /// All up to here was passed on; `None` where nobody knows yet where the log stood.
    reached: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Nobody knows yet from where.
    Undecided,
    /// Calls are under way.
    Fetching,
    /// As it comes.
    Live,
}

/// What follows a page.
#[derive(Debug, PartialEq)]
pub(crate) enum Then {
    /// The next one.
    More,
    /// All over again, from here.
    Again(Option<u64>),
    /// These pass, which are live.
    Live(Vec<Item>),
}

impl CatchUp {
    pub(crate) fn new(log: &'static str) -> Self {
        Self {
            log,
            stage: Stage::Undecided,
            held: Vec::new(),
            held_bytes: 0,
            again: false,
            overflown: false,
            before: None,
            reached: None,
        }
    }

    pub(crate) fn log(&self) -> &'static str {
        self.log
    }

    /// The place up to which everything was passed on.
    pub(crate) fn reached(&self) -> Option<Cursor> {
        Some(Cursor { epoch: self.log.to_owned(), seq: self.reached? })
    }

    /// Calls begin, which fetch what came after this.
    pub(crate) fn fetch(&mut self, after: Option<u64>) {
        self.stage = Stage::Fetching;
        self.reached = after;
        // whatever was asked for or forgotten so far, these bring it, unless they only ask where the log stands
        if after.is_some() {
            (self.again, self.overflown) = (false, false);
        }
    }

    /// There is nothing to fetch but what could not be held: what was held passes.
    pub(crate) fn skip(&mut self, head: u64) -> Then {
        self.reached = Some(head);
        self.stage = Stage::Fetching;
        self.over()
    }

    /// One came; it passes if it is live.
    pub(crate) fn take(&mut self, item: Item) -> Option<Item> {
        if self.stage == Stage::Live {
            self.note(&item);
            return Some(item);
        }
        if self.overflown {
            return None;
        }
        self.held_bytes += bytes(&item);
        self.held.push(item);
        if self.held.len() > MOST_HELD || self.held_bytes > MOST_HELD_BYTES {
            self.forget();
            (self.again, self.overflown) = (true, true);
        }
        None
    }

    /// There is something to fetch, which came after this place. True if the calls have to begin now, after
    /// [`CatchUp::reached`].
    pub(crate) fn behind(&mut self, before: Option<u64>) -> bool {
        self.before = self.before.into_iter().chain(before).min();
        match self.stage {
            Stage::Undecided | Stage::Fetching => {
                self.again = true;
                false
            }
            Stage::Live => {
                self.stage = Stage::Fetching;
                true
            }
        }
    }

    /// Where the log stood, if a page says so: before whatever this connection was told of, as that is news.
    pub(crate) fn head(&self, page: &Page) -> Option<u64> {
        page.head.map(|head| self.before.map_or(head, |before| before.min(head)))
    }

    /// A page came. All that it holds passes, but for what was asked after nothing.
    pub(crate) fn page(&mut self, page: &Page) -> Then {
        self.reached = self.reached.max(self.head(page));
        for item in &page.items {
            self.note(item);
        }
        // what is live comes from the socket, too
        if !self.held.is_empty() {
            let passed_over = page.passed_over.iter().map(String::as_str);
            let fetched: HashSet<_> = page.items.iter().filter_map(Item::id).chain(passed_over).collect();
            self.held.retain(|item| item.id().is_none_or(|id| !fetched.contains(id)));
            self.held_bytes = self.held.iter().map(bytes).sum();
        }
        if page.more { Then::More } else { self.over() }
    }

    fn over(&mut self) -> Then {
        if std::mem::take(&mut self.again) {
            self.overflown = false;
            Then::Again(self.reached)
        } else {
            Then::Live(self.pass())
        }
    }

    fn pass(&mut self) -> Vec<Item> {
        self.stage = Stage::Live;
        let held = std::mem::take(&mut self.held);
        self.forget();
        for item in &held {
            self.note(item);
        }
        held
    }

    fn forget(&mut self) {
        self.held = Vec::new();
        self.held_bytes = 0;
    }

    fn note(&mut self, item: &Item) {
        if let Item::Notification { mark, .. } = item {
            self.reached = self.reached.max(Some(*mark));
        }
    }
}

fn bytes(item: &Item) -> usize {
    match item {
        Item::Notification { notification, .. } => weight(notification),
        Item::Read(of) | Item::Deleted(of) => of.ids.iter().map(|id| id.len() + 24).sum::<usize>() + 64,
    }
}

#[cfg(test)]
#[path = "tests/catch_up.rs"]
mod tests;
