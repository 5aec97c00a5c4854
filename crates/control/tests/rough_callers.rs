//! Callers that do not behave: the agent gives them up and goes on.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used)]

use futures_util::FutureExt as _;
use tidings_control::{Event, Home, Listener, MAX_LINE_BYTES, Peer, Reply, Request};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::UnixStream,
};

const HELLO: &[u8] =
    b"{\"id\":1,\"method\":\"hello\",\"params\":{\"role\":\"cli\",\"hello\":{\"version\":\"1\",\"pid\":1}}}\n";

struct Agent {
    home: Home,
    listener: Listener,
    _folder: tempfile::TempDir,
}

impl Agent {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::under(folder.path());
        let listener = Listener::bind(&home).unwrap();
        Self { home, listener, _folder: folder }
    }

    async fn call(&self) -> UnixStream {
        UnixStream::connect(self.home.run().join("control.sock")).await.unwrap()
    }

    async fn meet(&self) -> (UnixStream, Peer) {
        let stream = self.call().await;
        (stream, self.listener.accept().await.unwrap())
    }

    async fn greet(&self) -> (UnixStream, Peer) {
        let (mut stream, mut peer) = self.meet().await;
        stream.write_all(HELLO).await.unwrap();
        assert!(matches!(peer.request().await, Some((1, Request::Hello { .. }))));
        (stream, peer)
    }
}

/// Reads to the end of the connection. A reset is one as well: something of the caller's was left unread.
async fn rest(mut stream: UnixStream) -> String {
    let mut text = Vec::new();
    let _ = stream.read_to_end(&mut text).await;
    String::from_utf8_lossy(&text).into_owned()
}

fn large() -> Event {
    Event::Read { ids: vec![1_000_000; 100_000] }
}

#[tokio::test]
async fn a_line_without_end_is_the_end() {
    let agent = Agent::start();
    let (mut stream, mut peer) = agent.meet().await;
    let writing = tokio::spawn(async move {
        // the agent need not take it all
        let _ = stream.write_all(&vec![b'x'; MAX_LINE_BYTES + 1]).await;
        rest(stream).await
    });
    assert!(peer.request().await.is_none());
    drop(peer);
    assert_eq!(writing.await.unwrap(), "");
}

#[tokio::test]
async fn half_a_line_is_no_request() {
    let agent = Agent::start();
    let (mut stream, mut peer) = agent.meet().await;
    stream.write_all(&HELLO[..HELLO.len() / 2]).await.unwrap();
    drop(stream);
    assert!(peer.request().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn one_that_never_says_anything_is_given_up() {
    let agent = Agent::start();
    let (silent, mut peer) = agent.meet().await;
    let (_greeted, mut other) = agent.greet().await;
    assert!(peer.request().await.is_none());
    drop(peer);
    assert_eq!(rest(silent).await, "");
    assert!(other.request().now_or_never().is_none(), "who has said hello may rest");
}

#[tokio::test]
async fn one_that_does_not_read_its_events_is_cut_off() {
    let agent = Agent::start();
    let (stream, mut peer) = agent.greet().await;
    let outbox = peer.outbox();
    while outbox.tell(Event::Show { item: None, activation: None }) {}
    assert!(peer.request().await.is_none());
    drop(peer);
    // although somebody still holds on to the outbox
    rest(stream).await;
    drop(outbox);
}

#[tokio::test]
async fn an_answer_that_was_not_waited_for_gives_up_the_caller() {
    let agent = Agent::start();
    let (stream, mut peer) = agent.greet().await;
    let outbox = peer.outbox();
    while outbox.answer(1, Ok(Reply::Done)).now_or_never().is_some() {}
    assert!(peer.request().await.is_none());
    drop(peer);
    rest(stream).await;
}

#[tokio::test(start_paused = true)]
async fn one_that_stands_still_is_not_written_to_for_ever() {
    let agent = Agent::start();
    let (stream, mut peer) = agent.greet().await;
    assert!(peer.outbox().tell(large()));
    assert!(peer.outbox().tell(large()));
    assert!(peer.request().await.is_none());
    drop(peer);
    let read = rest(stream).await;
    assert!(!read.is_empty() && !read.ends_with('\n'));
}

#[tokio::test]
async fn there_are_so_many_callers_and_no_more() {
    let agent = Agent::start();
    let mut callers = Vec::new();
    for _ in 0..64 {
        callers.push(agent.meet().await);
    }
    let one_too_many = agent.call().await;
    let accepting = agent.listener.accept();
    tokio::pin!(accepting);
    tokio::select! {
        _ = &mut accepting => panic!("there was no room"),
        told = rest(one_too_many) => assert_eq!(told, ""),
    }
    // the writing half has to have ended as well
    let (stream, mut peer) = callers.remove(0);
    drop(stream);
    assert!(peer.request().await.is_none());
    drop(peer);
    loop {
        let next = agent.call().await;
        tokio::select! {
            peer = &mut accepting => break assert!(peer.is_ok()),
            _ = rest(next) => {}
        }
    }
}
