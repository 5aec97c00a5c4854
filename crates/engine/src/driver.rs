//! The machine's hands: carries out effects and brings back what came of them. Owns the socket, the secrets of the
//! attempt at hand, and the only `select!`. Decides nothing.

mod log;
mod work;

use std::{collections::VecDeque, future::pending, sync::Arc};

use tidings_protocol::{Device, Secret, ServerMessage};
use tokio::{
    sync::{mpsc, watch},
    time::sleep_until,
};
use tracing::Span;

use self::work::{Done, Work};
use crate::{
    Diagnosis, Endpoint, Event, Link, Status, Store,
    auth::{Tokens, Usable},
    clock::Clock,
    dialect::{Caught, Course, Incoming, Known, Speech},
    handle::Command,
    machine::{Attempt, Effect, Farewell, Input, Machine, Outgoing},
    surroundings::{Change, Changes},
    transport::{Frame, Reach, Socket},
    verdict::Failure,
};

/// What the driver is put together from.
pub(crate) struct Parts<S, R, C, A> {
    pub(crate) endpoint: Endpoint,
    pub(crate) store: Arc<S>,
    pub(crate) reach: R,
    pub(crate) clock: C,
    pub(crate) surroundings: A,
    pub(crate) machine: Machine,
    pub(crate) commands: mpsc::UnboundedReceiver<Command>,
    pub(crate) status: watch::Sender<Status>,
    pub(crate) events: mpsc::Sender<Event>,
}

/// One connection at work.
pub(crate) struct Driver<S, R, C, A> {
    endpoint: Endpoint,
    speech: &'static dyn Speech,
    /// What this connection has learnt.
    known: Known,
    /// What is fetched of what was missed, between two pages of it.
    course: Option<Box<dyn Course<Caught>>>,
    store: Arc<S>,
    reach: R,
    clock: C,
    surroundings: A,
    machine: Machine,
    tokens: Tokens<S, R, C>,
    commands: mpsc::UnboundedReceiver<Command>,
    status: watch::Sender<Status>,
    events: mpsc::Sender<Event>,
    /// Told by the machine, not yet taken by the queue. While there are any, the socket is not read.
    untold: VecDeque<Event>,
    /// The attempt's step that is under way; there is never more than one.
    work: Option<Work>,
    /// It brings what is told, and waits until what was brought before it is taken.
    brings: bool,
    renewal: Option<work::Renewal>,
    /// The token and ticket of the attempt at hand.
    token: Option<Secret>,
    ticket: Option<Secret>,
    socket: Option<(Attempt, Socket)>,
    /// How the last socket was opened.
    link: Option<Box<Link>>,
    unreadable: u64,
    /// The attempt at hand, for the log.
    span: Span,
    ended: bool,
}

/// What the driver wakes up for.
enum Woken {
    Command(Option<Command>),
    Done(Done),
    Renewed(Result<Usable, Failure>),
    Frame(Attempt, Frame),
    Told,
    NobodyListens,
    Time,
    Surroundings(Change),
}

impl<S: Store, R: Reach, C: Clock, A: Changes> Driver<S, R, C, A> {
    pub(crate) fn new(parts: Parts<S, R, C, A>) -> Self {
        let Parts { endpoint, store, reach, clock, surroundings, machine, commands, status, events } = parts;
        let tokens = Tokens::new(endpoint.clone(), Arc::clone(&store), reach.clone(), clock.clone());
        Self {
            speech: endpoint.dialect.speech(),
            known: Known::default(),
            course: None,
            endpoint,
            store,
            reach,
            clock,
            surroundings,
            machine,
            tokens,
            commands,
            status,
            events,
            untold: VecDeque::new(),
            work: None,
            brings: false,
            renewal: None,
            token: None,
            ticket: None,
            socket: None,
            link: None,
            unreadable: 0,
            span: Span::none(),
            ended: false,
        }
    }

    /// Of a guest, who is signed in anew where there is no other way.
    pub(crate) fn of_guest(mut self, device: Option<Device>) -> Self {
        self.tokens = self.tokens.of_guest(device);
        self
    }

    /// Of nobody, who shows no token.
    pub(crate) fn of_nobody(mut self, anonymous: bool) -> Self {
        self.tokens = self.tokens.of_nobody(anonymous);
        self
    }

    /// Runs until the owner has had enough. `offline` is what the network looks like to begin with.
    pub(crate) async fn run(mut self, offline: bool) {
        if offline {
            self.step(Input::NetworkDown);
        }
        self.step(Input::Start);
        while !self.ended {
            let woken = self.wake().await;
            let span = self.span.clone();
            span.in_scope(|| self.take(woken));
        }
        self.tokens.settled().await;
    }

    /// Waits for whatever comes first.
    async fn wake(&mut self) -> Woken {
        let timeout = self.machine.timeout();
        let reading = self.untold.is_empty();
        let working = reading || !self.brings;
        tokio::select! {
            command = self.commands.recv() => Woken::Command(command),
            done = work::next(&mut self.work), if working => Woken::Done(done),
            outcome = work::next(&mut self.renewal) => Woken::Renewed(outcome),
            (attempt, frame) = next_frame(&mut self.socket, reading) => Woken::Frame(attempt, frame),
            outcome = tell(&self.events, &mut self.untold), if !reading => match outcome {
                Ok(()) => Woken::Told,
                Err(_) => Woken::NobodyListens,
            },
            () = self.events.closed() => Woken::NobodyListens,
            () = async { match timeout {
                Some(at) => sleep_until(at.into()).await,
                None => pending().await,
            } } => Woken::Time,
            change = self.surroundings.next() => Woken::Surroundings(change),
        }
    }

    fn take(&mut self, woken: Woken) {
        match woken {
            Woken::Command(Some(command)) => self.step(match command {
                Command::Connect => Input::Connect,
                Command::Disconnect => Input::Disconnect,
                Command::Reconnect => Input::Reconnect,
                Command::MarkRead(ids) => Input::MarkRead(ids),
                Command::Shutdown => Input::Shutdown,
                Command::Diagnose(answer) => {
                    // who has stopped waiting for it does not want it
                    let known = self.machine.diagnosis(self.clock.now().wall, self.unreadable);
                    let _ = answer.send(Diagnosis { link: self.link.as_deref().cloned(), ..known });
                    return;
                }
            }),
            Woken::Command(None) | Woken::NobodyListens => self.give_up(),
            Woken::Done(done) => self.done(done),
            Woken::Renewed(outcome) => {
                let outcome = outcome.map(|usable| {
                    self.token = Some(usable.secret);
                    usable.facts
                });
                self.step(Input::RefreshedAhead(outcome));
            }
            Woken::Frame(attempt, frame) => self.frame(attempt, frame),
            Woken::Told => {}
            Woken::Time => {
                // while the owner is slow to take events in, the socket is not read, and silence proves nothing
                if let (false, Some((attempt, _))) = (self.untold.is_empty(), &self.socket) {
                    let attempt = *attempt;
                    self.step(Input::Alive(attempt));
                }
                self.step(Input::Tick);
            }
            Woken::Surroundings(change) => self.step(match change {
                Change::Down => Input::NetworkDown,
                Change::Up => Input::NetworkUp,
                Change::Other => Input::NetworkChanged,
                Change::Woke => Input::Woke,
            }),
        }
    }

    /// Nobody holds the other end any more.
    fn give_up(&mut self) {
        self.commands.close();
        self.step(Input::Shutdown);
        // the closing handshake is a courtesy that nobody waits for
        if let Some((_, socket)) = self.socket.take() {
            socket.farewell(1000, "");
        }
        self.ended = true;
    }

    fn done(&mut self, done: Done) {
        let Done { attempt, outcome } = done;
        let input = match outcome {
            Ok(work::Outcome::Token(usable)) => {
                log::token_ready();
                self.token = Some(usable.secret);
                Input::TokenReady(attempt, usable.facts)
            }
            Ok(work::Outcome::Ticket(ticket)) => {
                log::ticket_obtained();
                self.ticket = Some(ticket);
                Input::TicketReady(attempt)
            }
            Ok(work::Outcome::Socket(mut socket)) => {
                self.link = socket.link.take();
                self.socket = Some((attempt, *socket));
                Input::Opened(attempt)
            }
            Ok(work::Outcome::Page(course, Caught { page, known })) => {
                self.course = Some(course);
                self.known = known.unwrap_or_else(|| std::mem::take(&mut self.known));
                Input::Page(attempt, page)
            }
            Ok(work::Outcome::Cursor(cursor)) => Input::CursorRead(attempt, cursor),
            Err(failure) => Input::Failed(attempt, failure),
        };
        self.step(input);
    }

    fn frame(&mut self, attempt: Attempt, frame: Frame) {
        match frame {
            Frame::Text(text) => match self.speech.decode(&text, &self.known) {
                Ok(Incoming::Message(message)) => self.step(Input::Message(attempt, message)),
                Ok(Incoming::Item(item)) => self.step(Input::Item(attempt, item)),
                Ok(Incoming::Behind(before)) => self.step(Input::Behind(attempt, before)),
                Ok(Incoming::Alive) => self.step(Input::Alive(attempt)),
                Ok(Incoming::Unknown { kind }) => {
                    log::unknown(&kind);
                    self.step(Input::Alive(attempt));
                }
                Err(error) => {
                    self.unreadable += 1;
                    log::unreadable(&error, self.unreadable);
                    self.step(Input::Alive(attempt));
                }
            },
            // an answer is an answer, whichever layer gives it
            Frame::Pong => self.step(Input::Message(attempt, ServerMessage::Pong)),
            Frame::Other => self.step(Input::Alive(attempt)),
            Frame::Ended(failure) => {
                self.step(Input::Failed(attempt, failure));
                // the machine has let go of it; should it not have, an ended socket is of no use to anybody
                self.socket.take_if(|(ended, _)| *ended == attempt);
            }
        }
    }

    fn step(&mut self, input: Input) {
        for effect in self.machine.step(self.clock.now(), input) {
            if let Effect::EnsureToken { attempt, .. } = effect {
                self.span = log::attempt(attempt);
            }
            let span = self.span.clone();
            span.in_scope(|| self.perform(effect));
        }
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::EnsureToken { attempt, newer_than } => {
                self.works(work::token(attempt, self.tokens.clone(), newer_than));
            }
            Effect::RequestTicket(attempt) => {
                log::ticket_requested();
                self.works(work::ticket(attempt, &self.reach, &self.endpoint, self.token.as_ref()));
            }
            Effect::OpenSocket(attempt) => {
                log::opening();
                // a ticket is good for one use
                let key = if self.speech.needs_ticket() { self.ticket.take() } else { self.token.clone() };
                self.known = Known::default();
                self.works(work::socket(attempt, &self.reach, &self.endpoint, self.speech, key));
            }
            Effect::ReadCursor(attempt) => {
                self.works(work::cursor(attempt, Arc::clone(&self.store)));
            }
            Effect::CatchUp(attempt, after) => {
                if let Some(token) = &self.token {
                    self.course = self.speech.catch_up(&self.endpoint, token, after);
                }
                self.fetch(attempt);
            }
            Effect::CatchUpOn(attempt) => self.fetch(attempt),
            Effect::Send(attempt, outgoing) => {
                if let Some((open, socket)) = &mut self.socket
                    && *open == attempt
                    && let Some(token) = &self.token
                {
                    // a server that has never heard of our `ping` answers this one (RFC 6455 §5.5.2). It goes first, so
                    // that a server's two answers fit into one segment and wake us once
                    if outgoing == Outgoing::Ping {
                        socket.ping();
                    }
                    if let Some(text) = self.speech.encode(outgoing, token) {
                        socket.send(text);
                    }
                }
            }
            Effect::Close(attempt, (code, reason)) => {
                if let Some((open, socket)) = &mut self.socket
                    && *open == attempt
                {
                    socket.close(code, reason);
                }
            }
            Effect::Abandon(attempt, farewell) => self.abandon(attempt, farewell),
            Effect::RefreshAhead => self.renewal = Some(work::renewal(self.tokens.clone())),
            Effect::ClearSession => {
                self.token = None;
                self.tokens.clear();
            }
            Effect::Show(status) => {
                log::status(&self.status.borrow(), &status);
                self.status.send_replace(status);
            }
            Effect::Tell(event) => self.untold.push_back(event),
            Effect::Note(note) => log::note(note),
            Effect::End => self.end(),
        }
    }

    fn works(&mut self, work: Work) {
        self.work = Some(work);
        self.brings = false;
    }

    fn fetch(&mut self, attempt: Attempt) {
        if let Some(course) = self.course.take() {
            self.work = Some(work::page(attempt, &self.reach, course));
            self.brings = true;
        }
    }

    fn abandon(&mut self, attempt: Attempt, farewell: Option<Farewell>) {
        self.work = None;
        self.course = None;
        self.ticket = None;
        if let Some((_, socket)) = self.socket.take_if(|(open, _)| *open == attempt)
            && let Some((code, reason)) = farewell
        {
            socket.farewell(code, reason);
        }
    }

    /// What the queue takes at once is told; the rest was not stored by anybody, and comes again with the replay.
    fn end(&mut self) {
        self.ended = true;
        while let Some(event) = self.untold.pop_front() {
            if self.events.try_send(event).is_err() {
                break;
            }
        }
    }
}

async fn next_frame(socket: &mut Option<(Attempt, Socket)>, reading: bool) -> (Attempt, Frame) {
    match socket {
        Some((attempt, socket)) => (*attempt, socket.next(reading).await),
        None => pending().await,
    }
}

/// Tells the first of what is untold. Cancel safe: it leaves the list only once there is room for it.
async fn tell(
    events: &mpsc::Sender<Event>,
    untold: &mut VecDeque<Event>,
) -> Result<(), mpsc::error::SendError<()>> {
    let permit = events.reserve().await?;
    if let Some(event) = untold.pop_front() {
        permit.send(event);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
