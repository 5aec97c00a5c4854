//! Starting with the session.

use tidings_control::{Autostart, Failure};

/// Whether the agent starts with the session, as the system has it.
pub fn state() -> Autostart {
    Autostart::Off
}

/// Switches it.
///
/// # Errors
/// `AUTOSTART_UNAVAILABLE` with the reason.
pub fn set(_on: bool) -> Result<(), Failure> {
    Ok(())
}
