//! Between a client and its server: what is sent arrives late, in order within a socket, or not at all.

use std::time::Duration;

use super::{
    chaos::mangled,
    foreign::Fetch,
    seen::Seen,
    server::{Hears, Key, Says},
    world::{Happening, Run, World},
};
use crate::{
    machine::{Attempt, Input},
    verdict::{Failure, Place},
};

/// The run of a process that is not there.
const NOBODY: Run = 0;

/// Who asked the server for something.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Caller {
    /// A step of an attempt.
    Attempt(Attempt, u64),
    Tokens,
}

/// What for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ask {
    Call(Place, u64),
    Fetch(Fetch, u64),
    Upgrade(Key),
}

impl Ask {
    fn place(self) -> Place {
        match self {
            Self::Call(place, _) => place,
            Self::Fetch(..) => Place::CatchUp,
            Self::Upgrade(_) => Place::Upgrade,
        }
    }
}

/// One socket, from end to end.
pub(crate) struct Pipe {
    pub(crate) run: Run,
    /// The attempt that it was opened for.
    pub(crate) attempt: Attempt,
    /// Silently swallows what goes this way.
    pub(crate) dead_up: bool,
    pub(crate) dead_down: bool,
    /// Nothing arrives before what was sent before it.
    up: Duration,
    down: Duration,
}

impl World {
    // ---- requests

    /// Sends a request on its way.
    pub(crate) fn ask(&mut self, caller: Caller, ask: Ask) {
        let (latency, place) = (self.mix.latency(&mut self.dice), ask.place());
        let fail = |text: &str| Err(Failure::Unreachable(text.into()));
        if self.goes_wrong(self.mix.reset) {
            self.seen.saw(Seen::RequestReset);
            self.after(latency, Happening::Answered(self.run, caller, place, fail("reset")));
        } else if self.goes_wrong(self.mix.mangled) {
            self.seen.saw(Seen::AnswerMangled);
            let outcome = mangled(&mut self.dice);
            self.after(latency, Happening::Answered(self.run, caller, place, outcome));
        } else if self.cut || self.goes_wrong(self.mix.lost) {
            self.seen.saw(Seen::RequestLost);
            self.call_times_out(self.run, caller, place);
            if self.dice.chance(300) {
                // it was only slow, and comes when nobody waits for an answer any more
                self.seen.saw(Seen::RequestLate);
                let late = self.dice.ms(31_000, 90_000);
                self.after(late, Happening::Asked(NOBODY, caller, ask));
            }
        } else {
            self.after(latency, Happening::Asked(self.run, caller, ask));
        }
    }

    /// Attempts have a deadline of their own; calls of the tokens have the transport's.
    fn call_times_out(&mut self, run: Run, caller: Caller, place: Place) {
        let outcome = Err(Failure::Unreachable("no answer in time".into()));
        let time = Duration::from_secs(30);
        self.after(time, Happening::Answered(run, caller, place, outcome));
    }

    fn goes_wrong(&mut self, per_mille: u64) -> bool {
        !self.calm && self.dice.chance(per_mille)
    }

    pub(crate) fn asked(&mut self, run: Run, caller: Caller, ask: Ask) {
        let (latency, place) = (self.mix.latency(&mut self.dice), ask.place());
        if !self.server.up {
            if self.goes_wrong(300) {
                return self.call_times_out(run, caller, place);
            }
            self.seen.saw(Seen::ConnectionRefused);
            let outcome = Err(Failure::Unreachable("connection refused".into()));
            return self.after(latency, Happening::Answered(run, caller, place, outcome));
        }
        let outcome = match ask {
            Ask::Fetch(what, token) => Ok(self.server.fetch(self.time, what, token)),
            Ask::Call(place, shown) => Ok(self.server.call(self.time, place, shown)),
            Ask::Upgrade(key) => match (self.server.upgrade(self.time, key), caller) {
                (Ok(socket), Caller::Attempt(attempt, work)) => {
                    let (up, down) = (self.time, (self.time + latency).max(self.takes_up_from()));
                    let pipe = Pipe { run, attempt, dead_up: false, dead_down: false, up, down };
                    self.pipes.insert(socket, pipe);
                    if self.cut || self.goes_wrong(self.mix.answer_lost) {
                        self.seen.saw(Seen::AnswerLost);
                        self.pipe(socket).dead_down = true;
                    } else {
                        self.after(down - up, Happening::Opened(run, attempt, work, socket));
                    }
                    return;
                }
                (Err(refused), _) => Ok(refused),
                (Ok(_), Caller::Tokens) => unreachable!("tokens open no socket"),
            },
        };
        if self.cut || self.goes_wrong(self.mix.answer_lost) {
            self.seen.saw(Seen::AnswerLost);
            self.call_times_out(run, caller, place);
        } else {
            self.after(latency, Happening::Answered(run, caller, place, outcome));
        }
    }

    // ---- sockets

    pub(crate) fn pipe(&mut self, socket: u32) -> &mut Pipe {
        self.pipes.get_mut(&socket).unwrap()
    }

    pub(crate) fn opened(&mut self, attempt: Attempt, work: u64, socket: u32) {
        let input = Input::Opened(attempt);
        if self.client.work == Some((attempt, work)) {
            assert!(self.client.socket.is_none(), "two sockets");
            self.client.socket = Some((attempt, socket));
            self.end_work(attempt, work, input);
        } else {
            // nobody waits for it any more: it is closed as soon as it is there
            self.upward(socket, Hears::Gone);
            self.end_work(attempt, work, input);
        }
    }

    pub(crate) fn upward(&mut self, socket: u32, hears: Hears) {
        let (latency, time, cut) = (self.mix.latency(&mut self.dice), self.time, self.cut);
        let pipe = self.pipe(socket);
        // a stream has no holes: what is lost takes all that follows with it
        pipe.dead_up |= cut;
        if pipe.dead_up {
            return;
        }
        pipe.up = pipe.up.max(time + latency);
        let wait = pipe.up - time;
        self.after(wait, Happening::Heard(socket, hears));
    }

    /// What reaches a desk that sleeps is taken up when it wakes, and in order all the same.
    fn takes_up_from(&self) -> Duration {
        self.wakes_at().filter(|_| self.asleep).unwrap_or_default()
    }

    /// Sends what the server has to say on its way.
    pub(crate) fn flush(&mut self) {
        let wakes = self.takes_up_from();
        for (socket, says) in std::mem::take(&mut self.server.out) {
            let (latency, time, cut) = (self.mix.latency(&mut self.dice), self.time, self.cut);
            let Some(pipe) = self.pipes.get_mut(&socket) else { continue };
            pipe.dead_down |= cut;
            if pipe.dead_down {
                continue;
            }
            pipe.down = pipe.down.max(time + latency).max(wakes);
            let wait = pipe.down - time;
            self.after(wait, Happening::Said(socket, says));
        }
        for socket in std::mem::take(&mut self.server.more) {
            let pace = if self.calm { Duration::from_millis(5) } else { self.mix.manners.pace };
            self.after(pace, Happening::More(socket));
        }
    }

    /// Nothing arrives over this socket for a while; then all of it does.
    pub(crate) fn stall(&mut self, socket: u32, time: Duration) {
        let until = self.time + time;
        let pipe = self.pipe(socket);
        pipe.up = pipe.up.max(until);
        pipe.down = pipe.down.max(until);
    }

    pub(crate) fn said(&mut self, socket: u32, says: Says) {
        let run = self.run;
        let pipe = self.pipe(socket);
        if pipe.dead_down || pipe.run != run {
            return;
        }
        let attempt = pipe.attempt;
        let is_open = self.client.socket == Some((attempt, socket));
        let input = match says {
            Says::Message(message) => Input::Message(attempt, message),
            Says::Text(text) => self.heard_text(attempt, &text),
            Says::Nonsense => Input::Alive(attempt),
            Says::Close(code, reason) => Input::Failed(attempt, Failure::closed(code, &reason)),
            Says::Cut => Input::Failed(attempt, Failure::ended()),
        };
        if is_open {
            self.give(input);
        } else if self.client.work.is_none_or(|(current, _)| current != attempt) {
            self.echo(input);
        }
    }
}
