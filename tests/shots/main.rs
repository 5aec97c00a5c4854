//! `shots FOLDER`: every page of the window in both themes, as it is with a real agent and a real server behind it.
//!
//! Owns what is photographed. It ends with an error wherever a page does not come.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    time::{SystemTime, UNIX_EPOCH},
};

use clap::Parser;
use serde_json::json;
use tidings_control::{AccountChange, Dialect, Request, SignIn};
use tidings_lab::{
    Agent, AgentOptions, Driver, Outcome, Page, Programs, Server, ServerOptions, TOPICS, WallClock,
    believable,
    desktop::{Desktop, Furniture, Picture, Shown, WINDOW},
    tour,
};
use tidings_peers::{Gotify, GotifyOptions, Ntfy, NtfyOptions};

/// What the window opens with.
const OWN: (u32, u32) = (440, 680);

/// List and detail side by side.
const WIDE: (u32, u32) = (900, 680);

/// The narrowest.
const NARROW: (u32, u32) = (320, 480);

/// How long ago each of [`believable`] was published, in minutes; the last one was just now.
const AGES: [i64; 8] = [3 * 24 * 60, 2 * 24 * 60, 26 * 60, 25 * 60, 5 * 60, 190, 42, 3];

/// Where on the display the window is, so that it, the toasts and the tray are seen.
const PLACE: (i32, i32) = (150, 60);

#[derive(Parser)]
#[command(about = "Photographs every page of the window in both themes")]
struct Arguments {
    /// Where the pictures go.
    folder: PathBuf,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(&Arguments::parse().folder).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            eprintln!("{trouble}");
            ExitCode::FAILURE
        }
    }
}

async fn run(folder: &Path) -> Outcome {
    fs::create_dir_all(folder)?;
    for (theme, dark) in [("light", false), ("dark", true)] {
        let desktop = Desktop::start(Furniture { dark, ..Furniture::FULL }).await?;
        photograph(&desktop, &folder.join(theme)).await?;
    }
    Ok(())
}

/// A camera before one window.
struct Camera<'a> {
    desktop: &'a Desktop,
    window: Shown,
    page: &'a Page,
    folder: &'a Path,
}

impl Camera<'_> {
    #[allow(clippy::print_stdout, reason = "it tells what it leaves")]
    async fn take(&self, name: &str) -> Outcome {
        let path = self.folder.join(format!("{name}.png"));
        Picture::window_at_rest(self.desktop, self.window.id).await?.save(&path)?;
        println!("    {}", path.display());
        Ok(())
    }

    async fn resize(&self, (width, height): (u32, u32)) -> Outcome {
        self.desktop.screen()?.resize(&self.window, width, height)?;
        let there = format!("innerWidth === {width} && innerHeight === {height}");
        self.page.when("the page has its size", &there).await
    }
}

async fn photograph(desktop: &Desktop, folder: &Path) -> Outcome {
    fs::create_dir_all(folder)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(std::io::Error::other)?;
    let now = i64::try_from(now.as_secs()).unwrap_or_default();
    let clock = WallClock::at(desktop, now)?;
    let server =
        Server::start(ServerOptions { environment: clock.environment(), ..ServerOptions::default() }).await?;
    for topic in TOPICS {
        server.subscribe(topic).await?;
    }
    let agent = Agent::start_with(
        desktop,
        AgentOptions {
            arguments: vec!["--toasts-at-once".to_owned(), (believable().len() + 2).to_string()],
            ..AgentOptions::default()
        },
    )
    .await?;
    let programs = Programs::find()?;
    let (program, home) = (programs.agent()?, Agent::home_in(desktop));
    let driver = Driver::start(desktop, &[("TIDINGS_HOME", &*home), ("TIDINGS_AGENT", &*program)]).await?;
    let page = driver.open(&programs.window()?).await?;
    let screen = desktop.screen()?;
    let window = screen.window(WINDOW).await?;
    screen.place(&window, PLACE.0, PLACE.1)?;
    let camera = Camera { desktop, window, page: &page, folder };
    camera.resize(OWN).await?;

    page.part("sign-in").await?;
    camera.take("first-run").await?;
    page.fill("server", server.url()).await?;
    page.fill("username", Server::USER).await?;
    page.fill("password", Server::PASSWORD).await?;
    page.press("submit").await?;
    page.element("[data-testid='connection-line'][data-state='connected']").await?;
    camera.take("inbox-empty").await?;
    let neighbours = Neighbours::move_in(&agent).await?;
    receive(&server, &clock, now, &page, desktop).await?;
    neighbours.publish(&page).await?;
    read_some(&agent).await?;
    page.element("[data-testid='kept']").await?;
    desktop.screen()?.window("Dunst").await?;
    Picture::at_rest(desktop).await?.save(&folder.join("desktop.png"))?;
    desktop.close_toasts().await?;

    tour(&page, async |name| camera.take(name).await).await?;
    camera.resize(NARROW).await?;
    tour(&page, async |name| camera.take(&format!("{name}-narrow")).await).await?;
    camera.resize(WIDE).await?;
    tour(&page, async |name| camera.take(&format!("{name}-wide")).await).await?;
    Ok(())
}

/// Servers of other kinds, with an account on each.
struct Neighbours {
    gotify: Gotify,
    ntfy: Ntfy,
}

impl Neighbours {
    async fn move_in(agent: &Agent) -> Outcome<Self> {
        let gotify = Gotify::start(GotifyOptions::default()).await?;
        let ntfy = Ntfy::start(NtfyOptions::default()).await?;
        let (client, _) = agent.connect().await?;
        let asked = |server: String, dialect, who: (&str, &str), topics: &[&str]| SignIn {
            server,
            username: who.0.to_owned(),
            password: who.1.to_owned().into(),
            dialect: Some(dialect),
            topics: topics.iter().map(|&topic| topic.to_owned()).collect(),
            ..SignIn::default()
        };
        let (alice, topics) = ((Gotify::USER, Gotify::PASSWORD), ["garden", "front-door"]);
        client.call(Request::SignIn(asked(gotify.url(), Dialect::Gotify, alice, &[]))).await?;
        let alice = (Ntfy::USER, Ntfy::PASSWORD);
        client.call(Request::SignIn(asked(ntfy.url(), Dialect::Ntfy, alice, &topics))).await?;
        for (account, name) in agent.snapshot().await?.accounts.into_iter().zip(["Work", "Home lab", "Home"])
        {
            let name = Some(name.to_owned());
            let change = AccountChange { account: account.id, name, ..AccountChange::default() };
            client.call(Request::SetAccount(change)).await?;
        }
        gotify.until(|counts| counts.open > 0).await.map_err(std::io::Error::other)?;
        ntfy.until(|counts| counts.open > 0).await.map_err(std::io::Error::other)?;
        Ok(Self { gotify, ntfy })
    }

    /// What they have to tell, last of all.
    async fn publish(&self, page: &Page) -> Outcome {
        let grafana = self.gotify.application("Grafana", None);
        let load = "Load on web-1 is back to normal";
        let message =
            json!({ "title": load, "message": "0.8 now; it was above 7 for 11 minutes", "priority": 5 });
        self.gotify.publish_from(grafana.id, &message);
        page.says(load).await?;
        let rain = "Rain until six";
        let message = json!({
            "title": rain, "message": "The watering is left out today", "tags": ["cloud_with_rain"]
        });
        self.ntfy.publish("garden", &message);
        page.says(rain).await
    }
}

/// Publishes all of them, each at its time; some of the older ones are read, one is kept.
async fn receive(server: &Server, clock: &WallClock, now: i64, page: &Page, desktop: &Desktop) -> Outcome {
    for (content, age) in believable().into_iter().zip(AGES) {
        clock.set(now - age * 60)?;
        let title = content["title"].as_str().unwrap_or_default().to_owned();
        server.publish_all(content).await?;
        page.says(&title).await?;
        // only the last of them is to be on the display, with what the neighbours tell
        if age > 10 {
            desktop.close_toasts().await?;
        }
    }
    clock.set(now)
}

async fn read_some(agent: &Agent) -> Outcome {
    let items = agent.inbox().await?;
    let ids = |titles: &[&str]| {
        items.iter().filter(|item| titles.contains(&item.title.as_str())).map(|item| item.id).collect()
    };
    let (client, _) = agent.connect().await?;
    client
        .call(Request::MarkRead {
            ids: ids(&["Backup finished", "The kettle is ready", "Release 2.4.0 is out"]),
        })
        .await?;
    client.call(Request::Keep { ids: ids(&["Release 2.4.0 is out"]), kept: true }).await?;
    Ok(())
}
