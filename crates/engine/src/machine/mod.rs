//! One connection's decisions: `step(now, input)` returns what to do.
//!
//! Owns the order of an attempt, when to try again, when to stop, and what is shown. Refuses to own a socket, a clock,
//! a token or a log: time is an argument, randomness is injected, secrets stay with the driver, and whatever belongs
//! to an attempt carries its number, so that the echo of an abandoned one is recognised and ignored.

mod attempt;
mod catch_up;
mod ending;
mod fetched;
mod history;
mod input;
mod live;
mod network;
mod replay;
mod round_trips;

use std::time::{Duration, Instant};

use tidings_protocol::MAX_READ_IDS;
use time::OffsetDateTime;

pub(crate) use attempt::MARGIN;
pub(crate) use input::{Attempt, Effect, Farewell, Input, Item, Note, Now, Outgoing, Page, Token, Topical};

use crate::{
    Backoff, Cause, CauseKind, Cursor, Deadlines, Event, Options, Phase, Retry, State as Shown, Status,
    backoff::Jitter,
};
use history::History;
use live::Live;
use network::offline;

/// A connection that has lasted this long has shown that it works: the count of attempts starts anew.
const SETTLED: Duration = Duration::from_secs(30);

/// Most ids that wait to be told as read while there is no connection; the oldest go first.
const MOST_READ: usize = 10_000;

/// Most text of ids in one message: however JSON writes them, it stays below the limit of a frame.
const MOST_READ_BYTES: usize = tidings_protocol::MAX_FRAME_BYTES / 8;

/// What the machine has to know of options and endpoint.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    pub(crate) auto_connect: bool,
    pub(crate) auto_reconnect: bool,
    pub(crate) max_attempts: Option<u32>,
    pub(crate) backoff: Backoff,
    pub(crate) keepalive: Option<Duration>,
    pub(crate) deadlines: Deadlines,
    /// A ticket is fetched before the socket is opened.
    pub(crate) ticket: bool,
    /// The connection stands with the server's `auth_success`, and not with the open socket.
    pub(crate) greeting: bool,
    /// What was missed is fetched by calls, from a log of this name.
    pub(crate) log: Option<&'static str>,
    /// No network is needed to reach the server.
    pub(crate) loopback: bool,
}

impl Rules {
    pub(crate) fn new(options: &Options, dialect: crate::dialect::Dialect, loopback: bool) -> Self {
        let speech = dialect.speech();
        Self {
            auto_connect: options.auto_connect,
            auto_reconnect: options.auto_reconnect,
            max_attempts: options.max_attempts,
            backoff: options.backoff,
            keepalive: options.keepalive,
            deadlines: options.deadlines,
            ticket: speech.needs_ticket(),
            greeting: speech.is_greeted(),
            log: speech.log(),
            loopback,
        }
    }
}

enum State {
    Initial,
    Connecting { attempt: Attempt, phase: Phase, deadline: Option<Instant>, open: Option<Box<Live>> },
    Connected { attempt: Attempt, live: Box<Live> },
    Disconnecting { attempt: Attempt, deadline: Instant, then: After },
    Disconnected { cause: Cause, retry: Wait },
}

/// What follows the end of a closing handshake.
#[derive(Clone, Copy, PartialEq, Eq)]
enum After {
    Stay,
    Connect,
}

/// What follows a disconnection.
enum Wait {
    Until {
        at: Instant,
        wall: OffsetDateTime,
    },
    Online,
    /// The attempts are used up: the network or a person moves first.
    GaveUp,
    Nothing,
}

/// A refresh that was asked for because of a failure, and what came of it.
#[derive(Clone, Copy, Debug)]
struct Renewed {
    generation: u64,
    /// Until when the renewed token should work.
    good_until: Option<Instant>,
}

/// One connection's state. See the module.
pub(crate) struct Machine {
    rules: Rules,
    jitter: Box<dyn Jitter>,
    state: State,
    since: OffsetDateTime,
    attempts: u64,
    /// Retries since the last connection that lasted.
    retries: u32,
    /// Times that the attempt under way was started again because of its surroundings.
    restarts: u32,
    online: bool,
    ending: bool,
    /// The newest token.
    token: Option<Token>,
    /// The generation that the attempt or connection at hand was made with.
    used: Option<u64>,
    /// The attempt under way was started to cure a refusal of the token.
    renewing: bool,
    renewed: Option<Renewed>,
    refresh_at: Option<Instant>,
    refresh_failures: u32,
    refreshing: bool,
    /// Where the log stood at the first greeting, and in which attempt that was. It counts as long as the store has no
    /// cursor.
    baseline: Option<(Attempt, Cursor)>,
    unsent_read: Vec<String>,
    history: History,
    effects: Vec<Effect>,
}

impl Machine {
    pub(crate) fn new(now: Now, rules: Rules, jitter: Box<dyn Jitter>) -> Self {
        Self {
            rules,
            jitter,
            state: State::Initial,
            since: now.wall,
            attempts: 0,
            retries: 0,
            restarts: 0,
            online: true,
            ending: false,
            token: None,
            used: None,
            renewing: false,
            renewed: None,
            refresh_at: None,
            refresh_failures: 0,
            refreshing: false,
            baseline: None,
            unsent_read: Vec::new(),
            history: History::default(),
            effects: Vec::new(),
        }
    }

    /// Takes in what happened; returns what to do, in order.
    pub(crate) fn step(&mut self, now: Now, input: Input) -> Vec<Effect> {
        if !self.ending || matches!(self.state, State::Disconnecting { .. }) {
            self.take(now, input);
        }
        std::mem::take(&mut self.effects)
    }

    /// When [`Input::Tick`] is due.
    pub(crate) fn timeout(&self) -> Option<Instant> {
        match &self.state {
            State::Initial => None,
            State::Connecting { deadline, .. } => *deadline,
            State::Connected { live, .. } => [live.timeout(), self.refresh_at].into_iter().flatten().min(),
            State::Disconnecting { deadline, .. } => Some(*deadline),
            State::Disconnected { retry: Wait::Until { at, .. }, .. } => Some(*at),
            State::Disconnected { .. } => None,
        }
    }

    /// What is shown now.
    pub(crate) fn status(&self) -> Status {
        let state = match &self.state {
            State::Initial => Shown::Initial,
            State::Connecting { phase, .. } => Shown::Connecting(*phase),
            State::Connected { .. } => Shown::Connected,
            State::Disconnecting { .. } => Shown::Disconnecting,
            State::Disconnected { cause, retry } => Shown::Disconnected {
                cause: cause.clone(),
                retry: match retry {
                    Wait::Until { wall, .. } => Retry::At(*wall),
                    Wait::Online => Retry::WhenOnline,
                    Wait::GaveUp | Wait::Nothing => Retry::No,
                },
            },
        };
        Status { state, attempt: self.retries, since: self.since }
    }

    fn take(&mut self, now: Now, input: Input) {
        match input {
            Input::Start => {
                if self.rules.auto_connect {
                    self.start(now);
                }
            }
            Input::Connect => self.connect(now),
            Input::Reconnect => self.reconnect(now),
            Input::Disconnect => self.disconnect(now),
            Input::Shutdown => self.shut_down(now),
            Input::MarkRead(ids) => self.mark_read(ids),
            Input::TokenReady(attempt, token) => self.token_ready(now, attempt, token),
            Input::TicketReady(attempt) => self.ticket_ready(now, attempt),
            Input::Opened(attempt) => self.opened(now, attempt),
            Input::CursorRead(attempt, cursor) => self.cursor_read(now, attempt, cursor),
            Input::Failed(attempt, failure) => self.failed(now, attempt, &failure),
            Input::Message(attempt, message) => self.message(now, attempt, message),
            Input::Item(attempt, item) => self.came(attempt, item),
            Input::Behind(attempt, before) => self.behind(attempt, before),
            Input::Page(attempt, page) => self.page(attempt, page),
            Input::Alive(attempt) => self.heard(attempt),
            Input::RefreshedAhead(outcome) => self.refreshed_ahead(now, outcome),
            Input::Tick => self.tick(now),
            Input::NetworkDown => self.network_down(now),
            Input::NetworkUp => self.network_up(now),
            Input::NetworkChanged => self.network_changed(now),
            Input::Woke => self.woke(now),
        }
    }

    // ---- what a person or the owner asks for

    fn connect(&mut self, now: Now) {
        match &mut self.state {
            // a person's impatience does not undo the count, else a failing server never sees the longer waits
            State::Disconnected { retry: Wait::Until { .. }, .. } => self.begin(now, None),
            State::Initial | State::Disconnected { .. } => self.start_afresh(now),
            State::Disconnecting { then, .. } => *then = After::Connect,
            State::Connecting { .. } | State::Connected { .. } => {}
        }
    }

    fn reconnect(&mut self, now: Now) {
        if let State::Connected { attempt, .. } = self.state {
            self.abandon(attempt, Some((1000, "")));
            self.begin(now, None);
        } else {
            self.connect(now);
        }
    }

    fn disconnect(&mut self, now: Now) {
        let stopped = || Cause { kind: CauseKind::Stopped, detail: "disconnected on request".into() };
        match &mut self.state {
            State::Initial => {}
            State::Connecting { attempt, .. } => {
                let attempt = *attempt;
                self.abandon(attempt, Some((1000, "")));
                self.rest(now, stopped(), Wait::Nothing);
            }
            State::Connected { attempt, .. } => {
                let attempt = *attempt;
                let deadline = now.at + self.rules.deadlines.close;
                self.effects.push(Effect::Close(attempt, (1000, "")));
                self.enter(now, State::Disconnecting { attempt, deadline, then: After::Stay });
            }
            State::Disconnecting { then, .. } => *then = After::Stay,
            // what a person has to do about it stays to be seen
            State::Disconnected { retry: Wait::Nothing, .. } => {}
            State::Disconnected { .. } => self.rest(now, stopped(), Wait::Nothing),
        }
    }

    fn shut_down(&mut self, now: Now) {
        self.ending = true;
        self.disconnect(now);
        if !matches!(self.state, State::Disconnecting { .. }) {
            self.effects.push(Effect::End);
        }
    }

    fn mark_read(&mut self, ids: Vec<String>) {
        if let State::Connected { attempt, .. } = self.state {
            self.send_read(attempt, &ids);
            return;
        }
        self.unsent_read.extend(ids);
        let excess = self.unsent_read.len().saturating_sub(MOST_READ);
        self.unsent_read.drain(..excess);
    }

    /// In messages of a size that a server takes (`docs/protocol.md` §3).
    fn send_read(&mut self, attempt: Attempt, ids: &[String]) {
        let (mut part, mut bytes) = (Vec::new(), 0);
        for id in ids {
            if !part.is_empty() && (part.len() == MAX_READ_IDS || bytes + id.len() > MOST_READ_BYTES) {
                bytes = 0;
                self.effects.push(Effect::Send(attempt, Outgoing::Read(std::mem::take(&mut part))));
            }
            bytes += id.len();
            part.push(id.clone());
        }
        if !part.is_empty() {
            self.effects.push(Effect::Send(attempt, Outgoing::Read(part)));
        }
    }

    // ---- time

    fn tick(&mut self, now: Now) {
        if self.timeout().is_none_or(|due| due > now.at) {
            return;
        }
        match &self.state {
            State::Initial => {}
            State::Connecting { attempt, phase, .. } => {
                let (attempt, phase) = (*attempt, *phase);
                self.out_of_time(now, attempt, phase);
            }
            State::Connected { .. } => self.live_tick(now),
            State::Disconnecting { attempt, .. } => {
                let attempt = *attempt;
                self.closed(now, attempt);
            }
            State::Disconnected { .. } => self.begin(now, None),
        }
    }

    // ---- shared by all rooms of the machine

    fn enter(&mut self, now: Now, state: State) {
        let same = match (&self.state, &state) {
            (State::Connecting { attempt: old, .. }, State::Connecting { attempt: new, .. }) => old == new,
            _ => false,
        };
        if !matches!(state, State::Connecting { .. }) {
            self.restarts = 0;
        }
        self.state = state;
        if !same {
            self.since = now.wall;
            let status = self.status();
            self.history.entered(status);
        }
        self.show();
    }

    fn show(&mut self) {
        let status = self.status();
        self.effects.push(Effect::Show(status));
    }

    fn tell(&mut self, event: Event) {
        self.effects.push(Effect::Tell(event));
    }

    fn abandon(&mut self, attempt: Attempt, farewell: Option<Farewell>) {
        self.effects.push(Effect::Abandon(attempt, farewell));
    }

    fn rest(&mut self, now: Now, cause: Cause, retry: Wait) {
        self.renewing = false;
        self.enter(now, State::Disconnected { cause, retry });
    }
}

#[cfg(test)]
mod bench;
#[cfg(test)]
mod tests;
