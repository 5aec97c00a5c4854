//! When toasts come and when they do not, and what their buttons do: at the window, the tray, the notification daemon and the
//! inbox at once.

use std::io;

use serde_json::json;
use tidings_control::Snapshot;
use tidings_lab::{Outcome, PATIENCE, desktop::Furniture, within};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    task::JoinHandle,
};

use crate::scene::{QUIET_DESK, Scene};

#[tokio::test]
#[ignore = "needs a desktop session: cargo xtask test"]
async fn do_not_disturb_is_told_and_obeyed_everywhere_until_it_is_turned_off() -> Outcome {
    let scene = Scene::signed_in(Furniture::FULL).await?;
    let (page, tray) = (&scene.page, scene.desktop.tray().await?);
    let mut toasts = scene.desktop.watch_toasts().await?;

    // on for an hour, at the window
    page.press("nav-settings").await?;
    page.press("settings-notifications").await?;
    page.press("dnd-hour").await?;
    page.element("[data-testid='dnd-switch'][aria-checked='true']").await?;
    let on = |snapshot: &Snapshot| snapshot.do_not_disturb.on && snapshot.do_not_disturb.until.is_some();
    scene.agent.when("it is on until some time", on).await?;
    tray.says("Do not disturb").await?;
    scene.server.publish("quietly").await?;
    scene.agent.when("it has arrived", |snapshot| snapshot.unread == 1).await?;

    // the inbox says why nothing was seen of it
    page.press("nav-inbox").await?;
    page.element("[data-testid='inbox-row'] [data-testid='reason']").await?;

    // off again: what was missed is one toast, and what comes now has its own
    page.press("nav-settings").await?;
    page.press("dnd-switch").await?;
    page.element("[data-testid='dnd-switch'][aria-checked='false']").await?;
    assert_eq!(toasts.next().await?.title, "1 notification while you were away");
    scene.server.publish("aloud").await?;
    assert_eq!(toasts.next().await?.title, "aloud");
    assert!(toasts.passed().is_empty());
    Ok(())
}

/// An address, and what is asked of it first.
async fn somebody_to_call() -> Outcome<(String, JoinHandle<io::Result<String>>)> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = format!("http://{}/ack", listener.local_addr()?);
    let called = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await?;
        let mut request = vec![0; 4096];
        let length = stream.read(&mut request).await?;
        stream.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n").await?;
        request.truncate(length);
        Ok(String::from_utf8_lossy(&request).into_owned())
    });
    Ok((address, called))
}

#[tokio::test]
#[ignore = "needs a desktop session: cargo xtask test"]
async fn a_button_of_an_open_notification_asks_once_and_then_calls_its_address() -> Outcome {
    let scene = Scene::signed_in(QUIET_DESK).await?;
    let page = &scene.page;
    let (address, called) = somebody_to_call().await?;
    let button = json!({ "id": "ack", "label": "Acknowledge", "url": address, "method": "POST" });
    scene.receive(json!({ "title": "Disk almost full", "actions": [button] })).await?;
    page.press("inbox-row").await?;
    page.press("action-ack").await?;
    page.part("call-confirm").await?;
    assert!(!called.is_finished());
    page.press("call-confirm").await?;
    let request = within(PATIENCE, "the button's address is called", called).await?;
    let request = request.map_err(io::Error::other)??;
    assert!(request.starts_with("POST /ack "), "{request}");
    page.when("the page says that it is done", "!document.querySelector('[data-testid=call-confirm]')").await
}

#[tokio::test]
#[ignore = "needs a desktop session: cargo xtask test"]
async fn the_buttons_of_a_toast_mark_it_read_and_call_what_the_notification_named() -> Outcome {
    let scene = Scene::signed_in(Furniture::FULL).await?;
    let (address, called) = somebody_to_call().await?;
    let mut toasts = scene.desktop.watch_toasts().await?;
    scene
        .receive(json!({
            "title": "Disk almost full",
            "actions": [{ "id": "ack", "label": "Acknowledge", "url": address, "method": "POST" }]
        }))
        .await?;
    let labels = toasts.next().await?.actions;
    assert!(
        ["Acknowledge", "Mark read"].iter().all(|label| labels.iter().any(|known| known == label)),
        "{labels:?}"
    );
    scene.desktop.press_in_toast("Acknowledge").await?;
    let request = within(PATIENCE, "the button's address is called", called).await?;
    let request = request.map_err(io::Error::other)??;
    assert!(request.starts_with("POST /ack "), "{request}");

    scene.receive(json!({ "title": "Read me" })).await?;
    toasts.next().await?;
    let before = scene.agent.snapshot().await?.unread;
    scene.desktop.press_in_toast("Mark read").await?;
    scene.agent.when("one is read", |snapshot| snapshot.unread < before).await.map(drop)
}
