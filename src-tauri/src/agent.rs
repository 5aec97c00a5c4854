//! The agent's program: where it is, and starting it.
//!
//! Owns letting it go: the agent outlives the window, so it hears neither its terminal nor its end.

use std::{
    env,
    ffi::OsString,
    io,
    path::{Path, PathBuf},
    process::{Command, ExitCode, ExitStatus, Stdio},
    time::Duration,
};

use tauri::async_runtime::JoinHandle;
use tidings_control::{Client, ConnectError, Events, Failure, FailureCode, Home, Role};

/// How long an agent may take to open its control socket after its start; a cold disk is slow.
const START_DEADLINE: Duration = Duration::from_secs(15);

/// How often a starting agent is tried. It opens its socket within some 20 ms.
const START_INTERVAL: Duration = Duration::from_millis(25);

/// How it is started.
const RUN: [&str; 2] = ["run", "--supervised"];

/// Where an agent is, running or not.
#[derive(Clone, Debug)]
pub(crate) struct Agent {
    /// Whose socket it opens.
    pub(crate) home: Home,
    /// What starts it.
    pub(crate) program: PathBuf,
}

impl Agent {
    /// This home's: `TIDINGS_AGENT`, else `tidings-agent` beside this program.
    pub(crate) fn of(home: Home) -> io::Result<Self> {
        Ok(Self { home, program: program()? })
    }

    /// Connects to it, if it runs.
    pub(crate) async fn find(&self) -> Result<(Client, Events), ConnectError> {
        Client::connect(&self.home, Role::Window).await
    }

    /// Starts it and connects to it.
    pub(crate) async fn start(&self) -> Result<(Client, Events), Failure> {
        let program = self.program.display();
        let mut child = detached(&self.program)
            .spawn()
            .map_err(|error| unreachable(format!("cannot start {program}: {error}")))?;
        let mut ended = tauri::async_runtime::spawn_blocking(move || child.wait());
        let trying = async {
            loop {
                match self.find().await {
                    Ok(link) => return Ok(link),
                    Err(ConnectError::NotRunning(_)) => tokio::time::sleep(START_INTERVAL).await,
                    Err(error) => return Err(error.into()),
                }
            }
        };
        tokio::select! {
            link = trying => link,
            status = ended_badly(&mut ended) => {
                // another one may have been faster
                if let Ok(link) = self.find().await {
                    return Ok(link);
                }
                let how = match status {
                    Ok(Ok(status)) => status.to_string(),
                    Ok(Err(error)) => error.to_string(),
                    Err(error) => error.to_string(),
                };
                let log = self.home.log().join("agent.log");
                Err(unreachable(format!("{program} ended at once ({how}); see {}", log.display())))
            }
            () = tokio::time::sleep(START_DEADLINE) => {
                Err(unreachable(format!("{program} started, but does not answer")))
            }
        }
    }
}

fn program() -> io::Result<PathBuf> {
    match env::var_os("TIDINGS_AGENT").filter(|program| !program.is_empty()) {
        Some(program) => Ok(program.into()),
        None => Ok(env::current_exe()?.with_file_name(format!("tidings-agent{}", env::consts::EXE_SUFFIX))),
    }
}

/// Becomes the agent's program, or starts it where a process cannot become another.
pub(crate) fn run_instead(arguments: &[OsString]) -> ExitCode {
    let error = match program() {
        Ok(program) => instead(Command::new(program).args(arguments)),
        Err(error) => error,
    };
    tracing::error!(%error, "the agent cannot be started");
    ExitCode::FAILURE
}

#[cfg(unix)]
fn instead(command: &mut Command) -> io::Error {
    std::os::unix::process::CommandExt::exec(command)
}

#[cfg(not(unix))]
fn instead(command: &mut Command) -> io::Error {
    alone(command);
    match command.spawn() {
        Ok(_) => std::process::exit(0),
        Err(error) => error,
    }
}

fn detached(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.args(RUN);
    alone(&mut command);
    command
}

/// Nothing of this process reaches it: no stream, no signal to the group, and on Windows no console, which would be a
/// window of its own.
fn alone(command: &mut Command) {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    #[cfg(windows)]
    {
        const DETACHED_PROCESS: u32 = 0x0000_0008;
        const CREATE_NEW_PROCESS_GROUP: u32 = 0x0000_0200;
        std::os::windows::process::CommandExt::creation_flags(
            command,
            DETACHED_PROCESS | CREATE_NEW_PROCESS_GROUP,
        );
    }
}

/// Waits for an end that is a failure. An agent that has handed itself over to the service manager ends well.
async fn ended_badly(
    ended: &mut JoinHandle<io::Result<ExitStatus>>,
) -> Result<io::Result<ExitStatus>, tauri::Error> {
    let status = ended.await;
    if matches!(&status, Ok(Ok(status)) if status.success()) {
        std::future::pending::<()>().await;
    }
    status
}

fn unreachable(message: String) -> Failure {
    Failure::new(FailureCode::AgentUnreachable, message)
}
