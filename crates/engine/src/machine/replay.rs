//! Order: what was missed comes first, live ones wait, and nothing passes over a hole unless the server says that there
//! is nothing in it. Owns what is held back and for how long; knows no socket.
//!
//! It drops nothing: whether a notification is known already is for the inbox to say.

use std::time::{Duration, Instant};

use tidings_protocol::Notification;

use super::input::Ready;
use crate::Cursor;

/// Most notifications held back at once, and most text in them. A server that keeps to `docs/protocol.md` §3 sends
/// its replay in order, so that hardly anything is ever held.
pub(super) const MOST_HELD: usize = 2048;
pub(super) const MOST_HELD_BYTES: usize = 4 * 1024 * 1024;

/// A replay that brings nothing for this long will not be ended by the server any more.
const STALL: Duration = Duration::from_secs(30);

/// One connection's place in the server's log.
#[derive(Debug)]
pub(crate) struct Replay {
    /// The server's log, once it is known.
    epoch: Option<String>,
    /// Where the log stood when the server greeted.
    head: Option<Cursor>,
    stage: Stage,
    held: Vec<Notification>,
    held_bytes: usize,
    /// How many `resume` are not answered yet.
    unanswered: u32,
}

#[derive(Debug)]
enum Stage {
    /// Nobody knows yet from where to resume, so nothing with a place in the log may pass.
    Undecided,
    /// `resume` is sent; `next` is the one that may pass.
    Replaying {
        after: Cursor,
        next: u64,
        stalls_at: Instant,
        /// The live one that came over a gap, which is the reason for this replay.
        cause: Option<u64>,
    },
    /// In order as they come; `last` is the one up to which nothing is missing.
    Live { last: Option<Cursor> },
}

/// What an input leads to.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Passed {
    /// These may pass, in this order.
    pub(crate) ready: Vec<Ready>,
    /// There is a gap: ask for what follows this.
    pub(crate) resume: Option<Cursor>,
}

/// More is held back than memory allows.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooMuch;

/// What came of a replay that the server did not end.
#[derive(Debug, PartialEq)]
pub(crate) enum Stalled {
    /// Nothing is missing before what came: these pass, and it is live.
    Live(Vec<Ready>),
    /// These still pass; the others lie beyond a hole.
    Hole(Vec<Ready>),
}

impl Replay {
    pub(crate) fn new() -> Self {
        Self {
            epoch: None,
            head: None,
            stage: Stage::Undecided,
            held: Vec::new(),
            held_bytes: 0,
            unanswered: 0,
        }
    }

    /// The log that notifications belong to.
    pub(crate) fn epoch(&self) -> Option<&str> {
        match (&self.epoch, &self.stage) {
            (Some(epoch), _) => Some(epoch),
            (None, Stage::Replaying { after, .. }) => Some(&after.epoch),
            (None, _) => None,
        }
    }

    /// When the server has had enough time to end the replay.
    pub(crate) fn timeout(&self) -> Option<Instant> {
        match self.stage {
            Stage::Replaying { stalls_at, .. } => Some(stalls_at),
            Stage::Undecided | Stage::Live { .. } => None,
        }
    }

    /// The server names its log. Returns the old name if that was another one.
    pub(crate) fn named(&mut self, epoch: &str) -> Option<String> {
        if self.epoch.as_deref() == Some(epoch) {
            return None;
        }
        let before = self.epoch.replace(epoch.to_owned());
        match &mut self.stage {
            Stage::Replaying { after, next, .. } => {
                *next = if after.epoch == epoch { after.seq.saturating_add(1) } else { 1 };
                let before = before.unwrap_or_else(|| after.epoch.clone());
                (before != epoch).then_some(before)
            }
            // all of the new log is news
            Stage::Live { last: Some(last) } if last.epoch != epoch => {
                let new = Cursor { epoch: epoch.to_owned(), seq: 0 };
                Some(std::mem::replace(last, new).epoch)
            }
            Stage::Live { .. } | Stage::Undecided => None,
        }
    }

    /// Where the log stood when the server greeted: what comes after that is expected without a gap.
    pub(crate) fn stands_at(&mut self, head: &Cursor) {
        self.head = Some(head.clone());
        if let Stage::Live { last: last @ None } = &mut self.stage {
            *last = Some(head.clone());
        }
    }

    /// `resume` goes out. Returns the old name if the server is known to keep another log.
    pub(crate) fn resume(&mut self, now: Instant, after: Cursor) -> Option<String> {
        let renamed = self.epoch.as_ref().is_some_and(|epoch| *epoch != after.epoch);
        let (old, next) =
            if renamed { (Some(after.epoch.clone()), 1) } else { (None, after.seq.saturating_add(1)) };
        self.unanswered = self.unanswered.saturating_add(1);
        self.stage = Stage::Replaying { after, next, stalls_at: now + STALL, cause: None };
        old
    }

    /// There is nothing to resume from: what was held passes, as far as nothing is missing after `head`.
    pub(crate) fn skip(&mut self, now: Instant, head: Option<Cursor>) -> Result<Passed, TooMuch> {
        self.stage = Stage::Live { last: head };
        let held = self.sorted();
        self.pass_on(now, held)
    }

    /// A notification came; returns what may pass.
    pub(crate) fn take(&mut self, now: Instant, notification: Notification) -> Result<Passed, TooMuch> {
        let Some(seq) = notification.seq else { return Ok(one(notification, false)) };
        match &mut self.stage {
            Stage::Live { last } => {
                let Some(epoch) = &self.epoch else { return Ok(one(notification, false)) };
                let last = last.get_or_insert_with(|| Cursor { epoch: epoch.clone(), seq });
                if seq <= last.seq.saturating_add(1) {
                    last.seq = last.seq.max(seq);
                    return Ok(one(notification, false));
                }
                let after = last.clone();
                self.resume(now, after.clone());
                if let Stage::Replaying { cause, .. } = &mut self.stage {
                    *cause = Some(seq);
                }
                let ready = self.hold(notification)?;
                Ok(Passed { ready, resume: Some(after) })
            }
            Stage::Replaying { next, stalls_at, cause, .. } => {
                *stalls_at = now + STALL;
                if self.epoch.is_some() && seq <= *next {
                    *next = (*next).max(seq.saturating_add(1));
                    return Ok(one(notification, *cause != Some(seq)));
                }
                Ok(Passed { ready: self.hold(notification)?, resume: None })
            }
            Stage::Undecided => Ok(Passed { ready: self.hold(notification)?, resume: None }),
        }
    }

    /// The server ends a replay. Returns what was part of it, and what is live; `None` if nothing was asked, or if
    /// this is the late answer to an earlier question.
    ///
    /// Whatever is missing up to `head` is gone, as the server has been asked for it.
    pub(crate) fn resumed(
        &mut self,
        now: Instant,
        head: u64,
    ) -> Option<Result<(Vec<Ready>, Passed), TooMuch>> {
        let unanswered = self.unanswered;
        self.unanswered = unanswered.checked_sub(1)?;
        let epoch = self.epoch.clone()?;
        let (passed, cause) = match &self.stage {
            Stage::Undecided => return None,
            Stage::Replaying { next, cause, .. } => (next.saturating_sub(1), *cause),
            Stage::Live { last } => (last.as_ref().map_or(0, |last| last.seq), None),
        };
        if unanswered > 1 && cause.is_some_and(|cause| head < cause) {
            return None;
        }
        let end = head.max(cause.unwrap_or_default());
        let mut held = self.sorted();
        let later = held.split_off(held.partition_point(|held| held.seq <= Some(end)));
        let ready = |notification: Notification| Ready {
            replayed: notification.seq <= Some(head) && notification.seq != cause,
            notification,
        };
        let replayed = held.into_iter().map(ready).collect();
        self.stage = Stage::Live { last: Some(Cursor { epoch, seq: passed.max(end) }) };
        Some(self.pass_on(now, later).map(|later| (replayed, later)))
    }

    /// The server did not end the replay. Nothing that is held may pass over a hole, as the cursor would follow it.
    pub(crate) fn stalled(&mut self) -> Stalled {
        let ready = self.contiguous();
        let Stage::Replaying { after, next, .. } = &self.stage else { return Stalled::Live(ready) };
        if !self.held.is_empty() {
            return Stalled::Hole(ready);
        }
        let epoch = self.epoch.as_ref().unwrap_or(&after.epoch).clone();
        self.stage = Stage::Live { last: Some(Cursor { epoch, seq: next.saturating_sub(1) }) };
        Stalled::Live(ready)
    }

    /// Takes these in as if they came now.
    fn pass_on(&mut self, now: Instant, notifications: Vec<Notification>) -> Result<Passed, TooMuch> {
        let mut all = Passed::default();
        for notification in notifications {
            let passed = self.take(now, notification)?;
            all.ready.extend(passed.ready);
            all.resume = all.resume.or(passed.resume);
        }
        Ok(all)
    }

    fn hold(&mut self, notification: Notification) -> Result<Vec<Ready>, TooMuch> {
        self.held_bytes += weight(&notification);
        self.held.push(notification);
        if self.fits() {
            return Ok(Vec::new());
        }
        let mut ready = self.contiguous();
        if !self.fits() {
            ready.extend(self.greeted());
        }
        if self.fits() { Ok(ready) } else { Err(TooMuch) }
    }

    /// Of what is held, all that the log had when the server greeted. None of it is live, and a replay is in order:
    /// that so much of it has come says that what is missing before it is gone.
    fn greeted(&mut self) -> Vec<Ready> {
        let Some(head) = self.head.as_ref().filter(|head| self.epoch.as_ref() == Some(&head.epoch)) else {
            return Vec::new();
        };
        let newest = self.held.iter().filter_map(|held| held.seq).filter(|seq| *seq <= head.seq).max();
        if let (Stage::Replaying { next, .. }, Some(newest)) = (&mut self.stage, newest) {
            *next = (*next).max(newest);
        }
        self.contiguous()
    }

    fn fits(&self) -> bool {
        self.held.len() <= MOST_HELD && self.held_bytes <= MOST_HELD_BYTES
    }

    /// Of a replay in a log whose name is known, all that is held and may pass.
    fn contiguous(&mut self) -> Vec<Ready> {
        if self.epoch.is_none() || !matches!(self.stage, Stage::Replaying { .. }) {
            return Vec::new();
        }
        let held = self.sorted();
        let Stage::Replaying { next, cause, .. } = &mut self.stage else { return Vec::new() };
        let mut ready = Vec::new();
        for notification in held {
            match notification.seq {
                Some(seq) if seq <= *next => {
                    *next = (*next).max(seq.saturating_add(1));
                    ready.push(Ready { replayed: *cause != Some(seq), notification });
                }
                _ => {
                    self.held_bytes += weight(&notification);
                    self.held.push(notification);
                }
            }
        }
        ready
    }

    /// Empties what is held, in order.
    fn sorted(&mut self) -> Vec<Notification> {
        let mut held = std::mem::take(&mut self.held);
        self.held_bytes = 0;
        held.sort_by_key(|notification| notification.seq);
        held
    }
}

fn one(notification: Notification, replayed: bool) -> Passed {
    Passed { ready: vec![Ready { notification, replayed }], resume: None }
}

/// About what a notification occupies; the texts dominate, and any of them may be the long one.
pub(super) fn weight(notification: &Notification) -> usize {
    let Notification { id, title, body, topic, tags, click_url, actions, .. } = notification;
    let Notification { icon_url, image_url, attachment, replaces, .. } = notification;
    let optional = [id, topic, click_url, icon_url, image_url, replaces];
    let optional = optional.into_iter().flatten().map(String::len).sum::<usize>();
    let tags = tags.iter().map(|tag| tag.len() + 24).sum::<usize>();
    let actions = actions.iter().map(|action| {
        let method = action.method.as_ref().map_or(0, String::len);
        let headers = action.headers.iter().map(|(name, value)| name.len() + value.len() + 64).sum::<usize>();
        let carried = [&action.body, &action.copy].into_iter().flatten().map(String::len).sum::<usize>();
        action.id.len() + action.label.len() + action.url.len() + method + headers + carried + 96
    });
    let file = attachment.as_ref().map_or(0, |file| {
        file.name.len() + file.url.len() + file.media_type.as_ref().map_or(0, String::len) + 96
    });
    256 + title.len() + body.len() + optional + tags + actions.sum::<usize>() + file
}

#[cfg(test)]
#[path = "tests/replay.rs"]
mod tests;
