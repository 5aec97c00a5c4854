//! The inbox as a person uses it who never touches the mouse: every key that the list of keys names.

use serde_json::json;
use tidings_control::{Item, Snapshot};
use tidings_lab::{Outcome, PATIENCE, keys, until};

use crate::scene::{QUIET_DESK, Scene};

const NEWEST_FIRST: [&str; 4] = ["delta", "gamma", "beta", "alpha"];

/// What the list of keys names: all of it is pressed below.
const LISTED: [&str; 21] = [
    "↓",
    "j",
    "↑",
    "k",
    "Home",
    "End",
    "Page down",
    "Page up",
    "Enter",
    "Esc",
    "/",
    "e",
    "u",
    "s",
    "Delete",
    "z",
    "Shift ↓",
    "Shift ↑",
    "Ctrl A",
    "Ctrl ,",
    "?",
];

impl Scene {
    async fn cursor_is_at(&self, title: &str) -> Outcome {
        let at = format!(
            "document.querySelector('[data-cursor=true] .title')?.textContent.trim() === {}",
            json!(title)
        );
        self.page.when(&format!("the cursor is at {title}"), &at).await
    }

    async fn selected_are(&self, count: usize) -> Outcome {
        let selected = format!("document.querySelectorAll('.row.selected').length === {count}");
        self.page.when(&format!("{count} rows are selected"), &selected).await
    }

    async fn focus_is_at(&self, css: &str) -> Outcome {
        self.page
            .when(
                &format!("the focus is at {css}"),
                &format!("document.activeElement.matches({})", json!(css)),
            )
            .await
    }

    /// Waits until the agent's own row is as wanted.
    async fn row(&self, title: &str, what: &str, wanted: impl Fn(&Item) -> bool) -> Outcome {
        until(PATIENCE, &format!("{title} is {what}"), async || {
            let items = self.agent.inbox().await?;
            Ok(items.iter().any(|item| item.title == title && wanted(item)).then_some(()))
        })
        .await
    }

    async fn press(&self, key: char) -> Outcome {
        self.page.chord(&[], key).await
    }
}

#[tokio::test]
#[ignore = "needs a desktop session: cargo xtask test"]
async fn every_key_of_the_inbox_does_what_the_list_of_keys_says() -> Outcome {
    let scene = Scene::signed_in(QUIET_DESK).await?;
    let page = &scene.page;
    for title in NEWEST_FIRST.iter().rev() {
        scene.receive(json!({ "title": title, "body": format!("What {title} says.") })).await?;
    }
    scene.lists(&NEWEST_FIRST).await?;

    // moving
    scene.press(keys::DOWN).await?;
    scene.cursor_is_at("delta").await?;
    scene.press(keys::DOWN).await?;
    scene.cursor_is_at("gamma").await?;
    page.keys("j").await?;
    scene.cursor_is_at("beta").await?;
    page.keys("k").await?;
    scene.cursor_is_at("gamma").await?;
    scene.press(keys::UP).await?;
    scene.cursor_is_at("delta").await?;
    scene.press(keys::END).await?;
    scene.cursor_is_at("alpha").await?;
    scene.press(keys::HOME).await?;
    scene.cursor_is_at("delta").await?;
    scene.press(keys::PAGE_DOWN).await?;
    scene.cursor_is_at("alpha").await?;
    scene.press(keys::PAGE_UP).await?;
    scene.cursor_is_at("delta").await?;

    // opening, which reads it, and going back
    scene.press(keys::ENTER).await?;
    page.part("detail").await?;
    page.says("What delta says.").await?;
    scene.row("delta", "read", |item| item.read).await?;
    scene.press(keys::ESCAPE).await?;
    page.when("the list is back", "!document.querySelector('[data-testid=detail]')").await?;
    scene.cursor_is_at("delta").await?;

    // unread, read, kept, kept no longer
    page.keys("u").await?;
    scene.row("delta", "unread", |item| !item.read).await?;
    page.element("[data-cursor='true'][data-unread='true']").await?;
    page.keys("e").await?;
    scene.row("delta", "read", |item| item.read).await?;
    page.element("[data-cursor='true'][data-unread='false']").await?;
    page.keys("s").await?;
    scene.row("delta", "kept", |item| item.kept).await?;
    page.element("[data-cursor='true'] [data-testid='kept']").await?;
    page.keys("s").await?;
    scene.row("delta", "kept no longer", |item| !item.kept).await?;

    // selecting several, and all
    page.chord(&[keys::SHIFT], keys::DOWN).await?;
    scene.selected_are(2).await?;
    page.keys("e").await?;
    scene.row("gamma", "read", |item| item.read).await?;
    page.chord(&[keys::SHIFT], keys::UP).await?;
    scene.selected_are(1).await?;
    scene.press(keys::ESCAPE).await?;
    scene.selected_are(0).await?;
    page.chord(&[keys::CONTROL], 'a').await?;
    scene.selected_are(4).await?;
    scene.press(keys::ESCAPE).await?;
    scene.selected_are(0).await?;

    // deleting, and taking it back: by key and by button
    scene.press(keys::HOME).await?;
    scene.press(keys::DELETE).await?;
    scene.lists(&NEWEST_FIRST[1..]).await?;
    page.keys("z").await?;
    scene.lists(&NEWEST_FIRST).await?;
    scene.cursor_is_at("delta").await?;
    scene.press(keys::DELETE).await?;
    scene.lists(&NEWEST_FIRST[1..]).await?;
    page.press("undo").await?;
    scene.lists(&NEWEST_FIRST).await?;
    scene.agent.when("nothing is lost", |snapshot: &Snapshot| snapshot.unread == 2).await?;

    // the keys that work everywhere
    page.keys("?").await?;
    page.part("keys").await?;
    let listed = page
        .run("return [...document.querySelectorAll('[data-testid=keys] kbd')].map((key) => key.innerText)");
    assert_eq!(
        listed.await?,
        json!(LISTED),
        "a key that is listed is to be pressed here, and the other way round"
    );
    scene.press(keys::ESCAPE).await?;
    page.when("the list of keys is closed", "!document.querySelector('[data-testid=keys]')").await?;
    page.chord(&[keys::CONTROL], ',').await?;
    page.part("settings-panel").await?;
    page.keys("/").await?;
    scene.focus_is_at("[data-testid=search]").await
}

#[tokio::test]
#[ignore = "needs a desktop session: cargo xtask test"]
async fn search_finds_as_one_types_and_escape_leads_back() -> Outcome {
    let scene = Scene::signed_in(QUIET_DESK).await?;
    let page = &scene.page;
    scene.server.subscribe("town").await?;
    scene.receive(json!({ "title": "Build passed", "body": "318 tests" })).await?;
    scene.receive(json!({ "title": "Café opens", "topic": "town" })).await?;
    scene.receive(json!({ "title": "Disk almost full", "body": "on db-2" })).await?;
    page.keys("/").await?;
    scene.focus_is_at("[data-testid=search]").await?;
    // in the title by its beginning, in the body, in the topic, without its accent, and with what nobody can search for
    for (text, found) in [
        ("dis", &["Disk almost full"][..]),
        ("318", &["Build passed"]),
        ("town", &["Café opens"]),
        ("cafe", &["Café opens"]),
        ("\"(*", &[]),
    ] {
        page.part("search").await?.clear().await?;
        page.part("search").await?.send_keys(text).await?;
        scene.lists(found).await?;
    }
    page.says("Nothing found").await?;
    // what arrives meanwhile and does not match stays out
    scene.server.publish("Unlike all that").await?;
    scene.agent.when("it has arrived", |snapshot| snapshot.unread == 4).await?;
    scene.lists(&[]).await?;
    page.chord(&[], keys::ESCAPE).await?;
    scene.lists(&["Unlike all that", "Disk almost full", "Café opens", "Build passed"]).await
}
