//! What the inbox promises, one promise a test.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{NOW, account, inbox, incoming, numbered};
use serde_json::json;
use tidings_inbox::{Disposition, Inbox, InboxError, Page, Query, Recorded, Row};
use tidings_protocol::Priority;

fn new(recorded: Recorded) -> Row {
    match recorded {
        Recorded::New(row) => row,
        other => panic!("expected a new row, got {other:?}"),
    }
}

fn titles(page: &Page) -> Vec<&str> {
    page.rows.iter().map(|row| row.title.as_str()).collect()
}

fn search(inbox: &Inbox, typed: &str) -> Vec<String> {
    let page = inbox.list(&Query { search: Some(typed.into()), ..Query::default() }).unwrap();
    page.rows.into_iter().map(|row| row.title).collect()
}

#[test]
fn all_that_a_notification_says_is_kept() {
    let (_folder, inbox) = inbox();
    let row = new(inbox
        .record(
            "a",
            incoming(
                Some("e"),
                json!({"seq": 7, "id": "x", "title": "Build failed", "body": "main\nline 2", "priority": 5,
                    "topic": "builds", "tags": ["ci", "red"], "click_url": "https://ci.example.com/7",
                    "actions": [{"id": "retry", "label": "Retry", "url": "https://ci.example.com/7/retry", "method": "POST"}],
                    "icon_url": "https://ci.example.com/icon.png", "created_at": "2026-05-04T09:59:58.123Z",
                    "expires_at": "2026-05-05T00:00:00Z"}),
            ),
        )
        .unwrap());
    assert_eq!(inbox.row(row.id).unwrap().as_ref(), Some(&row));
    assert_eq!((row.seq, row.server_id.as_deref()), (Some(7), Some("x")));
    assert_eq!((row.title.as_str(), row.body.as_str()), ("Build failed", "main\nline 2"));
    assert_eq!((row.priority, row.topic.as_deref()), (Priority::Urgent, Some("builds")));
    assert_eq!(row.tags, ["ci", "red"]);
    assert_eq!(row.click_url.as_deref(), Some("https://ci.example.com/7"));
    assert_eq!(row.actions[0].method.as_deref(), Some("POST"));
    assert_eq!(row.created_at, time::macros::datetime!(2026-05-04 09:59:58.123 UTC));
    assert_eq!((row.received_at, row.read, row.disposition), (NOW, false, Disposition::Pending));
}

#[test]
fn the_cursor_follows_what_is_recorded_and_never_goes_back() {
    let (_folder, inbox) = inbox();
    assert_eq!(inbox.cursor("a").unwrap(), None);
    inbox.record("a", numbered(5)).unwrap();
    inbox.record("a", numbered(3)).unwrap();
    assert_eq!(inbox.cursor("a").unwrap(), Some(("e".into(), 5)));
}

#[test]
fn the_first_baseline_does_not_move_a_cursor_that_is_there() {
    let (_folder, inbox) = inbox();
    assert!(inbox.set_cursor_if_absent("a", "e", 40).unwrap());
    assert!(!inbox.set_cursor_if_absent("a", "e", 90).unwrap());
    assert_eq!(inbox.cursor("a").unwrap(), Some(("e".into(), 40)));
}

#[test]
fn a_new_epoch_resets_the_cursor_and_its_numbers_are_new() {
    let (_folder, inbox) = inbox();
    inbox.record("a", incoming(Some("old"), json!({"seq": 9, "title": "before"}))).unwrap();
    new(inbox.record("a", incoming(Some("new"), json!({"seq": 1, "title": "after"}))).unwrap());
    assert_eq!(inbox.cursor("a").unwrap(), Some(("new".into(), 1)));
    inbox.resumed("a", "newer", 0).unwrap();
    assert_eq!(inbox.cursor("a").unwrap(), Some(("newer".into(), 0)));
}

#[test]
fn the_end_of_a_replay_moves_the_cursor_past_what_the_server_no_longer_has() {
    let (_folder, inbox) = inbox();
    inbox.record("a", numbered(2)).unwrap();
    inbox.resumed("a", "e", 12).unwrap();
    assert_eq!(inbox.cursor("a").unwrap(), Some(("e".into(), 12)));
    inbox.resumed("a", "e", 8).unwrap();
    assert_eq!(inbox.cursor("a").unwrap(), Some(("e".into(), 12)));
}

#[test]
fn the_same_place_in_the_log_or_the_same_id_is_a_duplicate() {
    let (_folder, inbox) = inbox();
    inbox.record("a", numbered(1)).unwrap();
    assert_eq!(inbox.record("a", numbered(1)).unwrap(), Recorded::Duplicate);
    let same_place = incoming(Some("e"), json!({"seq": 1, "id": "other", "title": "x"}));
    assert_eq!(inbox.record("a", same_place).unwrap(), Recorded::Duplicate);
    let same_id = incoming(Some("e"), json!({"seq": 2, "id": "n1", "title": "x"}));
    assert_eq!(inbox.record("a", same_id).unwrap(), Recorded::Duplicate);
    assert_eq!(inbox.cursor("a").unwrap(), Some(("e".into(), 2)), "a duplicate is behind us all the same");
    assert_eq!(inbox.unread().unwrap(), 1);
}

#[test]
fn accounts_do_not_share_ids() {
    let (_folder, inbox) = inbox();
    inbox.put_account(&account("b")).unwrap();
    new(inbox.record("a", numbered(1)).unwrap());
    new(inbox.record("b", numbered(1)).unwrap());
    assert_eq!((inbox.unread().unwrap(), inbox.unread_of("a").unwrap()), (2, 1));
}

#[test]
fn without_seq_the_id_tells_duplicates_and_without_both_all_is_new() {
    let (_folder, inbox) = inbox();
    let with_id = || incoming(None, json!({"id": "x", "title": "x"}));
    new(inbox.record("a", with_id()).unwrap());
    assert_eq!(inbox.record("a", with_id()).unwrap(), Recorded::Duplicate);
    let bare = || incoming(None, json!({"title": "same"}));
    new(inbox.record("a", bare()).unwrap());
    new(inbox.record("a", bare()).unwrap());
    let seq_without_epoch = || incoming(None, json!({"seq": 1, "title": "same"}));
    new(inbox.record("a", seq_without_epoch()).unwrap());
    new(inbox.record("a", seq_without_epoch()).unwrap());
    assert_eq!(inbox.cursor("a").unwrap(), None);
}

#[test]
fn a_replacement_takes_the_place_of_the_one_that_stands_there_now() {
    let (_folder, inbox) = inbox();
    let progress = |seq: u64, id: &str, replaces: Option<&str>| {
        incoming(
            Some("e"),
            json!({"seq": seq, "id": id, "title": id, "body": "secretword", "replaces": replaces}),
        )
    };
    let first = new(inbox.record("a", progress(1, "ten", None)).unwrap());
    let Recorded::Replaced { row: second, previous } =
        inbox.record("a", progress(2, "fifty", Some("ten"))).unwrap()
    else {
        panic!("not replaced")
    };
    assert_eq!(previous, first.id);
    // names the first one, whose place the second has taken
    let Recorded::Replaced { row: third, previous } =
        inbox.record("a", progress(3, "done", Some("ten"))).unwrap()
    else {
        panic!("not replaced")
    };
    assert_eq!(previous, second.id);
    assert_eq!(titles(&inbox.list(&Query::default()).unwrap()), ["done"]);
    assert_eq!(inbox.pending().unwrap(), std::slice::from_ref(&third));
    assert_eq!((inbox.unread().unwrap(), inbox.row(first.id).unwrap()), (1, None));
    assert_eq!(search(&inbox, "secretword"), ["done"]);
    assert!(!inbox.decide(first.id, Disposition::Shown).unwrap());
    assert_eq!(inbox.record("a", progress(1, "ten", None)).unwrap(), Recorded::Duplicate, "known for good");
    let Recorded::Replaced { previous, .. } = inbox.record("a", progress(4, "closed", Some("done"))).unwrap()
    else {
        panic!("not replaced")
    };
    assert_eq!(previous, third.id);
}

#[test]
fn a_replacement_of_something_unknown_is_simply_new() {
    let (_folder, inbox) = inbox();
    new(inbox.record("a", incoming(None, json!({"id": "x", "title": "x", "replaces": "never"}))).unwrap());
    new(inbox.record("a", incoming(None, json!({"id": "y", "title": "y", "replaces": "y"}))).unwrap());
}

#[test]
fn a_row_is_decided_once() {
    let (_folder, inbox) = inbox();
    let row = new(inbox.record("a", numbered(1)).unwrap());
    assert_eq!(inbox.pending().unwrap().len(), 1);
    assert!(!inbox.decide(row.id, Disposition::Pending).unwrap());
    assert!(inbox.decide(row.id, Disposition::DoNotDisturb).unwrap());
    assert!(!inbox.decide(row.id, Disposition::Shown).unwrap());
    assert_eq!(inbox.row(row.id).unwrap().unwrap().disposition, Disposition::DoNotDisturb);
    assert!(inbox.pending().unwrap().is_empty());
    assert!(!inbox.decide(999, Disposition::Shown).unwrap());
}

#[test]
fn every_disposition_comes_back_as_it_went_in() {
    use Disposition::{AlreadyRead, DoNotDisturb, Expired, LowPriority, NoToasts, Shown, Summarized};
    let (_folder, inbox) = inbox();
    for (seq, disposition) in
        (1..).zip([Shown, Summarized, DoNotDisturb, Expired, AlreadyRead, LowPriority, NoToasts])
    {
        let row = new(inbox.record("a", numbered(seq)).unwrap());
        assert!(inbox.decide(row.id, disposition).unwrap());
        assert_eq!(inbox.row(row.id).unwrap().unwrap().disposition, disposition);
    }
}

#[test]
fn reading_here_is_told_to_the_server_once_and_waits_until_it_can_be() {
    let (_folder, inbox) = inbox();
    let one = new(inbox.record("a", numbered(1)).unwrap());
    let nameless = new(inbox.record("a", incoming(None, json!({"title": "no id"}))).unwrap());
    let told = [("a".to_owned(), "n1".to_owned())];
    assert_eq!(inbox.mark_read(&[one.id, nameless.id, 999]).unwrap(), told);
    assert_eq!(inbox.mark_read(&[one.id]).unwrap(), []);
    assert_eq!((inbox.unread().unwrap(), inbox.row(nameless.id).unwrap().unwrap().read), (0, true));
    assert_eq!(inbox.unsent_reads("a").unwrap(), ["n1"]);
    inbox.reads_sent("a", &["n1".into()]).unwrap();
    assert!(inbox.unsent_reads("a").unwrap().is_empty());
}

#[test]
fn everything_can_be_read_at_once() {
    let (_folder, inbox) = inbox();
    for seq in 1..=3 {
        inbox.record("a", numbered(seq)).unwrap();
    }
    let newest = inbox.newest().unwrap().unwrap();
    inbox.record("a", numbered(4)).unwrap();
    assert_eq!(inbox.unread_ids(newest, 2).unwrap(), [newest, newest - 1]);
    let ids = inbox.unread_ids(newest, 100).unwrap();
    assert_eq!(inbox.mark_read(&ids).unwrap().len(), 3);
    assert!(inbox.unread_ids(newest, 100).unwrap().is_empty());
    assert_eq!(inbox.unread().unwrap(), 1, "the one that has come since");
    inbox.mark_read(&[newest + 1]).unwrap();
    assert_eq!(inbox.unread().unwrap(), 0);
}

#[test]
fn reading_elsewhere_marks_the_row_and_is_not_told_back() {
    let (_folder, inbox) = inbox();
    let row = new(inbox.record("a", numbered(1)).unwrap());
    assert_eq!(inbox.mark_read_by_server_id("a", &["n1".into()]).unwrap(), [row.id]);
    assert!(inbox.mark_read_by_server_id("a", &["n1".into()]).unwrap().is_empty());
    assert!(inbox.unsent_reads("a").unwrap().is_empty());
}

#[test]
fn what_was_read_elsewhere_before_it_arrived_arrives_read() {
    let (_folder, inbox) = inbox();
    inbox.put_account(&account("b")).unwrap();
    assert!(inbox.mark_read_by_server_id("a", &["n1".into()]).unwrap().is_empty());
    assert!(!new(inbox.record("b", numbered(1)).unwrap()).read, "another account's");
    assert!(new(inbox.record("a", numbered(1)).unwrap()).read);
    assert_eq!(inbox.unread_of("a").unwrap(), 0);
}

#[test]
fn pages_follow_each_other_without_gap_or_overlap() {
    let (_folder, inbox) = inbox();
    for seq in 1..=5 {
        inbox.record("a", numbered(seq)).unwrap();
    }
    let page = |before| inbox.list(&Query { before, limit: Some(2), ..Query::default() }).unwrap();
    let first = page(None);
    let second = page(first.next);
    let third = page(second.next);
    assert_eq!(titles(&first), ["Title 5", "Title 4"]);
    assert_eq!(titles(&second), ["Title 3", "Title 2"]);
    assert_eq!((titles(&third), third.next), (vec!["Title 1"], None));
}

#[test]
fn a_page_of_giants_ends_early_and_the_next_goes_on() {
    let buttons: Vec<_> = (0..32)
        .map(|id| json!({"id": id.to_string(), "label": "Copy", "url": "", "copy": "ä".repeat(8 * 1024)}))
        .collect();
    for giant in [json!({"body": "ä".repeat(60_000)}), json!({"actions": buttons})] {
        let (_folder, inbox) = inbox();
        for seq in 1..=30 {
            let mut json = json!({"seq": seq, "title": seq.to_string()});
            json.as_object_mut().unwrap().extend(giant.as_object().unwrap().clone());
            inbox.record("a", incoming(Some("e"), json)).unwrap();
        }
        let mut seen = Vec::new();
        let mut before = None;
        loop {
            let page = inbox.list(&Query { before, limit: Some(Query::MOST), ..Query::default() }).unwrap();
            let copied =
                page.rows.iter().flat_map(|row| &row.actions).filter_map(|button| button.copy.as_ref());
            let bytes: usize = page.rows.iter().map(|row| &row.body).chain(copied).map(String::len).sum();
            assert!(bytes < 2 * 1024 * 1024, "{bytes}");
            seen.extend(page.rows.iter().filter_map(|row| row.seq));
            before = page.next;
            if before.is_none() {
                break;
            }
        }
        assert_eq!(seen, (1..=30).rev().collect::<Vec<_>>());
    }
}

#[test]
fn a_list_can_be_of_one_account_and_of_unread_ones() {
    let (_folder, inbox) = inbox();
    inbox.put_account(&account("b")).unwrap();
    inbox.record("b", numbered(9)).unwrap();
    let row = new(inbox.record("a", numbered(1)).unwrap());
    inbox.record("a", numbered(2)).unwrap();
    inbox.mark_read(&[row.id]).unwrap();
    let query = Query { account: Some("a".into()), unread: true, ..Query::default() };
    assert_eq!(titles(&inbox.list(&query).unwrap()), ["Title 2"]);
}

#[test]
fn a_search_finds_every_word_anywhere_and_gives_no_word_a_meaning() {
    let (_folder, inbox) = inbox();
    for (title, body, topic, tag) in [
        ("Backup finished", "4 GB in 100%", "nightly", "ok"),
        ("Sauvegarde terminée", "c'était \"long\"", "nightly", "fr"),
        ("备份完成", "数据库", "builds", "zh"),
        ("Ação concluída 🔥", "às três – não há espaço; * ^ - + \u{1f468}\u{200d}\u{1f469}", "discos", "pt"),
    ] {
        inbox
            .record("a", incoming(None, json!({"title": title, "body": body, "topic": topic, "tags": [tag]})))
            .unwrap();
    }
    assert_eq!(search(&inbox, "ACKU"), ["Backup finished"]);
    assert_eq!(search(&inbox, "nightly gb"), ["Backup finished"]);
    assert_eq!(search(&inbox, "terminee"), ["Sauvegarde terminée"]);
    assert_eq!(search(&inbox, "\"long\""), ["Sauvegarde terminée"]);
    assert_eq!(search(&inbox, "完成"), ["备份完成"]);
    assert_eq!(search(&inbox, "数据库"), ["备份完成"]);
    assert_eq!(search(&inbox, "0%"), ["Backup finished"]);
    assert_eq!(search(&inbox, "%"), ["Backup finished"]);
    assert_eq!(search(&inbox, "fr"), ["Sauvegarde terminée"]);
    let portuguese = ["Ação concluída 🔥"];
    for typed in [
        "acao",
        "AÇÃO",
        "ac\u{327}a\u{303}o",
        "concluida tres",
        "ESPACO",
        "🔥",
        "🔥 não",
        "às",
        "há",
        "*",
        "^ +",
        "\u{1f468}",
    ] {
        assert_eq!(search(&inbox, typed), portuguese, "{typed}");
    }
    assert_eq!(search(&inbox, "  ").len(), 4);
    for hostile in [
        "NOT",
        "AND OR",
        "title:x",
        "***",
        "a\"b\"c",
        "(((",
        "\\",
        "\0\0\0x",
        "NEAR(a b)",
        "x*",
        "🔥🔥🔥",
        "-a:",
    ] {
        assert_eq!(search(&inbox, hostile).len(), 0, "{hostile}");
    }
}

#[test]
fn what_is_removed_with_an_account_is_gone_and_late_ones_are_refused() {
    let (_folder, inbox) = inbox();
    inbox.put_account(&account("b")).unwrap();
    inbox.record("a", numbered(1)).unwrap();
    let kept = new(inbox.record("b", numbered(1)).unwrap());
    inbox.mark_read_by_server_id("a", &["later".into()]).unwrap();
    assert!(inbox.remove_account("a").unwrap());
    assert!(!inbox.remove_account("a").unwrap());
    assert_eq!(inbox.accounts().unwrap(), [account("b")]);
    assert_eq!(inbox.list(&Query::default()).unwrap().rows, [kept]);
    assert_eq!(search(&inbox, "Title").len(), 1);
    assert!(matches!(inbox.record("a", numbered(2)), Err(InboxError::NoSuchAccount(_))));
    assert!(matches!(inbox.set_cursor_if_absent("a", "e", 1), Err(InboxError::NoSuchAccount(_))));
    assert_eq!(inbox.cursor("a").unwrap(), None);
}

#[test]
fn accounts_and_settings_survive_and_keep_their_order() {
    let (folder, inbox) = inbox();
    inbox.put_account(&account("0")).unwrap();
    let changed = tidings_inbox::AccountRow {
        paths: Some("{}".into()),
        ca_file: Some("/etc/ours/ca.pem".into()),
        client_certificate: Some("/home/a/me.pem".into()),
        client_key: Some("/home/a/me.key".into()),
        signed_out: true,
        look: tidings_inbox::Look { name: Some("Work".into()), colour: Some("teal".into()), pictures: true },
        ..account("a")
    };
    inbox.put_account(&changed).unwrap();
    assert_eq!(inbox.setting("do_not_disturb").unwrap(), None);
    inbox.put_setting("do_not_disturb", "on").unwrap();
    inbox.put_setting("do_not_disturb", "off").unwrap();
    drop(inbox);
    let (inbox, _) = Inbox::open(folder.path()).unwrap();
    assert_eq!(inbox.accounts().unwrap(), [changed, account("0")]);
    assert_eq!(inbox.setting("do_not_disturb").unwrap().as_deref(), Some("off"));
}

#[test]
fn accounts_stand_where_a_person_puts_them_and_new_ones_last() {
    let (_folder, inbox) = inbox();
    let order = || inbox.accounts().unwrap().into_iter().map(|account| account.id).collect::<Vec<_>>();
    inbox.put_account(&account("b")).unwrap();
    inbox.put_account(&account("c")).unwrap();
    inbox.order_accounts(&["c", "a", "b"]).unwrap();
    assert_eq!(order(), ["c", "a", "b"]);
    inbox.put_account(&account("d")).unwrap();
    inbox.put_account(&account("a")).unwrap();
    assert_eq!(order(), ["c", "a", "b", "d"]);
}

#[test]
fn hostile_content_is_made_fit_to_show() {
    let (_folder, inbox) = inbox();
    let row = new(inbox
        .record(
            "a",
            incoming(
                Some("e"),
                json!({"seq": u64::MAX, "id": "x".repeat(5000), "title": "a\u{0}b\n\u{202E}c", "body": "y".repeat(900_000),
                    "tags": vec!["t"; 500], "click_url": "javascript:alert(1)", "icon_url": "file:///etc/passwd",
                    "actions": [{"id": "x", "label": "x", "url": "vbscript:x"}]}),
            ),
        )
        .unwrap());
    assert_eq!((row.seq, row.server_id, row.title.as_str()), (None, None, "ab c"));
    assert!(row.body.len() < 40_000 && row.body.ends_with('…') && row.tags.len() < 100);
    assert_eq!((row.click_url, row.icon_url, row.actions), (None, None, vec![]));
    assert_eq!(inbox.cursor("a").unwrap(), None);
}

#[test]
fn resting_changes_nothing_that_is_stored() {
    let (_folder, inbox) = inbox();
    inbox.record("a", numbered(1)).unwrap();
    inbox.rest().unwrap();
    assert_eq!(inbox.unread().unwrap(), 1);
}

#[test]
fn a_gap_is_known_until_it_was_seen_or_its_account_is_gone() {
    let (_folder, inbox) = inbox();
    inbox.put_account(&account("b")).unwrap();
    for id in ["a", "b"] {
        inbox.note_gap(id).unwrap();
        assert!(inbox.has_gap(id).unwrap());
    }
    inbox.gap_seen("a").unwrap();
    assert_eq!((inbox.has_gap("a").unwrap(), inbox.has_gap("b").unwrap()), (false, true));
    inbox.remove_account("b").unwrap();
    assert!(!inbox.has_gap("b").unwrap());
}

#[test]
fn what_was_withheld_for_the_sake_of_quiet_is_told_apart_until_it_is_read() {
    let (_folder, inbox) = inbox();
    let before = new(inbox.record("a", numbered(1)).unwrap()).id;
    inbox.decide(before, Disposition::DoNotDisturb).unwrap();
    let decisions = [
        Disposition::QuietHours,
        Disposition::Shown,
        Disposition::DesktopQuiet,
        Disposition::Muted,
        Disposition::DoNotDisturb,
        Disposition::QuietHours,
    ];
    let ids: Vec<i64> = (2..)
        .zip(decisions)
        .map(|(seq, disposition)| {
            let row = new(inbox.record("a", numbered(seq)).unwrap());
            inbox.decide(row.id, disposition).unwrap();
            row.id
        })
        .collect();
    inbox.mark_read(&[ids[5]]).unwrap();
    let withheld: Vec<(i64, String)> =
        inbox.withheld(before).unwrap().into_iter().map(|row| (row.id, row.title)).collect();
    let expected = [(ids[0], "Title 2"), (ids[2], "Title 4"), (ids[4], "Title 6")];
    assert_eq!(withheld, expected.map(|(id, title)| (id, title.to_owned())));
}
