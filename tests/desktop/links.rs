//! `tidings://` links, as a browser hands them over: to the window's program.

use tidings_lab::{Agent, Outcome, PATIENCE, Programs, desktop::Desktop, within};

use crate::scene::{QUIET_DESK, Scene};

#[tokio::test]
#[ignore = "needs a desktop session: cargo xtask test"]
async fn a_link_is_asked_about_in_the_open_window_and_one_that_leads_nowhere_is_told_of() -> Outcome {
    let scene = Scene::signed_in(QUIET_DESK).await?;
    let page = &scene.page;
    hand_over(&scene.desktop, "tidings://buy?server=https://example.com").await?;
    page.part("refused-link").await?;
    page.press("refused-link-leave").await?;
    page.when("it is put away", "!document.querySelector('[data-testid=refused-link]')").await?;

    hand_over(&scene.desktop, "tidings://add?server=https://alerts.example.com&user=alice").await?;
    page.part("add").await?;
    page.says("alerts.example.com").await?;
    page.press("add-confirm").await?;
    page.part("sign-in").await?;
    assert_eq!(page.value("server").await?, "https://alerts.example.com");
    assert_eq!(page.value("username").await?, "alice");
    assert_eq!(scene.agent.snapshot().await?.accounts.len(), 1);
    Ok(())
}

/// Starts the window's program for a link; it leaves it to the window that is open.
async fn hand_over(desktop: &Desktop, link: &str) -> Outcome {
    let mut command = desktop.command(Programs::find()?.window()?);
    command.env("TIDINGS_HOME", Agent::home_in(desktop)).arg(link);
    assert!(within(PATIENCE, "the second program leaves", command.status()).await??.success());
    Ok(())
}
