//! Which of the daemon's notifications are ours.

use std::collections::VecDeque;

use zbus::names::{OwnedUniqueName, UniqueName};

use super::Press;

/// Most toasts that a click is still understood for. Daemons keep fewer in their history.
const MOST: usize = 256;

/// One toast on the screen, or in the daemon's history.
#[derive(Debug)]
pub(super) struct Entry {
    /// Ids are the daemon's own: a restarted one begins anew, so the id alone would name a stranger's.
    pub(super) daemon: OwnedUniqueName,
    pub(super) id: u32,
    pub(super) item: i64,
    /// What its buttons mean, by their places.
    pub(super) presses: Vec<Press>,
    pub(super) activation: Option<String>,
}

/// The newest toasts, oldest first.
#[derive(Debug, Default)]
pub(super) struct Shown(VecDeque<Entry>);

impl Shown {
    pub(super) fn add(&mut self, new: Entry) {
        self.0.retain(|entry| entry.item != new.item && !(entry.id == new.id && entry.daemon == new.daemon));
        if self.0.len() == MOST {
            self.0.pop_front();
        }
        self.0.push_back(new);
    }

    pub(super) fn of_item(&self, item: i64) -> Option<&Entry> {
        self.0.iter().find(|entry| entry.item == item)
    }

    pub(super) fn find(&mut self, daemon: &UniqueName<'_>, id: u32) -> Option<&mut Entry> {
        self.0.iter_mut().find(|entry| entry.id == id && entry.daemon == *daemon)
    }

    pub(super) fn remove(&mut self, daemon: &UniqueName<'_>, id: u32) -> Option<Entry> {
        let at = self.0.iter().position(|entry| entry.id == id && entry.daemon == *daemon)?;
        self.0.remove(at)
    }

    /// Forgets what this daemon showed: it has gone.
    pub(super) fn forget(&mut self, daemon: &OwnedUniqueName) {
        self.0.retain(|entry| entry.daemon != *daemon);
    }

    /// Forgets what other daemons showed: they took it with them.
    pub(super) fn keep_only(&mut self, daemon: Option<&OwnedUniqueName>) {
        self.0.retain(|entry| Some(&entry.daemon) == daemon);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn daemon(name: &str) -> OwnedUniqueName {
        OwnedUniqueName::try_from(name).unwrap()
    }

    fn entry(daemon: &OwnedUniqueName, id: u32, item: i64) -> Entry {
        Entry { daemon: daemon.clone(), id, item, presses: Vec::new(), activation: None }
    }

    #[test]
    fn a_restarted_daemon_reuses_ids_without_reviving_old_toasts() {
        let (old, new) = (daemon(":1.1"), daemon(":1.2"));
        let mut shown = Shown::default();
        shown.add(entry(&old, 1, 10));
        shown.add(entry(&new, 1, 20));
        assert_eq!(shown.find(&new, 1).map(|entry| entry.item), Some(20));
        assert_eq!(shown.find(&old, 1).map(|entry| entry.item), Some(10));
        shown.keep_only(Some(&new));
        assert!(shown.find(&old, 1).is_none());
        assert!(shown.of_item(20).is_some());
    }

    #[test]
    fn a_replaced_toast_answers_for_its_new_item_only() {
        let here = daemon(":1.1");
        let mut shown = Shown::default();
        shown.add(entry(&here, 7, 10));
        shown.add(entry(&here, 7, 11));
        assert!(shown.of_item(10).is_none());
        assert_eq!(shown.remove(&here, 7).map(|entry| entry.item), Some(11));
        assert!(shown.remove(&here, 7).is_none());
    }

    #[test]
    fn the_oldest_are_forgotten_first() {
        let here = daemon(":1.1");
        let mut shown = Shown::default();
        for item in 0..=MOST as u32 {
            shown.add(entry(&here, item + 1, i64::from(item)));
        }
        assert!(shown.of_item(0).is_none());
        assert!(shown.of_item(1).is_some() && shown.of_item(MOST as i64).is_some());
    }
}
