//! A socket with its patience: every receive and send also watches for the reason to end, and for silence.

use std::{fmt, time::Duration};

use axum::extract::ws::{CloseFrame, Message};
use futures_util::{Sink, SinkExt as _, Stream, StreamExt as _};
use tidings_protocol::{CloseCode, Code, Goodbye, ServerMessage};
use tokio::{
    sync::watch,
    time::{Instant, sleep, sleep_until, timeout},
};
use tokio_tungstenite::tungstenite;

use crate::{hub::Ending, store::StoreError};

/// How long a closing socket may take to say goodbye in turn.
const CLOSE_PATIENCE: Duration = Duration::from_secs(2);
/// 1013, try again later (IANA registry): the client was too slow and resumes from its cursor, or has too many sockets.
const TRY_AGAIN_LATER: CloseCode = CloseCode(1013);
/// 1011: the server failed.
const SERVER_ERROR: CloseCode = CloseCode(1011);

/// What a socket has to be.
pub(crate) trait Socket:
    Stream<Item = Result<Message, axum::Error>> + Sink<Message, Error = axum::Error> + Unpin + Send
{
}

impl<T> Socket for T where
    T: Stream<Item = Result<Message, axum::Error>> + Sink<Message, Error = axum::Error> + Unpin + Send
{
}

/// Why a conversation is over.
#[derive(Debug)]
pub(super) enum End {
    /// The client closed, or the connection broke.
    Gone,
    /// Nothing came in time, or nothing could be sent.
    Silent,
    /// A frame was larger than allowed.
    TooBig,
    /// No `auth` message came in time.
    NoAuth,
    /// The client may not; the reason is for the close frame.
    Refused(Code),
    /// The hub said so.
    Ended(Ending),
    /// The database failed.
    Store(StoreError),
}

impl From<StoreError> for End {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gone => f.write_str("client left"),
            Self::Silent => f.write_str("silent"),
            Self::TooBig => f.write_str("frame too big"),
            Self::NoAuth => f.write_str("no auth message in time"),
            Self::Refused(code) => write!(f, "refused: {code}"),
            Self::Ended(ending) => write!(f, "{ending:?}"),
            Self::Store(error) => write!(f, "{error}"),
        }
    }
}

impl End {
    /// The close frame's code and reason; `None` when there is nobody to tell.
    fn close(&self) -> Option<(CloseCode, Code)> {
        Some(match self {
            Self::Gone => return None,
            Self::Silent => (CloseCode::KEEPALIVE_TIMEOUT, Code::KEEPALIVE_TIMEOUT),
            Self::TooBig => (CloseCode::TOO_BIG, Code::PAYLOAD_TOO_LARGE),
            Self::NoAuth => (CloseCode::AUTH_TIMEOUT, Code::AUTH_TIMEOUT),
            Self::Refused(code) => (CloseCode::POLICY, code.clone()),
            Self::Ended(Ending::SessionEnded) => (CloseCode::POLICY, Code::NOT_AUTHORIZED),
            Self::Ended(Ending::Slow) => (TRY_AGAIN_LATER, Code::from("TOO_SLOW")),
            Self::Ended(Ending::Crowded) => (TRY_AGAIN_LATER, Code::from("TOO_MANY_SOCKETS")),
            Self::Ended(Ending::EpochRenewed) => (CloseCode::SERVICE_RESTART, Code::from("EPOCH_RENEWED")),
            Self::Ended(Ending::Restart) => (CloseCode::SERVICE_RESTART, Code::from("RESTART")),
            Self::Store(_) => (SERVER_ERROR, Code::INTERNAL),
        })
    }
}

/// See the module.
pub(super) struct Line<S> {
    socket: S,
    ending: watch::Receiver<Option<Ending>>,
    patience: Duration,
    heard: Instant,
}

impl<S: Socket> Line<S> {
    pub(super) fn new(socket: S, ending: watch::Receiver<Option<Ending>>, patience: Duration) -> Self {
        Self { socket, ending, patience, heard: Instant::now() }
    }

    /// The next message, control frames included. May be dropped without losing one.
    pub(super) async fn recv(&mut self) -> Result<Message, End> {
        let message = tokio::select! {
            message = self.socket.next() => message,
            end = ended(&mut self.ending) => return Err(end),
            () = sleep_until(self.heard + self.patience) => return Err(End::Silent),
        };
        self.heard = Instant::now();
        match message {
            None | Some(Ok(Message::Close(_))) => Err(End::Gone),
            Some(Ok(message)) => Ok(message),
            Some(Err(error)) => Err(if is_too_big(error) { End::TooBig } else { End::Gone }),
        }
    }

    pub(super) async fn send(&mut self, message: &ServerMessage) -> Result<(), End> {
        self.feed(Message::Text(message.encode().into())).await?;
        self.flush().await
    }

    /// Queues without flushing.
    pub(super) async fn feed(&mut self, message: Message) -> Result<(), End> {
        // first, as a socket that takes all we have would never look
        self.check()?;
        tokio::select! {
            biased;
            result = self.socket.feed(message) => result.map_err(|_| End::Gone),
            end = ended(&mut self.ending) => Err(end),
            () = sleep(self.patience) => Err(End::Silent),
        }
    }

    pub(super) async fn flush(&mut self) -> Result<(), End> {
        tokio::select! {
            biased;
            result = self.socket.flush() => result.map_err(|_| End::Gone),
            end = ended(&mut self.ending) => Err(end),
            () = sleep(self.patience) => Err(End::Silent),
        }
    }

    /// What was sent for a while counts as hearing: the client had no turn to speak.
    pub(super) fn forgive_silence(&mut self) {
        self.heard = Instant::now();
    }

    fn check(&self) -> Result<(), End> {
        match *self.ending.borrow() {
            Some(ending) => Err(End::Ended(ending)),
            None => Ok(()),
        }
    }

    /// Says why, as far as there is somebody to tell, and waits a little for the other side's close.
    pub(super) async fn close(mut self, end: &End, reconnect_after_ms: [u64; 2]) {
        // every failure in here means that the connection is gone already
        let _ = timeout(CLOSE_PATIENCE, async {
            if matches!(end, End::Ended(Ending::Restart)) {
                let goodbye = Goodbye { reason: "the server restarts".to_owned(), reconnect_after_ms };
                let frame = ServerMessage::Goodbye(goodbye).encode();
                self.socket.feed(Message::Text(frame.into())).await?;
            }
            if let Some((CloseCode(code), reason)) = end.close() {
                let frame = CloseFrame { code, reason: reason.as_str().into() };
                self.socket.send(Message::Close(Some(frame))).await?;
                while let Some(Ok(_)) = self.socket.next().await {}
                Ok(())
            } else {
                self.socket.close().await
            }
        })
        .await;
    }
}

async fn ended(ending: &mut watch::Receiver<Option<Ending>>) -> End {
    let found = ending.wait_for(Option::is_some).await.ok().and_then(|ending| *ending);
    match found {
        Some(ending) => End::Ended(ending),
        // the place that holds the other end outlives the line
        None => std::future::pending().await,
    }
}

fn is_too_big(error: axum::Error) -> bool {
    error
        .into_inner()
        .downcast::<tungstenite::Error>()
        .is_ok_and(|error| matches!(*error, tungstenite::Error::Capacity(_)))
}
