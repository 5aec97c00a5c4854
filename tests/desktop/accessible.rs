//! Every page, looked at by axe-core and measured: in both themes and both languages, at the window's own width, at 320 px, and
//! with text of twice its size.

use std::collections::BTreeMap;

use tidings_control::{Language, Priority, QuietHours, Request, Rule, Setting, Weekday};
use tidings_lab::{
    Outcome, TOPICS, believable,
    desktop::{Furniture, WINDOW},
    keys, tour,
};

use crate::scene::{QUIET_DESK, Scene};

/// A size of the window, in pixels of the display, and of the text on the desktop.
struct View {
    name: &'static str,
    window: (u32, u32),
    text: u32,
}

/// As it opens; the narrowest that WCAG 2.2 asks for (1.4.10, "Reflow") and that the window can be made; list and detail side
/// by side; and twice with text of twice its size (1.4.4, "Resize Text"): in a window with more room, and in the least, where
/// the page is 320 wide as well. The height is what the display has.
const VIEWS: [View; 5] = [
    View { name: "own size", window: (440, 680), text: 1 },
    View { name: "320 px", window: (320, 480), text: 1 },
    View { name: "wide", window: (900, 680), text: 1 },
    View { name: "200 %", window: (880, 752), text: 2 },
    View { name: "200 %, 320 px", window: (640, 752), text: 2 },
];

/// Collects what is wrong and where, so that one run tells all of it.
struct Inspector<'a> {
    scene: &'a Scene,
    wrong: BTreeMap<String, Vec<String>>,
}

impl Inspector<'_> {
    async fn look(&mut self, view: &View, name: &str) -> Outcome {
        let page = &self.scene.page;
        for what in page.axe().await?.into_iter().chain(page.misfits().await?) {
            self.wrong.entry(what).or_default().push(format!("{name} ({})", view.name));
        }
        Ok(())
    }

    async fn take(&self, view: &View) -> Outcome {
        let Scene { desktop, page, .. } = self.scene;
        desktop.scale_text(f64::from(view.text))?;
        let (width, height) = view.window;
        let least =
            format!("outerWidth >= {} && innerWidth * {1} === outerWidth", 320 * view.text, view.text);
        page.when("the text has its size, and the window at least its own", &least).await?;
        let screen = desktop.screen()?;
        screen.resize(&screen.window(WINDOW).await?, width, height)?;
        let size = format!(
            "outerWidth === {width} && innerWidth * {} === {width} && innerHeight * {0} === {height}",
            view.text
        );
        page.when(&format!("the window is {width} × {height}"), &size).await
    }

    /// Nobody is signed in.
    async fn first_run(&mut self) -> Outcome {
        for view in &VIEWS {
            self.take(view).await?;
            self.look(view, "first run").await?;
        }
        self.scene.page.press("submit").await?;
        self.scene
            .page
            .when("the form complains", "document.querySelector('[data-testid=error-password]').innerText")
            .await?;
        self.look(&VIEWS[4], "first run with complaints").await
    }

    /// Somebody is, and has received something.
    async fn everything(&mut self) -> Outcome {
        let page = &self.scene.page;
        for view in &VIEWS {
            self.take(view).await?;
            tour(page, async |name| self.look(view, name).await).await?;
            self.invite("https://an-organisation-with-a-name.example.com").await?;
            self.look(view, "the question of a link").await?;
            page.press("add-confirm").await?;
            page.part("sign-in").await?;
            self.look(view, "an account by link").await?;
            page.chord(&[], keys::ESCAPE).await?;
            page.press("nav-inbox").await?;
        }
        Ok(())
    }

    /// Has a link ask for an account.
    async fn invite(&self, server: &str) -> Outcome {
        let link = format!("tidings://add?server={server}");
        self.scene.agent.connect().await?.0.call(Request::Follow { link }).await?;
        self.scene.page.part("add").await.map(drop)
    }
}

async fn inspect(dark: bool, language: Language) -> Outcome {
    let furniture = Furniture { dark, ..QUIET_DESK };
    let scene = Scene::first(furniture).await?;
    scene.page.part("sign-in").await?;
    let (client, _) = scene.agent.connect().await?;
    client.call(Request::Set(Setting::Language(language))).await?;
    let speaks = format!("document.documentElement.lang === {}", serde_json::to_string(&language)?);
    scene.page.when("the page speaks it", &speaks).await?;
    let mut inspector = Inspector { scene: &scene, wrong: BTreeMap::new() };
    let dark_colours = scene.page.run("return matchMedia('(prefers-color-scheme: dark)').matches").await?;
    assert_eq!(dark_colours, dark);
    inspector.first_run().await?;
    scene.agent.cli().log_in(&scene.server, "ticket").await?;
    scene.page.element("[data-testid='connection-line'][data-state='connected']").await?;
    inspector.look(&VIEWS[4], "empty inbox").await?;
    for topic in TOPICS {
        scene.server.subscribe(topic).await?;
    }
    for content in believable() {
        scene.receive(content).await?;
    }
    choose(&scene).await?;
    let toured = inspector.everything().await;
    let told: Vec<_> =
        inspector.wrong.iter().map(|(what, at)| format!("{what}\n  at {}", at.join(", "))).collect();
    // first what is wrong: it may be why the tour came to an end
    assert!(told.is_empty(), "\n{}", told.join("\n"));
    toured
}

/// So that lists of settings are not empty.
async fn choose(scene: &Scene) -> Outcome {
    let snapshot = scene.agent.snapshot().await?;
    let account = snapshot.accounts[0].id.clone();
    let hours = QuietHours {
        days: vec![Weekday::Monday, Weekday::Saturday],
        from: "22:00".to_owned(),
        until: "07:00".to_owned(),
    };
    let topic = Some(TOPICS[4].to_owned());
    let rule = Rule { account, topic, muted: false, least_priority: Some(Priority::High) };
    let (client, _) = scene.agent.connect().await?;
    client.call(Request::Set(Setting::QuietHours(vec![hours]))).await?;
    client.call(Request::Set(Setting::Rules(vec![rule]))).await?;
    Ok(())
}

#[tokio::test]
#[ignore = "needs a desktop session: cargo xtask test"]
async fn every_page_is_accessible_and_fits_in_light_colours_and_english() -> Outcome {
    inspect(false, Language::English).await
}

#[tokio::test]
#[ignore = "needs a desktop session: cargo xtask test"]
async fn every_page_is_accessible_and_fits_in_dark_colours_and_portuguese() -> Outcome {
    inspect(true, Language::BrazilianPortuguese).await
}

#[tokio::test]
#[ignore = "needs a desktop session: cargo xtask test"]
async fn the_inspection_finds_what_is_wrong() -> Outcome {
    let scene = Scene::first(QUIET_DESK).await?;
    scene.page.part("sign-in").await?;
    // styles by script, as the page's own policy forbids those in markup
    let script = "
        const put = (name, text, style) => {
            const element = document.querySelector('form').appendChild(document.createElement(name));
            if (text) element.textContent = text;
            Object.assign(element.style, style);
        };
        put('p', 'wide', { width: '3000px' });
        put('p', 'pale', { color: '#ddd', background: '#fff' });
        put('p', 'low', { height: '8px', overflow: 'hidden' });
        put('button', '', {});
        put('img', '', {});
        const high = document.body.appendChild(document.createElement('p'));
        high.style.height = '2000px';";
    scene.page.run(script).await?;
    let found = scene.page.axe().await?.join("\n");
    for rule in ["color-contrast", "image-alt", "button-name"] {
        assert!(found.contains(rule), "{rule} is not in:\n{found}");
    }
    let misfits = scene.page.misfits().await?.join("\n");
    for text in ["“wide”", "“low”", " high in a window of "] {
        assert!(misfits.contains(text), "{text} is not in:\n{misfits}");
    }
    Ok(())
}
