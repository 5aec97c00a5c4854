//! How far each account has come in its server's log.
//!
//! Everything up to the cursor is stored. The cursor never passes a notification that could not be stored: that one
//! holds it until the next connection asks where to resume, and then comes again.

use rusqlite::{Connection, OptionalExtension as _, params};

use crate::{Inbox, Result, accounts};

/// The first place in an account's log that could not be stored.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) epoch: String,
    pub(crate) seq: i64,
}

impl Inbox {
    /// Where a connection that starts now resumes: the epoch, and the last `seq` up to which everything is stored.
    ///
    /// Asking is the start of a replay: what could not be stored before comes again, and no longer holds the cursor.
    pub fn cursor(&self, account: &str) -> Result<Option<(String, u64)>> {
        let mut state = self.state();
        let cursor = read(&state.db, account)?;
        state.held.remove(account);
        Ok(cursor.and_then(|(epoch, seq)| Some((epoch, u64::try_from(seq).ok()?))))
    }

    /// Sets the cursor of an account that has none, as after its very first sign-in. Returns whether it did.
    pub fn set_cursor_if_absent(&self, account: &str, epoch: &str, seq: u64) -> Result<bool> {
        let Ok(seq) = i64::try_from(seq) else { return Ok(false) };
        let state = self.state();
        accounts::require(&state.db, account)?;
        let set = state
            .db
            .prepare_cached("INSERT OR IGNORE INTO cursor (account, epoch, seq) VALUES (?1, ?2, ?3)")?
            .execute(params![account, epoch, seq])?;
        Ok(set > 0)
    }

    /// The server's replay is over: the cursor moves up to its `head`, past what the server no longer has, or into a new
    /// epoch. Call it after everything before it was recorded.
    pub fn resumed(&self, account: &str, epoch: &str, head: u64) -> Result<()> {
        let Ok(head) = i64::try_from(head) else { return Ok(()) };
        let state = self.state();
        accounts::require(&state.db, account)?;
        advance(&state.db, account, epoch, head, state.held.get(account))
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
    let seq = match held {
        Some(held) if held.epoch == epoch => seq.min(held.seq - 1),
        _ => seq,
    };
    match before {
        Some((ref known, at)) if known == epoch && at >= seq => return Ok(()),
        Some((ref known, _)) if known != epoch => {
            tracing::info!(account, before = known, now = epoch, "the server has begun a new log");
        }
        // with no cursor yet there is no place behind the held one to stand at
        None if seq < 0 => return Ok(()),
        _ => {}
    }
    db.prepare_cached("INSERT OR REPLACE INTO cursor (account, epoch, seq) VALUES (?1, ?2, ?3)")?
        .execute(params![account, epoch, seq.max(0)])?;
    Ok(())
}

fn read(db: &Connection, account: &str) -> Result<Option<(String, i64)>> {
    let mut select = db.prepare_cached("SELECT epoch, seq FROM cursor WHERE account = ?1")?;
    Ok(select.query_row([account], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
}
