//! Many clients lose one server at once: when do they come back? Real machines with their own backoff, in virtual time;
//! what is counted is how many knock in each tenth of a second, and how many are let in.

mod plot;

use std::{
    cmp::Reverse,
    collections::BinaryHeap,
    time::{Duration, Instant},
};

use tidings_protocol::{Code, Flow, Goodbye, ServerMessage};
use time::OffsetDateTime;

use super::dice::Dice;
use crate::{
    Event, Options,
    machine::{Attempt, Effect, Input, Machine, Now, Rules, Token},
    verdict::{Failure, Place, Refusal},
};

/// Width of a count.
const BIN: Duration = Duration::from_millis(100);
const BINS_PER_SECOND: usize = 10;

/// How long the herd is watched.
const SECONDS: usize = 130;

/// A connection that has lasted so long starts counting anew.
const SETTLED: Duration = Duration::from_secs(30);

const TOKEN: Token = Token { generation: 1, refreshable: true, lives: None, stored: true };

/// What a recovering server tells those whom it turns away.
const RETRY_AFTER: Duration = Duration::from_secs(10);

/// How the server goes, and comes back.
#[derive(Clone, Copy, Debug)]
pub(super) struct Loss {
    pub(super) clients: u64,
    pub(super) back_after: Duration,
    pub(super) goodbye: Option<[u64; 2]>,
    /// Handshakes that it can take in a second; who comes beyond that is told 503 and `Retry-After`.
    pub(super) capacity: usize,
}

/// What came of it.
pub(super) struct Return {
    /// By tenths of a second.
    knocks: Vec<usize>,
    admitted: Vec<usize>,
    back_after: Duration,
    /// When half of them, and all but one of a thousand, were back.
    pub(super) half: Option<Duration>,
    pub(super) nearly_all: Option<Duration>,
}

impl Return {
    /// Most knocks in a second, from a moment on.
    pub(super) fn peak(&self, from: Duration) -> usize {
        let first = bin(from);
        self.knocks[first.min(self.knocks.len())..]
            .windows(BINS_PER_SECOND)
            .map(|second| second.iter().sum())
            .max()
            .unwrap_or(0)
    }

    /// Most knocks in a second that a running server hears.
    pub(super) fn peak_when_back(&self) -> usize {
        self.peak(self.back_after)
    }

    fn per_second(counts: &[usize]) -> Vec<usize> {
        counts.chunks(BINS_PER_SECOND).map(|second| second.iter().sum()).collect()
    }
}

struct Client {
    machine: Machine,
    attempt: Attempt,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Move {
    Loses,
    Ticks,
    Knocks,
    IsRefused,
    IsTurnedAway,
    IsWelcome,
    IsIn,
}

/// All of them, their server, and what is to come.
struct Herd {
    loss: Loss,
    clients: Vec<Client>,
    dice: Dice,
    start: Instant,
    queue: BinaryHeap<Reverse<(Duration, u64, usize, Move)>>,
    queued: u64,
    knocks: Vec<usize>,
    admitted: Vec<usize>,
    back: Vec<Duration>,
}

fn bin(at: Duration) -> usize {
    usize::try_from(at.as_millis() / BIN.as_millis()).unwrap()
}

/// Lets it happen.
pub(super) fn lose(loss: Loss) -> Return {
    let mut dice = Dice::new(loss.clients);
    // all have been connected for a while when it happens
    let start = Instant::now();
    let clients = (0..loss.clients).map(|_| connected(start, dice.fork())).collect();
    let counts = vec![0; SECONDS * BINS_PER_SECOND];
    let mut herd = Herd {
        loss,
        clients,
        dice,
        start: start + SETTLED,
        queue: BinaryHeap::new(),
        queued: 0,
        knocks: counts.clone(),
        admitted: counts,
        back: Vec::new(),
    };
    for client in 0..herd.clients.len() {
        herd.soon(Duration::ZERO, client, Move::Loses);
    }
    while let Some(Reverse((at, _, client, what))) = herd.queue.pop() {
        if bin(at) >= herd.knocks.len() {
            break;
        }
        herd.happens(at, client, what);
    }
    let share = |of: u64| herd.back.get(usize::try_from(loss.clients * of / 1000).unwrap() - 1).copied();
    Return {
        half: share(500),
        nearly_all: share(999),
        knocks: herd.knocks,
        admitted: herd.admitted,
        back_after: loss.back_after,
    }
}

fn now(start: Instant, at: Duration) -> Now {
    Now { at: start + at, wall: OffsetDateTime::UNIX_EPOCH + at }
}

/// A client whose connection has lasted.
fn connected(start: Instant, jitter: Dice) -> Client {
    let rules = Rules::new(&Options::default(), Flow::Ticket.into(), false);
    let mut machine = Machine::new(now(start, Duration::ZERO), rules, Box::new(jitter));
    let attempt = Attempt(1);
    for input in [
        Input::Start,
        Input::TokenReady(attempt, TOKEN),
        Input::TicketReady(attempt),
        Input::Opened(attempt),
        Input::Alive(attempt),
    ] {
        machine.step(now(start, Duration::ZERO), input);
    }
    machine.step(now(start, SETTLED), Input::Tick);
    Client { machine, attempt }
}

impl Herd {
    fn soon(&mut self, at: Duration, client: usize, what: Move) {
        let latency = self.dice.ms(5, 150);
        self.at(at + latency, client, what);
    }

    fn at(&mut self, at: Duration, client: usize, what: Move) {
        self.queued += 1;
        self.queue.push(Reverse((at, self.queued, client, what)));
    }

    fn happens(&mut self, at: Duration, number: usize, what: Move) {
        let attempt = self.clients[number].attempt;
        match what {
            Move::Loses => {
                if let Some(reconnect_after_ms) = self.loss.goodbye {
                    let goodbye = Goodbye { reason: "restart".into(), reconnect_after_ms };
                    self.step(at, number, Input::Message(attempt, ServerMessage::Goodbye(goodbye)));
                }
                self.step(at, number, Input::Failed(attempt, Failure::closed(1012, "RESTART")));
            }
            Move::Ticks => self.step(at, number, Input::Tick),
            Move::Knocks => {
                self.knocks[bin(at)] += 1;
                let answer = self.answer(at);
                self.soon(at, number, answer);
            }
            Move::IsRefused => {
                self.step(at, number, Input::Failed(attempt, Failure::Unreachable("refused".into())));
            }
            Move::IsTurnedAway => self.step(at, number, Input::Failed(attempt, busy())),
            Move::IsWelcome => self.step(at, number, Input::TicketReady(attempt)),
            Move::IsIn => self.back.push(at),
        }
    }

    /// What the server, if there is one, says to who knocks.
    fn answer(&mut self, at: Duration) -> Move {
        if at < self.loss.back_after {
            return Move::IsRefused;
        }
        let admitted = &mut self.admitted[bin(at)];
        if *admitted < self.loss.capacity / BINS_PER_SECOND {
            *admitted += 1;
            Move::IsWelcome
        } else {
            Move::IsTurnedAway
        }
    }

    fn step(&mut self, at: Duration, number: usize, input: Input) {
        let time = now(self.start, at);
        for effect in self.clients[number].machine.step(time, input) {
            match effect {
                Effect::EnsureToken { attempt, .. } => {
                    self.clients[number].attempt = attempt;
                    self.step(at, number, Input::TokenReady(attempt, TOKEN));
                }
                Effect::RequestTicket(_) => self.soon(at, number, Move::Knocks),
                Effect::OpenSocket(_) => self.soon(at, number, Move::IsIn),
                Effect::Tell(Event::ReconnectScheduled { delay, .. }) => {
                    self.at(at + delay, number, Move::Ticks);
                }
                _ => {}
            }
        }
    }
}

fn busy() -> Failure {
    Failure::Refused(Refusal {
        at: Place::Ticket,
        status: 503,
        code: Some(Code::TICKETS_UNAVAILABLE),
        retry_after: Some(RETRY_AFTER),
    })
}

const CRASH: Loss =
    Loss { clients: 100_000, back_after: Duration::from_secs(20), goodbye: None, capacity: 2000 };

/// The time that a restart takes.
const RESTART: Duration = Duration::from_secs(2);

#[test]
fn a_herd_spreads_out_after_a_crash_and_all_come_back() {
    let herd = lose(Loss { clients: 10_000, capacity: 200, ..CRASH });
    // each second of the wait halves what comes in one: after 20 s hardly more than a tenth of all comes in a second
    assert!(herd.peak_when_back() < 1_500, "{}", herd.peak_when_back());
    assert!(herd.nearly_all.is_some_and(|back| back < Duration::from_secs(150)), "{:?}", herd.nearly_all);
}

#[test]
fn a_goodbye_keeps_the_herd_within_what_the_server_can_take() {
    // what tidings-server says to so many sockets: a thousand come back in a second
    let goodbye = Some([500, 10_500]);
    let herd = lose(Loss { clients: 10_000, back_after: RESTART, goodbye, capacity: 2000 });
    let without = lose(Loss { clients: 10_000, back_after: RESTART, goodbye: None, capacity: 2000 });
    assert!(herd.peak_when_back() < 1_800, "{}", herd.peak_when_back());
    assert!(without.peak(Duration::ZERO) > 5 * herd.peak(Duration::ZERO));
    assert!(herd.nearly_all.is_some_and(|back| back < Duration::from_secs(15)), "{:?}", herd.nearly_all);
}

/// Draws `docs/images/herd.svg`, and says what `docs/herd.md` quotes.
#[test]
#[ignore = "draws a picture"]
fn draw() {
    let restart = Loss { back_after: RESTART, ..CRASH };
    let runs = [
        ("crash, back after 20 s", lose(CRASH)),
        ("no goodbye", lose(restart)),
        ("goodbye 0.5 to 5 s", lose(Loss { goodbye: Some([500, 5_000]), ..restart })),
        ("goodbye 0.5 to 100.5 s", lose(Loss { goodbye: Some([500, 100_500]), ..restart })),
    ];
    for (name, run) in &runs {
        eprintln!(
            "{name}: peak {}/s, when back {}/s; half back after {:?}, 99.9 % after {:?}",
            run.peak(Duration::ZERO),
            run.peak_when_back(),
            run.half,
            run.nearly_all
        );
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/images/herd.svg");
    std::fs::write(path, plot::picture(&runs)).unwrap();
}
