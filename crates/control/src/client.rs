use std::{
    collections::HashMap,
    env, io,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use futures_util::{SinkExt, StreamExt};
use interprocess::local_socket::tokio::{Stream, prelude::*};
use tokio::sync::{mpsc, oneshot};
use tokio_util::codec::{Framed, LinesCodec};

use crate::{
    Event, Failure, FailureCode, Hello, Home, MAX_LINE_BYTES, Reply, Request, Role,
    wire::{Answer, Call, encode},
};

/// How long an answer may take. A sign-in may wait for a person to unlock the keychain, so it is long.
const ANSWER_DEADLINE: Duration = Duration::from_secs(120);

/// No desktop makes longer tokens; whatever else stands in the variable is none.
const LONGEST_ACTIVATION: usize = 1024;

/// How many events may wait to be read.
const EVENTS: usize = 1024;

/// A caller's end of the control interface.
#[derive(Clone, Debug)]
pub struct Client {
    calls: mpsc::Sender<(Request, oneshot::Sender<Result<Reply, Failure>>)>,
    agent: Arc<Hello>,
}

/// What the agent tells unasked. It ends when the connection does.
pub type Events = mpsc::Receiver<Event>;

/// The agent could not be spoken to.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// Nothing listens there.
    #[error("the agent is not running; start it with `tidings-agent run`")]
    NotRunning(#[source] io::Error),
    /// It refused or broke off.
    #[error("the agent did not answer as expected: {0}")]
    Refused(Failure),
}

impl From<ConnectError> for Failure {
    fn from(error: ConnectError) -> Self {
        match error {
            ConnectError::NotRunning(_) => Self::new(FailureCode::AgentUnreachable, error.to_string()),
            ConnectError::Refused(failure) => failure,
        }
    }
}

impl Client {
    /// Connects to the agent of this home and says hello.
    ///
    /// # Errors
    /// [`ConnectError`] when no agent runs there, or it does not answer.
    pub async fn connect(home: &Home, role: Role) -> Result<(Self, Events), ConnectError> {
        let name = home.socket_name().map_err(ConnectError::NotRunning)?;
        let stream = Stream::connect(name).await.map_err(ConnectError::NotRunning)?;
        let (calls, incoming) = mpsc::channel(16);
        let (events, receiver) = mpsc::channel(EVENTS);
        tokio::spawn(run(stream, incoming, events));
        let hello = Hello {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            pid: std::process::id(),
            window_open: false,
            activation: activation(),
        };
        let mut client = Self { calls, agent: Arc::new(hello.clone()) };
        match client.call(Request::Hello { role, hello }).await {
            Ok(Reply::Hello(agent)) => client.agent = Arc::new(agent),
            Ok(_) => {
                let message = "the first answer was no hello";
                return Err(ConnectError::Refused(Failure::new(FailureCode::VersionMismatch, message)));
            }
            Err(failure) => return Err(ConnectError::Refused(failure)),
        }
        Ok((client, receiver))
    }

    /// What the agent said of itself.
    pub fn agent(&self) -> &Hello {
        &self.agent
    }

    /// Asks, and waits for the answer.
    ///
    /// # Errors
    /// The agent's [`Failure`], or `AGENT_UNREACHABLE` or `TIMED_OUT` when there is no answer.
    pub async fn call(&self, request: Request) -> Result<Reply, Failure> {
        let gone = || Failure::new(FailureCode::AgentUnreachable, "the agent has closed the connection");
        let (answer, receiver) = oneshot::channel();
        self.calls.send((request, answer)).await.map_err(|_| gone())?;
        match tokio::time::timeout(ANSWER_DEADLINE, receiver).await {
            Ok(answer) => answer.map_err(|_| gone())?,
            Err(_) => Err(Failure::new(FailureCode::TimedOut, "the agent did not answer within 2 minutes")),
        }
    }
}

/// The desktop's permission to come to the front that this program was started with (XDG Activation, Startup
/// Notification).
fn activation() -> Option<String> {
    ["XDG_ACTIVATION_TOKEN", "DESKTOP_STARTUP_ID"]
        .into_iter()
        .filter_map(|name| env::var(name).ok())
        .find(|token| !token.is_empty() && token.len() <= LONGEST_ACTIVATION)
}

type Waiting = Mutex<HashMap<u64, oneshot::Sender<Result<Reply, Failure>>>>;

async fn run(
    stream: Stream,
    mut calls: mpsc::Receiver<(Request, oneshot::Sender<Result<Reply, Failure>>)>,
    events: mpsc::Sender<Event>,
) {
    let (mut sink, mut lines) = Framed::new(stream, LinesCodec::new_with_max_length(MAX_LINE_BYTES)).split();
    let waiting = Waiting::default();
    let next = AtomicU64::new(1);
    let send = async {
        while let Some((request, answer)) = calls.recv().await {
            let id = next.fetch_add(1, Ordering::Relaxed);
            waiting.lock().unwrap_or_else(PoisonError::into_inner).insert(id, answer);
            if sink.send(encode(&Call { id, request })).await.is_err() {
                return;
            }
        }
    };
    let receive = async {
        while let Some(Ok(line)) = lines.next().await {
            match serde_json::from_str(&line) {
                Ok(Answer::Reply { id, reply }) => settle(&waiting, id, Ok(reply)),
                Ok(Answer::Failure { id, error }) => settle(&waiting, id, Err(error)),
                Ok(Answer::Event(event)) => {
                    // a receiver that was dropped does not want events; its calls go on
                    if let Err(mpsc::error::TrySendError::Full(_)) = events.try_send(event) {
                        tracing::warn!("events are not read fast enough; the connection is given up");
                        return;
                    }
                }
                // an event of a newer agent
                Err(error) => tracing::debug!(%error, "unreadable line from the agent"),
            }
        }
    };
    tokio::select! {
        () = send => {}
        () = receive => {}
    }
}

fn settle(waiting: &Waiting, id: u64, answer: Result<Reply, Failure>) {
    let sender = waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    if let Some(sender) = sender {
        // a caller that gave up has dropped its end
        let _ = sender.send(answer);
    }
}
