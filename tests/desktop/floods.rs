//! Many notifications at once, and many that were missed: toasts that count.

use serde_json::json;
use tidings_control::Disposition;
use tidings_lab::{Outcome, Toast, desktop::Furniture};

use crate::{
    scene::Scene,
    window::{close_window, start_agent},
};

#[tokio::test]
#[ignore = "needs a desktop session: cargo xtask test"]
async fn a_burst_of_a_topic_becomes_a_toast_that_counts_and_what_was_missed_another() -> Outcome {
    let Scene { page, mut agent, server, desktop } = Scene::signed_in(Furniture::FULL).await?;
    server.subscribe("ci").await?;
    let mut toasts = desktop.watch_toasts().await?;
    for number in 1..=8 {
        server.publish_all(json!({ "title": format!("Build {number}"), "topic": "ci" })).await?;
    }
    let mut shown: Vec<Toast> = Vec::new();
    while shown.last().is_none_or(|toast| toast.title != "8 notifications: ci") {
        shown.push(toasts.next().await?);
    }
    let fresh = shown.iter().filter(|toast| toast.replaces == 0).count();
    assert!(fresh <= 4, "{shown:#?}");
    // the inbox has each of them, and says which were counted
    page.says("Build 8").await?;
    let folded =
        agent.inbox().await?.into_iter().filter(|item| item.disposition == Disposition::Summarized).count();
    assert_eq!(folded, 5);
    close_window(&desktop).await?;

    // away: what comes meanwhile is one toast
    assert!(agent.stop().await?.success());
    desktop.close_toasts().await?;
    toasts.passed();
    for number in 1..=12 {
        server.publish(&format!("Missed {number}")).await?;
    }
    let agent = start_agent(&desktop, &server).await?;
    assert_eq!(toasts.next().await?.title, "12 notifications while you were away");
    agent.when("all have arrived", |snapshot| snapshot.unread == 20).await?;
    let further: Vec<Toast> = toasts.passed();
    assert!(further.is_empty(), "{further:#?}");
    Ok(())
}
