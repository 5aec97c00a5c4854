//! Placeholder.

pub mod autostart;
pub mod desktop;
pub mod toast;
pub mod tray;
pub mod window;
