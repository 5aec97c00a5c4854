//! Order: what was missed comes first, live ones wait. Owns what is held back and for how long; knows no socket.
//!
//! It drops nothing: whether a notification is known already is for the inbox to say.

use std::time::{Duration, Instant};

use tidings_protocol::Notification;

use super::input::Ready;
use crate::Cursor;

/// Most notifications held back at once, and most text in them. A server that keeps to `docs/protocol.md` §3 sends
/// its replay in order, so that hardly anything is ever held.
const MOST_HELD: usize = 2048;
const MOST_HELD_BYTES: usize = 4 * 1024 * 1024;

/// A replay that brings nothing for this long has ended without saying so.
const STALL: Duration = Duration::from_secs(30);

/// One connection's place in the server's log.
#[derive(Debug)]
pub(crate) struct Replay {
    /// The server's log, once it is known.
    epoch: Option<String>,
    stage: Stage,
    held: Vec<Notification>,
    held_bytes: usize,
}

#[derive(Debug)]
enum Stage {
    /// Nobody knows yet from where to resume, so nothing with a place in the log may pass.
    Undecided,
    /// `resume` is sent; `next` is the one that may pass.
    Replaying { after: Cursor, next: u64, stalls_at: Instant },
    /// In order as they come.
    Live,
}

/// More is held back than memory allows, and it cannot be told which log it belongs to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooMuch;

impl Replay {
    pub(crate) fn new() -> Self {
        Self { epoch: None, stage: Stage::Undecided, held: Vec::new(), held_bytes: 0 }
    }

    /// The log that notifications belong to.
    pub(crate) fn epoch(&self) -> Option<&str> {
        match (&self.epoch, &self.stage) {
            (Some(epoch), _) => Some(epoch),
            (None, Stage::Replaying { after, .. }) => Some(&after.epoch),
            (None, _) => None,
        }
    }

    /// When a replay counts as ended though the server did not say so.
    pub(crate) fn timeout(&self) -> Option<Instant> {
        match self.stage {
            Stage::Replaying { stalls_at, .. } => Some(stalls_at),
            Stage::Undecided | Stage::Live => None,
        }
    }

    /// The server names its log. Returns the old name if the cursor was in another.
    pub(crate) fn named(&mut self, epoch: &str) -> Option<String> {
        self.epoch = Some(epoch.to_owned());
        match &mut self.stage {
            Stage::Replaying { after, next, .. } if after.epoch != epoch => {
                *next = 1;
                Some(after.epoch.clone())
            }
            _ => None,
        }
    }

    /// `resume` goes out. Returns the old name if the server is known to keep another log.
    pub(crate) fn resume(&mut self, now: Instant, after: Cursor) -> Option<String> {
        let renamed = self.epoch.as_ref().is_some_and(|epoch| *epoch != after.epoch);
        let (old, next) =
            if renamed { (Some(after.epoch.clone()), 1) } else { (None, after.seq.saturating_add(1)) };
        self.stage = Stage::Replaying { after, next, stalls_at: now + STALL };
        old
    }

    /// There is nothing to resume from: what was held passes.
    pub(crate) fn skip(&mut self) -> Vec<Ready> {
        self.stage = Stage::Live;
        self.release(0)
    }

    /// A notification came; returns what may pass.
    pub(crate) fn take(&mut self, now: Instant, notification: Notification) -> Result<Vec<Ready>, TooMuch> {
        let Some(seq) = notification.seq else {
            return Ok(vec![Ready { notification, replayed: false }]);
        };
        match &mut self.stage {
            Stage::Live => Ok(vec![Ready { notification, replayed: false }]),
            Stage::Replaying { next, stalls_at, .. } if self.epoch.is_some() && seq <= *next => {
                *stalls_at = now + STALL;
                *next = (*next).max(seq.saturating_add(1));
                Ok(vec![Ready { notification, replayed: true }])
            }
            Stage::Replaying { stalls_at, .. } => {
                *stalls_at = now + STALL;
                self.hold(notification)
            }
            Stage::Undecided => self.hold(notification),
        }
    }

    /// The server ends the replay. Returns what was part of it, and what is live.
    pub(crate) fn resumed(&mut self, epoch: &str, head: u64) -> (Vec<Ready>, Vec<Ready>) {
        self.epoch = Some(epoch.to_owned());
        self.stage = Stage::Live;
        let all = self.release(head);
        all.into_iter().partition(|ready| ready.replayed)
    }

    /// The server did not end the replay: what was held passes.
    pub(crate) fn stalled(&mut self) -> Vec<Ready> {
        self.stage = Stage::Live;
        self.release(u64::MAX)
    }

    fn hold(&mut self, notification: Notification) -> Result<Vec<Ready>, TooMuch> {
        self.held_bytes += weight(&notification);
        self.held.push(notification);
        if self.held.len() <= MOST_HELD && self.held_bytes <= MOST_HELD_BYTES {
            return Ok(Vec::new());
        }
        // with the log known, a replay with a hole in it may pass in the order of its numbers
        let (Stage::Replaying { .. }, Some(_)) = (&self.stage, &self.epoch) else { return Err(TooMuch) };
        let ready = self.release(u64::MAX);
        if let (Stage::Replaying { next, .. }, Some(last)) = (&mut self.stage, ready.last()) {
            *next = last.notification.seq.unwrap_or_default().saturating_add(1).max(*next);
        }
        Ok(ready)
    }

    /// All that is held, in order; up to `head` it was part of the replay.
    fn release(&mut self, head: u64) -> Vec<Ready> {
        let mut held = std::mem::take(&mut self.held);
        self.held_bytes = 0;
        held.sort_by_key(|notification| notification.seq);
        held.into_iter()
            .map(|notification| Ready { replayed: notification.seq <= Some(head), notification })
            .collect()
    }
}

/// About what a notification occupies; the texts dominate, and any of them may be the long one.
fn weight(notification: &Notification) -> usize {
    let Notification { id, title, body, topic, tags, click_url, actions, icon_url, replaces, .. } =
        notification;
    let optional = [id, topic, click_url, icon_url, replaces];
    let optional = optional.into_iter().flatten().map(String::len).sum::<usize>();
    let tags = tags.iter().map(|tag| tag.len() + 24).sum::<usize>();
    let actions = actions.iter().map(|action| {
        let method = action.method.as_ref().map_or(0, String::len);
        action.id.len() + action.label.len() + action.url.len() + method + 96
    });
    256 + title.len() + body.len() + optional + tags + actions.sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered(seq: u64) -> Notification {
        serde_json::from_value(serde_json::json!({ "seq": seq, "title": "t" })).unwrap()
    }

    fn cursor(epoch: &str, seq: u64) -> Cursor {
        Cursor { epoch: epoch.into(), seq }
    }

    fn seqs(ready: &[Ready]) -> Vec<(u64, bool)> {
        ready.iter().map(|ready| (ready.notification.seq.unwrap(), ready.replayed)).collect()
    }

    fn take(replay: &mut Replay, seq: u64) -> Vec<(u64, bool)> {
        seqs(&replay.take(Instant::now(), numbered(seq)).unwrap())
    }

    #[test]
    fn a_contiguous_replay_passes_and_live_ones_wait_for_its_end() {
        let mut replay = Replay::new();
        replay.named("a");
        replay.resume(Instant::now(), cursor("a", 3));
        assert_eq!(take(&mut replay, 4), [(4, true)]);
        assert_eq!(take(&mut replay, 9), []);
        assert_eq!(take(&mut replay, 5), [(5, true)]);
        let (replayed, live) = replay.resumed("a", 5);
        assert_eq!((seqs(&replayed), seqs(&live)), (vec![], vec![(9, false)]));
        assert_eq!(take(&mut replay, 10), [(10, false)]);
    }

    #[test]
    fn one_that_came_early_waits_for_the_end_as_it_may_be_live() {
        let mut replay = Replay::new();
        replay.named("a");
        replay.resume(Instant::now(), cursor("a", 0));
        assert_eq!(take(&mut replay, 2), []);
        assert_eq!(take(&mut replay, 1), [(1, true)]);
        assert_eq!(take(&mut replay, 3), []);
        let (replayed, live) = replay.resumed("a", 2);
        assert_eq!((seqs(&replayed), seqs(&live)), (vec![(2, true)], vec![(3, false)]));
    }

    #[test]
    fn nothing_passes_before_it_is_known_from_where_to_resume() {
        let mut replay = Replay::new();
        assert_eq!(take(&mut replay, 8), []);
        assert_eq!(take(&mut replay, 7), []);
        assert_eq!(seqs(&replay.skip()), [(7, false), (8, false)]);
        assert_eq!(take(&mut replay, 9), [(9, false)]);
    }

    #[test]
    fn a_new_epoch_counts_from_one() {
        let mut replay = Replay::new();
        replay.named("b");
        assert_eq!(replay.resume(Instant::now(), cursor("a", 40)), Some("a".into()));
        assert_eq!(take(&mut replay, 1), [(1, true)]);
        assert_eq!(replay.epoch(), Some("b"));
    }

    #[test]
    fn while_the_log_is_unknown_everything_waits_for_its_name() {
        let mut replay = Replay::new();
        replay.resume(Instant::now(), cursor("a", 4));
        assert_eq!(take(&mut replay, 5), []);
        let (replayed, _) = replay.resumed("b", 9);
        assert_eq!(seqs(&replayed), [(5, true)]);
        assert_eq!(replay.epoch(), Some("b"));
    }

    #[test]
    fn without_a_number_there_is_no_order_to_keep() {
        let mut replay = Replay::new();
        let bare: Notification = serde_json::from_str(r#"{"title":"t"}"#).unwrap();
        assert_eq!(replay.take(Instant::now(), bare).unwrap().len(), 1);
    }

    #[test]
    fn what_is_held_is_bounded() {
        let mut replay = Replay::new();
        replay.named("a");
        replay.resume(Instant::now(), cursor("a", 0));
        let mut passed = Vec::new();
        for seq in (100..100 + 3 * MOST_HELD as u64).rev() {
            passed.extend(take(&mut replay, seq));
            assert!(replay.held.len() <= MOST_HELD);
        }
        let (replayed, live) = replay.resumed("a", u64::MAX);
        assert_eq!(passed.len() + replayed.len() + live.len(), 3 * MOST_HELD, "nothing is dropped");

        let mut nameless = Replay::new();
        let outcome = (0..=MOST_HELD as u64)
            .try_for_each(|seq| nameless.take(Instant::now(), numbered(seq)).map(|_| ()));
        assert_eq!(outcome, Err(TooMuch));
    }

    #[test]
    fn large_ones_are_bounded_by_their_size() {
        let mut replay = Replay::new();
        let mut large = numbered(1);
        large.body = "x".repeat(MOST_HELD_BYTES);
        assert_eq!(replay.take(Instant::now(), large), Err(TooMuch));
    }

    #[test]
    fn a_replay_that_never_ends_lets_go() {
        let start = Instant::now();
        let mut replay = Replay::new();
        replay.named("a");
        replay.resume(start, cursor("a", 0));
        assert_eq!(replay.timeout(), Some(start + STALL));
        replay.take(start, numbered(7)).unwrap();
        assert_eq!(seqs(&replay.stalled()), [(7, true)]);
        assert_eq!(replay.timeout(), None);
    }
}
