//! The tray's sentences: what happened, what Tidings does about it, what the person can do.
//!
//! No countdowns: a tray is read at any time after it was drawn, and a number that stands still is wrong.

use tidings_control::{CauseKind, State};
use url::Url;

use super::{AccountView, View};
use crate::accounts::called;

pub(super) const NAME: &str = "Tidings";
pub(super) const QUIET: &str = "Do not disturb is on";

/// "3 unread", or nothing when there is nothing.
pub(super) fn unread(count: u32) -> Option<String> {
    match count {
        0 => None,
        1..=99 => Some(format!("{count} unread")),
        100.. => Some("99+ unread".to_owned()),
    }
}

/// An account as a person tells it from others.
pub(super) fn name(account: &AccountView) -> String {
    format!("{} at {}", called(&account.username), host(account))
}

/// The menu's status line: what happened, without a full stop.
pub(super) fn headline(view: &View, worst: Option<&AccountView>) -> String {
    said(view, worst).0
}

/// The tooltip's first line: the headline, and what comes of it.
pub(super) fn sentence(view: &View, worst: Option<&AccountView>) -> String {
    match said(view, worst) {
        (headline, Some(then)) => format!("{headline}. {then}"),
        (headline, None) => headline,
    }
}

fn said(view: &View, worst: Option<&AccountView>) -> (String, Option<&'static str>) {
    let Some(account) = worst else { return (calm(view), None) };
    let (headline, then) = trouble(account);
    // a fact about one server among several names it
    let named =
        view.accounts.len() < 2 || headline.contains(&host(account)) || is(account, CauseKind::Offline);
    (if named { headline } else { format!("{}: {headline}", host(account)) }, then)
}

fn calm(view: &View) -> String {
    let connected = view.accounts.iter().filter(|account| account.status.state == State::Connected).count();
    match view.accounts.as_slice() {
        [] => "Not signed in".to_owned(),
        [only] if connected == 1 => format!("Connected to {}", host(only)),
        [only] => format!("Connecting to {}…", host(only)),
        all if connected == all.len() => format!("{connected} accounts connected"),
        all => format!("{connected} of {} accounts connected", all.len()),
    }
}

fn trouble(account: &AccountView) -> (String, Option<&'static str>) {
    let cut_off = || (format!("Can't reach {}", host(account)), Some("Tidings keeps trying."));
    let Some(cause) = &account.status.cause else {
        return match account.status.state {
            State::Connecting | State::Initial if account.status.attempt <= 1 => {
                (format!("Connecting to {}…", host(account)), None)
            }
            State::Disconnecting => ("Disconnecting".to_owned(), None),
            _ => cut_off(),
        };
    };
    let (headline, then) = match cause.kind {
        CauseKind::Unreachable => return cut_off(),
        CauseKind::Offline => ("You're offline", Some("Tidings reconnects when the network is back.")),
        CauseKind::ServerBusy => ("The server is busy", Some("Tidings keeps trying.")),
        CauseKind::Restarting => ("The server is restarting", Some("Tidings reconnects by itself.")),
        CauseKind::SignInNeeded => ("Your sign-in has ended", Some("Sign in again to keep receiving.")),
        CauseKind::Blocked => ("The server refuses this app", Some("Ask whoever runs it.")),
        CauseKind::NotSuchServer => {
            ("This doesn't look like a Tidings, Gotify or ntfy server", Some("Check the address."))
        }
        CauseKind::Certificate => ("The server's certificate isn't trusted", Some("Nothing was sent.")),
        CauseKind::ClientCertificate => {
            ("The server asks for a valid client certificate", Some("Sign in again with one."))
        }
        CauseKind::CertificateFile => {
            ("A certificate file can't be used", Some("Mend it, or sign in again with another."))
        }
        CauseKind::Proxy => ("The proxy asks for a password", Some("Ask whoever runs your network.")),
        CauseKind::KeychainLocked => ("Your keychain is locked", Some("Unlock it to connect.")),
        CauseKind::GaveUp => {
            return (
                format!("Can't reach {}", host(account)),
                Some("Tidings has stopped trying. Reconnect when you like."),
            );
        }
        CauseKind::Stopped => ("Disconnected", None),
    };
    (headline.to_owned(), then)
}

fn is(account: &AccountView, kind: CauseKind) -> bool {
    account.status.cause.as_ref().is_some_and(|cause| cause.kind == kind)
}

/// The server as a person says it: host, and the port where it is not the usual one.
fn host(account: &AccountView) -> String {
    let Ok(url) = Url::parse(&account.server) else { return account.server.clone() };
    match (url.host_str(), url.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (Some(host), None) => host.to_owned(),
        (None, _) => account.server.clone(),
    }
}
