//! One WebSocket: text in, text out, and how it ends. Owns framing and its bounds; knows no message.

use std::{
    collections::VecDeque,
    pin::Pin,
    task::{Context, Poll},
};

use futures_util::{FutureExt as _, Sink as _, Stream as _, future::poll_fn};
use tidings_protocol::MAX_FRAME_BYTES;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Bytes, Error, Message, Utf8Bytes,
        protocol::{CloseFrame, Role, WebSocketConfig, frame::coding::CloseCode},
    },
};

use crate::{
    Link,
    verdict::{Failure, printable},
};

/// Notifications are short; the defaults (128 KiB each way) would be most of what a connection occupies at rest.
const BUFFER: usize = 4 * 1024;

/// The reason that tungstenite puts, with 1002, in the place of a close frame whose code it does not know. 1014 (bad
/// gateway) is one of those, and a gateway in trouble must not be taken for a server that refuses us.
const UNKNOWN_CODE: &str = "Protocol violation";

/// Anything that bytes go through.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// An open socket.
pub(crate) struct Socket {
    /// How it was opened, for whoever takes it over.
    pub(crate) link: Option<Box<Link>>,
    stream: WebSocketStream<Box<dyn Stream>>,
    outgoing: VecDeque<Message>,
    /// Something was handed over that may not have reached the operating system.
    unflushed: bool,
}

/// What comes out of a socket.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Frame {
    /// A text frame.
    Text(Utf8Bytes),
    /// The answer to a ping of WebSocket's own.
    Pong,
    /// Any other control or binary frame: a sign of life and nothing else.
    Other,
    /// The end.
    Ended(Failure),
}

impl Socket {
    /// Takes over a stream whose handshake is done.
    pub(crate) async fn new(stream: Box<dyn Stream>) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(BUFFER)
            .write_buffer_size(BUFFER)
            .max_write_buffer_size(2 * MAX_FRAME_BYTES)
            .max_message_size(Some(MAX_FRAME_BYTES))
            .max_frame_size(Some(MAX_FRAME_BYTES));
        let stream = WebSocketStream::from_raw_socket(stream, Role::Client, Some(config)).await;
        Self { link: None, stream, outgoing: VecDeque::new(), unflushed: false }
    }

    /// Queues a text frame; [`Socket::next`] sends it.
    pub(crate) fn send(&mut self, text: String) {
        self.outgoing.push_back(Message::text(text));
    }

    /// Queues a WebSocket ping; its answer comes as [`Frame::Pong`].
    pub(crate) fn ping(&mut self) {
        self.outgoing.push_back(Message::Ping(Bytes::new()));
    }

    /// Queues a close frame; the handshake's end comes as [`Frame::Ended`].
    pub(crate) fn close(&mut self, code: u16, reason: &'static str) {
        let frame = CloseFrame { code: CloseCode::from(code), reason: reason.into() };
        self.outgoing.push_back(Message::Close(Some(frame)));
    }

    /// Says a last word if the operating system takes it at once, and drops the connection.
    pub(crate) fn farewell(mut self, code: u16, reason: &'static str) {
        // first the answer to the other side's own close frame, if there was one
        let _ = poll_fn(|cx| Pin::new(&mut self.stream).poll_flush(cx)).now_or_never();
        self.outgoing.clear();
        self.close(code, reason);
        let _ = poll_fn(|cx| self.poll_send(cx)).now_or_never();
    }

    /// Sends what is queued and, if `reading`, returns what comes in. Cancel safe.
    pub(crate) async fn next(&mut self, reading: bool) -> Frame {
        poll_fn(|cx| self.poll(cx, reading)).await
    }

    fn poll(&mut self, cx: &mut Context<'_>, reading: bool) -> Poll<Frame> {
        // a socket that takes nothing more may still hold the reason why
        let sent = match self.poll_send(cx) {
            Poll::Ready(Err(error)) => Some(error),
            Poll::Ready(Ok(())) | Poll::Pending => None,
        };
        if reading {
            match Pin::new(&mut self.stream).poll_next(cx) {
                Poll::Ready(Some(Ok(message))) => {
                    // tungstenite answers pings and closes by itself, but leaves the answer in its buffer
                    self.unflushed = true;
                    return Poll::Ready(frame(message));
                }
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Frame::Ended(failure(&error))),
                Poll::Ready(None) => return Poll::Ready(Frame::Ended(Failure::ended())),
                Poll::Pending => {}
            }
        }
        match sent {
            Some(error) => Poll::Ready(Frame::Ended(failure(&error))),
            None => Poll::Pending,
        }
    }

    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        while !self.outgoing.is_empty() {
            std::task::ready!(Pin::new(&mut self.stream).poll_ready(cx))?;
            if let Some(message) = self.outgoing.pop_front() {
                self.unflushed = true;
                Pin::new(&mut self.stream).start_send(message)?;
            }
        }
        if self.unflushed {
            std::task::ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
            self.unflushed = false;
        }
        Poll::Ready(Ok(()))
    }
}

fn frame(message: Message) -> Frame {
    match message {
        Message::Text(text) => Frame::Text(text),
        Message::Close(Some(close)) if close.code == CloseCode::Protocol && close.reason == UNKNOWN_CODE => {
            Frame::Ended(Failure::Broken("closed with a code that is not known here".into()))
        }
        Message::Close(Some(close)) => Frame::Ended(Failure::closed(close.code.into(), &close.reason)),
        // 1005 is what RFC 6455 §7.1.5 calls a close frame without a code
        Message::Close(None) => Frame::Ended(Failure::closed(1005, "")),
        Message::Pong(_) => Frame::Pong,
        Message::Binary(_) | Message::Ping(_) | Message::Frame(_) => Frame::Other,
    }
}

fn failure(error: &Error) -> Failure {
    use tokio_tungstenite::tungstenite::error::ProtocolError;
    match error {
        Error::ConnectionClosed
        | Error::AlreadyClosed
        | Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => Failure::ended(),
        Error::Io(error) => Failure::Unreachable(printable(&error.to_string())),
        Error::Capacity(_) => Failure::Oversized,
        Error::Protocol(error) => Failure::Broken(printable(&error.to_string())),
        Error::Utf8(_) => Failure::Broken("text that is not UTF-8".into()),
        other => Failure::Broken(printable(&other.to_string())),
    }
}
