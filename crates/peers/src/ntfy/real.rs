use std::{
    env, fs, io,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    process::Stdio,
    time::Duration,
};

use tempfile::TempDir;
use tokio::{
    net::{TcpListener, TcpStream},
    process::{Child, Command},
    time::Instant,
};

use super::{Access, Ntfy};

/// How long it may take to come up.
const PATIENCE: Duration = Duration::from_secs(60);

/// Names the program, for the tests that need it.
const VARIABLE: &str = "TIDINGS_NTFY";

/// A real ntfy server in a folder of its own, with the user that the model has. `cargo xtask test --peers` fetches the
/// program and names it in `TIDINGS_NTFY`.
#[derive(Debug)]
pub struct RealNtfy {
    program: PathBuf,
    address: SocketAddr,
    child: Option<Child>,
    folder: TempDir,
}

impl RealNtfy {
    /// Starts one, if a program is named, that pings this often.
    ///
    /// # Errors
    /// When there is none or it does not come up.
    pub async fn start(ping: Duration) -> io::Result<Self> {
        let program = env::var_os(VARIABLE).map(PathBuf::from);
        let program = program.ok_or_else(|| io::Error::other(format!("{VARIABLE} names no ntfy")))?;
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = free.local_addr()?;
        drop(free);
        let mut ntfy = Self { program, address, child: None, folder: TempDir::new()? };
        let at = |name: &str| ntfy.folder.path().join(name).display().to_string();
        let settings = [
            ("listen-http", address.to_string()),
            ("base-url", format!("http://{address}")),
            ("cache-file", at("cache.db")),
            ("auth-file", at("auth.db")),
            ("attachment-cache-dir", at("attachments")),
            ("enable-login", "true".to_owned()),
            ("keepalive-interval", format!("{}s", ping.as_secs().max(1))),
            // whoever tests asks more often than anybody else
            ("visitor-request-limit-exempt-hosts", "127.0.0.1".to_owned()),
        ];
        let settings = settings.map(|(name, value)| format!("{name}: {value}\n")).concat();
        fs::write(ntfy.folder.path().join("server.yml"), settings)?;
        ntfy.start_again().await?;
        ntfy.command(&["user", "add", Ntfy::USER]).await?;
        Ok(ntfy)
    }

    /// Its address, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A rule, as [`Ntfy::allow`] takes it.
    ///
    /// # Errors
    /// When the program refuses.
    pub async fn allow(&self, user: Option<&str>, topic: &str, access: Access) -> io::Result<()> {
        let access = match access {
            Access::ReadWrite => "read-write",
            Access::Read => "read-only",
            Access::Write => "write-only",
            Access::Deny => "deny",
        };
        self.command(&["access", user.unwrap_or("everyone"), topic, access]).await
    }

    /// Ends it, as when it is killed. What was published stays.
    ///
    /// # Errors
    /// When it cannot be ended.
    pub async fn stop(&mut self) -> io::Result<()> {
        match self.child.take() {
            Some(mut child) => child.kill().await,
            None => Ok(()),
        }
    }

    /// Starts it again, at the same address.
    ///
    /// # Errors
    /// When it does not come up.
    pub async fn start_again(&mut self) -> io::Result<()> {
        self.stop().await?;
        let log = fs::File::create(self.folder.path().join("log"))?;
        let mut command = Command::new(&self.program);
        command.arg("serve").arg("-c").arg(self.folder.path().join("server.yml"));
        let mut child = command.stdout(Stdio::null()).stderr(log).kill_on_drop(true).spawn()?;
        let until = Instant::now() + PATIENCE;
        while TcpStream::connect(self.address).await.is_err() {
            if child.try_wait()?.is_some() || Instant::now() > until {
                let log = fs::read_to_string(self.folder.path().join("log"))?;
                return Err(io::Error::other(format!("ntfy does not come up: {log}")));
            }
            tokio::task::yield_now().await;
        }
        self.child = Some(child);
        Ok(())
    }

    async fn command(&self, arguments: &[&str]) -> io::Result<()> {
        let [first, rest @ ..] = arguments else { return Ok(()) };
        let mut command = Command::new(&self.program);
        command.arg(first).arg("-c").arg(self.folder.path().join("server.yml")).args(rest);
        let output = command.env("NTFY_PASSWORD", Ntfy::PASSWORD).output().await?;
        if output.status.success() {
            return Ok(());
        }
        Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()))
    }
}
