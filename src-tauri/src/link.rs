//! The connection to the agent, for as long as the window lives.
//!
//! Owns finding, starting, replacing and losing the agent, and telling the page which of them is the case. An agent
//! that goes away while the window is open is not started again unasked: the person may have quit it.

use std::{cmp::Ordering, env, process::Command, sync::Arc, time::Duration};

use tidings_control::{Client, Event, Events, Failure, FailureCode, Home, Request};
use tokio::sync::{Notify, watch};

use crate::{
    agent,
    page::{AgentState, Page},
    version,
};

/// How often an agent that went away is looked for while the window is open.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// How long an agent of another version may take to end.
const END_DEADLINE: Duration = Duration::from_secs(10);

/// Set for a window that was started in place of an older one, so that it is tried once only.
const REPLACED: &str = "TIDINGS_WINDOW_REPLACED";

/// The way to the agent.
#[derive(Clone)]
pub(crate) struct Link {
    state: watch::Sender<State>,
    wanted: Arc<Notify>,
}

enum State {
    Starting,
    Up(Client),
    Down(Failure),
}

impl Link {
    /// Finds or starts the agent, and keeps the connection from then on.
    pub(crate) fn keep(home: Home, page: Page) -> Self {
        let link = Self { state: watch::Sender::new(State::Starting), wanted: Arc::default() };
        tauri::async_runtime::spawn(link.clone().run(home, page));
        link
    }

    /// The agent, if it is there now.
    pub(crate) fn current(&self) -> Result<Client, Failure> {
        match &*self.state.borrow() {
            State::Up(client) => Ok(client.clone()),
            State::Starting => Err(Failure::new(FailureCode::AgentUnreachable, "the agent is starting")),
            State::Down(failure) => Err(failure.clone()),
        }
    }

    /// The agent, started if need be.
    pub(crate) async fn up(&self) -> Result<Client, Failure> {
        let start = self.state.send_if_modified(|state| {
            let down = matches!(state, State::Down(_));
            if down {
                *state = State::Starting;
            }
            down
        });
        if start {
            self.wanted.notify_one();
        }
        // ends at once or with the attempt; the sender is never dropped before this receiver
        let _ = self.state.subscribe().wait_for(|state| !matches!(state, State::Starting)).await;
        self.current()
    }

    async fn run(self, home: Home, page: Page) {
        let mut may_start = true;
        loop {
            match connect(&home, &page, may_start).await {
                Ok((client, events, replaced)) => {
                    self.state.send_replace(State::Up(client));
                    page.tell_agent(&AgentState::Up { replaced });
                    hear(events, &page).await;
                    let gone = Failure::new(FailureCode::AgentUnreachable, "the agent has ended");
                    self.state.send_replace(State::Down(gone.clone()));
                    page.agent_lost(gone);
                }
                Err(failure) => {
                    if may_start {
                        tracing::warn!(%failure, "no agent");
                        page.tell_agent(&AgentState::Down(failure.clone()));
                    }
                    // a person who asked in the meantime is answered by the next attempt
                    self.state.send_if_modified(|state| {
                        let answer = may_start || matches!(state, State::Down(_));
                        if answer {
                            *state = State::Down(failure);
                        }
                        answer
                    });
                }
            }
            may_start = tokio::select! {
                () = self.wanted.notified() => true,
                () = tokio::time::sleep(LOOK_INTERVAL) => false,
            };
        }
    }
}

/// Passes on what the agent tells, until it goes away.
async fn hear(mut events: Events, page: &Page) {
    while let Some(event) = events.recv().await {
        match event {
            Event::Show { item } => page.show(item),
            event => page.tell(&event),
        }
    }
}

/// Finds or starts an agent of this window's version. Also the version of the older one that was replaced, if any.
async fn connect(
    home: &Home,
    page: &Page,
    may_start: bool,
) -> Result<(Client, Events, Option<String>), Failure> {
    let (client, events) = match agent::find(home).await {
        Ok(link) => link,
        Err(_) if may_start => agent::start(home).await?,
        Err(error) => return Err(error.into()),
    };
    if client.agent().window_open {
        // it has been asked to show itself; this one has nothing left to do
        page.end();
        return std::future::pending().await;
    }
    let theirs = client.agent().version.clone();
    match version::compare(&theirs, version::OWN) {
        Ordering::Equal => Ok((client, events, None)),
        Ordering::Less => {
            tracing::warn!(agent = theirs, window = version::OWN, "the agent is older and is started anew");
            end(client, events).await?;
            let (client, events) = agent::start(home).await?;
            if version::compare(&client.agent().version, version::OWN) == Ordering::Equal {
                return Ok((client, events, Some(theirs)));
            }
            Err(mismatch(&client.agent().version))
        }
        Ordering::Greater => {
            drop((client, events));
            replace_window(page);
            Err(mismatch(&theirs))
        }
    }
}

/// Asks an agent to end, and waits until it has.
async fn end(client: Client, mut events: Events) -> Result<(), Failure> {
    // one that ends before it answers has done what it was asked
    let _ = client.call(Request::Quit).await;
    let gone = async { while events.recv().await.is_some() {} };
    tokio::time::timeout(END_DEADLINE, gone).await.map_err(|_| mismatch(&client.agent().version))
}

/// This window is older than the agent, as after an update: the program beside it is the new one.
fn replace_window(page: &Page) {
    if env::var_os(REPLACED).is_some() {
        return;
    }
    let started = env::current_exe().and_then(|own| Command::new(own).env(REPLACED, "1").spawn());
    match started {
        Ok(_) => page.end(),
        Err(error) => tracing::warn!(%error, "the window cannot start its newer version"),
    }
}

fn mismatch(theirs: &str) -> Failure {
    let message = format!("the agent is version {theirs}, the window is version {}", version::OWN);
    Failure::new(FailureCode::VersionMismatch, message)
}
