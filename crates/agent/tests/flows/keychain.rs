//! A keychain that is locked, missing or garbled.

use tidings_control::{CauseKind, NoticeCode, Persistence, Request};

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
