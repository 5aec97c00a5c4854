//! What accounts' connections have gone through: a row for each while in one state, for a day.
//!
//! Owns how much of it is kept, and what is made of a run that has ended without a word. Refuses to know what a state
//! is. Nothing is written but when something has changed, so a run that was killed has left no more than its latest
//! trace: a change, an arrival, or a sign-in that was renewed ([`Inbox::alive`]). That is taken for its end.

use rusqlite::{Connection, OptionalExtension as _, params};
use time::{Duration, OffsetDateTime};

use crate::{Inbox, Result, row};

/// How far it goes back. The while that was under way by then is kept, too.
const KEPT: Duration = Duration::hours(24);

/// At most so many of an account. A connection that comes and goes all day would otherwise fill the disk.
const MOST: i64 = 500;

const ALIVE: &str = "alive";

/// A while in one state. It ends where the next one begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spell {
    /// When it began.
    pub from: OffsetDateTime,
    /// The state's name; absent while the agent did not run.
    pub state: Option<String>,
    /// The name of its cause, where it has one.
    pub cause: Option<String>,
}

impl Inbox {
    /// An account is in another state. One that it is in already goes on.
    pub fn begin_spell(&self, account: &str, spell: &Spell) -> Result<()> {
        let mut state = self.state();
        let transaction = state.begin()?;
        begin(&transaction, account, spell)?;
        Ok(transaction.commit()?)
    }

    /// What an account has gone through in the day before `now`, oldest first.
    pub fn spells(&self, account: &str, now: OffsetDateTime) -> Result<Vec<Spell>> {
        let state = self.state();
        let mut select = state.db.prepare_cached(
            "SELECT began, state, cause FROM spell WHERE account = ?1 AND began >=
                coalesce((SELECT max(began) FROM spell WHERE account = ?1 AND began <= ?2), ?2)
             ORDER BY began",
        )?;
        let spells = select.query_map(params![account, row::stored(now - KEPT)], |columns| {
            Ok(Spell { from: row::moment(columns.get(0)?), state: columns.get(1)?, cause: columns.get(2)? })
        })?;
        Ok(spells.collect::<rusqlite::Result<_>>()?)
    }

    /// The agent runs at this moment.
    pub fn alive(&self, now: OffsetDateTime) -> Result<()> {
        self.put_setting(ALIVE, &row::stored(now).to_string())
    }

    /// The agent ends: until it begins again, no account is in any state.
    pub fn end_of_run(&self, now: OffsetDateTime) -> Result<()> {
        let mut state = self.state();
        let transaction = state.begin()?;
        end(&transaction, row::stored(now))?;
        Ok(transaction.commit()?)
    }

    /// The agent begins. If the run before has not told its end, it was at its latest trace.
    pub fn begin_of_run(&self, now: OffsetDateTime) -> Result<()> {
        let mut state = self.state();
        let transaction = state.begin()?;
        let trace: Option<i64> = transaction.query_row(
            "SELECT max(moment) FROM (
                SELECT max(began) AS moment FROM spell
                UNION ALL SELECT received_at FROM notification WHERE id = (SELECT max(id) FROM notification)
                UNION ALL SELECT CAST(value AS INTEGER) FROM setting WHERE key = ?1)",
            [ALIVE],
            |row| row.get(0),
        )?;
        if let Some(trace) = trace {
            // a clock that was set back must not put the end before the beginning, nor after now
            end(&transaction, trace.min(row::stored(now)))?;
        }
        Ok(transaction.commit()?)
    }
}

fn begin(db: &Connection, account: &str, spell: &Spell) -> Result<()> {
    let newest = db
        .prepare_cached("SELECT state, cause FROM spell WHERE account = ?1 ORDER BY began DESC LIMIT 1")?
        .query_row([account], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    if newest.as_ref() == Some(&(spell.state.clone(), spell.cause.clone())) {
        return Ok(());
    }
    let began = row::stored(spell.from);
    // what would have begun later was written by a clock that ran ahead
    db.execute("DELETE FROM spell WHERE account = ?1 AND began >= ?2", params![account, began])?;
    db.execute(
        "INSERT INTO spell (account, began, state, cause)
         SELECT ?1, ?2, ?3, ?4 WHERE EXISTS (SELECT 1 FROM account WHERE id = ?1 AND gone = 0)",
        params![account, began, spell.state, spell.cause],
    )?;
    db.execute(
        "DELETE FROM spell WHERE account = ?1 AND began < coalesce(
            (SELECT max(began) FROM spell WHERE account = ?1 AND began <= ?2), 0)",
        params![account, began - milliseconds(KEPT)],
    )?;
    db.execute(
        "DELETE FROM spell WHERE account = ?1 AND began <= (
            SELECT began FROM spell WHERE account = ?1 ORDER BY began DESC LIMIT 1 OFFSET ?2)",
        params![account, MOST],
    )?;
    Ok(())
}

fn end(db: &Connection, at: i64) -> Result<()> {
    let mut select =
        db.prepare("SELECT account, max(began) FROM spell GROUP BY account HAVING state IS NOT NULL")?;
    let running = select
        .query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    for (account, began) in running {
        let ended = Spell { from: row::moment(at.max(began + 1)), state: None, cause: None };
        begin(db, &account, &ended)?;
    }
    Ok(())
}

/// An account is gone.
pub(crate) fn forget(db: &Connection, account: &str) -> Result<()> {
    db.execute("DELETE FROM spell WHERE account = ?1", [account])?;
    Ok(())
}

fn milliseconds(span: Duration) -> i64 {
    span.whole_seconds() * 1000
}
