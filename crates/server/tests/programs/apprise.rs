//! Apprise, by the addresses of `docs/publishing.md`.

use std::env;

use tidings_protocol::Notification;
use tokio::process::Command;

use crate::{KEY, SERVER, authority, documented, house, support::House};

/// The program `apprise`.
const VARIABLE: &str = "TIDINGS_APPRISE";

async fn send(arguments: &[&str], url: &str) {
    let program = env::var_os(VARIABLE).expect(VARIABLE);
    let output = Command::new(program).args(["-vv"]).args(arguments).arg(url).output().await.unwrap();
    assert!(output.status.success(), "{url}: {output:?}");
}

/// The documented address that starts with this, made to lead to the house.
fn address(house: &House, key: &str, scheme: &str) -> String {
    let line = documented("**Apprise**").lines().find(|line| line.starts_with(scheme)).expect(scheme);
    line.replacen("s://", "://", 1).replace(SERVER, authority(house)).replace(KEY, key)
}

#[tokio::test]
#[ignore = "needs Apprise, by TIDINGS_APPRISE"]
async fn what_apprise_sends_to_gotify_arrives() {
    let (house, key, mut alice) = house("backup", &[]).await;
    let url = address(&house, key.expose(), "gotifys://");
    send(&["-t", "Büild 7", "-b", "failed\nin 3 min"], &url).await;
    let Notification { title, body, priority, topic, .. } = alice.notification().await;
    assert_eq!((title.as_str(), body.as_str(), priority.number()), ("Büild 7", "failed\nin 3 min", 4));
    assert_eq!(topic.as_deref(), Some("backup"));
}

#[tokio::test]
#[ignore = "needs Apprise, by TIDINGS_APPRISE"]
async fn what_apprise_sends_to_ntfy_arrives_with_all_its_trimmings() {
    let (house, key, mut alice) = house("backup", &[]).await;
    let url = address(&house, key.expose(), "ntfys://");
    send(
        &["-t", "Büild 7", "-b", "failed\nin 3 min"],
        &format!("{url}&actions=view%2CLog%2Chttps%3A%2F%2Fci.example.com%2Flog"),
    )
    .await;
    let got = alice.notification().await;
    assert_eq!(
        (got.title.as_str(), got.body.as_str(), got.priority.number()),
        ("Büild 7", "failed\nin 3 min", 4)
    );
    assert_eq!(
        (got.tags, got.click_url.as_deref()),
        (vec!["ci".to_owned(), "tests".to_owned()], Some("https://ci.example.com/42"))
    );
    assert_eq!(got.actions.first().map(|action| action.label.as_str()), Some("Log"));
    assert!(got.icon_url.is_some(), "Apprise sends one of its own");
}

#[tokio::test]
#[ignore = "needs Apprise, by TIDINGS_APPRISE"]
async fn a_message_that_apprise_sends_as_a_file_arrives_as_a_message() {
    let (house, key, mut alice) = house("backup", &[]).await;
    let url = address(&house, key.expose(), "ntfys://");
    // what makes it so long is how JSON writes it
    let long = "ä".repeat(3000);
    send(&["-t", "Log", "-b", &long], &url).await;
    let got = alice.notification().await;
    assert!(got.body.contains(&long) && (got.body.contains("Log") || got.title == "Log"), "{got:?}");
}

#[tokio::test]
#[ignore = "needs Apprise, by TIDINGS_APPRISE"]
async fn apprise_is_told_when_it_did_not_arrive() {
    let (house, key, _alice) = house("backup", &[]).await;
    let program = env::var_os(VARIABLE).expect(VARIABLE);
    for (scheme, wrong) in
        [("gotifys://", "tdk_wrong"), ("ntfys://", "tdk_wrong"), ("ntfys://", key.expose())]
    {
        let url = address(&house, wrong, scheme).replace("/backup", "/nobody");
        let status = Command::new(&program).args(["-b", "x", &url]).output().await.unwrap().status;
        assert!(!status.success(), "{url}");
    }
}
