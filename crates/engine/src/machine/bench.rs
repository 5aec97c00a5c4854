//! A machine on a table: time stands still unless told, and jitter is what the test says.

use std::time::Duration;

use tidings_protocol::{AuthSuccess, Flow, Goodbye, Notification, Resumed, ServerMessage};
use time::OffsetDateTime;

use super::*;
use crate::verdict::{Failure, Place, Refusal};

/// Draws the same place in every range, from 0 (low) to 1 (high).
pub(super) struct Fixed(pub(super) f64);

impl Jitter for Fixed {
    fn between(&mut self, low: Duration, high: Duration) -> Duration {
        low + high.saturating_sub(low).mul_f64(self.0)
    }
}

pub(super) const TOKEN: Token =
    Token { generation: 1, refreshable: true, lives: Some(Duration::from_secs(900)), stored: true };

pub(super) struct Bench {
    pub(super) machine: Machine,
    pub(super) now: Now,
    /// What the last input led to.
    pub(super) effects: Vec<Effect>,
}

impl Bench {
    pub(super) fn new(flow: Flow) -> Self {
        Self::with(flow, |_| {})
    }

    /// Of any kind of server.
    pub(super) fn of(dialect: crate::Dialect) -> Self {
        Self::ruled(Rules::new(&Options::default(), dialect, false))
    }

    pub(super) fn with(flow: Flow, change: impl FnOnce(&mut Rules)) -> Self {
        let mut rules = Rules::new(&Options::default(), flow.into(), false);
        change(&mut rules);
        Self::ruled(rules)
    }

    fn ruled(rules: Rules) -> Self {
        let now = Now { at: Instant::now(), wall: OffsetDateTime::UNIX_EPOCH };
        Self { machine: Machine::new(now, rules, Box::new(Fixed(1.0))), now, effects: Vec::new() }
    }

    /// A connection of the ticket flow that is live, with nothing to resume from.
    pub(super) fn live() -> Self {
        let mut bench = Self::new(Flow::Ticket);
        bench.input(Input::Start);
        bench.go_live();
        bench
    }

    /// Takes the attempt under way to its end.
    pub(super) fn go_live(&mut self) {
        self.open();
        let attempt = self.attempt();
        self.input(Input::CursorRead(attempt, None));
        self.message(ServerMessage::Pong);
    }

    /// Takes the attempt under way until its socket is open.
    pub(super) fn open(&mut self) {
        let attempt = self.attempt();
        self.input(Input::TokenReady(attempt, TOKEN));
        if self.machine.rules.ticket {
            self.input(Input::TicketReady(attempt));
        }
        self.input(Input::Opened(attempt));
    }

    pub(super) fn input(&mut self, input: Input) -> &[Effect] {
        self.effects = self.machine.step(self.now, input);
        &self.effects
    }

    pub(super) fn attempt(&self) -> Attempt {
        Attempt(self.machine.attempts)
    }

    pub(super) fn message(&mut self, message: ServerMessage) -> &[Effect] {
        self.input(Input::Message(self.attempt(), message))
    }

    pub(super) fn fail(&mut self, failure: Failure) -> &[Effect] {
        self.input(Input::Failed(self.attempt(), failure))
    }

    /// Lets time pass; ticks exactly when they are due.
    pub(super) fn pass(&mut self, seconds: f64) -> Vec<Effect> {
        let end = self.now.at + Duration::from_secs_f64(seconds);
        let mut effects = Vec::new();
        let mut ticks = 0;
        while let Some(due) = self.machine.timeout().filter(|due| *due <= end) {
            ticks += 1;
            assert!(ticks < 10_000, "a timer stands still");
            self.advance_to(due.max(self.now.at));
            effects.extend(self.machine.step(self.now, Input::Tick));
        }
        self.advance_to(end);
        effects
    }

    fn advance_to(&mut self, at: Instant) {
        self.now.wall += at - self.now.at;
        self.now.at = at;
    }

    pub(super) fn state(&self) -> Shown {
        self.machine.status().state
    }

    pub(super) fn cause(&self) -> CauseKind {
        match self.state() {
            Shown::Disconnected { cause, .. } => cause.kind,
            other => panic!("not disconnected but {other:?}"),
        }
    }

    pub(super) fn retry(&self) -> Retry {
        match self.state() {
            Shown::Disconnected { retry, .. } => retry,
            other => panic!("not disconnected but {other:?}"),
        }
    }

    pub(super) fn is_live(&self) -> bool {
        self.state() == Shown::Connected
    }
}

pub(super) fn dropped() -> Failure {
    Failure::ended()
}

pub(super) fn refused(at: Place, status: u16, code: &str) -> Failure {
    Failure::Refused(Refusal { at, status, code: Some(code.into()), retry_after: None })
}

pub(super) fn hello(epoch: &str, head: u64) -> ServerMessage {
    ServerMessage::AuthSuccess(AuthSuccess {
        epoch: Some(epoch.into()),
        head: Some(head),
        ..AuthSuccess::default()
    })
}

pub(super) fn notification(seq: u64) -> ServerMessage {
    let notification: Notification = serde_json::from_value(serde_json::json!({ "seq": seq })).unwrap();
    ServerMessage::Notification(Box::new(notification))
}

pub(super) fn resumed(epoch: &str, head: u64) -> ServerMessage {
    ServerMessage::Resumed(Resumed { epoch: epoch.into(), head, complete: true })
}

pub(super) fn goodbye(from: u64, to: u64) -> ServerMessage {
    ServerMessage::Goodbye(Goodbye { reason: "update".into(), reconnect_after_ms: [from, to] })
}

pub(super) fn cursor(epoch: &str, seq: u64) -> Cursor {
    Cursor { epoch: epoch.into(), seq }
}

/// Epoch, number and whether it is replayed, of all notifications told.
pub(super) fn arrivals(effects: &[Effect]) -> Vec<(Option<&str>, u64, bool)> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Tell(Event::Notification(arrival)) => {
                Some((arrival.epoch.as_deref(), arrival.notification.seq?, arrival.replayed))
            }
            _ => None,
        })
        .collect()
}

pub(super) fn sent(effects: &[Effect]) -> Vec<&Outgoing> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Send(_, outgoing) => Some(outgoing),
            _ => None,
        })
        .collect()
}

pub(super) fn told(effects: &[Effect]) -> Vec<&Event> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Tell(event) => Some(event),
            _ => None,
        })
        .collect()
}

/// True if an attempt is begun among these.
pub(super) fn begins(effects: &[Effect]) -> bool {
    effects.iter().any(|effect| matches!(effect, Effect::EnsureToken { .. }))
}
