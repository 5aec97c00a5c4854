use std::{ffi::OsStr, fs, process::Stdio, time::Instant};

use tokio::{
    io::AsyncWriteExt,
    process::{ChildStdin, Command},
};

use crate::{Outcome, Spawned, Trouble, path_of, patience::PATIENCE, until, within};

/// A user namespace of its own, so that no privilege is needed, and a network.
const UNSHARED: [&str; 3] = ["--user", "--map-root-user", "--net"];

/// What is entered: who owns the files outside stays the same inside.
const ENTERED: [&str; 3] = ["--user", "--net", "--preserve-credentials"];

/// Put before a program, it lets it end with the lab, however that ends.
const BOUND: [&str; 4] = ["setpriv", "--pdeathsig", "KILL", "--"];

/// Lives until the end of its input, and so at most as long as the lab.
const HOLDER: &str = "cat";

/// A network of its own for the programs that are started in it. It ends when its holder does.
#[derive(Clone, Debug)]
pub struct Namespace {
    pid: u32,
}

impl Namespace {
    pub(super) async fn first() -> Outcome<(Holder, Self)> {
        let mut command = Command::new(path_of("unshare")?);
        command.args(UNSHARED).args(["--", HOLDER]);
        held(command).await
    }

    /// One more network for the same users.
    pub(super) async fn another(&self) -> Outcome<(Holder, Self)> {
        let mut command = self.entered("unshare")?;
        command.args(["--net", "--", HOLDER]);
        held(command).await
    }

    pub(super) fn pid(&self) -> u32 {
        self.pid
    }

    /// A command that will run in it, and end with the lab. It runs as the very user that the lab is: a bus asks who
    /// comes, and does not take the namespace's root for somebody else.
    ///
    /// # Errors
    /// When the system lacks the program that enters a namespace.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Outcome<Command> {
        let mut command = self.entered("unshare")?;
        command.arg("--user").arg(format!("--map-user={}", rustix::process::getuid().as_raw()));
        command.arg(format!("--map-group={}", rustix::process::getgid().as_raw())).arg("--");
        command.args(BOUND).arg(program);
        Ok(command)
    }

    /// Commands of `ip`, one a line.
    ///
    /// # Errors
    /// What `ip` says of the first that fails.
    pub async fn ip(&self, lines: &str) -> Outcome {
        self.tell("ip", &["-batch", "-"], lines).await
    }

    /// As [`Self::ip`], with the time at which `ip`, started before, is given the lines.
    pub(super) async fn ip_at_once(&self, lines: &str) -> Outcome<Instant> {
        let mut command = self.entered("ip")?;
        command.args(["-batch", "-"]);
        let (mut program, input) = Spawned::start_open(command, true)?;
        // it is ready when it waits for its input
        until(PATIENCE, "ip waits", async || {
            let stat = fs::read_to_string(format!("/proc/{}/stat", program.pid().unwrap_or_default()))?;
            Ok((stat.contains("(ip) S")).then_some(()))
        })
        .await?;
        let mut input = input.ok_or_else(|| Trouble::Unexpected("an input was asked for".to_owned()))?;
        let told = Instant::now();
        input.write_all(lines.as_bytes()).await?;
        drop(input);
        if program.end().await?.success() {
            return Ok(told);
        }
        Err(Trouble::Unexpected(format!("ip refuses {lines:?}: {}", program.said())))
    }

    /// Rules for `nft`.
    ///
    /// # Errors
    /// What `nft` says.
    pub async fn nft(&self, rules: &str) -> Outcome {
        self.tell("nft", &["-f", "-"], rules).await
    }

    /// Lets it forward what is not for itself.
    pub(super) async fn forward(&self) -> Outcome {
        let all = "echo 1 > /proc/sys/net/ipv4/ip_forward; echo 1 > /proc/sys/net/ipv6/conf/all/forwarding";
        self.tell("sh", &["-e"], all).await
    }

    fn entered(&self, program: &str) -> Outcome<Command> {
        let mut command = Command::new(path_of("nsenter")?);
        command.args(ENTERED).arg(format!("--target={}", self.pid)).arg("--").arg(program);
        Ok(command)
    }

    async fn tell(&self, program: &str, arguments: &[&str], input: &str) -> Outcome {
        let mut command = self.entered(program)?;
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        command.kill_on_drop(true);
        let start = |source| Trouble::Start { program: program.to_owned(), source };
        let mut child = command.spawn().map_err(start)?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(input.as_bytes()).await?;
        }
        let output = within(PATIENCE, &format!("{program} ends"), child.wait_with_output()).await??;
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        Err(Trouble::Unexpected(format!("{program} refuses {input:?}: {}", said.trim())))
    }
}

/// Keeps a namespace. It is one only when it has become [`HOLDER`]: before, the namespace is still being made.
#[derive(Debug)]
pub(super) struct Holder {
    _program: Spawned,
    _input: Option<ChildStdin>,
}

async fn held(command: Command) -> Outcome<(Holder, Namespace)> {
    let (mut program, input) = Spawned::start_open(command, true)?;
    let pid = until(PATIENCE, "a namespace is made", async || {
        let Some(pid) = program.pid().filter(|_| matches!(program.ended(), Ok(None))) else {
            return Err(Trouble::Ended { program: "a namespace's holder".to_owned(), said: program.said() });
        };
        let name = fs::read_to_string(format!("/proc/{pid}/comm"))?;
        Ok((name.trim() == HOLDER).then_some(pid))
    })
    .await?;
    Ok((Holder { _program: program, _input: input }, Namespace { pid }))
}
