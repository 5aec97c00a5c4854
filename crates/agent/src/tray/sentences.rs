//! Which of the words say how things stand: what happened, what Tidings does about it, what the person can do.
//!
//! No countdowns: a tray is read at any time after it was drawn, and a number that stands still is wrong.

use tidings_control::{CauseKind, Disposition, State};

use super::{AccountView, View};
use crate::words::{Said, Standing, Words, host};

/// The program, in every language.
pub(super) const NAME: &str = "Tidings";

/// The menu's status line: what happened, without a full stop.
pub(super) fn headline(view: &View, worst: Option<&AccountView>) -> String {
    said(view, worst).headline
}

/// The tooltip's first line: the headline, and what comes of it.
pub(super) fn sentence(view: &View, worst: Option<&AccountView>) -> String {
    match said(view, worst) {
        Said { headline, then: Some(then) } => format!("{headline}. {then}"),
        Said { headline, then: None } => headline,
    }
}

fn said(view: &View, worst: Option<&AccountView>) -> Said {
    let Some(account) = worst else { return Said { headline: calm(view), then: None } };
    let Said { headline, then } = trouble(view, account);
    let host = host(&account.server);
    // a fact about one server among several names it
    let named = view.accounts.len() < 2 || headline.contains(&host) || is(account, CauseKind::Offline);
    Said { headline: if named { headline } else { format!("{host}: {headline}") }, then }
}

fn calm(view: &View) -> String {
    let words = view.locale.words();
    // those at rest are nobody's business
    let awake: Vec<&AccountView> = view.accounts.iter().filter(|account| !account.paused).collect();
    let connected = awake.iter().filter(|account| account.status.state == State::Connected).count();
    match awake.as_slice() {
        [] if view.accounts.is_empty() => words.not_signed_in.to_owned(),
        [] => words.paused.to_owned(),
        [only] if connected == 1 => (words.connected_to)(&host(&only.server)),
        [only] => (words.connecting_to)(&host(&only.server)),
        all if connected == all.len() => (words.all_connected)(connected),
        all => (words.some_connected)(connected, all.len()),
    }
}

fn trouble(view: &View, account: &AccountView) -> Said {
    let (words, host) = (view.locale.words(), host(&account.server));
    match &account.status.cause {
        Some(cause) => (words.trouble)(cause.kind, &host),
        None => match account.status.state {
            State::Connecting | State::Initial if account.status.attempt <= 1 => {
                Said { headline: (words.connecting_to)(&host), then: None }
            }
            State::Disconnecting => Said { headline: words.disconnecting.to_owned(), then: None },
            _ => (words.cut_off)(&host),
        },
    }
}

fn is(account: &AccountView, kind: CauseKind) -> bool {
    account.status.cause.as_ref().is_some_and(|cause| cause.kind == kind)
}

/// How many are unread, if any are.
pub(super) fn unread(view: &View) -> Option<String> {
    (view.unread > 0).then(|| (view.locale.words().unread)(view.unread))
}

/// Why nothing is toasted, and until when.
pub(super) fn silence(view: &View) -> Option<String> {
    let words = view.locale.words();
    let until = view.until.map(|until| view.locale.time(until));
    match view.silence.map(|silence| silence.reason) {
        Some(Disposition::QuietHours) => Some((words.quiet_hours)(until.as_deref())),
        Some(Disposition::DesktopQuiet) => Some(words.desktop_quiet.to_owned()),
        Some(_) => Some((words.do_not_disturb_on)(until.as_deref())),
        None => view.do_not_disturb.then(|| (words.do_not_disturb_on)(None)),
    }
}

/// An account as a person tells it from others.
pub(super) fn name(account: &AccountView, words: &Words) -> String {
    account.name.clone().unwrap_or_else(|| words.account(&account.username, &account.server))
}

/// Where an account stands. Trouble that may pass in a moment is none yet.
pub(super) fn standing(account: &AccountView) -> Standing {
    let status = &account.status;
    let kind = status.cause.as_ref().map(|cause| cause.kind);
    match (status.state, kind) {
        _ if account.paused => Standing::Paused,
        (State::Connected, _) => Standing::Connected,
        (_, Some(CauseKind::SignInNeeded)) => Standing::SignedOut,
        _ if !account.settled => Standing::Connecting,
        (_, Some(CauseKind::Offline)) => Standing::Offline,
        (_, Some(CauseKind::GaveUp | CauseKind::Stopped)) | (State::Disconnecting, None) => {
            Standing::Disconnected
        }
        (
            _,
            Some(
                CauseKind::Blocked
                | CauseKind::Certificate
                | CauseKind::ClientCertificate
                | CauseKind::CertificateFile
                | CauseKind::Proxy
                | CauseKind::KeychainLocked,
            ),
        ) => Standing::NeedsYou,
        (_, Some(_)) => Standing::CutOff,
        (State::Connecting | State::Initial, None) if status.attempt <= 1 => Standing::Connecting,
        (_, None) => Standing::CutOff,
    }
}
