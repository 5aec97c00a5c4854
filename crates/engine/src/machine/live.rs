//! A socket that is open: what comes in over it, and what is due on it.

use std::{
    ops::RangeInclusive,
    time::{Duration, Instant},
};

use tidings_protocol::{AuthSuccess, Goodbye, Notification, Resumed, ServerMessage};

use super::{
    Attempt, Cursor, Effect, Event, Input, Machine, Note, Now, Outgoing, SETTLED, State,
    catch_up::CatchUp,
    input::Ready,
    replay::{Passed, Replay, Stalled, TooMuch},
};
use crate::{
    Arrival, Phase,
    keepalive::{Due, Keepalive},
    verdict::{Failure, plausible, printable},
};

/// What belongs to one open socket.
pub(super) struct Live {
    keepalive: Option<Keepalive>,
    replay: Replay,
    /// In the place of a replay, where what was missed is fetched by calls.
    pub(super) catch_up: Option<CatchUp>,
    /// Where the server's log stood when it greeted.
    pub(super) head: Option<Cursor>,
    goodbye: Option<RangeInclusive<Duration>>,
    /// When a server that said goodbye should have closed.
    gone_by: Option<Instant>,
    settles_at: Option<Instant>,
    errors: Seldom,
    renamings: Seldom,
    pub(super) gaps: Seldom,
    goodbyes: Seldom,
}

/// Counts what a server can bring about as often as it likes. What comes of it, in the log or for the owner, must not
/// flood them: the first few and then fewer and fewer are told.
#[derive(Default)]
pub(super) struct Seldom(u64);

impl Seldom {
    /// True if this one is told.
    pub(super) fn tells(&mut self) -> bool {
        self.0 = self.0.saturating_add(1);
        self.0.is_power_of_two()
    }
}

impl Live {
    pub(super) fn new(log: Option<&'static str>) -> Self {
        Self {
            keepalive: None,
            replay: Replay::new(),
            catch_up: log.map(CatchUp::new),
            head: None,
            goodbye: None,
            gone_by: None,
            settles_at: None,
            errors: Seldom::default(),
            renamings: Seldom::default(),
            gaps: Seldom::default(),
            goodbyes: Seldom::default(),
        }
    }

    pub(super) fn establish(&mut self, now: Instant, interval: Option<Duration>, pong: Duration) {
        self.keepalive = Some(Keepalive::new(now, interval, pong));
        self.settles_at = Some(now + SETTLED);
    }

    pub(super) fn timeout(&self) -> Option<Instant> {
        let keepalive = self.keepalive.as_ref().and_then(Keepalive::timeout);
        [keepalive, self.replay.timeout(), self.gone_by, self.settles_at].into_iter().flatten().min()
    }

    pub(super) fn goodbye(&self) -> Option<RangeInclusive<Duration>> {
        self.goodbye.clone()
    }
}

impl Machine {
    /// The open socket of this very attempt.
    pub(super) fn live(&mut self, wanted: Attempt) -> Option<&mut Live> {
        match &mut self.state {
            State::Connected { attempt, live } if *attempt == wanted => Some(live),
            State::Connecting { attempt, open: Some(live), .. } if *attempt == wanted => Some(live),
            _ => None,
        }
    }

    pub(super) fn heard(&mut self, attempt: Attempt) {
        if let Some(keepalive) = self.live(attempt).and_then(|live| live.keepalive.as_mut()) {
            keepalive.heard();
        }
    }

    pub(super) fn message(&mut self, now: Now, attempt: Attempt, message: ServerMessage) {
        if self.live(attempt).is_none() {
            return;
        }
        self.heard(attempt);
        match message {
            ServerMessage::AuthSuccess(details) => self.greeted(now, attempt, details),
            ServerMessage::AuthError(error) => {
                let code = plausible(error.code).unwrap_or(tidings_protocol::Code::NOT_AUTHORIZED);
                let failure = Failure::AuthError { code, message: printable(&error.message) };
                self.take(now, Input::Failed(attempt, failure));
            }
            ServerMessage::Pong => {
                let keepalive = self.live(attempt).and_then(|live| live.keepalive.as_mut());
                if let Some(took) = keepalive.and_then(|keepalive| keepalive.answered(now.at)) {
                    self.history.answered(took, now.wall);
                }
            }
            ServerMessage::Notification(notification) => self.notified(now, attempt, *notification),
            ServerMessage::Resumed(details) => self.resumed(now, attempt, details),
            ServerMessage::Read { ids } => self.tell(Event::Read { ids, topic: None }),
            ServerMessage::Goodbye(goodbye) => self.told_goodbye(now, attempt, &goodbye),
            ServerMessage::Error(error) => {
                let code = plausible(error.code).unwrap_or(tidings_protocol::Code::INTERNAL).to_string();
                let message = printable(&error.message);
                self.history.reported(code.clone(), message.clone(), now.wall);
                if self.live(attempt).is_some_and(|live| live.errors.tells()) {
                    self.tell(Event::Error { code, message });
                }
            }
        }
    }

    fn greeted(&mut self, now: Now, attempt: Attempt, details: AuthSuccess) {
        let awaited = matches!(
            &self.state,
            State::Connecting { attempt: current, phase: Phase::Authenticating, .. } if *current == attempt
        );
        if awaited && let State::Connecting { open, .. } = &mut self.state {
            let live = open.take();
            self.connected(now, attempt, live.unwrap_or_else(|| Box::new(Live::new(self.rules.log))));
        }
        let head = details.epoch.clone().zip(details.head).map(|(epoch, seq)| Cursor { epoch, seq });
        let Some(live) = self.live(attempt) else { return };
        let renamed = details.epoch.as_deref().and_then(|epoch| live.replay.named(epoch));
        live.head = head.or(live.head.take());
        if let Some(head) = &live.head {
            live.replay.stands_at(head);
        }
        self.note_epoch(attempt, renamed);
        let details = self.as_first_greeted(attempt, details);
        self.tell(Event::AuthSuccess(details));
    }

    /// As long as the store has no cursor, what comes after the first head counts, also if the connection drops before
    /// the owner has stored anything: a later head must not become the cursor.
    pub(super) fn as_first_greeted(&mut self, attempt: Attempt, details: AuthSuccess) -> AuthSuccess {
        let head = self.live(attempt).and_then(|live| live.head.clone());
        if self.baseline.is_none() {
            self.baseline = head.map(|head| (attempt, head));
        }
        match &self.baseline {
            Some((_, first)) => {
                AuthSuccess { epoch: Some(first.epoch.clone()), head: Some(first.seq), ..details }
            }
            None => details,
        }
    }

    pub(super) fn cursor_read(&mut self, now: Now, attempt: Attempt, stored: Option<Cursor>) {
        // on the very first connection there is nothing to resume from
        let baseline = self.baseline.clone().filter(|(first, _)| *first != attempt).map(|(_, head)| head);
        if self.live(attempt).is_some_and(|live| live.catch_up.is_some()) {
            self.catches_up(attempt, stored.or(baseline));
            return;
        }
        let Some(live) = self.live(attempt) else { return };
        match stored.or(baseline) {
            Some(cursor) => {
                let renamed = live.replay.resume(now.at, cursor.clone());
                self.effects.push(Effect::Send(attempt, Outgoing::Resume(cursor)));
                self.note_epoch(attempt, renamed);
            }
            None => {
                let head = live.head.clone();
                let outcome = live.replay.skip(now.at, head);
                self.pass(now, attempt, outcome);
            }
        }
    }

    fn notified(&mut self, now: Now, attempt: Attempt, notification: Notification) {
        let Some(live) = self.live(attempt) else { return };
        let outcome = live.replay.take(now.at, notification);
        self.pass(now, attempt, outcome);
    }

    fn resumed(&mut self, now: Now, attempt: Attempt, details: Resumed) {
        let Some(live) = self.live(attempt) else { return };
        let renamed = live.replay.named(&details.epoch);
        let outcome = live.replay.resumed(now.at, details.head);
        self.note_epoch(attempt, renamed);
        match outcome {
            Some(Ok((replayed, later))) => {
                // before anything passes that lies beyond the gap: the cursor goes with it, and then nobody would know
                if !details.complete {
                    self.tell(Event::Incomplete);
                }
                self.deliver(attempt, replayed);
                self.tell(Event::Resumed(details));
                self.pass(now, attempt, Ok(later));
            }
            Some(Err(too_much)) => self.pass(now, attempt, Err(too_much)),
            None => {}
        }
    }

    fn pass(&mut self, now: Now, attempt: Attempt, outcome: Result<Passed, TooMuch>) {
        match outcome {
            Ok(Passed { ready, resume }) => {
                self.deliver(attempt, ready);
                if let Some(after) = resume {
                    if self.live(attempt).is_some_and(|live| live.gaps.tells()) {
                        self.effects.push(Effect::Note(Note::Gap { after: after.seq }));
                    }
                    self.effects.push(Effect::Send(attempt, Outgoing::Resume(after)));
                }
            }
            Err(TooMuch) => {
                let failure = Failure::Broken("more came out of order than can be held".into());
                self.take(now, Input::Failed(attempt, failure));
            }
        }
    }

    /// Another log: a baseline in the old one says nothing, and all of the new one is news.
    fn note_epoch(&mut self, attempt: Attempt, renamed: Option<String>) {
        let Some(old) = renamed else { return };
        let new =
            self.live(attempt).and_then(|live| live.replay.epoch().map(str::to_owned)).unwrap_or_default();
        if let Some((_, head)) = &mut self.baseline {
            *head = Cursor { epoch: new.clone(), seq: 0 };
        }
        if self.live(attempt).is_some_and(|live| live.renamings.tells()) {
            self.effects.push(Effect::Note(Note::NewEpoch { old, new }));
            // the end of the replay says so too, but the replay may break off
            self.tell(Event::Incomplete);
        }
    }

    fn deliver(&mut self, attempt: Attempt, ready: Vec<Ready>) {
        if ready.is_empty() {
            return;
        }
        let Some(live) = self.live(attempt) else { return };
        let epoch = live.replay.epoch().map(str::to_owned);
        for Ready { notification, replayed } in ready {
            let epoch = epoch.clone();
            self.tell(Event::Notification(Arrival { epoch, mark: None, notification, replayed }));
        }
    }

    fn told_goodbye(&mut self, now: Now, attempt: Attempt, goodbye: &Goodbye) {
        let within = self.rules.deadlines.close;
        if let Some(live) = self.live(attempt) {
            live.goodbye = Some(goodbye.wait());
            // saying it again and again gains no time
            live.gone_by.get_or_insert(now.at + within);
            if live.goodbyes.tells() {
                let goodbye = Goodbye { reason: printable(&goodbye.reason), ..*goodbye };
                self.effects.push(Effect::Note(Note::Goodbye(goodbye)));
            }
        }
    }

    // ---- time

    /// Everything that is due on a live connection.
    pub(super) fn live_tick(&mut self, now: Now) {
        let State::Connected { attempt, live } = &mut self.state else { return };
        let attempt = *attempt;
        if live.settles_at.is_some_and(|at| at <= now.at) {
            live.settles_at = None;
            self.renewed = None;
            if std::mem::take(&mut self.retries) > 0 {
                self.show();
            }
        }
        self.refresh_if_due(now.at);
        let Some(live) = self.live(attempt) else { return };
        if live.replay.timeout().is_some_and(|at| at <= now.at) {
            let stalled = live.replay.stalled();
            self.effects.push(Effect::Note(Note::ReplayStalled));
            match stalled {
                Stalled::Live(ready) => {
                    self.deliver(attempt, ready);
                    self.tell(Event::ReplayEnded);
                }
                Stalled::Hole(ready) => {
                    self.deliver(attempt, ready);
                    self.take(now, Input::Failed(attempt, Failure::Unfinished));
                    return;
                }
            }
        }
        let Some(live) = self.live(attempt) else { return };
        if live.gone_by.is_some_and(|at| at <= now.at) {
            let failure = Failure::closed(1012, "the server said goodbye and did not close");
            self.take(now, Input::Failed(attempt, failure));
            return;
        }
        match live.keepalive.as_mut().and_then(|keepalive| keepalive.due(now.at)) {
            Some(Due::Ping) => self.effects.push(Effect::Send(attempt, Outgoing::Ping)),
            Some(Due::Dead) => self.take(now, Input::Failed(attempt, Failure::Silent)),
            None => {}
        }
    }

    /// Asks a live connection whether it still lives.
    pub(super) fn probe(&mut self, now: Now) {
        let deadline = self.rules.deadlines.probe;
        let State::Connected { attempt, live } = &mut self.state else { return };
        if let Some(keepalive) = &mut live.keepalive {
            keepalive.probe(now.at, deadline);
            let attempt = *attempt;
            self.effects.push(Effect::Note(Note::Probe));
            self.effects.push(Effect::Send(attempt, Outgoing::Ping));
        }
    }
}
