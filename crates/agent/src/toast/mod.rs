//! Toasts: notifications of the desktop.
//!
//! Owns the words' way to the notification daemon and the clicks' way back. Refuses to decide whether something is
//! shown (`attention`), or to keep what was not: a toast that cannot be shown is in the inbox all the same.

#[cfg(target_os = "linux")]
mod daemon;
#[cfg(target_os = "linux")]
mod icon;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(not(target_os = "linux"))]
mod native;
#[cfg(windows)]
mod sender;
#[cfg(target_os = "linux")]
mod shown;
mod text;

#[cfg(target_os = "linux")]
pub use linux::Toaster;
#[cfg(not(target_os = "linux"))]
pub use native::Toaster;

use tidings_control::{Item, Priority, Sound};

use crate::words::Locale;

/// Most buttons of a notification's own. More would not fit beside "Mark read", and some daemons show no more.
const OWN_BUTTONS: usize = 3;

/// The name by which the system knows the program that toasts are from.
#[cfg(not(target_os = "linux"))]
const SENDER: &str = "org.tidings.desktop";

/// One toast.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toast {
    /// The inbox's row that it stands for; comes back in [`Event`]. What is not of the inbox has a negative one.
    pub item: i64,
    /// First line.
    pub title: String,
    /// The rest, as plain text.
    pub body: String,
    /// How much it matters.
    pub priority: Priority,
    /// The row whose toast it takes the place of, where that is still on the screen.
    pub replaces: Option<i64>,
    /// [`tidings_control::Account::id`], where it is about one.
    pub account: Option<String>,
    /// Buttons of the notification's own.
    pub own: Vec<Own>,
    /// Whether it offers to be marked as read.
    pub readable: bool,
    /// How it appears.
    pub manner: Manner,
}

/// A button that a stranger has named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Own {
    /// [`tidings_control::Action::id`].
    pub action: String,
    /// What it says.
    pub label: String,
}

/// How a toast appears, by the settings of the moment in which it is ordered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manner {
    /// The account's name, where there are several.
    pub account: Option<String>,
    /// What it sounds like.
    pub sound: Sound,
    /// In which words it offers what Tidings itself offers.
    pub locale: Locale,
}

impl Default for Manner {
    fn default() -> Self {
        Self { account: None, sound: Sound::System, locale: Locale::default() }
    }
}

impl Toast {
    /// A toast of words alone.
    pub fn plain(item: i64, title: String, body: String, priority: Priority) -> Self {
        Self {
            item,
            title,
            body,
            priority,
            replaces: None,
            account: None,
            own: Vec::new(),
            readable: false,
            manner: Manner::default(),
        }
    }

    /// The toast of one row, with its own buttons.
    pub fn of(item: &Item) -> Self {
        let own = item.actions.iter().filter(|action| action.copy.is_none()).take(OWN_BUTTONS);
        Self {
            account: Some(item.account.clone()),
            own: own.map(|action| Own { action: action.id.clone(), label: action.label.clone() }).collect(),
            readable: true,
            ..Self::plain(item.id, item.title.clone(), item.body.clone(), item.priority)
        }
    }

    /// In the place of another row's, where that is still on the screen.
    #[must_use]
    pub fn in_place_of(self, row: Option<i64>) -> Self {
        Self { replaces: row, ..self }
    }

    /// Whether it makes no sound.
    fn is_silent(&self) -> bool {
        match self.manner.sound {
            Sound::System | Sound::Message | Sound::Bell => false,
            Sound::UrgentOnly => self.priority != Priority::Urgent,
            Sound::Off => true,
        }
    }

    /// What stands beside it, from first to last, and what each means.
    fn buttons(&self) -> impl Iterator<Item = (String, Press)> {
        let own = self.own.iter().map(|own| (text::label(&own.label), Press::Act(own.action.clone())));
        let words = self.manner.locale.words();
        own.chain(self.readable.then(|| (words.mark_read.to_owned(), Press::MarkRead)))
    }
}

/// What a button means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Press {
    /// The notification's own action, by [`tidings_control::Action::id`].
    Act(String),
    /// "Mark read".
    MarkRead,
}

/// What became of a toast.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A person clicked it.
    Activated {
        /// [`Toast::item`].
        item: i64,
        /// The desktop's permission to come to the front (`XDG_ACTIVATION_TOKEN`); for `window::open`.
        activation: Option<String>,
    },
    /// A person pressed one of its buttons.
    Pressed {
        /// [`Toast::item`].
        item: i64,
        /// What it means.
        press: Press,
        /// As with `Activated`.
        activation: Option<String>,
    },
    /// It left the screen.
    Closed {
        /// [`Toast::item`].
        item: i64,
    },
}

/// A toast was not shown.
#[derive(Debug, thiserror::Error)]
pub enum ToastError {
    /// There is no session bus, or no notification daemon.
    #[error("no notification daemon answers: {0}")]
    Unavailable(String),
    /// The notification daemon refused this one.
    #[error("the notification daemon refused a toast: {0}")]
    Refused(String),
}
