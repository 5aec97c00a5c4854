//! Servers that die, and servers that only stop.

use tidings_lab::Outcome;

use crate::{Scene, Setting};

#[tokio::test]
#[ignore = "needs network namespaces"]
async fn a_server_that_was_killed_is_found_again_and_nothing_is_lost() -> Outcome {
    let mut scene = Scene::connected(Setting { flow: "token", tls: true, ..Setting::default() }).await?;
    scene.server.kill().await?;
    let lost = scene.watch.state("disconnected").await?;
    assert_eq!(lost["cause"], "unreachable");
    scene.server.restart().await?;
    scene.server.publish("meanwhile").await?;
    scene.watch.state("connected").await?;
    scene.arrives("after").await?;
    scene.has_exactly(&["first", "meanwhile", "after"]).await
}

/// The kernel goes on to acknowledge what arrives: only the missing pong tells.
#[tokio::test]
#[ignore = "needs network namespaces"]
async fn a_server_that_stops_while_connected_is_found_dead_by_its_missing_pong() -> Outcome {
    let mut scene = Scene::connected(Setting { flow: "token", ..Setting::default() }).await?;
    scene.server.pause()?;
    let lost = scene.watch.state("disconnected").await?;
    assert_eq!(lost["cause"], "unreachable");
    scene.server.resume()?;
    scene.watch.state("connected").await?;
    scene.arrives("after").await?;
    scene.has_exactly(&["first", "after"]).await
}

/// The kernel goes on to accept connections: only the missing answer tells.
#[tokio::test]
#[ignore = "needs network namespaces"]
async fn a_server_that_stops_before_an_attempt_ends_it_by_the_attempts_own_deadline() -> Outcome {
    let mut scene = Scene::connected(Setting { tls: true, ..Setting::default() }).await?;
    scene.server.pause()?;
    scene.agent.cli().run(&["reconnect"]).await?.success()?;
    scene.watch.state("connecting").await?;
    let lost = scene.watch.state("disconnected").await?;
    assert_eq!(lost["cause"], "unreachable");
    assert!(lost["retry_at"].is_string(), "the time of the next attempt is told: {lost}");
    scene.server.resume()?;
    scene.watch.state("connected").await?;
    scene.arrives("after").await?;
    scene.has_exactly(&["first", "after"]).await
}
