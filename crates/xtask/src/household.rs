//! The demo's own server, agent and window, in a throw-away home.

use std::{
    env, fs,
    io::{BufRead, BufReader, Write},
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
};

use crate::{project::Project, tool::Tool};

/// Everything that runs for the demo. It ends with the value, in the order of the fields.
#[derive(Debug)]
pub(crate) struct Household {
    _window: Running,
    agent: Running,
    _server: Running,
    server_url: String,
    key: String,
    programs: Programs,
    folder: Folder,
}

#[derive(Debug)]
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // one that has ended by itself needs no ending
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A folder for this user alone, gone with the value.
#[derive(Debug)]
struct Folder(PathBuf);

impl Folder {
    fn new() -> Result<Self, String> {
        // in the system's folder for such things, as the path of a socket must be short
        let path = env::temp_dir().join(format!("tidings-demo-{}", std::process::id()));
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&path).map_err(|error| format!("{} cannot be made: {error}", path.display()))?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            eprintln!("{} is left over: {error}", self.0.display());
        }
    }
}

#[derive(Debug)]
struct Programs {
    server: PathBuf,
    agent: PathBuf,
    window: PathBuf,
}

impl Household {
    pub(crate) const USER: &str = "demo";
    pub(crate) const PASSWORD: &str = "open sesame";

    /// Starts a server with a user, an agent, and the window at the sign-in page.
    pub(crate) fn found(project: &Project) -> Result<Self, String> {
        let program = |name: &str| project.program("debug", name);
        let programs = Programs {
            server: program("tidings-server"),
            agent: program("tidings-agent"),
            window: program("tidings"),
        };
        let folder = Folder::new()?;
        let database = folder.0.join("server.db");
        let on_server = |arguments: &[&str]| {
            Tool::new(&programs.server).args(arguments).args(["--database"]).args([&database]).into_command()
        };
        answer(on_server(&["user", "add", Self::USER, "--password-stdin"]), Self::PASSWORD)?;
        let key = answer(on_server(&["key", "create", "demo"]), "")?.trim().to_owned();
        let mut server = on_server(&["serve", "--listen", "127.0.0.1:0"]);
        let mut server = start(server.stdout(Stdio::piped()).stderr(Stdio::null()))?;
        let server_url = first_line(&mut server.0)?;
        let server_url = server_url.strip_prefix("listening on ").unwrap_or(&server_url).trim().to_owned();
        let run = ["run", "--server", &server_url, "--username", Self::USER];
        let home = folder.0.join("home");
        let mut agent = Tool::new(&programs.agent).args(run).into_command();
        agent.env("TIDINGS_HOME", &home).env("TIDINGS_WINDOW", &programs.window).stderr(Stdio::null());
        let agent = start(&mut agent)?;
        let mut window = Command::new(&programs.window);
        window.env("TIDINGS_HOME", &home).env("TIDINGS_AGENT", &programs.agent).stderr(Stdio::null());
        let window = start(&mut window)?;
        Ok(Self { _window: window, agent, _server: server, server_url, key, programs, folder })
    }

    pub(crate) fn server(&self) -> &str {
        &self.server_url
    }

    pub(crate) fn agent_runs(&mut self) -> bool {
        matches!(self.agent.0.try_wait(), Ok(None))
    }

    pub(crate) fn publish(
        &self,
        title: &str,
        body: &str,
        priority: &str,
        link: Option<&str>,
    ) -> Result<(), String> {
        let publish = ["publish", "--server", &self.server_url, "--to", Self::USER, "--title", title];
        let link = link.map(|link| ["--click-url", link]);
        let command =
            Tool::new(&self.programs.server).args(publish).args(["--body", body, "--priority", priority]);
        let mut command = command.args(link.iter().flatten()).into_command();
        answer(command.env("TIDINGS_SERVER_KEY", &self.key), "").map(drop)
    }

    /// Signs out, so that nothing stays in the keychain, and ends everything.
    pub(crate) fn end(self) {
        let home = self.folder.0.join("home");
        let agent = |arguments: &[&str]| {
            let mut command = Tool::new(&self.programs.agent).args(arguments).into_command();
            command.env("TIDINGS_HOME", &home);
            // nobody may be signed in, and the agent may have gone: then there is nothing to do
            answer(command, "").unwrap_or_default()
        };
        let accounts: serde_json::Value =
            serde_json::from_str(&agent(&["accounts", "--json"])).unwrap_or_default();
        for account in accounts.as_array().into_iter().flatten().filter_map(|account| account["id"].as_str())
        {
            agent(&["logout", account]);
        }
        agent(&["quit"]);
    }
}

fn start(command: &mut Command) -> Result<Running, String> {
    // a group of its own: Ctrl-C is for the demo, which then ends things in order
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    let program = command.get_program().to_string_lossy().into_owned();
    let child = command.stdin(Stdio::null()).spawn();
    child.map(Running).map_err(|error| format!("{program} does not start: {error}"))
}

fn answer(mut command: impl std::borrow::BorrowMut<Command>, input: &str) -> Result<String, String> {
    let command = command.borrow_mut();
    let program = command.get_program().to_string_lossy().into_owned();
    let trouble = |error: std::io::Error| format!("{program}: {error}");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(trouble)?;
    if let Some(mut stdin) = child.stdin.take() {
        writeln!(stdin, "{input}").map_err(trouble)?;
    }
    let output = child.wait_with_output().map_err(trouble)?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(format!("{program} failed: {}", String::from_utf8_lossy(&output.stderr).trim()))
}

/// The server tells its address on its first line; whatever follows is read away, so that it never waits for a reader.
fn first_line(child: &mut Child) -> Result<String, String> {
    let mut lines = BufReader::new(child.stdout.take().ok_or("the server has no output")?).lines();
    let line = lines.next().and_then(Result::ok).ok_or("the server ended at once")?;
    thread::spawn(move || lines.for_each(drop));
    Ok(line)
}
