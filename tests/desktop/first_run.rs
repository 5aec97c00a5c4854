//! The first run: one screen that explains itself, for somebody who knows nothing but an address, a name and a password.

use tidings_lab::{
    Outcome, PATIENCE, Server, ServerOptions,
    desktop::{Desktop, Furniture},
    keys, until,
};

use crate::window::{open_window, start_agent_alone};

#[tokio::test]
#[ignore = "needs a desktop session: cargo xtask test"]
async fn the_first_run_explains_itself_and_the_keyboard_leads_through_it() -> Outcome {
    let desktop = Desktop::start(Furniture::FULL).await?;
    let server = Server::start(ServerOptions::default()).await?;
    let agent = start_agent_alone(&desktop).await?;
    let page = open_window(&desktop).await?;

    // what it is, in a sentence; nothing is filled in, and the first field has the focus
    page.part("sign-in").await?;
    let intro = page.element("[data-testid='sign-in'] .intro").await?.text().await?;
    assert!(intro.starts_with("Tidings ") && intro.len() > 40, "{intro}");
    for field in ["server", "username", "password"] {
        assert_eq!(page.value(field).await?, "", "{field}");
    }
    page.when("the server's field has the focus", "document.activeElement.name === 'server'").await?;

    // an empty form says what is missing, where it is missing
    page.keys(&keys::ENTER.to_string()).await?;
    until(PATIENCE, "the form complains", async || {
        Ok((!page.part("error-server").await?.text().await?.is_empty()).then_some(()))
    })
    .await?;

    // address, Tab, name, Tab, password, Enter
    page.keys(server.host()).await?;
    page.keys(&format!("{}{}", keys::TAB, Server::USER)).await?;
    page.keys(&format!("{}{}{}", keys::TAB, Server::PASSWORD, keys::ENTER)).await?;
    page.element("[data-testid='connection-line'][data-state='connected']").await?;
    page.says("All quiet.").await?;
    agent.connected().await?;
    desktop.tray().await?.says("Connected to").await?;

    // the first one
    server.publish("Hello").await?;
    page.part("inbox-row").await?;
    page.says("Hello").await
}
