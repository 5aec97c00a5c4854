//! The network goes, comes and changes; the machine sleeps (`docs/protocol.md` §4, "Network").

use super::{Attempt, Cause, CauseKind, Effect, Machine, Note, Now, State, Wait};

/// Times in a row that an attempt is started again because the network has changed or the machine has slept.
const MOST_RESTARTS: u32 = 3;

impl Machine {
    pub(super) fn network_down(&mut self, now: Now) {
        self.online = false;
        if self.rules.loopback {
            return;
        }
        match self.state {
            State::Connecting { attempt, .. } | State::Connected { attempt, .. } => {
                self.abandon(attempt, None);
                self.rest(now, offline(), Wait::Online);
                self.effects.push(Effect::Note(Note::Offline));
            }
            State::Disconnected { retry: Wait::Until { .. }, .. } => {
                self.rest(now, offline(), Wait::Online);
                self.effects.push(Effect::Note(Note::Offline));
            }
            State::Initial | State::Disconnecting { .. } | State::Disconnected { .. } => {}
        }
    }

    pub(super) fn network_up(&mut self, now: Now) {
        let was_online = std::mem::replace(&mut self.online, true);
        match &self.state {
            State::Disconnected { retry: Wait::Online | Wait::GaveUp, .. } => self.start_afresh(now),
            State::Connected { .. } | State::Connecting { .. } if was_online => self.network_changed(now),
            _ => {}
        }
    }

    pub(super) fn network_changed(&mut self, now: Now) {
        if self.rules.loopback {
            return;
        }
        match &self.state {
            State::Connected { .. } => self.probe(now),
            State::Connecting { attempt, .. } => self.start_again(now, *attempt),
            // what the old network did not reach may be near in the new one; what a server has asked for stands
            State::Disconnected { cause, retry: Wait::Until { .. } } if is_networks(cause) => {
                self.start_afresh(now);
            }
            State::Disconnected { retry: Wait::GaveUp, .. } => self.start_afresh(now),
            State::Initial | State::Disconnecting { .. } | State::Disconnected { .. } => {}
        }
    }

    /// Gives an attempt up that was begun in other surroundings, but not for ever: where they change faster than an
    /// attempt can succeed, one of them is let run to its deadlines.
    fn start_again(&mut self, now: Now, attempt: Attempt) {
        if self.restarts < MOST_RESTARTS {
            self.restarts += 1;
            self.abandon(attempt, None);
            self.begin(now, None);
        }
    }

    /// The monotonic clock may have stood still meanwhile, so what is due by the wall clock is due.
    pub(super) fn woke(&mut self, now: Now) {
        match &mut self.state {
            State::Connected { .. } => self.probe(now),
            State::Connecting { attempt, .. } => {
                let attempt = *attempt;
                self.start_again(now, attempt);
            }
            State::Disconnected { cause, retry: Wait::Until { at, wall } } => {
                // whoever woke it is likely to be there, and can be asked again
                let asked = cause.kind == CauseKind::KeychainLocked;
                let left = (*wall - now.wall).max(time::Duration::ZERO).unsigned_abs();
                *at = (*at).min(now.at + left);
                if asked || left.is_zero() {
                    self.begin(now, None);
                }
            }
            State::Initial | State::Disconnecting { .. } | State::Disconnected { .. } => {}
        }
    }
}

/// Whether the network may be to blame: nobody answered, or somebody else did, as in a network that wants a sign-in.
fn is_networks(cause: &Cause) -> bool {
    matches!(cause.kind, CauseKind::Unreachable | CauseKind::NotSuchServer)
}

pub(super) fn offline() -> Cause {
    Cause { kind: CauseKind::Offline, detail: "no usable network".into() }
}
