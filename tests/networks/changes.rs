//! The network goes, comes and changes under a connection.

use std::time::Duration;

use tidings_lab::{Outcome, within};

use crate::{Scene, Setting};

/// Within which the system's own events have been acted upon. Without them a change is found by a look every 60 s.
const AT_ONCE: Duration = Duration::from_secs(4);

/// Sooner than any keepalive could have found out: its ping is given 10 s.
const BY_PROBE: Duration = Duration::from_secs(9);

async fn offline_and_back(flow: &'static str, tls: bool, away: Away) -> Outcome {
    let mut scene = Scene::connected(Setting { flow, tls, ..Setting::default() }).await?;
    let mark = scene.mark();
    match away {
        Away::Unplugged => scene.network.unplug().await?,
        Away::Pulled => scene.network.pull().await?,
    }
    let lost = within(AT_ONCE, "it is offline at once", scene.watch.state("disconnected")).await??;
    assert_eq!(lost["cause"], "offline");
    assert!(lost["retry_at"].is_null(), "no attempt is due: {lost}");
    for title in ["one", "two", "three"] {
        scene.server.publish(title).await?;
    }
    match away {
        Away::Unplugged => scene.network.plug().await?,
        Away::Pulled => scene.network.put_back().await?,
    }
    within(AT_ONCE, "it is connected at once", scene.watch.state("connected")).await??;
    let states = scene.states_since(mark);
    assert_eq!(states.first(), Some(&"disconnected"));
    let disconnected = states.iter().filter(|state| **state == "disconnected").count();
    assert_eq!(disconnected, 1, "no attempt was made in between: {states:?}");
    scene.has("three").await?;
    scene.has_exactly(&["first", "one", "two", "three"]).await
}

#[derive(Clone, Copy)]
enum Away {
    /// At the client's end: addresses and routes go.
    Unplugged,
    /// At the other end: they stay, and lead nowhere.
    Pulled,
}

#[tokio::test]
#[ignore = "needs network namespaces"]
async fn a_link_that_goes_down_is_offline_at_once_and_one_that_comes_up_connected_at_once() -> Outcome {
    offline_and_back("ticket", true, Away::Unplugged).await
}

#[tokio::test]
#[ignore = "needs network namespaces"]
async fn a_cable_that_is_pulled_at_the_other_end_is_offline_too() -> Outcome {
    offline_and_back("token", false, Away::Pulled).await
}

/// Another one than before.
#[derive(Clone, Copy, Debug)]
enum Change {
    Address,
    Route,
    Gateway,
}

async fn change(scene: &Scene, change: Change) -> Outcome {
    match change {
        Change::Address => scene.network.add_address().await,
        Change::Route => scene.network.tune_in().await,
        Change::Gateway => scene.network.change_gateway().await,
    }
}

/// What still works is kept.
async fn survives(what: Change) -> Outcome {
    let mut scene = Scene::connected(Setting { flow: "token", ..Setting::default() }).await?;
    let mark = scene.mark();
    change(&scene, what).await?;
    scene.arrives("by the same connection").await?;
    assert!(scene.states_since(mark).is_empty(), "{what:?}: {:?}", scene.states_since(mark));
    scene.has_exactly(&["first", "by the same connection"]).await
}

/// What works no more is found out by a probe, long before the next ping would have.
async fn is_probed(what: Change) -> Outcome {
    let mut scene = Scene::connected(Setting::default()).await?;
    scene.network.silence().await?;
    change(&scene, what).await?;
    let lost = within(BY_PROBE, "a probe finds it dead", scene.watch.state("disconnected")).await??;
    assert_eq!(lost["cause"], "unreachable");
    scene.network.speak().await?;
    scene.watch.state("connected").await?;
    scene.arrives("after").await?;
    scene.has_exactly(&["first", "after"]).await
}

#[tokio::test]
#[ignore = "needs network namespaces"]
async fn another_address_beside_the_old_one_is_survived() -> Outcome {
    survives(Change::Address).await
}

#[tokio::test]
#[ignore = "needs network namespaces"]
async fn another_default_route_is_survived() -> Outcome {
    survives(Change::Route).await
}

#[tokio::test]
#[ignore = "needs network namespaces"]
async fn another_gateway_is_survived() -> Outcome {
    survives(Change::Gateway).await
}

#[tokio::test]
#[ignore = "needs network namespaces"]
async fn another_address_is_probed_at_once() -> Outcome {
    is_probed(Change::Address).await
}

#[tokio::test]
#[ignore = "needs network namespaces"]
async fn another_default_route_is_probed_at_once() -> Outcome {
    is_probed(Change::Route).await
}

#[tokio::test]
#[ignore = "needs network namespaces"]
async fn another_gateway_is_probed_at_once() -> Outcome {
    is_probed(Change::Gateway).await
}

/// Whatever was connected from the old address cannot go on.
#[tokio::test]
#[ignore = "needs network namespaces"]
async fn an_address_that_takes_the_old_ones_place_leads_to_a_new_connection_soon() -> Outcome {
    let mut scene = Scene::connected(Setting { tls: true, ..Setting::default() }).await?;
    scene.network.change_address().await?;
    scene.server.publish("meanwhile").await?;
    within(BY_PROBE, "the old connection is found dead", scene.watch.state("disconnected")).await??;
    scene.watch.state("connected").await?;
    scene.arrives("after").await?;
    scene.has_exactly(&["first", "meanwhile", "after"]).await
}
