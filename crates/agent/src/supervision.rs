//! Being run by systemd, where it looks after this user: it starts the agent again after a crash.
//!
//! The agent has itself run as a transient unit, so there is no unit file to install, to update, or to lead to a program that
//! is gone; the one switch for starting with the session stays the desktop's. The unit has the environment of whoever
//! started the agent. Refuses to insist: where this does not work out, the agent runs unsupervised, as it does on other
//! systems' desktops. A second profile does so always.

use std::{
    env, io,
    path::Path,
    process::{Command, Stdio},
};

use crate::{autostart, program};

/// What people look it up by: `systemctl --user status tidings-agent`.
pub const UNIT: &str = "tidings-agent";

/// A crash is a reason to start again; one after the other is not. What ends by itself with 4 has found another agent.
/// A browser or window that the agent has started is not its own, and must neither end with it nor end it.
const PROPERTIES: [&str; 10] = [
    "Type=exec",
    "Restart=on-failure",
    "RestartSec=2",
    "StartLimitIntervalSec=300",
    "StartLimitBurst=5",
    "SuccessExitStatus=4",
    "KillMode=process",
    "OOMPolicy=continue",
    "TimeoutStopSec=10",
    "PartOf=graphical-session.target",
];

/// What belongs to one start, or to the unit that has started this process.
const OWN: [&str; 11] = [
    "XDG_ACTIVATION_TOKEN",
    "DESKTOP_STARTUP_ID",
    "INVOCATION_ID",
    "JOURNAL_STREAM",
    "SYSTEMD_EXEC_PID",
    "NOTIFY_SOCKET",
    "LISTEN_FDS",
    "LISTEN_PID",
    "MAINPID",
    "MANAGERPID",
    "_",
];

/// Has systemd run the agent with these arguments of `run`. True when it does: this process is done then.
pub fn hand_over(arguments: &[String]) -> bool {
    match ask(arguments) {
        Ok(true) => true,
        Ok(false) => false,
        Err(error) => {
            eprintln!("tidings-agent: runs without systemd, which says: {error}");
            false
        }
    }
}

fn ask(arguments: &[String]) -> io::Result<bool> {
    let runtime = env::var_os("XDG_RUNTIME_DIR").unwrap_or_default();
    // systemd's own socket for this user: without it there is nobody to ask
    if autostart::profile().is_some() || !Path::new(&runtime).join("systemd/private").exists() {
        return Ok(false);
    }
    let names = env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    let asked = Command::new("systemd-run")
        .args(command(&program::agent()?, arguments, names))
        .stdin(Stdio::null())
        .output()?;
    if asked.status.success() {
        return Ok(true);
    }
    let runs = Command::new("systemctl").args(["--user", "--quiet", "is-active", UNIT]).status();
    if runs.is_ok_and(|runs| runs.success()) {
        // what this process finds by itself, and has words for
        return Ok(false);
    }
    Err(io::Error::other(String::from_utf8_lossy(&asked.stderr).trim().to_owned()))
}

/// Variables are passed by name: their values would show in the list of processes.
fn command(program: &[String], arguments: &[String], variables: impl Iterator<Item = String>) -> Vec<String> {
    let mut command: Vec<String> = ["--user", "--quiet", "--collect"].map(str::to_owned).to_vec();
    command.push(format!("--unit={UNIT}"));
    command.push("--description=Tidings: live notifications in the tray".to_owned());
    command.extend(PROPERTIES.map(|property| format!("--property={property}")));
    command.extend(variables.filter(|name| is_passed_on(name)).map(|name| format!("--setenv={name}")));
    command.push("--".to_owned());
    command.extend_from_slice(program);
    command.push("run".to_owned());
    command.extend_from_slice(arguments);
    command
}

/// systemd takes names of one form only, and refuses all for the sake of one.
fn is_passed_on(name: &str) -> bool {
    let clean = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    clean
        && !name.is_empty()
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && !OWN.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unit_has_the_session_s_environment_and_no_start_s_own() {
        let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
        let variables = words(&["DISPLAY", "XDG_ACTIVATION_TOKEN", "BASH_FUNC_x%%", "LANG", "9", "_"]);
        let command = command(&words(&["/x/tidings-agent"]), &words(&["--no-tray"]), variables.into_iter());
        let passed: Vec<_> = command.iter().filter(|word| word.starts_with("--setenv=")).collect();
        assert_eq!(passed, ["--setenv=DISPLAY", "--setenv=LANG"]);
        assert_eq!(command[command.len() - 4..], ["--", "/x/tidings-agent", "run", "--no-tray"]);
        assert!(!command.iter().any(|word| word == "--supervised"), "it would hand over for ever");
    }
}
