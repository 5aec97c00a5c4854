//! The tray: what of the agent a person sees without opening anything.
//!
//! Owns the icon, its tooltip and its menu. Refuses to own any state: it draws the latest [`View`] and sends
//! [`Command`]s. A tray host that is missing, restarts or never comes is normal and costs nothing but the icon.

mod drawing;
pub mod model;
mod sentences;

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

use tidings_control::{Silence, Status};

use crate::words::Locale;

/// What the tray is drawn from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// Signed-in accounts, in the order of their sign-in.
    pub accounts: Vec<AccountView>,
    /// Unread notifications over all accounts.
    pub unread: u32,
    /// Whether "do not disturb" is on.
    pub do_not_disturb: bool,
    /// Why nothing is toasted now and until when, whatever the reason, if nothing is.
    pub silence: Option<Silence>,
    /// How to speak to the person.
    pub locale: Locale,
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
        /// The desktop's permission to come to the front (`XDG_ACTIVATION_TOKEN`); for `window::open`.
        activation: Option<String>,
    },
    /// Start an attempt of every account at once.
    Reconnect,
    /// Switch "do not disturb".
    SetDoNotDisturb(bool),
    /// Sign out.
    SignOut {
        /// [`AccountView::id`].
        account: String,
    },
    /// End the agent.
    Quit,
}
