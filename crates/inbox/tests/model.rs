//! The inbox against a model of it that fits on a page, under random sequences of everything that can happen.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{NOW, account, incoming};
use proptest::prelude::*;
use serde_json::json;
use tidings_inbox::{Disposition, Inbox, Query, RESTORABLE, Recorded};
use tidings_protocol::Priority;
use time::{Duration, OffsetDateTime};

const ACCOUNTS: [&str; 2] = ["a", "b"];
const EPOCHS: [&str; 2] = ["e1", "e2"];
const TOPICS: [&str; 2] = ["debts", "disks"];
const WORDS: [&str; 4] = ["backup", "Build", "ok", "übergabe"];

#[derive(Clone, Debug)]
enum Op {
    Record {
        account: usize,
        epoch: Option<usize>,
        seq: Option<u64>,
        id: Option<u8>,
        replaces: Option<u8>,
        word: usize,
        topic: Option<usize>,
        urgent: bool,
    },
    Decide {
        nth: usize,
    },
    MarkRead {
        nth: usize,
    },
    MarkUnread {
        nth: usize,
    },
    MarkAllRead,
    Keep {
        nth: usize,
        kept: bool,
    },
    Delete {
        nth: usize,
    },
    Restore {
        nth: usize,
    },
    Later {
        minutes: i64,
    },
    Erase,
    ReadElsewhere {
        account: usize,
        id: u8,
    },
    ReadsSent {
        account: usize,
    },
    Baseline {
        account: usize,
        epoch: usize,
        seq: u64,
    },
    Resumed {
        account: usize,
        epoch: usize,
        head: u64,
    },
    Rest,
    Reopen,
}

fn op() -> impl Strategy<Value = Op> {
    let account = || 0..ACCOUNTS.len();
    let epoch = || 0..EPOCHS.len();
    let id = || 0..10u8;
    prop_oneof![
        12 => (account(), proptest::option::weighted(0.9, epoch()), proptest::option::weighted(0.6, 1..40u64),
            proptest::option::weighted(0.8, id()), proptest::option::weighted(0.5, id()), 0..WORDS.len(),
            proptest::option::of(0..TOPICS.len()), any::<bool>())
            .prop_map(|(account, epoch, seq, id, replaces, word, topic, urgent)| {
                Op::Record { account, epoch, seq, id, replaces, word, topic, urgent }
            }),
        4 => (0..20usize).prop_map(|nth| Op::Decide { nth }),
        3 => (0..20usize).prop_map(|nth| Op::MarkRead { nth }),
        2 => (0..20usize).prop_map(|nth| Op::MarkUnread { nth }),
        1 => Just(Op::MarkAllRead),
        2 => ((0..20usize), any::<bool>()).prop_map(|(nth, kept)| Op::Keep { nth, kept }),
        4 => (0..20usize).prop_map(|nth| Op::Delete { nth }),
        3 => (0..20usize).prop_map(|nth| Op::Restore { nth }),
        2 => (1..9i64).prop_map(|minutes| Op::Later { minutes }),
        2 => Just(Op::Erase),
        3 => (account(), id()).prop_map(|(account, id)| Op::ReadElsewhere { account, id }),
        1 => account().prop_map(|account| Op::ReadsSent { account }),
        1 => (account(), epoch(), 0..25u64).prop_map(|(account, epoch, seq)| Op::Baseline { account, epoch, seq }),
        1 => (account(), epoch(), 0..25u64).prop_map(|(account, epoch, head)| Op::Resumed { account, epoch, head }),
        1 => Just(Op::Rest),
        2 => Just(Op::Reopen),
    ]
}

#[derive(Clone, Debug)]
struct Known {
    id: i64,
    account: usize,
    server_id: Option<String>,
    replaces: Option<u8>,
    title: String,
    topic: Option<usize>,
    urgent: bool,
    read: bool,
    unsent: bool,
    kept: bool,
    deleted_at: Option<OffsetDateTime>,
    erased: bool,
    disposition: Disposition,
    /// Position in `Model::known` of the one that took its place.
    replaced_by: Option<usize>,
}

impl Known {
    fn is_listed(&self) -> bool {
        self.replaced_by.is_none() && self.deleted_at.is_none() && !self.erased
    }
}

struct Model {
    now: OffsetDateTime,
    known: Vec<Known>,
    places: BTreeSet<(usize, usize, u64)>,
    cursors: BTreeMap<usize, (usize, u64)>,
    early: BTreeSet<(usize, String)>,
}

impl Model {
    fn new() -> Self {
        Self {
            now: NOW,
            known: Vec::new(),
            places: BTreeSet::new(),
            cursors: BTreeMap::new(),
            early: BTreeSet::new(),
        }
    }

    fn listed(&self) -> impl DoubleEndedIterator<Item = &Known> {
        self.known.iter().filter(|known| known.is_listed())
    }

    fn by_server_id(&self, account: usize, id: &str) -> Option<usize> {
        self.known.iter().position(|known| known.account == account && known.server_id.as_deref() == Some(id))
    }

    /// The last one that replaces the same; what was emptied has lost its topic.
    fn by_replaced(&self, account: usize, replaced: u8, topic: Option<usize>) -> Option<usize> {
        self.known.iter().rposition(|known| {
            let emptied = known.replaced_by.is_some() || known.erased;
            let of_topic = known.topic.filter(|_| !emptied) == topic;
            known.account == account && known.replaces == Some(replaced) && of_topic
        })
    }

    fn advance(&mut self, account: usize, epoch: usize, seq: u64) {
        let cursor = self.cursors.entry(account).or_insert((epoch, seq));
        *cursor = if cursor.0 == epoch { (epoch, cursor.1.max(seq)) } else { (epoch, seq) };
    }
}

fn name(id: u8) -> String {
    format!("id{id}")
}

fn apply(inbox: &Inbox, model: &mut Model, op: &Op) {
    match *op {
        Op::Record { account, epoch, seq, id, replaces, word, topic, urgent } => {
            let id = id.map(name);
            let title = format!("{} {}", WORDS[word], model.known.len());
            let json = json!({"seq": seq, "id": id, "title": title, "replaces": replaces.map(name),
                "topic": topic.map(|topic| TOPICS[topic]), "priority": if urgent { 5 } else { 2 }});
            let recorded =
                inbox.record(ACCOUNTS[account], incoming(epoch.map(|epoch| EPOCHS[epoch]), json)).unwrap();
            let place = epoch.zip(seq);
            let seen = place.is_some_and(|(epoch, seq)| model.places.contains(&(account, epoch, seq)))
                || id.as_deref().is_some_and(|id| model.by_server_id(account, id).is_some());
            if let Some((epoch, seq)) = place {
                model.advance(account, epoch, seq);
            }
            if seen {
                assert_eq!(recorded, Recorded::Duplicate);
                return;
            }
            model.places.extend(place.map(|(epoch, seq)| (account, epoch, seq)));
            let read = id.as_ref().is_some_and(|id| model.early.remove(&(account, id.clone())));
            let mut standing = replaces.and_then(|id| {
                let by_id = model.by_server_id(account, &name(id));
                by_id.or_else(|| model.by_replaced(account, id, topic))
            });
            while let Some(next) = standing.and_then(|at| model.known[at].replaced_by) {
                standing = Some(next);
            }
            let seen = standing.filter(|&at| model.known[at].is_listed());
            let row = match (recorded, seen) {
                (Recorded::New(row), None) => row,
                (Recorded::Replaced { row, previous }, Some(at)) => {
                    assert_eq!(previous, model.known[at].id);
                    row
                }
                (other, seen) => panic!("{other:?}, but {seen:?} stands in that place"),
            };
            let kept = seen.is_some_and(|at| model.known[at].kept);
            let next = model.known.len();
            if let Some(replaced) = standing.map(|at| &mut model.known[at]) {
                replaced.replaced_by = Some(next);
                // nobody needs to be told any more, but of what was deleted for good
                replaced.unsent &= replaced.erased;
                replaced.deleted_at = None;
            }
            assert_eq!(row.kept, kept);
            assert!(model.known.last().is_none_or(|last| last.id < row.id), "ids rise");
            let (unsent, disposition, replaced_by) = (false, Disposition::Pending, None);
            model.known.push(Known {
                id: row.id,
                account,
                server_id: id,
                replaces,
                title,
                topic,
                urgent,
                read,
                unsent,
                kept,
                deleted_at: None,
                erased: false,
                disposition,
                replaced_by,
            });
        }
        Op::Decide { nth } => {
            let Some(known) = model.known.get_mut(nth) else { return };
            let moves = known.is_listed() && known.disposition == Disposition::Pending;
            assert_eq!(inbox.decide(known.id, Disposition::Shown).unwrap(), moves);
            if moves {
                known.disposition = Disposition::Shown;
            }
        }
        Op::MarkRead { nth } => {
            let Some(known) = model.known.get_mut(nth) else { return };
            let moves = known.is_listed() && !known.read;
            let told = known.server_id.clone().filter(|_| moves);
            let expected = told.clone().map(|id| (ACCOUNTS[known.account].to_owned(), id));
            assert_eq!(inbox.mark_read(&[known.id]).unwrap(), expected.into_iter().collect::<Vec<_>>());
            known.read |= moves;
            known.unsent |= told.is_some();
        }
        Op::MarkAllRead => {
            let ids = inbox.unread_ids(i64::MAX, usize::MAX).unwrap();
            let mut told = inbox.mark_read(&ids).unwrap();
            told.sort();
            let mut expected = Vec::new();
            for known in model.known.iter_mut().filter(|known| known.is_listed() && !known.read) {
                known.read = true;
                known.unsent = known.server_id.is_some();
                expected.extend(known.server_id.clone().map(|id| (ACCOUNTS[known.account].to_owned(), id)));
            }
            expected.sort();
            assert_eq!(told, expected);
        }
        Op::MarkUnread { nth } => {
            let Some(known) = model.known.get_mut(nth) else { return };
            let moves = known.is_listed() && known.read;
            assert_eq!(inbox.mark_unread(&[known.id]).unwrap(), if moves { vec![known.id] } else { vec![] });
            if moves {
                (known.read, known.unsent) = (false, false);
            }
        }
        Op::Keep { nth, kept } => {
            let Some(known) = model.known.get_mut(nth) else { return };
            let moves = known.is_listed() && known.kept != kept;
            assert_eq!(inbox.keep(&[known.id], kept).unwrap(), if moves { vec![known.id] } else { vec![] });
            if moves {
                known.kept = kept;
            }
        }
        Op::Delete { nth } => {
            let Some(known) = model.known.get_mut(nth) else { return };
            let moves = known.is_listed();
            let deleted = inbox.delete(&[known.id], model.now).unwrap();
            assert_eq!(deleted, if moves { vec![known.id] } else { vec![] });
            if moves {
                known.deleted_at = Some(model.now);
            }
        }
        Op::Restore { nth } => {
            let Some(known) = model.known.get_mut(nth) else { return };
            let moves = known.deleted_at.is_some_and(|at| model.now - at < RESTORABLE);
            let restored = inbox.restore(&[known.id], model.now).unwrap();
            assert_eq!(
                restored.first().map(|row| (row.id, row.kept)),
                moves.then_some((known.id, known.kept))
            );
            if moves {
                known.deleted_at = None;
            }
        }
        Op::Later { minutes } => model.now += Duration::minutes(minutes),
        Op::Erase => {
            let mut told = BTreeSet::new();
            while let Some(at) = inbox.next_erasure().unwrap().filter(|at| *at <= model.now) {
                assert!(at <= model.now);
                told.extend(inbox.erase(model.now).unwrap().read);
            }
            let mut expected = BTreeSet::new();
            let due = |known: &&mut Known| known.deleted_at.is_some_and(|at| model.now - at >= RESTORABLE);
            for known in model.known.iter_mut().filter(due) {
                if !known.read && known.server_id.is_some() {
                    known.unsent = true;
                    expected.insert(ACCOUNTS[known.account].to_owned());
                }
                (known.deleted_at, known.erased, known.read, known.kept) = (None, true, true, false);
            }
            assert_eq!(told, expected);
        }
        Op::ReadElsewhere { account, id } => {
            let id = name(id);
            let read = inbox.mark_read_by_server_id(ACCOUNTS[account], std::slice::from_ref(&id)).unwrap();
            match model.by_server_id(account, &id) {
                Some(at) => {
                    let known = &mut model.known[at];
                    let moves = known.is_listed() && !known.read;
                    assert_eq!(read, if moves { vec![known.id] } else { vec![] });
                    (known.read, known.unsent) = (true, false);
                }
                None => {
                    assert!(read.is_empty());
                    model.early.insert((account, id));
                }
            }
        }
        Op::ReadsSent { account } => {
            let ids = inbox.unsent_reads(ACCOUNTS[account]).unwrap();
            inbox.reads_sent(ACCOUNTS[account], &ids).unwrap();
            model
                .known
                .iter_mut()
                .filter(|known| known.account == account)
                .for_each(|known| known.unsent = false);
        }
        Op::Baseline { account, epoch, seq } => {
            let set = inbox.set_cursor_if_absent(ACCOUNTS[account], EPOCHS[epoch], seq).unwrap();
            assert_eq!(set, !model.cursors.contains_key(&account));
            model.cursors.entry(account).or_insert((epoch, seq));
        }
        Op::Resumed { account, epoch, head } => {
            inbox.resumed(ACCOUNTS[account], EPOCHS[epoch], head).unwrap();
            model.advance(account, epoch, head);
        }
        Op::Rest => inbox.rest().unwrap(),
        Op::Reopen => {}
    }
}

fn compare(inbox: &Inbox, model: &Model) {
    let rows = |query: Query| {
        let page = inbox.list(&Query { limit: Some(Query::MOST), ..query }).unwrap();
        page.rows.into_iter().map(|row| (row.id, row.title, row.read, row.disposition)).collect::<Vec<_>>()
    };
    let expected = |wanted: &dyn Fn(&Known) -> bool| {
        let listed = model.listed().rev().filter(|known| wanted(known));
        listed.map(|known| (known.id, known.title.clone(), known.read, known.disposition)).collect::<Vec<_>>()
    };
    assert_eq!(rows(Query::default()), expected(&|_| true));
    assert_eq!(rows(Query { unread: true, ..Query::default() }), expected(&|known| !known.read));
    let of_kept = |kept| Query { kept, ..Query::default() };
    assert_eq!(rows(of_kept(true)), expected(&|known| known.kept));
    let urgent = Query { least_priority: Some(Priority::Default), ..Query::default() };
    assert_eq!(rows(urgent.clone()), expected(&|known| known.urgent));
    for (index, topic) in TOPICS.iter().enumerate() {
        let of = Query { topic: Some((*topic).into()), ..Query::default() };
        assert_eq!(rows(of.clone()), expected(&|known| known.topic == Some(index)));
        let all =
            Query { account: Some("b".into()), unread: true, search: Some("b".into()), ..urgent.clone() };
        let all = Query { topic: of.topic, ..all };
        assert_eq!(
            rows(all),
            expected(&|known| {
                let found = known.title.to_lowercase().contains('b') || TOPICS[index].contains('b');
                known.topic == Some(index) && known.account == 1 && known.urgent && !known.read && found
            })
        );
    }
    let topics = inbox.topics().unwrap().into_iter().map(|topic| (topic.account, topic.name, topic.unread));
    let mut counted: BTreeMap<(usize, usize), u32> = BTreeMap::new();
    for known in model.listed() {
        if let Some(topic) = known.topic {
            *counted.entry((known.account, topic)).or_default() += u32::from(!known.read);
        }
    }
    let counted = counted
        .into_iter()
        .map(|((account, topic), unread)| (ACCOUNTS[account].to_owned(), TOPICS[topic].to_owned(), unread));
    assert_eq!(topics.collect::<Vec<_>>(), counted.collect::<Vec<_>>());
    for word in WORDS {
        let query = Query { search: Some(word.to_uppercase()), ..Query::default() };
        assert_eq!(rows(query), expected(&|known| known.title.contains(word)), "{word}");
        // what is listed no more is not found by its words either
        let short: String = word.chars().take(2).collect();
        let query = Query { search: Some(short.to_uppercase()), ..Query::default() };
        assert_eq!(
            rows(query),
            expected(&|known| {
                let topic = known.topic.map(|topic| TOPICS[topic]).unwrap_or_default();
                [&known.title, topic].iter().any(|text| text.to_lowercase().contains(&short.to_lowercase()))
            }),
            "{short}"
        );
    }
    let pending = inbox.pending().unwrap().into_iter().map(|row| row.id).collect::<Vec<_>>();
    let undecided = model.listed().filter(|known| known.disposition == Disposition::Pending);
    assert_eq!(pending, undecided.map(|known| known.id).collect::<Vec<_>>());
    assert_eq!(inbox.unread().unwrap() as usize, model.listed().filter(|known| !known.read).count());
    for (index, account) in ACCOUNTS.iter().enumerate() {
        let of = Query { account: Some((*account).into()), ..Query::default() };
        assert_eq!(rows(of), expected(&|known| known.account == index));
        let unread = model.listed().filter(|known| !known.read && known.account == index).count();
        assert_eq!(inbox.unread_of(account).unwrap() as usize, unread);
        let cursor = model.cursors.get(&index).map(|(epoch, seq)| (EPOCHS[*epoch].to_owned(), *seq));
        assert_eq!(inbox.cursor(account).unwrap(), cursor);
        let unsent = model.known.iter().filter(|known| known.unsent && known.account == index);
        assert_eq!(
            inbox.unsent_reads(account).unwrap(),
            unsent.filter_map(|known| known.server_id.clone()).collect::<Vec<_>>()
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_inbox_does_what_the_model_does(ops in proptest::collection::vec(op(), 1..90)) {
        let folder = tempfile::tempdir().unwrap();
        let mut inbox = Inbox::open(folder.path()).unwrap().0;
        for id in ACCOUNTS {
            inbox.put_account(&account(id)).unwrap();
        }
        let mut model = Model::new();
        for op in &ops {
            apply(&inbox, &mut model, op);
            if matches!(op, Op::Reopen) {
                drop(inbox);
                inbox = Inbox::open(folder.path()).unwrap().0;
            }
            compare(&inbox, &model);
        }
    }
}
