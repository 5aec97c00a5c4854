//! The window in a session: an agent that can open it, and a driver that holds its page.

use std::{ffi::OsString, path::PathBuf};

use tidings_lab::{Agent, AgentOptions, Driver, Outcome, PATIENCE, Page, Programs, Server, desktop::Desktop};

pub(crate) use tidings_lab::desktop::WINDOW;

/// An agent that knows whom to sign in where.
pub(crate) async fn start_agent(desktop: &Desktop, server: &Server) -> Outcome<Agent> {
    let arguments = ["--server", server.url(), "--username", Server::USER].map(ToOwned::to_owned).to_vec();
    start_agent_with(desktop, arguments, Vec::new()).await
}

/// An agent that knows nothing.
pub(crate) async fn start_agent_alone(desktop: &Desktop) -> Outcome<Agent> {
    start_agent_with(desktop, Vec::new(), Vec::new()).await
}

/// An agent with further arguments and variables.
pub(crate) async fn start_agent_with(
    desktop: &Desktop,
    arguments: Vec<String>,
    further: Vec<(String, OsString)>,
) -> Outcome<Agent> {
    let window = Programs::find()?.window()?;
    let mut environment = vec![
        ("TIDINGS_WINDOW".to_owned(), window.into_os_string()),
        // how long it lingers is a matter of the bench
        ("TIDINGS_WINDOW_LINGER".to_owned(), "1".into()),
    ];
    environment.extend(further);
    Agent::start_with(desktop, AgentOptions { arguments, environment, ..AgentOptions::default() }).await
}

pub(crate) async fn open_window(desktop: &Desktop) -> Outcome<DrivenPage> {
    let page = open_page(desktop, &[]).await?;
    desktop.screen()?.window(WINDOW).await?;
    Ok(page)
}

/// Opens the window with further variables, wherever it is drawn.
pub(crate) async fn open_page(desktop: &Desktop, further: &[(&str, PathBuf)]) -> Outcome<DrivenPage> {
    let programs = Programs::find()?;
    let (agent, home) = (programs.agent()?, Agent::home_in(desktop));
    let linger = std::path::Path::new("1");
    let mut environment =
        vec![("TIDINGS_HOME", &*home), ("TIDINGS_AGENT", &*agent), ("TIDINGS_WINDOW_LINGER", linger)];
    environment.extend(further.iter().map(|(name, value)| (*name, value.as_path())));
    let driver = Driver::start(desktop, &environment).await?;
    let page = driver.open(&programs.window()?).await?;
    Ok(DrivenPage { page, _driver: driver })
}

pub(crate) async fn close_window(desktop: &Desktop) -> Outcome {
    let screen = desktop.screen()?;
    screen.close(&screen.window(WINDOW).await?)?;
    screen.window_closed(WINDOW).await?;
    desktop.window_gone(PATIENCE).await
}

/// A page with the driver that holds it.
pub(crate) struct DrivenPage {
    page: Page,
    _driver: Driver,
}

impl std::ops::Deref for DrivenPage {
    type Target = Page;

    fn deref(&self) -> &Page {
        &self.page
    }
}
