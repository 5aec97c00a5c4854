//! The resident half of Tidings: accounts, keychain, connections, inbox, toasts and tray, in one process that weighs
//! nearly nothing while it waits. `ARCHITECTURE.md` follows a notification through its rooms.
//!
//! Owns what happens between a server and a person. Refuses to own the wire (`tidings-engine`), storage
//! (`tidings-inbox`), and anything that is drawn in a window.

pub mod accounts;
pub mod agent;
pub mod arrival;
pub mod attention;
pub mod autostart;
pub mod cli;
pub mod convert;
pub mod desktop;
#[cfg(target_os = "linux")]
mod entry;
pub mod export;
pub mod foreign;
pub mod integration;
pub mod invitation;
pub mod keychain;
pub mod kinds;
pub mod links;
pub mod listen;
pub mod logging;
pub mod notices;
pub mod picture;
pub mod policy;
pub mod program;
pub mod quiet;
pub mod quiet_hours;
pub mod reads;
pub mod session;
pub mod settings;
pub mod sign_in;
pub mod signals;
pub mod startup;
#[cfg(target_os = "linux")]
pub mod supervision;
pub mod surfaces;
pub mod toast;
pub mod tray;
pub mod window;
pub mod words;
pub mod zone;
