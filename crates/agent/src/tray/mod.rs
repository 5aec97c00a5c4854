//! The tray: what of the agent a person sees without opening anything.
//!
//! Owns the icon, its tooltip and its menu. Refuses to own any state: it draws the latest [`View`] and sends
//! [`Command`]s. A tray host that is missing, restarts or never comes is normal and costs nothing but the icon.

mod concern;
mod drawing;
pub mod menu;
pub mod model;
mod sentences;

#[cfg(target_os = "linux")]
mod launcher;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(not(target_os = "linux"))]
mod native;
#[cfg(target_os = "linux")]
mod panel;

#[cfg(target_os = "linux")]
pub use linux::run;
#[cfg(not(target_os = "linux"))]
pub use native::run;

use tidings_control::{Quiet, Silence, Status};

use crate::words::{Locale, Wall};

/// What the tray is drawn from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// Signed-in accounts, in the order that the person has given them.
    pub accounts: Vec<AccountView>,
    /// Unread notifications over all accounts.
    pub unread: u32,
    /// The newest few notifications, newest first.
    pub latest: Vec<Latest>,
    /// Whether "do not disturb" is on.
    pub do_not_disturb: bool,
    /// Why nothing is toasted now and until when, whatever the reason, if nothing is.
    pub silence: Option<Silence>,
    /// The end of that, as a clock on the wall will show it.
    pub until: Option<Wall>,
    /// How to speak to the person.
    pub locale: Locale,
}

/// How many of the newest notifications the menu lists.
pub const LATEST: u32 = 3;

/// A notification, as the menu lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Latest {
    /// The inbox's row.
    pub item: i64,
    /// Its first line; of its text, if it has no title.
    pub title: String,
    /// Whether nobody has read it.
    pub unread: bool,
}

/// One account, as the tray sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountView {
    /// The agent's own id of it.
    pub id: String,
    /// User name.
    pub username: String,
    /// Base address, without credentials.
    pub server: String,
    /// What the person calls it, where that is not the user and the server.
    pub name: Option<String>,
    /// The person has put it to rest.
    pub paused: bool,
    /// Its connection, now.
    pub status: Status,
    /// The trouble in `status` has lasted long enough (5 s) to be worth a person's attention.
    pub settled: bool,
}

/// What a person asked for through the tray.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Open the window, or show the open one.
    Open {
        /// At this notification.
        item: Option<i64>,
        /// The desktop's permission to come to the front (`XDG_ACTIVATION_TOKEN`); for `window::open`.
        activation: Option<String>,
    },
    /// Mark everything as read.
    MarkAllRead,
    /// Start an attempt at once.
    Reconnect {
        /// [`AccountView::id`]; of all of them if absent.
        account: Option<String>,
    },
    /// Switch "do not disturb".
    SetDoNotDisturb(Quiet),
    /// Sign out.
    SignOut {
        /// [`AccountView::id`].
        account: String,
    },
    /// End the agent.
    Quit,
}
