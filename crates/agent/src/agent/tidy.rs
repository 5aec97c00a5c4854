//! What a person does with what is in the inbox, and how it is kept in order.
//!
//! Owns that none of it holds up the loop: what concerns many rows is done some at a time, with everything else coming
//! in between. Nothing ticks: each deadline is there because something is left to be done at it.

use std::{
    collections::VecDeque,
    time::{Duration, Instant as Clock},
};

use tidings_control::{Event, Failure, FailureCode, InboxQuery, ROWS_AT_ONCE, Reply};
use tidings_inbox::{InboxError, Retention, Row, Sweep};
use time::OffsetDateTime;
use tokio::time::Instant;

use super::{Agent, Asker, Job};
use crate::{convert, export};

/// What is too old is let go of once a day.
const SWEPT_EVERY: Duration = Duration::from_secs(24 * 60 * 60);

/// Erasing goes on for so long at a time, and rests for so long in between.
const STINT: Duration = Duration::from_millis(15);
const STINTS_EVERY: Duration = Duration::from_millis(50);

/// A search that has found less than a page by then is answered with what it has, and where it goes on.
const LOOKS_FOR: Duration = Duration::from_millis(20);

/// Rows that are marked in one go where all are. They are spread over the file, so that each is a page or more to be
/// written, and what is written is folded in along the way.
const SOME: usize = 100;

/// Bytes of text after which rows go on in another line. One that comes on top has at most as much as a server's frame.
const PIECE: usize = 1024 * 1024;

/// What is left to be done.
#[derive(Debug)]
pub(super) struct Tidying {
    /// What is too old is being looked for, and when that goes on.
    sweep: Option<Sweep>,
    sweep_at: Instant,
    /// When the next deleted row can no longer be restored.
    erase_at: Option<Instant>,
    /// Who wants all to be read, and up to which row.
    reading: VecDeque<(Asker, i64)>,
}

impl Tidying {
    pub(super) fn new(begin: Instant) -> Self {
        Self { sweep: None, sweep_at: begin, erase_at: None, reading: VecDeque::new() }
    }

    pub(super) fn due(&self) -> impl Iterator<Item = Instant> {
        [self.sweep_at].into_iter().chain(self.erase_at)
    }

    pub(super) fn is_reading_all(&self) -> bool {
        !self.reading.is_empty()
    }
}

impl Agent {
    pub(super) fn list(&self, query: InboxQuery) -> Result<Reply, Failure> {
        let began = Clock::now();
        let page = self.inbox.list_while(&convert::query(query), || began.elapsed() < LOOKS_FOR);
        Ok(Reply::Inbox(convert::page(page.map_err(|error| convert::inbox_failure(&error))?)))
    }

    pub(super) fn topics(&self) -> Result<Reply, Failure> {
        let topics = self.inbox.topics().map_err(|error| convert::inbox_failure(&error))?;
        Ok(Reply::Topics(topics.into_iter().map(convert::topic).collect()))
    }

    pub(super) fn mark_read(&mut self, ids: Vec<i64>) -> Result<Reply, Failure> {
        let read = self.change(&ids, |inbox| inbox.mark_read(&ids))?;
        self.read_here(ids, read);
        Ok(Reply::Done)
    }

    /// Begins to mark all that is there now as read; the answer follows when it is done.
    pub(super) fn mark_all_read(&mut self, asker: Asker) {
        match self.inbox.newest() {
            Ok(Some(newest)) => self.tidying.reading.push_back((asker, newest)),
            Ok(None) => self.answer(asker, Ok(Reply::Done)),
            Err(error) => self.answer(asker, Err(convert::inbox_failure(&error))),
        }
    }

    /// Marks some more of all.
    pub(super) fn read_on(&mut self) {
        let Some(&(asker, newest)) = self.tidying.reading.front() else { return };
        let some = || -> Result<_, InboxError> {
            let ids = self.inbox.unread_ids(newest, SOME)?;
            let read = self.inbox.mark_read(&ids)?;
            Ok((ids, read))
        };
        let answer = match some() {
            Ok((ids, read)) if !ids.is_empty() => return self.read_here(ids, read),
            Ok(_) => Ok(Reply::Done),
            Err(error) => Err(convert::inbox_failure(&error)),
        };
        self.tidying.reading.pop_front();
        self.answer(asker, answer);
    }

    fn read_here(&mut self, ids: Vec<i64>, read: Vec<(String, String)>) {
        let mut accounts: Vec<String> = read.into_iter().map(|(account, _)| account).collect();
        accounts.sort_unstable();
        accounts.dedup();
        for account in accounts {
            self.send_reads(&account);
        }
        self.on_read(ids);
    }

    pub(super) fn mark_unread(&mut self, ids: &[i64]) -> Result<Reply, Failure> {
        let ids = self.change(ids, |inbox| inbox.mark_unread(ids))?;
        if !ids.is_empty() {
            self.recounted = true;
            self.callers.tell(&Event::Unread { ids });
        }
        Ok(Reply::Done)
    }

    pub(super) fn keep(&mut self, ids: &[i64], kept: bool) -> Result<Reply, Failure> {
        let ids = self.change(ids, |inbox| inbox.keep(ids, kept))?;
        if !ids.is_empty() {
            self.callers.tell(&Event::Kept { ids, kept });
        }
        Ok(Reply::Done)
    }

    pub(super) fn delete(&mut self, ids: &[i64]) -> Result<Reply, Failure> {
        let now = OffsetDateTime::now_utc();
        let ids = self.change(ids, |inbox| inbox.delete(ids, now))?;
        if ids.is_empty() {
            return Ok(Reply::Done);
        }
        self.tidying.erase_at.get_or_insert(Instant::now() + tidings_inbox::RESTORABLE.unsigned_abs());
        self.on_removed(ids);
        Ok(Reply::Done)
    }

    /// Rows are listed no more: nobody needs to be shown them.
    pub(super) fn on_removed(&mut self, ids: Vec<i64>) {
        if ids.is_empty() {
            return;
        }
        for order in self.arrivals.deleted(&ids) {
            self.order(order);
        }
        self.recounted = true;
        self.callers.tell(&Event::Removed { ids });
    }

    pub(super) fn restore(&mut self, ids: &[i64]) -> Result<Reply, Failure> {
        let now = OffsetDateTime::now_utc();
        let rows = self.change(ids, |inbox| inbox.restore(ids, now))?;
        if rows.is_empty() {
            return Ok(Reply::Done);
        }
        for row in &rows {
            self.arrivals.restored(row);
        }
        self.recounted = true;
        for rows in in_pieces(rows) {
            let items = rows.into_iter().map(convert::item).collect();
            self.callers.tell(&Event::Restored { items });
        }
        Ok(Reply::Done)
    }

    /// Changes rows. That nothing was changed is a failure only if there is none of them.
    fn change<T>(
        &self,
        ids: &[i64],
        change: impl FnOnce(&tidings_inbox::Inbox) -> Result<Vec<T>, InboxError>,
    ) -> Result<Vec<T>, Failure> {
        if ids.len() > ROWS_AT_ONCE {
            let message = format!("at most {ROWS_AT_ONCE} notifications at a time");
            return Err(Failure::new(FailureCode::BadRequest, message));
        }
        let failed = |error: InboxError| convert::inbox_failure(&error);
        let changed = change(&self.inbox).map_err(failed)?;
        if changed.is_empty() && !ids.is_empty() && !self.inbox.has_any(ids).map_err(failed)? {
            let (one, all) = ("there is no such notification", "there are no such notifications");
            let message = if ids.len() == 1 { one } else { all };
            return Err(Failure::new(FailureCode::UnknownNotification, message));
        }
        Ok(changed)
    }

    /// Begins to write rows to a file; the answer follows when it is done.
    pub(super) fn export(&mut self, asker: Asker, query: InboxQuery, path: Option<String>) {
        let names = self.accounts.iter().map(|account| {
            let row = &account.row;
            (row.id.clone(), export::Origin { server: row.server.clone(), user: row.username.clone() })
        });
        let origins = names.collect();
        let (inbox, home, jobs) = (self.inbox.clone(), self.home.clone(), self.jobs.0.clone());
        let query = convert::query(query);
        // a thread of its own, as a disk may be slow; the inbox is asked for a page at a time
        tokio::task::spawn_blocking(move || {
            let written = export::write(&inbox, &origins, query, path, &home, OffsetDateTime::now_utc());
            let _ = jobs.send(Job::Answered { asker, answer: Box::new(written.map(Reply::Exported)) });
        });
    }

    /// Looks for what may go now, instead of at the end of the day.
    pub(super) fn sweep_soon(&mut self) {
        self.tidying.sweep = None;
        self.tidying.sweep_at = Instant::now();
    }

    pub(super) fn tidy(&mut self, now: Instant) {
        if self.tidying.sweep_at <= now {
            self.sweep(now);
        }
        if self.tidying.erase_at.is_some_and(|at| at <= now) {
            self.erase(now);
        }
    }

    /// Lets go of what is too old: a little at a time, so that nothing waits for it, and the next day again.
    fn sweep(&mut self, now: Instant) {
        self.tidying.sweep_at = now + SWEPT_EVERY;
        let (began, settings) = (Clock::now(), self.settings.held());
        let retention = Retention { days: settings.keep_days, count: settings.keep_count };
        let mut sweep = match self.tidying.sweep.take() {
            Some(sweep) => sweep,
            None => match self.inbox.sweep(OffsetDateTime::now_utc(), retention) {
                Ok(sweep) => sweep,
                Err(error) => return tracing::warn!(%error, "what is too old stays for another day"),
            },
        };
        while began.elapsed() < STINT {
            match self.inbox.sweep_on(&mut sweep) {
                Ok(step) => {
                    self.recounted |= step.removed > 0;
                    if step.done {
                        return;
                    }
                }
                Err(error) => return tracing::warn!(%error, "what is too old stays for another day"),
            }
        }
        self.tidying.sweep = Some(sweep);
        self.tidying.sweep_at = now + STINTS_EVERY;
    }

    /// Erases what was deleted and can no longer be restored. What of it was unread, servers hear of as read.
    fn erase(&mut self, now: Instant) {
        let began = Clock::now();
        let (mut told, mut deleted) = (Vec::new(), Vec::new());
        self.tidying.erase_at = loop {
            match self.inbox.erase(OffsetDateTime::now_utc()) {
                Ok(step) => {
                    told.extend(step.read);
                    deleted.extend(step.deleted);
                    if step.done {
                        break self.next_erasure(now);
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "what was deleted is erased later");
                    break Some(now + tidings_inbox::RESTORABLE.unsigned_abs());
                }
            }
            if began.elapsed() >= STINT {
                break Some(now + STINTS_EVERY);
            }
        };
        told.sort_unstable();
        told.dedup();
        for account in told {
            self.send_reads(&account);
        }
        for account in deleted {
            self.send_deletions(&account);
        }
    }

    /// What was deleted in an earlier run, too.
    pub(super) fn begin_to_tidy(&mut self) {
        self.tidying.erase_at = self.next_erasure(Instant::now());
    }

    fn next_erasure(&self, now: Instant) -> Option<Instant> {
        let at = self.inbox.next_erasure().unwrap_or_else(|error| {
            tracing::warn!(%error, "cannot tell what is to be erased next");
            None
        })?;
        let left = Duration::try_from(at - OffsetDateTime::now_utc()).unwrap_or_default();
        // a clock that was set back must not make it wake again and again
        Some(now + left.max(STINTS_EVERY))
    }
}

/// Rows that travel in one line each time: strangers fill them, and a line that is too long ends the conversation.
fn in_pieces(rows: Vec<Row>) -> Vec<Vec<Row>> {
    let (mut pieces, mut piece, mut weight): (Vec<Vec<Row>>, Vec<Row>, usize) = (Vec::new(), Vec::new(), 0);
    for row in rows {
        if weight >= PIECE {
            pieces.push(std::mem::take(&mut piece));
            weight = 0;
        }
        weight += row.weight();
        piece.push(row);
    }
    pieces.extend(Some(piece).filter(|piece| !piece.is_empty()));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: i64, bytes: usize) -> Row {
        Row {
            id,
            account: "a".into(),
            server_id: None,
            seq: None,
            title: String::new(),
            body: "x".repeat(bytes),
            priority: tidings_protocol::Priority::Default,
            topic: None,
            tags: Vec::new(),
            click_url: None,
            actions: Vec::new(),
            icon_url: None,
            image_url: None,
            attachment: None,
            plain: true,
            created_at: OffsetDateTime::UNIX_EPOCH,
            received_at: OffsetDateTime::UNIX_EPOCH,
            expires_at: None,
            read: false,
            kept: false,
            disposition: tidings_inbox::Disposition::Shown,
        }
    }

    #[test]
    fn many_rows_travel_in_lines_that_are_not_too_long_and_none_is_left_behind() {
        let most = ROWS_AT_ONCE as i64;
        let pieces = in_pieces((1..=most).map(|id| row(id, 128 * 1024)).collect());
        for piece in &pieces {
            let items: Vec<_> = piece.iter().cloned().map(convert::item).collect();
            let line = serde_json::to_string(&Event::Restored { items }).unwrap();
            assert!(line.len() < tidings_control::MAX_LINE_BYTES / 2, "{}", line.len());
        }
        let ids: Vec<i64> = pieces.into_iter().flatten().map(|row| row.id).collect();
        assert_eq!(ids, (1..=most).collect::<Vec<_>>());
        assert_eq!(in_pieces(vec![row(1, 1), row(2, 1)]).len(), 1);
        assert!(in_pieces(Vec::new()).is_empty());
    }
}
