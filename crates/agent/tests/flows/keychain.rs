//! A keychain that is locked, missing or garbled.

use std::time::Duration;

use tidings_control::{CauseKind, Event, NoticeCode, Persistence, Request};
use time::OffsetDateTime;

use crate::stage::{Computer, Mood, World};

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
async fn a_prompt_that_is_answered_late_leads_to_a_connection_at_once() {
    let (world, mut computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    agent.sign_in(&world).await;
    agent.kill();
    computer.vault.set(Mood::Prompts);
    computer.patience = Duration::from_millis(20);
    let mut agent = computer.start().await;
    let locked =
        agent.status(|s| s.cause.as_ref().is_some_and(|c| c.kind == CauseKind::KeychainLocked)).await;
    assert!(locked.retry_at.is_some_and(|at| at > OffsetDateTime::now_utc() + time::Duration::MINUTE));
    // the agent would ask again in ten minutes
    computer.vault.set(Mood::Works);
    agent.connected().await;
    assert_eq!(agent.snapshot().await.notices, []);
}

#[tokio::test]
async fn a_sign_in_that_was_held_back_by_a_prompt_is_in_the_keychain_once_it_is_answered() {
    let (world, mut computer) = (World::start().await, Computer::new());
    computer.vault.set(Mood::PromptsToWrite);
    computer.patience = Duration::from_millis(20);
    let mut agent = computer.start().await;
    assert_eq!(agent.sign_in(&world).await.persistence, Persistence::ThisRun);
    computer.vault.set(Mood::Works);
    agent
        .event("it is in the keychain", |event| match event {
            Event::Snapshot(snapshot) => (snapshot.accounts[0].persistence == Persistence::Keychain
                && snapshot.notices.is_empty())
            .then_some(()),
            _ => None,
        })
        .await;
    assert_eq!(computer.vault.entries().len(), 1);
}

#[tokio::test]
async fn killed_between_the_renewals_answer_and_the_keychain_it_is_still_signed_in() {
    // shorter than the margin: every start renews it
    let world = World::with(|config| config.access_token_life = Duration::from_secs(2)).await;
    let mut computer = Computer::new();
    let mut agent = computer.start().await;
    agent.sign_in(&world).await;
    agent.kill();
    let before = computer.vault.entries();
    for _ in 0..2 {
        computer.vault.set(Mood::PromptsToWrite);
        let agent = computer.start().await;
        computer.vault.prompted().await;
        agent.kill();
        let copy = computer.vault.copy();
        let killed = std::mem::replace(&mut computer.vault, copy);
        assert_eq!(computer.vault.entries(), before, "the new token was not stored");
        killed.set(Mood::Absent);
    }
    let mut agent = computer.start().await;
    agent.connected().await;
    assert_ne!(computer.vault.entries(), before);
    assert_eq!((world.sessions().await, agent.snapshot().await.notices), (1, vec![]));
    agent.kill();
    computer.start().await.connected().await;
}
