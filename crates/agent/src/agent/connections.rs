//! What connections, keychain and finished jobs tell, and what the agent does about it.

use tidings_control::{CauseKind, Event as Told, NoticeCode, Persistence, State};
use tidings_engine::{Arrival, Event};
use tidings_inbox::InboxError;
use tokio::time::Instant;

use super::{Agent, Job, REST_AFTER, STORAGE_RETRY};
use crate::{
    accounts::{Happening, Source},
    convert,
    keychain::VaultError,
    session::{News, Report},
};

impl Agent {
    pub(super) fn on_happening(&mut self, source: &Source, happening: Happening) {
        let Source { account: id, generation } = source;
        // forgotten while this was on its way
        let Some(account) = self.accounts.find(id) else { return };
        let stale = account.generation != *generation;
        match happening {
            // what a connection brought stays true after its end; how it fared does not
            Happening::Event(event) if stale => {
                if matches!(*event, Event::Notification(_) | Event::Read { .. } | Event::Deleted { .. }) {
                    self.on_event(id, *event);
                }
            }
            Happening::Status(_) if stale => {}
            Happening::Status(status) => self.on_status(id, &status),
            Happening::Event(event) => self.on_event(id, *event),
        }
    }

    fn on_status(&mut self, id: &str, status: &tidings_engine::Status) {
        let status = convert::status(status);
        if status.state != State::Connected {
            self.arrivals.replay_ended(id);
        }
        let Some(account) = self.accounts.find_mut(id).filter(|account| account.status != status) else {
            return;
        };
        account.note(status.clone());
        account.reads.interrupted();
        self.note_spell(id);
        // the connection itself has told the story
        tracing::debug!(account = id, state = ?status.state, attempt = status.attempt, cause = ?status.cause, "status");
        if status.state == State::Connected {
            self.send_reads(id);
            self.send_deletions(id);
        }
        self.callers.tell(&Told::Status { account: id.to_owned(), status });
    }

    fn on_event(&mut self, id: &str, event: Event) {
        match event {
            Event::Notification(arrival) => self.on_arrival(id, arrival),
            Event::Connected => self.inbox.connected(id),
            Event::AuthSuccess(success) => {
                if let (Some(epoch), Some(head)) = (&success.epoch, success.head) {
                    let set = self.inbox.set_cursor_if_absent(id, epoch, head);
                    self.heed_storage(id, set.map(|_| ()));
                }
            }
            Event::Resumed(resumed) => {
                self.arrivals.replay_ended(id);
                let moved = self.inbox.resumed(id, &resumed.epoch, resumed.head);
                self.heed_storage(id, moved);
            }
            Event::Incomplete => {
                let noted = self.inbox.note_gap(id);
                self.heed_storage(id, noted);
                self.notices.clear(NoticeCode::Gap, Some(id));
                self.say_gap(id);
            }
            Event::Read { ids, topic } => {
                let editions = self.accounts.find(id).is_some_and(|account| account.kind().names_editions());
                let read = if editions {
                    self.inbox.mark_editions_read(id, &ids, topic.as_deref())
                } else {
                    self.inbox.mark_read_by_server_id(id, &ids)
                };
                match read {
                    Ok(read) => self.on_read(read),
                    Err(error) => self.heed_storage(id, Err(error)),
                }
            }
            Event::Deleted { ids, topic } => match self.inbox.withdraw(id, &ids, topic.as_deref()) {
                Ok(gone) => self.on_removed(gone),
                Err(error) => self.heed_storage(id, Err(error)),
            },
            Event::ReplayEnded => self.arrivals.replay_ended(id),
            Event::AuthError { code, message } => {
                tracing::debug!(account = id, code, message, "the server refuses the sign-in");
            }
            Event::Error { code, message } => {
                tracing::warn!(account = id, code, message, "the server reports an error");
            }
            Event::ReconnectScheduled { attempt, delay, .. } => {
                tracing::debug!(account = id, attempt, ?delay, "the next attempt is due");
            }
            Event::ReconnectFailed { attempts, .. } => tracing::warn!(account = id, attempts, "gave up"),
            // the status says it
            _ => {}
        }
    }

    /// Some may be missing, and the person has not said to have seen it.
    pub(super) fn say_gap(&mut self, id: &str) {
        let detail = "the server's log does not go back to where this device had stopped";
        self.changed |= self.notices.raise(NoticeCode::Gap, Some(id), detail);
    }

    /// The person puts a notice away.
    pub(super) fn put_away(&mut self, code: NoticeCode) {
        self.changed |= self.notices.dismiss(code);
        if code == NoticeCode::Gap {
            for account in self.accounts.iter() {
                if let Err(error) = self.inbox.gap_seen(&account.row.id) {
                    tracing::warn!(%error, "the notice will be back after a restart");
                }
            }
        }
    }

    fn on_arrival(&mut self, id: &str, arrival: Arrival) {
        self.rest_at = Some(Instant::now() + REST_AFTER);
        let recorded = self.arrivals.record(id, arrival);
        self.recounted |= recorded.is_ok();
        self.heed_storage(id, recorded);
    }

    /// A write into the inbox went well, or has to be made up for.
    fn heed_storage(&mut self, id: &str, written: Result<(), InboxError>) {
        let code = match &written {
            Ok(()) if !self.unstored.contains_key(id) => {
                self.changed |= self.notices.clear(NoticeCode::StorageFull, Some(id));
                self.changed |= self.notices.clear(NoticeCode::StorageReadOnly, Some(id));
                return;
            }
            // some before it are still missing
            Ok(()) => return,
            Err(InboxError::Full(_)) => NoticeCode::StorageFull,
            Err(_) => NoticeCode::StorageReadOnly,
        };
        let Err(error) = written else { return };
        tracing::warn!(account = id, %error, "could not be stored; it stays on the server for now");
        self.changed |= self.notices.raise(code, Some(id), error.to_string());
        self.unstored.entry(id.to_owned()).or_insert_with(|| Instant::now() + STORAGE_RETRY);
    }

    /// Rows became read: nobody needs to be shown them any more.
    pub(super) fn on_read(&mut self, ids: Vec<i64>) {
        if ids.is_empty() {
            return;
        }
        for order in self.arrivals.read(&ids) {
            self.order(order);
        }
        self.recounted = true;
        self.callers.tell(&Told::Read { ids });
    }

    /// Tells the server what was read here and it does not know of, if it can be told now.
    pub(super) fn send_reads(&mut self, id: &str) {
        let Some(account) = self.accounts.find_mut(id).filter(|a| a.status.state == State::Connected) else {
            return;
        };
        let unsent = match self.inbox.unsent_reads(id) {
            Ok(unsent) if unsent.is_empty() => return,
            Ok(unsent) => unsent,
            Err(error) => {
                tracing::warn!(account = id, %error, "cannot tell what was read");
                return;
            }
        };
        let fresh = account.reads.send(unsent, Instant::now());
        if let Some(connection) = account.connection().filter(|_| !fresh.is_empty()) {
            connection.mark_read(fresh);
        }
    }

    /// Notes what servers have heard of by now.
    pub(super) fn note_heard(&mut self, now: Instant) {
        for account in self.accounts.iter_mut() {
            let (id, heard) = (&account.row.id, account.reads.heard(now));
            if heard.is_empty() {
                continue;
            }
            if let Err(error) = self.inbox.reads_sent(id, &heard) {
                tracing::debug!(account = id, %error, "what was read will be told again");
            }
        }
    }

    pub(super) fn on_report(&mut self, Report { account, news }: Report) {
        self.keychain_said = Some(match &news {
            News::KeychainWorks | News::Kept(Ok(())) => Ok(()),
            News::Kept(Err(error)) | News::Trouble(error) => Err(error.clone()),
        });
        let left = self.accounts.find(&account).is_none_or(|account| account.row.signed_out);
        if matches!(news, News::Trouble(_)) && left {
            // leaving says for itself what the keychain did not do
            return;
        }
        if news.persistence().is_some() {
            self.leave_trace();
        }
        if let Some(kept) = news.persistence()
            && let Some(account) = self.accounts.find_mut(&account)
        {
            self.changed |= account.persistence != kept;
            account.persistence = kept;
        }
        match news {
            News::KeychainWorks | News::Kept(Ok(())) => {
                self.changed |= self.notices.clear(NoticeCode::KeychainLocked, Some(&account));
                self.changed |= self.notices.clear(NoticeCode::NoKeychain, Some(&account));
            }
            News::Kept(Err(error)) | News::Trouble(error) => {
                let (code, other) = match error {
                    VaultError::Locked(_) => (NoticeCode::KeychainLocked, NoticeCode::NoKeychain),
                    VaultError::Unavailable(_) => (NoticeCode::NoKeychain, NoticeCode::KeychainLocked),
                    // the status says that a sign-in is needed, and that mends it
                    VaultError::Garbled(_) => return,
                };
                self.changed |= self.notices.clear(other, Some(&account));
                self.changed |= self.notices.raise(code, Some(&account), error.to_string());
            }
        }
    }

    /// A prompt was answered after nobody waited for it any more: those who wanted the keychain find it open now.
    pub(super) fn on_unlocked(&mut self) {
        for account in self.accounts.iter() {
            if account.cause() == Some(CauseKind::KeychainLocked)
                && let Some(connection) = account.connection()
            {
                connection.connect();
            }
            if account.persistence == Persistence::ThisRun {
                let store = account.store.clone();
                tokio::spawn(async move { store.keep_again().await });
            }
        }
    }

    pub(super) fn on_job(&mut self, job: Job) {
        match job {
            Job::SignedIn { asker, who, result } => match *result {
                Ok(signed_in) => self.on_signed_in(asker, who, signed_in),
                Err(failure) => {
                    self.signing_in.remove(&who);
                    tracing::info!(server = who.server, code = ?failure.code, "sign-in refused");
                    self.answer(asker, Err(failure));
                }
            },
            Job::Kept { asker, who, account } => {
                let id = self.keeping.remove(&who);
                self.on_kept(asker, *account);
                if let Some(id) = id {
                    self.part_now(&id);
                }
            }
            Job::Acted { asker, label, answer } => self.on_acted(asker, &label, *answer),
            Job::Answered { asker, answer } => self.answer(asker, *answer),
            Job::Checked { asker, account, route } => self.on_checked(asker, &account, *route),
            Job::Rerouted { asker, account } => self.on_rerouted(asker, &account),
            Job::Deleted { account, ids, done } => self.on_deletions(&account, &ids, done),
            Job::Found { asker, wanted, found } => self.on_found(asker, wanted, found),
            Job::Rested { asker, account } => self.on_rested(asker, &account),
            Job::TopicsChecked { asker, account, topics } => {
                self.on_topics_checked(asker, &account, *topics);
            }
            Job::Parted { asker, account, parting, stored, erased } => {
                self.on_parted(asker, &account, parting, stored, &erased);
            }
        }
    }
}
