use tidings_control::{Cause, CauseKind, Disposition, Quiet, Silence, State, Status};
use time::OffsetDateTime;

use super::{
    super::{Command, Latest},
    *,
};
use crate::words::{Locale, Tongue, Wall};

fn account(server: &str, state: State, cause: Option<CauseKind>, attempt: u32, settled: bool) -> AccountView {
    AccountView {
        id: server.to_owned(),
        username: "alice".to_owned(),
        name: None,
        paused: false,
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
            Entry::Text(label) | Entry::Action { label, .. } | Entry::Submenu { label, .. } => label.as_str(),
            Entry::Separator => "-",
        })
        .collect()
}

#[test]
fn one_account_is_drawn_by_its_state_and_by_whether_trouble_has_settled() {
    use Badge::None as Bare;
    use Bell::{Half, Slashed, Solid};
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
        (account("a.example", State::Connecting, None, 1, true), bell(Half), "Connecting to a.example…"),
        (account("a.example", State::Connecting, None, 2, true), bell(Slashed), "Can't reach a.example. Tidings keeps trying."),
        (account("a.example", State::Connecting, Some(ServerBusy), 2, true), bell(Slashed), "The server is busy. Tidings keeps trying."),
        (account("a.example", State::Disconnecting, None, 0, true), bell(Half), "Disconnecting"),
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
        (account("a.example", State::Connecting, None, 1, true), Bell::Half),
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
fn every_silence_is_a_moon_and_has_its_words() {
    use Disposition::{DesktopQuiet, DoNotDisturb, QuietHours};
    let until = Some(Wall { hour: 7, minute: 0, day: None });
    #[rustfmt::skip]
    let table = [
        (QuietHours, false, until, "Quiet hours until 07:00", "Do not disturb", true),
        (QuietHours, false, None, "Quiet hours", "Do not disturb", true),
        (QuietHours, true, until, "Quiet hours until 07:00", "Do not disturb is on", true),
        (DesktopQuiet, false, None, "The desktop's do not disturb is on", "Do not disturb", true),
        (DoNotDisturb, true, until, "Do not disturb until 07:00", "Do not disturb until 07:00", false),
        (DoNotDisturb, true, None, "Do not disturb is on", "Do not disturb is on", false),
    ];
    for (reason, do_not_disturb, until, line, switch, has_line_of_its_own) in table {
        let silence = Some(Silence { reason, until: None });
        let accounts = vec![connected("a.example")];
        let model = draw(&View { accounts, do_not_disturb, silence, until, ..View::default() });
        assert_eq!(model.icon, Icon::Bell(Bell::Solid, Badge::Moon));
        assert_eq!(model.tooltip[1], line);
        let own_line = labels(&model.menu)[1] == line;
        assert_eq!(own_line, has_line_of_its_own, "{reason:?}");
        assert!(labels(&model.menu).contains(&switch), "{:?}", model.menu);
    }
}

#[test]
fn signed_out_the_menu_offers_to_open_and_to_quit() {
    let model = draw(&View::default());
    assert_eq!(model.icon, Icon::Bell(Bell::Hollow, Badge::None));
    assert_eq!(
        labels(&model.menu),
        [
            "Not signed in",
            "-",
            "Open Tidings",
            "Mark all as read",
            "Do not disturb",
            "Reconnect now",
            "-",
            "Quit"
        ]
    );
    assert_eq!(model.menu[3], Entry::Action { label: "Mark all as read".to_owned(), command: None });
    assert_eq!(model.menu[5], Entry::Action { label: "Reconnect now".to_owned(), command: None });
}

fn action(label: &str, command: Command) -> Entry {
    Entry::Action { label: label.to_owned(), command: Some(command) }
}

#[test]
fn every_entry_does_what_it_says() {
    let model = draw(&View { accounts: vec![connected("a.example")], unread: 2, ..View::default() });
    let quiet = |label, quiet| action(label, Command::SetDoNotDisturb(quiet));
    let mut choices = vec![
        quiet("For 30 minutes", Quiet::HalfHour),
        quiet("For 1 hour", Quiet::Hour),
        quiet("Until tomorrow", Quiet::Tomorrow),
        quiet("Until turned off", Quiet::UntilTurnedOff),
    ];
    assert_eq!(
        model.menu,
        [
            Entry::Text("Connected to a.example".to_owned()),
            Entry::Text("2 unread".to_owned()),
            Entry::Separator,
            action("Open Tidings", Command::Open { item: None, activation: None }),
            action("Mark all as read", Command::MarkAllRead),
            Entry::Submenu { label: "Do not disturb".to_owned(), entries: choices.clone() },
            action("Reconnect now", Command::Reconnect { account: None }),
            Entry::Separator,
            action("Sign out", Command::SignOut { account: "a.example".to_owned() }),
            Entry::Separator,
            action("Quit", Command::Quit),
        ]
    );
    let on = draw(&View { do_not_disturb: true, ..View::default() });
    choices.splice(0..0, [quiet("Turn off", Quiet::Off), Entry::Separator]);
    assert_eq!(on.menu[4], Entry::Submenu { label: "Do not disturb is on".to_owned(), entries: choices });
}

#[test]
fn the_newest_are_listed_and_lead_to_themselves() {
    let latest = |item, title: &str, unread| Latest { item, title: title.to_owned(), unread };
    let long = "x".repeat(100);
    let view = View {
        latest: vec![latest(9, "Disk & <full>", true), latest(8, "  ", false), latest(7, &long, false)],
        ..View::default()
    };
    let lead = |label: &str, item| action(label, Command::Open { item: Some(item), activation: None });
    let menu = draw(&view).menu;
    assert_eq!(menu[2], lead("● Disk & <full>", 9));
    assert_eq!(menu[3], lead("(no title)", 8));
    assert_eq!(menu[4], lead(&("x".repeat(48) + "…"), 7));
    assert_eq!(menu[5], Entry::Separator);
}

#[test]
fn several_accounts_are_listed_with_where_they_stand() {
    use CauseKind::*;
    let mut named = connected("a.example");
    named.name = Some("Work".to_owned());
    #[rustfmt::skip]
    let table = [
        (named, "Work: connected"),
        (account("b.example:8443", State::Connecting, None, 1, false), "alice at b.example:8443: connecting"),
        (down("c.example", Unreachable, false), "alice at c.example: connecting"),
        (down("c.example", Unreachable, true), "alice at c.example: can't be reached"),
        (account("c.example", State::Connecting, None, 2, true), "alice at c.example: can't be reached"),
        (down("d.example", Offline, true), "alice at d.example: offline"),
        (down("e.example", SignInNeeded, false), "alice at e.example: signed out"),
        (down("f.example", Blocked, true), "alice at f.example: needs you"),
        (down("g.example", Stopped, true), "alice at g.example: disconnected"),
    ];
    let accounts: Vec<_> = table.iter().map(|(account, _)| account.clone()).collect();
    let model = draw(&view(accounts));
    let Some(Entry::Submenu { label, entries }) = model.menu.get(6) else {
        panic!("no submenu: {:?}", model.menu)
    };
    assert_eq!(label, "Accounts");
    assert_eq!(labels(entries), table.map(|(_, label)| label));
    let Entry::Submenu { entries, .. } = &entries[1] else { panic!("{entries:?}") };
    let id = || "b.example:8443".to_owned();
    assert_eq!(
        *entries,
        [
            action("Reconnect now", Command::Reconnect { account: Some(id()) }),
            action("Sign out", Command::SignOut { account: id() }),
        ]
    );
}

#[test]
fn another_language_says_all_of_it_in_other_words() {
    let portuguese = Locale { tongue: Tongue::BrazilianPortuguese, ..Locale::default() };
    let silence = Some(Silence { reason: Disposition::DoNotDisturb, until: None });
    let view = |locale| View {
        accounts: vec![connected("a.example"), down("b.example", CauseKind::Unreachable, true)],
        unread: 3,
        do_not_disturb: true,
        silence,
        until: Some(Wall { hour: 14, minute: 30, day: None }),
        locale,
        ..View::default()
    };
    let (english, other) = (draw(&view(Locale::default())), draw(&view(portuguese)));
    assert_eq!(
        other.tooltip,
        [
            "Não foi possível acessar b.example. O Tidings continua tentando.",
            "3 não lidas",
            "Não perturbe até 14:30"
        ]
    );
    assert_eq!(other.menu.len(), english.menu.len());
    for (one, another) in labels(&english.menu).into_iter().zip(labels(&other.menu)) {
        assert!(one == "-" || one != another, "{one:?} is said in English");
    }
}

#[test]
fn a_paused_account_is_no_trouble_and_says_that_it_is_paused() {
    let paused = |server: &str| AccountView { paused: true, ..down(server, CauseKind::Stopped, true) };
    let alone = draw(&view(vec![paused("a.example")]));
    assert_eq!((alone.icon, alone.tooltip[0].as_str()), (Icon::Bell(Bell::Hollow, Badge::None), "Paused"));
    let beside = draw(&view(vec![paused("a.example"), connected("b.example")]));
    assert_eq!(
        (beside.icon, beside.tooltip[0].as_str()),
        (Icon::Bell(Bell::Solid, Badge::None), "Connected to b.example")
    );
    let entries = beside.menu.iter().find_map(|entry| match entry {
        Entry::Submenu { label, entries } if label == "Accounts" => Some(labels(entries)),
        _ => None,
    });
    assert_eq!(entries.unwrap(), ["alice at a.example: paused", "alice at b.example: connected"]);
    // and hides nobody else's
    let trouble = draw(&view(vec![paused("a.example"), down("b.example", CauseKind::Unreachable, true)]));
    assert_eq!(trouble.icon, Icon::Bell(Bell::Slashed, Badge::None));
}
