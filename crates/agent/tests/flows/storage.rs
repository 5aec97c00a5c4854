//! A disk that fails, and an inbox that is damaged.

use tidings_control::{Event, Flow, NoticeCode, Request};

use crate::stage::{Computer, PASSWORD, World, inbox_file};

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
