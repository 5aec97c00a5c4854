//! How far each account has come in its server's log.
//!
//! Everything up to the cursor is stored. The cursor never passes a notification that could not be stored: that one
//! holds it until it has come again, or until a replay that began after it failed has ended without it.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension as _, params};

use crate::{Inbox, Result, accounts};

/// Most missing places that are remembered. Those after them come again in the same replay, right behind.
const MISSING: usize = 4096;

/// The places in an account's log that could not be stored.
#[derive(Debug)]
pub(crate) struct Held {
    epoch: String,
    missing: BTreeSet<i64>,
    /// A connection began since the last of them failed: what it replays has them again, or they are gone for good.
    asked: bool,
}

impl Held {
    /// One more could not be stored.
    pub(crate) fn also(before: Option<Self>, epoch: String, seq: i64) -> Self {
        let mut missing =
            before.filter(|held| held.epoch == epoch).map(|held| held.missing).unwrap_or_default();
        missing.insert(seq);
        if missing.len() > MISSING {
            missing.pop_last();
        }
        Self { epoch, missing, asked: false }
    }

    /// One was stored after all.
    pub(crate) fn stored(mut self, epoch: &str, seq: i64) -> Option<Self> {
        if self.epoch == epoch {
            self.missing.remove(&seq);
        }
        (!self.missing.is_empty()).then_some(self)
    }

    /// How far the cursor may go in this log.
    fn limit(&self, epoch: &str) -> Option<i64> {
        self.missing.first().filter(|_| self.epoch == epoch).map(|first| first - 1)
    }
}

impl Inbox {
    /// Where a connection that starts now resumes: the epoch, and the last `seq` up to which everything is stored.
    ///
    /// With no cursor in the inbox, that is right before what could not be stored.
    pub fn cursor(&self, account: &str) -> Result<Option<(String, u64)>> {
        let state = self.state();
        let before_held = || {
            let held = state.held.get(account)?;
            Some((held.epoch.clone(), held.limit(&held.epoch)?))
        };
        let cursor = read(&state.db, account)?.or_else(before_held);
        Ok(cursor.and_then(|(epoch, seq)| Some((epoch, u64::try_from(seq).ok()?))))
    }

    /// Sets the cursor of an account that has none, as after its very first sign-in, but not past what could not be
    /// stored. Returns whether it did.
    pub fn set_cursor_if_absent(&self, account: &str, epoch: &str, seq: u64) -> Result<bool> {
        let Ok(seq) = i64::try_from(seq) else { return Ok(false) };
        let state = self.state();
        accounts::require(&state.db, account)?;
        if read(&state.db, account)?.is_some() {
            return Ok(false);
        }
        advance(&state.db, account, epoch, seq, state.held.get(account))?;
        Ok(read(&state.db, account)?.is_some())
    }

    /// A connection has begun, and everything that came with those before it was recorded, or failed to be: what failed
    /// comes again now, as this connection resumes before it.
    ///
    /// Its place is among the events of the connection. To ask for the [`Inbox::cursor`] is not enough: the end of an
    /// earlier replay may be queued still, and would seem to be the end of this one.
    pub fn connected(&self, account: &str) {
        if let Some(held) = self.state().held.get_mut(account) {
            held.asked = true;
        }
    }

    /// The server's replay is over: the cursor moves up to its `head`, past what the server no longer has, or into a new
    /// epoch. Call it after everything before it was recorded.
    pub fn resumed(&self, account: &str, epoch: &str, head: u64) -> Result<()> {
        let Ok(head) = i64::try_from(head) else { return Ok(()) };
        let mut state = self.state();
        accounts::require(&state.db, account)?;
        // what has not come again by now never will
        let held = state.held.get(account).filter(|held| !held.asked);
        advance(&state.db, account, epoch, head, held)?;
        if state.held.get(account).is_some_and(|held| held.asked) {
            state.held.remove(account);
        }
        Ok(())
    }
}

/// Moves the cursor forward within its epoch, or to wherever a new epoch stands.
pub(crate) fn advance(
    db: &Connection,
    account: &str,
    epoch: &str,
    seq: i64,
    held: Option<&Held>,
) -> Result<()> {
    let before = read(db, account)?;
    let seq = held.and_then(|held| held.limit(epoch)).map_or(seq, |limit| seq.min(limit));
    match before {
        Some((ref known, at)) if known == epoch && at >= seq => return Ok(()),
        Some((ref known, _)) if known != epoch => {
            tracing::info!(account, before = known, now = epoch, "the server has begun a new log");
        }
        // with no cursor yet there is no place behind the held one to stand at
        None if seq < 0 => return Ok(()),
        _ => {}
    }
    db.prepare_cached(
        "INSERT INTO cursor (account, epoch, seq) VALUES (?1, ?2, ?3)
         ON CONFLICT (account) DO UPDATE SET epoch = ?2, seq = ?3",
    )?
    .execute(params![account, epoch, seq.max(0)])?;
    Ok(())
}

/// One without a place of its own was stored: where those are asked for again, it is by the time of the latest.
pub(crate) fn note_latest(db: &Connection, account: &str, created_at: i64) -> Result<()> {
    db.prepare_cached("UPDATE cursor SET latest = ?2 WHERE account = ?1 AND coalesce(latest, ?2) <= ?2")?
        .execute(params![account, created_at])?;
    Ok(())
}

fn read(db: &Connection, account: &str) -> Result<Option<(String, i64)>> {
    let mut select = db.prepare_cached("SELECT epoch, seq FROM cursor WHERE account = ?1")?;
    Ok(select.query_row([account], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
}
