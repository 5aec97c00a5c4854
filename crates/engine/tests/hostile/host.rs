//! A listener that reads a request's head and hands the connection to the test.

use std::{future::Future, time::Duration};

use tidings_engine::{
    Backoff, CauseKind, Connection, Endpoint, Event, Events, MemoryStore, Options, Retry, State,
    StoredSession, Surroundings, Transport,
};
use tidings_protocol::Flow;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

/// How long a test waits for something that has to happen; only a failure takes that long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A request as it came in, and the connection to answer on.
pub(crate) struct Visit {
    pub(crate) head: String,
    pub(crate) stream: TcpStream,
}

impl Visit {
    /// Sends bytes. The client may have had enough by then, which is fine.
    pub(crate) async fn send(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).await.is_ok()
    }

    pub(crate) async fn answer(mut self, head: &str, body: &str) {
        let answer = format!("HTTP/1.1 {head}\r\ncontent-length: {}\r\n\r\n", body.len());
        self.send(answer.as_bytes()).await;
        self.stream.flush().await.ok();
        // a refusal must be understood also when its body comes in another packet
        tokio::task::yield_now().await;
        self.send(body.as_bytes()).await;
        self.until_gone().await;
    }

    /// Answers the upgrade as a server should.
    pub(crate) async fn upgrade(&mut self) {
        let key = self.head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("sec-websocket-key").then(|| value.trim().to_owned())
        });
        let accept = derive_accept_key(key.unwrap().as_bytes());
        let answer = format!(
            "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-accept: {accept}\r\n\r\n"
        );
        assert!(self.send(answer.as_bytes()).await);
    }

    /// Waits until the client has closed.
    pub(crate) async fn until_gone(&mut self) {
        let mut ignored = [0; 4096];
        while self.stream.read(&mut ignored).await.is_ok_and(|read| read > 0) {}
    }
}

/// Listens, and lets `serve` answer every request.
pub(crate) async fn host<F: Future<Output = ()> + Send + 'static>(
    serve: impl Fn(Visit) -> F + Send + 'static,
) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                match stream.read_u8().await {
                    Ok(byte) => head.push(byte),
                    Err(_) => break,
                }
            }
            let head = String::from_utf8_lossy(&head).into_owned();
            tokio::spawn(serve(Visit { head, stream }));
        }
    });
    format!("http://{address}")
}

pub(crate) fn endpoint(url: &str, flow: Flow) -> Endpoint {
    Endpoint::parse(url, flow, false).unwrap()
}

/// A connection with a token that nobody checks.
pub(crate) struct Client {
    pub(crate) connection: Connection,
    pub(crate) events: Events,
}

impl Client {
    pub(crate) fn start(url: &str, flow: Flow) -> Self {
        let session = StoredSession {
            access_token: "a1".into(),
            expires_at: None,
            refresh_token: None,
            session_id: None,
            user: None,
        };
        let options = Options {
            // tests that let it try again want no real waits
            backoff: Backoff { cap: Duration::from_millis(10), ..Backoff::default() },
            ..Options::default()
        };
        let store = MemoryStore::signed_in(session);
        let (connection, events) = Connection::start(
            endpoint(url, flow),
            options,
            Transport::new().unwrap(),
            Surroundings::still(),
            store,
        );
        Self { connection, events }
    }

    pub(crate) async fn event(&mut self) -> Event {
        let event = tokio::time::timeout(PATIENCE, self.events.recv()).await;
        event.expect("an event within the test's patience").expect("the connection stands")
    }

    /// The first failure, whether it is tried again or not.
    pub(crate) async fn failure(&mut self) -> (CauseKind, String) {
        let mut status = self.connection.status();
        loop {
            tokio::select! {
                event = self.event() => match event {
                    Event::ReconnectScheduled { cause, .. } => return (cause.kind, cause.detail),
                    _ => continue,
                },
                stopped = status.wait_for(|status| {
                    matches!(status.state, State::Disconnected { retry: Retry::No, .. })
                }) => match stopped.unwrap().state.clone() {
                    State::Disconnected { cause, .. } => return (cause.kind, cause.detail),
                    _ => unreachable!(),
                },
            }
        }
    }
}
