//! A desktop in Portuguese: all that Tidings says there is Portuguese, and nobody had to choose it.

use serde_json::json;
use tidings_lab::{
    Outcome, Server, ServerOptions,
    desktop::{Desktop, Furniture},
};

use crate::window::{open_window, start_agent};

#[tokio::test]
#[ignore = "needs a desktop session: cargo xtask test"]
async fn window_tray_and_toasts_speak_the_language_of_the_desktop() -> Outcome {
    let mut desktop = Desktop::start(Furniture::FULL).await?;
    desktop.speak("pt_BR").await?;
    let server = Server::start(ServerOptions::default()).await?;
    let agent = start_agent(&desktop, &server).await?;
    let tray = desktop.tray().await?;
    tray.says("Nenhuma sessão iniciada").await?;
    let page = open_window(&desktop).await?;
    page.says("Entrar no seu servidor").await?;
    page.when("the page says which language it is in", "document.documentElement.lang === 'pt-BR'").await?;

    page.fill("password", Server::PASSWORD).await?;
    page.press("submit").await?;
    page.element("[data-testid='connection-line'][data-state='connected']").await?;
    page.says("Ajustes").await?;
    tray.says("Conectado a").await?;
    let mut toasts = desktop.watch_toasts().await?;
    server.publish_all(json!({ "title": "Oi" })).await?;
    let toast = toasts.next().await?;
    assert!(toast.actions.iter().any(|label| label == "Marcar como lida"), "{:?}", toast.actions);
    page.says("Oi").await?;
    drop(agent);
    Ok(())
}
