//! What connections have gone through in a day, kept in the inbox so that it outlives the agent.
//!
//! Owns what of a status is worth a line: an attempt after a failed one is the same trouble still. Nothing is written
//! but when something changes, and no timer runs for it.

use serde::{Serialize, de::DeserializeOwned};
use tidings_control::{CauseKind, Spell, State, Status};
use time::OffsetDateTime;

use super::Agent;

impl Agent {
    /// An account's status is another one.
    pub(super) fn note_spell(&mut self, id: &str) {
        let Some(account) = self.accounts.find_mut(id) else { return };
        let Some(now) = worth_noting(account.spell, &account.status) else { return };
        let (state, cause) = now;
        let spell = tidings_inbox::Spell {
            from: account.status.since,
            state: name(&state),
            cause: cause.and_then(|cause| name(&cause)),
        };
        account.spell = Some(now);
        if let Err(error) = self.inbox.begin_spell(id, &spell) {
            tracing::debug!(account = id, %error, "a change of state was not noted");
        }
    }

    /// The agent begins; whatever was under way before is over.
    pub(super) fn begin_history(&self) {
        if let Err(error) = self.inbox.begin_of_run(OffsetDateTime::now_utc()) {
            tracing::debug!(%error, "the run before has no end");
        }
    }

    /// The agent ends.
    pub(super) fn end_history(&self) {
        if let Err(error) = self.inbox.end_of_run(OffsetDateTime::now_utc()) {
            tracing::debug!(%error, "this run's end was not noted");
        }
    }

    /// Something happened anyway that shows that the agent runs.
    pub(super) fn leave_trace(&self) {
        if let Err(error) = self.inbox.alive(OffsetDateTime::now_utc()) {
            tracing::debug!(%error, "no trace was left");
        }
    }

    /// What an account has gone through, oldest first.
    pub(super) fn history(&self, id: &str) -> Vec<Spell> {
        let stored = self.inbox.spells(id, OffsetDateTime::now_utc()).unwrap_or_else(|error| {
            tracing::warn!(%error, "the history cannot be read");
            Vec::new()
        });
        // a state of another version is none that could be shown
        let known = stored.into_iter().filter_map(|tidings_inbox::Spell { from, state, cause }| {
            let state = match state {
                Some(state) => Some(of_name(&state)?),
                None => None,
            };
            Some(Spell { from, state, cause: cause.and_then(|cause| of_name(&cause)) })
        });
        known.collect()
    }
}

/// The state and cause to note, if they are not what is noted already.
fn worth_noting(
    noted: Option<(State, Option<CauseKind>)>,
    status: &Status,
) -> Option<(State, Option<CauseKind>)> {
    let now = (status.state, status.cause.as_ref().map(|cause| cause.kind));
    let trying = |cause| !matches!(cause, CauseKind::Stopped | CauseKind::SignInNeeded);
    match (noted, status.state) {
        // over in a moment
        (_, State::Initial | State::Disconnecting) => None,
        (Some((State::Disconnected, Some(cause))), State::Connecting) if trying(cause) => None,
        (Some(noted), _) if noted == now => None,
        _ => Some(now),
    }
}

fn name<T: Serialize>(value: &T) -> Option<String> {
    serde_json::to_value(value).ok()?.as_str().map(str::to_owned)
}

fn of_name<T: DeserializeOwned>(name: &str) -> Option<T> {
    serde_json::from_value(name.into()).ok()
}

#[cfg(test)]
mod tests {
    use tidings_control::Cause;

    use super::*;

    fn status(state: State, cause: Option<CauseKind>) -> Status {
        let cause = cause.map(|kind| Cause { kind, detail: "detail".into() });
        Status { state, attempt: 0, cause, retry_at: None, since: OffsetDateTime::UNIX_EPOCH }
    }

    #[test]
    fn a_days_outage_is_one_line() {
        use CauseKind::{Offline, SignInNeeded, Stopped, Unreachable};
        use State::{Connected, Connecting, Disconnected, Disconnecting, Initial};
        let mut noted = None;
        let mut lines = Vec::new();
        for (state, cause) in [
            (Initial, None),
            (Connecting, None),
            (Connected, None),
            (Disconnected, Some(Unreachable)),
            (Connecting, None),
            (Disconnected, Some(Unreachable)),
            (Connecting, None),
            (Disconnected, Some(Offline)),
            (Connecting, None),
            (Connected, None),
            (Disconnecting, None),
            (Disconnected, Some(Stopped)),
            (Connecting, None),
            (Disconnected, Some(SignInNeeded)),
            (Connecting, None),
            (Connected, None),
        ] {
            if let Some(now) = worth_noting(noted, &status(state, cause)) {
                noted = Some(now);
                lines.push(now);
            }
        }
        assert_eq!(
            lines,
            [
                (Connecting, None),
                (Connected, None),
                (Disconnected, Some(Unreachable)),
                (Disconnected, Some(Offline)),
                (Connected, None),
                (Disconnected, Some(Stopped)),
                (Connecting, None),
                (Disconnected, Some(SignInNeeded)),
                (Connecting, None),
                (Connected, None),
            ]
        );
    }

    #[test]
    fn names_are_those_of_the_control_interface() {
        assert_eq!(name(&CauseKind::SignInNeeded).as_deref(), Some("sign_in_needed"));
        assert_eq!(of_name::<State>("connected"), Some(State::Connected));
        assert_eq!(of_name::<State>("of another version"), None);
    }
}
