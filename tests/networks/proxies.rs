//! A network that lets nothing out but through its proxy: HTTP and the WebSocket go the same way.

use std::net::SocketAddr;

use tidings_lab::{ConnectProxy, Network, Outcome, Outpost, Server};

use crate::{Scene, Setting};

/// The router's own address on the client's side.
const PROXY: ([u8; 4], u16) = ([10, 1, 0, 1], 3128);
const CREDENTIALS: &str = "alice:it is a secret";
/// As they stand in an address (RFC 3986, section 3.2.1).
const IN_ADDRESS: &str = "alice:it%20is%20a%20secret";

fn setting(flow: &'static str, credentials: &str) -> Setting {
    let ([a, b, c, d], port) = PROXY;
    let proxy = format!("http://{credentials}@{a}.{b}.{c}.{d}:{port}");
    Setting {
        flow,
        tls: true,
        environment: vec![("HTTPS_PROXY".to_owned(), proxy.into())],
        ..Setting::default()
    }
}

async fn proxy_of(network: &Network) -> Outcome<ConnectProxy> {
    Outpost::new(network.router())?.proxy(SocketAddr::from(PROXY), CREDENTIALS).await
}

async fn goes_through(flow: &'static str) -> Outcome {
    let mut scene = Scene::signed_out(&setting(flow, IN_ADDRESS)).await?;
    // nothing passes the router: what arrives has gone through the proxy, which is the router's own program
    scene.network.silence().await?;
    let mut proxy = proxy_of(&scene.network).await?;
    scene.sign_in(&["--dialect", flow]).await?;
    let passed = format!("passed {}", Network::server_address());
    assert_eq!(proxy.next().await?, passed);
    scene.arrives("first").await?;
    assert!(Scene::stands(scene.server.pid()));

    proxy.kill().await?;
    let lost = scene.watch.state("disconnected").await?;
    assert_eq!(lost["cause"], "unreachable");
    assert!(lost["retry_at"].is_string(), "the time of the next attempt is told: {lost}");
    scene.server.publish("meanwhile").await?;
    let mut proxy = proxy_of(&scene.network).await?;
    scene.watch.state("connected").await?;
    assert_eq!(proxy.next().await?, passed);
    scene.arrives("after").await?;
    scene.has_exactly(&["first", "meanwhile", "after"]).await
}

#[tokio::test]
#[ignore = "needs network namespaces"]
async fn by_ticket_everything_goes_through_the_proxy_and_again_after_its_end() -> Outcome {
    goes_through("ticket").await
}

#[tokio::test]
#[ignore = "needs network namespaces"]
async fn by_token_everything_goes_through_the_proxy_and_again_after_its_end() -> Outcome {
    goes_through("token").await
}

#[tokio::test]
#[ignore = "needs network namespaces"]
async fn a_proxy_that_refuses_the_credentials_lets_nobody_in() -> Outcome {
    let scene = Scene::signed_out(&setting("ticket", "alice:wrong")).await?;
    scene.network.silence().await?;
    let mut proxy = proxy_of(&scene.network).await?;
    let said = scene.agent.cli().log_in_at(scene.server.url(), Server::PASSWORD, &[]).await?;
    assert_eq!(proxy.next().await?, "refused");
    assert_eq!(said.code, 6, "{said:?}");
    assert!(scene.agent.snapshot().await?.accounts.is_empty());
    Ok(())
}
