//! The Run key of the registry on Windows, a launch agent on macOS.

use std::{env, io};

use auto_launch::{AutoLaunch, AutoLaunchBuilder, MacOSLaunchMode, WindowsEnableMode};

use super::{name, profile};

pub(super) fn state() -> io::Result<bool> {
    launcher()?.is_enabled().map_err(io::Error::other)
}

pub(super) fn set(on: bool) -> io::Result<()> {
    let launcher = launcher()?;
    if on { launcher.enable() } else { launcher.disable() }.map_err(io::Error::other)
}

fn launcher() -> io::Result<AutoLaunch> {
    if profile().is_some() {
        return Err(io::Error::other(
            "a second profile (TIDINGS_HOME) cannot start with the session on this system",
        ));
    }
    let program = env::current_exe()?;
    let program = program.to_str().ok_or_else(|| io::Error::other("the program's path is not text"))?;
    // the registry holds a command line, in which a space would end the path; a launch agent holds a list
    let program = if cfg!(windows) { format!("\"{program}\"") } else { program.to_owned() };
    AutoLaunchBuilder::new()
        .set_app_name(&name(None))
        .set_app_path(&program)
        .set_args(&["run"])
        .set_windows_enable_mode(WindowsEnableMode::CurrentUser)
        .set_macos_launch_mode(MacOSLaunchMode::LaunchAgent)
        .build()
        .map_err(io::Error::other)
}
