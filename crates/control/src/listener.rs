use std::{fs::File, io, sync::Arc, time::Duration};

use futures_util::{
    SinkExt, StreamExt,
    stream::{SplitSink, SplitStream},
};
use interprocess::local_socket::{
    ListenerOptions,
    tokio::{Listener as SocketListener, Stream, prelude::*},
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
    time::{Instant, timeout, timeout_at},
};
use tokio_util::{
    codec::{Framed, LinesCodec},
    sync::CancellationToken,
};

use crate::{
    Event, Failure, FailureCode, Home, HomeError, MAX_LINE_BYTES, Reply, Request,
    wire::{Answer, Call, encode},
};

/// How many answers and events may wait for one caller before it is cut off.
const OUTBOX: usize = 1024;

/// How many callers there may be at a time. A person has a window and a few commands; more is a script gone wrong, which
/// must not take the agent's file descriptors.
const CALLERS: usize = 64;

/// How long the first request may be in coming. Every caller begins with hello.
const FIRST_REQUEST: Duration = Duration::from_secs(10);

/// How long a caller may take to read one line, a stopped process for example.
const READ_A_LINE: Duration = Duration::from_secs(30);

/// The agent's end of the control interface; holding it makes this process the home's single agent.
#[derive(Debug)]
pub struct Listener {
    socket: SocketListener,
    places: Arc<Semaphore>,
    // locked as long as it is open; the kernel lets go of it however the process ends
    _lock: File,
}

/// The control interface could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Another agent runs for this home.
    #[error("another agent is running already")]
    AlreadyRunning,
    /// The runtime folder could not be made.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// The socket could not be made.
    #[error("cannot open the control socket: {0}")]
    Io(#[from] io::Error),
}

impl Listener {
    /// Opens the control interface of a home, for this user alone.
    ///
    /// # Errors
    /// [`BindError::AlreadyRunning`] when another agent holds it; else what the system reports.
    pub fn bind(home: &Home) -> Result<Self, BindError> {
        Home::create(home.run())?;
        let lock = File::create(home.lock_file())?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(std::fs::TryLockError::WouldBlock) => return Err(BindError::AlreadyRunning),
            Err(std::fs::TryLockError::Error(error)) => return Err(error.into()),
        }
        #[cfg(unix)]
        match std::fs::remove_file(home.socket_file()) {
            // left over from an agent that was killed: the lock says that nobody listens there
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
        let options = ListenerOptions::new().name(home.socket_name()?);
        #[cfg(unix)]
        let options = {
            use interprocess::os::unix::local_socket::ListenerOptionsExt;
            options.mode(0o600)
        };
        #[cfg(windows)]
        let options = {
            use interprocess::os::windows::local_socket::ListenerOptionsExt;
            options.security_descriptor(owner_only()?)
        };
        Ok(Self { socket: options.create_tokio()?, places: Arc::new(Semaphore::new(CALLERS)), _lock: lock })
    }

    /// Waits for the next caller. Callers of other users are turned away here, and those beyond the most there may be.
    ///
    /// # Errors
    /// What the system reports; the listener stays usable.
    pub async fn accept(&self) -> io::Result<Peer> {
        loop {
            let stream = self.socket.accept().await?;
            if !is_same_user(&stream) {
                tracing::warn!("a caller of another user was turned away from the control socket");
                continue;
            }
            match Arc::clone(&self.places).try_acquire_owned() {
                Ok(place) => return Ok(Peer::new(stream, place)),
                // so many come of a mistake that is made over and over: no line in the log for each
                Err(_) => tracing::debug!("a caller too many was turned away from the control socket"),
            }
        }
    }
}

#[cfg(unix)]
fn is_same_user(stream: &Stream) -> bool {
    let own = rustix::process::geteuid().as_raw();
    stream.peer_creds().ok().and_then(|creds| creds.euid()).is_some_and(|peer| peer == own)
}

/// The pipe's access list has turned others away before this.
#[cfg(windows)]
fn is_same_user(_: &Stream) -> bool {
    true
}

/// An access list with the pipe's owner alone on it. By the system's own list everyone may open a pipe for reading,
/// and so take up the places for callers. Callers from other machines are refused whoever they are.
#[cfg(windows)]
fn owner_only() -> io::Result<interprocess::os::windows::security_descriptor::SecurityDescriptor> {
    // protected (nothing is inherited); allow, generic all, owner rights
    let list = widestring::U16CString::from_str("D:P(A;;GA;;;OW)").map_err(io::Error::other)?;
    interprocess::os::windows::security_descriptor::SecurityDescriptor::deserialize(&list)
}

/// One caller.
#[derive(Debug)]
pub struct Peer {
    lines: SplitStream<Framed<Stream, LinesCodec>>,
    outbox: Outbox,
    /// Until when the first request has to come; `None` when it has.
    silent_until: Option<Instant>,
    _place: Arc<OwnedSemaphorePermit>,
}

/// Where answers and events for one caller go; cheap to clone.
#[derive(Clone, Debug)]
pub struct Outbox {
    sender: mpsc::Sender<Answer>,
    /// The caller has been given up, whatever else holds on to it.
    cut: CancellationToken,
}

impl Peer {
    fn new(stream: Stream, place: OwnedSemaphorePermit) -> Self {
        let (sink, lines) = Framed::new(stream, LinesCodec::new_with_max_length(MAX_LINE_BYTES)).split();
        let (sender, receiver) = mpsc::channel(OUTBOX);
        let (cut, place) = (CancellationToken::new(), Arc::new(place));
        let writing = write(sink, receiver, cut.clone());
        tokio::spawn({
            let place = Arc::clone(&place);
            async move {
                writing.await;
                drop(place);
            }
        });
        let silent_until = Some(Instant::now() + FIRST_REQUEST);
        Self { lines, outbox: Outbox { sender, cut }, silent_until, _place: place }
    }

    /// A clone of this caller's outbox.
    pub fn outbox(&self) -> Outbox {
        self.outbox.clone()
    }

    /// The next request with its id, or `None` when the caller has gone, was given up, or never said anything. A
    /// request that cannot be read is answered with `BAD_REQUEST` here.
    pub async fn request(&mut self) -> Option<(u64, Request)> {
        loop {
            let line = self.line().await?;
            match serde_json::from_str::<Call>(&line) {
                Ok(call) => {
                    self.silent_until = None;
                    return Some((call.id, call.request));
                }
                Err(error) => {
                    #[derive(serde::Deserialize)]
                    struct OnlyId {
                        id: u64,
                    }
                    let id = serde_json::from_str::<OnlyId>(&line).map_or(0, |only| only.id);
                    // category only: the text may hold a password
                    let message = format!("the request cannot be read ({:?} error)", error.classify());
                    self.outbox.answer(id, Err(Failure::new(FailureCode::BadRequest, message))).await;
                }
            }
        }
    }
}

impl Peer {
    async fn line(&mut self) -> Option<String> {
        let next = async {
            match self.silent_until {
                Some(deadline) => timeout_at(deadline, self.lines.next()).await.ok().flatten(),
                None => self.lines.next().await,
            }
        };
        tokio::select! {
            // an error is a broken or oversized line; there is no telling where the next one starts
            line = next => line?.ok(),
            () = self.outbox.cut.cancelled() => None,
        }
    }
}

impl Outbox {
    /// Answers a request. A caller that has gone misses it. Whoever drops this while it waits for room gives up the
    /// caller: without this answer it would wait in vain.
    pub async fn answer(&self, id: u64, answer: Result<Reply, Failure>) {
        let answer = match answer {
            Ok(reply) => Answer::Reply { id, reply },
            Err(error) => Answer::Failure { id, error },
        };
        let waiting = self.cut.clone().drop_guard();
        let _ = self.sender.send(answer).await;
        waiting.disarm();
    }

    /// Tells an event without waiting. False when the caller has gone or is too slow, and then is given up: forget it.
    pub fn tell(&self, event: Event) -> bool {
        let told = self.sender.try_send(Answer::Event(event)).is_ok();
        if !told {
            self.cut.cancel();
        }
        told
    }
}

async fn write(
    mut sink: SplitSink<Framed<Stream, LinesCodec>, String>,
    mut answers: mpsc::Receiver<Answer>,
    cut: CancellationToken,
) {
    let writing = async {
        while let Some(answer) = answers.recv().await {
            if !matches!(timeout(READ_A_LINE, sink.send(encode(&answer))).await, Ok(Ok(()))) {
                // half a line may be on its way: nothing can follow it
                cut.cancel();
                return;
            }
        }
    };
    tokio::select! {
        () = writing => {}
        () = cut.cancelled() => {}
    }
}
