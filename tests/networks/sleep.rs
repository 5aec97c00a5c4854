//! A machine that sleeps: the agent stands still (`SIGSTOP`) for longer than the server waits for it. The monotonic
//! clock goes on meanwhile, which it would not in a real sleep; what follows from a jump of the clocks is shown where
//! the clocks are given.

use tidings_lab::Outcome;

use crate::{Scene, Setting};

#[tokio::test]
#[ignore = "needs network namespaces"]
async fn an_agent_that_stood_still_for_too_long_comes_back_and_nothing_is_lost() -> Outcome {
    // the server gives up after two and a half of these
    let arguments = &["--keepalive-seconds", "1"];
    let setting = Setting { tls: true, server_arguments: arguments, ..Setting::default() };
    let mut scene = Scene::connected(setting).await?;
    scene.agent.pause()?;
    scene.server_is_alone().await?;
    scene.server.publish("in its sleep").await?;
    scene.agent.resume()?;
    scene.watch.state("disconnected").await?;
    scene.watch.state("connected").await?;
    scene.arrives("after").await?;
    scene.has_exactly(&["first", "in its sleep", "after"]).await
}
