//! What the inbox lets go of, so that it does not grow without end.
//!
//! Owns which rows may go: those read long ago, those beyond the newest so many, stubs of those that were replaced or
//! deleted, and all of an account that was forgotten. Never one that a person keeps, and never one that a replay could
//! bring again, which the cursor tells: the server sends what is after it, and only that. Where notifications have no
//! place in a log they are asked for by time, somewhat further back than the latest one. Refuses to know when: the
//! caller has the clock, and takes small steps so that nothing waits for a sweep.

use rusqlite::{Connection, OptionalExtension as _, params};
use time::{Duration, OffsetDateTime};

use crate::{Inbox, Result, row};

/// Rows that one step looks at.
const STEP: i64 = 500;

/// So much further back, in milliseconds, those may come again that have no place in a log. Dialects look back for
/// minutes; one that stays a little longer costs nothing.
const COMES_AGAIN: i64 = 15 * 60 * 1000;

/// Rows that one step removes. Each has to be taken out of the search by its every trigram.
const REMOVED: usize = 8;

/// How much is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// For so many days what is read is kept, and what was replaced or deleted is still recognised.
    pub days: u32,
    /// So many rows are kept, however old, and read or not.
    pub count: u32,
}

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
    pub fn sweep(&self, now: OffsetDateTime, retention: Retention) -> Result<Sweep> {
        let state = self.state();
        let before = row::stored(now.saturating_sub(Duration::days(retention.days.into())));
        Ok(Sweep { before, beyond: oldest_of(&state.db, retention.count.into())?, after: 0 })
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
        let old = oldest.is_some_and(|oldest| oldest < sweep.before || sweep.after + 1 < sweep.beyond);
        let forgets = transaction.prepare_cached("SELECT 1 FROM account WHERE gone = 1")?.exists([])?;
        let Some(last) = last.filter(|_| old || forgets) else {
            forget_emptied(&transaction)?;
            transaction.commit()?;
            return Ok(Swept { removed: 0, done: true });
        };
        let going = going(&transaction, sweep, last)?;
        for id in &going {
            transaction.prepare_cached("DELETE FROM notification WHERE id = ?1")?.execute([id])?;
        }
        transaction.commit()?;
        // where it removed as much as it may there can be more
        sweep.after = going.get(REMOVED - 1).copied().unwrap_or(last);
        Ok(Swept { removed: going.len(), done: false })
    }
}

/// Rows of one step that may go, not more than a step removes.
fn going(db: &Connection, sweep: &Sweep, last: i64) -> Result<Vec<i64>> {
    let mut select = db.prepare_cached(
        "SELECT id FROM notification AS old WHERE id > ?1 AND id <= ?2 AND (
            EXISTS (SELECT 1 FROM account WHERE account.id = old.account AND account.gone = 1)
            OR (CASE
                -- the first of a chain is what later ones may name; it stays while the chain has a living end
                WHEN superseded = 1 THEN unsent_read = 0 AND unsent_deletion = 0 AND received_at < ?3 AND (id <> place OR NOT EXISTS
                    (SELECT 1 FROM notification AS end WHERE end.place = old.place AND end.superseded = 0))
                ELSE kept = 0 AND disposition <> 0 AND deleted_at IS NULL
                    AND (id < ?4 OR (read = 1 AND unsent_read = 0 AND received_at < ?3))
             END AND NOT EXISTS (SELECT 1 FROM cursor WHERE cursor.account = old.account AND (
                (cursor.epoch = old.epoch AND cursor.seq < old.seq)
                OR (old.epoch IS NULL AND old.created_at >= cursor.latest - ?6)))))
         ORDER BY id LIMIT ?5",
    )?;
    let ids = select.query_map(
        params![sweep.after, last, sweep.before, sweep.beyond, REMOVED as i64, COMES_AGAIN],
        |row| row.get(0),
    )?;
    Ok(ids.collect::<rusqlite::Result<_>>()?)
}

/// Accounts that are being forgotten go with the last of their rows, and so do topics.
fn forget_emptied(db: &Connection) -> Result<()> {
    let gone: Vec<String> = db
        .prepare_cached("SELECT id FROM account WHERE gone = 1")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for id in gone {
        if !db.prepare_cached("SELECT 1 FROM notification WHERE account = ?1")?.exists([&id])? {
            db.execute("DELETE FROM topic WHERE account = ?1", [&id])?;
            db.execute("DELETE FROM account WHERE id = ?1", [&id])?;
        }
    }
    db.execute(
        "DELETE FROM topic WHERE NOT EXISTS (SELECT 1 FROM listing WHERE listing.topic = topic.position)
         AND NOT EXISTS (SELECT 1 FROM notification WHERE deleted_at IS NOT NULL AND notification.account = topic.account
            AND notification.topic = topic.name)",
        [],
    )?;
    Ok(())
}

/// Id of the oldest among the newest `most` rows that are not kept; 0 when there are no more than that.
fn oldest_of(db: &Connection, most: i64) -> Result<i64> {
    // ids are not used twice, so this tells without counting
    let spread: Option<i64> =
        db.query_row("SELECT max(id) - min(id) FROM notification", [], |row| row.get(0))?;
    if spread.unwrap_or_default() < most {
        return Ok(0);
    }
    let mut select =
        db.prepare("SELECT id FROM listing NOT INDEXED WHERE kept = 0 ORDER BY id DESC LIMIT 1 OFFSET ?1")?;
    Ok(select.query_row([most - 1], |row| row.get(0)).optional()?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::{Disposition, Incoming, Query, Recorded, common};

    const LONG_AGO: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;
    const KEPT: Duration = Duration::days(90);
    const MOST: u32 = 50_000;

    fn inbox() -> Inbox {
        let inbox = Inbox::in_memory().unwrap();
        inbox.put_account(&common::account("a")).unwrap();
        inbox
    }

    fn incoming(epoch: &str, notification: Value, received_at: OffsetDateTime) -> Incoming {
        let notification = serde_json::from_value(notification).unwrap();
        Incoming { epoch: Some(epoch.into()), mark: None, notification, received_at }
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

    fn swept(inbox: &Inbox, now: OffsetDateTime, count: u32) -> usize {
        let mut sweep = inbox.sweep(now, Retention { days: 90, count }).unwrap();
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
    fn what_is_kept_stays_however_old_and_however_many() {
        let inbox = inbox();
        let ids: Vec<i64> = (1..=10)
            .map(|seq| record(&inbox, json!({"seq": seq, "id": format!("n{seq}"), "title": "t"}), LONG_AGO))
            .collect();
        read(&inbox, &ids);
        assert_eq!(inbox.keep(&[ids[2], ids[2]], true).unwrap(), [ids[2]]);
        assert_eq!(swept(&inbox, LONG_AGO, 4), 5, "beside the one that is kept, four are");
        assert_eq!(left(&inbox), [3, 7, 8, 9, 10]);
        let now = LONG_AGO + KEPT + Duration::DAY;
        assert_eq!(swept(&inbox, now, MOST), 4);
        assert_eq!(left(&inbox), [3]);
        inbox.keep(&[ids[2]], false).unwrap();
        assert_eq!(swept(&inbox, now, MOST), 1);
    }

    #[test]
    fn what_was_deleted_can_be_restored_after_a_sweep_and_what_is_kept_comes_back_kept() {
        let inbox = inbox();
        let now = LONG_AGO + KEPT + Duration::DAY;
        let ids: Vec<i64> = (1..=3)
            .map(|seq| record(&inbox, json!({"seq": seq, "id": format!("n{seq}"), "title": "t"}), LONG_AGO))
            .collect();
        read(&inbox, &ids);
        inbox.keep(&[ids[0]], true).unwrap();
        inbox.delete(&ids[..2], now).unwrap();
        assert_eq!(swept(&inbox, now, MOST), 1, "the one that was not deleted");
        let restored = inbox.restore(&ids, now + Duration::MINUTE).unwrap();
        assert_eq!(
            restored.iter().map(|row| (row.id, row.kept)).collect::<Vec<_>>(),
            [(ids[0], true), (ids[1], false)]
        );
        assert_eq!(swept(&inbox, now, MOST), 1);
        assert_eq!(left(&inbox), [1]);
    }

    #[test]
    fn all_of_a_forgotten_account_goes_with_the_next_sweep() {
        let inbox = inbox();
        for seq in 1..=30 {
            record(&inbox, json!({"seq": seq, "title": "t", "topic": "x"}), LONG_AGO);
        }
        inbox.put_account(&common::account("b")).unwrap();
        inbox.record("b", incoming("e", json!({"seq": 1, "title": "t", "topic": "x"}), LONG_AGO)).unwrap();
        inbox.remove_account("a").unwrap();
        assert_eq!(inbox.topics().unwrap().len(), 1);
        assert_eq!(swept(&inbox, LONG_AGO, MOST), 30);
        let counted = |table: &str| -> i64 {
            let count = format!("SELECT count(*) FROM {table}");
            inbox.state().db.query_row(&count, [], |row| row.get(0)).unwrap()
        };
        assert_eq!((counted("notification"), counted("account"), counted("topic")), (1, 1, 1));
    }

    #[test]
    fn one_that_comes_back_under_the_name_of_a_forgotten_account_begins_with_nothing() {
        let inbox = inbox();
        record(&inbox, json!({"seq": 1, "title": "t", "topic": "x"}), LONG_AGO);
        inbox.remove_account("a").unwrap();
        inbox.put_account(&common::account("a")).unwrap();
        assert!(left(&inbox).is_empty());
        record(&inbox, json!({"seq": 1, "title": "t", "topic": "x"}), LONG_AGO);
        assert_eq!(left(&inbox), [1]);
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
    fn what_is_asked_for_again_by_its_time_is_known_still() {
        let inbox = inbox();
        let at = |seconds: i64| LONG_AGO + Duration::seconds(seconds);
        let incoming = |seconds: i64, id: &str| {
            let created_at = at(seconds).format(&time::format_description::well_known::Rfc3339).unwrap();
            let notification = json!({ "id": id, "title": id, "created_at": created_at });
            Incoming { mark: Some(seconds as u64), ..incoming("log", notification, at(seconds)) }
        };
        for (seconds, id) in [(1, "old"), (5000, "read"), (5030, "deleted"), (5060, "last")] {
            let Recorded::New(row) = inbox.record("a", incoming(seconds, id)).unwrap() else {
                panic!("{id}")
            };
            inbox.decide(row.id, Disposition::Shown).unwrap();
            read(&inbox, &[row.id]);
            if id == "deleted" {
                inbox.delete(&[row.id], at(seconds)).unwrap();
                while !inbox.erase(at(10_000)).unwrap().done {}
            }
        }
        // another account is so busy that there is no room for those, and they are old, too
        inbox.put_account(&common::account("b")).unwrap();
        let now = LONG_AGO + KEPT + KEPT;
        for seq in 1..=20 {
            let busy = super::tests::incoming("e", json!({"seq": seq, "title": "t"}), now);
            let Recorded::New(row) = inbox.record("b", busy).unwrap() else { panic!("new") };
            inbox.decide(row.id, Disposition::Shown).unwrap();
        }
        assert_eq!(swept(&inbox, now, 10), 11, "those of the busy one, and what is never asked for again");
        // the server is asked again from a minute before the last one on
        for (seconds, id) in [(5000, "read"), (5030, "deleted"), (5060, "last")] {
            assert_eq!(inbox.record("a", incoming(seconds, id)).unwrap(), Recorded::Duplicate, "{id}");
        }
        let Recorded::New(row) = inbox.record("a", incoming(9000, "next")).unwrap() else { panic!("next") };
        inbox.decide(row.id, Disposition::Shown).unwrap();
        assert_eq!(swept(&inbox, now, 10), 4, "and with the next one, those may go");
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
