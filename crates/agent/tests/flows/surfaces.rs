//! Window, links, tray and those who listen.

use tidings_agent::{toast, tray, words::Tongue};
use tidings_control::{
    AccountChange, Event, Events, FailureCode, Language, Quiet, Request, Role, Setting, Sound, State,
};

use crate::stage::{self, Computer, World, asked_to_show};

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

#[cfg(unix)]
#[tokio::test]
async fn who_asks_for_the_window_brings_the_permission_to_come_to_the_front() {
    use tokio::{io::AsyncWriteExt, net::UnixStream};
    let computer = Computer::new();
    let agent = computer.start().await;
    let (window, mut events) = computer.call(Role::Window).await;
    window.call(Request::Subscribe).await.unwrap();
    agent.commands.send(tray::Command::Open { item: None, activation: Some("tray".into()) }).await.unwrap();
    assert_eq!(permission(&mut events).await.as_deref(), Some("tray"));
    // a second window and a command are started by somebody's click too
    let socket = computer.home.run().join("control.sock");
    for (role, then) in [("window", ""), ("cli", "{\"id\":2,\"method\":\"open_window\"}\n")] {
        let hello = format!(
            "{{\"id\":1,\"method\":\"hello\",\"params\":{{\"role\":\"{role}\",\"hello\":\
             {{\"version\":\"1\",\"pid\":1,\"activation\":\"{role}\"}}}}}}\n{then}"
        );
        let mut caller = UnixStream::connect(&socket).await.unwrap();
        caller.write_all(hello.as_bytes()).await.unwrap();
        assert_eq!(permission(&mut events).await.as_deref(), Some(role));
    }
}

async fn permission(events: &mut Events) -> Option<String> {
    stage::soon("the window is asked to show itself", async {
        loop {
            if let Event::Show { activation, .. } = events.recv().await.unwrap() {
                return activation;
            }
        }
    })
    .await
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
    agent.done(Request::OpenLink { id: with.id, url: None }).await;
    assert_eq!(computer.desktop.done(), ["link https://example.com/x"]);
    for (id, code) in [(without.id, FailureCode::LinkRefused), (9999, FailureCode::UnknownNotification)] {
        assert_eq!(agent.client.call(Request::OpenLink { id, url: None }).await.unwrap_err().code, code);
    }
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
        agent.done(Request::SetDoNotDisturb { quiet: Quiet::UntilTurnedOff }).await;
        while agent.events.try_recv().is_ok() {}
    }
    agent.done(Request::SetDoNotDisturb { quiet: Quiet::Off }).await;
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

#[tokio::test]
async fn language_and_sound_hold_from_the_next_word_on() {
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    agent.sign_in(&world).await;
    for (language, tongue, sound) in [
        (Language::BrazilianPortuguese, Tongue::BrazilianPortuguese, Sound::Bell),
        (Language::English, Tongue::English, Sound::Off),
    ] {
        agent.done(Request::Set(Setting::Language(language))).await;
        agent.done(Request::Set(Setting::Sound(sound))).await;
        stage::soon("the tray's words", agent.views.wait_for(|view| view.locale.tongue == tongue))
            .await
            .unwrap();
        world.publish("Hello").await;
        let manner = agent.toast().await.manner;
        assert_eq!((manner.locale.tongue, manner.sound, manner.account), (tongue, sound, None));
    }
}

#[tokio::test]
async fn among_several_accounts_a_toast_names_its_own() {
    let (world, other, computer) = (World::start().await, World::start().await, Computer::new());
    let mut agent = computer.start().await;
    let account = agent.sign_in(&world).await;
    agent.try_sign_in(&other, stage::PASSWORD, None).await.unwrap();
    agent
        .done(Request::SetAccount(AccountChange {
            account: account.id,
            name: Some("Work".to_owned()),
            ..AccountChange::default()
        }))
        .await;
    world.publish("Hello").await;
    assert_eq!(agent.toast().await.manner.account.as_deref(), Some("Work"));
}

#[tokio::test]
async fn the_trays_menu_lists_the_newest_and_does_what_is_clicked() {
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    let account = agent.sign_in(&world).await;
    for title in ["one", "two", "three", "four"] {
        world.publish(title).await;
        agent.notification().await;
    }
    let titles = |view: &tray::View| {
        view.latest.iter().map(|latest| (latest.title.clone(), latest.unread)).collect::<Vec<_>>()
    };
    let newest = |unread| ["four", "three", "two"].map(|title| (title.to_owned(), unread));
    let listed = agent.views.wait_for(|view| titles(view) == newest(true));
    let item = stage::soon("the newest", listed).await.unwrap().latest[0].item;

    agent.commands.send(tray::Command::MarkAllRead).await.unwrap();
    let read = agent.views.wait_for(|view| view.unread == 0 && titles(view) == newest(false));
    stage::soon("that all is read", read).await.unwrap();
    agent.commands.send(tray::Command::SetDoNotDisturb(Quiet::UntilTurnedOff)).await.unwrap();
    stage::soon("quiet", agent.views.wait_for(|view| view.do_not_disturb)).await.unwrap();
    agent.commands.send(tray::Command::Reconnect { account: Some(account.id) }).await.unwrap();
    agent.status(|status| status.state != State::Connected).await;
    agent.connected().await;
    agent.commands.send(tray::Command::Open { item: Some(item), activation: None }).await.unwrap();
    computer.desktop.first().await;
    let (window, mut events) = computer.call(Role::Window).await;
    window.call(Request::Subscribe).await.unwrap();
    assert_eq!(asked_to_show(&mut events).await, Some(item));
}
