//! What the tray shows, as a pure function of the [`super::View`].
