//! Starting with the session.
//!
//! Owns the system's own switch for it and keeps none beside it: what `state` tells is what will happen, whoever
//! switched it. A second profile (`TIDINGS_HOME`) has a switch of its own.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(not(target_os = "linux"))]
mod native;

#[cfg(target_os = "linux")]
use linux as system;
#[cfg(not(target_os = "linux"))]
use native as system;

use tidings_control::{Autostart, Failure, FailureCode};
use tracing::warn;

/// Whether the agent starts with the session, as the system has it.
pub fn state() -> Autostart {
    match system::state() {
        Ok(true) => Autostart::On,
        Ok(false) => Autostart::Off,
        Err(reason) => {
            warn!(%reason, "whether the agent starts with the session cannot be told");
            Autostart::Unavailable
        }
    }
}

/// Switches it.
///
/// # Errors
/// `AUTOSTART_UNAVAILABLE` with the reason.
pub fn set(on: bool) -> Result<(), Failure> {
    system::set(on).map_err(|reason| {
        Failure::new(
            FailureCode::AutostartUnavailable,
            format!(
                "starting with the session cannot be switched {}: {reason}",
                if on { "on" } else { "off" }
            ),
        )
    })
}

/// Puts right what starts with the session, if that program is gone: an update or the person has moved it to where this
/// one is. Whether it starts with the session does not change.
pub fn mend() {
    match system::mend() {
        Ok(true) => tracing::info!("what starts with the session led nowhere, and leads here now"),
        Ok(false) => {}
        Err(reason) => warn!(%reason, "what starts with the session cannot be looked after"),
    }
}

/// The folder of a second profile.
pub(crate) fn profile() -> Option<std::ffi::OsString> {
    std::env::var_os("TIDINGS_HOME").filter(|folder| !folder.is_empty())
}

/// What an entry is called: the same for the usual profile, another for each other one.
fn name(profile: Option<&std::ffi::OsStr>) -> String {
    let Some(folder) = profile else { return "org.tidings.agent".to_owned() };
    let folder: String = folder
        .to_string_lossy()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' })
        .collect();
    format!("org.tidings.agent.{}", folder.trim_matches('-'))
}
