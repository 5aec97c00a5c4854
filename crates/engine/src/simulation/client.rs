//! One run of the client's process: the machine, and hands that do what the driver and its tokens do. Everything in
//! here is lost when the process is killed.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use super::{
    foreign::{answer, head_of, secret},
    network::{Ask, Caller},
    seen::Seen,
    server::{Hears, Key, Reply},
    watch::Watch,
    world::{Happening, World},
};
use crate::{
    Dialect, Event,
    dialect::{Caught, Course, Known},
    machine::{Attempt, Effect, Input, MARGIN, Machine, Outgoing, Token},
    verdict::{Failure, Place, Refusal, UNASKED},
};

/// A session as the keychain keeps it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kept {
    pub(crate) access: u64,
    /// By the client's wall clock, since its epoch.
    pub(crate) expires: Option<time::OffsetDateTime>,
    pub(crate) refresh: Option<u64>,
}

/// Somebody who wants a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wants {
    Attempt(Attempt, Option<u64>),
    Renewal(u64),
    /// The session is to be forgotten.
    Clearing,
}

/// The session in memory, and who waits for it, one after the other.
#[derive(Default)]
pub(crate) struct Tokens {
    held: Option<Kept>,
    generation: u64,
    unstored: bool,
    offer_at: Option<Instant>,
    queue: VecDeque<Wants>,
    /// The first of the queue is being served.
    busy: bool,
}

/// See the module.
pub(crate) struct Client {
    pub(crate) machine: Machine,
    pub(crate) watch: Watch,
    pub(crate) tokens: Tokens,
    pub(crate) token: Option<u64>,
    pub(crate) ticket: Option<u64>,
    /// Counts the steps of attempts; the answer to one that is not the last is an echo.
    pub(crate) work: Option<(Attempt, u64)>,
    pub(crate) works: u64,
    pub(crate) socket: Option<(Attempt, u32)>,
    pub(crate) known: Known,
    pub(crate) course: Option<Box<dyn Course<Caught>>>,
    pub(crate) untold: VecDeque<Event>,
    pub(crate) taking: bool,
    /// Marked as read, and not sent yet.
    pub(crate) to_tell: Vec<String>,
    pub(crate) ended: bool,
}

impl Client {
    pub(crate) fn is_renewing(&self) -> bool {
        self.tokens.busy
    }

    pub(crate) fn has_no_session(&self) -> bool {
        self.tokens.held.is_none() && !self.tokens.busy
    }
}

impl World {
    /// The machine takes something in.
    pub(crate) fn give(&mut self, input: Input) {
        if self.client.ended {
            return;
        }
        let now = self.now();
        self.tell_trace(|| format!("  <- {input:?}"));
        let trigger = self.client.watch.before(&input, &mut self.seen);
        let effects = self.client.machine.step(now, input);
        self.tell_trace(|| format!("  -> {effects:?}"));
        let (status, timeout) = (self.client.machine.status(), self.client.machine.timeout());
        self.client.watch.after(&trigger, now, &effects, status, timeout, &mut self.seen);
        for effect in effects {
            self.perform(effect);
        }
    }

    /// What comes too late for the attempt that asked for it must not matter.
    pub(crate) fn echo(&mut self, input: Input) {
        if self.client.ended || !self.dice.chance(self.mix.echoes) {
            return;
        }
        self.seen.saw(Seen::LateEcho);
        self.tell_trace(|| format!("  <- (late) {input:?}"));
        let now = self.now();
        let before = self.client.machine.status();
        let effects = self.client.machine.step(now, input);
        assert!(effects.is_empty(), "an echo led to {effects:?}");
        assert_eq!(self.client.machine.status(), before, "an echo was heard");
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::EnsureToken { attempt, newer_than } => {
                self.begin_work(attempt);
                self.want(Wants::Attempt(attempt, newer_than));
            }
            Effect::RequestTicket(attempt) => {
                let token = self.client.token.expect("a ticket without a token");
                let work = self.begin_work(attempt);
                self.ask(Caller::Attempt(attempt, work), Ask::Call(Place::Ticket, token));
            }
            Effect::OpenSocket(attempt) => {
                self.client.known = Known::default();
                let key = if self.mix.manners.dialect == Dialect::Ticket {
                    Key::Ticket(self.client.ticket.take().expect("a socket without a ticket"))
                } else {
                    Key::Token(self.client.token.expect("a socket without a token"))
                };
                let work = self.begin_work(attempt);
                self.ask(Caller::Attempt(attempt, work), Ask::Upgrade(key));
            }
            Effect::ReadCursor(attempt) => {
                let work = self.begin_work(attempt);
                let soon = self.dice.ms(0, 20);
                self.after(soon, Happening::Cursor(self.run, attempt, work));
            }
            Effect::CatchUp(attempt, after) => self.catch_up(attempt, after),
            Effect::CatchUpOn(attempt) => self.catch_up_on(attempt),
            Effect::Send(attempt, outgoing) => self.send(attempt, outgoing),
            Effect::Close(attempt, _) => {
                if let Some((open, socket)) = self.client.socket
                    && open == attempt
                {
                    self.upward(socket, Hears::Gone);
                    // the server's half of the handshake
                    let latency = self.mix.latency(&mut self.dice) * 2;
                    self.after(latency, Happening::ClosedInTurn(self.run, attempt));
                }
            }
            Effect::Abandon(attempt, _) => {
                self.client.work = None;
                self.client.course = None;
                self.client.ticket = None;
                if let Some((_, socket)) = self.client.socket.take_if(|(open, _)| *open == attempt) {
                    self.upward(socket, Hears::Gone);
                }
            }
            Effect::RefreshAhead => {
                let generation = self.client.tokens.generation;
                self.want(Wants::Renewal(generation));
            }
            Effect::ClearSession => {
                self.client.token = None;
                self.want(Wants::Clearing);
            }
            Effect::Tell(event) => {
                if let Event::AuthSuccess(greeting) = &event {
                    let (dialect, head) = (self.mix.manners.dialect, greeting.head.unwrap());
                    if self.mix.manners.is_foreign() {
                        self.inbox.greeted(1, head_of(dialect, head, &self.server));
                    } else {
                        let epoch = greeting.epoch.as_deref().unwrap()[1..].parse().unwrap();
                        self.inbox.greeted(epoch, head);
                    }
                }
                self.client.untold.push_back(event);
                self.take_soon();
            }
            Effect::Show(_) | Effect::Note(_) => {}
            Effect::End => self.client.ended = true,
        }
    }

    pub(crate) fn begin_work(&mut self, attempt: Attempt) -> u64 {
        self.client.works += 1;
        self.client.work = Some((attempt, self.client.works));
        self.client.works
    }

    fn send(&mut self, attempt: Attempt, outgoing: Outgoing) {
        let (open, socket) = self.client.socket.expect("sent without a socket");
        assert_eq!(open, attempt);
        if self.mix.manners.is_foreign() {
            let token = secret(self.client.token.expect("sent without a token"));
            let said = self.mix.manners.dialect.speech().encode(outgoing.clone(), &token);
            assert_eq!(said, None, "it takes no messages");
            match outgoing {
                // the ping of WebSocket's own
                Outgoing::Ping => self.upward(socket, Hears::Ping),
                Outgoing::Read(ids) => self.client.to_tell.retain(|id| !ids.contains(id)),
                Outgoing::Auth => {}
                Outgoing::Resume(_) => panic!("what was missed is fetched by calls"),
            }
            return;
        }
        let hears = match outgoing {
            Outgoing::Auth => Hears::Auth(self.client.token.expect("sent without a token")),
            Outgoing::Ping => Hears::Ping,
            Outgoing::Resume(cursor) => Hears::Resume { epoch: cursor.epoch, after: cursor.seq },
            Outgoing::Read(ids) => {
                self.client.to_tell.retain(|id| !ids.contains(id));
                Hears::Read
            }
        };
        self.upward(socket, hears);
    }

    // ---- answers to what an attempt asked for

    pub(crate) fn answered(&mut self, caller: Caller, at: Place, outcome: Result<Reply, Failure>) {
        match caller {
            Caller::Tokens => self.renewed(outcome),
            Caller::Attempt(attempt, work) if at == Place::CatchUp => match outcome {
                Ok(Reply::Fetched(body)) => self.fetched(attempt, work, Some(answer(200, None, &body))),
                Ok(Reply::Refused { status, retry_after, .. }) => {
                    self.fetched(attempt, work, Some(answer(status, retry_after, "")));
                }
                Ok(other) => unreachable!("{other:?}"),
                Err(failure) => self.end_work(attempt, work, Input::Failed(attempt, failure)),
            },
            Caller::Attempt(attempt, work) => {
                let input = match outcome {
                    Ok(Reply::Fetched(_)) => unreachable!("nobody asked for that"),
                    Ok(Reply::Ticket(ticket)) if self.client.work == Some((attempt, work)) => {
                        self.client.ticket = Some(ticket);
                        Input::TicketReady(attempt)
                    }
                    Ok(Reply::Ticket(_) | Reply::Session { .. }) => Input::TicketReady(attempt),
                    Ok(Reply::Refused { status, code, retry_after }) => {
                        let failure = refusal(at, status, code, retry_after);
                        Input::Failed(attempt, self.as_refused(failure))
                    }
                    Err(failure) => Input::Failed(attempt, failure),
                };
                self.end_work(attempt, work, input);
            }
        }
    }

    /// The end of a step, if that is the one under way.
    pub(crate) fn end_work(&mut self, attempt: Attempt, work: u64, input: Input) {
        if self.client.work == Some((attempt, work)) {
            self.client.work = None;
            self.give(input);
        } else if self.client.work.is_none_or(|(current, _)| current != attempt)
            && self.client.socket.is_none_or(|(open, _)| open != attempt)
        {
            self.echo(input);
        }
    }

    // ---- the owner, who stores what is told

    pub(crate) fn take_soon(&mut self) {
        if !self.client.taking && !self.client.untold.is_empty() {
            self.client.taking = true;
            let slow = if self.owner_slow { 20_000 } else { self.mix.owner };
            let time = self.dice.ms(0, if self.calm { 5 } else { slow });
            self.after(time, Happening::OwnerTakes(self.run));
        }
    }

    // ---- tokens: one at a time, each as `auth::Tokens::usable` does it

    fn want(&mut self, wants: Wants) {
        self.client.tokens.queue.push_back(wants);
        self.serve();
    }

    fn serve(&mut self) {
        if self.client.tokens.busy {
            return;
        }
        let Some(wants) = self.client.tokens.queue.front().copied() else { return };
        self.client.tokens.busy = true;
        if wants == Wants::Clearing {
            self.client.tokens.held = None;
            self.client.tokens.unstored = false;
            if !self.keychain.missing && !self.keychain.locked {
                self.keychain.kept = None;
            }
            self.served(Ok(()));
        } else if self.client.tokens.held.is_none() {
            let time = if self.keychain.locked { self.dice.ms(1_000, 60_000) } else { self.dice.ms(1, 50) };
            self.after(time, Happening::Loaded(self.run));
        } else {
            self.renew_or_use();
        }
    }

    /// The keychain has answered.
    pub(crate) fn loaded(&mut self) {
        let failure = if self.keychain.locked {
            Failure::KeychainLocked("locked".into())
        } else if self.keychain.missing {
            Failure::KeychainMissing("not there".into())
        } else if let Some(kept) = self.keychain.kept {
            self.client.tokens.held = Some(kept);
            self.client.tokens.generation += 1;
            return self.renew_or_use();
        } else {
            Failure::NotSignedIn("nobody is signed in")
        };
        self.served(Err(failure));
    }

    fn renew_or_use(&mut self) {
        let tokens = &self.client.tokens;
        let Some(kept) = tokens.held else { return self.served(Err(Failure::NotSignedIn("nobody"))) };
        let offered = tokens.offer_at.is_none_or(|at| at <= self.now().at);
        if tokens.unstored && offered {
            self.store(kept);
        }
        let tokens = &self.client.tokens;
        let newer_than = match tokens.queue.front() {
            Some(Wants::Attempt(_, newer_than)) => *newer_than,
            Some(Wants::Renewal(generation)) => Some(*generation),
            _ => None,
        };
        let another = newer_than.is_some_and(|generation| tokens.generation <= generation);
        let lives = self.lives(kept);
        match kept.refresh {
            Some(refresh) if another || lives.is_some_and(|lives| lives <= MARGIN) => {
                self.ask(Caller::Tokens, Ask::Call(Place::Refresh, refresh));
            }
            None if another => self.served(Err(Failure::NotSignedIn("refused and cannot be renewed"))),
            None if lives.is_some_and(|lives| lives.is_zero()) => {
                self.served(Err(Failure::NotSignedIn("expired and cannot be renewed")));
            }
            _ => self.served(Ok(())),
        }
    }

    fn renewed(&mut self, outcome: Result<Reply, Failure>) {
        match outcome {
            Ok(Reply::Session { access, expires_in, refresh }) => {
                let kept = self.kept(access, expires_in, refresh);
                // stored first: the old one is worth nothing once this one is used
                let time = self.dice.ms(1, 50);
                self.after(time, Happening::Stored(self.run, kept));
            }
            Ok(Reply::Refused { status, code, retry_after }) => {
                self.served(Err(refusal(Place::Refresh, status, code, retry_after)));
            }
            Ok(Reply::Ticket(_) | Reply::Fetched(_)) => unreachable!("no session"),
            Err(failure) => self.served(Err(failure)),
        }
    }

    pub(crate) fn stored(&mut self, kept: Kept) {
        self.store(kept);
        self.client.tokens.held = Some(kept);
        self.client.tokens.generation += 1;
        self.served(Ok(()));
    }

    fn store(&mut self, kept: Kept) {
        let fails = self.keychain.locked || self.keychain.missing;
        self.client.tokens.unstored = fails;
        self.client.tokens.offer_at = self.keychain.locked.then(|| self.now().at + UNASKED);
        if !fails {
            self.keychain.kept = Some(kept);
        }
    }

    fn served(&mut self, outcome: Result<(), Failure>) {
        self.client.tokens.busy = false;
        let wants = self.client.tokens.queue.pop_front().expect("somebody who wanted it");
        let outcome = outcome.map(|()| {
            let tokens = &self.client.tokens;
            let kept = tokens.held;
            let facts = Token {
                generation: tokens.generation,
                refreshable: kept.is_some_and(|kept| kept.refresh.is_some()),
                lives: kept.and_then(|kept| self.lives(kept)),
                stored: !tokens.unstored,
            };
            (kept, facts)
        });
        match (wants, outcome) {
            (Wants::Clearing, _) => {}
            (Wants::Attempt(attempt, _), outcome) => {
                let work = self.client.work;
                let current = work.filter(|(current, _)| *current == attempt);
                if let (Some(_), Ok((kept, _))) = (current, &outcome) {
                    self.client.token = kept.map(|kept| kept.access);
                }
                let input = match outcome {
                    Ok((_, facts)) => Input::TokenReady(attempt, facts),
                    Err(failure) => Input::Failed(attempt, failure),
                };
                match current {
                    Some((_, work)) => self.end_work(attempt, work, input),
                    None => self.echo(input),
                }
            }
            (Wants::Renewal(_), Ok((kept, facts))) => {
                self.seen.saw(Seen::RenewedAhead);
                self.client.token = kept.map(|kept| kept.access);
                self.give(Input::RefreshedAhead(Ok(facts)));
            }
            (Wants::Renewal(_), Err(failure)) => self.give(Input::RefreshedAhead(Err(failure))),
        }
        self.serve();
    }

    pub(crate) fn kept(&self, access: u64, expires_in: Option<u64>, refresh: Option<u64>) -> Kept {
        let wall = self.now().wall;
        Kept { access, expires: expires_in.map(|life| wall + Duration::from_secs(life)), refresh }
    }

    fn lives(&self, kept: Kept) -> Option<Duration> {
        let left = kept.expires? - self.now().wall;
        Some(left.max(time::Duration::ZERO).unsigned_abs())
    }
}

fn refusal(
    at: Place,
    status: u16,
    code: Option<tidings_protocol::Code>,
    retry_after: Option<u64>,
) -> Failure {
    let retry_after = retry_after.map(Duration::from_secs);
    Failure::Refused(Refusal { at, status, code, retry_after })
}
