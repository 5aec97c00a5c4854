//! English.

use tidings_control::CauseKind;
use time::Weekday;

use super::{Said, Standing, Words};

pub(super) static WORDS: Words = Words {
    guest: "guest",
    user_at: |user, host| format!("{user} at {host}"),
    weekday: |day| match day {
        Weekday::Monday => "Mon",
        Weekday::Tuesday => "Tue",
        Weekday::Wednesday => "Wed",
        Weekday::Thursday => "Thu",
        Weekday::Friday => "Fri",
        Weekday::Saturday => "Sat",
        Weekday::Sunday => "Sun",
    },

    not_signed_in: "Not signed in",
    connected_to: |host| format!("Connected to {host}"),
    connecting_to: |host| format!("Connecting to {host}…"),
    all_connected: |accounts| format!("{accounts} accounts connected"),
    some_connected: |connected, accounts| format!("{connected} of {accounts} accounts connected"),
    paused: "Paused",
    disconnecting: "Disconnecting",
    cut_off: |host| said(format!("Can't reach {host}"), "Tidings keeps trying."),
    trouble: |kind, host| match kind {
        CauseKind::Unreachable => (WORDS.cut_off)(host),
        CauseKind::Offline => said("You're offline", "Tidings reconnects when the network is back."),
        CauseKind::ServerBusy => said("The server is busy", "Tidings keeps trying."),
        CauseKind::Restarting => said("The server is restarting", "Tidings reconnects by itself."),
        CauseKind::SignInNeeded => said("Your sign-in has ended", "Sign in again to keep receiving."),
        CauseKind::Blocked => said("The server refuses this app", "Ask whoever runs it."),
        CauseKind::NotSuchServer => {
            said("This doesn't look like a Tidings, Gotify or ntfy server", "Check the address.")
        }
        CauseKind::Certificate => said("The server's certificate isn't trusted", "Nothing was sent."),
        CauseKind::ClientCertificate => {
            said("The server asks for a valid client certificate", "Sign in again with one.")
        }
        CauseKind::CertificateFile => {
            said("A certificate file can't be used", "Mend it, or sign in again with another.")
        }
        CauseKind::Proxy => said("The proxy asks for a password", "Ask whoever runs your network."),
        CauseKind::KeychainLocked => said("Your keychain is locked", "Unlock it to connect."),
        CauseKind::GaveUp => {
            said(format!("Can't reach {host}"), "Tidings has stopped trying. Reconnect when you like.")
        }
        CauseKind::Stopped => Said { headline: "Disconnected".to_owned(), then: None },
    },
    standing: |standing| match standing {
        Standing::Connected => "connected",
        Standing::Connecting => "connecting",
        Standing::CutOff => "can't be reached",
        Standing::Offline => "offline",
        Standing::SignedOut => "signed out",
        Standing::NeedsYou => "needs you",
        Standing::Disconnected => "disconnected",
        Standing::Paused => "paused",
    },

    unread: |count| match count {
        0..=99 => format!("{count} unread"),
        100.. => "99+ unread".to_owned(),
    },
    untitled: "(no title)",
    open: "Open Tidings",
    mark_all_read: "Mark all as read",
    reconnect: "Reconnect now",
    accounts: "Accounts",
    sign_out: "Sign out",
    quit: "Quit",

    do_not_disturb: "Do not disturb",
    do_not_disturb_on: |until| match until {
        Some(until) => format!("Do not disturb until {until}"),
        None => "Do not disturb is on".to_owned(),
    },
    turn_off: "Turn off",
    half_hour: "For 30 minutes",
    one_hour: "For 1 hour",
    until_tomorrow: "Until tomorrow",
    until_turned_off: "Until turned off",
    quiet_hours: |until| match until {
        Some(until) => format!("Quiet hours until {until}"),
        None => "Quiet hours".to_owned(),
    },
    desktop_quiet: "The desktop's do not disturb is on",

    show: "Open",
    mark_read: "Mark read",
    summary: |count| match count {
        1 => "1 more notification".to_owned(),
        _ => format!("{count} notifications"),
    },
    summary_of: |count, topic| format!("{}: {topic}", (WORDS.summary)(count)),
    missed: |count| match count {
        1 => "1 notification while you were away".to_owned(),
        _ => format!("{count} notifications while you were away"),
    },
    and_more: |count| format!("and {count} more"),
    sign_in_ended: "Your sign-in has ended",
    sign_in_again: |user| format!("Sign in again as {user} to keep receiving."),
    not_done: |label| format!("“{label}” didn't work"),
    preview_title: "This is how it looks",
    preview_body: "A notification with your settings of now.",
};

fn said(headline: impl Into<String>, then: &'static str) -> Said {
    Said { headline: headline.into(), then: Some(then) }
}
