use std::{net::SocketAddr, path::Path, time::Duration};

use tokio::{
    io::AsyncWriteExt,
    process::{ChildStdin, Command},
};

use super::Namespace;
use crate::{
    Foreign, ForeignKind, Identity, Outcome, Programs, Spawned, Trouble, patience::PATIENCE, within,
};

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
        started(command).await
    }

    /// A CONNECT proxy that wants a user name and a password.
    ///
    /// # Errors
    /// When it does not come up.
    pub async fn proxy(&self, listen: SocketAddr, credentials: &str) -> Outcome<ConnectProxy> {
        let mut command = self.command("proxy")?;
        command.arg(listen.to_string()).arg(credentials);
        Ok(ConnectProxy { program: started(command).await? })
    }

    /// A model of a server of another kind, which pings this often and waits as long again for the answer.
    ///
    /// # Errors
    /// When it does not come up.
    pub async fn foreign(&self, kind: ForeignKind, listen: SocketAddr, ping: Duration) -> Outcome<Foreign> {
        let mut command = self.command("foreign")?;
        command.arg(kind.name()).arg(listen.to_string()).arg(ping.as_secs().max(1).to_string());
        let (program, input) = opened(command)?;
        Foreign::started(program, input, listen).await
    }

    /// A WebSocket behind TLS at which nothing happens: the other end of [`Self::knocker`].
    ///
    /// # Errors
    /// When it does not come up.
    pub async fn greeter(&self, listen: SocketAddr, (chain, key): &Identity) -> Outcome<Spawned> {
        let mut command = self.command("greet")?;
        command.arg(listen.to_string()).arg(chain).arg(key);
        started(command).await
    }

    /// Who opens such a WebSocket when told to.
    ///
    /// # Errors
    /// When it does not come up.
    pub async fn knocker(&self, to: SocketAddr, root: &Path) -> Outcome<Knocker> {
        let mut command = self.command("knock")?;
        command.arg(to.to_string()).arg(root);
        let (mut program, input) = opened(command)?;
        program.line().await?;
        Ok(Knocker { program, input })
    }

    fn command(&self, job: &str) -> Outcome<Command> {
        let mut command = self.namespace.command(self.programs.outpost()?)?;
        command.env_clear().arg(job);
        Ok(command)
    }
}

/// With its input.
fn opened(command: Command) -> Outcome<(Spawned, ChildStdin)> {
    let (program, input) = Spawned::start_open(command, true)?;
    Ok((program, input.ok_or_else(|| Trouble::Unexpected("an input was asked for".to_owned()))?))
}

/// The first line says that it is ready.
async fn started(command: Command) -> Outcome<Spawned> {
    let mut program = Spawned::start(command, None).await?;
    program.line().await?;
    Ok(program)
}

/// Measures the floor: TCP, TLS and the WebSocket's handshake.
#[derive(Debug)]
pub struct Knocker {
    program: Spawned,
    input: ChildStdin,
}

impl Knocker {
    /// Once.
    ///
    /// # Errors
    /// When nobody greets.
    pub async fn knock(&mut self) -> Outcome<Duration> {
        self.input.write_all(b"\n").await?;
        let line = self.program.line().await?;
        let nanoseconds = line.trim().parse().map_err(|_| Trouble::Unexpected(line))?;
        Ok(Duration::from_nanos(nanoseconds))
    }
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
