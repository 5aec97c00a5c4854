//! What must hold after every step of a machine, whatever the world does to it. Knows `docs/protocol.md` by heart, and
//! nothing of how the machine goes about it.

use std::{
    ops::RangeInclusive,
    time::{Duration, Instant},
};

use tidings_protocol::{Code, ServerMessage};
use time::OffsetDateTime;

use super::seen::{Seen, Tally};
use crate::{
    CauseKind, Dialect, Event, Phase, Retry, State as Shown, Status,
    machine::{Attempt, Effect, Input, Note, Now},
    verdict::{Failure, Place},
};

const SETTLED: Duration = Duration::from_secs(30);

/// What has to follow a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Must {
    Retry,
    SignIn,
    Block,
    /// One renewal, or a sign-in.
    Renew,
}

fn must(failure: &Failure) -> Must {
    match failure {
        Failure::Unreachable(_)
        | Failure::NotSuchServer(_)
        | Failure::Silent
        | Failure::Broken(_)
        | Failure::Unfinished
        | Failure::KeychainLocked(_)
        | Failure::KeychainMissing(_)
        | Failure::Storage(_) => Must::Retry,
        Failure::Certificate(_)
        | Failure::ClientCertificate(_)
        | Failure::TlsFile(_)
        | Failure::Proxy(_)
        | Failure::Oversized => Must::Block,
        Failure::AuthError { .. } | Failure::NotSignedIn(_) | Failure::GarbledSession => Must::SignIn,
        Failure::Refused(refusal) => match (refusal.status, refusal.at) {
            (403, _) => Must::Block,
            (401, Place::Refresh) => Must::SignIn,
            (401, _) if refusal.code == Some(Code::MISSING_SESSION) => Must::SignIn,
            (401, _) => Must::Renew,
            _ => Must::Retry,
        },
        Failure::Closed { code: None, .. } => Must::Retry,
        Failure::Closed { code: Some(code), reason } => match (code, reason.as_str()) {
            (1008, "NOT_AUTHORIZED" | "MISSING_SESSION") => Must::SignIn,
            (4401, _) | (1008, "TOKEN_EXPIRED" | "TICKET_INVALID" | "UNAUTHORIZED") => Must::Renew,
            (1008, "RATE_LIMITED" | "TICKETS_UNAVAILABLE" | "AUTH_TIMEOUT") => Must::Retry,
            (1002 | 1003 | 1007 | 1008 | 1009 | 1010 | 4403, _) => Must::Block,
            _ => Must::Retry,
        },
    }
}

/// How long to wait after a failure that is the `nth` in a row, from 0.
fn waits(
    failure: &Failure,
    nth: u32,
    goodbye: Option<&RangeInclusive<Duration>>,
) -> (RangeInclusive<Duration>, Seen) {
    let seconds = Duration::from_secs;
    let backoff = Duration::from_millis(100)..=seconds(1 << nth.min(6)).min(seconds(60));
    match failure {
        _ if goodbye.is_some() => (goodbye.unwrap().clone(), Seen::RetriedAfterGoodbye),
        Failure::KeychainLocked(_) => (seconds(600)..=seconds(600), Seen::RetriedUnasked),
        Failure::NotSuchServer(_) => (seconds(30)..=seconds(60), Seen::RetriedAtCap),
        Failure::Refused(refusal) => match (refusal.status, refusal.retry_after) {
            (429 | 503, Some(asked)) => {
                let floor = asked.min(seconds(3600));
                (floor + *backoff.start()..=floor + *backoff.end(), Seen::RetriedAfterFloor)
            }
            (408 | 425 | 429 | 500..=599, _) => (backoff, Seen::Retried),
            _ => (seconds(30)..=seconds(60), Seen::RetriedAtCap),
        },
        _ => (backoff, Seen::Retried),
    }
}

/// What set a step off.
pub(crate) struct Trigger {
    /// Somebody or something that may start an attempt at any time.
    person: bool,
    network: bool,
    woke: bool,
    tick: bool,
}

/// See the module.
pub(crate) struct Watch {
    dialect: Dialect,
    status: Status,
    working: Option<Attempt>,
    with_token: Option<Attempt>,
    with_ticket: Option<Attempt>,
    open: Option<Attempt>,
    goodbye: Option<RangeInclusive<Duration>>,
    connected_at: Option<Instant>,
    /// The next attempt, as it was told.
    due: Option<(OffsetDateTime, Instant)>,
    /// The machine slept since: the due time of the wall clock may come first.
    slept: bool,
    /// The attempt under way has asked for a renewed token.
    renewing: bool,
    /// Generation of the token of the attempt at hand.
    token: Option<u64>,
    /// The token that was renewed last because of a failure, and since when it is in use.
    renewed: Option<(Option<u64>, Instant)>,
}

impl Watch {
    pub(crate) fn new(dialect: Dialect, status: Status) -> Self {
        Self {
            dialect,
            status,
            working: None,
            with_token: None,
            with_ticket: None,
            open: None,
            goodbye: None,
            connected_at: None,
            due: None,
            slept: false,
            renewing: false,
            token: None,
            renewed: None,
        }
    }

    pub(crate) fn is_stopped(&self) -> bool {
        matches!(self.status.state, Shown::Disconnected { retry: Retry::No, .. })
    }

    pub(crate) fn status(&self) -> &Status {
        &self.status
    }

    fn trigger(&self, input: &Input) -> Trigger {
        // a person who asks during the closing handshake is heard once it is over
        let closing = self.status.state == Shown::Disconnecting;
        Trigger {
            person: closing || matches!(input, Input::Start | Input::Connect | Input::Reconnect),
            network: matches!(input, Input::NetworkUp | Input::NetworkChanged),
            woke: matches!(input, Input::Woke),
            tick: matches!(input, Input::Tick),
        }
    }

    /// Before the machine takes it in.
    pub(crate) fn before(&mut self, input: &Input, seen: &mut Tally) -> Trigger {
        let trigger = self.trigger(input);
        match input {
            Input::TokenReady(attempt, token) if Some(*attempt) == self.working => {
                self.with_token = Some(*attempt);
                self.token = Some(token.generation);
            }
            Input::TicketReady(attempt) if Some(*attempt) == self.working => {
                self.with_ticket = Some(*attempt);
            }
            Input::Opened(attempt) if Some(*attempt) == self.working => {
                assert_eq!(self.open, None, "two sockets");
                self.open = Some(*attempt);
            }
            Input::Message(attempt, ServerMessage::Goodbye(goodbye)) if Some(*attempt) == self.open => {
                self.goodbye = Some(goodbye.wait());
            }
            Input::Failed(attempt, Failure::Refused(refusal)) if Some(*attempt) == self.working => {
                match (refusal.at, refusal.status) {
                    (Place::Ticket, 401) => seen.saw(Seen::TokenRefused),
                    (Place::Upgrade, 401) => seen.saw(Seen::TicketRefused),
                    (Place::Refresh, 401) => seen.saw(Seen::RefreshRefused),
                    _ => {}
                }
            }
            Input::Woke => self.slept = true,
            _ => {}
        }
        trigger
    }

    /// After it: `timeout` is when it wants to be ticked.
    pub(crate) fn after(
        &mut self,
        trigger: &Trigger,
        now: Now,
        effects: &[Effect],
        status: Status,
        timeout: Option<Instant>,
        seen: &mut Tally,
    ) {
        let was_stopped = self.is_stopped();
        let mut failed = None;
        let mut cleared = false;
        for effect in effects {
            match effect {
                Effect::EnsureToken { attempt, newer_than } => {
                    assert!(!was_stopped || trigger.person, "an attempt after a stop");
                    assert_eq!(self.open, None, "an attempt while a socket is open");
                    assert_eq!(self.working, None, "an attempt while another is under way");
                    self.renewing = newer_than.is_some();
                    self.goodbye = None;
                    self.begins(trigger, now, seen);
                    self.working = Some(*attempt);
                }
                Effect::RequestTicket(attempt) => {
                    assert_eq!(self.dialect, Dialect::Ticket);
                    assert_eq!(self.with_token, Some(*attempt), "a ticket without a token");
                    self.uses_token(now);
                }
                Effect::OpenSocket(attempt) => {
                    assert_eq!(self.with_token, Some(*attempt), "a socket without a token");
                    let ticket = self.with_ticket == Some(*attempt);
                    assert!(self.dialect != Dialect::Ticket || ticket, "a socket without a ticket");
                    assert_eq!(self.open, None, "a socket while another is open");
                    self.uses_token(now);
                }
                Effect::Send(attempt, _) => assert_eq!(self.open, Some(*attempt), "sent into nothing"),
                Effect::Close(attempt, _) => assert_eq!(self.open, Some(*attempt), "closed what is not open"),
                Effect::Abandon(attempt, _) => {
                    assert_eq!(self.working, Some(*attempt), "abandoned what is not");
                    (self.working, self.open) = (None, None);
                }
                Effect::ClearSession => cleared = true,
                Effect::Note(note) => {
                    noted(note, trigger, seen);
                    if let Note::Failed { failure, .. } = note {
                        failed = Some(failure);
                    }
                }
                Effect::Tell(Event::ReconnectScheduled { attempt, at, delay, .. }) => {
                    let failure = failed.expect("a retry without a failure");
                    let (range, kind) = waits(failure, attempt - 1, self.goodbye.as_ref());
                    assert!(range.contains(delay), "{delay:?} is not within {range:?} after {failure:?}");
                    assert_eq!(now.wall + *delay, *at, "told one thing and meant another");
                    self.due = Some((*at, now.at + *delay));
                    self.slept = false;
                    seen.saw(kind);
                }
                _ => {}
            }
        }
        if let Some(failure) = failed {
            follows(failure, &status, cleared, seen);
        }
        self.stands(trigger, now, status, timeout, seen);
    }

    fn begins(&mut self, trigger: &Trigger, now: Now, seen: &mut Tally) {
        if trigger.person || trigger.network {
            self.renewed = None;
            return;
        }
        if trigger.woke {
            return;
        }
        if self.renewing {
            seen.saw(Seen::Reauthenticated);
            // a renewed token is good for five seconds at least, and what it did not cure is not tried again
            let again = self
                .renewed
                .is_some_and(|(token, at)| token == self.token && now.at < at + Duration::from_secs(5));
            assert!(!again, "renewed twice in a row");
        } else {
            assert!(trigger.tick, "an attempt out of nothing");
            let (_, due) = self.due.expect("an attempt that was not told");
            assert!(now.at == due || self.slept, "waited otherwise than shown");
        }
    }

    fn uses_token(&mut self, now: Now) {
        if std::mem::take(&mut self.renewing) {
            self.renewed = Some((self.token, now.at));
        }
    }

    /// What is shown fits to what happened.
    fn stands(
        &mut self,
        trigger: &Trigger,
        now: Now,
        status: Status,
        timeout: Option<Instant>,
        seen: &mut Tally,
    ) {
        if status.attempt < self.status.attempt {
            let lasted = self.connected_at.is_some_and(|since| now.at >= since + SETTLED);
            assert!(trigger.person || trigger.network || lasted, "the count fell without reason");
            if lasted {
                seen.saw(Seen::Settled);
            }
        }
        if status.state == Shown::Connected {
            if self.connected_at.is_none() {
                seen.saw(Seen::Connected);
                self.connected_at = Some(now.at);
            }
            assert!(self.open.is_some(), "connected without a socket");
        } else {
            self.connected_at = None;
        }
        match &status.state {
            Shown::Disconnected { retry: Retry::At(at), .. } => {
                let (told, due) = self.due.expect("a retry that is shown was told");
                assert_eq!(told, *at, "shown as told");
                let timeout = timeout.expect("a retry without a time");
                assert!(timeout == due || self.slept && timeout < due, "waits otherwise than shown");
            }
            Shown::Disconnected { retry, cause } => {
                assert_eq!(timeout, None, "nothing is due after a stop");
                assert_eq!(self.working, None, "work goes on after a stop");
                assert!(
                    *retry == Retry::No || cause.kind == CauseKind::Offline,
                    "waits for the network because of {cause:?}"
                );
            }
            Shown::Connecting(phase) => {
                assert!(self.working.is_some(), "connecting without an attempt");
                assert!(timeout.is_some() || *phase == Phase::Token, "{phase:?} without a deadline");
            }
            Shown::Connected | Shown::Disconnecting => {
                assert!(timeout.is_some(), "nothing watches the socket");
            }
            Shown::Initial => {}
        }
        self.status = status;
    }
}

fn follows(failure: &Failure, status: &Status, cleared: bool, seen: &mut Tally) {
    let must = must(failure);
    let stopped = match &status.state {
        Shown::Disconnected { retry: Retry::No, cause } => Some(cause.kind),
        _ => None,
    };
    match (must, stopped) {
        (Must::Retry, None) => assert!(!cleared),
        (Must::Renew, None) => {
            assert!(
                matches!(status.state, Shown::Connecting(Phase::Token)),
                "{failure:?} and then {status:?}"
            );
            assert!(!cleared);
        }
        (Must::SignIn | Must::Renew, Some(CauseKind::SignInNeeded)) => {
            assert!(cleared, "a session is kept that is worth nothing");
            seen.saw(Seen::StoppedForSignIn);
        }
        (Must::Block, Some(CauseKind::Blocked | CauseKind::Certificate)) => {
            assert!(!cleared, "a session is cleared that may be good");
            seen.saw(Seen::StoppedBlocked);
        }
        _ => panic!("{failure:?} must lead to {must:?}, and led to {status:?}"),
    }
}

fn noted(note: &Note, trigger: &Trigger, seen: &mut Tally) {
    match note {
        Note::Failed { failure, .. } => match failure {
            Failure::Silent => seen.saw(Seen::FoundSilent),
            Failure::Unfinished => seen.saw(Seen::HoleStayed),
            Failure::AuthError { .. } => seen.saw(Seen::AuthError),
            Failure::Unreachable(_) if trigger.tick => seen.saw(Seen::OutOfTime),
            _ => {}
        },
        Note::Offline => seen.saw(Seen::WentOffline),
        Note::Probe => seen.saw(Seen::Probed),
        Note::NewEpoch { .. } => seen.saw(Seen::NewEpoch),
        Note::Gap { .. } => seen.saw(Seen::Gap),
        Note::ReplayStalled => seen.saw(Seen::ReplayStalled),
        Note::NotRefreshed(_) => seen.saw(Seen::NotRenewedAhead),
        Note::CatchesUp { .. } => seen.saw(Seen::CaughtUp),
        Note::Next { .. } | Note::NoNext | Note::Goodbye(_) => {}
    }
}
