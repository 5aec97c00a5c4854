use tidings_control::{Cause, Status};
use time::OffsetDateTime;

use super::*;

fn account(server: &str, state: State, cause: Option<CauseKind>, attempt: u32, settled: bool) -> AccountView {
    AccountView {
        id: server.to_owned(),
        username: "alice".to_owned(),
        server: format!("https://{server}"),
        status: Status {
            state,
            attempt,
            cause: cause.map(|kind| Cause { kind, detail: "detail".to_owned() }),
            retry_at: None,
            since: OffsetDateTime::UNIX_EPOCH,
        },
        settled,
    }
}

fn connected(server: &str) -> AccountView {
    account(server, State::Connected, None, 0, true)
}

fn down(server: &str, kind: CauseKind, settled: bool) -> AccountView {
    account(server, State::Disconnected, Some(kind), 3, settled)
}

fn view(accounts: Vec<AccountView>) -> View {
    View { accounts, ..View::default() }
}

fn labels(entries: &[Entry]) -> Vec<&str> {
    entries
        .iter()
        .map(|entry| match entry {
            Entry::Text(label)
            | Entry::Action { label, .. }
            | Entry::Check { label, .. }
            | Entry::Submenu { label, .. } => label.as_str(),
            Entry::Separator => "-",
        })
        .collect()
}

#[test]
fn one_account_is_drawn_by_its_state_and_by_whether_trouble_has_settled() {
    use Badge::None as Bare;
    use Bell::{Hollow, Slashed, Solid};
    use CauseKind::*;
    let attention = Icon::Attention;
    let bell = |bell| Icon::Bell(bell, Bare);
    #[rustfmt::skip]
    let table = [
        (connected("a.example"), bell(Solid), "Connected to a.example"),
        // not yet settled: calm shapes and calm words, whatever the cause
        (account("a.example", State::Initial, None, 0, false), bell(Solid), "Connecting to a.example…"),
        (account("a.example", State::Connecting, None, 1, false), bell(Solid), "Connecting to a.example…"),
        (down("a.example", Offline, false), bell(Solid), "Connecting to a.example…"),
        (down("a.example", Unreachable, false), bell(Solid), "Connecting to a.example…"),
        (down("a.example", Blocked, false), bell(Solid), "Connecting to a.example…"),
        // but an ended sign-in does not pass by itself
        (down("a.example", SignInNeeded, false), attention, "Your sign-in has ended. Sign in again to keep receiving."),
        // settled
        (account("a.example", State::Connecting, None, 1, true), bell(Hollow), "Connecting to a.example…"),
        (account("a.example", State::Connecting, None, 2, true), bell(Slashed), "Can't reach a.example. Tidings keeps trying."),
        (account("a.example", State::Connecting, Some(ServerBusy), 2, true), bell(Slashed), "The server is busy. Tidings keeps trying."),
        (account("a.example", State::Disconnecting, None, 0, true), bell(Hollow), "Disconnecting"),
        (account("a.example", State::Disconnected, None, 0, true), bell(Slashed), "Can't reach a.example. Tidings keeps trying."),
        (down("a.example", Offline, true), bell(Slashed), "You're offline. Tidings reconnects when the network is back."),
        (down("a.example", Unreachable, true), bell(Slashed), "Can't reach a.example. Tidings keeps trying."),
        (down("a.example", ServerBusy, true), bell(Slashed), "The server is busy. Tidings keeps trying."),
        (down("a.example", Restarting, true), bell(Slashed), "The server is restarting. Tidings reconnects by itself."),
        (down("a.example", SignInNeeded, true), attention, "Your sign-in has ended. Sign in again to keep receiving."),
        (down("a.example", Blocked, true), attention, "The server refuses this app. Ask whoever runs it."),
        (down("a.example", NotSuchServer, true), bell(Slashed), "This doesn't look like a Tidings, Gotify or ntfy server. Check the address."),
        (down("a.example", Certificate, true), attention, "The server's certificate isn't trusted. Nothing was sent."),
        (down("a.example", ClientCertificate, true), attention, "The server asks for a valid client certificate. Sign in again with one."),
        (down("a.example", CertificateFile, true), attention, "A certificate file can't be used. Mend it, or sign in again with another."),
        (down("a.example", Proxy, true), attention, "The proxy asks for a password. Ask whoever runs your network."),
        (down("a.example", KeychainLocked, true), attention, "Your keychain is locked. Unlock it to connect."),
        (down("a.example", GaveUp, true), bell(Slashed), "Can't reach a.example. Tidings has stopped trying. Reconnect when you like."),
        (down("a.example", Stopped, true), bell(Slashed), "Disconnected"),
    ];
    for (account, icon, sentence) in table {
        let told = format!("{account:?}");
        let model = draw(&view(vec![account]));
        assert_eq!((model.icon, model.tooltip[0].as_str()), (icon, sentence), "{told}");
        let Entry::Text(status) = &model.menu[0] else { panic!("no status line: {told}") };
        assert!(
            sentence.starts_with(status.as_str()),
            "the menu says \"{status}\", the tooltip \"{sentence}\""
        );
    }
}

#[test]
fn among_several_accounts_the_worst_speaks_and_is_named() {
    let good = || connected("a.example");
    #[rustfmt::skip]
    let table = [
        (vec![good(), connected("b.example:8443")], "2 accounts connected"),
        (vec![good(), down("b.example", CauseKind::Unreachable, false)], "1 of 2 accounts connected"),
        (vec![good(), down("b.example", CauseKind::Unreachable, true)], "Can't reach b.example. Tidings keeps trying."),
        (vec![good(), down("b.example:8443", CauseKind::ServerBusy, true)], "b.example:8443: The server is busy. Tidings keeps trying."),
        (vec![down("a.example", CauseKind::Offline, true), down("b.example", CauseKind::Offline, true)], "You're offline. Tidings reconnects when the network is back."),
        (vec![down("a.example", CauseKind::Unreachable, true), down("b.example", CauseKind::SignInNeeded, false)], "b.example: Your sign-in has ended. Sign in again to keep receiving."),
    ];
    for (accounts, sentence) in table {
        assert_eq!(draw(&view(accounts)).tooltip[0], sentence);
    }
}

#[test]
fn unread_and_do_not_disturb_are_badges_and_words_on_any_bell() {
    let table = [
        (0, false, Badge::None, "Tidings", vec![]),
        (1, false, Badge::Dot, "Tidings: 1 unread", vec!["1 unread"]),
        (99, false, Badge::Dot, "Tidings: 99 unread", vec!["99 unread"]),
        (100, false, Badge::Dot, "Tidings: 99+ unread", vec!["99+ unread"]),
        (0, true, Badge::Moon, "Tidings", vec!["Do not disturb is on"]),
        (7, true, Badge::Moon, "Tidings: 7 unread", vec!["7 unread", "Do not disturb is on"]),
    ];
    let bells = [
        (connected("a.example"), Bell::Solid),
        (down("a.example", CauseKind::Offline, true), Bell::Slashed),
        (account("a.example", State::Connecting, None, 1, true), Bell::Hollow),
    ];
    for (unread, do_not_disturb, badge, title, lines) in table {
        for (account, bell) in &bells {
            let model =
                draw(&View { accounts: vec![account.clone()], unread, do_not_disturb, ..View::default() });
            assert_eq!(model.icon, Icon::Bell(*bell, badge));
            assert_eq!(model.title, title);
            assert_eq!(model.tooltip[1..], lines);
        }
    }
    let ended = down("a.example", CauseKind::SignInNeeded, true);
    assert_eq!(
        draw(&View { accounts: vec![ended], unread: 7, do_not_disturb: true, ..View::default() }).icon,
        Icon::Attention,
        "what the person must do goes before all else"
    );
}

#[test]
fn signed_out_the_menu_offers_to_open_and_to_quit() {
    let model = draw(&View::default());
    assert_eq!(model.icon, Icon::Bell(Bell::Hollow, Badge::None));
    assert_eq!(
        labels(&model.menu),
        ["Not signed in", "-", "Open Tidings", "Reconnect now", "Do not disturb", "-", "Quit"]
    );
    assert_eq!(model.menu[3], Entry::Action { label: "Reconnect now".to_owned(), command: None });
}

#[test]
fn every_entry_does_what_it_says() {
    let model = draw(&View {
        accounts: vec![connected("a.example")],
        unread: 0,
        do_not_disturb: true,
        ..View::default()
    });
    assert_eq!(
        model.menu[2..],
        [
            Entry::Action {
                label: "Open Tidings".to_owned(),
                command: Some(Command::Open { activation: None })
            },
            Entry::Action { label: "Reconnect now".to_owned(), command: Some(Command::Reconnect) },
            Entry::Check {
                label: "Do not disturb".to_owned(),
                checked: true,
                command: Command::SetDoNotDisturb(false),
            },
            Entry::Separator,
            Entry::Action {
                label: "Sign out".to_owned(),
                command: Some(Command::SignOut { account: "a.example".to_owned() }),
            },
            Entry::Action { label: "Quit".to_owned(), command: Some(Command::Quit) },
        ]
    );
}

#[test]
fn several_accounts_sign_out_by_name() {
    let model = draw(&view(vec![connected("a.example"), connected("b.example:8443")]));
    let Some(Entry::Submenu { label, entries }) = model.menu.get(6) else {
        panic!("no submenu: {:?}", model.menu)
    };
    assert_eq!(label, "Sign out");
    assert_eq!(labels(entries), ["alice at a.example", "alice at b.example:8443"]);
}
