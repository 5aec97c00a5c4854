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
#[cfg(target_os = "linux")]
mod shown;
mod text;

#[cfg(target_os = "linux")]
pub use linux::Toaster;
#[cfg(not(target_os = "linux"))]
pub use native::Toaster;

use tidings_control::Priority;

/// One toast.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toast {
    /// The inbox's row that it stands for; comes back in [`Event`].
    pub item: i64,
    /// First line.
    pub title: String,
    /// The rest, as plain text.
    pub body: String,
    /// How much it matters.
    pub priority: Priority,
    /// The row whose toast it takes the place of, where that is still on the screen.
    pub replaces: Option<i64>,
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
