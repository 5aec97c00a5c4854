//! The whole way of a person, from the first window to signing out.

use tidings_lab::{
    Outcome, Server, ServerOptions, Toast,
    desktop::{Desktop, Furniture},
    files_with,
};

use crate::window::{WINDOW, close_window, open_window, start_agent};

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
    page.part("dialect").await?.select_by_value(flow).await?;
    page.fill("password", Server::PASSWORD).await?;
    page.press("submit").await?;
    page.element("[data-testid='connection-line'][data-state='connected']").await?;
    let snapshot = agent.connected().await?;
    assert_eq!(serde_json::to_value(snapshot.accounts[0].dialect)?, flow);

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
