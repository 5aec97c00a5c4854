//! The inbox against a model of it that fits on a page, under random sequences of everything that can happen.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{account, incoming};
use proptest::prelude::*;
use serde_json::json;
use tidings_inbox::{Disposition, Inbox, Query, Recorded};

const ACCOUNTS: [&str; 2] = ["a", "b"];
const EPOCHS: [&str; 2] = ["e1", "e2"];
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
    },
    Decide {
        nth: usize,
    },
    MarkRead {
        nth: usize,
    },
    MarkAllRead,
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
            proptest::option::weighted(0.8, id()), proptest::option::weighted(0.5, id()), 0..WORDS.len())
            .prop_map(|(account, epoch, seq, id, replaces, word)| Op::Record { account, epoch, seq, id, replaces, word }),
        4 => (0..20usize).prop_map(|nth| Op::Decide { nth }),
        3 => (0..20usize).prop_map(|nth| Op::MarkRead { nth }),
        1 => Just(Op::MarkAllRead),
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
    title: String,
    read: bool,
    unsent: bool,
    disposition: Disposition,
    /// Position in `Model::known` of the one that took its place.
    replaced_by: Option<usize>,
}

#[derive(Default)]
struct Model {
    known: Vec<Known>,
    places: BTreeSet<(usize, usize, u64)>,
    cursors: BTreeMap<usize, (usize, u64)>,
    early: BTreeSet<(usize, String)>,
}

impl Model {
    fn listed(&self) -> impl DoubleEndedIterator<Item = &Known> {
        self.known.iter().filter(|known| known.replaced_by.is_none())
    }

    fn by_server_id(&self, account: usize, id: &str) -> Option<usize> {
        self.known.iter().position(|known| known.account == account && known.server_id.as_deref() == Some(id))
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
        Op::Record { account, epoch, seq, id, replaces, word } => {
            let id = id.map(name);
            let title = format!("{} {}", WORDS[word], model.known.len());
            let json = json!({"seq": seq, "id": id, "title": title, "replaces": replaces.map(name)});
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
            let mut standing = replaces.and_then(|id| model.by_server_id(account, &name(id)));
            while let Some(next) = standing.and_then(|at| model.known[at].replaced_by) {
                standing = Some(next);
            }
            let row = match (recorded, standing) {
                (Recorded::New(row), None) => row,
                (Recorded::Replaced { row, previous }, Some(at)) => {
                    assert_eq!(previous, model.known[at].id);
                    model.known[at].replaced_by = Some(model.known.len());
                    row
                }
                (other, standing) => panic!("{other:?}, but {standing:?} stands in that place"),
            };
            assert!(model.known.last().is_none_or(|last| last.id < row.id), "ids rise");
            let (unsent, disposition, replaced_by) = (false, Disposition::Pending, None);
            model.known.push(Known {
                id: row.id,
                account,
                server_id: id,
                title,
                read,
                unsent,
                disposition,
                replaced_by,
            });
        }
        Op::Decide { nth } => {
            let Some(known) = model.known.get_mut(nth) else { return };
            let moves = known.replaced_by.is_none() && known.disposition == Disposition::Pending;
            assert_eq!(inbox.decide(known.id, Disposition::Shown).unwrap(), moves);
            if moves {
                known.disposition = Disposition::Shown;
            }
        }
        Op::MarkRead { nth } => {
            let Some(known) = model.known.get_mut(nth) else { return };
            let moves = known.replaced_by.is_none() && !known.read;
            let told = known.server_id.clone().filter(|_| moves);
            let expected = told.clone().map(|id| (ACCOUNTS[known.account].to_owned(), id));
            assert_eq!(inbox.mark_read(&[known.id]).unwrap(), expected.into_iter().collect::<Vec<_>>());
            known.read |= moves;
            known.unsent |= told.is_some();
        }
        Op::MarkAllRead => {
            let mut told = inbox.mark_all_read().unwrap();
            told.sort();
            let mut expected = Vec::new();
            for known in model.known.iter_mut().filter(|known| known.replaced_by.is_none() && !known.read) {
                known.read = true;
                known.unsent = known.server_id.is_some();
                expected.extend(known.server_id.clone().map(|id| (ACCOUNTS[known.account].to_owned(), id)));
            }
            expected.sort();
            assert_eq!(told, expected);
        }
        Op::ReadElsewhere { account, id } => {
            let id = name(id);
            let read = inbox.mark_read_by_server_id(ACCOUNTS[account], std::slice::from_ref(&id)).unwrap();
            match model.by_server_id(account, &id) {
                Some(at) => {
                    let known = &mut model.known[at];
                    let moves = known.replaced_by.is_none() && !known.read;
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
    for word in WORDS {
        let query = Query { search: Some(word.to_uppercase()), ..Query::default() };
        assert_eq!(rows(query), expected(&|known| known.title.contains(word)), "{word}");
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
        let unsent = model.listed().filter(|known| known.unsent && known.account == index);
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
        let mut model = Model::default();
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
