use std::{
    collections::VecDeque,
    io,
    process::{ExitStatus, Stdio},
    sync::{Arc, Mutex, PoisonError},
};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWriteExt, BufReader},
    process::{Child, ChildStdin, Command},
    sync::mpsc,
};

use crate::{Outcome, Trouble, patience::PATIENCE, within};

/// How many of the last lines are kept to explain a failure.
const KEPT_LINES: usize = 60;

/// A program that the lab has started, and ends when the value goes away, even in a panic.
#[derive(Debug)]
pub struct Spawned {
    name: String,
    child: Child,
    lines: mpsc::UnboundedReceiver<String>,
    said: Said,
}

#[derive(Clone, Debug, Default)]
struct Said(Arc<Mutex<VecDeque<String>>>);

impl Said {
    fn push(&self, line: String) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == KEPT_LINES {
            lines.pop_front();
        }
        lines.push_back(line);
    }

    fn text(&self) -> String {
        let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().map(|line| format!("    {line}\n")).collect()
    }
}

impl Spawned {
    /// Starts a program; `input` is written to it at once, and its standard input closed after that.
    ///
    /// # Errors
    /// [`Trouble::Start`].
    pub async fn start(command: Command, input: Option<&str>) -> Outcome<Self> {
        let (spawned, stdin) = Self::start_open(command, input.is_some())?;
        if let (Some(text), Some(mut stdin)) = (input, stdin) {
            stdin.write_all(text.as_bytes()).await?;
            stdin.shutdown().await?;
        }
        Ok(spawned)
    }

    /// As [`Self::start`], with the input, which stays open as long as the caller keeps it.
    pub(crate) fn start_open(mut command: Command, input: bool) -> Outcome<(Self, Option<ChildStdin>)> {
        let program = command.as_std().get_program();
        let name =
            std::path::Path::new(program).file_name().unwrap_or(program).to_string_lossy().into_owned();
        command.stdin(if input { Stdio::piped() } else { Stdio::null() });
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().map_err(|source| Trouble::Start { program: name.clone(), source })?;
        let stdin = child.stdin.take();
        let said = Said::default();
        let (sender, lines) = mpsc::unbounded_channel();
        if let Some(stdout) = child.stdout.take() {
            tokio::spawn(read(stdout, said.clone(), Some(sender)));
        }
        if let Some(stderr) = child.stderr.take() {
            tokio::spawn(read(stderr, said.clone(), None));
        }
        Ok((Self { name, child, lines, said }, stdin))
    }

    /// Its process id, while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// The next line of its standard output.
    ///
    /// # Errors
    /// [`Trouble::Ended`] with what it said, when there are no more; [`Trouble::Late`].
    pub async fn line(&mut self) -> Outcome<String> {
        let line = within(PATIENCE, &format!("{} writes a line", self.name), self.lines.recv()).await?;
        line.ok_or_else(|| Trouble::Ended { program: self.name.clone(), said: self.said.text() })
    }

    /// The next line of its standard output, or `None` at its end; it may take for ever.
    pub async fn next_line(&mut self) -> Option<String> {
        self.lines.recv().await
    }

    /// The last lines of both its outputs.
    pub fn said(&self) -> String {
        self.said.text()
    }

    /// Its status, if it has ended.
    ///
    /// # Errors
    /// What the system reports.
    pub fn ended(&mut self) -> Outcome<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Waits until it ends by itself.
    ///
    /// # Errors
    /// [`Trouble::Late`].
    pub async fn end(&mut self) -> Outcome<ExitStatus> {
        Ok(within(PATIENCE, &format!("{} ends", self.name), self.child.wait()).await??)
    }

    /// Asks it to end (`SIGTERM`), and waits until it has.
    ///
    /// # Errors
    /// [`Trouble::Late`].
    pub async fn stop(&mut self) -> Outcome<ExitStatus> {
        // it may have ended in between; then there is nothing to ask
        let _ = self.signal(Signal::TERM);
        self.end().await
    }

    /// Stops it where it is (`SIGSTOP`): the kernel goes on to answer for it.
    ///
    /// # Errors
    /// What the system reports.
    pub fn pause(&self) -> Outcome {
        self.signal(Signal::STOP)
    }

    /// Lets it go on.
    ///
    /// # Errors
    /// What the system reports.
    pub fn resume(&self) -> Outcome {
        self.signal(Signal::CONT)
    }

    /// Ends it at once (`SIGKILL`), as a crash would, and waits until it is gone.
    ///
    /// # Errors
    /// [`Trouble::Late`].
    pub async fn kill(&mut self) -> Outcome<ExitStatus> {
        self.child.start_kill()?;
        self.end().await
    }

    fn signal(&self, signal: Signal) -> Outcome {
        let Some(pid) = self.own_pid() else { return Ok(()) };
        Ok(rustix::process::kill_process(pid, signal).map_err(io::Error::from)?)
    }

    fn own_pid(&self) -> Option<Pid> {
        self.child.id().and_then(|id| Pid::from_raw(id.cast_signed()))
    }
}

impl Drop for Spawned {
    fn drop(&mut self) {
        let Some(pid) = self.own_pid() else { return };
        if self.child.start_kill().is_ok() {
            // wait for its end, so that nothing writes into a folder that is about to be removed; reaping is left to
            // the runtime
            let _ = rustix::process::waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT);
        }
        if std::thread::panicking() {
            eprintln!("---- {} said last:\n{}", self.name, self.said.text());
        }
    }
}

async fn read(stream: impl AsyncRead + Unpin, said: Said, sender: Option<mpsc::UnboundedSender<String>>) {
    let mut lines = BufReader::new(stream).split(b'\n');
    while let Ok(Some(line)) = lines.next_segment().await {
        let line = String::from_utf8_lossy(&line).into_owned();
        said.push(line.clone());
        if let Some(sender) = &sender {
            // nobody listens any more: reading goes on, or the program would block on a full pipe
            let _ = sender.send(line);
        }
    }
}
