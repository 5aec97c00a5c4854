//! A live connection to a server whose log is caught up on by calls.

use tidings_protocol::{AuthSuccess, Resumed};

use super::{
    Attempt, Cursor, Effect, Event, Item, Machine, Note, Page, Topical,
    catch_up::{CatchUp, Then},
};
use crate::Arrival;

impl Machine {
    fn catching_up(&mut self, attempt: Attempt) -> Option<&mut CatchUp> {
        self.live(attempt)?.catch_up.as_mut()
    }

    /// What was missed is fetched; where nothing was received yet, it is asked where the log stands, unless the server has
    /// said so.
    pub(super) fn catches_up(&mut self, attempt: Attempt, stored: Option<Cursor>) {
        let Some(live) = self.live(attempt) else { return };
        let head = live.head.as_ref().map(|head| head.seq);
        let Some(catch_up) = &mut live.catch_up else { return };
        // a place in the log of another kind of server says nothing
        let stored = stored.filter(|stored| stored.epoch == catch_up.log()).map(|stored| stored.seq);
        // one that the log has not reached yet says as little: the server's clock was put back, and all may be news
        let stored = stored.map(|stored| if head.is_some_and(|head| head < stored) { 0 } else { stored });
        match (stored, head) {
            (None, Some(head)) => match catch_up.skip(head) {
                Then::Live(held) => self.hand_on(attempt, held, false),
                _ => self.again(attempt, Some(head)),
            },
            (stored, _) => {
                catch_up.fetch(stored);
                self.effects.push(Effect::CatchUp(attempt, stored));
                self.effects.push(Effect::Note(Note::CatchesUp { again: false }));
            }
        }
    }

    pub(super) fn came(&mut self, attempt: Attempt, item: Item) {
        self.heard(attempt);
        let Some(catch_up) = self.catching_up(attempt) else { return };
        let passes = catch_up.take(item);
        self.hand_on(attempt, passes.into_iter().collect(), false);
    }

    pub(super) fn behind(&mut self, attempt: Attempt, before: Option<u64>) {
        self.heard(attempt);
        let Some(catch_up) = self.catching_up(attempt) else { return };
        if catch_up.behind(before) {
            let after = catch_up.reached().map(|reached| reached.seq);
            self.again(attempt, after);
        }
    }

    fn again(&mut self, attempt: Attempt, after: Option<u64>) {
        self.effects.push(Effect::CatchUp(attempt, after));
        if self.live(attempt).is_some_and(|live| live.gaps.tells()) {
            self.effects.push(Effect::Note(Note::CatchesUp { again: true }));
        }
    }

    pub(super) fn page(&mut self, attempt: Attempt, page: Page) {
        let Some(catch_up) = self.catching_up(attempt) else { return };
        let head = catch_up.head(&page);
        let then = catch_up.page(&page);
        let (log, reached) = (catch_up.log(), catch_up.reached());
        if let Some(seq) = head {
            self.stood_at(attempt, Cursor { epoch: log.to_owned(), seq });
        }
        self.hand_on(attempt, page.items, true);
        match then {
            Then::More => self.effects.push(Effect::CatchUpOn(attempt)),
            Then::Again(after) => self.again(attempt, after),
            Then::Live(held) => {
                if let Some(Cursor { epoch, seq }) = reached {
                    self.tell(Event::Resumed(Resumed { epoch, head: seq, complete: true }));
                }
                self.hand_on(attempt, held, false);
            }
        }
    }

    /// As a greeting that says where the log stands.
    fn stood_at(&mut self, attempt: Attempt, head: Cursor) {
        let Some(live) = self.live(attempt) else { return };
        live.head = Some(head.clone());
        let details = AuthSuccess { epoch: Some(head.epoch), head: Some(head.seq), ..AuthSuccess::default() };
        let details = self.as_first_greeted(attempt, details);
        self.tell(Event::AuthSuccess(details));
    }

    fn hand_on(&mut self, attempt: Attempt, items: Vec<Item>, replayed: bool) {
        let Some(log) = self.catching_up(attempt).map(|catch_up| catch_up.log()) else { return };
        for item in items {
            self.tell(match item {
                Item::Notification { mark, notification } => Event::Notification(Arrival {
                    epoch: Some(log.to_owned()),
                    mark: Some(mark),
                    notification: *notification,
                    replayed,
                }),
                Item::Read(Topical { ids, topic }) => Event::Read { ids, topic },
                Item::Deleted(Topical { ids, topic }) => Event::Deleted { ids, topic },
            });
        }
    }
}
