//! The client's inbox, as far as it matters here: rows, the cursor that moves with them, and what it takes to lose or
//! double one. What it holds survives the client's process.

use std::{collections::BTreeSet, time::Duration};

use super::foreign::{index_of, mark_of};
use super::server::{Entry, Gone, Server, epoch_name};
use crate::{Arrival, Cursor};

#[derive(Debug, Default)]
pub(crate) struct Inbox {
    cursor: Option<Cursor>,
    /// By id: how often it was stored.
    stored: Vec<u32>,
    /// Places that could not be stored: they hold the cursor.
    missing: BTreeSet<u64>,
    missing_epoch: String,
    asked: bool,
    /// Writes fail.
    pub(crate) broken: bool,
    /// When it was last told that some may be missing.
    pub(crate) told_incomplete: Option<Duration>,
    /// What the person may expect: everything behind this place, and all of every later log.
    baseline: Option<(u32, u64)>,
    /// Up to here in this log, everything that was expected is known to be here.
    checked: (u32, u64),
}

impl Inbox {
    /// Where a connection that starts now resumes.
    pub(crate) fn cursor(&self) -> Option<Cursor> {
        let before_missing = || {
            let first = self.missing.first()?;
            Some(Cursor { epoch: self.missing_epoch.clone(), seq: first - 1 })
        };
        self.cursor.clone().or_else(before_missing)
    }

    /// A connection has begun: what could not be stored before comes again now.
    pub(crate) fn connected(&mut self) {
        self.asked = true;
    }

    pub(crate) fn holds_back(&self) -> bool {
        !self.missing.is_empty()
    }

    /// The machine was greeted: from here on nothing may be missing.
    pub(crate) fn greeted(&mut self, epoch: u32, head: u64) {
        if self.baseline.is_none() {
            self.baseline = Some((epoch, head));
            self.checked = (epoch, head);
        }
    }

    /// What is only in memory is gone.
    pub(crate) fn crashed(&mut self) {
        self.missing.clear();
        self.begins_anew();
    }

    /// Another connection begins, which knows only the cursor.
    pub(crate) fn begins_anew(&mut self) {
        if self.cursor.is_none() {
            self.baseline = None;
        }
    }

    pub(crate) fn set_cursor_if_absent(&mut self, cursor: Cursor) {
        if !self.broken && self.cursor.is_none() {
            self.advance(cursor, true);
        }
    }

    /// Stores one, unless that fails or it is here already.
    pub(crate) fn record(&mut self, server: &Server, arrival: &Arrival) -> bool {
        let dialect = server.manners.dialect;
        let id = index_of(dialect, arrival.notification.id.as_deref().unwrap());
        let entry = *server.history().get(id).expect("a notification that the server never sent");
        let place = arrival.cursor().expect("a notification without its place");
        if self.broken {
            if self.missing_epoch != place.epoch {
                self.missing.clear();
                self.missing_epoch.clone_from(&place.epoch);
            }
            self.missing.insert(place.seq);
            self.asked = false;
            return false;
        }
        // several have the same mark
        if self.missing_epoch == place.epoch && arrival.notification.seq.is_some() {
            self.missing.remove(&place.seq);
        }
        if self.stored.len() <= id {
            self.stored.resize(id + 1, 0);
        }
        let new = self.stored[id] == 0;
        if new {
            self.stored[id] = 1;
            // of what the server itself has forgotten, nobody knows what stood before it
            if server.id_at(entry.seq) == Some(id as u64) {
                self.nothing_is_passed_over(server, entry, &place);
            }
        }
        self.advance(place, true);
        new
    }

    /// Whatever stands before this one in the log is here, or is gone, or could not be stored.
    fn nothing_is_passed_over(&mut self, server: &Server, entry: Entry, place: &Cursor) {
        let Some((epoch, head)) = self.baseline else { return };
        if entry.epoch != server.epoch()
            || (!server.manners.is_foreign() && place.epoch != epoch_name(entry.epoch))
            || entry.epoch < epoch
        {
            return;
        }
        if self.checked.0 != entry.epoch {
            self.checked = (entry.epoch, if entry.epoch == epoch { head } else { 0 });
        }
        for seq in self.checked.1 + 1..entry.seq {
            let id = server.id_at(seq).unwrap();
            let earlier = server.history()[usize::try_from(id).unwrap()];
            let here = self.has(id) || earlier.gone.is_some();
            let mark = mark_of(server.manners.dialect, seq, earlier.at);
            let held = self.missing_epoch == place.epoch && self.missing.contains(&mark);
            assert!(here || held, "{} of e{} was stored before {seq}", entry.seq, entry.epoch);
        }
        if self.missing.is_empty() {
            self.checked.1 = self.checked.1.max(entry.seq);
        }
    }

    fn has(&self, id: u64) -> bool {
        self.stored.get(usize::try_from(id).unwrap()).is_some_and(|times| *times > 0)
    }

    /// The end of a replay.
    pub(crate) fn resumed(&mut self, place: Cursor) {
        if self.broken {
            return;
        }
        let heeds = !self.asked;
        self.advance(place, heeds);
        if self.asked {
            self.missing.clear();
        }
    }

    fn advance(&mut self, mut place: Cursor, heeds_missing: bool) {
        if heeds_missing
            && self.missing_epoch == place.epoch
            && let Some(first) = self.missing.first()
        {
            place.seq = place.seq.min(first - 1);
        }
        let behind = self.cursor.as_ref().is_some_and(|at| at.epoch == place.epoch && at.seq >= place.seq);
        if !behind {
            self.cursor = Some(place);
        }
    }

    /// Everything that was to be expected is here once, but for what the server no longer had, and then the person
    /// was told so.
    pub(crate) fn is_whole(&self, server: &Server) -> Result<(), String> {
        let Some((epoch, head)) = self.baseline else { return Ok(()) };
        for (id, entry) in server.history().iter().enumerate() {
            let expected = entry.epoch > epoch || entry.epoch == epoch && entry.seq > head;
            if !expected || self.has(id as u64) {
                continue;
            }
            match (entry.gone, self.told_incomplete) {
                (None, _) => return Err(format!("{entry:?} (id {id}) was lost")),
                (Some(Gone::Unnoticed), _) => {}
                (Some(Gone::Since(gone)), Some(told)) if told >= gone => {}
                (Some(_), _) => return Err(format!("nobody was told that {entry:?} (id {id}) is missing")),
            }
        }
        Ok(())
    }
}
