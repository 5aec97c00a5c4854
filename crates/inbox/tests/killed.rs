//! A writer that is killed in the middle of its work, again and again.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::{
    collections::HashMap,
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Command, Stdio},
};

use common::{account, numbered};
use tidings_inbox::{Disposition, Inbox, Query, Recorded};

const FOLDER: &str = "TIDINGS_TEST_FOLDER";
const ROUNDS: usize = 25;

/// What the agent does, without end: go on from the cursor, record, decide, show.
#[test]
#[ignore = "runs as the child that is killed"]
fn writer() {
    let (inbox, _) = Inbox::open(Path::new(&std::env::var_os(FOLDER).unwrap())).unwrap();
    let mut out = std::io::stdout().lock();
    let mut show = |id: i64| {
        if inbox.decide(id, Disposition::Shown).unwrap() {
            writeln!(out, "\nshown {id}").unwrap();
        }
    };
    for row in inbox.pending().unwrap() {
        show(row.id);
    }
    let (_, from) = inbox.cursor("a").unwrap().unwrap();
    // a replay overlaps, as after a connection that broke
    for seq in from.saturating_sub(3).max(1).. {
        match inbox.record("a", numbered(seq)).unwrap() {
            Recorded::New(row) => show(row.id),
            Recorded::Duplicate => {}
            Recorded::Replaced { .. } => panic!("nothing is replaced here"),
        }
    }
}

#[test]
fn a_killed_writer_loses_nothing_doubles_nothing_and_shows_nothing_twice() {
    let folder = tempfile::tempdir().unwrap();
    let (inbox, _) = Inbox::open(folder.path()).unwrap();
    inbox.put_account(&account("a")).unwrap();
    inbox.set_cursor_if_absent("a", "e", 0).unwrap();
    drop(inbox);
    let mut shown: HashMap<i64, u32> = HashMap::new();
    for round in 0..ROUNDS {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "writer", "--ignored", "--nocapture"])
            .env(FOLDER, folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let id_of = |line: &str| line.strip_prefix("shown ").and_then(|id| id.parse().ok());
        // a different moment in each round; the child goes on while it is being killed
        let wanted = 1 + round * 7 % 40;
        for id in lines.by_ref().filter_map(|line| id_of(&line)).take(wanted) {
            *shown.entry(id).or_default() += 1;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        for id in lines.filter_map(|line| id_of(&line)) {
            *shown.entry(id).or_default() += 1;
        }
        check(folder.path(), &shown);
    }
    assert!(shown.len() >= ROUNDS, "the writer made progress");
}

fn check(folder: &Path, shown: &HashMap<i64, u32>) {
    let (inbox, opened) = Inbox::open(folder).unwrap();
    assert_eq!(opened, tidings_inbox::Opened::Ready);
    let mut rows = Vec::new();
    let mut before = None;
    loop {
        let page = inbox.list(&Query { before, limit: Some(Query::MOST), ..Query::default() }).unwrap();
        rows.extend(page.rows);
        before = page.next;
        if before.is_none() {
            break;
        }
    }
    rows.reverse();
    let (epoch, cursor) = inbox.cursor("a").unwrap().unwrap();
    let stored = rows.iter().filter_map(|row| row.seq).collect::<Vec<_>>();
    assert_eq!(stored, (1..=cursor).collect::<Vec<_>>(), "{epoch}: every one up to the cursor, once");
    for (id, times) in shown {
        let row = rows.iter().find(|row| row.id == *id);
        assert_eq!(row.map(|row| row.disposition), Some(Disposition::Shown), "what was shown is stored");
        assert_eq!(*times, 1, "row {id} was shown more than once");
    }
    assert_eq!(inbox.unread().unwrap() as usize, rows.len());
}
