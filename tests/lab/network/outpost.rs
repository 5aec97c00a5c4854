use std::{net::SocketAddr, path::Path};

use tokio::process::Command;

use super::Namespace;
use crate::{Outcome, Programs, Spawned, Trouble, patience::PATIENCE, within};

/// Starts what the lab itself has to do inside of a namespace: `outpost`, a program of its own.
#[derive(Debug)]
pub struct Outpost {
    namespace: Namespace,
    programs: Programs,
}

impl Outpost {
    /// For a namespace.
    ///
    /// # Errors
    /// When the lab's own place is unknown.
    pub fn new(namespace: &Namespace) -> Outcome<Self> {
        Ok(Self { namespace: namespace.clone(), programs: Programs::find()? })
    }

    /// A socket of the file system that leads to an address of the namespace: files are the same on both sides.
    ///
    /// # Errors
    /// When it does not come up.
    pub async fn door(&self, socket: &Path, to: SocketAddr) -> Outcome<Spawned> {
        let mut command = self.command("door")?;
        command.arg(socket).arg(to.to_string());
        Ok(started(command).await?.0)
    }

    /// A CONNECT proxy that wants a user name and a password.
    ///
    /// # Errors
    /// When it does not come up.
    pub async fn proxy(&self, listen: SocketAddr, credentials: &str) -> Outcome<ConnectProxy> {
        let mut command = self.command("proxy")?;
        command.arg(listen.to_string()).arg(credentials);
        Ok(ConnectProxy { program: started(command).await?.0 })
    }

    fn command(&self, job: &str) -> Outcome<Command> {
        let mut command = self.namespace.command(self.programs.outpost()?)?;
        command.env_clear().arg(job);
        Ok(command)
    }
}

/// The first line says that it is ready.
async fn started(command: Command) -> Outcome<(Spawned, String)> {
    let mut program = Spawned::start(command, None).await?;
    let line = program.line().await?;
    Ok((program, line))
}

/// A running proxy. It ends with the value.
#[derive(Debug)]
pub struct ConnectProxy {
    program: Spawned,
}

impl ConnectProxy {
    /// Waits for the next request: `passed HOST:PORT`, or `refused` where the credentials are wrong.
    ///
    /// # Errors
    /// [`Trouble::Late`].
    pub async fn next(&mut self) -> Outcome<String> {
        let line = within(PATIENCE, "the proxy is asked", self.program.next_line()).await?;
        line.ok_or_else(|| Trouble::Ended { program: "outpost".to_owned(), said: self.program.said() })
    }

    /// Ends it at once, with all that passes through it.
    ///
    /// # Errors
    /// When it does not end.
    pub async fn kill(&mut self) -> Outcome {
        self.program.kill().await.map(drop)
    }
}
