//! What is chosen on the pages of the settings holds when both programs have started anew.

use tidings_control::{Priority, Proxy, Snapshot, Sound};
use tidings_lab::{Outcome, Page, keys};

use crate::{
    scene::{QUIET_DESK, Scene},
    window::{close_window, open_window, start_agent},
};

async fn group(page: &Page, name: &str) -> Outcome {
    page.press(&format!("settings-{name}")).await?;
    page.element(&format!("[data-testid='settings-{name}'][aria-selected='true']")).await.map(drop)
}

async fn enter(page: &Page, field: &str, text: &str) -> Outcome {
    let field = page.part(field).await?;
    field.clear().await?;
    Ok(field.send_keys(&format!("{text}{}", keys::ENTER)).await?)
}

/// One thing of each group, by the hand of whoever sits there.
async fn choose(page: &Page) -> Outcome {
    page.press("nav-settings").await?;
    group(page, "notifications").await?;
    page.press("urgent-passes").await?;
    page.element("[data-testid='urgent-passes'][aria-checked='false']").await?;
    page.press("quiet-add").await?;
    page.part("quiet-span").await?;
    enter(page, "quiet-from", "21:30").await?;
    page.part("least-priority").await?.select_by_value("high").await?;
    page.part("sound").await?.select_by_value("off").await?;
    page.press("exception-add").await?;
    page.part("exception").await?;
    group(page, "general").await?;
    enter(page, "keep_days", "30").await?;
    enter(page, "keep_count", "1000").await?;
    page.press("autostart-switch").await?;
    page.element("[data-testid='autostart-switch'][aria-checked='true']").await?;
    group(page, "advanced").await?;
    page.press("proxy-direct").await?;
    group(page, "accounts").await?;
    enter(page, "account-name", "At work").await
}

fn chosen(snapshot: &Snapshot) -> bool {
    let settings = &snapshot.settings;
    !settings.urgent_passes
        && settings.quiet_hours.iter().any(|hours| hours.from == "21:30")
        && settings.least_priority == Priority::High
        && settings.sound == Sound::Off
        && settings.rules.len() == 1
        && (settings.keep_days, settings.keep_count) == (30, 1000)
        && settings.proxy == Proxy::Direct
        && snapshot.accounts.iter().any(|account| account.name.as_deref() == Some("At work"))
}

/// As the pages tell it.
async fn is_told(page: &Page) -> Outcome {
    let holds = async |part: &str, value: &str| {
        let is = format!("document.querySelector('[data-testid={part}]')?.value === '{value}'");
        page.when(&format!("{part} is {value}"), &is).await
    };
    page.press("nav-settings").await?;
    group(page, "notifications").await?;
    page.element("[data-testid='urgent-passes'][aria-checked='false']").await?;
    holds("quiet-from", "21:30").await?;
    holds("least-priority", "high").await?;
    holds("sound", "off").await?;
    page.part("exception").await?;
    group(page, "general").await?;
    holds("keep_days", "30").await?;
    holds("keep_count", "1000").await?;
    page.element("[data-testid='autostart-switch'][aria-checked='true']").await?;
    group(page, "advanced").await?;
    page.when("no proxy", "document.querySelector('[data-testid=proxy-direct]').checked").await?;
    group(page, "accounts").await?;
    holds("account-name", "At work").await
}

#[tokio::test]
#[ignore = "needs a desktop session: cargo xtask test"]
async fn what_is_chosen_in_each_group_of_settings_holds_after_a_restart() -> Outcome {
    let Scene { page, mut agent, server, desktop } = Scene::signed_in(QUIET_DESK).await?;
    choose(&page).await?;
    agent.when("all of it is kept", chosen).await?;
    is_told(&page).await?;

    close_window(&desktop).await?;
    assert!(agent.stop().await?.success());
    let agent = start_agent(&desktop, &server).await?;
    agent.when("all of it is as it was", chosen).await?;
    let page = open_window(&desktop).await?;
    page.part("nav-settings").await?;
    is_told(&page).await
}
