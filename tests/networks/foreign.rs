//! The same outages with servers of other kinds, which end without a word, hear nothing, and replay nothing by themselves.

use std::time::Duration;

use tidings_lab::{Foreign, ForeignKind, Outcome, within};

use crate::Scene;

/// Within which the system's own events have been acted upon. Without them a change is found by a look every 60 s.
const AT_ONCE: Duration = Duration::from_secs(4);

/// Sooner than any keepalive could have found out: its ping is given 10 s.
const BY_PROBE: Duration = Duration::from_secs(9);

/// What these servers take for a message; one that is longer ends the connection.
const LONGEST_FRAME: usize = 64;

async fn scene(kind: ForeignKind) -> Outcome<Scene<Foreign>> {
    Scene::with(kind, Foreign::PING).await
}

impl Scene<Foreign> {
    /// Nothing was lost, doubled or turned round, and nothing was said that such a server does not take.
    async fn ends_with(mut self, titles: &[&str]) -> Outcome {
        self.has_exactly(titles).await?;
        let longest = self.server.longest_frame().await?;
        assert!(longest <= LONGEST_FRAME, "{longest} bytes were sent");
        Ok(())
    }
}

/// Each claim for each kind.
macro_rules! claims {
    ($($claim:ident)*) => {
        mod gotify {
            $(#[tokio::test] #[ignore = "needs network namespaces"]
            async fn $claim() -> super::Outcome { super::$claim(super::ForeignKind::Gotify).await })*
        }
        mod ntfy {
            $(#[tokio::test] #[ignore = "needs network namespaces"]
            async fn $claim() -> super::Outcome { super::$claim(super::ForeignKind::Ntfy).await })*
        }
    };
}

claims! {
    a_connection_that_fell_silent_is_found_dead_and_nothing_is_lost
    a_link_that_goes_down_is_offline_at_once_and_one_that_comes_up_connected_at_once
    an_address_that_takes_the_old_ones_place_leads_to_a_new_connection_soon
    another_gateway_that_leads_nowhere_is_probed_at_once
    a_server_that_ended_without_a_word_is_found_again_and_nothing_is_lost
    a_server_that_stops_while_connected_is_found_dead_by_its_missing_pong
    an_agent_that_stood_still_for_too_long_comes_back_and_nothing_is_lost
    a_token_that_was_deleted_stops_it_and_the_server_is_left_in_peace
    what_appears_out_of_order_while_nobody_listens_is_not_lost
}

async fn a_connection_that_fell_silent_is_found_dead_and_nothing_is_lost(kind: ForeignKind) -> Outcome {
    let mut scene = scene(kind).await?;
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
    scene.ends_with(&["first", "into the void", "and one more", "after"]).await
}

async fn a_link_that_goes_down_is_offline_at_once_and_one_that_comes_up_connected_at_once(
    kind: ForeignKind,
) -> Outcome {
    let mut scene = scene(kind).await?;
    scene.network.unplug().await?;
    let lost = within(AT_ONCE, "it is offline at once", scene.watch.state("disconnected")).await??;
    assert_eq!(lost["cause"], "offline");
    for title in ["one", "two", "three"] {
        scene.server.publish(title).await?;
    }
    scene.network.plug().await?;
    within(AT_ONCE, "it is connected at once", scene.watch.state("connected")).await??;
    scene.has("three").await?;
    scene.ends_with(&["first", "one", "two", "three"]).await
}

async fn an_address_that_takes_the_old_ones_place_leads_to_a_new_connection_soon(
    kind: ForeignKind,
) -> Outcome {
    let mut scene = scene(kind).await?;
    scene.network.change_address().await?;
    scene.server.publish("meanwhile").await?;
    within(BY_PROBE, "the old connection is found dead", scene.watch.state("disconnected")).await??;
    scene.watch.state("connected").await?;
    scene.arrives("after").await?;
    scene.ends_with(&["first", "meanwhile", "after"]).await
}

async fn another_gateway_that_leads_nowhere_is_probed_at_once(kind: ForeignKind) -> Outcome {
    let mut scene = scene(kind).await?;
    scene.network.silence().await?;
    scene.network.change_gateway().await?;
    let lost = within(BY_PROBE, "a probe finds it dead", scene.watch.state("disconnected")).await??;
    assert_eq!(lost["cause"], "unreachable");
    scene.network.speak().await?;
    scene.watch.state("connected").await?;
    scene.arrives("after").await?;
    scene.ends_with(&["first", "after"]).await
}

async fn a_server_that_ended_without_a_word_is_found_again_and_nothing_is_lost(kind: ForeignKind) -> Outcome {
    let mut scene = scene(kind).await?;
    scene.server.stop().await?;
    let lost = scene.watch.state("disconnected").await?;
    assert_eq!(lost["cause"], "unreachable");
    scene.server.publish("meanwhile").await?;
    scene.server.start_again().await?;
    scene.watch.state("connected").await?;
    scene.arrives("after").await?;
    scene.ends_with(&["first", "meanwhile", "after"]).await
}

/// The kernel goes on to acknowledge what arrives: only the missing pong tells.
async fn a_server_that_stops_while_connected_is_found_dead_by_its_missing_pong(kind: ForeignKind) -> Outcome {
    let mut scene = scene(kind).await?;
    scene.server.pause()?;
    let lost = scene.watch.state("disconnected").await?;
    assert_eq!(lost["cause"], "unreachable");
    scene.server.resume()?;
    scene.watch.state("connected").await?;
    scene.arrives("after").await?;
    scene.ends_with(&["first", "after"]).await
}

async fn an_agent_that_stood_still_for_too_long_comes_back_and_nothing_is_lost(kind: ForeignKind) -> Outcome {
    let mut scene = Scene::with(kind, Duration::from_secs(1)).await?;
    scene.agent.pause()?;
    scene.server_is_alone().await?;
    scene.server.publish("in its sleep").await?;
    scene.agent.resume()?;
    scene.watch.state("disconnected").await?;
    scene.watch.state("connected").await?;
    scene.arrives("after").await?;
    scene.ends_with(&["first", "in its sleep", "after"]).await
}

/// Gotify ends the connection with its client, without a word; ntfy lets it be, until it is made anew.
async fn a_token_that_was_deleted_stops_it_and_the_server_is_left_in_peace(kind: ForeignKind) -> Outcome {
    let mut scene = scene(kind).await?;
    scene.server.revoke().await?;
    if matches!(kind, ForeignKind::Ntfy) {
        scene.arrives("still heard").await?;
        scene.server.stop().await?;
        scene.server.start_again().await?;
    }
    let over = |event: &serde_json::Value| event["state"] == "disconnected" && event["retry_at"].is_null();
    let over = scene.watch.find("no attempt follows", over).await?;
    assert_eq!(over["cause"], "sign_in_needed");
    Ok(())
}

/// Gotify's numbers; what was received last is no mark that hides a lower one.
async fn what_appears_out_of_order_while_nobody_listens_is_not_lost(kind: ForeignKind) -> Outcome {
    let mut scene = scene(kind).await?;
    scene.network.unplug().await?;
    within(AT_ONCE, "it is offline at once", scene.watch.state("disconnected")).await??;
    scene.server.publish_late("late", "early").await?;
    scene.network.plug().await?;
    scene.has("late").await?;
    scene.has("early").await?;
    scene.arrives("after").await?;
    let mut titles = scene.watch.titles();
    titles.sort_unstable();
    assert_eq!(titles, ["after", "early", "first", "late"]);
    Ok(())
}
