//! What the inbox lets go of, so that it does not grow without end.
//!
//! Owns which rows may go: those read long ago, those beyond the newest so many, and stubs of replaced ones. Never one
//! that a replay could bring again, which the cursor tells: the server sends what is after it, and only that. Refuses
//! to know when: the caller has the clock, and takes small steps so that nothing waits for a sweep.

use rusqlite::{Connection, OptionalExtension as _, params};
use time::{Duration, OffsetDateTime};

use crate::{Inbox, Result, row};

/// How long what is read is kept, and what was replaced is still recognised.
const KEPT: Duration = Duration::days(90);

/// Rows that are kept however old, and read or not.
const MOST: i64 = 50_000;

/// Rows that one step looks at.
const STEP: i64 = 500;

/// A sweep under way.
#[derive(Clone, Debug)]
pub struct Sweep {
    before: i64,
    beyond: i64,
    after: i64,
}

/// What one step of a [`Sweep`] has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Swept {
    /// Rows that are gone.
    pub removed: usize,
    /// There is nothing further to look at.
    pub done: bool,
}

impl Inbox {
    /// Begins to let go of what is too old now.
    pub fn sweep(&self, now: OffsetDateTime) -> Result<Sweep> {
        self.sweep_beyond(now, MOST)
    }

    fn sweep_beyond(&self, now: OffsetDateTime, most: i64) -> Result<Sweep> {
        let state = self.state();
        Ok(Sweep { before: row::stored(now - KEPT), beyond: oldest_of(&state.db, most)?, after: 0 })
    }

    /// Takes the next step of a sweep, in one transaction.
    pub fn sweep_on(&self, sweep: &mut Sweep) -> Result<Swept> {
        let mut state = self.state();
        let transaction = state.begin()?;
        // ids rise in the order of arrival: behind the first window without anything old there is nothing old
        let (last, oldest): (Option<i64>, Option<i64>) = transaction
            .prepare_cached(
                "SELECT max(id), min(received_at) FROM
                 (SELECT id, received_at FROM notification WHERE id > ?1 ORDER BY id LIMIT ?2)",
            )?
            .query_row([sweep.after, STEP], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let (Some(last), Some(oldest)) = (last, oldest) else { return Ok(Swept { removed: 0, done: true }) };
        if oldest >= sweep.before && sweep.after + 1 >= sweep.beyond {
            return Ok(Swept { removed: 0, done: true });
        }
        let removed = transaction
            .prepare_cached(
                "DELETE FROM notification AS old WHERE id > ?1 AND id <= ?2 AND CASE
                    -- the first of a chain is what later ones may name; it stays while the chain has a living end
                    WHEN superseded = 1 THEN received_at < ?3 AND (id <> place OR NOT EXISTS
                        (SELECT 1 FROM notification AS end WHERE end.place = old.place AND end.superseded = 0))
                    ELSE disposition <> 0 AND (id < ?4 OR (read = 1 AND unsent_read = 0 AND received_at < ?3))
                 END AND NOT EXISTS (SELECT 1 FROM cursor
                    WHERE cursor.account = old.account AND cursor.epoch = old.epoch AND cursor.seq < old.seq)",
            )?
            .execute(params![sweep.after, last, sweep.before, sweep.beyond])?;
        transaction.commit()?;
        sweep.after = last;
        Ok(Swept { removed, done: false })
    }
}

/// Id of the oldest among the newest `most` rows; 0 when there are no more than that.
fn oldest_of(db: &Connection, most: i64) -> Result<i64> {
    // ids are not used twice, so this tells without counting
    let spread: Option<i64> =
        db.query_row("SELECT max(id) - min(id) FROM notification", [], |row| row.get(0))?;
    if spread.unwrap_or_default() < most {
        return Ok(0);
    }
    let mut select =
        db.prepare("SELECT id FROM notification WHERE superseded = 0 ORDER BY id DESC LIMIT 1 OFFSET ?1")?;
    Ok(select.query_row([most - 1], |row| row.get(0)).optional()?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::{Disposition, Incoming, Query, Recorded, common};

    const LONG_AGO: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

    fn inbox() -> Inbox {
        let inbox = Inbox::in_memory().unwrap();
        inbox.put_account(&common::account("a")).unwrap();
        inbox
    }

    fn incoming(epoch: &str, notification: Value, received_at: OffsetDateTime) -> Incoming {
        let notification = serde_json::from_value(notification).unwrap();
        Incoming { epoch: Some(epoch.into()), notification, received_at }
    }

    fn record(inbox: &Inbox, notification: Value, received_at: OffsetDateTime) -> i64 {
        let id = match inbox.record("a", incoming("e", notification, received_at)).unwrap() {
            Recorded::New(row) | Recorded::Replaced { row, .. } => row.id,
            Recorded::Duplicate => panic!("a duplicate"),
        };
        inbox.decide(id, Disposition::Shown).unwrap();
        id
    }

    fn read(inbox: &Inbox, ids: &[i64]) {
        let told: Vec<String> = inbox.mark_read(ids).unwrap().into_iter().map(|(_, id)| id).collect();
        inbox.reads_sent("a", &told).unwrap();
    }

    fn swept(inbox: &Inbox, now: OffsetDateTime, most: i64) -> usize {
        let mut sweep = inbox.sweep_beyond(now, most).unwrap();
        let mut removed = 0;
        loop {
            let step = inbox.sweep_on(&mut sweep).unwrap();
            removed += step.removed;
            if step.done {
                return removed;
            }
        }
    }

    fn left(inbox: &Inbox) -> Vec<u64> {
        let page = inbox.list(&Query { limit: Some(Query::MOST), ..Query::default() }).unwrap();
        page.rows.iter().rev().filter_map(|row| row.seq).collect()
    }

    #[test]
    fn what_was_read_long_ago_goes_and_the_rest_stays() {
        let inbox = inbox();
        let now = LONG_AGO + KEPT + Duration::DAY;
        let mut ids = Vec::new();
        for (seq, at) in [(1, LONG_AGO), (2, LONG_AGO), (3, LONG_AGO), (4, now)] {
            ids.push(record(&inbox, json!({"seq": seq, "id": format!("n{seq}"), "title": "t"}), at));
        }
        read(&inbox, &[ids[0], ids[3]]);
        // the server has not been told of this one
        inbox.mark_read(&[ids[1]]).unwrap();
        assert_eq!(swept(&inbox, now, MOST), 1);
        assert_eq!(left(&inbox), [2, 3, 4]);
        assert!(inbox.list(&Query { search: Some("t".into()), ..Query::default() }).is_ok());
        assert_eq!(swept(&inbox, now, MOST), 0);
    }

    #[test]
    fn only_so_many_are_kept_and_the_oldest_go_first() {
        let inbox = inbox();
        for seq in 1..=1200 {
            record(&inbox, json!({"seq": seq, "title": "t"}), LONG_AGO);
        }
        assert_eq!(swept(&inbox, LONG_AGO, 1000), 200);
        let page = inbox.list(&Query { limit: Some(1), ..Query::default() }).unwrap();
        assert_eq!(page.rows[0].seq, Some(1200));
        assert_eq!(inbox.unread().unwrap(), 1000);
    }

    #[test]
    fn what_a_replay_could_bring_again_stays() {
        let inbox = inbox();
        let now = LONG_AGO + KEPT + Duration::DAY;
        let ids: Vec<i64> =
            (1..=3).map(|seq| record(&inbox, json!({"seq": seq, "title": "t"}), LONG_AGO)).collect();
        read(&inbox, &ids);
        inbox.state().db.execute("UPDATE cursor SET seq = 2", []).unwrap();
        assert_eq!(swept(&inbox, now, MOST), 2);
        assert_eq!(left(&inbox), [3]);
    }

    #[test]
    fn a_chain_of_replacements_goes_on_after_its_middle_is_gone() {
        let inbox = inbox();
        let now = LONG_AGO + KEPT + Duration::DAY;
        record(&inbox, json!({"seq": 1, "id": "n1", "title": "t"}), LONG_AGO);
        record(&inbox, json!({"seq": 2, "id": "n2", "replaces": "n1", "title": "t"}), LONG_AGO);
        let end = record(&inbox, json!({"seq": 3, "id": "n3", "replaces": "n2", "title": "t"}), LONG_AGO);
        assert_eq!(swept(&inbox, now, MOST), 1);
        let next = incoming("e", json!({"seq": 4, "id": "n4", "replaces": "n1", "title": "t"}), now);
        let Recorded::Replaced { row, previous } = inbox.record("a", next).unwrap() else { panic!("new") };
        assert_eq!(previous, end);
        inbox.decide(row.id, Disposition::Shown).unwrap();
        read(&inbox, &[row.id]);
        // once its end is gone, all of it is
        let later = now + KEPT + Duration::DAY;
        swept(&inbox, later, MOST);
        swept(&inbox, later, MOST);
        let rows: i64 =
            inbox.state().db.query_row("SELECT count(*) FROM notification", [], |row| row.get(0)).unwrap();
        assert_eq!(rows, 0);
    }
}
