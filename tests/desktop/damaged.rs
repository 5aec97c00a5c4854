//! What was kept between two runs is damaged or gone in the meantime: the agent says so, and goes on.

use std::fs;

use tidings_control::{CauseKind, NoticeCode, Snapshot, State};
use tidings_lab::{
    Agent, KeychainEntry, Outcome, Server, ServerOptions,
    desktop::{Desktop, Furniture, KeychainState},
};

const KEYCHAIN: Furniture = Furniture { bus: true, keychain: KeychainState::Unlocked, ..Furniture::NONE };

async fn signed_in(desktop: &Desktop, server: &Server) -> Outcome<Agent> {
    let agent = Agent::start(desktop).await?;
    agent.cli().log_in(server, "ticket").await?;
    agent.connected().await?;
    Ok(agent)
}

fn needs_sign_in(snapshot: &Snapshot) -> bool {
    snapshot.accounts.iter().all(|account| {
        let cause = account.status.cause.as_ref().map(|cause| cause.kind);
        account.status.state == State::Disconnected && cause == Some(CauseKind::SignInNeeded)
    })
}

#[tokio::test]
#[ignore = "needs a desktop session: cargo xtask test"]
async fn a_stored_token_connects_again_and_what_was_missed_arrives_in_order() -> Outcome {
    let desktop = Desktop::start(KEYCHAIN).await?;
    let server = Server::start(ServerOptions::default()).await?;
    let mut agent = signed_in(&desktop, &server).await?;
    server.publish("zero").await?;
    agent.when("the first one has arrived", |snapshot| snapshot.unread == 1).await?;
    assert!(agent.stop().await?.success());
    for title in ["one", "two", "three"] {
        server.publish(title).await?;
    }
    let agent = Agent::start(&desktop).await?;
    let all_there = |snapshot: &Snapshot| snapshot.unread == 4;
    agent.when("all that was missed has arrived", all_there).await?;
    let items = agent.inbox().await?;
    let titles: Vec<_> = items.iter().map(|item| item.title.as_str()).collect();
    assert_eq!(titles, ["three", "two", "one", "zero"]);
    assert!(items.windows(2).all(|pair| pair[0].seq > pair[1].seq));
    Ok(())
}

#[tokio::test]
#[ignore = "needs a desktop session: cargo xtask test"]
async fn a_garbled_stored_token_asks_to_sign_in_again() -> Outcome {
    let desktop = Desktop::start(KEYCHAIN).await?;
    let server = Server::start(ServerOptions::default()).await?;
    let mut agent = signed_in(&desktop, &server).await?;
    agent.stop().await?;
    let keychain = desktop.keychain().await?;
    keychain.overwrite(&keychain.entry().await?, "\u{fffd}{not json").await?;
    let agent = Agent::start(&desktop).await?;
    agent.when("a sign-in is needed", needs_sign_in).await?;
    agent.cli().log_in(&server, "ticket").await?;
    agent.connected().await?;
    Ok(())
}

#[tokio::test]
#[ignore = "needs a desktop session: cargo xtask test"]
async fn a_stored_token_that_the_server_does_not_know_asks_to_sign_in_again() -> Outcome {
    let desktop = Desktop::start(KEYCHAIN).await?;
    let server = Server::start(ServerOptions::default()).await?;
    let mut agent = signed_in(&desktop, &server).await?;
    agent.stop().await?;
    let keychain = desktop.keychain().await?;
    let entry = keychain.entry().await?;
    let mut secret: serde_json::Value = serde_json::from_str(&entry.secret)?;
    for token in ["access_token", "refresh_token"] {
        secret[token] = "of-another-server".into();
    }
    keychain.overwrite(&entry, &secret.to_string()).await?;
    let agent = Agent::start(&desktop).await?;
    agent.when("a sign-in is needed", needs_sign_in).await?;
    // what the server refuses is not kept
    let is_forgotten =
        |entries: &[KeychainEntry]| entries.iter().all(|entry| !entry.secret.contains("of-another-server"));
    keychain.when("the refused token is forgotten", is_forgotten).await
}

#[tokio::test]
#[ignore = "needs a desktop session: cargo xtask test"]
async fn a_corrupt_inbox_is_set_aside_and_a_new_one_started() -> Outcome {
    let desktop = Desktop::start(KEYCHAIN).await?;
    let server = Server::start(ServerOptions::default()).await?;
    let mut agent = signed_in(&desktop, &server).await?;
    server.publish("before").await?;
    agent.when("it has arrived", |snapshot| snapshot.unread == 1).await?;
    agent.stop().await?;
    let data = agent.home().join("data");
    let database = fs::read_dir(&data)?.filter_map(Result::ok).map(|entry| entry.path());
    let database = database
        .filter(|path| path.extension().is_some_and(|kind| kind != "lock"))
        .find(|path| fs::read(path).is_ok_and(|bytes| bytes.starts_with(b"SQLite format 3")));
    let database = database.expect("the inbox lies in the data folder");
    let size = usize::try_from(fs::metadata(&database)?.len()).unwrap_or_default();
    fs::write(&database, vec![0x5a; size])?;
    let agent = Agent::start(&desktop).await?;
    let snapshot = agent.notices(NoticeCode::InboxReplaced).await?;
    let notice = snapshot.notices.iter().find(|notice| notice.code == NoticeCode::InboxReplaced);
    let detail = &notice.expect("it is there").detail;
    let kept = fs::read_dir(&data)?
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .find(|path| fs::read(path).is_ok_and(|bytes| bytes.starts_with(&[0x5a; 64])));
    let kept = kept.expect("the damaged file is still there");
    let name = kept.file_name().unwrap_or_default().to_string_lossy();
    assert!(detail.contains(&*name), "{detail:?} names {name}");
    // it goes on with the new one
    if agent.snapshot().await?.accounts.is_empty() {
        agent.cli().log_in(&server, "ticket").await?;
    }
    agent.connected().await?;
    server.publish("after").await?;
    agent.when("the next one arrives", |snapshot| snapshot.unread >= 1).await?;
    Ok(())
}
