//! Telling a device what it missed: reads first, so that nothing is announced which was read elsewhere, then
//! notifications, page by page from the store.

use axum::extract::ws::Message;
use tidings_protocol::{Resumed, ServerMessage};
use tracing::{info, warn};

use super::{
    Conversation,
    line::{End, Socket},
};
use crate::{
    hub::Ending,
    store::{log, reads, users},
};

/// Notifications in memory at a time, for one socket.
const PAGE: usize = 64;
/// Ids in one `read` message.
const READS_PAGE: usize = 500;

impl<S: Socket> Conversation<S> {
    /// `resume`: everything after the client's cursor, then `resumed`.
    pub(super) async fn resume(&mut self, epoch: &str, after: u64) -> Result<(), End> {
        // the queue may overflow from here on; the store is read until both agree
        self.place.seat.begin_catching_up();
        let user = self.session.user.clone();
        let standing = self.app.store.read(move |connection| log::standing(connection, &user)).await?;
        let Some(standing) = standing else { return Err(End::Ended(Ending::SessionEnded)) };
        let same_log = standing.epoch == epoch;
        if same_log && after > standing.head {
            return Err(self.renew_epoch(after).await?);
        }
        self.position = if same_log { after } else { 0 };
        let unbroken = self.catch_up().await?;
        let complete = same_log && unbroken;
        // what was pruned is not sent, and yet the client's cursor must pass it
        self.position = self.position.max(standing.head);
        info!(session = self.session.id, after, head = self.position, complete, same_log, "replayed");
        self.line
            .send(&ServerMessage::Resumed(Resumed { epoch: standing.epoch, head: self.position, complete }))
            .await
    }

    /// The client has seen more than there is: the database was put back to an older state. New notifications would
    /// get numbers that the client has had, so the log gets a new name, which clients learn by connecting again.
    async fn renew_epoch(&mut self, after: u64) -> Result<End, End> {
        let user = self.session.user.clone();
        let renewed =
            self.app.store.write(move |connection| users::renew_epoch(connection, &user, after)).await?;
        warn!(
            session = self.session.id,
            user = self.session.user,
            renewed,
            "the log ends before a client's cursor"
        );
        self.app.hub.end_user(&self.session.user, Ending::EpochRenewed);
        Ok(End::Ended(Ending::EpochRenewed))
    }

    /// Sends all that the store has beyond what was sent, until the queue holds the rest. False when some of it was
    /// pruned before it could be sent.
    pub(super) async fn catch_up(&mut self) -> Result<bool, End> {
        let mut unbroken = true;
        loop {
            self.tell_missed_reads().await?;
            unbroken &= self.replay().await?;
            if self.place.seat.settle() {
                return Ok(unbroken);
            }
            // makes room; what is in the queue is in the store as well, and so is what found no place in it
            while self.place.queue.try_recv().is_ok() {}
        }
    }

    async fn replay(&mut self) -> Result<bool, End> {
        let mut unbroken = true;
        loop {
            let (user, after) = (self.session.user.clone(), self.position);
            let (page, pruned_to) =
                self.app.store.read(move |connection| log::page(connection, &user, after, PAGE)).await?;
            unbroken &= pruned_to <= after;
            let read: Vec<String> =
                page.iter().filter(|entry| entry.read).map(|entry| entry.id.clone()).collect();
            if !read.is_empty() {
                self.feed(&ServerMessage::Read { ids: read }).await?;
            }
            for entry in &page {
                let frame = notification_frame(&entry.payload);
                self.line.feed(Message::Text(frame.into())).await?;
                self.position = entry.seq;
            }
            self.line.flush().await?;
            self.line.forgive_silence();
            self.app.metrics.replayed.add(page.len() as u64);
            if page.len() < PAGE {
                return Ok(unbroken);
            }
        }
    }

    /// What was read on other devices since this one last confirmed.
    pub(super) async fn tell_missed_reads(&mut self) -> Result<(), End> {
        loop {
            let (user, after) = (self.session.user.clone(), self.told);
            let missed = self
                .app
                .store
                .read(move |connection| reads::page(connection, &user, after, READS_PAGE))
                .await?;
            let Some(missed) = missed else { break };
            self.feed(&ServerMessage::Read { ids: missed.ids }).await?;
            self.told = missed.no;
        }
        self.mark_reads().await
    }

    async fn feed(&mut self, message: &ServerMessage) -> Result<(), End> {
        self.line.feed(Message::Text(message.encode().into())).await
    }
}

/// The frame around a stored payload, which needs no parsing for it.
pub(crate) fn notification_frame(payload: &str) -> String {
    format!(r#"{{"type":"notification","payload":{payload}}}"#)
}
