//! Editions of one notification, and what is said of all of them at once.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{NOW, account, inbox, incoming};
use serde_json::{Value, json};
use tidings_inbox::{AccountRow, Inbox, Query, RESTORABLE, Recorded};
use time::Duration;

fn record(inbox: &Inbox, id: &str, replaces: Option<&str>, topic: &str) -> Recorded {
    let mut said: Value = json!({"id": id, "title": id, "topic": topic});
    if let Some(replaces) = replaces {
        said["replaces"] = json!(replaces);
    }
    inbox.record("a", incoming(None, said)).unwrap()
}

fn listed(inbox: &Inbox) -> Vec<String> {
    inbox.list(&Query::default()).unwrap().rows.into_iter().map(|row| row.title).collect()
}

fn ids(ids: &[&str]) -> Vec<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

#[test]
fn editions_that_replace_what_was_never_here_replace_each_other_within_their_topic() {
    let (_folder, inbox) = inbox();
    let Recorded::New(first) = record(&inbox, "m1", Some("disk"), "home") else { panic!() };
    assert!(matches!(record(&inbox, "m2", Some("disk"), "work"), Recorded::New(_)), "of another topic");
    let Recorded::Replaced { previous, row } = record(&inbox, "m3", Some("disk"), "home") else { panic!() };
    assert_eq!((previous, row.title.as_str()), (first.id, "m3"));
    let Recorded::Replaced { previous, .. } = record(&inbox, "m4", Some("disk"), "home") else { panic!() };
    assert_eq!(previous, row.id);
    assert_eq!(listed(&inbox), ["m4", "m2"]);
    // one by its id, as ever
    record(&inbox, "m5", None, "home");
    assert!(matches!(record(&inbox, "m6", Some("m5"), "home"), Recorded::Replaced { .. }));
    assert_eq!(record(&inbox, "m3", Some("disk"), "home"), Recorded::Duplicate);
    assert_eq!(listed(&inbox), ["m6", "m4", "m2"]);
}

#[test]
fn what_is_withdrawn_goes_for_good_and_no_replay_brings_it_back_but_a_later_edition_is_news() {
    let (_folder, inbox) = inbox();
    record(&inbox, "m1", None, "home");
    record(&inbox, "m2", Some("m1"), "home");
    record(&inbox, "m3", Some("disk"), "home");
    record(&inbox, "m4", Some("disk"), "work");
    let gone = inbox.withdraw("a", &ids(&["m1"]), None).unwrap();
    assert_eq!(gone.len(), 1, "by the id of the first edition");
    assert_eq!(inbox.withdraw("a", &ids(&["disk"]), Some("home")).unwrap().len(), 1);
    assert_eq!(listed(&inbox), ["m4"]);
    assert!(inbox.restore(&gone, NOW).unwrap().is_empty());
    assert!(inbox.unsent_reads("a").unwrap().is_empty());
    for (id, replaces) in [("m1", None), ("m2", Some("m1")), ("m3", Some("disk"))] {
        assert_eq!(record(&inbox, id, replaces, "home"), Recorded::Duplicate);
    }
    assert!(matches!(record(&inbox, "m5", Some("m1"), "home"), Recorded::New(_)));
    assert_eq!(listed(&inbox), ["m5", "m4"]);
    assert!(inbox.withdraw("a", &ids(&["unknown", ""]), None).unwrap().is_empty());
    assert!(inbox.list(&Query { search: Some("m2".into()), ..Query::default() }).unwrap().rows.is_empty());
}

#[test]
fn what_a_person_has_deleted_and_its_publisher_withdraws_cannot_be_restored() {
    let (_folder, inbox) = inbox();
    let Recorded::New(row) = record(&inbox, "m1", None, "home") else { panic!() };
    inbox.delete(&[row.id], NOW).unwrap();
    assert!(inbox.withdraw("a", &ids(&["m1"]), None).unwrap().is_empty(), "it was not listed");
    assert!(inbox.restore(&[row.id], NOW).unwrap().is_empty());
}

#[test]
fn what_is_said_of_all_editions_is_read_where_it_stands() {
    let (_folder, inbox) = inbox();
    record(&inbox, "m1", None, "home");
    let Recorded::Replaced { row: second, .. } = record(&inbox, "m2", Some("m1"), "home") else { panic!() };
    let Recorded::New(third) = record(&inbox, "m3", Some("disk"), "home") else { panic!() };
    assert_eq!(inbox.mark_editions_read("a", &ids(&["m1", "disk"]), None).unwrap(), [second.id, third.id]);
    assert!(inbox.mark_editions_read("a", &ids(&["m1", "disk"]), None).unwrap().is_empty());
    assert!(inbox.unsent_reads("a").unwrap().is_empty(), "its server has said so itself");
    let Recorded::Replaced { row, .. } = record(&inbox, "m4", Some("disk"), "home") else { panic!() };
    assert!(!row.read, "a later edition is news");
}

#[test]
fn what_is_deleted_for_good_is_deleted_on_the_server_where_that_is_wished() {
    let (_folder, inbox) = inbox();
    let Recorded::New(before) = record(&inbox, "m1", None, "home") else { panic!() };
    inbox.delete(&[before.id], NOW).unwrap();
    let later = NOW + RESTORABLE;
    assert!(inbox.erase(later).unwrap().deleted.is_empty());
    inbox.put_account(&AccountRow { deletes_on_server: true, ..account("a") }).unwrap();
    let rows: Vec<i64> = ["m2", "m3"]
        .map(|id| match record(&inbox, id, None, "home") {
            Recorded::New(row) => row.id,
            other => panic!("{other:?}"),
        })
        .into();
    inbox.delete(&rows, later).unwrap();
    assert!(inbox.erase(later).unwrap().deleted.is_empty(), "it can be restored");
    assert!(inbox.unsent_deletions("a", 10).unwrap().is_empty());
    assert_eq!(inbox.erase(later + RESTORABLE + Duration::SECOND).unwrap().deleted, ["a"]);
    assert_eq!(inbox.unsent_deletions("a", 10).unwrap(), ["m2", "m3"]);
    assert_eq!(inbox.unsent_deletions("a", 1).unwrap(), ["m2"]);
    inbox.deletions_sent("a", &ids(&["m2"])).unwrap();
    assert_eq!(inbox.unsent_deletions("a", 10).unwrap(), ["m3"]);
}
