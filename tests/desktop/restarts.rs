//! The panel and the notification daemon crash and return, as they do when a desktop is updated.

use tidings_control::NoticeCode;
use tidings_lab::{
    Outcome, Server, ServerOptions,
    desktop::{Desktop, Furniture},
};

use crate::window::{WINDOW, close_window, start_agent};

#[tokio::test]
#[ignore = "needs a desktop session: cargo xtask test"]
async fn a_panel_that_crashes_and_returns_shows_the_icon_as_it_is_by_then() -> Outcome {
    let mut desktop = Desktop::start(Furniture::FULL).await?;
    let server = Server::start(ServerOptions::default()).await?;
    let agent = start_agent(&desktop, &server).await?;
    agent.cli().log_in(&server, "ticket").await?;
    agent.connected().await?;
    server.publish("before").await?;
    desktop.tray().await?.says("1 unread").await?;

    desktop.crash_panel().await?;
    agent.notices(NoticeCode::NoTray).await?;
    server.publish("meanwhile").await?;
    agent.when("it arrives all the same", |snapshot| snapshot.unread == 2).await?;

    desktop.start_panel().await?;
    agent.notices_no(NoticeCode::NoTray).await?;
    let tray = desktop.tray().await?;
    tray.says("2 unread").await?;
    tray.activate().await?;
    desktop.screen()?.window(WINDOW).await?;
    close_window(&desktop).await
}

#[tokio::test]
#[ignore = "needs a desktop session: cargo xtask test"]
async fn a_notification_daemon_that_crashes_and_returns_shows_toasts_that_can_be_clicked() -> Outcome {
    let mut desktop = Desktop::start(Furniture::FULL).await?;
    let server = Server::start(ServerOptions::default()).await?;
    let agent = start_agent(&desktop, &server).await?;
    agent.cli().log_in(&server, "ticket").await?;
    agent.connected().await?;
    let mut watch = agent.cli().watch().await?;
    watch.state("connected").await?;
    server.publish("before").await?;
    assert_eq!(watch.notification().await?["disposition"], "shown");
    desktop.screen()?.window("Dunst").await?;

    desktop.crash_toasts().await?;
    agent.notices(NoticeCode::NoNotifications).await?;
    server.publish("meanwhile").await?;
    assert_eq!(watch.notification().await?["disposition"], "no_toasts");

    desktop.start_toasts().await?;
    agent.notices_no(NoticeCode::NoNotifications).await?;
    let mut toasts = desktop.watch_toasts().await?;
    server.publish("after").await?;
    assert_eq!(watch.notification().await?["disposition"], "shown");
    assert_eq!(toasts.next().await?.title, "after");
    desktop.click_toast().await?;
    desktop.screen()?.window(WINDOW).await?;
    close_window(&desktop).await
}
