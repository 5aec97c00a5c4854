//! Servers that say what no server should: what can be skipped is skipped, what cannot ends the connection, and the
//! agent lives on.

use serde_json::json;
use tidings_lab::{Agent, Outcome, Rogue, RogueSocket, Server, Watch, desktop::Desktop};
use tidings_protocol::MAX_FRAME_BYTES;

use crate::bare_agent;

/// Far beyond what is allowed, and beyond what sockets buffer.
const TOO_MUCH: usize = 64 * MAX_FRAME_BYTES;

struct Scene {
    _desktop: Desktop,
    agent: Agent,
    rogue: Rogue,
    socket: RogueSocket,
    watch: Watch,
}

/// Signed in to a rogue and connected.
async fn scene() -> Outcome<Scene> {
    let (desktop, agent) = bare_agent().await?;
    let mut rogue = Rogue::start().await?;
    let mut watch = agent.cli().watch().await?;
    agent.cli().log_in_at(rogue.url(), Server::PASSWORD, &[]).await?.success()?;
    let socket = rogue.socket().await?;
    watch.state("connected").await?;
    Ok(Scene { _desktop: desktop, agent, rogue, socket, watch })
}

fn notification(seq: u64, title: &str) -> String {
    let payload = json!({
        "seq": seq, "id": format!("n{seq}"), "title": title, "body": "", "priority": 3,
        "created_at": "2026-01-01T00:00:00Z"
    });
    json!({ "type": "notification", "payload": payload }).to_string()
}

#[tokio::test]
async fn garbage_is_skipped_and_what_follows_arrives() -> Outcome {
    let mut scene = scene().await?;
    let garbage = [
        "",
        "not json",
        "null",
        "[]",
        "{}",
        r#"{"type":7}"#,
        r#"{"type":"notification"}"#,
        r#"{"type":"notification","payload":{"title":7}}"#,
        r#"{"type":"of the future","payload":{}}"#,
    ];
    for text in garbage {
        scene.socket.text(text).await?;
    }
    scene.socket.text(&notification(1, "still here")).await?;
    assert_eq!(scene.watch.notification().await?["title"], "still here");
    assert_eq!(scene.watch.titles(), ["still here"]);
    let states: Vec<_> = scene.watch.seen().iter().filter(|value| value["state"] == "disconnected").collect();
    assert!(states.is_empty(), "the connection stands: {states:?}");
    Ok(())
}

#[tokio::test]
async fn a_notification_that_is_sent_twice_arrives_once() -> Outcome {
    let mut scene = scene().await?;
    for text in [notification(1, "one"), notification(1, "one"), notification(2, "two")] {
        scene.socket.text(&text).await?;
    }
    scene.watch.notification().await?;
    scene.watch.notification().await?;
    assert_eq!(scene.watch.titles(), ["one", "two"]);
    assert_eq!(scene.agent.inbox().await?.len(), 2);
    Ok(())
}

#[tokio::test]
async fn a_huge_frame_is_refused() -> Outcome {
    let mut scene = scene().await?;
    scene.socket.huge(TOO_MUCH).await?;
    scene.watch.state("disconnected").await?;
    assert!(scene.agent.runs()?);
    Ok(())
}

#[tokio::test]
async fn a_message_without_end_is_refused() -> Outcome {
    let mut scene = scene().await?;
    scene.socket.endless(TOO_MUCH).await?;
    scene.watch.state("disconnected").await?;
    assert!(scene.agent.runs()?);
    Ok(())
}

#[tokio::test]
async fn bytes_that_are_no_frames_end_the_connection() -> Outcome {
    let mut scene = scene().await?;
    // reserved bits and a reserved opcode (RFC 6455, section 5.2)
    scene.socket.bytes(&[0xff, 0xff, 0xff, 0xff]).await?;
    scene.socket.closed().await?;
    scene.watch.state("disconnected").await?;
    assert!(scene.agent.runs()?);
    Ok(())
}

#[tokio::test]
async fn a_socket_that_breaks_off_is_opened_again() -> Outcome {
    let Scene { _desktop, agent, mut rogue, socket, mut watch } = scene().await?;
    drop(socket);
    let lost = watch.state("disconnected").await?;
    assert_eq!(lost["cause"], "unreachable");
    agent.cli().run(&["reconnect"]).await?.success()?;
    let mut socket = rogue.socket().await?;
    watch.state("connected").await?;
    socket.text(&notification(1, "again")).await?;
    assert_eq!(watch.notification().await?["title"], "again");
    Ok(())
}
