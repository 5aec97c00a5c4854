//! What a person can rely on, with a real server, a real control socket and a real inbox.

#![allow(clippy::unwrap_used)]

mod stage;

use stage::{Computer, Mood, PASSWORD, World, inbox_file};
use tidings_agent::{arrival::Order, desktop::Availability, toast, tray};
use tidings_control::{
    CauseKind, Disposition, Event, Events, FailureCode, Flow, NoticeCode, Persistence, Request, Role, SignIn,
    State,
};
use tidings_protocol::Priority;

/// The row at which the window is asked to show itself next, whatever else it hears before.
async fn asked_to_show(events: &mut Events) -> Option<i64> {
    stage::soon("the window is asked to show itself", async {
        loop {
            if let Event::Show { item } = events.recv().await.unwrap() {
                return item;
            }
        }
    })
    .await
}

#[tokio::test]
async fn signed_in_once_a_notification_is_one_toast_and_one_row_in_both_flows() {
    for flow in [Flow::Ticket, Flow::Token] {
        let (world, computer) = (World::start().await, Computer::new());
        let mut agent = computer.start().await;
        let account = agent.sign_in_by(&world, Some(flow)).await;
        assert_eq!((account.flow, account.persistence), (flow, Persistence::Keychain));
        let entries = computer.vault.entries();
        assert_eq!(entries.len(), 1);
        assert_eq!(entries[0].0, account.id);
        assert_eq!(entries[0].1, "Tidings: alice at 127.0.0.1");

        world.publish("Hello").await;
        let toast = agent.toast().await;
        let item = agent.notification().await;
        assert_eq!(
            (toast.item, toast.title.as_str(), item.disposition),
            (item.id, "Hello", Disposition::Shown)
        );
        assert_eq!(agent.inbox().await, [item]);
        assert_eq!(agent.snapshot().await.unread, 1);
        stage::soon("the tray's count", agent.views.wait_for(|view| view.unread == 1)).await.unwrap();
        assert_eq!(agent.orders_so_far(), []);
    }
}

#[tokio::test]
async fn no_secret_is_in_any_file_or_answer() {
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    agent.sign_in(&world).await;
    world.publish("Hello").await;
    agent.notification().await;
    let session: serde_json::Value = serde_json::from_str(&computer.vault.entries()[0].2).unwrap();
    let told = serde_json::to_string(&agent.snapshot().await).unwrap();
    let files = computer.files();
    for secret in [&session["access_token"], &session["refresh_token"]]
        .map(|s| s.as_str().unwrap())
        .into_iter()
        .chain([PASSWORD])
    {
        assert!(!files.windows(secret.len()).any(|window| window == secret.as_bytes()));
        assert!(!told.contains(secret));
    }
}

#[tokio::test]
async fn what_was_missed_while_the_agent_was_dead_arrives_once() {
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    agent.sign_in(&world).await;
    agent.kill();
    world.publish("missed").await;
    let mut agent = computer.start().await;
    assert_eq!(agent.toast().await.title, "missed");
    agent.connected().await;
    world.publish("after").await;
    assert_eq!(agent.toast().await.title, "after");
    let titles: Vec<String> = agent.inbox().await.into_iter().map(|item| item.title).collect();
    assert_eq!(titles, ["after", "missed"]);
}

#[tokio::test]
async fn a_night_of_forty_is_one_toast() {
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    agent.sign_in(&world).await;
    agent.kill();
    for number in 0..40 {
        world.publish(&format!("number {number}")).await;
    }
    let mut agent = computer.start().await;
    for number in 0..40 {
        let item = agent.notification().await;
        assert_eq!((item.title, item.disposition), (format!("number {number}"), Disposition::Summarized));
    }
    let toast = agent.toast().await;
    assert_eq!(toast.title, "40 notifications");
    assert_eq!(toast.body, "number 39\nnumber 38\nnumber 37\nand 37 more");
    assert_eq!(agent.orders_so_far(), []);
    // a click on it opens the window as it is
    agent.clicks.send(toast::Event::Activated { item: toast.item, activation: None }).await.unwrap();
    let (window, mut events) = computer.call(Role::Window).await;
    window.call(Request::Subscribe).await.unwrap();
    assert_eq!(asked_to_show(&mut events).await, None);
}

#[tokio::test]
async fn what_was_recorded_and_not_decided_is_decided_at_the_next_start_and_then_never_again() {
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    // the agent does not know yet whether anything shows toasts, so it decides nothing
    agent.toasts.send(Availability::Starting).unwrap();
    agent.sign_in(&world).await;
    world.publish("undecided").await;
    while agent.inbox().await.is_empty() {
        agent.event("it arrives", |_| Some(())).await;
    }
    agent.kill();
    let mut agent = computer.start().await;
    assert_eq!(agent.toast().await.title, "undecided");
    agent.kill();
    let mut agent = computer.start().await;
    agent.connected().await;
    world.publish("next").await;
    assert_eq!(agent.toast().await.title, "next");
}

#[tokio::test]
async fn reasons_not_to_show_are_kept_with_the_row() {
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    agent.sign_in(&world).await;
    let past = time::OffsetDateTime::now_utc() - time::Duration::MINUTE;
    world.publish_as("old", |request| request.expires_at = Some(past)).await;
    assert_eq!(agent.notification().await.disposition, Disposition::Expired);
    world.publish_as("quiet", |request| request.priority = Priority::Min).await;
    assert_eq!(agent.notification().await.disposition, Disposition::LowPriority);
    agent.done(Request::SetDoNotDisturb { on: true }).await;
    world.publish("disturbing").await;
    assert_eq!(agent.notification().await.disposition, Disposition::DoNotDisturb);
    agent.done(Request::SetDoNotDisturb { on: false }).await;
    agent.toasts.send(Availability::Missing("gone".into())).unwrap();
    agent
        .event("the notice", |event| match event {
            Event::Snapshot(snapshot) => {
                snapshot.notices.iter().find(|n| n.code == NoticeCode::NoNotifications).cloned()
            }
            _ => None,
        })
        .await;
    world.publish("unseen").await;
    assert_eq!(agent.notification().await.disposition, Disposition::NoToasts);
    assert_eq!(agent.orders_so_far(), []);
    assert_eq!(agent.snapshot().await.unread, 4);
}

#[tokio::test]
async fn a_wrong_password_leaves_nothing_behind() {
    let (world, computer) = (World::start().await, Computer::new());
    let agent = computer.start().await;
    let failure = agent.try_sign_in(&world, "wrong", None).await.unwrap_err();
    assert_eq!(failure.code, FailureCode::InvalidCredentials);
    assert!(computer.vault.entries().is_empty());
    assert!(agent.snapshot().await.accounts.is_empty());
}

#[tokio::test]
async fn the_same_user_signs_in_once() {
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    let (first, second) =
        tokio::join!(agent.try_sign_in(&world, PASSWORD, None), agent.try_sign_in(&world, PASSWORD, None));
    let mut codes = [first, second].map(|result| result.err().map(|failure| failure.code));
    codes.sort_by_key(Option::is_some);
    assert_eq!(codes, [None, Some(FailureCode::AlreadySignedIn)]);
    agent.connected().await;
    let again = agent.try_sign_in(&world, PASSWORD, None).await.unwrap_err();
    assert_eq!(again.code, FailureCode::AlreadySignedIn);
}

#[tokio::test]
async fn a_user_is_the_same_however_the_name_is_typed() {
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    let shouting = |username: &str| {
        Request::SignIn(SignIn {
            server: world.url.clone(),
            username: username.into(),
            password: PASSWORD.to_owned().into(),
            flow: None,
            allow_unencrypted: false,
        })
    };
    // both at once, then one after the other
    let answers = tokio::join!(agent.client.call(shouting("ALICE")), agent.client.call(shouting("Alice")));
    assert!(answers.0.is_ok() != answers.1.is_ok(), "{answers:?}");
    agent.connected().await;
    let again = agent.try_sign_in(&world, PASSWORD, None).await.unwrap_err();
    assert_eq!(again.code, FailureCode::AlreadySignedIn);
    let again = agent.client.call(shouting("aLICE")).await.unwrap_err();
    assert_eq!(again.code, FailureCode::AlreadySignedIn);
    let accounts = agent.snapshot().await.accounts;
    assert_eq!(accounts.iter().map(|account| account.username.as_str()).collect::<Vec<_>>(), ["alice"]);
    assert_eq!(computer.vault.entries().len(), 1);
    stage::soon("the other sessions end", async {
        while world.sessions().await != 1 {
            agent.snapshot().await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_long_replay_is_not_counted_anew_with_each_notification() {
    const MISSED: usize = 300;
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    agent.sign_in(&world).await;
    agent.kill();
    for number in 0..MISSED {
        world.publish(&format!("number {number}")).await;
    }
    let mut agent = computer.start().await;
    let (mut notifications, mut snapshots) = (0, 0);
    while notifications < MISSED {
        let (more, pictures) = agent
            .event("a notification", |event| match event {
                Event::Notification(_) => Some((1, 0)),
                Event::Snapshot(_) => Some((0, 1)),
                _ => None,
            })
            .await;
        notifications += more;
        snapshots += pictures;
    }
    assert!(snapshots < MISSED / 4, "{snapshots}");
    let all = agent
        .event("the count of all", |event| match event {
            Event::Snapshot(snapshot) if snapshot.unread as usize == MISSED => Some(snapshot),
            _ => None,
        })
        .await;
    assert_eq!(all.accounts[0].unread as usize, MISSED);
}

#[tokio::test]
async fn signing_out_forgets_everything_here_and_ends_the_session_there() {
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    let account = agent.sign_in(&world).await;
    world.publish("Hello").await;
    agent.notification().await;
    assert_eq!(world.sessions().await, 1);
    agent.done(Request::SignOut { account: account.id.clone() }).await;
    assert_eq!(world.sessions().await, 0);
    assert!(computer.vault.entries().is_empty());
    assert!(agent.inbox().await.is_empty());
    let snapshot = agent.snapshot().await;
    assert_eq!((snapshot.accounts.len(), snapshot.unread), (0, 0));
    let unknown = agent.client.call(Request::SignOut { account: account.id }).await.unwrap_err();
    assert_eq!(unknown.code, FailureCode::UnknownAccount);
}

#[tokio::test]
async fn signing_out_leaves_no_setting_and_says_so_if_the_keychain_keeps_the_entry() {
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    let account = agent.sign_in(&world).await;
    let inbox = rusqlite::Connection::open(inbox_file(&computer.home)).unwrap();
    let settings = || {
        let key = format!("%{}%", account.id);
        inbox.query_row("SELECT count(*) FROM setting WHERE key LIKE ?1", [key], |row| row.get::<_, u32>(0))
    };
    assert_ne!(settings().unwrap(), 0);
    computer.vault.set(Mood::Locked);
    agent.done(Request::SignOut { account: account.id.clone() }).await;
    assert_eq!(settings().unwrap(), 0);
    let notices = agent.snapshot().await.notices;
    assert_eq!(
        notices.iter().map(|n| (n.code, n.account.clone())).collect::<Vec<_>>(),
        [(NoticeCode::KeychainLocked, None)]
    );
    assert!(notices[0].detail.contains("Tidings: alice at 127.0.0.1"), "{}", notices[0].detail);
}

#[tokio::test]
async fn what_was_read_is_told_again_until_a_connection_has_stood_long_enough_to_have_told_it() {
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    agent.sign_in(&world).await;
    world.publish("Hello").await;
    let item = agent.notification().await;
    agent.done(Request::MarkRead { ids: vec![item.id] }).await;
    agent.kill();
    let inbox = tidings_inbox::Inbox::open(computer.home.data()).unwrap().0;
    assert_eq!(inbox.unsent_reads(&item.account).unwrap(), [item.server_id.unwrap()]);
}

#[tokio::test]
async fn without_a_keychain_a_sign_in_lasts_for_this_run_and_says_so() {
    for (mood, code) in [(Mood::Locked, NoticeCode::KeychainLocked), (Mood::Absent, NoticeCode::NoKeychain)] {
        let (world, computer) = (World::start().await, Computer::new());
        computer.vault.set(mood);
        let mut agent = computer.start().await;
        let account = agent.sign_in(&world).await;
        assert_eq!(account.persistence, Persistence::ThisRun);
        let notices = agent.snapshot().await.notices;
        assert_eq!(notices.iter().map(|notice| notice.code).collect::<Vec<_>>(), [code]);
        world.publish("Hello").await;
        assert_eq!(agent.toast().await.title, "Hello");
        // the next run has nothing to wait for
        agent.kill();
        let mut agent = computer.start().await;
        agent.status(|status| status.cause.as_ref().is_some_and(|c| c.kind == CauseKind::SignInNeeded)).await;
    }
}

#[tokio::test]
async fn a_keychain_that_is_locked_at_start_is_waited_for() {
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    agent.sign_in(&world).await;
    agent.kill();
    computer.vault.set(Mood::Locked);
    world.publish("missed").await;
    let mut agent = computer.start().await;
    let locked =
        agent.status(|s| s.cause.as_ref().is_some_and(|c| c.kind == CauseKind::KeychainLocked)).await;
    assert!(locked.retry_at.is_some());
    assert_eq!(agent.snapshot().await.notices[0].code, NoticeCode::KeychainLocked);
    computer.vault.set(Mood::Works);
    agent.done(Request::Reconnect { account: None }).await;
    agent.connected().await;
    assert_eq!(agent.toast().await.title, "missed");
    assert_eq!(agent.snapshot().await.notices, []);
}

#[tokio::test]
async fn a_garbled_sign_in_asks_for_a_new_one_and_says_so_once() {
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    agent.sign_in(&world).await;
    agent.kill();
    world.publish("missed").await;
    computer.vault.garble();
    let mut agent = computer.start().await;
    assert_eq!(agent.toast().await.title, "Your sign-in has ended");
    agent.kill();
    let mut agent = computer.start().await;
    agent.status(|status| status.cause.as_ref().is_some_and(|c| c.kind == CauseKind::SignInNeeded)).await;
    // signing in again takes up where it was left, in the same account
    agent.sign_in(&world).await;
    assert_eq!(agent.toast().await.title, "missed");
    assert_eq!(agent.snapshot().await.accounts.len(), 1);
}

#[tokio::test]
async fn read_here_is_read_there() {
    let (world, desk, lap) = (World::start().await, Computer::new(), Computer::new());
    let (mut here, mut there) = (desk.start().await, lap.start().await);
    here.sign_in(&world).await;
    there.sign_in(&world).await;
    world.publish("Hello").await;
    let (mine, theirs) = (here.notification().await, there.notification().await);
    assert_eq!(there.toast().await.item, theirs.id);
    here.done(Request::MarkRead { ids: vec![mine.id] }).await;
    assert_eq!(there.order().await, Order::Close(theirs.id));
    let read =
        there.event("read", |event| if let Event::Read { ids } = event { Some(ids) } else { None }).await;
    assert_eq!(read, [theirs.id]);
    assert_eq!((here.snapshot().await.unread, there.snapshot().await.unread), (0, 0));
}

#[tokio::test]
async fn there_is_one_window_and_a_click_leads_to_its_row() {
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    agent.sign_in(&world).await;
    world.publish("Hello").await;
    let toast = agent.toast().await;
    let click = toast::Event::Activated { item: toast.item, activation: Some("token".into()) };
    agent.clicks.send(click.clone()).await.unwrap();
    assert_eq!(computer.desktop.first().await, "window token");
    let (window, mut events) = computer.call(Role::Window).await;
    assert!(!window.agent().window_open);
    window.call(Request::Subscribe).await.unwrap();
    assert_eq!(asked_to_show(&mut events).await, Some(toast.item));
    assert_eq!(computer.desktop.done(), ["window token"]);

    let (second, _) = computer.call(Role::Window).await;
    assert!(second.agent().window_open);
    assert_eq!(asked_to_show(&mut events).await, None);
    agent.clicks.send(click).await.unwrap();
    assert_eq!(asked_to_show(&mut events).await, Some(toast.item));
    assert_eq!(computer.desktop.done(), ["window token"]);
}

#[tokio::test]
async fn a_link_is_opened_on_request_and_only_then() {
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    agent.sign_in(&world).await;
    world.publish_as("with", |request| request.click_url = Some("https://example.com/x".into())).await;
    let with = agent.notification().await;
    world.publish("without").await;
    let without = agent.notification().await;
    assert_eq!(computer.desktop.done(), [] as [&str; 0]);
    agent.done(Request::OpenLink { id: with.id }).await;
    assert_eq!(computer.desktop.done(), ["link https://example.com/x"]);
    for (id, code) in [(without.id, FailureCode::LinkRefused), (9999, FailureCode::UnknownNotification)] {
        assert_eq!(agent.client.call(Request::OpenLink { id }).await.unwrap_err().code, code);
    }
}

#[tokio::test]
async fn what_cannot_be_stored_stays_on_the_server_and_is_fetched_again() {
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    agent.sign_in(&world).await;
    let disk = rusqlite::Connection::open(inbox_file(&computer.home)).unwrap();
    disk.execute_batch(
        "CREATE TRIGGER broken BEFORE INSERT ON notification BEGIN SELECT RAISE(ABORT, 'says the test'); END",
    )
    .unwrap();
    world.publish("first").await;
    agent
        .event("the notice", |event| match event {
            Event::Snapshot(snapshot) => (!snapshot.notices.is_empty()).then_some(()),
            _ => None,
        })
        .await;
    disk.execute_batch("DROP TRIGGER broken").unwrap();
    world.publish("second").await;
    assert_eq!(agent.toast().await.title, "second");
    agent.done(Request::Reconnect { account: None }).await;
    assert_eq!(agent.toast().await.title, "first");
    world.publish("third").await;
    assert_eq!(agent.toast().await.title, "third");
    assert_eq!(agent.inbox().await.len(), 3);
}

#[tokio::test]
async fn a_damaged_inbox_is_set_aside_and_said_so() {
    let computer = Computer::new();
    computer.start().await.kill();
    std::fs::write(inbox_file(&computer.home), "this is no database, and long enough to look at").unwrap();
    let agent = computer.start().await;
    let notices = agent.snapshot().await.notices;
    assert_eq!(notices[0].code, NoticeCode::InboxReplaced);
    agent.done(Request::DismissNotice { code: NoticeCode::InboxReplaced }).await;
    assert_eq!(agent.snapshot().await.notices, []);
}

#[tokio::test]
async fn without_a_place_for_the_inbox_the_agent_runs_in_memory_and_says_so() {
    let (world, computer) = (World::start().await, Computer::new());
    std::fs::write(computer.home.data(), "a file where the folder should be").unwrap();
    let mut agent = computer.start().await;
    assert_eq!(agent.snapshot().await.notices[0].code, NoticeCode::StorageReadOnly);
    // there is no file to look into; in this flow connecting comes after the server's word
    agent.try_sign_in(&world, PASSWORD, Some(Flow::Token)).await.unwrap();
    agent.connected().await;
    world.publish("Hello").await;
    assert_eq!(agent.toast().await.title, "Hello");
}

#[cfg(unix)]
#[tokio::test]
async fn a_subscriber_that_does_not_read_is_let_go_and_nobody_waits_for_it() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    agent.sign_in(&world).await;
    let mut slow = tokio::net::UnixStream::connect(computer.home.run().join("control.sock")).await.unwrap();
    slow.write_all(b"{\"id\":1,\"method\":\"subscribe\"}\n").await.unwrap();
    // more than the socket and the agent's queue for one caller hold together
    for _ in 0..3000 {
        agent.done(Request::SetDoNotDisturb { on: true }).await;
        while agent.events.try_recv().is_ok() {}
    }
    agent.done(Request::SetDoNotDisturb { on: false }).await;
    world.publish("Hello").await;
    assert_eq!(agent.toast().await.title, "Hello");
    // what was sent can still be read, and then it is over
    stage::soon("the end", slow.read_to_end(&mut Vec::new())).await.unwrap();
}

#[tokio::test]
async fn the_tray_says_what_is_asked_of_it_and_quits() {
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    let account = agent.sign_in(&world).await;
    let view = agent.views.borrow().clone();
    assert_eq!(view.accounts.len(), 1);
    assert_eq!(
        (view.accounts[0].id.as_str(), view.accounts[0].status.state),
        (account.id.as_str(), State::Connected)
    );
    assert!(!view.accounts[0].settled);
    agent.commands.send(tray::Command::Quit).await.unwrap();
    while agent.events.recv().await.is_some() {}
    agent.ended();
}

#[tokio::test]
async fn a_caller_that_asks_to_quit_is_answered() {
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    agent.sign_in(&world).await;
    agent.done(Request::Quit).await;
    agent.ended();
}
