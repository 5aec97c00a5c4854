//! The whole way of a person, from the first window to signing out.

use tidings_lab::{
    Agent, AgentOptions, Driver, Outcome, PATIENCE, Page, Programs, Server, ServerOptions, Toast,
    desktop::{Desktop, Furniture},
    files_with,
};

/// The class that the window has on the display.
const WINDOW: &str = "tidings";

#[tokio::test]
#[ignore = "needs a desktop session: cargo xtask test"]
async fn from_the_first_window_to_signing_out_by_ticket() -> Outcome {
    journey("ticket").await
}

#[tokio::test]
#[ignore = "needs a desktop session: cargo xtask test"]
async fn from_the_first_window_to_signing_out_by_token() -> Outcome {
    journey("token").await
}

async fn journey(flow: &str) -> Outcome {
    let desktop = Desktop::start(Furniture::FULL).await?;
    let server = Server::start(ServerOptions::default()).await?;
    let mut toasts = desktop.watch_toasts().await?;
    let mut agent = start_agent(&desktop, &server).await?;

    // the window opens, at the sign-in page, with what is known filled in
    let page = open_window(&desktop).await?;
    page.part("sign-in").await?;
    assert_eq!(page.value("server").await?, server.url());
    assert_eq!(page.value("username").await?, Server::USER);

    // sign in through the form
    page.element("[data-testid='options'] summary").await?.click().await?;
    page.part("flow").await?.select_by_value(flow).await?;
    page.fill("password", Server::PASSWORD).await?;
    page.press("submit").await?;
    page.element("[data-testid='connection-line'][data-state='connected']").await?;
    let snapshot = agent.connected().await?;
    assert_eq!(serde_json::to_value(snapshot.accounts[0].flow)?, flow);

    // the token is in the keychain, and in no file
    let keychain = desktop.keychain().await?;
    let entry = keychain.entry().await?;
    assert!(entry.label.contains(Server::USER), "{}", entry.label);
    let secret: serde_json::Value = serde_json::from_str(&entry.secret)?;
    let tokens = ["access_token", "refresh_token"].map(|name| secret[name].as_str().unwrap_or_default());
    assert!(tokens.iter().all(|token| token.len() > 16), "both tokens are kept");
    let needles = [&tokens[..], &[Server::PASSWORD]].concat();
    assert_eq!(files_with(agent.home(), &needles)?, Vec::<std::path::PathBuf>::new());

    // the tray says so
    let tray = desktop.tray().await?;
    tray.says(&format!("Connected to {}", server.host())).await?;

    // a notification: one toast, one row
    server.publish("first").await?;
    assert_eq!(toasts.next().await?.title, "first");
    page.element("[data-testid='inbox-row']").await?;
    assert_eq!(page.count("[data-testid='inbox-row']").await?, 1);
    tray.says("1 unread").await?;

    // a window that is closed leaves nothing behind but the agent
    close_window(&desktop).await?;
    assert!(agent.runs()?);

    // clicking the toast opens it
    desktop.click_toast().await?;
    desktop.screen()?.window(WINDOW).await?;
    close_window(&desktop).await?;
    assert!(agent.runs()?);

    // with the window closed, toasts come all the same
    server.publish("second").await?;
    assert_eq!(toasts.next().await?.title, "second");

    // what comes while the agent is dead arrives when it lives again, once
    agent.kill().await?;
    server.publish("missed").await?;
    let agent = start_agent(&desktop, &server).await?;
    assert_eq!(toasts.next().await?.title, "missed");
    agent.connected().await?;
    let titles: Vec<_> = agent.inbox().await?.into_iter().map(|item| item.title).collect();
    assert_eq!(titles, ["missed", "second", "first"]);

    // sign out: the keychain forgets, and the window asks to sign in again
    let page = open_window(&desktop).await?;
    page.press("nav-settings").await?;
    page.press("sign-out").await?;
    page.press("sign-out-confirm").await?;
    page.part("sign-in").await?;
    keychain.when("the keychain holds nothing of Tidings", <[_]>::is_empty).await?;
    assert_eq!(files_with(agent.home(), &needles)?, Vec::<std::path::PathBuf>::new());
    let further: Vec<Toast> = toasts.passed();
    assert!(further.is_empty(), "toasts that nobody was to see: {further:?}");
    Ok(())
}

async fn start_agent(desktop: &Desktop, server: &Server) -> Outcome<Agent> {
    let arguments = ["--server", server.url(), "--username", Server::USER].map(ToOwned::to_owned).to_vec();
    let window = Programs::find()?.window()?;
    let environment = vec![
        ("TIDINGS_WINDOW".to_owned(), window.into_os_string()),
        // how long it lingers is a matter of the bench
        ("TIDINGS_WINDOW_LINGER".to_owned(), "1".into()),
    ];
    Agent::start_with(desktop, AgentOptions { home: None, arguments, environment }).await
}

async fn open_window(desktop: &Desktop) -> Outcome<DrivenPage> {
    let programs = Programs::find()?;
    let (agent, home) = (programs.agent()?, Agent::home_in(desktop));
    let linger = std::path::Path::new("1");
    let environment =
        [("TIDINGS_HOME", &*home), ("TIDINGS_AGENT", &*agent), ("TIDINGS_WINDOW_LINGER", linger)];
    let driver = Driver::start(desktop, &environment).await?;
    let page = driver.open(&programs.window()?).await?;
    desktop.screen()?.window(WINDOW).await?;
    Ok(DrivenPage { page, _driver: driver })
}

async fn close_window(desktop: &Desktop) -> Outcome {
    let screen = desktop.screen()?;
    screen.close(&screen.window(WINDOW).await?)?;
    screen.window_closed(WINDOW).await?;
    desktop.window_gone(PATIENCE).await
}

/// A page with the driver that holds it.
struct DrivenPage {
    page: Page,
    _driver: Driver,
}

impl std::ops::Deref for DrivenPage {
    type Target = Page;

    fn deref(&self) -> &Page {
        &self.page
    }
}
