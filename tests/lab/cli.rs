use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::Stdio,
};

use serde_json::Value;
use tokio::{io::AsyncWriteExt, process::Command};

use crate::{Namespace, Outcome, Server, Trouble, Watch, desktop::Desktop, patience::PATIENCE, within};

/// The command line of the agent, as a person in a session uses it.
#[derive(Clone, Debug)]
pub struct Cli {
    program: PathBuf,
    home: PathBuf,
    environment: Vec<(String, OsString)>,
}

/// What a command ended with.
#[derive(Clone, Debug)]
pub struct Said {
    /// Its exit code.
    pub code: i32,
    /// Its standard output.
    pub out: String,
    /// Its standard error.
    pub err: String,
}

impl Said {
    /// Its standard output as JSON.
    ///
    /// # Errors
    /// When it is none.
    pub fn json(&self) -> Outcome<Value> {
        serde_json::from_str(&self.out).map_err(|error| Trouble::Unexpected(format!("{error} in {self:?}")))
    }

    /// The code of the error that it ended with (`{"error":{"code","message"}}` with `--json`).
    ///
    /// # Errors
    /// When it ended with none.
    pub fn error_code(&self) -> Outcome<String> {
        let texts = [self.out.trim(), self.err.trim()];
        let error = texts.iter().find_map(|text| {
            let value: Value = serde_json::from_str(text).ok()?;
            let error = value.get("error")?;
            // a code without words helps nobody
            error.get("message")?.as_str().filter(|message| !message.is_empty())?;
            Some(error.get("code")?.as_str()?.to_owned())
        });
        error.ok_or_else(|| Trouble::Unexpected(format!("no error with code and message in {self:?}")))
    }

    /// Itself, if it succeeded.
    ///
    /// # Errors
    /// With all that it said, if it failed.
    pub fn success(self) -> Outcome<Self> {
        if self.code == 0 {
            Ok(self)
        } else {
            Err(Trouble::Unexpected(format!("the command failed: {self:?}")))
        }
    }
}

impl Cli {
    /// For an agent with a home, in a session.
    pub fn new(desktop: &Desktop, program: PathBuf, home: &Path) -> Self {
        let environment =
            desktop.environment().map(|(name, value)| (name.to_owned(), value.clone())).collect();
        Self { program, home: home.to_owned(), environment }
    }

    /// A command that is not started yet.
    pub fn command(&self, arguments: &[&str]) -> Command {
        self.dressed(Command::new(&self.program), arguments)
    }

    /// As [`Self::command`], in a namespace.
    ///
    /// # Errors
    /// When the system lacks the program that enters one.
    pub fn command_inside(&self, namespace: &Namespace, arguments: &[&str]) -> Outcome<Command> {
        Ok(self.dressed(namespace.command(&self.program)?, arguments))
    }

    fn dressed(&self, mut command: Command, arguments: &[&str]) -> Command {
        command.env_clear().envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.env("TIDINGS_HOME", &self.home).args(arguments);
        command
    }

    /// Runs a command to its end.
    ///
    /// # Errors
    /// When it does not end.
    pub async fn run(&self, arguments: &[&str]) -> Outcome<Said> {
        self.run_with_input(arguments, "").await
    }

    /// Runs a command that reads `input`.
    ///
    /// # Errors
    /// When it does not end.
    pub async fn run_with_input(&self, arguments: &[&str], input: &str) -> Outcome<Said> {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let start = |source| Trouble::Start { program: "tidings-agent".to_owned(), source };
        let mut child = command.spawn().map_err(start)?;
        if let Some(mut stdin) = child.stdin.take() {
            // a command that reads nothing may have closed it already
            let _ = stdin.write_all(input.as_bytes()).await;
        }
        let ends = format!("`tidings-agent {}` ends", arguments.join(" "));
        let output = within(PATIENCE, &ends, child.wait_with_output()).await??;
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Ok(Said {
            code: output.status.code().unwrap_or(-1),
            out: text(output.stdout),
            err: text(output.stderr),
        })
    }

    /// Signs the lab's user in.
    ///
    /// # Errors
    /// When that fails.
    pub async fn log_in(&self, server: &Server, flow: &str) -> Outcome<Said> {
        self.log_in_at(server.url(), Server::PASSWORD, &["--dialect", flow]).await?.success()
    }

    /// Tries to sign the lab's user in.
    ///
    /// # Errors
    /// When the command does not end.
    pub async fn log_in_at(&self, server: &str, password: &str, further: &[&str]) -> Outcome<Said> {
        let mut arguments =
            vec!["login", "--json", "--server", server, "--username", Server::USER, "--password-stdin"];
        arguments.extend(further);
        self.run_with_input(&arguments, &format!("{password}\n")).await
    }

    /// The agent's state: `status --json`.
    ///
    /// # Errors
    /// When the command fails.
    pub async fn status(&self) -> Outcome<Value> {
        self.run(&["status", "--json"]).await?.success()?.json()
    }

    /// Starts `watch --json`.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn watch(&self) -> Outcome<Watch> {
        Watch::start(self.command(&["watch", "--json"])).await
    }
}
