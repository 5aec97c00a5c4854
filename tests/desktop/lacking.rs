//! Sessions that lack a part of a desktop: the agent starts and works in each, and says what it misses.

use tidings_control::{Disposition, NoticeCode, Persistence};
use tidings_lab::{
    Agent, Outcome, Server, ServerOptions,
    desktop::{Desktop, Furniture, KeychainState, TrayHost},
    files_with,
};

/// A bus and nothing on it; each test adds what it needs.
const BUS: Furniture = Furniture { bus: true, ..Furniture::NONE };

/// What `status --json` says is missing, as a person or a script reads it.
async fn told(agent: &Agent) -> Outcome<Vec<String>> {
    let status = agent.cli().status().await?;
    let notices = status["notices"].as_array().into_iter().flatten();
    Ok(notices.filter_map(|notice| notice["code"].as_str().map(ToOwned::to_owned)).collect())
}

async fn sign_in_and_receive(agent: &Agent) -> Outcome<Disposition> {
    let server = Server::start(ServerOptions::default()).await?;
    agent.cli().log_in(&server, "ticket").await?;
    agent.connected().await?;
    let mut watch = agent.cli().watch().await?;
    watch.state("connected").await?;
    server.publish("arrives").await?;
    let arrived = watch.notification().await?;
    assert_eq!(arrived["title"], "arrives");
    Ok(serde_json::from_value(arrived["disposition"].clone())?)
}

#[tokio::test]
#[ignore = "needs a desktop session: cargo xtask test"]
async fn without_a_bus_and_a_display() -> Outcome {
    let desktop = Desktop::start(Furniture::NONE).await?;
    let agent = Agent::start(&desktop).await?;
    agent.notices(NoticeCode::NoDesktop).await?;
    assert!(told(&agent).await?.contains(&"no_desktop".to_owned()));
    assert_eq!(sign_in_and_receive(&agent).await?, Disposition::NoToasts);
    let items = agent.inbox().await?;
    assert_eq!(items.len(), 1);
    Ok(())
}

#[tokio::test]
#[ignore = "needs a desktop session: cargo xtask test"]
async fn without_a_display_but_with_a_keychain() -> Outcome {
    let desktop = Desktop::start(Furniture { keychain: KeychainState::Unlocked, ..BUS }).await?;
    let agent = Agent::start(&desktop).await?;
    sign_in_and_receive(&agent).await?;
    assert_eq!(agent.snapshot().await?.accounts[0].persistence, Persistence::Keychain);
    Ok(())
}

#[tokio::test]
#[ignore = "needs a desktop session: cargo xtask test"]
async fn without_a_tray_until_one_appears() -> Outcome {
    let mut desktop = Desktop::start(BUS).await?;
    let agent = Agent::start(&desktop).await?;
    agent.notices(NoticeCode::NoTray).await?;
    assert!(told(&agent).await?.contains(&"no_tray".to_owned()));
    desktop.start_tray_host().await?;
    agent.notices_no(NoticeCode::NoTray).await?;
    desktop.tray().await?.says("Not signed in").await?;
    // a panel that crashes and returns finds the item again
    desktop.stop_tray_host().await?;
    agent.notices(NoticeCode::NoTray).await?;
    desktop.start_tray_host().await?;
    agent.notices_no(NoticeCode::NoTray).await?;
    desktop.tray().await?.says("Not signed in").await
}

#[tokio::test]
#[ignore = "needs a desktop session: cargo xtask test"]
async fn without_a_notification_daemon_until_one_appears() -> Outcome {
    let furniture = Furniture { toasts: false, tray: TrayHost::Bare, ..Furniture::FULL };
    let mut desktop = Desktop::start(furniture).await?;
    let server = Server::start(ServerOptions::default()).await?;
    let agent = Agent::start(&desktop).await?;
    agent.notices(NoticeCode::NoNotifications).await?;
    assert!(told(&agent).await?.contains(&"no_notifications".to_owned()));
    agent.cli().log_in(&server, "ticket").await?;
    agent.connected().await?;
    let mut watch = agent.cli().watch().await?;
    watch.state("connected").await?;
    server.publish("unseen").await?;
    assert_eq!(watch.notification().await?["disposition"], "no_toasts");
    desktop.start_toasts().await?;
    agent.notices_no(NoticeCode::NoNotifications).await?;
    let mut toasts = desktop.watch_toasts().await?;
    server.publish("seen").await?;
    assert_eq!(toasts.next().await?.title, "seen");
    assert_eq!(watch.notification().await?["disposition"], "shown");
    Ok(())
}

#[tokio::test]
#[ignore = "needs a desktop session: cargo xtask test"]
async fn without_a_keychain_the_sign_in_lasts_for_this_run_and_nothing_is_written() -> Outcome {
    let desktop = Desktop::start(BUS).await?;
    let agent = Agent::start(&desktop).await?;
    sign_in_and_receive(&agent).await?;
    let snapshot = agent.notices(NoticeCode::NoKeychain).await?;
    assert_eq!(snapshot.accounts[0].persistence, Persistence::ThisRun);
    assert!(told(&agent).await?.contains(&"no_keychain".to_owned()));
    // a token of the server starts as every JWT does
    assert_eq!(files_with(agent.home(), &[Server::PASSWORD, "eyJ"])?, Vec::<std::path::PathBuf>::new());
    Ok(())
}

#[tokio::test]
#[ignore = "needs a desktop session: cargo xtask test"]
async fn with_a_locked_keychain_it_says_so_and_works_on() -> Outcome {
    let desktop = Desktop::start(Furniture { keychain: KeychainState::Locked, ..BUS }).await?;
    let agent = Agent::start(&desktop).await?;
    sign_in_and_receive(&agent).await?;
    let snapshot = agent.notices(NoticeCode::KeychainLocked).await?;
    assert_eq!(snapshot.accounts[0].persistence, Persistence::ThisRun);
    assert!(told(&agent).await?.contains(&"keychain_locked".to_owned()));
    assert_eq!(files_with(agent.home(), &[Server::PASSWORD, "eyJ"])?, Vec::<std::path::PathBuf>::new());
    Ok(())
}
