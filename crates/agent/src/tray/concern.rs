//! Whose trouble comes first, as a pure function of the [`View`].

use tidings_control::{CauseKind, State};

use super::{AccountView, View};

/// How much of a person's attention an account deserves, least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Concern {
    Calm,
    Waiting,
    CutOff,
    NeedsYou,
}

impl Concern {
    /// Of one account.
    pub(super) fn of(account: &AccountView) -> Self {
        let status = &account.status;
        let kind = status.cause.as_ref().map(|cause| cause.kind);
        if status.state == State::Connected || account.paused {
            return Self::Calm;
        }
        // it will not pass by itself, so there is nothing to wait for
        if kind == Some(CauseKind::SignInNeeded) {
            return Self::NeedsYou;
        }
        if !account.settled {
            return Self::Calm;
        }
        match kind {
            Some(
                CauseKind::Blocked
                | CauseKind::Certificate
                | CauseKind::ClientCertificate
                | CauseKind::CertificateFile
                | CauseKind::Proxy
                | CauseKind::KeychainLocked,
            ) => Self::NeedsYou,
            Some(_) => Self::CutOff,
            // an attempt after a failed one is the same trouble still: the icon does not blink with every attempt
            None if status.state == State::Disconnected || status.attempt > 1 => Self::CutOff,
            None => Self::Waiting,
        }
    }
}

/// The account to speak of: the one that deserves most attention, the first of equals. `None` when all are calm.
pub(super) fn worst(view: &View) -> Option<&AccountView> {
    let mut worst: Option<(&AccountView, Concern)> = None;
    for account in &view.accounts {
        let concern = Concern::of(account);
        if concern > worst.map_or(Concern::Calm, |(_, known)| known) {
            worst = Some((account, concern));
        }
    }
    worst.map(|(account, _)| account)
}
