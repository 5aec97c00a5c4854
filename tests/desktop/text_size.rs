//! The size of text that a person has chosen for the whole desktop: the page is drawn in it, and the window has room for that.

use tidings_lab::{
    Outcome,
    desktop::{Desktop, WINDOW},
};

use crate::{
    scene::{QUIET_DESK, Scene},
    window::{close_window, open_window},
};

/// The title's height, in pixels of the display.
const TITLE: &str = "document.querySelector('h1').getBoundingClientRect().height * outerWidth / innerWidth";

#[tokio::test]
#[ignore = "needs a desktop session: cargo xtask test"]
async fn text_follows_the_desktop_s_size_while_the_window_is_open_and_no_page_gets_too_narrow() -> Outcome {
    let scene = Scene::first(QUIET_DESK).await?;
    let page = &scene.page;
    page.part("sign-in").await?;
    let usual = page.run(&format!("return {TITLE}")).await?;
    scene.resize(320, 480).await?;
    scene.desktop.scale_text(1.5)?;
    page.when("the text has grown", &format!("Math.abs({TITLE} - 1.5 * {usual}) < 1")).await?;
    page.when(
        "the window has grown with it",
        "outerWidth === 480 && innerWidth === 320 && innerHeight === 480",
    )
    .await?;
    let screen = scene.desktop.screen()?;
    screen.resize(&screen.window(WINDOW).await?, 440, 680)?;
    page.when("it gets no narrower", "outerWidth === 480 && innerWidth === 320 && outerHeight >= 680")
        .await?;

    // back to the usual size, it can be made narrow again
    scene.desktop.scale_text(1.0)?;
    page.when("the text has its size again", &format!("Math.abs({TITLE} - {usual}) < 1")).await?;
    scene.resize(320, 480).await
}

#[tokio::test]
#[ignore = "needs a desktop session: cargo xtask test"]
async fn a_window_that_opens_on_a_desktop_with_large_text_shows_as_much_as_on_any_other() -> Outcome {
    let Scene { page, agent, server, desktop } = Scene::first(QUIET_DESK).await?;
    page.part("sign-in").await?;
    page.when("the page has its first size", "innerWidth === 440 && innerHeight === 680").await?;
    close_window(&desktop).await?;
    forget_size(&desktop)?;
    desktop.scale_text(1.1)?;
    let page = open_window(&desktop).await?;
    page.part("sign-in").await?;
    page.when("it has as much room", "outerWidth === 484 && innerWidth === 440 && innerHeight === 680")
        .await?;
    drop((page, agent, server));
    Ok(())
}

fn forget_size(desktop: &Desktop) -> Outcome {
    let kept = tidings_lab::Agent::home_in(desktop).join("config/window.json");
    Ok(std::fs::remove_file(kept)?)
}
