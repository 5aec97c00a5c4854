//! The sign-in page: what goes wrong is said at the field that it belongs to, and the keyboard is enough.

use tidings_lab::{
    Agent, Outcome, PATIENCE, Page, Server, ServerOptions,
    desktop::{Desktop, Furniture, TrayHost},
    until,
};

use crate::window::{open_window, start_agent};

/// Enter, as WebDriver writes it.
const ENTER: &str = "\u{e007}";

const NO_SURROUNDINGS: Furniture = Furniture { tray: TrayHost::Missing, toasts: false, ..Furniture::FULL };

async fn complaint(page: &Page, field: &str) -> Outcome {
    let part = format!("error-{field}");
    until(PATIENCE, "the page complains", async || {
        let text = page.part(&part).await?.text().await?;
        Ok((!text.trim().is_empty()).then_some(()))
    })
    .await
}

#[tokio::test]
#[ignore = "needs a desktop session: cargo xtask test"]
async fn a_wrong_password_is_told_at_the_password_and_the_next_try_works_by_keyboard() -> Outcome {
    let desktop = Desktop::start(NO_SURROUNDINGS).await?;
    let server = Server::start(ServerOptions::default()).await?;
    let agent = start_agent(&desktop, &server).await?;
    let page = open_window(&desktop).await?;
    page.fill("password", "not her password").await?;
    page.press("submit").await?;
    complaint(&page, "password").await?;
    assert!(agent.snapshot().await?.accounts.is_empty());
    // the field has the focus and its text is selected: what is typed takes its place
    let focused = page.run("return document.activeElement.name").await?;
    assert_eq!(focused, "password");
    page.element("[name='password']").await?.send_keys(&format!("{}{ENTER}", Server::PASSWORD)).await?;
    page.element("[data-testid='connection-line'][data-state='connected']").await?;
    Ok(())
}

#[tokio::test]
#[ignore = "needs a desktop session: cargo xtask test"]
async fn a_server_that_is_not_there_is_told_at_the_server() -> Outcome {
    let desktop = Desktop::start(NO_SURROUNDINGS).await?;
    let mut server = Server::start(ServerOptions::default()).await?;
    let agent: Agent = start_agent(&desktop, &server).await?;
    server.stop().await?;
    let page = open_window(&desktop).await?;
    page.fill("password", Server::PASSWORD).await?;
    page.press("submit").await?;
    complaint(&page, "server").await?;
    server.restart().await?;
    page.press("submit").await?;
    page.element("[data-testid='connection-line'][data-state='connected']").await?;
    agent.connected().await?;
    Ok(())
}
