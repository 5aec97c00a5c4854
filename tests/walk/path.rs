//! The path: sign in through the window, receive, look at the desktop, close the window, sign out.

use serde_json::{Value, json};
use tidings_lab::{
    Agent, AgentOptions, Driver, Outcome, Page, Programs, Server, ServerOptions, Toasts,
    desktop::{Desktop, Furniture, Picture, WINDOW},
};

use crate::transcript::Transcript;

/// What the path leaves.
pub(crate) struct Pictures {
    pub(crate) sign_in: Picture,
    pub(crate) inbox: Picture,
    pub(crate) desktop: Picture,
}

/// How many of the last toasts are on the screen when the desktop is photographed.
const TOASTS: usize = 3;

/// What is published, in turn.
fn notifications() -> Vec<Value> {
    vec![
        json!({ "title": "Backup finished", "body": "212 GB in 38 min, nothing skipped", "priority": 2 }),
        json!({ "title": "Build 1284 passed", "body": "main · 4 min 12 s · 318 tests", "priority": 3, "tags": ["ci"] }),
        json!({
            "title": "Release 2.4.0 is out", "body": "The notes are online.", "priority": 3,
            "click_url": "https://example.com/releases/2.4.0"
        }),
        json!({ "title": "Disk almost full on db-2", "body": "94 % of /var is used; 6 h left at this pace", "priority": 4 }),
        json!({ "title": "Payment service is down", "body": "3 of 3 probes have failed since 14:02", "priority": 5 }),
    ]
}

pub(crate) async fn walk(transcript: &mut Transcript, dark: bool) -> Outcome<Pictures> {
    let desktop = Desktop::start(Furniture { dark, ..Furniture::FULL }).await?;
    transcript
        .line("a desktop session runs: display, window manager, panel, notification daemon, keychain")?;
    let server = Server::start(ServerOptions::default()).await?;
    transcript.line(&format!("a server listens at {}", server.url()))?;
    let arguments = ["--server", server.url(), "--username", Server::USER].map(ToOwned::to_owned).to_vec();
    let programs = Programs::find()?;
    let environment = vec![("TIDINGS_WINDOW".to_owned(), programs.window()?.into_os_string())];
    let agent =
        Agent::start_with(&desktop, AgentOptions { arguments, environment, ..AgentOptions::default() })
            .await?;
    transcript.line("the agent runs, and shows itself in the tray")?;
    let tray = desktop.tray().await?;
    transcript.quote(&tray.words().await?)?;

    let driver = open(&desktop, &programs).await?;
    let page = driver.open(&programs.window()?).await?;
    page.part("sign-in").await?;
    transcript.line("the window shows the sign-in page, with server and user filled in")?;
    page.fill("password", Server::PASSWORD).await?;
    let sign_in = window_picture(&desktop).await?;
    page.press("submit").await?;
    page.element("[data-testid='connection-line'][data-state='connected']").await?;
    tray.says("Connected to").await?;
    let entry = desktop.keychain().await?.entry().await?;
    transcript.line(&format!("signed in; the keychain holds {:?}", entry.label))?;

    let mut toasts = desktop.watch_toasts().await?;
    let screen = desktop.screen()?;
    screen.place(&screen.window(WINDOW).await?, 150, 60)?;
    let notifications = notifications();
    let (cleared, kept) = notifications.split_at(notifications.len().saturating_sub(TOASTS));
    receive(transcript, &server, &mut toasts, &page, cleared).await?;
    desktop.close_toasts().await?;
    receive(transcript, &server, &mut toasts, &page, kept).await?;
    tray.says(&format!("{} unread", notifications.len())).await?;
    transcript.line("the tray says")?;
    transcript.quote(&tray.words().await?)?;
    transcript.line("`tidings-agent inbox` says")?;
    transcript.quote(&agent.cli().run(&["inbox"]).await?.success()?.out)?;
    desktop.screen()?.window("Dunst").await?;
    let inbox = window_picture(&desktop).await?;
    let picture = Picture::at_rest(&desktop).await?;

    screen.close(&screen.window(WINDOW).await?)?;
    screen.window_closed(WINDOW).await?;
    transcript.line("the window is closed; the agent stays, and `tidings-agent status` says")?;
    transcript.quote(&agent.cli().run(&["status"]).await?.success()?.out)?;
    agent.cli().run(&["logout"]).await?.success()?;
    let left = desktop.keychain().await?.entries().await?.len();
    transcript.line(&format!("signed out; the keychain holds {left} entries of Tidings"))?;
    Ok(Pictures { sign_in, inbox, desktop: picture })
}

async fn open(desktop: &Desktop, programs: &Programs) -> Outcome<Driver> {
    let (agent, home) = (programs.agent()?, Agent::home_in(desktop));
    Driver::start(desktop, &[("TIDINGS_HOME", &*home), ("TIDINGS_AGENT", &*agent)]).await
}

async fn receive(
    transcript: &mut Transcript,
    server: &Server,
    toasts: &mut Toasts,
    page: &Page,
    notifications: &[Value],
) -> Outcome {
    for notification in notifications {
        let title = notification["title"].as_str().unwrap_or_default().to_owned();
        server.publish_all(notification.clone()).await?;
        let toast = toasts.next().await?;
        transcript.line(&format!("published {title:?}; a toast says {:?}", toast.title))?;
        page.says(&title).await?;
    }
    Ok(())
}

async fn window_picture(desktop: &Desktop) -> Outcome<Picture> {
    let window = desktop.screen()?.window(WINDOW).await?;
    Picture::window_at_rest(desktop, window.id).await
}
