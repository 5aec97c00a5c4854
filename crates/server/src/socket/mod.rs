//! One open socket, from its upgrade to its close.
//!
//! Owns the order of things on the wire: `auth_success`, then reads that were missed, then (after `resume`) the
//! replay and `resumed`, then live messages in `seq` order. Knows nothing of HTTP; any stream of messages will do.

pub(crate) mod catch_up;
mod line;
mod opening;
mod return_time;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::extract::ws::{Message, Utf8Bytes};
use tidings_protocol::{ClientMessage, Code, Decoded, ErrorDetail, MAX_READ_IDS, ServerMessage};
use tracing::debug;

pub(crate) use line::Socket;
use line::{End, Line};
pub(crate) use opening::Proof;
use return_time::spread;

use crate::{
    app::App,
    hub::{Live, Place},
    store::{reads, sessions},
};

/// Marks a WebSocket ping whose pong says that every read before it has arrived.
const READS_MARK: &str = "reads:";

/// A socket that has authenticated.
struct Conversation<S> {
    app: Arc<App>,
    session: sessions::Living,
    line: Line<S>,
    place: Place,
    /// The newest `seq` that was sent, or that the client is taken to have.
    position: u64,
    /// The newest read that was sent, and the newest that a mark has been sent for.
    told: u64,
    marked: u64,
}

/// Serves a socket until either side ends it.
pub(crate) async fn converse<S: Socket>(socket: S, app: Arc<App>, session: sessions::Living, proof: Proof) {
    // before anything is read from the store: whatever is committed from here on is queued
    let place = app.hub.join(&session.user, &session.id);
    let mut line = Line::new(socket, place.ending.clone(), app.config.keepalive.mul_f64(2.5));
    let (session_id, user) = (session.id.clone(), session.user.clone());
    let end = match opening::open(&app, &mut line, &session, proof).await {
        Ok(opened) => {
            debug!(session = session_id, user, "socket connected");
            app.metrics.sockets_opened.add(1);
            let _counted = app.metrics.sockets.enter();
            let mut conversation = Conversation {
                app: Arc::clone(&app),
                session,
                line,
                place,
                position: opened.head,
                told: opened.reads_told,
                marked: opened.reads_told,
            };
            let end = conversation.run(opened.behind).await;
            line = conversation.line;
            end
        }
        Err(end) => {
            app.metrics.sockets_refused.add(1);
            end
        }
    };
    match end {
        End::Silent => app.metrics.sockets_silent.add(1),
        End::Ended(crate::hub::Ending::Slow) => app.metrics.sockets_slow.add(1),
        _ => {}
    }
    tracing::info!(session = session_id, user, reason = %end, "socket closed");
    line.close(&end, spread(app.config.reconnect_after_ms, app.hub.leaving())).await;
}

impl<S: Socket> Conversation<S> {
    /// Runs until there is a reason to end, and says which.
    async fn run(&mut self, behind: bool) -> End {
        match self.try_run(behind).await {
            Ok(never) => match never {},
            Err(end) => end,
        }
    }

    async fn try_run(&mut self, behind: bool) -> Result<std::convert::Infallible, End> {
        self.tell_missed_reads().await?;
        if behind {
            self.catch_up().await?;
        } else if !self.place.seat.settle() {
            while self.place.queue.try_recv().is_ok() {}
            self.catch_up().await?;
        }
        loop {
            tokio::select! {
                message = self.line.recv() => self.hear(message?).await?,
                Some(live) = self.place.queue.recv() => {
                    self.keep_up(live).await?;
                    // whatever else waits shares one flush
                    while let Ok(live) = self.place.queue.try_recv() {
                        self.keep_up(live).await?;
                    }
                    self.line.flush().await?;
                }
            }
        }
    }

    /// Sends a live message on, and before it from the store whatever should have come first: the client's cursor
    /// would pass it for good. The store can be ahead of the queue where another process has written to it.
    async fn keep_up(&mut self, live: Live) -> Result<(), End> {
        if matches!(live, Live::Notification { seq, .. } if seq > self.position + 1) {
            self.place.seat.begin_catching_up();
            self.catch_up().await?;
        }
        self.pass_on(live).await
    }

    /// Sends a live message on, unless the client has it.
    async fn pass_on(&mut self, live: Live) -> Result<(), End> {
        match live {
            Live::Notification { seq, frame } if seq > self.position => {
                self.line.feed(Message::Text(frame)).await?;
                self.position = seq;
                self.app.metrics.delivered.add(1);
            }
            Live::Read { no, frame } if no > self.told => {
                self.line.feed(Message::Text(frame)).await?;
                self.told = no;
            }
            Live::Notification { .. } | Live::Read { .. } => {}
        }
        Ok(())
    }

    async fn hear(&mut self, message: Message) -> Result<(), End> {
        match message {
            Message::Text(text) => match ClientMessage::decode(&text) {
                Ok(Decoded::Message(message)) => self.obey(message).await,
                Ok(Decoded::Unknown { kind }) => {
                    debug!(session = self.session.id, kind, "skipped a message of an unknown type");
                    Ok(())
                }
                Err(error) => {
                    self.app.metrics.unreadable.add(1);
                    debug!(session = self.session.id, %error, "skipped a message");
                    Ok(())
                }
            },
            Message::Pong(payload) => self.confirm_reads(&payload).await,
            Message::Binary(_) => {
                self.app.metrics.unreadable.add(1);
                Ok(())
            }
            // answered by the WebSocket layer
            Message::Ping(_) | Message::Close(_) => Ok(()),
        }
    }

    async fn obey(&mut self, message: ClientMessage) -> Result<(), End> {
        match message {
            ClientMessage::Ping => {
                self.line.send(&ServerMessage::Pong).await?;
                self.mark_reads().await
            }
            ClientMessage::Resume { epoch, after } => self.resume(&epoch, after).await,
            ClientMessage::Read { ids } if ids.len() > MAX_READ_IDS => {
                self.complain(format!("read.ids: at most {MAX_READ_IDS} in one message")).await
            }
            ClientMessage::Read { ids } => self.mark_read(ids).await,
            ClientMessage::Auth { .. } => Ok(()),
        }
    }

    async fn complain(&mut self, message: String) -> Result<(), End> {
        self.line.send(&ServerMessage::Error(ErrorDetail { code: Code::BAD_REQUEST, message })).await
    }

    /// Stores what was read here, and tells the user's other devices right after the commit.
    async fn mark_read(&mut self, ids: Vec<String>) -> Result<(), End> {
        let (user, here) = (self.session.user.clone(), self.place.seat.number());
        let app = Arc::clone(&self.app);
        let marked_user = user.clone();
        self.app
            .store
            .write_then(
                move |connection| reads::mark(connection, &marked_user, &ids),
                move |newly| {
                    if let Some(newly) = newly {
                        app.metrics.reads.add(newly.ids.len() as u64);
                        let frame = Utf8Bytes::from(ServerMessage::Read { ids: newly.ids.clone() }.encode());
                        app.hub.deliver(&user, &Live::Read { no: newly.no, frame }, Some(here));
                    }
                },
            )
            .await?;
        Ok(())
    }

    /// Asks the client's WebSocket layer to confirm the reads sent so far.
    async fn mark_reads(&mut self) -> Result<(), End> {
        if self.told > self.marked {
            self.marked = self.told;
            let mark = format!("{READS_MARK}{}", self.told);
            self.line.feed(Message::Ping(mark.into_bytes().into())).await?;
            self.line.flush().await?;
        }
        Ok(())
    }

    /// The pong to a mark: the reads before it need not be told to this device again.
    async fn confirm_reads(&mut self, payload: &[u8]) -> Result<(), End> {
        let number = std::str::from_utf8(payload)
            .ok()
            .and_then(|text| text.strip_prefix(READS_MARK))
            .and_then(|number| number.parse::<u64>().ok());
        // a number that was never sent is not ours
        if let Some(number) = number.filter(|number| *number <= self.marked) {
            let session = self.session.id.clone();
            self.app
                .store
                .write(move |connection| sessions::confirm_reads(connection, &session, number))
                .await?;
        }
        Ok(())
    }
}
