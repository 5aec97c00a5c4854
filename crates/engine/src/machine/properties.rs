//! What holds for every machine, whatever the world does to it: a random world carries out the effects, answers or
//! fails or forgets them, and watches.

use std::collections::{HashSet, VecDeque};

use proptest::prelude::*;
use tidings_protocol::{Flow, ServerMessage};
use time::OffsetDateTime;

use super::{bench::*, *};
use crate::{
    backoff::Random,
    verdict::{Failure, Place, Refusal, UNASKED},
};

/// The longest wait that a server of these worlds can bring about: backoff, and what it asks for on top.
const LONGEST: Duration = Duration::from_secs(62);

/// What the world does next.
#[derive(Clone, Debug)]
enum Move {
    /// Answer the oldest thing that was asked for.
    Answer,
    /// Answer it with a failure.
    Fail(Failure),
    /// Say something over the socket.
    Say(u8, u64),
    /// Say something for an attempt of long ago.
    Echo(u64, u8),
    /// Let this many milliseconds pass, ticking when due.
    Pass(u32),
    /// Let the machine sleep for this many seconds.
    Sleep(u32),
    Signal(Signal),
}

#[derive(Clone, Copy, Debug)]
enum Signal {
    Connect,
    Reconnect,
    Disconnect,
    Down,
    Up,
    Changed,
}

fn failures() -> impl Strategy<Value = Failure> {
    let refusal = (prop_oneof![Just(Place::Ticket), Just(Place::Upgrade), Just(Place::Refresh)], 300u16..600)
        .prop_map(|(at, status)| {
            Failure::Refused(Refusal { at, status, code: None, retry_after: Some(Duration::from_secs(2)) })
        });
    prop_oneof![
        4 => Just(dropped()),
        2 => refusal,
        1 => Just(refused(Place::Ticket, 401, "TOKEN_EXPIRED")),
        1 => (1000u16..4999).prop_map(|code| Failure::closed(code, "")),
        1 => Just(Failure::closed(1008, "TOKEN_EXPIRED")),
        1 => Just(Failure::KeychainLocked("locked".into())),
        1 => Just(Failure::Oversized),
    ]
}

fn moves() -> impl Strategy<Value = Move> {
    let signals = prop::sample::select(vec![
        Signal::Connect,
        Signal::Reconnect,
        Signal::Disconnect,
        Signal::Down,
        Signal::Up,
        Signal::Changed,
    ]);
    prop_oneof![
        8 => Just(Move::Answer),
        3 => failures().prop_map(Move::Fail),
        4 => (any::<u8>(), 0u64..30).prop_map(|(what, seq)| Move::Say(what, seq)),
        1 => (0u64..20, any::<u8>()).prop_map(|(attempt, what)| Move::Echo(attempt, what)),
        6 => (0u32..40_000).prop_map(Move::Pass),
        1 => (0u32..10_000).prop_map(Move::Sleep),
        3 => signals.prop_map(Move::Signal),
    ]
}

/// The world's view of one machine.
struct World {
    machine: Machine,
    now: Now,
    flow: Flow,
    asked: VecDeque<Effect>,
    working: Option<Attempt>,
    with_token: HashSet<Attempt>,
    with_ticket: HashSet<Attempt>,
    open: Option<Attempt>,
    connected_at: Option<Instant>,
    retries: u32,
    /// The wall time and instant of the next attempt, as told.
    due: Option<(OffsetDateTime, Instant)>,
    stopped: bool,
}

impl World {
    fn new(flow: Flow) -> Self {
        let rules = Rules::new(&Options::default(), flow.into(), false);
        let now = Now { at: Instant::now(), wall: OffsetDateTime::UNIX_EPOCH };
        Self {
            machine: Machine::new(now, rules, Box::new(Random::new())),
            now,
            flow,
            asked: VecDeque::new(),
            working: None,
            with_token: HashSet::new(),
            with_ticket: HashSet::new(),
            open: None,
            connected_at: None,
            retries: 0,
            due: None,
            stopped: false,
        }
    }

    fn input(&mut self, input: Input) {
        let person = matches!(input, Input::Start | Input::Connect | Input::Reconnect);
        // a person who asks during the closing handshake is heard once it is over
        let closing = self.machine.status().state == Shown::Disconnecting;
        let afresh = person || closing || matches!(input, Input::NetworkUp);
        for effect in self.machine.step(self.now, input) {
            self.watch(effect, person || closing);
        }
        let status = self.machine.status();
        if status.attempt < self.retries {
            let lasted = self.connected_at.is_some_and(|since| self.now.at >= since + SETTLED);
            assert!(afresh || lasted, "the count fell without reason");
        }
        self.retries = status.attempt;
        self.connected_at = match status.state {
            Shown::Connected => self.connected_at.or(Some(self.now.at)),
            _ => None,
        };
        self.stopped = matches!(&status.state, Shown::Disconnected { retry: Retry::No, .. });
        if let Shown::Disconnected { retry: Retry::At(at), .. } = status.state {
            let (told, due) = self.due.expect("a retry that is shown was told");
            assert_eq!(told, at, "shown as told");
            assert_eq!(self.machine.timeout(), Some(due.min(self.machine.timeout().unwrap())));
        }
        if self.stopped {
            assert_eq!(self.machine.timeout(), None, "nothing is due after a stop");
        }
    }

    fn watch(&mut self, effect: Effect, person: bool) {
        match &effect {
            Effect::EnsureToken { attempt, .. } => {
                assert!(!self.stopped || person, "an attempt after a stop");
                assert_eq!(self.open, None, "an attempt while a socket is open");
                assert_eq!(self.working, None, "an attempt while another is under way");
                self.working = Some(*attempt);
            }
            Effect::RequestTicket(attempt) => {
                assert_eq!(self.flow, Flow::Ticket);
                assert!(self.with_token.contains(attempt), "a ticket without a token");
            }
            Effect::OpenSocket(attempt) => {
                assert!(self.with_token.contains(attempt), "a socket without a token");
                assert!(self.flow == Flow::Token || self.with_ticket.contains(attempt), "without a ticket");
                assert_eq!(self.open, None, "a socket while another is open");
            }
            Effect::Send(attempt, _) => assert_eq!(self.open, Some(*attempt), "sent into nothing"),
            Effect::Close(attempt, _) => assert_eq!(self.open, Some(*attempt), "closed what is not open"),
            Effect::Abandon(attempt, _) => {
                assert_eq!(self.working, Some(*attempt), "abandoned what is not");
                self.working = None;
                self.open = None;
                self.asked.clear();
            }
            Effect::Tell(Event::ReconnectScheduled { at, delay, cause, .. }) => {
                let longest = if cause.kind == CauseKind::KeychainLocked { UNASKED } else { LONGEST };
                assert!(*delay <= longest, "{delay:?}");
                assert!(*delay >= Duration::from_millis(100), "{delay:?}");
                assert_eq!(self.now.wall + *delay, *at);
                self.due = Some((*at, self.now.at + *delay));
            }
            _ => {}
        }
        match effect {
            Effect::EnsureToken { .. }
            | Effect::RequestTicket(_)
            | Effect::OpenSocket(_)
            | Effect::ReadCursor(_)
            | Effect::RefreshAhead => self.asked.push_back(effect),
            _ => {}
        }
    }

    fn answer(&mut self) {
        let input = match self.asked.pop_front() {
            Some(Effect::EnsureToken { attempt, newer_than }) => {
                self.with_token.insert(attempt);
                let generation = newer_than.unwrap_or_default() + 1;
                Input::TokenReady(attempt, Token { generation, ..TOKEN })
            }
            Some(Effect::RequestTicket(attempt)) => {
                self.with_ticket.insert(attempt);
                Input::TicketReady(attempt)
            }
            Some(Effect::OpenSocket(attempt)) => {
                self.open = Some(attempt);
                Input::Opened(attempt)
            }
            Some(Effect::ReadCursor(attempt)) => Input::CursorRead(attempt, Some(cursor("a", 3))),
            Some(Effect::RefreshAhead) => Input::RefreshedAhead(Ok(TOKEN)),
            _ => return,
        };
        self.input(input);
    }

    fn make(&mut self, a_move: Move) {
        match a_move {
            Move::Answer => self.answer(),
            Move::Fail(failure) => {
                if let Some(attempt) = self.working {
                    self.asked.pop_front();
                    self.input(Input::Failed(attempt, failure));
                }
            }
            Move::Say(what, seq) => {
                if let Some(attempt) = self.open {
                    self.input(Input::Message(attempt, words(what, seq)));
                }
            }
            Move::Echo(attempt, what) => {
                let attempt = Attempt(attempt);
                if Some(attempt) != self.working {
                    let before = self.machine.status();
                    self.input(match what % 5 {
                        0 => Input::Failed(attempt, dropped()),
                        1 => Input::Opened(attempt),
                        2 => Input::TicketReady(attempt),
                        3 => Input::TokenReady(attempt, TOKEN),
                        _ => Input::Message(attempt, notification(5)),
                    });
                    assert_eq!(self.machine.status(), before, "an echo was heard");
                }
            }
            Move::Pass(milliseconds) => self.pass(Duration::from_millis(milliseconds.into())),
            Move::Sleep(seconds) => {
                self.now.wall += Duration::from_secs(seconds.into());
                self.input(Input::Woke);
            }
            Move::Signal(signal) => self.input(match signal {
                Signal::Connect => Input::Connect,
                Signal::Reconnect => Input::Reconnect,
                Signal::Disconnect => Input::Disconnect,
                Signal::Down => Input::NetworkDown,
                Signal::Up => Input::NetworkUp,
                Signal::Changed => Input::NetworkChanged,
            }),
        }
    }

    fn pass(&mut self, time: Duration) {
        let end = self.now.at + time;
        let mut ticks = 0;
        while let Some(due) = self.machine.timeout().filter(|due| *due <= end) {
            self.set(due.max(self.now.at));
            self.input(Input::Tick);
            ticks += 1;
            assert!(ticks < 1000, "ticks without end");
        }
        self.set(end);
    }

    fn set(&mut self, at: Instant) {
        self.now.wall += at - self.now.at;
        self.now.at = at;
    }

    /// The network is there, everything is answered, and a person asks for it.
    fn calm(&mut self) {
        self.input(Input::NetworkUp);
        self.input(Input::Connect);
        for _ in 0..40 {
            while !self.asked.is_empty() {
                self.answer();
            }
            if let Some(attempt) = self.open {
                self.input(Input::Message(attempt, hello("a", 9)));
                self.input(Input::Message(attempt, ServerMessage::Pong));
            }
            self.pass(Duration::from_secs(4));
        }
    }
}

fn words(what: u8, seq: u64) -> ServerMessage {
    match what % 8 {
        0 => hello("a", seq),
        1 => hello("b", seq),
        2 => resumed("a", seq),
        3 => goodbye(100, 5000),
        4 => ServerMessage::Pong,
        5 => ServerMessage::Read { ids: vec!["x".into()] },
        _ => notification(seq),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn no_world_breaks_the_rules_and_calm_brings_a_connection(
        ticket in any::<bool>(),
        moves in prop::collection::vec(moves(), 1..120),
    ) {
        let mut world = World::new(if ticket { Flow::Ticket } else { Flow::Token });
        world.input(Input::Start);
        for a_move in moves {
            world.make(a_move);
        }
        world.calm();
        prop_assert_eq!(world.machine.status().state, Shown::Connected);
    }
}
