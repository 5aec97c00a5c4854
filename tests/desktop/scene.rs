//! A person at a desk: a session, a server, an agent, and the window open.

use tidings_lab::{
    Agent, Outcome, Server, ServerOptions,
    desktop::{Desktop, Furniture, TrayHost},
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

    /// Gives the page a size in CSS pixels.
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
}
