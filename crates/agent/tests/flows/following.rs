//! `tidings://` links: they make the window ask, and nothing else.

use tidings_control::{Event, Events, Failure, FailureCode, Request, Role, SignInHint};

use crate::stage::{Computer, soon};

/// What the window is asked to ask the person about, and the permission to come to the front that came with it.
async fn asked_to_add(events: &mut Events) -> (SignInHint, Option<String>) {
    let mut permission = None;
    soon("the window is asked to add an account", async {
        loop {
            match events.recv().await.unwrap() {
                Event::Show { activation, .. } => permission = activation,
                Event::Add(hint) => return (hint, permission.take()),
                _ => {}
            }
        }
    })
    .await
}

async fn refusal(events: &mut Events) -> Failure {
    soon("the window is told of a link that leads nowhere", async {
        loop {
            if let Event::Refused(failure) = events.recv().await.unwrap() {
                return failure;
            }
        }
    })
    .await
}

fn follow(link: &str) -> Request {
    Request::Follow { link: link.to_owned() }
}

fn hint(server: &str, user: Option<&str>) -> SignInHint {
    SignInHint { server: Some(server.into()), username: user.map(str::to_owned), server_locked: false }
}

#[tokio::test]
async fn a_link_makes_the_window_ask_as_soon_as_it_listens_and_adds_nothing() {
    let computer = Computer::new();
    let agent = computer.start().await;
    agent.done(follow("tidings://add?server=https://alerts.example.com&user=alice")).await;
    assert_eq!(computer.desktop.done(), ["window -"]);
    // a click on the tray before the window listens does not make it forget
    agent.done(Request::OpenWindow).await;
    let (window, mut events) = computer.call(Role::Window).await;
    window.call(Request::Subscribe).await.unwrap();
    assert_eq!(asked_to_add(&mut events).await.0, hint("https://alerts.example.com", Some("alice")));

    agent.done(follow("tidings://add?server=http://10.0.0.7")).await;
    assert_eq!(asked_to_add(&mut events).await.0, hint("http://10.0.0.7", None));
    let snapshot = agent.snapshot().await;
    assert_eq!((snapshot.accounts.len(), snapshot.hint), (0, SignInHint::default()));
}

#[tokio::test]
async fn a_bad_link_opens_nothing() {
    let computer = Computer::new();
    let agent = computer.start().await;
    for link in ["tidings://add", "https://example.com", "tidings://add?server=https://a:b@example.com"] {
        let failure = agent.client.call(follow(link)).await.unwrap_err();
        assert_eq!(failure.code, FailureCode::BadRequest, "{link}");
    }
    assert_eq!(computer.desktop.done(), [] as [&str; 0]);
}

#[tokio::test]
async fn a_bad_link_is_told_of_by_the_window_that_is_open() {
    let computer = Computer::new();
    let agent = computer.start().await;
    let (window, mut events) = computer.call(Role::Window).await;
    // a window that was started for the link follows it before it listens
    assert!(window.call(follow("tidings://add")).await.is_err());
    window.call(Request::Subscribe).await.unwrap();
    assert_eq!(refusal(&mut events).await.code, FailureCode::BadRequest);
    assert!(agent.client.call(follow("tidings://buy?server=https://example.com")).await.is_err());
    assert_eq!(refusal(&mut events).await.code, FailureCode::BadRequest);
}

#[tokio::test]
async fn where_the_server_is_decided_a_link_to_another_is_refused() {
    let mut computer = Computer::new();
    computer.hint = SignInHint { server_locked: true, ..hint("alerts.example.com", None) };
    let agent = computer.start().await;
    let failure = agent.client.call(follow("tidings://add?server=https://example.com")).await.unwrap_err();
    assert_eq!(failure.code, FailureCode::SettingLocked);
    assert_eq!(computer.desktop.done(), [] as [&str; 0]);
    agent.done(follow("tidings://add?server=https://alerts.example.com&user=bob")).await;
    assert_eq!(computer.desktop.first().await, "window -");
}
