//! The agent's program: where it is, and starting it.
//!
//! Owns letting it go: the agent outlives the window, so it hears neither its terminal nor its end.

use std::{
    env, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use tidings_control::{Client, ConnectError, Events, Failure, FailureCode, Home, Role};

/// How long an agent may take to open its control socket after its start; a cold disk is slow.
const START_DEADLINE: Duration = Duration::from_secs(15);

/// How often a starting agent is tried. It opens its socket within some 20 ms.
const START_INTERVAL: Duration = Duration::from_millis(25);

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
        let program = match env::var_os("TIDINGS_AGENT").filter(|program| !program.is_empty()) {
            Some(program) => program.into(),
            None => env::current_exe()?.with_file_name(format!("tidings-agent{}", env::consts::EXE_SUFFIX)),
        };
        Ok(Self { home, program })
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
            status = &mut ended => {
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

fn detached(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.arg("run").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    #[cfg(windows)]
    {
        const DETACHED_PROCESS: u32 = 0x0000_0008;
        const CREATE_NEW_PROCESS_GROUP: u32 = 0x0000_0200;
        std::os::windows::process::CommandExt::creation_flags(
            &mut command,
            DETACHED_PROCESS | CREATE_NEW_PROCESS_GROUP,
        );
    }
    command
}

fn unreachable(message: String) -> Failure {
    Failure::new(FailureCode::AgentUnreachable, message)
}
