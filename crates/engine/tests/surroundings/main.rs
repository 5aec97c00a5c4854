//! What the kernel really says: links, addresses and routes changed by `ip`, each test in a network namespace of its
//! own. Ignored elsewhere, as not every machine allows such namespaces.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that panics has said what is wrong")]

mod namespace;

use std::time::Duration;

use namespace::{alone, ip};
use tidings_engine::{Change, Surroundings, View};
use tokio::time::timeout;

/// Only a failing test ever gets this far.
const PATIENCE: Duration = Duration::from_secs(10);

/// Well beyond the longest burst: what has not been told by then is not told.
const SILENCE: Duration = Duration::from_millis(1500);

/// An ethernet link with its other end, and an address on it; no default route.
fn wired() {
    ip("link set lo up");
    ip("link add name near type veth peer name far");
    ip("link set far up");
    ip("link set near up");
    ip("addr add 10.0.0.2/24 dev near");
}

/// As seen from here on. The kernel is done with what `wired` has begun.
async fn watch() -> View {
    let mut view = Surroundings::watch().into_view();
    while timeout(SILENCE, view.next()).await.is_ok() {}
    view
}

/// Expects this very change, and no further one.
async fn becomes(view: &mut View, change: Change, by: &str) {
    ip(by);
    assert_eq!(timeout(PATIENCE, view.next()).await, Ok(change), "{by}");
    stays(view, by).await;
}

async fn stays(view: &mut View, by: &str) {
    assert!(timeout(SILENCE, view.next()).await.is_err(), "told of something after {by}");
}

#[test]
#[ignore = "needs a network namespace"]
fn a_link_that_goes_down_takes_the_network_with_it() {
    alone("a_link_that_goes_down_takes_the_network_with_it", async {
        wired();
        let mut view = watch().await;
        becomes(&mut view, Change::Down, "link set near down").await;
        becomes(&mut view, Change::Up, "link set near up").await;
    });
}

#[test]
#[ignore = "needs a network namespace"]
fn a_lost_carrier_is_a_lost_network() {
    alone("a_lost_carrier_is_a_lost_network", async {
        wired();
        let mut view = watch().await;
        becomes(&mut view, Change::Down, "link set far down").await;
        becomes(&mut view, Change::Up, "link set far up").await;
    });
}

#[test]
#[ignore = "needs a network namespace"]
fn an_address_that_comes_or_goes_is_a_change() {
    alone("an_address_that_comes_or_goes_is_a_change", async {
        wired();
        let mut view = watch().await;
        becomes(&mut view, Change::Other, "addr add 10.0.7.3/24 dev near").await;
        becomes(&mut view, Change::Other, "addr del 10.0.0.2/24 dev near").await;
        ip("addr flush dev near");
        assert_eq!(timeout(PATIENCE, view.next()).await, Ok(Change::Down));
    });
}

#[test]
#[ignore = "needs a network namespace"]
fn another_default_route_or_gateway_is_a_change() {
    alone("another_default_route_or_gateway_is_a_change", async {
        wired();
        let mut view = watch().await;
        becomes(&mut view, Change::Other, "route add default via 10.0.0.1").await;
        // same interface, same address
        becomes(&mut view, Change::Other, "route replace default via 10.0.0.9").await;
        becomes(&mut view, Change::Other, "route del default").await;
        becomes(&mut view, Change::Other, "route add default via 10.0.0.9 table 100").await;
    });
}

#[test]
#[ignore = "needs a network namespace"]
fn ipv6_alone_is_a_network_and_link_local_is_none() {
    alone("ipv6_alone_is_a_network_and_link_local_is_none", async {
        wired();
        ip("addr flush dev near scope global");
        let mut view = Surroundings::watch().into_view();
        assert!(view.is_down(), "there are link-local addresses only");
        becomes(&mut view, Change::Up, "addr add 2001:db8::2/64 dev near nodad").await;
        becomes(&mut view, Change::Other, "route add default via fe80::1 dev near").await;
        becomes(&mut view, Change::Other, "route replace default via fe80::9 dev near").await;
        ip("addr del 2001:db8::2/64 dev near");
        assert_eq!(timeout(PATIENCE, view.next()).await, Ok(Change::Other));
        becomes(&mut view, Change::Down, "-6 route del default dev near").await;
    });
}

#[test]
#[ignore = "needs a network namespace"]
fn containers_that_come_and_go_change_nothing() {
    alone("containers_that_come_and_go_change_nothing", async {
        wired();
        let mut view = watch().await;
        ip("link add name near1 type veth peer name far1");
        ip("link set near1 up");
        ip("link set far1 up");
        stays(&mut view, "a container's wire").await;
        ip("link del near1");
        stays(&mut view, "its end").await;
        ip("addr add 169.254.7.7/16 dev near");
        stays(&mut view, "an address that nobody gave").await;
    });
}

#[test]
#[ignore = "needs a network namespace"]
fn a_short_flap_is_not_told_of() {
    alone("a_short_flap_is_not_told_of", async {
        wired();
        ip("route add default via 10.0.0.1");
        let mut view = watch().await;
        ip("route del default");
        ip("route add default via 10.0.0.1");
        stays(&mut view, "a route that came back").await;
    });
}

#[test]
#[ignore = "needs a network namespace"]
fn a_storm_of_routes_is_one_change_and_hides_no_later_one() {
    alone("a_storm_of_routes_is_one_change_and_hides_no_later_one", async {
        wired();
        let mut view = watch().await;
        // more than a socket's buffer holds, at once
        let routes: String =
            (0..20_000).map(|n| format!("route add 10.9.{}.{} via 10.0.0.1\n", n / 256, n % 256)).collect();
        namespace::batch(&routes);
        assert_eq!(timeout(PATIENCE, view.next()).await, Ok(Change::Other));
        while timeout(SILENCE, view.next()).await.is_ok() {}
        becomes(&mut view, Change::Down, "link set near down").await;
    });
}

#[test]
#[ignore = "needs a network namespace"]
fn an_empty_machine_is_offline_and_comes_up_soon() {
    alone("an_empty_machine_is_offline_and_comes_up_soon", async {
        let mut view = Surroundings::watch().into_view();
        assert!(view.is_down());
        let before = tokio::time::Instant::now();
        wired();
        assert_eq!(timeout(PATIENCE, view.next()).await, Ok(Change::Up));
        // long before the slow look, which would find it as well
        assert!(before.elapsed() < Duration::from_secs(4), "after {:?}", before.elapsed());
    });
}
