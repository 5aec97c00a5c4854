//! The Run key of the registry on Windows, a launch agent on macOS.

use std::io;

use auto_launch::{AutoLaunch, AutoLaunchBuilder, MacOSLaunchMode, WindowsEnableMode};

use super::{name, profile};
use crate::program;

/// launchd starts it again when it ends by a failure, at most every ten seconds, and not when it was told to quit.
const AGAIN: &str = "<key>KeepAlive</key><dict><key>SuccessfulExit</key><false/></dict>\
    <key>ThrottleInterval</key><integer>10</integer>";

pub(super) fn state() -> io::Result<bool> {
    launcher()?.is_enabled().map_err(io::Error::other)
}

pub(super) fn set(on: bool) -> io::Result<()> {
    let launcher = launcher()?;
    if on { launcher.enable() } else { launcher.disable() }.map_err(io::Error::other)
}

/// Written anew at each start where it is on, which costs nothing: neither system tells what it would start.
pub(super) fn mend() -> io::Result<bool> {
    if profile().is_none() && state()? {
        set(true)?;
    }
    Ok(false)
}

fn launcher() -> io::Result<AutoLaunch> {
    if profile().is_some() {
        return Err(io::Error::other(
            "a second profile (TIDINGS_HOME) cannot start with the session on this system",
        ));
    }
    let mut command = program::agent()?;
    command.push("run".to_owned());
    let arguments = command.split_off(1);
    let program = command.remove(0);
    // the registry holds a command line, in which a space would end the path; a launch agent holds a list
    let program = if cfg!(windows) { format!("\"{program}\"") } else { program };
    AutoLaunchBuilder::new()
        .set_app_name(&name(None))
        .set_app_path(&program)
        .set_args(&arguments)
        .set_windows_enable_mode(WindowsEnableMode::CurrentUser)
        .set_macos_launch_mode(MacOSLaunchMode::LaunchAgent)
        .set_agent_extra_config(AGAIN)
        .build()
        .map_err(io::Error::other)
}
