//! From signing in to the first notification, and out again.

use serde_json::json;
use tidings_lab::{Outcome, Server, ServerOptions};

use crate::bare_agent;

async fn receives(dialect: &str) -> Outcome {
    let (_desktop, agent) = bare_agent().await?;
    let server = Server::start(ServerOptions::default()).await?;
    let mut watch = agent.cli().watch().await?;
    let signed_in = agent.cli().log_in(&server, dialect).await?.json()?;
    assert_eq!(signed_in["dialect"], dialect);
    watch.state("connected").await?;
    let receipt = server
        .publish_all(json!({ "title": "Build passed", "body": "in 4 min", "priority": 4, "tags": ["ci"] }))
        .await?;
    let arrived = watch.notification().await?;
    assert_eq!(arrived["title"], "Build passed");
    assert_eq!(arrived["body"], "in 4 min");
    assert_eq!(arrived["priority"], "high");
    assert_eq!(arrived["id"], receipt.id);
    assert_eq!(arrived["seq"], receipt.seq);
    assert_eq!(arrived["account"], signed_in["id"]);
    let inbox = agent.cli().run(&["inbox", "--json"]).await?.success()?.json()?;
    assert_eq!(inbox["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(inbox["items"][0]["server_id"], receipt.id);

    agent.cli().run(&["logout", "--json"]).await?.success()?;
    let accounts = agent.cli().run(&["accounts", "--json"]).await?.success()?.json()?;
    assert_eq!(accounts[0]["signed_in"], false);
    assert_eq!(agent.inbox().await?.len(), 1);
    agent.cli().run(&["forget", "--json"]).await?.success()?;
    let accounts = agent.cli().run(&["accounts", "--json"]).await?.success()?.json()?;
    assert_eq!(accounts, json!([]));
    Ok(())
}

#[tokio::test]
async fn by_ticket_a_notification_arrives_as_it_was_published() -> Outcome {
    receives("ticket").await
}

#[tokio::test]
async fn by_token_a_notification_arrives_as_it_was_published() -> Outcome {
    receives("token").await
}

#[tokio::test]
async fn a_first_sign_in_brings_only_what_is_new() -> Outcome {
    let (_desktop, agent) = bare_agent().await?;
    let server = Server::start(ServerOptions::default()).await?;
    server.publish("old").await?;
    let mut watch = agent.cli().watch().await?;
    agent.cli().log_in(&server, "ticket").await?;
    watch.state("connected").await?;
    server.publish("new").await?;
    assert_eq!(watch.notification().await?["title"], "new");
    assert_eq!(agent.inbox().await?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn many_at_once_arrive_once_each_and_in_order() -> Outcome {
    let (_desktop, agent) = bare_agent().await?;
    let server = Server::start(ServerOptions::default()).await?;
    let mut watch = agent.cli().watch().await?;
    agent.cli().log_in(&server, "ticket").await?;
    watch.state("connected").await?;
    let titles: Vec<_> = (0..50).map(|number| format!("number {number}")).collect();
    for title in &titles {
        server.publish(title).await?;
    }
    for _ in &titles {
        watch.notification().await?;
    }
    assert_eq!(watch.titles(), titles);
    Ok(())
}

#[tokio::test]
async fn a_second_agent_for_the_same_home_gives_way() -> Outcome {
    let (_desktop, mut agent) = bare_agent().await?;
    let second = agent.cli().run(&["run", "--no-tray", "--no-toasts"]).await?;
    assert_eq!(second.code, 4, "{second:?}");
    assert!(agent.runs()?);
    agent.cli().run(&["quit"]).await?.success()?;
    assert!(agent.end().await?.success());
    Ok(())
}
