//! How attempts and connections end, and what comes after.

use std::time::{Duration, Instant};

use super::{After, Attempt, Effect, Event, Machine, Note, Now, State, Wait, offline};
use crate::{
    Cause, CauseKind,
    verdict::{Credentials, Failure, Pace, UNASKED, Verdict},
};

impl Machine {
    /// What is known about the token that the attempt at hand used.
    pub(super) fn credentials(&self, now: Instant) -> Credentials {
        let Some(token) = self.token else { return Credentials::default() };
        let fresh = self.renewed.is_some_and(|renewed| {
            Some(renewed.generation) == self.used && renewed.good_until.is_none_or(|until| now < until)
        });
        Credentials { refreshable: token.refreshable, fresh }
    }

    pub(super) fn failed(&mut self, now: Now, failed: Attempt, failure: &Failure) {
        let goodbye = match &self.state {
            State::Connecting { attempt, open, .. } if *attempt == failed => {
                open.as_ref().and_then(|live| live.goodbye())
            }
            State::Connected { attempt, live } if *attempt == failed => live.goodbye(),
            State::Disconnecting { attempt, .. } if *attempt == failed => {
                self.closed(now, failed);
                return;
            }
            _ => return,
        };
        let was_connected = matches!(self.state, State::Connected { .. });
        self.abandon(failed, farewell(failure));
        let (verdict, cause) = failure.judge(self.credentials(now.at));
        self.effects.push(Effect::Note(Note::Failed { failure: failure.clone(), hard: verdict.is_hard() }));
        match verdict {
            Verdict::Retry(_) if goodbye.is_some() => {
                let cause = Cause { kind: CauseKind::Restarting, detail: cause.detail };
                let delay = goodbye.map(|range| self.jitter.between(*range.start(), *range.end()));
                self.retry(now, cause, delay.unwrap_or_default());
            }
            Verdict::Retry(pace) => {
                let delay = self.draw(&pace);
                self.retry(now, cause, delay);
            }
            Verdict::Reauthenticate if was_connected && !self.rules.auto_reconnect => {
                self.stop(now, cause);
            }
            Verdict::Reauthenticate => {
                let generation = self.used.unwrap_or_default();
                self.begin(now, Some(generation));
            }
            Verdict::SignIn => {
                self.token = None;
                self.refresh_at = None;
                self.renewed = None;
                self.effects.push(Effect::ClearSession);
                if let Failure::AuthError { code, message } = failure {
                    self.tell(Event::AuthError { code: code.to_string(), message: message.clone() });
                } else {
                    let code = failure.code().unwrap_or("SIGN_IN_NEEDED").to_owned();
                    self.tell(Event::AuthError { code, message: cause.detail.clone() });
                }
                self.stop(now, cause);
            }
            Verdict::Blocked => self.stop(now, cause),
        }
    }

    fn stop(&mut self, now: Now, cause: Cause) {
        self.rest(now, cause, Wait::Nothing);
        self.effects.push(Effect::Note(Note::NoNext));
    }

    fn draw(&mut self, pace: &Pace) -> Duration {
        let backoff = self.rules.backoff;
        match pace {
            Pace::Backoff => backoff.draw(self.retries, &mut *self.jitter),
            // on top, not instead: those who were told the same time must not come back together
            Pace::After(floor) => *floor + backoff.draw(self.retries, &mut *self.jitter),
            Pace::Unasked => UNASKED,
            Pace::Cap => backoff.draw_at_cap(&mut *self.jitter),
        }
    }

    fn retry(&mut self, now: Now, cause: Cause, delay: Duration) {
        if !self.rules.auto_reconnect {
            self.stop(now, cause);
        } else if self.rules.max_attempts.is_some_and(|most| self.retries >= most) {
            self.tell(Event::ReconnectFailed { attempts: self.retries, cause: cause.clone() });
            let cause = Cause { kind: CauseKind::GaveUp, detail: cause.detail };
            self.rest(now, cause, Wait::GaveUp);
            self.effects.push(Effect::Note(Note::NoNext));
        } else if self.offline() {
            self.rest(now, offline(), Wait::Online);
            self.effects.push(Effect::Note(Note::Offline));
        } else {
            self.retries = self.retries.saturating_add(1);
            let at = now.wall + delay;
            self.rest(now, cause.clone(), Wait::Until { at: now.at + delay, wall: at });
            self.tell(Event::ReconnectScheduled { attempt: self.retries, at, delay, cause });
            self.effects.push(Effect::Note(Note::Next { delay, at }));
        }
    }

    /// The closing handshake is over, or has taken long enough.
    pub(super) fn closed(&mut self, now: Now, attempt: Attempt) {
        let State::Disconnecting { then, .. } = self.state else { return };
        self.abandon(attempt, None);
        if self.ending || then == After::Stay {
            let cause = Cause { kind: CauseKind::Stopped, detail: "disconnected on request".into() };
            self.rest(now, cause, Wait::Nothing);
        } else {
            self.start_afresh(now);
        }
        if self.ending {
            self.effects.push(Effect::End);
        }
    }
}

/// What to say to a server whose connection is given up.
fn farewell(failure: &Failure) -> Option<super::Farewell> {
    match failure {
        Failure::Silent => Some((4000, "KEEPALIVE_TIMEOUT")),
        Failure::Oversized => Some((1009, "")),
        Failure::Broken(_) => Some((1002, "")),
        _ => Some((1000, "")),
    }
}
