//! Where the window is: as large and where it was left, and in front when a person has asked for it.

use std::path::PathBuf;

use tidings_lab::{
    Agent, Outcome, PATIENCE, Programs, Server, ServerOptions,
    desktop::{Desktop, Place, Stranger, Surface, WINDOW, Wayland},
    until, within,
};

use crate::{
    scene::{QUIET_DESK, Scene},
    window::{close_window, open_page, open_window, start_agent},
};

async fn is_at(desktop: &Desktop, wanted: Place) -> Outcome {
    let screen = desktop.screen()?;
    let window = screen.window(WINDOW).await?;
    let mut last = None;
    let there = until(PATIENCE, "the window is where it was", async || {
        last = Some(screen.place_of(&window)?);
        Ok((last == Some(wanted)).then_some(()))
    });
    there.await.inspect_err(|_| eprintln!("it is at {last:?}, not at {wanted:?}"))
}

#[tokio::test]
#[ignore = "needs a desktop session: cargo xtask test"]
async fn the_window_is_as_large_and_where_it_was_after_both_programs_have_started_anew() -> Outcome {
    let Scene { page, mut agent, server, desktop } = Scene::first(QUIET_DESK).await?;
    page.part("sign-in").await?;
    let screen = desktop.screen()?;
    let window = screen.window(WINDOW).await?;
    screen.resize(&window, 520, 610)?;
    page.when("it has its new size", "innerWidth === 520 && innerHeight === 610").await?;
    let before = screen.place_of(&window)?;
    screen.place(&window, 333, 77)?;
    let moved = until(PATIENCE, "the window has moved", async || {
        let place = screen.place_of(&window)?;
        Ok((place.x != before.x && place.y != before.y).then_some(place))
    });
    let left = moved.await?;
    assert_eq!((left.width, left.height), (520, 610));

    // twice, as a window that creeps by its frame does so each time
    for _ in 0..2 {
        close_window(&desktop).await?;
        assert!(agent.stop().await?.success());
        agent = start_agent(&desktop, &server).await?;
        let page = open_window(&desktop).await?;
        page.part("sign-in").await?;
        is_at(&desktop, left).await?;
    }
    Ok(())
}

#[tokio::test]
#[ignore = "needs a desktop session: cargo xtask test"]
async fn the_window_comes_to_the_front_by_the_click_that_asked_for_it() -> Outcome {
    let Scene { page, agent, server, desktop } = Scene::first(QUIET_DESK).await?;
    page.part("sign-in").await?;
    let screen = desktop.screen()?;
    let window = screen.window(WINDOW).await?;
    screen.place(&window, 700, 40)?;
    let stranger = Stranger::open(&desktop, 40, 40).await?;
    let time = stranger.is_clicked(&desktop).await?;
    launch(&desktop, &format!("launcher_TIME{time}"), &[]).await?;
    screen.asked_for_front(&window, time).await?;
    screen.active(&window).await?;

    // and by a later one again
    let later = stranger.is_clicked(&desktop).await?;
    assert_ne!(later, time);
    launch(&desktop, &format!("launcher_TIME{later}"), &[]).await?;
    screen.asked_for_front(&window, later).await?;
    screen.active(&window).await?;
    drop((agent, server));
    Ok(())
}

#[tokio::test]
#[ignore = "needs a desktop session: cargo xtask test"]
async fn under_wayland_the_window_opens_and_comes_to_the_front_by_a_token_of_the_compositor() -> Outcome {
    let desktop = Desktop::start(QUIET_DESK).await?;
    let wayland = Wayland::start(&desktop).await?;
    let server = Server::start(ServerOptions::default()).await?;
    let agent = start_agent(&desktop, &server).await?;
    let page = open_page(&desktop, &wayland.environment()).await?;
    page.part("sign-in").await?;
    page.when("it has its first size", "innerWidth === 440 && innerHeight === 680").await?;
    let in_front =
        |surfaces: &[Surface]| matches!(surfaces, [surface] if surface.app == WINDOW && surface.focused);
    wayland.when("the window is in front", in_front).await?;

    // elsewhere, and asked for by nobody whom the compositor knows
    let out_of_sight = |surfaces: &[Surface]| matches!(surfaces, [surface] if !surface.focused);
    wayland.go_to_workspace(2).await?;
    wayland.when("the window is out of sight", out_of_sight).await?;
    launch(&desktop, "made-up", &wayland.environment()).await?;
    assert!(out_of_sight(&wayland.surfaces().await?));
    let (token, _launcher) = wayland.token().await?;
    launch(&desktop, &token, &wayland.environment()).await?;
    wayland.when("the window is in front", in_front).await?;
    drop((page, agent, server));
    Ok(())
}

/// Starts the window's program once more, as a launcher does that has a permission to come to the front for it. It leaves it to
/// the window that is open.
async fn launch(desktop: &Desktop, permission: &str, further: &[(&str, PathBuf)]) -> Outcome {
    let mut command = desktop.command(Programs::find()?.window()?);
    command.env("TIDINGS_HOME", Agent::home_in(desktop)).envs(further.iter().cloned());
    command.env("DESKTOP_STARTUP_ID", permission);
    assert!(within(PATIENCE, "the second program leaves", command.status()).await??.success());
    Ok(())
}
