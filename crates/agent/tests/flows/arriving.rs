//! What comes in: toasts, rows and counts.

use tidings_agent::{arrival::Order, desktop::Availability, toast};
use tidings_control::{Dialect, Disposition, Event, NoticeCode, Persistence, Quiet, Request, Role, Snapshot};
use tidings_protocol::Priority;

use crate::stage::{self, Computer, World, asked_to_show};

#[tokio::test]
async fn signed_in_once_a_notification_is_one_toast_and_one_row_in_both_flows() {
    for flow in [Dialect::Ticket, Dialect::Token] {
        let (world, computer) = (World::start().await, Computer::new());
        let mut agent = computer.start().await;
        let account = agent.sign_in_by(&world, Some(flow)).await;
        assert_eq!((account.dialect, account.persistence), (flow, Persistence::Keychain));
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
    assert_eq!(toast.title, "40 notifications while you were away");
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
    agent.done(Request::SetDoNotDisturb { quiet: Quiet::UntilTurnedOff }).await;
    world.publish("disturbing").await;
    assert_eq!(agent.notification().await.disposition, Disposition::DoNotDisturb);
    agent.done(Request::SetDoNotDisturb { quiet: Quiet::Off }).await;
    assert_eq!(agent.toast().await.title, "1 notification while you were away");
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
async fn one_that_replaces_another_takes_its_row_its_toast_and_its_place_in_the_window() {
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    agent.sign_in(&world).await;
    world.publish("Build failed").await;
    let failed = agent.notification().await;
    assert_eq!(agent.toast().await.item, failed.id);
    let replaces = failed.server_id.clone();
    world.publish_as("Build passed", |request| request.replaces = replaces).await;
    let passed = agent.replaced(failed.id).await;
    assert_eq!((passed.title.as_str(), passed.disposition), ("Build passed", Disposition::Shown));
    let toast = agent.toast().await;
    assert_eq!((toast.item, toast.replaces), (passed.id, Some(failed.id)));
    assert_eq!(agent.inbox().await, std::slice::from_ref(&passed));
    assert_eq!(agent.snapshot().await.unread, 1);
    // one that nobody is told of takes the toast away
    world
        .publish_as("Build forgotten", |request| {
            request.replaces = passed.server_id.clone();
            request.priority = Priority::Min;
        })
        .await;
    let forgotten = agent.replaced(passed.id).await;
    assert_eq!(forgotten.disposition, Disposition::LowPriority);
    assert_eq!(agent.order().await, Order::Close(passed.id));
    assert_eq!(agent.inbox().await, [forgotten]);
}

#[tokio::test]
async fn what_was_replaced_while_the_agent_was_dead_is_one_row_in_an_old_windows_eyes() {
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    agent.sign_in(&world).await;
    world.publish("one").await;
    let one = agent.notification().await;
    agent.kill();
    let mut replaces = one.server_id.clone();
    for title in ["two", "three"] {
        let id = world.publish_as(title, |request| request.replaces = replaces.take()).await;
        replaces = Some(id);
    }
    let mut agent = computer.start().await;
    assert_eq!(agent.replaced(one.id).await.title, "three");
    let toast = agent.toast().await;
    assert_eq!((toast.title.as_str(), toast.replaces), ("three", Some(one.id)));
    assert_eq!(agent.orders_so_far(), []);
    assert_eq!(agent.inbox().await.len(), 1);
}

#[tokio::test]
async fn that_some_may_be_missing_is_said_until_it_was_seen_also_after_a_crash() {
    let world = World::with(|config| config.retention.per_user = 2).await;
    let computer = Computer::new();
    let gaps = |snapshot: Snapshot| {
        let codes = snapshot.notices.into_iter().map(|notice| notice.code);
        codes.filter(|code| *code == NoticeCode::Gap).count()
    };
    let mut agent = computer.start().await;
    agent.sign_in(&world).await;
    world.publish("one").await;
    agent.notification().await;
    assert_eq!(gaps(agent.snapshot().await), 0);
    agent.kill();
    for title in ["two", "three", "four", "five"] {
        world.publish(title).await;
    }
    world.admin.clean().await.unwrap();
    let mut agent = computer.start().await;
    agent
        .event("the notice", |event| match event {
            Event::Snapshot(snapshot) => (gaps(snapshot) == 1).then_some(()),
            _ => None,
        })
        .await;
    agent.kill();
    let agent = computer.start().await;
    assert_eq!(gaps(agent.snapshot().await), 1);
    let titles: Vec<String> = agent.inbox().await.into_iter().map(|item| item.title).collect();
    assert_eq!(titles, ["five", "four", "one"]);
    agent.done(Request::DismissNotice { code: NoticeCode::Gap }).await;
    agent.kill();
    assert_eq!(gaps(computer.start().await.snapshot().await), 0);
}
