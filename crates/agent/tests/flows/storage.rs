//! A disk that fails, and an inbox that is damaged.

use tidings_control::{Dialect, Event, NoticeCode, Request};

use crate::stage::{Computer, PASSWORD, World, inbox_file};

#[tokio::test]
async fn what_cannot_be_stored_stays_on_the_server_and_is_fetched_again() {
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    agent.sign_in(&world).await;
    let disk = disk_without_room_for_the_first(&computer);
    world.publish("first").await;
    agent
        .event("the notice", |event| match event {
            Event::Snapshot(snapshot) => (!snapshot.notices.is_empty()).then_some(()),
            _ => None,
        })
        .await;
    world.publish("second").await;
    assert_eq!(agent.toast().await.title, "second");
    disk.execute_batch("DROP TRIGGER broken").unwrap();
    agent.done(Request::Reconnect { account: None }).await;
    assert_eq!(agent.toast().await.title, "first");
    world.publish("third").await;
    assert_eq!(agent.toast().await.title, "third");
    assert_eq!(agent.inbox().await.len(), 3);
}

#[tokio::test]
async fn what_could_not_be_stored_and_is_gone_from_the_server_holds_the_cursor_no_longer() {
    let world = World::with(|config| config.retention.per_user = 1).await;
    let computer = Computer::new();
    let mut agent = computer.start().await;
    agent.sign_in(&world).await;
    let disk = disk_without_room_for_the_first(&computer);
    world.publish("first").await;
    world.publish("second").await;
    assert_eq!(agent.toast().await.title, "second");
    let place = || -> (i64, i64) {
        let select = "SELECT seq, (SELECT max(seq) FROM notification) FROM cursor";
        disk.query_row(select, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap()
    };
    assert!(place().0 < place().1, "the cursor has passed what was not stored");

    world.admin.clean().await.unwrap();
    agent.done(Request::Reconnect { account: None }).await;
    agent
        .event("some may be missing", |event| match event {
            Event::Snapshot(snapshot) => {
                snapshot.notices.iter().any(|notice| notice.code == NoticeCode::Gap).then_some(())
            }
            _ => None,
        })
        .await;
    world.publish("third").await;
    assert_eq!(agent.toast().await.title, "third");
    assert_eq!(place().0, place().1);
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
    agent.try_sign_in(&world, PASSWORD, Some(Dialect::Token)).await.unwrap();
    agent.connected().await;
    world.publish("Hello").await;
    assert_eq!(agent.toast().await.title, "Hello");
}

#[tokio::test]
async fn beside_the_inbox_of_a_newer_version_the_agent_runs_in_memory_and_takes_nothing_from_it() {
    let (world, computer) = (World::start().await, Computer::new());
    let mut agent = computer.start().await;
    agent.sign_in(&world).await;
    agent.kill();
    let file = inbox_file(&computer.home);
    let version = stamp(&file, 99);
    let newer = std::fs::read(&file).unwrap();

    let mut agent = computer.start().await;
    let snapshot = agent.snapshot().await;
    assert_eq!((snapshot.notices[0].code, snapshot.accounts), (NoticeCode::InboxTooNew, vec![]));
    agent.try_sign_in(&world, PASSWORD, Some(Dialect::Token)).await.unwrap();
    agent.connected().await;
    world.publish("Hello").await;
    assert_eq!(agent.toast().await.title, "Hello");
    agent.kill();
    assert!(std::fs::read(&file).unwrap() == newer, "the newer version's file was touched");

    // the newer version is back, and misses nothing
    stamp(&file, version);
    let mut agent = computer.start().await;
    assert_eq!(agent.toast().await.title, "Hello");
}

/// The first cannot be stored, however often it comes, and all else can.
fn disk_without_room_for_the_first(computer: &Computer) -> rusqlite::Connection {
    let disk = rusqlite::Connection::open(inbox_file(&computer.home)).unwrap();
    disk.execute_batch(
        "CREATE TRIGGER broken BEFORE INSERT ON notification WHEN NEW.title = 'first'
            BEGIN SELECT RAISE(ABORT, 'says the test'); END",
    )
    .unwrap();
    disk
}

/// Makes the inbox one of this version; the version that it was.
fn stamp(file: &std::path::Path, version: i64) -> i64 {
    let db = rusqlite::Connection::open(file).unwrap();
    let before = db.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
    db.pragma_update(None, "user_version", version).unwrap();
    before
}
