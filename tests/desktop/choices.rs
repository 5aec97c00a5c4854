//! What a person chooses in the settings holds at once, and after a restart.

use tidings_control::{Language, Request, Setting, Snapshot, Theme};
use tidings_lab::{
    Outcome, Page, Server, ServerOptions,
    desktop::{Desktop, Furniture},
    keys,
};

use crate::{
    scene::{QUIET_DESK, Scene},
    window::{close_window, open_window, start_agent, start_agent_with},
};

/// What an administrator has decided, but for the server.
const POLICY: &str = "[preset]\nkeep_days = 30\n\n[locked]\ntheme = \"dark\"\nurgent_passes = false\n";

/// Whether the page is drawn in dark colours: whether its text is lighter than what is behind it.
const IS_DARK: &str = "(() => {
    const light = (colour) => {
        const context = Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d');
        context.fillStyle = colour;
        context.fillRect(0, 0, 1, 1);
        const [red, green, blue] = context.getImageData(0, 0, 1, 1).data;
        return red + green + blue;
    };
    const style = getComputedStyle(document.body);
    return light(style.color) > light(style.backgroundColor);
})()";

#[tokio::test]
#[ignore = "needs a desktop session: cargo xtask test"]
async fn language_and_theme_hold_at_once_and_after_a_restart() -> Outcome {
    let Scene { page, mut agent, server, desktop } = Scene::signed_in(QUIET_DESK).await?;
    page.when("it is light, as the desktop is", &format!("!{IS_DARK}")).await?;
    page.press("nav-settings").await?;
    page.press("settings-general").await?;
    page.says("Start with your session").await?;

    page.press("theme-dark").await?;
    page.when("it is dark", IS_DARK).await?;
    page.press("theme-light").await?;
    page.when("it is light", &format!("!{IS_DARK}")).await?;
    page.press("theme-dark").await?;
    page.part("language").await?.select_by_value("pt-BR").await?;
    page.says("Ajustes").await?;
    page.when("the page says which language it is in", "document.documentElement.lang === 'pt-BR'").await?;
    let chosen = |snapshot: &Snapshot| {
        snapshot.settings.theme == Theme::Dark && snapshot.settings.language == Language::BrazilianPortuguese
    };
    agent.when("the agent has kept both", chosen).await?;

    close_window(&desktop).await?;
    assert!(agent.stop().await?.success());
    let agent = start_agent(&desktop, &server).await?;
    agent.when("both are as they were", chosen).await?;
    let page = open_window(&desktop).await?;
    page.element("[data-testid='connection-line'][data-state='connected']").await?;
    page.says("Ajustes").await?;
    page.when("it is dark", IS_DARK).await?;

    page.press("nav-settings").await?;
    page.press("settings-general").await?;
    page.part("language").await?.select_by_value("en").await?;
    page.says("Start with your session").await?;
    page.press("theme-system").await?;
    page.when("it is light, as the desktop is", &format!("!{IS_DARK}")).await
}

#[tokio::test]
#[ignore = "needs a desktop session: cargo xtask test"]
async fn a_dark_desktop_has_a_dark_window() -> Outcome {
    let scene = Scene::first(Furniture { dark: true, ..QUIET_DESK }).await?;
    scene.page.part("sign-in").await?;
    scene.page.when("it is dark, as the desktop is", IS_DARK).await
}

#[tokio::test]
#[ignore = "needs a desktop session: cargo xtask test"]
async fn an_open_window_turns_dark_and_light_with_the_desktop_unless_something_else_is_chosen() -> Outcome {
    let mut desktop = Desktop::start(QUIET_DESK).await?;
    desktop.prefer_dark(true).await?;
    let server = Server::start(ServerOptions::default()).await?;
    let agent = start_agent(&desktop, &server).await?;
    let page = open_window(&desktop).await?;
    page.part("sign-in").await?;
    page.when("it opens dark, as the desktop is", IS_DARK).await?;
    frame_is(&page, true).await?;
    desktop.prefer_dark(false).await?;
    page.when("it turns light", &format!("!{IS_DARK}")).await?;
    frame_is(&page, false).await?;

    // chosen colours stay, whatever the desktop turns to; those of the desktop hold again once they are chosen
    let (client, _) = agent.connect().await?;
    client.call(Request::Set(Setting::Theme(Theme::Dark))).await?;
    page.when("it is dark, as was chosen", IS_DARK).await?;
    frame_is(&page, true).await?;
    client.call(Request::Set(Setting::Theme(Theme::Light))).await?;
    page.when("it is light, as was chosen", &format!("!{IS_DARK}")).await?;
    desktop.prefer_dark(true).await?;
    frame_is(&page, false).await?;
    page.when("it stays light", &format!("!{IS_DARK}")).await?;
    client.call(Request::Set(Setting::Theme(Theme::System))).await?;
    page.when("it is dark, as the desktop is", IS_DARK).await?;
    frame_is(&page, true).await
}

/// Waits until the window's own frame is dark or light, of which the engine tells the page.
async fn frame_is(page: &Page, dark: bool) -> Outcome {
    let wanted = format!("matchMedia('(prefers-color-scheme: dark)').matches === {dark}");
    page.when(&format!("dark is the window's frame: {dark}"), &wanted).await
}

#[tokio::test]
#[ignore = "needs a desktop session: cargo xtask test"]
async fn what_an_administrator_has_locked_is_shown_and_cannot_be_changed() -> Outcome {
    let desktop = Desktop::start(QUIET_DESK).await?;
    let server = Server::start(ServerOptions::default()).await?;
    let policy = format!("{POLICY}server = \"{}\"\n", server.url());
    let policy = desktop.folder().write("tidings.toml", &policy)?;
    let environment = vec![("TIDINGS_POLICY".to_owned(), policy.into_os_string())];
    let agent = start_agent_with(&desktop, Vec::new(), environment).await?;
    let page = open_window(&desktop).await?;

    // the server is filled in, and stays; the colours are dark on a light desktop
    page.part("sign-in").await?;
    assert_eq!(page.value("server").await?, server.url());
    page.when("the server cannot be changed", "document.querySelector('[name=server]').readOnly").await?;
    page.says("Your administrator has decided this.").await?;
    page.when("it is dark", IS_DARK).await?;
    page.fill("username", Server::USER).await?;
    page.fill("password", Server::PASSWORD).await?;
    page.press("submit").await?;
    page.element("[data-testid='connection-line'][data-state='connected']").await?;

    // what is locked says so and cannot be pressed; what is preset can be changed
    page.press("nav-settings").await?;
    page.press("settings-general").await?;
    page.element("[data-testid='theme-light']:disabled").await?;
    page.says("Your administrator has decided this.").await?;
    let days = page.part("keep_days").await?;
    assert_eq!(days.prop("value").await?.as_deref(), Some("30"));
    days.clear().await?;
    days.send_keys(&format!("31{}", keys::ENTER)).await?;
    agent.when("the preset is changed", |snapshot| snapshot.settings.keep_days == 31).await?;
    page.press("settings-notifications").await?;
    page.element("[data-testid='urgent-passes'][aria-checked='false']:disabled").await?;

    // nor by any other way
    let (client, _) = agent.connect().await?;
    client.call(Request::Set(Setting::Theme(Theme::Light))).await.expect_err("a locked setting stays");
    assert_eq!(agent.snapshot().await?.settings.theme, Theme::Dark);
    Ok(())
}
