//! Tests of storage that fails under a running inbox, which need a hand on its connection.

use serde_json::json;

use crate::{
    Disposition, Inbox, InboxError, Incoming, Query, Recorded,
    common::{inbox, incoming},
};

/// One that takes some room on the disk.
fn numbered(seq: u64) -> Incoming {
    let body = format!("{seq} ").repeat(2000);
    incoming(Some("e"), json!({"seq": seq, "id": format!("n{seq}"), "body": body}))
}

/// No page more than the file has now: SQLite then reports what it reports on a full disk.
fn fill_the_disk(inbox: &Inbox) {
    let state = inbox.state();
    let pages: i64 = state.db.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
    let _: i64 =
        state.db.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |row| row.get(0)).unwrap();
}

fn free_the_disk(inbox: &Inbox) {
    let _: i64 = inbox.state().db.query_row("PRAGMA max_page_count = 1000000", [], |row| row.get(0)).unwrap();
}

fn stored(inbox: &Inbox) -> Vec<u64> {
    let page = inbox.list(&Query { limit: Some(Query::MOST), ..Query::default() }).unwrap();
    page.rows.iter().rev().filter_map(|row| row.seq).collect()
}

/// Records from `seq` on until the disk is full; the first one that did not fit.
fn record_until_full(inbox: &Inbox, mut seq: u64) -> u64 {
    fill_the_disk(inbox);
    loop {
        match inbox.record("a", numbered(seq)) {
            Ok(_) => seq += 1,
            Err(InboxError::Full(_)) => return seq,
            Err(other) => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_full_disk_stores_neither_row_nor_cursor() {
    let (folder, inbox) = inbox();
    let failed = record_until_full(&inbox, 1);
    assert_eq!(stored(&inbox), (1..failed).collect::<Vec<_>>());
    drop(inbox);
    let (inbox, _) = Inbox::open(folder.path()).unwrap();
    assert_eq!(inbox.cursor("a").unwrap().map(|(_, seq)| seq), (failed > 1).then(|| failed - 1));
}

#[test]
fn the_cursor_does_not_pass_what_did_not_fit_until_it_came_again() {
    let (_folder, inbox) = inbox();
    inbox.set_cursor_if_absent("a", "e", 0).unwrap();
    let failed = record_until_full(&inbox, 1);
    assert!(inbox.record("a", numbered(failed + 1)).is_err());
    free_the_disk(&inbox);

    assert!(matches!(inbox.record("a", numbered(failed + 2)).unwrap(), Recorded::New(_)));
    inbox.resumed("a", "e", failed + 2).unwrap();
    assert_eq!(inbox.cursor("a").unwrap(), Some(("e".into(), failed - 1)), "both were lost to the cursor");

    for seq in failed..=failed + 2 {
        inbox.record("a", numbered(seq)).unwrap();
    }
    assert_eq!(inbox.cursor("a").unwrap(), Some(("e".into(), failed + 2)));
    assert_eq!(inbox.unread().unwrap() as u64, failed + 2);
}

#[test]
fn another_one_with_the_same_mark_does_not_move_the_cursor_past_what_failed() {
    let (_folder, inbox) = inbox();
    inbox.set_cursor_if_absent("a", "e", 6).unwrap();
    let marked = |id: &str, size| {
        let incoming = incoming(Some("e"), json!({ "id": id, "body": "x".repeat(size) }));
        Incoming { mark: Some(7), ..incoming }
    };
    fill_the_disk(&inbox);
    assert!(matches!(inbox.record("a", marked("large", 1_000_000)), Err(InboxError::Full(_))));
    free_the_disk(&inbox);
    inbox.record("a", marked("small", 1)).unwrap();
    assert_eq!(inbox.cursor("a").unwrap(), Some(("e".into(), 6)));
    // the next connection brings it, and says that this was all
    inbox.connected("a");
    inbox.record("a", marked("large", 1_000_000)).unwrap();
    inbox.resumed("a", "e", 7).unwrap();
    assert_eq!(inbox.cursor("a").unwrap(), Some(("e".into(), 7)));
}

#[test]
fn what_was_queued_before_a_replay_does_not_move_the_cursor_past_what_failed() {
    let (_folder, inbox) = inbox();
    inbox.set_cursor_if_absent("a", "e", 0).unwrap();
    let failed = record_until_full(&inbox, 1);
    assert!(inbox.record("a", numbered(failed + 2)).is_err());
    free_the_disk(&inbox);
    let before = inbox.cursor("a").unwrap();
    assert_eq!(before, Some(("e".into(), failed - 1)));

    // of the old connection, after the new one has asked
    inbox.record("a", numbered(failed + 1)).unwrap();
    assert_eq!(inbox.cursor("a").unwrap(), before);
    inbox.record("a", numbered(failed)).unwrap();
    inbox.record("a", numbered(failed + 3)).unwrap();
    assert_eq!(inbox.cursor("a").unwrap().unwrap().1, failed + 1, "another one is missing still");
    inbox.record("a", numbered(failed + 2)).unwrap();
    inbox.record("a", numbered(failed + 3)).unwrap();
    assert_eq!(inbox.cursor("a").unwrap().unwrap().1, failed + 3);
}

#[test]
fn what_failed_and_is_gone_from_the_server_does_not_hold_the_cursor_for_ever() {
    let (_folder, inbox) = inbox();
    inbox.set_cursor_if_absent("a", "e", 0).unwrap();
    let failed = record_until_full(&inbox, 1);
    free_the_disk(&inbox);
    inbox.connected("a");
    inbox.record("a", numbered(failed + 5)).unwrap();
    inbox.resumed("a", "e", failed + 5).unwrap();
    assert_eq!(inbox.cursor("a").unwrap().unwrap().1, failed + 5);
}

#[test]
fn the_end_of_an_earlier_replay_does_not_pass_for_that_of_the_next() {
    let (_folder, inbox) = inbox();
    inbox.set_cursor_if_absent("a", "e", 0).unwrap();
    inbox.connected("a");
    let failed = record_until_full(&inbox, 1);
    free_the_disk(&inbox);

    // the next connection asks where to resume before the end of the replay that failed is taken from the queue
    let resumes_at = inbox.cursor("a").unwrap();
    inbox.resumed("a", "e", failed + 3).unwrap();
    assert_eq!(inbox.cursor("a").unwrap(), resumes_at);

    // and breaks off before it has replayed anything; the one after it brings what failed
    inbox.connected("a");
    assert_eq!(inbox.cursor("a").unwrap(), Some(("e".into(), failed - 1)));
    inbox.record("a", numbered(failed)).unwrap();
    inbox.resumed("a", "e", failed + 3).unwrap();
    assert_eq!(inbox.cursor("a").unwrap(), Some(("e".into(), failed + 3)));
}

#[test]
fn what_fails_in_a_replay_is_not_passed_at_its_end() {
    let (_folder, inbox) = inbox();
    inbox.set_cursor_if_absent("a", "e", 0).unwrap();
    let failed = record_until_full(&inbox, 1);
    inbox.connected("a");
    assert!(inbox.record("a", numbered(failed)).is_err());
    free_the_disk(&inbox);
    inbox.resumed("a", "e", failed + 3).unwrap();
    assert_eq!(inbox.cursor("a").unwrap(), Some(("e".into(), failed - 1)));
}

#[test]
fn without_a_cursor_what_failed_says_where_it_begins() {
    let (_folder, inbox) = inbox();
    inbox.state().db.pragma_update(None, "query_only", true).unwrap();
    assert!(inbox.set_cursor_if_absent("a", "e", 4).is_err());
    for seq in [5, 6] {
        assert!(inbox.record("a", numbered(seq)).is_err());
    }
    assert_eq!(inbox.cursor("a").unwrap(), Some(("e".into(), 4)));

    // a new sign-in is greeted further on
    inbox.state().db.pragma_update(None, "query_only", false).unwrap();
    assert!(inbox.set_cursor_if_absent("a", "e", 6).unwrap());
    assert_eq!(inbox.cursor("a").unwrap(), Some(("e".into(), 4)));
    assert!(!inbox.set_cursor_if_absent("a", "e", 6).unwrap());
    for seq in [5, 6] {
        inbox.record("a", numbered(seq)).unwrap();
    }
    assert_eq!(inbox.cursor("a").unwrap(), Some(("e".into(), 6)));
}

#[test]
fn on_a_full_disk_what_is_stored_can_still_be_seen() {
    let (_folder, inbox) = inbox();
    record_until_full(&inbox, 1);
    inbox.list(&Query { search: Some("1 1".into()), ..Query::default() }).unwrap();
    inbox.pending().unwrap();
    inbox.unread().unwrap();
}

#[test]
fn storage_that_became_read_only_is_said_and_changes_nothing() {
    let (_folder, inbox) = inbox();
    let Recorded::New(row) = inbox.record("a", numbered(1)).unwrap() else { panic!("not new") };
    inbox.state().db.pragma_update(None, "query_only", true).unwrap();
    assert!(matches!(inbox.record("a", numbered(2)), Err(InboxError::ReadOnly(_))));
    assert!(matches!(inbox.decide(row.id, Disposition::Shown), Err(InboxError::ReadOnly(_))));
    assert!(matches!(inbox.mark_read(&[row.id]), Err(InboxError::ReadOnly(_))));
    inbox.state().db.pragma_update(None, "query_only", false).unwrap();
    assert_eq!(inbox.cursor("a").unwrap(), Some(("e".into(), 1)));
    assert_eq!(inbox.pending().unwrap(), [row]);
}
