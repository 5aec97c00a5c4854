use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use tidings_control::{
    Client, Event, Events, Home, InboxQuery, Item, NoticeCode, Reply, Request, Role, Snapshot, State,
};

use crate::{
    Cli, Namespace, Outcome, Programs, Spawned, Trouble, desktop::Desktop, patience::PATIENCE, until, within,
};

/// How an agent is to be started.
#[derive(Clone, Debug, Default)]
pub struct AgentOptions {
    /// Its home; `tidings` in the session's home if absent.
    pub home: Option<PathBuf>,
    /// Further arguments of `run`.
    pub arguments: Vec<String>,
    /// Further variables of its environment.
    pub environment: Vec<(String, OsString)>,
    /// The network that it is to live in; the lab's own if absent.
    pub inside: Option<Namespace>,
}

/// A real `tidings-agent` in a session.
#[derive(Debug)]
pub struct Agent {
    program: Spawned,
    home: PathBuf,
    cli: Cli,
}

impl Agent {
    /// Starts one and waits until it answers.
    ///
    /// # Errors
    /// When it does not come up.
    pub async fn start(desktop: &Desktop) -> Outcome<Self> {
        Self::start_with(desktop, AgentOptions::default()).await
    }

    /// Starts one as told and waits until it answers.
    ///
    /// # Errors
    /// When it does not come up.
    pub async fn start_with(desktop: &Desktop, options: AgentOptions) -> Outcome<Self> {
        let home = options.home.unwrap_or_else(|| Self::home_in(desktop));
        let programs = Programs::find()?;
        let cli = Cli::new(desktop, programs.agent()?, &home);
        let mut command = match &options.inside {
            Some(namespace) => cli.command_inside(namespace, &["run"])?,
            None => cli.command(&["run"]),
        };
        command.args(options.arguments).envs(options.environment);
        let mut program = Spawned::start(command, None).await?;
        let place = Home::under(&home);
        until(PATIENCE, "the agent answers", async || {
            if program.ended()?.is_some() {
                return Err(Trouble::Ended { program: "tidings-agent".to_owned(), said: program.said() });
            }
            Ok(Client::connect(&place, Role::Cli).await.ok().map(drop))
        })
        .await?;
        Ok(Self { program, home, cli })
    }

    /// Where an agent keeps its things in a session, if not told otherwise.
    pub fn home_in(desktop: &Desktop) -> PathBuf {
        desktop.home().join("tidings")
    }

    /// Its process id, while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.program.pid()
    }

    /// Its home: `TIDINGS_HOME`.
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// Its command line.
    pub fn cli(&self) -> &Cli {
        &self.cli
    }

    /// A new connection to its control interface.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn connect(&self) -> Outcome<(Client, Events)> {
        let place = Home::under(&self.home);
        Client::connect(&place, Role::Cli).await.map_err(|error| Trouble::Control(error.into()))
    }

    /// Its whole state.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn snapshot(&self) -> Outcome<Snapshot> {
        match self.connect().await?.0.call(Request::Snapshot).await? {
            Reply::Snapshot(snapshot) => Ok(snapshot),
            other => Err(Trouble::Unexpected(format!("a snapshot was answered by {other:?}"))),
        }
    }

    /// Waits until its state is as wanted.
    ///
    /// # Errors
    /// [`Trouble::Late`], with the state that it was in instead.
    pub async fn when(&self, what: &str, wanted: impl Fn(&Snapshot) -> bool) -> Outcome<Snapshot> {
        let (client, mut events) = self.connect().await?;
        let Reply::Snapshot(mut last) = client.call(Request::Subscribe).await? else {
            return Err(Trouble::Unexpected("a subscription was not answered by a snapshot".to_owned()));
        };
        let becomes = async {
            while !wanted(&last) {
                let gone =
                    || Trouble::Ended { program: "tidings-agent".to_owned(), said: self.program.said() };
                match events.recv().await.ok_or_else(gone)? {
                    Event::Snapshot(snapshot) => last = snapshot,
                    Event::Status { account, status } => {
                        let of = last.accounts.iter_mut().find(|known| known.id == account);
                        of.into_iter().for_each(|known| known.status = status.clone());
                    }
                    _ => {}
                }
            }
            Ok(())
        };
        let result = within(PATIENCE, what, becomes).await;
        match result {
            Ok(outcome) => outcome.map(|()| last),
            Err(_) => {
                Err(Trouble::Late { what: format!("{what}; instead it is {last:#?}"), limit: PATIENCE })
            }
        }
    }

    /// Waits until it tells of a standing condition.
    ///
    /// # Errors
    /// [`Trouble::Late`], with the state that it was in instead.
    pub async fn notices(&self, code: NoticeCode) -> Outcome<Snapshot> {
        let has = |snapshot: &Snapshot| snapshot.notices.iter().any(|notice| notice.code == code);
        self.when(&format!("the agent tells of {code:?}"), has).await
    }

    /// Waits until it tells of a condition no more.
    ///
    /// # Errors
    /// [`Trouble::Late`], with the state that it was in instead.
    pub async fn notices_no(&self, code: NoticeCode) -> Outcome<Snapshot> {
        let has_not = |snapshot: &Snapshot| snapshot.notices.iter().all(|notice| notice.code != code);
        self.when(&format!("the agent tells of {code:?} no more"), has_not).await
    }

    /// Waits until its only account is connected.
    ///
    /// # Errors
    /// [`Trouble::Late`], with the state that it was in instead.
    pub async fn connected(&self) -> Outcome<Snapshot> {
        let connected = |snapshot: &Snapshot| matches!(snapshot.accounts.as_slice(), [account] if account.status.state == State::Connected);
        self.when("the account is connected", connected).await
    }

    /// The rows of its inbox, newest first.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn inbox(&self) -> Outcome<Vec<Item>> {
        match self.connect().await?.0.call(Request::Inbox(InboxQuery::default())).await? {
            Reply::Inbox(page) => Ok(page.items),
            other => Err(Trouble::Unexpected(format!("an inbox query was answered by {other:?}"))),
        }
    }

    /// All rows of its inbox, oldest first.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn whole_inbox(&self) -> Outcome<Vec<Item>> {
        let (client, _) = self.connect().await?;
        let (mut items, mut before) = (Vec::new(), None);
        loop {
            let query = InboxQuery { before, limit: Some(200), ..InboxQuery::default() };
            let Reply::Inbox(page) = client.call(Request::Inbox(query)).await? else {
                return Err(Trouble::Unexpected("an inbox query was answered by something else".to_owned()));
            };
            items.extend(page.items);
            before = page.next;
            if before.is_none() {
                items.reverse();
                return Ok(items);
            }
        }
    }

    /// Ends it at once, as a crash does.
    ///
    /// # Errors
    /// When it does not end.
    pub async fn kill(&mut self) -> Outcome {
        self.program.kill().await.map(drop)
    }

    /// Stops it where it is (`SIGSTOP`), as a machine that sleeps does.
    ///
    /// # Errors
    /// What the system reports.
    pub fn pause(&self) -> Outcome {
        self.program.pause()
    }

    /// Lets it go on.
    ///
    /// # Errors
    /// What the system reports.
    pub fn resume(&self) -> Outcome {
        self.program.resume()
    }

    /// Ends it orderly (`SIGTERM`).
    ///
    /// # Errors
    /// When it does not end.
    pub async fn stop(&mut self) -> Outcome<std::process::ExitStatus> {
        self.program.stop().await
    }

    /// Waits until it ends by itself.
    ///
    /// # Errors
    /// [`Trouble::Late`].
    pub async fn end(&mut self) -> Outcome<std::process::ExitStatus> {
        self.program.end().await
    }

    /// Whether it still runs.
    ///
    /// # Errors
    /// What the system reports.
    pub fn runs(&mut self) -> Outcome<bool> {
        Ok(self.program.ended()?.is_none())
    }

    /// The last that it said on its standard outputs.
    pub fn said(&self) -> String {
        self.program.said()
    }
}
