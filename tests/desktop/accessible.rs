//! Every page, looked at by axe-core and measured: in both themes, at the window's own width and at 320 px.

use std::collections::BTreeMap;

use tidings_lab::{Outcome, TOPICS, believable, desktop::Furniture, tour};

use crate::scene::{QUIET_DESK, Scene};

/// The smallest that WCAG 2.2 asks for (1.4.10, "Reflow"), and that the window can be made.
const NARROW: (u32, u32) = (320, 480);

/// What it opens with.
const OWN: (u32, u32) = (440, 680);

/// List and detail side by side.
const WIDE: (u32, u32) = (900, 680);

/// Collects what is wrong and where, so that one run tells all of it.
struct Inspector<'a> {
    scene: &'a Scene,
    wrong: BTreeMap<String, Vec<String>>,
}

impl Inspector<'_> {
    async fn look(&mut self, size: &str, name: &str) -> Outcome {
        let page = &self.scene.page;
        for what in page.axe().await?.into_iter().chain(page.misfits().await?) {
            self.wrong.entry(what).or_default().push(format!("{name} ({size})"));
        }
        Ok(())
    }

    async fn tour(&mut self) -> Outcome {
        for (size, (width, height)) in [("own size", OWN), ("320 px", NARROW), ("wide", WIDE)] {
            self.scene.resize(width, height).await?;
            tour(&self.scene.page, async |name| self.look(size, name).await).await?;
        }
        Ok(())
    }
}

async fn inspect(dark: bool) -> Outcome {
    let furniture = Furniture { dark, ..QUIET_DESK };
    let scene = Scene::first(furniture).await?;
    scene.page.part("sign-in").await?;
    let mut inspector = Inspector { scene: &scene, wrong: BTreeMap::new() };
    for (size, (width, height)) in [("own size", OWN), ("320 px", NARROW)] {
        scene.resize(width, height).await?;
        inspector.look(size, "first run").await?;
    }
    let dark_colours = scene.page.run("return matchMedia('(prefers-color-scheme: dark)').matches").await?;
    assert_eq!(dark_colours, dark);
    scene.agent.cli().log_in(&scene.server, "ticket").await?;
    scene.page.element("[data-testid='connection-line'][data-state='connected']").await?;
    inspector.look("320 px", "empty inbox").await?;
    for topic in TOPICS {
        scene.server.subscribe(topic).await?;
    }
    for content in believable() {
        scene.receive(content).await?;
    }
    inspector.tour().await?;
    let told: Vec<_> =
        inspector.wrong.iter().map(|(what, at)| format!("{what}\n  at {}", at.join(", "))).collect();
    assert!(told.is_empty(), "\n{}", told.join("\n"));
    Ok(())
}

#[tokio::test]
#[ignore = "needs a desktop session: cargo xtask test"]
async fn every_page_is_accessible_and_fits_in_light_colours() -> Outcome {
    inspect(false).await
}

#[tokio::test]
#[ignore = "needs a desktop session: cargo xtask test"]
async fn every_page_is_accessible_and_fits_in_dark_colours() -> Outcome {
    inspect(true).await
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
        put('img', '', {});";
    scene.page.run(script).await?;
    let found = scene.page.axe().await?.join("\n");
    for rule in ["color-contrast", "image-alt", "button-name"] {
        assert!(found.contains(rule), "{rule} is not in:\n{found}");
    }
    let misfits = scene.page.misfits().await?.join("\n");
    for text in ["“wide”", "“low”"] {
        assert!(misfits.contains(text), "{text} is not in:\n{misfits}");
    }
    Ok(())
}
