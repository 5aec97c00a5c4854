//! Starting the window's program.
//!
//! Owns finding it and letting go of it. Whether one is open already is known by `listen`.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::Stdio,
};

use tidings_control::{Failure, FailureCode, Home};
use tokio::process::Command;
use tracing::{info, warn};

/// The desktop's permission to come to the front, for Wayland and for X11.
const ACTIVATION: [&str; 2] = ["XDG_ACTIVATION_TOKEN", "DESKTOP_STARTUP_ID"];

/// Starts the window, detached from the agent, within the current runtime. `activation` is the `activation` of the
/// click that asked for it.
///
/// # Errors
/// `WINDOW_UNAVAILABLE` when the program is not found or does not start.
pub fn open(home: &Home, activation: Option<&str>) -> Result<(), Failure> {
    let own =
        env::current_exe().map_err(|error| unavailable(&format!("this program has no path: {error}")))?;
    let program = beside(&own);
    let mut child =
        command(&program, &own, home, activation).spawn().map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => unavailable(&format!(
                "the window's program is not at {}; install it there, or set TIDINGS_WINDOW to its path",
                program.display()
            )),
            _ => unavailable(&format!("{} does not start: {error}", program.display())),
        })?;
    info!(pid = child.id(), "window started");
    tokio::spawn(async move {
        match child.wait().await {
            Ok(status) if status.success() => info!("window ended"),
            Ok(status) => warn!(%status, "window ended"),
            Err(error) => warn!(%error, "the window's end was missed"),
        }
    });
    Ok(())
}

/// The window's program: the named one, else the one beside ours.
pub(crate) fn beside(own: &Path) -> PathBuf {
    program(env::var_os("TIDINGS_WINDOW").map(PathBuf::from), own)
}

fn unavailable(message: &str) -> Failure {
    Failure::new(FailureCode::WindowUnavailable, message)
}

fn program(named: Option<PathBuf>, own: &Path) -> PathBuf {
    match named {
        Some(program) if !program.as_os_str().is_empty() => program,
        _ => own.with_file_name(format!("tidings{}", env::consts::EXE_SUFFIX)),
    }
}

fn command(program: &Path, own: &Path, home: &Home, activation: Option<&str>) -> Command {
    let mut command = Command::new(program);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log(home)).current_dir(root());
    if env::var_os("TIDINGS_AGENT").is_none() {
        command.env("TIDINGS_AGENT", own);
    }
    for variable in ACTIVATION {
        match activation {
            Some(token) => command.env(variable, token),
            // one that the agent itself was started with is used up
            None => command.env_remove(variable),
        };
    }
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_str().is_some_and(secret)) {
        command.env_remove(name);
    }
    detach(&mut command);
    command
}

/// Whether a variable of ours may hold what the window has no business with.
fn secret(name: &str) -> bool {
    name.starts_with("TIDINGS_")
        && ["PASSWORD", "TOKEN", "KEY", "SECRET"].iter().any(|word| name.contains(word))
}

/// A group of its own: what ends the agent's terminal or group does not end the window.
#[cfg(unix)]
fn detach(command: &mut Command) {
    command.process_group(0);
}

#[cfg(windows)]
fn detach(command: &mut Command) {
    const DETACHED_PROCESS: u32 = 0x0000_0008;
    const CREATE_NEW_PROCESS_GROUP: u32 = 0x0000_0200;
    command.creation_flags(DETACHED_PROCESS | CREATE_NEW_PROCESS_GROUP);
}

/// A folder that nobody wants to unmount or remove.
fn root() -> &'static Path {
    Path::new(if cfg!(windows) { "C:\\" } else { "/" })
}

/// What the window and its web engine complain of, from its latest start.
fn log(home: &Home) -> Stdio {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let opened = Home::create(home.log())
        .map_err(io::Error::other)
        .and_then(|()| options.open(home.log().join("window.log")));
    opened.map_or_else(|_| Stdio::null(), Stdio::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_is_the_named_one_else_the_one_beside_ours() {
        let own = Path::new("/opt/tidings/tidings-agent");
        assert_eq!(program(Some("/usr/bin/window".into()), own), Path::new("/usr/bin/window"));
        for nothing in [None, Some(PathBuf::new())] {
            assert_eq!(
                program(nothing, own),
                Path::new("/opt/tidings").join(format!("tidings{}", env::consts::EXE_SUFFIX))
            );
        }
    }

    #[test]
    fn secrets_in_the_environment_stay_here() {
        for name in ["TIDINGS_PASSWORD", "TIDINGS_SERVER_KEY_FILE", "TIDINGS_TOKEN", "TIDINGS_CLIENT_SECRET"]
        {
            assert!(secret(name), "{name}");
        }
        for name in
            ["TIDINGS_HOME", "TIDINGS_LOG", "TIDINGS_SERVER", "HOME", "SSH_AUTH_SOCK", "XDG_ACTIVATION_TOKEN"]
        {
            assert!(!secret(name), "{name}");
        }
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn the_window_leads_a_group_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let mut command =
            command(Path::new("/bin/sh"), Path::new("/bin/sh"), &Home::under(folder.path()), None);
        command.args(["-c", "ps -o pgid= -p $$; echo $$"]).stdout(Stdio::piped());
        let output = command.output().await.unwrap();
        let told = String::from_utf8(output.stdout).unwrap();
        let [group, process] = told.split_whitespace().collect::<Vec<_>>()[..] else { panic!("{told}") };
        assert_eq!(group, process);
        assert!(folder.path().join("log/window.log").is_file());
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn the_click_that_asked_for_it_lets_it_come_to_the_front() {
        let folder = tempfile::tempdir().unwrap();
        for (activation, expected) in [(Some("front"), "front|front"), (None, "|")] {
            let home = Home::under(folder.path());
            let mut command = command(Path::new("/bin/sh"), Path::new("/x/agent"), &home, activation);
            command.args(["-c", "echo \"$XDG_ACTIVATION_TOKEN|$DESKTOP_STARTUP_ID\""]).stdout(Stdio::piped());
            let output = command.output().await.unwrap();
            assert_eq!(String::from_utf8(output.stdout).unwrap().trim(), expected);
        }
    }
}
