//! Every phase has a deadline of its own, whatever keeps trickling in. The servers are played; where bytes matter they are
//! real ones on loopback, and time is paused all the same.

use futures_util::SinkExt as _;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    time::Instant,
};

use super::*;
use crate::Transport;

/// Trouble that ends within this long of a deadline has met it.
const SLACK: Duration = Duration::from_millis(50);

async fn fails_after(mut status: watch::Receiver<Status>, since: Instant, seconds: u64) {
    let rests = |status: &Status| matches!(status.state, State::Disconnected { retry: Retry::At(_), .. });
    status.wait_for(rests).await.unwrap();
    let (took, due) = (since.elapsed(), Duration::from_secs(seconds));
    assert!(took >= due && took <= due + SLACK, "{took:?} instead of {due:?}");
}

#[tokio::test(start_paused = true)]
async fn a_ticket_has_fifteen_seconds() {
    let mut client = start(Flow::Ticket);
    let _asked = client.server.call(Place::Ticket).await;
    fails_after(client.status, Instant::now(), 15).await;
}

#[tokio::test(start_paused = true)]
async fn an_upgrade_has_fifteen_seconds() {
    let mut client = start(Flow::Token);
    let _opening = client.server.upgrade().await;
    fails_after(client.status, Instant::now(), 15).await;
}

#[tokio::test(start_paused = true)]
async fn a_greeting_has_ten_seconds_whatever_else_is_said() {
    let mut client = start(Flow::Token);
    let mut socket = client.server.open().await;
    let since = Instant::now();
    tokio::spawn(async move {
        loop {
            if socket.stream.send(Message::text(ServerMessage::Pong.encode())).await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    });
    fails_after(client.status, since, 10).await;
}

#[tokio::test(start_paused = true)]
async fn a_frame_that_never_ends_is_no_sign_of_life() {
    let mut client = start(Flow::Ticket);
    let mut socket = client.admitted().await;
    let since = Instant::now();
    tokio::spawn(async move {
        // 200 bytes of text are announced
        let bytes = [&[0x81, 126, 0, 200][..], &[b'x'; 199]].concat();
        for byte in bytes {
            if socket.stream.get_mut().write_all(&[byte]).await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    });
    fails_after(client.status, since, 10).await;
}

#[tokio::test(start_paused = true)]
async fn a_server_that_does_not_close_is_left_after_five_seconds_whatever_else_it_says() {
    let mut client = start(Flow::Ticket);
    let mut socket = client.admitted().await;
    let since = Instant::now();
    client.commands.send(Command::Disconnect).unwrap();
    tokio::spawn(async move {
        while socket.stream.get_mut().write_all(&[0x8a, 0]).await.is_ok() {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    });
    let rests = |status: &Status| matches!(status.state, State::Disconnected { .. });
    client.status.wait_for(rests).await.unwrap();
    assert_eq!(since.elapsed().as_secs(), 5);
}

// ---- real sockets

/// Holds the paused time where it is until it is dropped: tokio moves it by itself only while no blocking task runs.
struct Still {
    _ends: std::sync::mpsc::Sender<()>,
}

fn still() -> Still {
    let (_ends, ended) = std::sync::mpsc::channel();
    tokio::task::spawn_blocking(move || ended.recv());
    Still { _ends }
}

/// A server on loopback that tells how many bytes it has read or written.
struct Slow {
    url: String,
    bytes: watch::Receiver<usize>,
}

impl Slow {
    async fn serving<F: Future<Output = ()> + Send + 'static>(
        scheme: &str,
        serve: impl Fn(TcpStream, watch::Sender<usize>) -> F + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("{scheme}://{}", listener.local_addr().unwrap());
        let (count, bytes) = watch::channel(0);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, count.clone()));
            }
        });
        Self { url, bytes }
    }

    /// Answers everything with `start`, and then with a byte a second for ever.
    async fn trickling(start: &'static str) -> Self {
        Self::serving("http", move |mut stream, count| async move {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let Ok(byte) = stream.read_u8().await else { return };
                head.push(byte);
            }
            let mut sent = stream.write_all(start.as_bytes()).await;
            while sent.is_ok() {
                count.send_modify(|bytes| *bytes += 1);
                tokio::time::sleep(Duration::from_secs(1)).await;
                sent = stream.write_all(b"x").await;
            }
        })
        .await
    }

    /// Ends once it has read or written.
    async fn began(&mut self) {
        self.bytes.wait_for(|bytes| *bytes > 0).await.unwrap();
    }

    /// A real client, but for its clock, which starts once the server has something of it, is `seconds` at this.
    async fn holds_a_client_for(&mut self, flow: Flow, seconds: u64) {
        let (still, since) = (still(), Instant::now());
        let endpoint = Endpoint::parse(&self.url, flow, false).unwrap();
        let store = MemoryStore::signed_in(session("a1", Some("r1"), None));
        let client = wired(endpoint, flow, true, store, Transport::new().unwrap());
        self.began().await;
        drop(still);
        fails_after(client.status.clone(), since, seconds).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_ticket_that_trickles_in_for_ever_is_given_up() {
    let mut server = Slow::trickling("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{").await;
    server.holds_a_client_for(Flow::Ticket, 15).await;
    assert!(*server.bytes.borrow() >= 15, "it did trickle");
}

#[tokio::test(start_paused = true)]
async fn an_upgrade_that_trickles_in_for_ever_is_given_up() {
    for start in
        ["HTTP/1.1 101 Switching Protocols\r\nx-slow: ", "HTTP/1.1 503 Busy\r\ncontent-length: 1000\r\n\r\n"]
    {
        let mut server = Slow::trickling(start).await;
        server.holds_a_client_for(Flow::Token, 15).await;
        assert!(*server.bytes.borrow() >= 15, "it did trickle");
    }
}

#[tokio::test(start_paused = true)]
async fn a_tls_handshake_that_never_ends_is_given_up() {
    let silent = |mut stream: TcpStream, count: watch::Sender<usize>| async move {
        let mut ignored = [0; 4096];
        while let Ok(read @ 1..) = stream.read(&mut ignored).await {
            count.send_modify(|bytes| *bytes += read);
        }
    };
    let mut server = Slow::serving("https", silent).await;
    server.holds_a_client_for(Flow::Ticket, 15).await;
}

#[tokio::test(start_paused = true)]
async fn a_sign_in_or_refresh_that_trickles_in_for_ever_is_given_up() {
    let mut server = Slow::trickling("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{").await;
    let endpoint = Endpoint::parse(&server.url, Flow::Ticket, false).unwrap();
    let (still, since) = (still(), Instant::now());
    let refresh = async {
        let call = crate::dialect::tidings::refresh(&endpoint, &Secret::from("r1"));
        Transport::new().unwrap().call(call).await
    };
    let begins = async {
        server.began().await;
        drop(still);
    };
    let (outcome, ()) = tokio::join!(refresh, begins);
    assert!(matches!(outcome, Err(Failure::Unreachable(_))));
    assert_eq!(since.elapsed().as_secs(), 30, "a call of its own, which no attempt's deadline may cut off");
    assert!(*server.bytes.borrow() >= 30, "it did trickle");
}
