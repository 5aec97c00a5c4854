//! The connection to the agent, for as long as the window lives.
//!
//! Owns finding, starting, replacing and losing the agent, and telling the page which of them is the case. An agent
//! that goes away while the window is open is not started again unasked: the person may have quit it.

use std::{cmp::Ordering, env, process::Command, sync::Arc, time::Duration};

use tidings_control::{Client, Event, Events, Failure, FailureCode, Request};
use tokio::sync::{Notify, watch};

use crate::{
    agent::Agent,
    frames,
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
    /// Takes the agent that was found, or starts one, and keeps the connection from then on.
    pub(crate) fn keep(agent: Agent, page: Page, found: Option<(Client, Events)>) -> Self {
        let link = Self { state: watch::Sender::new(State::Starting), wanted: Arc::default() };
        tauri::async_runtime::spawn(link.clone().run(agent, page, found));
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

    /// Has the agent follow a `tidings://` link: it reads it, and has the page ask.
    pub(crate) fn follow(&self, link: String) {
        let way = self.clone();
        tauri::async_runtime::spawn(async move {
            let answer = match way.up().await {
                Ok(client) => client.call(Request::Follow { link }).await,
                Err(failure) => Err(failure),
            };
            if let Err(failure) = answer {
                tracing::warn!(%failure, "a link is not followed");
            }
        });
    }

    async fn run(self, agent: Agent, page: Page, mut found: Option<(Client, Events)>) {
        let mut may_start = true;
        loop {
            match meet(&agent, found.take(), may_start).await {
                Ok(Met::OtherWindow) => return page.end(),
                Ok(Met::Newer(_)) if replace_window() => return page.end(),
                Ok(Met::Newer(theirs)) => self.lose(mismatch(&theirs), &page),
                Ok(Met::Agent { client, events, replaced }) => {
                    self.state.send_replace(State::Up(client));
                    page.tell_agent(&AgentState::Up { replaced });
                    hear(events, &page).await;
                    let gone = Failure::new(FailureCode::AgentUnreachable, "the agent has ended");
                    self.state.send_replace(State::Down(gone.clone()));
                    page.agent_lost(gone);
                }
                Err(failure) if may_start => self.lose(failure, &page),
                // still not there, which the page knows; who asks in the meantime is answered by the next attempt
                Err(_) => {}
            }
            may_start = tokio::select! {
                () = self.wanted.notified() => true,
                () = tokio::time::sleep(LOOK_INTERVAL) => false,
            };
        }
    }

    fn lose(&self, failure: Failure, page: &Page) {
        tracing::warn!(%failure, "no agent");
        self.state.send_replace(State::Down(failure.clone()));
        page.tell_agent(&AgentState::Down(failure));
    }
}

/// Who answered.
enum Met {
    /// An agent of this window's version; also the version of the older one that was replaced, if any.
    Agent { client: Client, events: Events, replaced: Option<String> },
    /// An agent that has a window already, and has asked that one to show itself.
    OtherWindow,
    /// An agent of a newer version than this window.
    Newer(String),
}

/// Passes on what the agent tells, until it goes away.
async fn hear(events: Events, page: &Page) {
    frames::by_frame(events, |events| {
        let mut told = Vec::with_capacity(events.len());
        for event in events {
            match event {
                Event::Show { item, activation } => {
                    page.tell(&std::mem::take(&mut told));
                    page.show(item, activation);
                }
                event => told.push(event),
            }
        }
        page.tell(&told);
    })
    .await;
}

/// Finds or starts an agent of this window's version; an older one is ended first.
async fn meet(agent: &Agent, found: Option<(Client, Events)>, may_start: bool) -> Result<Met, Failure> {
    let (client, events) = match found {
        Some(link) => link,
        None => match agent.find().await {
            Ok(link) => link,
            Err(_) if may_start => agent.start().await?,
            Err(error) => return Err(error.into()),
        },
    };
    if client.agent().window_open {
        return Ok(Met::OtherWindow);
    }
    let theirs = client.agent().version.clone();
    match version::compare(&theirs, version::OWN) {
        Ordering::Equal => Ok(Met::Agent { client, events, replaced: None }),
        Ordering::Greater => Ok(Met::Newer(theirs)),
        Ordering::Less => {
            tracing::warn!(agent = theirs, window = version::OWN, "the agent is older and is started anew");
            end(client, events).await?;
            let (client, events) = agent.start().await?;
            match version::compare(&client.agent().version, version::OWN) {
                Ordering::Equal => Ok(Met::Agent { client, events, replaced: Some(theirs) }),
                _ => Err(mismatch(&client.agent().version)),
            }
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

/// This window is older than the agent, as after an update: the program in its place is the new one. True if it was
/// started.
fn replace_window() -> bool {
    if env::var_os(REPLACED).is_some() {
        return false;
    }
    match env::current_exe()
        .and_then(|own| Command::new(own).args(env::args_os().skip(1)).env(REPLACED, "1").spawn())
    {
        Ok(_) => true,
        Err(error) => {
            tracing::warn!(%error, "the window cannot start its newer version");
            false
        }
    }
}

fn mismatch(theirs: &str) -> Failure {
    let message = format!("the agent is version {theirs}, the window is version {}", version::OWN);
    Failure::new(FailureCode::VersionMismatch, message)
}

#[cfg(test)]
mod tests {
    use tidings_control::{Hello, Home, Listener, Reply};
    use tokio::sync::mpsc;

    use super::*;

    /// An agent that says this hello, and tells which request came after it.
    fn answer_as(agent: &Agent, version: &str, window_open: bool) -> mpsc::UnboundedReceiver<Request> {
        let listener = Listener::bind(&agent.home).unwrap();
        let hello = Hello { version: version.to_owned(), pid: 1, window_open, activation: None };
        let (asked, receiver) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            let mut peer = listener.accept().await.unwrap();
            while let Some((id, request)) = peer.request().await {
                match request {
                    Request::Hello { .. } => peer.outbox().answer(id, Ok(Reply::Hello(hello.clone()))).await,
                    request => {
                        asked.send(request).unwrap();
                        return;
                    }
                }
            }
        });
        receiver
    }

    /// An agent in a folder of its own, with no program that could be started.
    fn agent() -> (tempfile::TempDir, Agent) {
        let folder = tempfile::tempdir().unwrap();
        let agent = Agent { home: Home::under(folder.path()), program: folder.path().join("none") };
        (folder, agent)
    }

    #[tokio::test]
    async fn an_agent_of_the_same_version_is_taken() {
        let (_folder, agent) = agent();
        let _asked = answer_as(&agent, version::OWN, false);
        assert!(matches!(meet(&agent, None, false).await, Ok(Met::Agent { replaced: None, .. })));
    }

    #[tokio::test]
    async fn a_second_window_gives_way_whatever_the_version() {
        let (_folder, agent) = agent();
        let mut asked = answer_as(&agent, "0.0.1", true);
        assert!(matches!(meet(&agent, None, false).await, Ok(Met::OtherWindow)));
        assert!(asked.recv().await.is_none());
    }

    #[tokio::test]
    async fn a_newer_agent_is_left_alone() {
        let (_folder, agent) = agent();
        let mut asked = answer_as(&agent, "999.0.0", false);
        assert!(matches!(meet(&agent, None, false).await, Ok(Met::Newer(theirs)) if theirs == "999.0.0"));
        assert!(asked.recv().await.is_none());
    }

    #[tokio::test]
    async fn an_older_agent_is_asked_to_end() {
        let (_folder, agent) = agent();
        let mut asked = answer_as(&agent, "0.0.1", false);
        assert!(meet(&agent, None, false).await.is_err(), "there is no program to start the new one");
        assert!(matches!(asked.recv().await, Some(Request::Quit)));
    }

    #[tokio::test]
    async fn no_agent_is_started_unasked() {
        let (_folder, agent) = agent();
        let message = async |may_start| meet(&agent, None, may_start).await.err().unwrap().message;
        assert!(message(true).await.contains("cannot start"));
        assert!(!message(false).await.contains("cannot start"));
    }
}
