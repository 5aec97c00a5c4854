//! Databases and folders that are not as they should be when the inbox is opened.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::{
    fs,
    path::{Path, PathBuf},
};

use common::{account, inbox, incoming, numbered};
use rusqlite::Connection;
use tidings_inbox::{AccountRow, Inbox, InboxError, Look, Opened, Query, Recorded};

fn file(folder: &Path) -> PathBuf {
    folder.join("inbox.db")
}

fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap()))
        .collect::<Vec<_>>();
    files.sort();
    files
}

fn replaced(folder: &Path) -> (Inbox, PathBuf) {
    match Inbox::open(folder).unwrap() {
        (inbox, Opened::Replaced { kept, reason }) => {
            assert!(!reason.is_empty());
            (inbox, kept)
        }
        (_, Opened::Ready) => panic!("damage was not noticed"),
    }
}

#[test]
fn a_missing_folder_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let (_inbox, opened) = Inbox::open(&folder.path().join("new/deep")).unwrap();
    assert_eq!(opened, Opened::Ready);
}

#[cfg(unix)]
#[test]
fn nobody_else_may_read_what_is_stored() {
    use std::os::unix::fs::PermissionsExt as _;
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().join("data");
    let (inbox, _) = Inbox::open(&folder).unwrap();
    inbox.put_account(&account("a")).unwrap();
    assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
    for entry in fs::read_dir(&folder).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(
            entry.metadata().unwrap().permissions().mode() & 0o777,
            0o600,
            "{}",
            entry.path().display()
        );
    }
}

#[test]
fn garbage_is_set_aside_unchanged_and_a_new_inbox_works() {
    let folder = tempfile::tempdir().unwrap();
    let garbage = b"this was a database once".repeat(500);
    fs::write(file(folder.path()), &garbage).unwrap();
    fs::write(folder.path().join("inbox.db-wal"), b"and its log").unwrap();
    let (inbox, kept) = replaced(folder.path());
    assert_eq!(fs::read(&kept).unwrap(), garbage);
    assert_eq!(fs::read(kept.with_extension("db-wal")).unwrap(), b"and its log");
    inbox.put_account(&account("a")).unwrap();
    assert!(matches!(inbox.record("a", numbered(1)).unwrap(), Recorded::New(_)));
    drop(inbox);
    assert_eq!(Inbox::open(folder.path()).unwrap().1, Opened::Ready);
}

#[test]
fn one_that_is_damaged_a_second_time_does_not_push_out_the_first() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(file(folder.path()), b"first".repeat(100)).unwrap();
    let (inbox, first) = replaced(folder.path());
    drop(inbox);
    fs::write(file(folder.path()), b"second".repeat(100)).unwrap();
    let (_inbox, second) = replaced(folder.path());
    assert_ne!(first, second);
    assert!(fs::read(first).unwrap().starts_with(b"first"));
    assert!(fs::read(second).unwrap().starts_with(b"second"));
}

fn signed_out(id: &str) -> AccountRow {
    let look = Look { name: Some("Home".into()), colour: Some("rose".into()), pictures: true };
    AccountRow {
        signed_out: true,
        ca_file: Some("/etc/ca.pem".into()),
        look,
        dialect: "ntfy".into(),
        topics: Some("[\"disks\"]".into()),
        anonymous: true,
        paused: true,
        deletes_on_server: true,
        ..account(id)
    }
}

/// An inbox with some hundred rows, closed.
fn well_filled() -> tempfile::TempDir {
    let (folder, inbox) = inbox();
    inbox.put_setting("do_not_disturb", "on").unwrap();
    inbox.put_account(&signed_out("z")).unwrap();
    inbox.order_accounts(&["z", "a"]).unwrap();
    for seq in 1..=300 {
        let body = format!("row {seq} ").repeat(50);
        let json = serde_json::json!({"seq": seq, "id": format!("n{seq}"), "title": "t", "body": body});
        inbox.record("a", incoming(Some("e"), json)).unwrap();
    }
    folder
}

#[test]
fn with_damaged_rows_accounts_cursor_and_settings_are_carried_over() {
    let folder = well_filled();
    let mut bytes = fs::read(file(folder.path())).unwrap();
    let half = bytes.len() / 2;
    bytes[half..].fill(0xA5);
    fs::write(file(folder.path()), bytes).unwrap();
    let (inbox, _) = replaced(folder.path());
    assert_eq!(inbox.accounts().unwrap(), [signed_out("z"), account("a")]);
    assert_eq!(
        inbox.cursor("a").unwrap(),
        Some(("e".into(), 300)),
        "nothing is missed, and nothing comes twice"
    );
    assert_eq!(inbox.setting("do_not_disturb").unwrap().as_deref(), Some("on"));
    assert!(inbox.list(&Query::default()).unwrap().rows.is_empty());
}

#[test]
fn a_file_that_was_cut_short_is_noticed() {
    let folder = well_filled();
    let bytes = fs::read(file(folder.path())).unwrap();
    fs::write(file(folder.path()), &bytes[..bytes.len() / 3]).unwrap();
    replaced(folder.path());
}

#[test]
fn an_empty_file_is_a_new_inbox() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(file(folder.path()), b"").unwrap();
    assert_eq!(Inbox::open(folder.path()).unwrap().1, Opened::Ready);
}

#[test]
fn the_database_of_another_program_is_set_aside() {
    let folder = tempfile::tempdir().unwrap();
    Connection::open(file(folder.path())).unwrap().execute_batch("CREATE TABLE recipes (name)").unwrap();
    let (_inbox, kept) = replaced(folder.path());
    Connection::open(kept).unwrap().execute_batch("SELECT name FROM recipes").unwrap();
}

#[test]
fn a_database_of_a_newer_version_is_refused_and_not_touched() {
    let (folder, inbox) = inbox();
    drop(inbox);
    Connection::open(file(folder.path())).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let before = files(folder.path());
    let error = Inbox::open(folder.path()).unwrap_err();
    assert!(matches!(error, InboxError::TooNew { found: 99, .. }), "{error:?}");
    assert!(error.to_string().contains("update Tidings"), "{error}");
    assert_eq!(files(folder.path()), before);
}

#[test]
fn a_newer_version_that_is_only_in_the_log_yet_is_not_touched_either() {
    let (folder, inbox) = inbox();
    drop(inbox);
    let db = Connection::open(file(folder.path())).unwrap();
    db.pragma_update(None, "user_version", 99).unwrap();
    // a copy taken while it is open is what a crash leaves
    let crashed = tempfile::tempdir().unwrap();
    for name in ["inbox.db", "inbox.db-wal"] {
        fs::copy(folder.path().join(name), crashed.path().join(name)).unwrap();
    }
    let before = files(crashed.path());
    assert!(matches!(Inbox::open(crashed.path()), Err(InboxError::TooNew { found: 99, .. })));
    let after = files(crashed.path());
    assert!(before.iter().all(|file| after.contains(file)));
}

#[test]
fn a_file_where_the_folder_should_be_is_an_error_and_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data");
    fs::write(&path, b"mine").unwrap();
    assert!(Inbox::open(&path).is_err());
    assert_eq!(fs::read(&path).unwrap(), b"mine");
}
