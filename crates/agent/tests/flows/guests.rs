//! Accounts without a name, where a server lets guests in.

use tidings_control::{Account, Failure, FailureCode, Probed, Reply, Request, SignIn, State};
use tidings_protocol::To;

use crate::stage::{Computer, Running, World};

async fn public() -> World {
    World::with(|config| {
        config.guests = true;
        config.guest_topics = vec!["news".to_owned()];
    })
    .await
}

fn guest(world: &World) -> SignIn {
    SignIn { server: world.url.clone(), guest: true, ..SignIn::default() }
}

async fn enter(agent: &mut Running, world: &World) -> Result<Account, Failure> {
    match agent.client.call(Request::SignIn(guest(world))).await? {
        Reply::Account(account) => Ok(account),
        other => panic!("{other:?}"),
    }
}

async fn announce(world: &World, title: &str) {
    world.publish_as(title, |request| request.to = To::Topic("news".into())).await;
}

#[tokio::test]
async fn a_guest_receives_what_is_public_and_stays_the_same_after_a_restart() {
    let (world, computer) = (public().await, Computer::new());
    let mut agent = computer.start().await;
    let account = enter(&mut agent, &world).await.unwrap();
    assert_eq!(account.username, "");
    agent.connected().await;
    announce(&world, "first").await;
    assert_eq!(agent.notification().await.title, "first");
    let label = computer.vault.entries()[0].1.clone();
    assert!(label.starts_with("Tidings: guest at "), "{label}");
    agent.kill();

    announce(&world, "second").await;
    let mut agent = computer.start().await;
    assert_eq!(agent.notification().await.title, "second", "another guest would have missed it");
}

#[tokio::test]
async fn a_guest_whose_session_is_lost_is_let_in_anew() {
    let (world, computer) = (public().await, Computer::new());
    let mut agent = computer.start().await;
    enter(&mut agent, &world).await.unwrap();
    agent.connected().await;
    announce(&world, "first").await;
    assert_eq!(agent.notification().await.title, "first");
    agent.kill();
    computer.vault.garble();

    let mut agent = computer.start().await;
    agent.status(|status| status.state == State::Connected).await;
    announce(&world, "second").await;
    assert_eq!(agent.notification().await.title, "second", "the log of another guest begins anew");
}

#[tokio::test]
async fn there_is_one_guest_a_server() {
    let (world, computer) = (public().await, Computer::new());
    let mut agent = computer.start().await;
    enter(&mut agent, &world).await.unwrap();
    agent.sign_in(&world).await;
    let again = enter(&mut agent, &world).await.unwrap_err();
    assert_eq!(again.code, FailureCode::AlreadySignedIn);
    assert_eq!(agent.snapshot().await.accounts.len(), 2, "a guest and alice");
}

#[tokio::test]
async fn a_server_says_beforehand_whether_guests_are_let_in() {
    let computer = Computer::new();
    let mut agent = computer.start().await;
    for (world, guests) in [(public().await, true), (World::start().await, false)] {
        match agent.client.call(Request::Probe(guest(&world))).await {
            Ok(Reply::Probed(Probed { guests: told, dialects, .. })) => {
                assert_eq!((told, dialects.len()), (guests, 2));
            }
            other => panic!("{other:?}"),
        }
        let entered = enter(&mut agent, &world).await;
        match guests {
            true => assert!(entered.is_ok()),
            false => {
                let refused = entered.unwrap_err();
                assert_eq!(refused.code, FailureCode::Forbidden);
                assert!(refused.message.contains("GUESTS_DISABLED"), "{}", refused.message);
            }
        }
    }
}
