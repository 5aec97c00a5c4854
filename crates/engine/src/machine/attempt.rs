//! An attempt, in its order: token, ticket, socket, greeting.

use std::time::{Duration, Instant};

use super::{
    Attempt, Effect, Event, Input, Machine, Note, Now, Outgoing, Renewed, State, Token, Wait, live::Live,
    offline,
};
use crate::{Phase, verdict::Failure};

/// A token with less left than this is renewed before it is used (`docs/protocol.md` §2).
pub(crate) const MARGIN: Duration = Duration::from_secs(30);

/// Tokens that live shorter than this are renewed no more often than this.
const SHORTEST_REFRESH: Duration = Duration::from_secs(5);

impl Machine {
    /// The first attempt of an owner who leaves it to the options.
    pub(super) fn start(&mut self, now: Now) {
        if !matches!(self.state, State::Initial) {
            return;
        }
        if self.offline() {
            self.rest(now, offline(), Wait::Online);
            self.effects.push(Effect::Note(Note::Offline));
        } else {
            self.begin(now, None);
        }
    }

    /// A person, or the network, starts it: what went wrong before no longer counts.
    pub(super) fn start_afresh(&mut self, now: Now) {
        self.retries = 0;
        self.renewed = None;
        self.begin(now, None);
    }

    pub(super) fn offline(&self) -> bool {
        !self.online && !self.rules.loopback
    }

    /// Starts an attempt; nothing of an earlier one is left at this point.
    pub(super) fn begin(&mut self, now: Now, newer_than: Option<u64>) {
        self.attempts += 1;
        let attempt = Attempt(self.attempts);
        self.renewing = newer_than.is_some();
        // no deadline here: a keychain's prompt may be open for as long as a person takes, and the HTTP call that
        // renews a token has a deadline of its own
        self.enter(now, State::Connecting { attempt, phase: Phase::Token, deadline: None, open: None });
        self.effects.push(Effect::EnsureToken { attempt, newer_than });
    }

    /// True if the machine is in this phase of this very attempt.
    fn is_at(&self, wanted: Attempt, at: Phase) -> bool {
        matches!(&self.state, State::Connecting { attempt, phase, .. } if *attempt == wanted && *phase == at)
    }

    fn advance(
        &mut self,
        now: Now,
        attempt: Attempt,
        phase: Phase,
        within: Duration,
        open: Option<Box<Live>>,
    ) {
        let deadline = Some(now.at + within);
        self.enter(now, State::Connecting { attempt, phase, deadline, open });
    }

    pub(super) fn token_ready(&mut self, now: Now, attempt: Attempt, token: Token) {
        if !self.is_at(attempt, Phase::Token) {
            return;
        }
        if std::mem::take(&mut self.renewing) {
            self.renewed = Some(Renewed {
                generation: token.generation,
                good_until: token.lives.map(|lives| now.at + lives.max(SHORTEST_REFRESH)),
            });
        }
        self.used = Some(token.generation);
        self.know(now, token);
        let within = self.rules.deadlines.connect;
        if self.rules.ticket {
            self.advance(now, attempt, Phase::Ticket, within, None);
            self.effects.push(Effect::RequestTicket(attempt));
        } else {
            self.advance(now, attempt, Phase::Opening, within, None);
            self.effects.push(Effect::OpenSocket(attempt));
        }
    }

    pub(super) fn ticket_ready(&mut self, now: Now, attempt: Attempt) {
        if !self.is_at(attempt, Phase::Ticket) {
            return;
        }
        self.advance(now, attempt, Phase::Opening, self.rules.deadlines.connect, None);
        self.effects.push(Effect::OpenSocket(attempt));
    }

    pub(super) fn opened(&mut self, now: Now, attempt: Attempt) {
        if !self.is_at(attempt, Phase::Opening) {
            return;
        }
        let live = Box::new(Live::new(self.rules.log));
        if self.rules.greeting {
            self.advance(now, attempt, Phase::Authenticating, self.rules.deadlines.auth, Some(live));
            self.effects.push(Effect::Send(attempt, Outgoing::Auth));
        } else {
            self.connected(now, attempt, live);
        }
    }

    /// The attempt has earned its name: the socket is open and, where the flow asks for it, greeted.
    pub(super) fn connected(&mut self, now: Now, attempt: Attempt, mut live: Box<Live>) {
        live.establish(now.at, self.rules.keepalive, self.rules.deadlines.pong);
        self.enter(now, State::Connected { attempt, live });
        self.tell(Event::Connected);
        self.effects.push(Effect::ReadCursor(attempt));
        let ids = std::mem::take(&mut self.unsent_read);
        self.send_read(attempt, &ids);
        self.live_tick(now);
    }

    pub(super) fn out_of_time(&mut self, now: Now, attempt: Attempt, phase: Phase) {
        let (what, within) = match phase {
            Phase::Token => ("no token", self.rules.deadlines.connect),
            Phase::Ticket => ("no ticket", self.rules.deadlines.connect),
            Phase::Opening => ("no connection", self.rules.deadlines.connect),
            Phase::Authenticating => ("no auth_success", self.rules.deadlines.auth),
        };
        let failure = Failure::Unreachable(format!("{what} within {} s", within.as_secs_f32()));
        self.take(now, Input::Failed(attempt, failure));
    }

    // ---- the token's life

    /// Remembers a token, and when to renew it.
    fn know(&mut self, now: Now, token: Token) {
        if !token.stored && self.token.is_none_or(|known| known.generation != token.generation) {
            self.tell(Event::Error {
                code: "SESSION_NOT_STORED".into(),
                message: "the session could not be stored and is lost when the program ends".into(),
            });
        }
        self.token = Some(token);
        self.refresh_failures = 0;
        self.refresh_at = None;
        if let (true, Some(lives)) = (token.refreshable, token.lives) {
            // many clients that signed in together must not refresh together
            let spread = self.jitter.between(Duration::ZERO, MARGIN.min(lives / 10));
            let early = lives.saturating_sub(MARGIN + spread).max(lives / 2).max(SHORTEST_REFRESH);
            self.refresh_at = now.at.checked_add(early);
        }
    }

    /// Renews the token while the connection lives, if it is time.
    pub(super) fn refresh_if_due(&mut self, now: Instant) {
        if self.refresh_at.is_some_and(|at| at <= now) {
            self.refresh_at = None;
            if !self.refreshing {
                self.refreshing = true;
                self.effects.push(Effect::RefreshAhead);
            }
        }
    }

    /// Whatever came of it, a living socket is left alone.
    pub(super) fn refreshed_ahead(&mut self, now: Now, outcome: Result<Token, Failure>) {
        self.refreshing = false;
        match outcome {
            Ok(token) => self.know(now, token),
            Err(failure) => {
                let (verdict, _) = failure.judge(self.credentials(now.at));
                if !verdict.is_hard() {
                    let wait = self.rules.backoff.draw(self.refresh_failures, &mut *self.jitter);
                    self.refresh_failures = self.refresh_failures.saturating_add(1);
                    self.refresh_at = Some(now.at + wait);
                }
                self.effects.push(Effect::Note(Note::NotRefreshed(failure)));
            }
        }
    }
}
