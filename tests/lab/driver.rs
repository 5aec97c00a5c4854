use std::{net::TcpListener, path::Path, time::Duration};

use fantoccini::{Client, ClientBuilder, Locator, elements::Element};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use tokio::net::TcpStream;

use crate::{
    Outcome, Spawned, Trouble,
    desktop::{Desktop, Picture},
    patience::PATIENCE,
    until, within,
};

/// WebKitWebDriver, which starts a program and holds its web view by the hand.
#[derive(Debug)]
pub struct Driver {
    program: Spawned,
    port: u16,
}

/// The page in a window that [`Driver::open`] has started.
#[derive(Debug)]
pub struct Page {
    client: Client,
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
        Ok(Page { client })
    }
}

impl Page {
    /// Goes to an address.
    ///
    /// # Errors
    /// When the page has gone.
    pub async fn go(&self, address: &str) -> Outcome {
        Ok(self.client.goto(address).await?)
    }

    /// Waits for an element.
    ///
    /// # Errors
    /// [`Trouble::Late`], with what the page says.
    pub async fn element(&self, css: &str) -> Outcome<Element> {
        self.find(&format!("an element {css}"), Locator::Css(css)).await
    }

    /// Waits for the part of the page that carries a `data-testid`.
    ///
    /// # Errors
    /// [`Trouble::Late`], with what the page says.
    pub async fn part(&self, id: &str) -> Outcome<Element> {
        self.element(&format!("[data-testid='{id}']")).await
    }

    /// Presses a part, once it can be pressed.
    ///
    /// # Errors
    /// When there is no such part.
    pub async fn press(&self, id: &str) -> Outcome {
        Ok(self.element(&format!("[data-testid='{id}']:not([disabled])")).await?.click().await?)
    }

    /// Types into the field with a name, in place of what is there.
    ///
    /// # Errors
    /// When there is no such field.
    pub async fn fill(&self, name: &str, text: &str) -> Outcome {
        let field = self.element(&format!("[name='{name}']")).await?;
        field.clear().await?;
        Ok(field.send_keys(text).await?)
    }

    /// What the field with a name holds.
    ///
    /// # Errors
    /// When there is no such field.
    pub async fn value(&self, name: &str) -> Outcome<String> {
        Ok(self.element(&format!("[name='{name}']")).await?.prop("value").await?.unwrap_or_default())
    }

    /// Waits until the page says `text`; case does not matter.
    ///
    /// # Errors
    /// [`Trouble::Late`], with what the page says.
    pub async fn says(&self, text: &str) -> Outcome {
        self.says_within(PATIENCE, text).await
    }

    /// Waits for so long until the page says `text`.
    ///
    /// # Errors
    /// [`Trouble::Late`], with what the page says.
    pub async fn says_within(&self, limit: Duration, text: &str) -> Outcome {
        let wanted = text.to_lowercase();
        let says = async || Ok(self.text().await?.to_lowercase().contains(&wanted).then_some(()));
        let result = until(limit, text, says).await;
        self.explained(&format!("the page says {text:?}"), result).await
    }

    /// All that the page says.
    ///
    /// # Errors
    /// When the page has gone.
    pub async fn text(&self) -> Outcome<String> {
        let text =
            self.client.execute("return document.body ? document.body.innerText : ''", Vec::new()).await?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// What a script returns.
    ///
    /// # Errors
    /// When it fails.
    pub async fn run(&self, script: &str) -> Outcome<serde_json::Value> {
        Ok(self.client.execute(script, Vec::new()).await?)
    }

    /// How many elements there are.
    ///
    /// # Errors
    /// When the page has gone.
    pub async fn count(&self, css: &str) -> Outcome<usize> {
        Ok(self.client.find_all(Locator::Css(css)).await?.len())
    }

    /// A picture of the page.
    ///
    /// # Errors
    /// When the page has gone.
    pub async fn picture(&self) -> Outcome<Picture> {
        Ok(Picture::from_png(self.client.screenshot().await?))
    }

    /// Lets go of the page; the driver ends its program.
    ///
    /// # Errors
    /// When the driver refuses.
    pub async fn end(self) -> Outcome {
        Ok(self.client.close().await?)
    }

    async fn find(&self, what: &str, locator: Locator<'_>) -> Outcome<Element> {
        let look = async || Ok(self.client.find_all(locator).await?.into_iter().next());
        self.explained(what, until(PATIENCE, what, look).await).await
    }

    async fn explained<T>(&self, what: &str, result: Outcome<T>) -> Outcome<T> {
        match result {
            Err(Trouble::Late { limit, .. }) => {
                let text = self.text().await.unwrap_or_else(|trouble| trouble.to_string());
                Err(Trouble::Late { what: format!("{what}; the page says:\n{text}"), limit })
            }
            other => other,
        }
    }
}
