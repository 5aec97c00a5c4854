use std::{net::TcpListener, path::Path};

use fantoccini::ClientBuilder;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use tokio::net::TcpStream;

use crate::{Outcome, Page, Spawned, Trouble, desktop::Desktop, patience::PATIENCE, until, within};

/// WebKitWebDriver, which starts a program and holds its web view by the hand.
#[derive(Debug)]
pub struct Driver {
    program: Spawned,
    port: u16,
}

impl Driver {
    /// Starts the driver; the programs that it starts get `environment` on top of the session's.
    ///
    /// # Errors
    /// When WebKitWebDriver is missing or does not listen.
    pub async fn start(desktop: &Desktop, environment: &[(&str, &Path)]) -> Outcome<Self> {
        // the driver cannot choose a free port itself; this one was free a moment ago
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let mut command = desktop.command("WebKitWebDriver");
        command.arg(format!("--port={port}"));
        // wry opens its view to a driver on the second, and Tauri's own driver sets both
        command.env("TAURI_AUTOMATION", "true").env("TAURI_WEBVIEW_AUTOMATION", "true");
        command.envs(environment.iter().copied());
        let mut program = Spawned::start(command, None).await?;
        until(PATIENCE, "WebKitWebDriver listens", async || {
            if program.ended()?.is_some() {
                return Err(Trouble::Ended { program: "WebKitWebDriver".to_owned(), said: program.said() });
            }
            Ok(TcpStream::connect(("127.0.0.1", port)).await.ok())
        })
        .await?;
        Ok(Self { program, port })
    }

    /// Starts a program with a web view and takes hold of its page.
    ///
    /// # Errors
    /// When it opens no web view.
    pub async fn open(&self, binary: &Path) -> Outcome<Page> {
        let mut wanted = fantoccini::wd::Capabilities::new();
        wanted.insert("webkitgtk:browserOptions".to_owned(), json!({ "binary": binary, "args": [] }));
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(wanted);
        let address = format!("http://127.0.0.1:{}", self.port);
        let session = within(PATIENCE, "a web view opens under WebDriver", builder.connect(&address)).await?;
        let client = session.map_err(|error| Trouble::Driver(format!("{error}\n{}", self.program.said())))?;
        Ok(Page::of(client))
    }
}
