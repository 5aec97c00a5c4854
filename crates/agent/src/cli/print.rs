//! What commands print: JSON for programs, a few plain lines for people.

use std::io::{self, Write};

use serde::Serialize;
use tidings_control::{
    Account, Cause, CauseKind, Diagnosis, Diagnostics, Dialect, Failure, FailureCode, Item, NoticeCode, Page,
    Persistence, RoundTrip, Snapshot, State, Status,
};
use tidings_protocol::is_legible;
use time::{OffsetDateTime, macros::format_description};
use url::Url;

use super::exit::Exit;
use crate::{session::called, words};

/// Where answers go.
#[derive(Clone, Copy, Debug)]
pub(super) struct Printer {
    pub(super) json: bool,
}

/// The snapshot, and what the connections know of themselves.
#[derive(Serialize)]
struct StatusLine<'a> {
    #[serde(flatten)]
    snapshot: &'a Snapshot,
    connections: &'a [Diagnosis],
}

#[derive(Serialize)]
struct ErrorLine<'a> {
    error: &'a Failure,
}

impl Printer {
    /// Prints a failure and names the exit code.
    pub(super) fn failure(self, failure: &Failure) -> Exit {
        // nothing is left to tell when the terminal has gone, too
        let _ = if self.json {
            self.line(&ErrorLine { error: failure })
        } else {
            let words = one_line(&failure.to_string());
            writeln!(io::stderr(), "tidings-agent: {words}").map_err(|error| gone(&error))
        };
        Exit::of(failure.code)
    }

    pub(super) fn done(self, words: &str) -> Result<(), Failure> {
        if self.json { self.line(&serde_json::json!({ "done": true })) } else { self.text(words) }
    }

    pub(super) fn signed_in(self, account: &Account) -> Result<(), Failure> {
        if self.json {
            return self.line(account);
        }
        self.text(&format!("signed in {}", name(account)))?;
        match account.persistence {
            Persistence::Keychain => Ok(()),
            Persistence::ThisRun => {
                self.text("until the agent ends, because the keychain could not keep the sign-in")
            }
        }
    }

    pub(super) fn accounts(self, accounts: &[Account]) -> Result<(), Failure> {
        if self.json {
            return self.line(accounts);
        }
        accounts.iter().try_for_each(|account| self.text(&account_line(account)))
    }

    pub(super) fn status(self, snapshot: &Snapshot, diagnostics: &Diagnostics) -> Result<(), Failure> {
        if self.json {
            return self.line(&StatusLine { snapshot, connections: &diagnostics.connections });
        }
        if snapshot.accounts.iter().all(is_signed_out) {
            self.text("nobody is signed in")?;
        }
        for account in &snapshot.accounts {
            let known = diagnostics.connections.iter().find(|known| known.account == account.id);
            let trip = known.and_then(|known| known.round_trip).map(|trip| trip_words(&trip));
            let trip = trip.filter(|_| account.status.state == State::Connected);
            let trip = trip.map(|words| format!(", round trip {words}")).unwrap_or_default();
            self.text(&format!("{}{trip}", account_line(account)))?;
        }
        self.text(&format!("{} unread", snapshot.unread))?;
        if snapshot.do_not_disturb.on {
            self.text("do not disturb is on")?;
        }
        snapshot.notices.iter().try_for_each(|notice| {
            self.text(&format!("note: {} ({})", notice_words(notice.code), notice.detail))
        })
    }

    pub(super) fn inbox(self, page: &Page) -> Result<(), Failure> {
        if self.json {
            return self.line(page);
        }
        page.items.iter().try_for_each(|item| self.text(&item_line(item)))
    }

    /// A line for people. Whoever may publish chooses words in it, and a terminal obeys some characters.
    pub(super) fn text(self, text: &str) -> Result<(), Failure> {
        write_line(&one_line(text))
    }

    pub(super) fn line<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Failure> {
        let fault = |error: serde_json::Error| Failure::new(FailureCode::Internal, error.to_string());
        let line = serde_json::to_string(value).map_err(fault)?;
        write_line(&line)
    }
}

fn write_line(line: &str) -> Result<(), Failure> {
    writeln!(io::stdout(), "{line}").map_err(|error| gone(&error))
}

fn one_line(text: &str) -> String {
    let spaced = text.chars().map(|c| if matches!(c, '\n' | '\t') { ' ' } else { c });
    spaced.filter(|c| is_legible(*c)).collect()
}

pub(super) fn gone(error: &io::Error) -> Failure {
    Failure::new(FailureCode::Internal, format!("nothing can be printed: {error}"))
}

/// `user@host`, with the port where it is not the usual one; the host alone where nobody is named.
pub(super) fn name(account: &Account) -> String {
    let guests = matches!(account.dialect, Dialect::Ticket | Dialect::Token);
    if account.username.is_empty() && !guests {
        return words::host(&account.server);
    }
    user_at(&account.username, &account.server)
}

pub(super) fn user_at(username: &str, server: &str) -> String {
    let url = Url::parse(server).ok();
    let place = url.as_ref().and_then(|url| {
        let host = url.host_str()?;
        Some(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
    });
    format!("{}@{}", called(username), place.as_deref().unwrap_or(server))
}

/// Whether its person has signed out, unlike one whose sign-in has ended by itself.
fn is_signed_out(account: &Account) -> bool {
    let stopped = |cause: &Cause| cause.kind == CauseKind::Stopped;
    !account.signed_in && account.status.cause.as_ref().is_some_and(stopped)
}

fn account_line(account: &Account) -> String {
    let kept = match account.persistence {
        Persistence::ThisRun if account.signed_in => ", signed in until the agent ends",
        Persistence::Keychain | Persistence::ThisRun => "",
    };
    let own = account.name.as_ref().map(|name| format!("{name}  ")).unwrap_or_default();
    let status = match account {
        account if is_signed_out(account) => "signed out".to_owned(),
        Account { paused: true, .. } => "paused".to_owned(),
        account => status_words(&account.status),
    };
    let topics = match account.topics.as_slice() {
        [] => String::new(),
        topics => format!(", topics {}", topics.join(" ")),
    };
    format!("{own}{}  {status}{kept}{topics}", name(account))
}

pub(super) fn status_words(status: &Status) -> String {
    let state = state_words(status.state);
    let cause = status.cause.as_ref().map(cause_words);
    let retry = status.retry_at.map(|at| format!(", next attempt at {}", clock(at)));
    format!(
        "{state}{}{}",
        cause.map(|words| format!(": {words}")).unwrap_or_default(),
        retry.unwrap_or_default()
    )
}

pub(super) fn state_words(state: State) -> &'static str {
    match state {
        State::Initial => "not started",
        State::Connecting => "connecting",
        State::Connected => "connected",
        State::Disconnecting => "disconnecting",
        State::Disconnected => "disconnected",
    }
}

fn cause_words(cause: &Cause) -> String {
    let words = cause_kind_words(cause.kind);
    if cause.detail.is_empty() { words.to_owned() } else { format!("{words} ({})", cause.detail) }
}

pub(super) fn cause_kind_words(kind: CauseKind) -> &'static str {
    match kind {
        CauseKind::Offline => "offline",
        CauseKind::Unreachable => "the server cannot be reached",
        CauseKind::ServerBusy => "the server is busy",
        CauseKind::Restarting => "the server restarts",
        CauseKind::SignInNeeded => "the sign-in has ended; sign in again",
        CauseKind::Blocked => "the server refuses this app",
        CauseKind::NotSuchServer => "this does not look like a Tidings server",
        CauseKind::Certificate => "the server's certificate is not trusted",
        CauseKind::ClientCertificate => "the server asks for a valid client certificate",
        CauseKind::CertificateFile => "a certificate file cannot be used",
        CauseKind::Proxy => "the proxy asks for a password",
        CauseKind::KeychainLocked => "the keychain is locked",
        CauseKind::GaveUp => "given up",
        CauseKind::Stopped => "stopped",
    }
}

fn notice_words(code: NoticeCode) -> &'static str {
    match code {
        NoticeCode::NoDesktop => "no desktop session, so neither tray nor toasts",
        NoticeCode::NoTray => "no tray to show the icon in; it appears when there is one",
        NoticeCode::NoNotifications => "nothing here shows toasts",
        NoticeCode::NoKeychain => "no keychain, so sign-ins last until the agent ends",
        NoticeCode::KeychainLocked => "the keychain is locked",
        NoticeCode::StorageFull => "the disk is full; notifications wait on the server",
        NoticeCode::StorageReadOnly => "the data folder cannot be written",
        NoticeCode::InboxReplaced => "the inbox could not be read, and a new one was started",
        NoticeCode::InboxTooNew => "a newer version of Tidings has written the inbox, and it was left alone",
        NoticeCode::Gap => "some notifications are no longer on the server",
        NoticeCode::PolicyUnreadable => {
            "the administrator's file cannot be read, and nothing of it is followed"
        }
    }
}

pub(super) fn item_line(item: &Item) -> String {
    let mark = if item.read { ' ' } else { '*' };
    let body = if item.body.is_empty() { String::new() } else { format!(": {}", item.body) };
    format!("{mark} {:>5}  {}  {}{body}", item.id, clock(item.created_at), item.title)
}

pub(super) fn clock(time: OffsetDateTime) -> String {
    time.format(format_description!("[year]-[month]-[day] [hour]:[minute]:[second]Z"))
        .unwrap_or_else(|_| time.to_string())
}

/// Whole milliseconds, but for the short ones.
pub(super) fn trip_words(trip: &RoundTrip) -> String {
    if trip.ms < 10.0 { format!("{:.1} ms", trip.ms) } else { format!("{:.0} ms", trip.ms) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_stranger_writes_is_one_line_that_a_terminal_does_not_obey() {
        for (written, printed) in [
            ("Build failed: main\n\tstep 3", "Build failed: main  step 3"),
            ("\u{1b}[2Jgone \u{9b}31mred\u{7}", "[2Jgone 31mred"),
            ("first\r\nalice@example.com  connected", "first alice@example.com  connected"),
            ("invoice\u{202e}fdp.exe", "invoicefdp.exe"),
        ] {
            assert_eq!(one_line(written), printed, "{written:?}");
        }
    }
}
