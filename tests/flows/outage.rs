//! A server that goes away and comes back.

use tidings_lab::{Outcome, Server, ServerOptions};

use crate::bare_agent;

#[tokio::test]
async fn a_killed_server_is_missed_and_found_again() -> Outcome {
    let (_desktop, agent) = bare_agent().await?;
    let mut server = Server::start(ServerOptions::default()).await?;
    let mut watch = agent.cli().watch().await?;
    agent.cli().log_in(&server, "ticket").await?;
    watch.state("connected").await?;
    server.publish("before").await?;
    assert_eq!(watch.notification().await?["title"], "before");

    server.kill().await?;
    let lost = watch.state("disconnected").await?;
    assert_eq!(lost["cause"], "unreachable");
    assert!(lost["retry_at"].is_string(), "the time of the next attempt is told: {lost}");

    server.restart().await?;
    server.publish("meanwhile").await?;
    agent.cli().run(&["reconnect"]).await?.success()?;
    assert_eq!(watch.notification().await?["title"], "meanwhile");
    server.publish("after").await?;
    assert_eq!(watch.notification().await?["title"], "after");
    assert_eq!(watch.titles(), ["before", "meanwhile", "after"]);
    Ok(())
}

#[tokio::test]
async fn a_server_that_says_goodbye_is_said_to_restart() -> Outcome {
    let (_desktop, agent) = bare_agent().await?;
    let mut server = Server::start(ServerOptions::default()).await?;
    let mut watch = agent.cli().watch().await?;
    agent.cli().log_in(&server, "token").await?;
    watch.state("connected").await?;
    server.stop().await?;
    let lost = watch.state("disconnected").await?;
    assert_eq!(lost["cause"], "restarting");
    server.restart().await?;
    agent.cli().run(&["reconnect"]).await?.success()?;
    watch.state("connected").await?;
    Ok(())
}

#[tokio::test]
async fn it_comes_back_by_itself() -> Outcome {
    let (_desktop, agent) = bare_agent().await?;
    let mut server = Server::start(ServerOptions::default()).await?;
    let mut watch = agent.cli().watch().await?;
    agent.cli().log_in(&server, "ticket").await?;
    watch.state("connected").await?;
    server.kill().await?;
    watch.state("disconnected").await?;
    server.restart().await?;
    watch.state("connected").await?;
    Ok(())
}
