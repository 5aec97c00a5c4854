//! A long secret in several entries, for keychains that take little in one.
//!
//! Owns the layout, as pure functions over [`Entries`]. A secret that fits is one entry, as it is. A longer one is a
//! head that names a generation and a count, and that many numbered entries. A new generation is written in full
//! before the head points to it, so that a crash in between leaves the old secret whole.

use std::ops::Range;

use super::VaultError;

/// Where entries are kept: a keychain, or a map in a test. Names are the account's id, with a suffix for pieces.
pub(super) trait Entries {
    /// Largest entry in bytes, where there is a limit.
    const LIMIT: Option<usize>;
    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, VaultError>;
    fn write(&self, name: &str, secret: &[u8]) -> Result<(), VaultError>;
    fn erase(&self, name: &str) -> Result<(), VaultError>;
}

/// How a head begins; a session is JSON and never does.
const HEAD: &str = "tidings-parts ";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Head {
    generation: u8,
    count: usize,
}

impl Head {
    fn parse(entry: &[u8]) -> Option<Self> {
        let rest = std::str::from_utf8(entry).ok()?.strip_prefix(HEAD)?;
        let (generation, count) = rest.split_once(' ')?;
        Some(Self { generation: generation.parse().ok()?, count: count.parse().ok()? })
    }

    fn text(self) -> String {
        format!("{HEAD}{} {}", self.generation, self.count)
    }

    fn names(self, name: &str) -> impl Iterator<Item = String> {
        (0..self.count).map(move |piece| format!("{name}/{}/{piece}", self.generation))
    }
}

/// The ranges of a secret's bytes that go into one entry each.
fn pieces(length: usize, limit: usize) -> impl Iterator<Item = Range<usize>> {
    (0..length).step_by(limit.max(1)).map(move |start| start..length.min(start + limit.max(1)))
}

pub(super) fn read<E: Entries>(entries: &E, name: &str) -> Result<Option<Vec<u8>>, VaultError> {
    let Some(first) = entries.read(name)? else { return Ok(None) };
    let Some(head) = Head::parse(&first) else { return Ok(Some(first)) };
    let mut whole = Vec::new();
    for piece in head.names(name) {
        let missing = || VaultError::Garbled("a piece of the stored sign-in is missing".to_owned());
        whole.extend(entries.read(&piece)?.ok_or_else(missing)?);
    }
    Ok(Some(whole))
}

pub(super) fn write<E: Entries>(entries: &E, name: &str, secret: &[u8]) -> Result<(), VaultError> {
    let old = entries.read(name)?.as_deref().and_then(Head::parse);
    match E::LIMIT {
        Some(limit) if secret.len() > limit => {
            let generation = old.map_or(0, |old| old.generation.wrapping_add(1));
            let head = Head { generation, count: pieces(secret.len(), limit).count() };
            for (piece, range) in head.names(name).zip(pieces(secret.len(), limit)) {
                entries.write(&piece, &secret[range])?;
            }
            entries.write(name, head.text().as_bytes())?;
        }
        _ => entries.write(name, secret)?,
    }
    erase_pieces(entries, name, old)
}

pub(super) fn erase<E: Entries>(entries: &E, name: &str) -> Result<(), VaultError> {
    let old = match E::LIMIT {
        Some(_) => entries.read(name)?.as_deref().and_then(Head::parse),
        None => None,
    };
    entries.erase(name)?;
    erase_pieces(entries, name, old)
}

fn erase_pieces<E: Entries>(entries: &E, name: &str, head: Option<Head>) -> Result<(), VaultError> {
    head.into_iter().flat_map(|head| head.names(name)).try_for_each(|piece| entries.erase(&piece))
}

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, collections::BTreeMap};

    use proptest::prelude::*;

    use super::*;

    #[derive(Default)]
    struct Small {
        entries: RefCell<BTreeMap<String, Vec<u8>>>,
        writes_left: RefCell<Option<usize>>,
    }

    impl Entries for Small {
        const LIMIT: Option<usize> = Some(20);

        fn read(&self, name: &str) -> Result<Option<Vec<u8>>, VaultError> {
            Ok(self.entries.borrow().get(name).cloned())
        }

        fn write(&self, name: &str, secret: &[u8]) -> Result<(), VaultError> {
            assert!(secret.len() <= 20, "{} bytes in one entry", secret.len());
            if let Some(left) = self.writes_left.borrow_mut().as_mut() {
                *left = left.checked_sub(1).ok_or_else(|| VaultError::Unavailable("power cut".into()))?;
            }
            self.entries.borrow_mut().insert(name.to_owned(), secret.to_vec());
            Ok(())
        }

        fn erase(&self, name: &str) -> Result<(), VaultError> {
            self.entries.borrow_mut().remove(name);
            Ok(())
        }
    }

    #[test]
    fn what_fits_is_one_entry_as_it_is() {
        let small = Small::default();
        write(&small, "id", b"{\"twenty\": \"bytes\"}").unwrap();
        assert_eq!(small.entries.borrow()["id"], b"{\"twenty\": \"bytes\"}");
        assert_eq!(small.entries.borrow().len(), 1);
    }

    #[test]
    fn pieces_cover_everything_once() {
        assert_eq!(pieces(0, 4).count(), 0);
        assert_eq!(pieces(9, 4).collect::<Vec<_>>(), [0..4, 4..8, 8..9]);
        assert_eq!(pieces(8, 4).collect::<Vec<_>>(), [0..4, 4..8]);
    }

    #[test]
    fn shorter_after_longer_leaves_no_piece_behind() {
        let small = Small::default();
        write(&small, "id", &[b'a'; 50]).unwrap();
        assert_eq!(small.entries.borrow().len(), 4);
        write(&small, "id", b"short").unwrap();
        assert_eq!(small.entries.borrow().len(), 1);
        write(&small, "id", &[b'b'; 50]).unwrap();
        erase(&small, "id").unwrap();
        assert!(small.entries.borrow().is_empty());
        erase(&small, "id").unwrap();
    }

    #[test]
    fn a_crash_at_any_write_leaves_the_old_secret_or_the_new_one() {
        for crash_after in 0..=5 {
            let small = Small::default();
            write(&small, "id", &[b'a'; 70]).unwrap();
            *small.writes_left.borrow_mut() = Some(crash_after);
            let done = write(&small, "id", &[b'b'; 70]).is_ok();
            let expected = if done { [b'b'; 70] } else { [b'a'; 70] };
            assert_eq!(read(&small, "id").unwrap().unwrap(), expected, "after {crash_after} writes");
            assert_eq!(done, crash_after == 5);
        }
    }

    #[test]
    fn a_missing_piece_is_garbled() {
        let small = Small::default();
        write(&small, "id", &[b'a'; 50]).unwrap();
        small.erase("id/0/2").unwrap();
        assert!(matches!(read(&small, "id"), Err(VaultError::Garbled(_))));
    }

    proptest! {
        #[test]
        fn what_was_written_is_read(first: Vec<u8>, second: Vec<u8>) {
            let small = Small::default();
            for secret in [first, second] {
                // a session is JSON; nothing else is ever stored
                prop_assume!(!secret.starts_with(HEAD.as_bytes()));
                write(&small, "id", &secret).unwrap();
                prop_assert_eq!(read(&small, "id").unwrap(), Some(secret));
            }
        }
    }
}
