//! A person at a desk: a session, a server, an agent, and the window open.

use tidings_lab::{
    Agent, Outcome, PATIENCE, Server, ServerOptions,
    desktop::{Desktop, Furniture, TrayHost},
    until,
};

use crate::window::{DrivenPage, WINDOW, open_window, start_agent};

/// What the window alone needs.
pub(crate) const QUIET_DESK: Furniture =
    Furniture { tray: TrayHost::Missing, toasts: false, ..Furniture::FULL };

/// The fields are in the order in which they are to end.
pub(crate) struct Scene {
    pub(crate) page: DrivenPage,
    pub(crate) agent: Agent,
    pub(crate) server: Server,
    pub(crate) desktop: Desktop,
}

impl Scene {
    /// Nobody is signed in yet.
    pub(crate) async fn first(furniture: Furniture) -> Outcome<Self> {
        let desktop = Desktop::start(furniture).await?;
        let server = Server::start(ServerOptions::default()).await?;
        let agent = start_agent(&desktop, &server).await?;
        let page = open_window(&desktop).await?;
        Ok(Self { page, agent, server, desktop })
    }

    /// Signed in and connected; the inbox shows.
    pub(crate) async fn signed_in(furniture: Furniture) -> Outcome<Self> {
        let desktop = Desktop::start(furniture).await?;
        let server = Server::start(ServerOptions::default()).await?;
        let agent = start_agent(&desktop, &server).await?;
        agent.cli().log_in(&server, "ticket").await?;
        agent.connected().await?;
        let page = open_window(&desktop).await?;
        page.element("[data-testid='connection-line'][data-state='connected']").await?;
        Ok(Self { page, agent, server, desktop })
    }

    /// Gives the page a size in CSS pixels, while text has its usual size.
    pub(crate) async fn resize(&self, width: u32, height: u32) -> Outcome {
        let screen = self.desktop.screen()?;
        screen.resize(&screen.window(WINDOW).await?, width, height)?;
        let size = format!("innerWidth === {width} && innerHeight === {height}");
        self.page.when(&format!("the page is {width} × {height}"), &size).await
    }

    /// Publishes, and waits until the page shows it.
    pub(crate) async fn receive(&self, content: serde_json::Value) -> Outcome {
        let title = content["title"].as_str().unwrap_or_default().to_owned();
        self.server.publish_all(content).await?;
        self.page.says(&title).await
    }

    /// The titles of the rows, from the top, once they are as wanted.
    pub(crate) async fn lists(&self, wanted: &[&str]) -> Outcome {
        let script = "return [...document.querySelectorAll('[data-testid=inbox-row]')]
            .sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top)
            .map((row) => row.querySelector('.title').textContent)";
        let wanted = serde_json::to_value(wanted)?;
        let mut last = serde_json::Value::Null;
        let listed = until(PATIENCE, "the rows are as wanted", async || {
            last = self.page.run(script).await?;
            Ok((last == wanted).then_some(()))
        });
        listed.await.inspect_err(|_| eprintln!("listed: {last}; wanted: {wanted}"))
    }
}
