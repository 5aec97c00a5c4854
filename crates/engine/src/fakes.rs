//! What the driver's tests put in place of the world: a server that the test plays itself, over in-memory streams; a
//! clock that follows tokio's paused time; a network that changes when told.

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use tidings_protocol::{ClientMessage, Decoded, Secret, ServerMessage};
use time::OffsetDateTime;
use tokio::{
    io::{AsyncReadExt as _, DuplexStream},
    sync::{mpsc, oneshot},
    time::Instant,
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Message,
        protocol::{CloseFrame, Role, frame::coding::CloseCode},
    },
};

use crate::{
    StoredSession,
    clock::Clock,
    dialect::{Answer, Call, Proof, Upgrade},
    machine::Now,
    surroundings::{Change, Changes},
    transport::{Reach, Socket},
    verdict::{Failure, Place},
};

/// Wall time that goes with tokio's time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PausedClock {
    started: Instant,
}

impl PausedClock {
    pub(crate) fn new() -> Self {
        Self { started: Instant::now() }
    }
}

impl Clock for PausedClock {
    fn now(&self) -> Now {
        let now = Instant::now();
        Now { at: now.into_std(), wall: OffsetDateTime::UNIX_EPOCH + (now - self.started) }
    }
}

/// Changes that a test announces.
pub(crate) struct Announced(pub(crate) mpsc::UnboundedReceiver<Change>);

impl Changes for Announced {
    async fn next(&mut self) -> Change {
        match self.0.recv().await {
            Some(change) => change,
            None => std::future::pending().await,
        }
    }
}

/// The client's way to the test's server.
#[derive(Clone)]
pub(crate) struct ToPlayed(mpsc::UnboundedSender<Request>);

/// The server, as the test plays it.
pub(crate) struct Played(mpsc::UnboundedReceiver<Request>);

/// What reaches the server.
pub(crate) enum Request {
    Call(Call, oneshot::Sender<Result<Answer, Failure>>),
    Open(Upgrade, oneshot::Sender<Result<Socket, Failure>>),
}

pub(crate) fn played() -> (ToPlayed, Played) {
    let (sender, receiver) = mpsc::unbounded_channel();
    (ToPlayed(sender), Played(receiver))
}

fn gone() -> Failure {
    Failure::Unreachable("the test is over".into())
}

impl Reach for ToPlayed {
    async fn call(&self, call: Call) -> Result<Answer, Failure> {
        let (answer, answered) = oneshot::channel();
        self.0.send(Request::Call(call, answer)).map_err(|_| gone())?;
        answered.await.unwrap_or_else(|_| Err(gone()))
    }

    async fn open(&self, upgrade: Upgrade) -> Result<Socket, Failure> {
        let (answer, answered) = oneshot::channel();
        self.0.send(Request::Open(upgrade, answer)).map_err(|_| gone())?;
        answered.await.unwrap_or_else(|_| Err(gone()))
    }
}

/// A call that waits for its answer.
pub(crate) struct Asked {
    pub(crate) call: Call,
    answer: oneshot::Sender<Result<Answer, Failure>>,
}

impl Asked {
    /// The token that was shown, as most servers want it.
    pub(crate) fn bearer(&self) -> Option<&str> {
        match &self.call.proof {
            Proof::Bearer(token) => Some(token.expose()),
            _ => None,
        }
    }

    pub(crate) fn answer(self, status: u16, body: &str) {
        let body = body.as_bytes().to_vec();
        let received_at = OffsetDateTime::UNIX_EPOCH;
        let answer =
            Answer { status, retry_after: None, body, cut: false, broken: None, received_at, sent_at: None };
        let _ = self.answer.send(Ok(answer));
    }

    pub(crate) fn fail(self) {
        let _ = self.answer.send(Err(Failure::Unreachable("no".into())));
    }
}

impl Played {
    /// The next request, which has to be a call to this place.
    pub(crate) async fn call(&mut self, at: Place) -> Asked {
        match self.0.recv().await.unwrap() {
            Request::Call(call, answer) if call.at == at => Asked { call, answer },
            Request::Call(call, _) => panic!("{call:?} instead of {at}"),
            Request::Open(upgrade, _) => panic!("{upgrade:?} instead of {at}"),
        }
    }

    /// The next request, which has to be a socket; it is opened.
    pub(crate) async fn open(&mut self) -> PlayedSocket {
        let (upgrade, answer) = self.upgrade().await;
        let (ours, theirs) = tokio::io::duplex(64 * 1024);
        let socket = Socket::new(Box::new(theirs)).await;
        assert!(answer.send(Ok(socket)).is_ok(), "nobody waits for the socket");
        let query = upgrade.expose().query().unwrap_or_default().to_owned();
        PlayedSocket { stream: WebSocketStream::from_raw_socket(ours, Role::Server, None).await, query }
    }

    /// The next request, which has to be a socket; it stays unanswered as long as the sender is held.
    pub(crate) async fn upgrade(&mut self) -> (Upgrade, oneshot::Sender<Result<Socket, Failure>>) {
        match self.0.recv().await.unwrap() {
            Request::Open(upgrade, answer) => (upgrade, answer),
            Request::Call(call, _) => panic!("{call:?} instead of a socket"),
        }
    }

    /// Whether something has arrived that was not asked for.
    pub(crate) fn is_quiet(&mut self) -> bool {
        self.0.try_recv().is_err()
    }

    /// Forgets what has arrived so far.
    pub(crate) fn flush(&mut self) {
        while self.0.try_recv().is_ok() {}
    }

    /// Answers a ticket and opens the socket.
    pub(crate) async fn admit(&mut self) -> PlayedSocket {
        self.call(Place::Ticket).await.answer(200, r#"{"ticket":"t1","expires_in":30}"#);
        self.open().await
    }
}

/// The server's end of a socket.
pub(crate) struct PlayedSocket {
    pub(crate) stream: WebSocketStream<DuplexStream>,
    pub(crate) query: String,
}

impl PlayedSocket {
    pub(crate) async fn say(&mut self, message: &ServerMessage) {
        self.text(&message.encode()).await;
    }

    pub(crate) async fn text(&mut self, text: &str) {
        self.stream.send(Message::text(text)).await.unwrap();
    }

    pub(crate) async fn close(&mut self, code: u16, reason: &'static str) {
        let frame = CloseFrame { code: CloseCode::from(code), reason: reason.into() };
        self.stream.send(Message::Close(Some(frame))).await.unwrap();
    }

    /// The next message of the client; pings are answered and skipped.
    pub(crate) async fn heard(&mut self) -> ClientMessage {
        loop {
            match self.raw().await {
                Some(Message::Text(text)) => match ClientMessage::decode(&text).unwrap() {
                    Decoded::Message(ClientMessage::Ping) => self.say(&ServerMessage::Pong).await,
                    Decoded::Message(message) => return message,
                    Decoded::Unknown { kind } => panic!("{kind}"),
                },
                // answered by the stream itself
                Some(Message::Ping(_)) => {}
                other => panic!("{other:?} instead of a message"),
            }
        }
    }

    /// The next frame; `None` once the client is gone.
    pub(crate) async fn raw(&mut self) -> Option<Message> {
        self.stream.next().await.and_then(Result::ok)
    }

    /// All that the client sends until it is gone, as opcodes and payloads, to a server that answers nothing. Frames
    /// are short here.
    pub(crate) async fn unanswered(&mut self) -> Vec<(u8, Vec<u8>)> {
        let mut bytes = Vec::new();
        self.stream.get_mut().read_to_end(&mut bytes).await.unwrap();
        let (mut frames, mut rest) = (Vec::new(), &bytes[..]);
        while let [opcode, length, a, b, c, d, more @ ..] = rest {
            let (payload, behind) = more.split_at(usize::from(length & 0x7f));
            let mask = [a, b, c, d].into_iter().cycle();
            frames.push((opcode & 0x0f, payload.iter().zip(mask).map(|(byte, mask)| byte ^ mask).collect()));
            rest = behind;
        }
        frames
    }

    /// Answers pings until the client closes or is gone; returns its close code.
    pub(crate) async fn until_closed(&mut self) -> Option<u16> {
        loop {
            match self.raw().await {
                Some(Message::Close(frame)) => return frame.map(|frame| frame.code.into()),
                Some(Message::Text(text)) if text.contains("ping") => {
                    let _ = self.stream.send(Message::text(ServerMessage::Pong.encode())).await;
                }
                Some(_) => {}
                None => return None,
            }
        }
    }
}

pub(crate) fn session(access: &str, refresh: Option<&str>, life: Option<u64>) -> StoredSession {
    StoredSession {
        access_token: Secret::from(access),
        expires_at: life.map(|life| OffsetDateTime::UNIX_EPOCH + Duration::from_secs(life)),
        refresh_token: refresh.map(Secret::from),
        session_id: None,
        user: None,
    }
}

pub(crate) fn refreshed(access: &str, refresh: &str, life: u64) -> String {
    format!(r#"{{"access_token":"{access}","refresh_token":"{refresh}","expires_in":{life}}}"#)
}
