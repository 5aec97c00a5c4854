//! A server's end of one socket, as both servers write it: on the same Go library, with the same limits.

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::{Instant, sleep_until},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Bytes, Message,
        protocol::{CloseFrame, frame::coding::CloseCode},
    },
};

use crate::seats::Seat;

/// Longest message of a client that either server takes, in bytes.
const LONGEST: usize = 64;

/// How often a server pings, and how long past the next ping it waits for the pong.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Beat {
    pub(crate) ping: Duration,
    pub(crate) pong: Duration,
}

/// Serves it until it ends. Whoever calls drops the stream then: no close frame is ever written but for a message that is
/// too long.
pub(crate) async fn serve<S>(stream: &mut WebSocketStream<S>, seat: &mut Seat, beat: Beat)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (cut, mut hush) = (seat.cut.clone(), seat.hush.clone());
    let mut ping_at = Instant::now() + beat.ping;
    let mut ends_at = Instant::now() + beat.ping + beat.pong;
    loop {
        if *hush.borrow_and_update() {
            tokio::select! {
                () = cut.cancelled() => return,
                changed = hush.changed() => if changed.is_err() { return },
            }
            ends_at = Instant::now() + beat.ping + beat.pong;
            continue;
        }
        tokio::select! {
            biased;
            () = cut.cancelled() => return,
            changed = hush.changed() => if changed.is_err() { return },
            frame = seat.frames.recv() => {
                let Some(frame) = frame else { return };
                if stream.send(Message::text(frame)).await.is_err() { return }
            }
            heard = stream.next() => match heard {
                Some(Ok(Message::Pong(_))) => {
                    seat.ledger().count(|counts| counts.pongs += 1);
                    ends_at = Instant::now() + beat.ping + beat.pong;
                }
                Some(Ok(message @ (Message::Text(_) | Message::Binary(_)))) => {
                    let length = message.len();
                    seat.ledger().count(|counts| counts.longest_frame = counts.longest_frame.max(length));
                    if length > LONGEST {
                        let frame = CloseFrame { code: CloseCode::Size, reason: "".into() };
                        let _ = stream.send(Message::Close(Some(frame))).await;
                        return;
                    }
                }
                Some(Ok(Message::Close(_))) => {
                    // the answer to it is written by the next turn
                    let _ = stream.flush().await;
                    return;
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return,
            },
            () = sleep_until(ping_at) => {
                ping_at = Instant::now() + beat.ping;
                if stream.send(Message::Ping(Bytes::new())).await.is_err() { return }
            }
            () = sleep_until(ends_at) => return,
        }
    }
}
