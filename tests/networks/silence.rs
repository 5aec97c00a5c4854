//! Packets that are dropped without a word: both ends go on to believe in the connection.

use tidings_lab::Outcome;

use crate::{Scene, Setting};

async fn finds_out(flow: &'static str, tls: bool) -> Outcome {
    let mut scene = Scene::connected(Setting { flow, tls, ..Setting::default() }).await?;
    scene.network.silence().await?;
    scene.server.publish("into the void").await?;
    scene.server.publish("and one more").await?;
    assert!(Scene::stands(scene.agent.pid()) && Scene::stands(scene.server.pid()), "no end has been told");
    let lost = scene.watch.state("disconnected").await?;
    assert_eq!(lost["cause"], "unreachable");
    assert!(lost["retry_at"].is_string(), "the time of the next attempt is told: {lost}");
    assert!(Scene::stands(scene.server.pid()), "it was the client's own deadline");
    scene.network.speak().await?;
    scene.watch.state("connected").await?;
    scene.has("and one more").await?;
    scene.arrives("after").await?;
    scene.has_exactly(&["first", "into the void", "and one more", "after"]).await
}

#[tokio::test]
#[ignore = "needs network namespaces"]
async fn by_ticket_a_connection_that_fell_silent_is_found_dead_and_nothing_is_lost() -> Outcome {
    finds_out("ticket", true).await
}

#[tokio::test]
#[ignore = "needs network namespaces"]
async fn by_token_a_connection_that_fell_silent_is_found_dead_and_nothing_is_lost() -> Outcome {
    finds_out("token", false).await
}

#[tokio::test]
#[ignore = "needs network namespaces"]
async fn a_silence_that_ends_in_time_is_survived() -> Outcome {
    let mut scene = Scene::connected(Setting::default()).await?;
    let mark = scene.mark();
    scene.network.silence().await?;
    scene.server.publish("held up").await?;
    scene.network.speak().await?;
    scene.has("held up").await?;
    assert!(scene.states_since(mark).is_empty(), "the connection stands: {:?}", scene.states_since(mark));
    scene.has_exactly(&["first", "held up"]).await
}
