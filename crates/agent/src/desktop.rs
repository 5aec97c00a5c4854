//! Where the event loop lives.
//!
//! On Linux the agent is one thread: a current-thread runtime. On Windows and macOS the tray must live on the main
//! thread's native loop, so the runtime gets a thread of its own.

#[cfg(target_os = "linux")]
pub(crate) mod bus;
#[cfg(target_os = "linux")]
pub mod facts;
#[cfg(target_os = "linux")]
mod gnome;
#[cfg(not(target_os = "linux"))]
pub(crate) mod native;
#[cfg(target_os = "linux")]
pub(crate) mod quiet;

use std::{future::Future, io};

/// Whether a surface of the desktop can be used now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Availability {
    /// Not known yet.
    Starting,
    /// It works.
    Ready,
    /// It does not, and why; it is used as soon as it appears.
    Missing(String),
}

/// What a desktop tells of itself when it is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Who shows the tray's icon.
    pub tray: Option<String>,
    /// Who shows toasts: name, version, specification and abilities.
    pub toasts: Option<String>,
}

/// Runs the agent's work to its end.
///
/// # Errors
/// When the runtime or its thread cannot be made.
pub fn run<T, Work>(work: impl FnOnce() -> Work + Send + 'static) -> io::Result<T>
where
    T: Send + 'static,
    Work: Future<Output = T>,
{
    #[cfg(target_os = "linux")]
    return Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work()));
    #[cfg(not(target_os = "linux"))]
    return native::run(work);
}
