//! Certificates that do not prove what they should: no attempt follows, and it is said why. The credentials stay.

use serde_json::Value;
use tidings_lab::{Authority, Identity, Outcome, Server};

use crate::{Scene, Setting};

const HOST: &str = "10.2.0.2";

/// A server comes back with another certificate: returns what is said of it, after it has come back with a good one.
async fn blocked_by(flow: &'static str, bad: impl Fn(&Authority) -> Outcome<Identity>) -> Outcome<String> {
    let mut scene = Scene::connected(Setting { flow, tls: true, ..Setting::default() }).await?;
    scene.server.kill().await?;
    let (bad, good) = (bad(&scene.authority)?, scene.authority.identity(&[HOST])?);
    scene.server.restart_as(bad).await?;
    let blocked = |event: &Value| event["state"] == "disconnected" && event["cause"] == "certificate";
    let lost = scene.watch.find("the certificate is refused", blocked).await?;
    assert!(lost["retry_at"].is_null(), "no attempt follows: {lost}");
    let detail = scene.detail().await?;

    scene.server.kill().await?;
    scene.server.restart_as(good).await?;
    scene.server.publish("meanwhile").await?;
    let mark = scene.mark();
    scene.agent.cli().run(&["reconnect"]).await?.success()?;
    scene.has("meanwhile").await?;
    assert_eq!(scene.states_since(mark).last(), Some(&"connected"), "no sign-in was needed");
    scene.has_exactly(&["first", "meanwhile"]).await?;
    Ok(detail)
}

#[tokio::test]
#[ignore = "needs network namespaces"]
async fn a_certificate_of_an_authority_that_is_not_known_blocks_and_says_so() -> Outcome {
    let stranger = Authority::new()?;
    let detail = blocked_by("ticket", |_| stranger.identity(&[HOST])).await?;
    assert!(detail.contains("its issuer is not known"), "{detail}");
    Ok(())
}

#[tokio::test]
#[ignore = "needs network namespaces"]
async fn an_expired_certificate_blocks_and_says_so() -> Outcome {
    let detail = blocked_by("token", |authority| authority.expired(&[HOST])).await?;
    assert!(detail.contains("it expired"), "{detail}");
    Ok(())
}

#[tokio::test]
#[ignore = "needs network namespaces"]
async fn a_certificate_of_another_host_blocks_and_says_so() -> Outcome {
    let detail =
        blocked_by("ticket", |authority| authority.identity(&["10.2.0.3", "elsewhere.example"])).await?;
    assert!(detail.contains("it belongs to 10.2.0.3, elsewhere.example, not to 10.2.0.2"), "{detail}");
    Ok(())
}

#[tokio::test]
#[ignore = "needs network namespaces"]
async fn nobody_is_signed_in_where_the_certificate_is_not_trusted() -> Outcome {
    let mut scene = Scene::signed_out(&Setting { tls: true, ..Setting::default() }).await?;
    scene.server.kill().await?;
    let expired = scene.authority.expired(&[HOST])?;
    scene.server.restart_as(expired).await?;
    let said = scene.agent.cli().log_in_at(scene.server.url(), Server::PASSWORD, &[]).await?;
    assert_eq!((said.code, said.error_code()?), (6, "CERTIFICATE_NOT_TRUSTED".to_owned()));
    assert!(scene.agent.snapshot().await?.accounts.is_empty());
    Ok(())
}

#[tokio::test]
#[ignore = "needs network namespaces"]
async fn a_private_authority_that_is_trusted_serves_over_ipv6_too() -> Outcome {
    let address = tidings_lab::Network::server_address_v6();
    let mut scene = Scene::connected(Setting { tls: true, address, ..Setting::default() }).await?;
    assert!(scene.server.url().starts_with("https://[fd00:2::2]:"), "{}", scene.server.url());
    scene.arrives("second").await?;
    scene.has_exactly(&["first", "second"]).await
}

#[tokio::test]
#[ignore = "needs network namespaces"]
async fn a_private_authority_is_trusted_by_the_account_that_brings_its_file() -> Outcome {
    let mut scene = Scene::signed_out(&Setting { tls: true, trusted: false, ..Setting::default() }).await?;
    let said = scene.agent.cli().log_in_at(scene.server.url(), Server::PASSWORD, &[]).await?;
    assert_eq!((said.code, said.error_code()?), (6, "CERTIFICATE_NOT_TRUSTED".to_owned()));
    let root = scene.authority.root().display().to_string();
    scene.sign_in(&["--ca-file", &root]).await?;
    scene.arrives("first").await?;
    scene.has_exactly(&["first"]).await
}
