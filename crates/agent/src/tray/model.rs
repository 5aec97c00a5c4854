//! What the tray shows, as a pure function of the [`View`].
//!
//! Owns which shape. Whose trouble comes first is in `concern`, the sentences in `sentences`, the menu in `menu`; drawing
//! is for `linux` and `native`.

use super::{
    AccountView, View,
    concern::{Concern, worst},
    menu::{self, Entry},
    sentences::{self, NAME},
};

/// Everything that there is to draw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    /// The shape.
    pub icon: Icon,
    /// What a screen reader, or a list of tray icons, calls it.
    pub title: String,
    /// One fact a line, the connection's first.
    pub tooltip: Vec<String>,
    /// The menu, from top to bottom.
    pub menu: Vec<Entry>,
    /// How many are unread, for systems that show a count by themselves.
    pub unread: u32,
}

/// A shape: the bell tells the connection, the badge what else there is. Every one differs from all others by shape
/// alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Icon {
    /// Only the person can mend it: a mark beside a hollow bell.
    Attention,
    /// Any other state.
    Bell(Bell, Badge),
}

/// The connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Bell {
    /// All is well, or has not been otherwise for long.
    Solid,
    /// The first connection takes its time.
    Half,
    /// Nobody is signed in, or every account is paused.
    Hollow,
    /// An account is cut off.
    Slashed,
}

/// Beside the bell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Badge {
    /// Nothing.
    None,
    /// Something is unread.
    Dot,
    /// Nothing is toasted now: "do not disturb", quiet hours, or the desktop's own wish.
    Moon,
}

/// Draws the view.
pub fn draw(view: &View) -> Model {
    let worst = worst(view);
    let unread = sentences::unread(view);
    let mut tooltip = vec![sentences::sentence(view, worst)];
    tooltip.extend(unread.clone());
    tooltip.extend(sentences::silence(view));
    Model {
        icon: icon(view, worst),
        title: unread.map_or_else(|| NAME.to_owned(), |unread| format!("{NAME}: {unread}")),
        tooltip,
        menu: menu::menu(view),
        unread: view.unread,
    }
}

fn icon(view: &View, worst: Option<&AccountView>) -> Icon {
    let bell = match worst.map(Concern::of) {
        Some(Concern::NeedsYou) => return Icon::Attention,
        Some(Concern::CutOff) => Bell::Slashed,
        Some(Concern::Waiting) => Bell::Half,
        Some(Concern::Calm) | None if view.accounts.iter().all(|account| account.paused) => Bell::Hollow,
        Some(Concern::Calm) | None => Bell::Solid,
    };
    let badge = match (view.do_not_disturb || view.silence.is_some(), view.unread) {
        (true, _) => Badge::Moon,
        (false, 0) => Badge::None,
        (false, _) => Badge::Dot,
    };
    Icon::Bell(bell, badge)
}

#[cfg(test)]
#[path = "model_tests.rs"]
mod tests;
