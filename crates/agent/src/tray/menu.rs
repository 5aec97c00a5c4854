//! The menu, as a pure function of the [`View`].
//!
//! Owns which entries there are, in which order, and what each does. What they say of a connection is in `sentences`.

use tidings_control::{Disposition, Quiet};

use super::{AccountView, Command, View, concern::worst, sentences};
use crate::words::Words;

/// Longest title, in characters: a menu is as wide as its widest entry.
const TITLE: usize = 48;

/// Before a notification that nobody has read. A sign, not a colour: menus have none.
const UNREAD: &str = "● ";

/// One entry of the menu. Labels are plain text: whoever draws them escapes what their system reads as a mnemonic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Only to be read.
    Text(String),
    /// A line.
    Separator,
    /// To be clicked.
    Action {
        /// What it says.
        label: String,
        /// What it does; greyed out when that is nothing.
        command: Option<Command>,
    },
    /// More entries.
    Submenu {
        /// What it says.
        label: String,
        /// What it holds.
        entries: Vec<Entry>,
    },
}

pub(super) fn menu(view: &View) -> Vec<Entry> {
    let words = view.locale.words();
    let mut menu = vec![Entry::Text(sentences::headline(view, worst(view)))];
    menu.extend(sentences::unread(view).map(Entry::Text));
    menu.extend(other_silence(view).map(Entry::Text));
    menu.push(Entry::Separator);
    if !view.latest.is_empty() {
        menu.extend(view.latest.iter().map(|latest| {
            let mark = if latest.unread { UNREAD } else { "" };
            let title = clip(&latest.title).unwrap_or_else(|| words.untitled.to_owned());
            action(format!("{mark}{title}"), Command::Open { item: Some(latest.item), activation: None })
        }));
        menu.push(Entry::Separator);
    }
    menu.push(action(words.open, Command::Open { item: None, activation: None }));
    menu.push(Entry::Action {
        label: words.mark_all_read.to_owned(),
        command: (view.unread > 0).then_some(Command::MarkAllRead),
    });
    menu.push(do_not_disturb(view, words));
    menu.push(Entry::Action {
        label: words.reconnect.to_owned(),
        command: view
            .accounts
            .iter()
            .any(|account| !account.paused)
            .then_some(Command::Reconnect { account: None }),
    });
    match view.accounts.as_slice() {
        [] => {}
        [only] => {
            menu.push(Entry::Separator);
            menu.push(action(words.sign_out, Command::SignOut { account: only.id.clone() }));
        }
        several => {
            let entries = several.iter().map(|several| account(several, words)).collect();
            menu.push(Entry::Submenu { label: words.accounts.to_owned(), entries });
        }
    }
    menu.push(Entry::Separator);
    menu.push(action(words.quit, Command::Quit));
    menu
}

fn action(label: impl Into<String>, command: Command) -> Entry {
    Entry::Action { label: label.into(), command: Some(command) }
}

/// A silence that the switch below does not tell of.
fn other_silence(view: &View) -> Option<String> {
    sentences::silence(view).filter(|_| !tells_of_silence(view))
}

fn tells_of_silence(view: &View) -> bool {
    view.do_not_disturb && view.silence.is_none_or(|silence| silence.reason == Disposition::DoNotDisturb)
}

fn do_not_disturb(view: &View, words: &Words) -> Entry {
    let choices = [
        (words.half_hour, Quiet::HalfHour),
        (words.one_hour, Quiet::Hour),
        (words.until_tomorrow, Quiet::Tomorrow),
        (words.until_turned_off, Quiet::UntilTurnedOff),
    ];
    let choices = choices.map(|(label, quiet)| action(label, Command::SetDoNotDisturb(quiet)));
    if !view.do_not_disturb {
        return Entry::Submenu { label: words.do_not_disturb.to_owned(), entries: choices.into() };
    }
    let until = view.until.filter(|_| tells_of_silence(view)).map(|until| view.locale.time(until));
    let mut entries = vec![action(words.turn_off, Command::SetDoNotDisturb(Quiet::Off)), Entry::Separator];
    entries.extend(choices);
    Entry::Submenu { label: (words.do_not_disturb_on)(until.as_deref()), entries }
}

fn account(account: &AccountView, words: &Words) -> Entry {
    let id = || account.id.clone();
    Entry::Submenu {
        label: format!(
            "{}: {}",
            sentences::name(account, words),
            (words.standing)(sentences::standing(account))
        ),
        entries: vec![
            Entry::Action {
                label: words.reconnect.to_owned(),
                command: (!account.paused).then(|| Command::Reconnect { account: Some(id()) }),
            },
            action(words.sign_out, Command::SignOut { account: id() }),
        ],
    }
}

fn clip(title: &str) -> Option<String> {
    let title = title.trim();
    match title.char_indices().nth(TITLE) {
        _ if title.is_empty() => None,
        Some((end, _)) => Some(format!("{}…", title[..end].trim_end())),
        None => Some(title.to_owned()),
    }
}
