//! The window: Tauri around the control interface.
//!
//! Owns one window with one page, the way to the agent, and their ends. Refuses to own state: what the page shows is
//! the agent's, and what the page asks goes to the agent as it is.

mod agent;
mod colours;
mod control;
mod errand;
mod frames;
mod front;
mod link;
mod page;
mod rendering;
mod size;
mod version;

use std::process::ExitCode;

use tauri::{App, Manager, RunEvent, WindowEvent};
use tidings_control::{Home, Request};
use tracing_subscriber::EnvFilter;

use crate::{agent::Agent, errand::Errand, link::Link, page::Page};

/// Runs the window until it ends.
pub fn run() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_from_env("TIDINGS_LOG").unwrap_or_else(|_| EnvFilter::new("warn")))
        .with_writer(std::io::stderr)
        .init();
    let errand = Errand::of(std::env::args_os().skip(1));
    if let Errand::Agent(arguments) = errand {
        return agent::run_instead(&arguments);
    }
    rendering::choose();
    let app = match Home::from_env().map_err(Into::into).and_then(|home| build(home, errand)) {
        Ok(Some(app)) => app,
        Ok(None) => return ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "the window cannot be opened");
            return ExitCode::FAILURE;
        }
    };
    app.run(|app, event| match event {
        RunEvent::WindowEvent { event: WindowEvent::CloseRequested { api, .. }, .. } => {
            api.prevent_close();
            app.state::<Page>().hide();
        }
        RunEvent::WindowEvent { event: WindowEvent::ThemeChanged(_), .. } => {
            app.state::<Page>().colours().turn();
        }
        #[cfg(target_os = "macos")]
        RunEvent::Reopen { .. } => app.state::<Page>().show(None, None),
        #[cfg(target_os = "macos")]
        RunEvent::Opened { urls } => {
            for url in urls {
                app.state::<Link>().follow(url.into());
            }
        }
        _ => {}
    });
    ExitCode::SUCCESS
}

/// The app, or nothing where another window is open: it has been asked to show itself.
fn build(home: Home, errand: Errand) -> Result<Option<App>, Box<dyn std::error::Error>> {
    // asked before anything is loaded, as most often there is no more to do than this
    let agent = Agent::of(home.clone())?;
    let found = tauri::async_runtime::block_on(agent.find()).ok();
    if let Some((client, _)) = found.as_ref().filter(|(client, _)| client.agent().window_open) {
        if let Errand::Follow(link) = errand {
            // where it is refused, the other window tells why
            if let Err(failure) = tauri::async_runtime::block_on(client.call(Request::Follow { link })) {
                tracing::warn!(%failure, "a link is not followed");
            }
        }
        return Ok(None);
    }
    Home::create(home.config())?;
    Home::create(home.data())?;
    let place = tauri_plugin_window_state::Builder::new()
        .with_state_flags(page::KEPT)
        .with_filename(home.config().join("window.json").to_string_lossy())
        .build();
    let app = tauri::Builder::default()
        .plugin(place)
        .invoke_handler(tauri::generate_handler![control::control])
        .setup(move |app| {
            front::bear_name();
            let page = Page::open(app.handle(), &home)?;
            app.manage(page.clone());
            let link = Link::keep(agent, page, found);
            if let Errand::Follow(followed) = errand {
                link.follow(followed);
            }
            app.manage(link);
            Ok(())
        })
        .build(tauri::generate_context!())?;
    Ok(Some(app))
}
