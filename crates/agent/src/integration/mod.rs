//! How the system knows of this program: whose toasts they are, and what `tidings:` links lead to.
//!
//! An installer brings that along. A program that is run from a folder sees to it at every start, for this person alone, and
//! undoes it when it is asked to. A second profile (`TIDINGS_HOME`) leaves it to the usual one.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(not(target_os = "linux"))]
mod native;

use std::io;

#[cfg(target_os = "linux")]
use linux as system;
#[cfg(not(target_os = "linux"))]
use native as system;

use crate::autostart;

/// Set to `off`, a start leaves the system as it is.
pub const SWITCH: &str = "TIDINGS_INTEGRATION";

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// An installer, the person or the system has taken care of it.
    Theirs,
    /// All is as it should be.
    Ours,
    /// It was written.
    Written,
    /// There is no window's program that could be started.
    NoWindow,
}

/// Sees to it at a start. What does not work out is no reason not to run.
pub fn settle() {
    if autostart::profile().is_some() || std::env::var_os(SWITCH).is_some_and(|value| value == "off") {
        return;
    }
    match put() {
        Ok(outcome) => tracing::debug!(?outcome, "how the system knows of this program"),
        Err(error) => tracing::warn!(%error, "the system does not know of this program"),
    }
}

/// Sees to it.
///
/// # Errors
/// When the person's own folder or registry cannot be read or written.
pub fn put() -> io::Result<Outcome> {
    system::put()
}

/// Takes away what [`put`] has written, if anything; nothing else.
///
/// # Errors
/// When the person's own folder or registry cannot be read or written.
pub fn remove() -> io::Result<bool> {
    system::remove()
}
