//! The one window and its one page: opened, shown, hidden, ended.
//!
//! Owns when the window is seen: not before the page has something to show, and the process no longer than a minute
//! after it was closed. Owns what the page may reach, which is nothing but itself.

use std::{
    env,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use serde::Serialize;
use tauri::{
    AppHandle, Emitter, Manager, PhysicalPosition, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder,
    webview::{NewWindowResponse, PermissionResponse},
};
use tauri_plugin_window_state::{AppHandleExt, StateFlags};
use tidings_control::{Event, Failure, Home};

use crate::{colours::Colours, front, size};

/// What is kept of the window between runs.
pub(crate) const KEPT: StateFlags = StateFlags::SIZE.union(StateFlags::POSITION).union(StateFlags::MAXIMIZED);

/// How long the process stays after its window was closed; opening it again in that time is instant.
const LINGER: Duration = Duration::from_secs(60);

/// How long the page may take before the window is shown as it is.
const READY_DEADLINE: Duration = Duration::from_secs(5);

/// The page's one event: a list of what there is to tell.
const EVENT: &str = "agent";

const LABEL: &str = "main";

/// What the page is told of the agent, beside the agent's own events.
#[derive(Clone, Serialize)]
#[serde(tag = "event", content = "value", rename_all = "snake_case")]
pub(crate) enum AgentState {
    /// It is there: ask for the snapshot. An older one was replaced, if its version is given.
    #[serde(rename = "agent_up")]
    Up { replaced: Option<String> },
    /// It is not there.
    #[serde(rename = "agent_down")]
    Down(Failure),
}

/// The window and its page.
#[derive(Clone)]
pub(crate) struct Page {
    window: WebviewWindow,
    colours: Colours,
    stage: Arc<Mutex<Stage>>,
    /// Where the window was when it was hidden; window managers forget it.
    place: Arc<Mutex<Option<PhysicalPosition<i32>>>>,
    /// Counts shows and hides, so that a minute that was cut short is told from one that has passed.
    turns: Arc<AtomicU64>,
}

enum Stage {
    /// Not drawn yet; the row to show once it is, and the permission to come to the front.
    Loading(Option<i64>, Option<String>),
    Ready,
}

impl Page {
    /// Makes the window, hidden until the page is ready.
    pub(crate) fn open(app: &AppHandle, home: &Home) -> tauri::Result<Self> {
        let [usual, least] = size::at_first(app);
        let window = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::default())
            .title("Tidings")
            .inner_size(usual.width, usual.height)
            .min_inner_size(least.width, least.height)
            .visible(false)
            .data_directory(home.data().join("window"))
            .general_autofill_enabled(false)
            .on_navigation(is_own)
            .on_new_window(|_, _| NewWindowResponse::Deny)
            .on_permission_request(|_, _| PermissionResponse::Deny)
            .on_download(|_, _| false)
            .build()?;
        size::follow(&window);
        let stage = Arc::new(Mutex::new(Stage::Loading(None, None)));
        let colours = Colours::of(&window);
        let page = Self { window, colours, stage, place: Arc::default(), turns: Arc::default() };
        let late = page.clone();
        tauri::async_runtime::spawn(async move {
            tokio::time::sleep(READY_DEADLINE).await;
            late.ready();
        });
        Ok(page)
    }

    /// The page is drawn: the window may be seen.
    pub(crate) fn ready(&self) {
        let mut stage = self.stage.lock().unwrap_or_else(PoisonError::into_inner);
        if let Stage::Loading(item, activation) = std::mem::replace(&mut *stage, Stage::Ready) {
            drop(stage);
            self.show(item, activation);
        }
    }

    /// Shows the window, at a row if one is given, and brings it to the front, as `activation` permits.
    pub(crate) fn show(&self, item: Option<i64>, activation: Option<String>) {
        let mut stage = self.stage.lock().unwrap_or_else(PoisonError::into_inner);
        if let Stage::Loading(wanted, permission) = &mut *stage {
            *wanted = item.or(*wanted);
            *permission = activation.or(permission.take());
            return;
        }
        drop(stage);
        self.turns.fetch_add(1, Ordering::SeqCst);
        if let Err(error) = self.reveal(activation) {
            tracing::warn!(%error, "the window cannot be shown");
        }
        self.tell(&[Event::Show { item, activation: None }]);
    }

    fn reveal(&self, activation: Option<String>) -> tauri::Result<()> {
        if !self.window.is_visible()? {
            size::hold(&self.window)?;
            let place = self.place.lock().unwrap_or_else(PoisonError::into_inner).take();
            self.window.show()?;
            if let Some(place) = place {
                self.window.set_position(place)?;
            }
        }
        if self.window.is_minimized()? {
            self.window.unminimize()?;
        }
        front::bring(&self.window, activation)
    }

    /// Hides the window, and ends the process if it stays hidden.
    pub(crate) fn hide(&self) {
        if let Err(error) = self.window.app_handle().save_window_state(KEPT) {
            tracing::warn!(%error, "the window's place cannot be kept");
        }
        let place = self.window.outer_position().ok();
        *self.place.lock().unwrap_or_else(PoisonError::into_inner) = place;
        if let Err(error) = self.window.hide() {
            tracing::warn!(%error, "the window cannot be hidden");
            return self.end();
        }
        let turn = self.turns.fetch_add(1, Ordering::SeqCst) + 1;
        let page = self.clone();
        tauri::async_runtime::spawn(async move {
            tokio::time::sleep(linger()).await;
            if page.turns.load(Ordering::SeqCst) == turn {
                page.end();
            }
        });
    }

    /// Its colours.
    pub(crate) fn colours(&self) -> &Colours {
        &self.colours
    }

    /// Passes on events of the agent.
    pub(crate) fn tell(&self, events: &[Event]) {
        for event in events {
            if let Event::Snapshot(snapshot) = event {
                self.colours.choose(snapshot.settings.theme);
            }
        }
        if !events.is_empty() {
            self.emit(events);
        }
    }

    /// Tells whether the agent is there.
    pub(crate) fn tell_agent(&self, state: &AgentState) {
        self.emit([state]);
    }

    /// The agent went away. A hidden window has nothing to wait for then.
    pub(crate) fn agent_lost(&self, failure: Failure) {
        let loading =
            matches!(*self.stage.lock().unwrap_or_else(PoisonError::into_inner), Stage::Loading(..));
        if !loading && !self.window.is_visible().unwrap_or(true) {
            return self.end();
        }
        self.tell_agent(&AgentState::Down(failure));
    }

    /// Ends the process.
    pub(crate) fn end(&self) {
        self.window.app_handle().exit(0);
    }

    fn emit(&self, payload: impl Serialize + Clone) {
        if let Err(error) = self.window.emit_to(LABEL, EVENT, payload) {
            tracing::warn!(%error, "the page cannot be told");
        }
    }
}

/// `TIDINGS_WINDOW_LINGER` in seconds, else [`LINGER`].
fn linger() -> Duration {
    let seconds = env::var("TIDINGS_WINDOW_LINGER").ok().and_then(|seconds| seconds.parse().ok());
    seconds.map_or(LINGER, Duration::from_secs)
}

/// The page's own address: `tauri://localhost`, `http://tauri.localhost` on Windows, Vite's under `tauri dev`.
fn is_own(url: &Url) -> bool {
    match (url.scheme(), url.host_str()) {
        ("tauri", Some("localhost")) => true,
        ("http" | "https", Some("tauri.localhost")) => cfg!(windows),
        ("http", Some("localhost")) => tauri::is_dev() && url.port() == Some(5173),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use tidings_control::FailureCode;

    use super::*;

    #[test]
    fn only_its_own_address_is_navigated_to() {
        let own = |url: &str| is_own(&url.parse().unwrap());
        assert!(own("tauri://localhost/"));
        assert!(own("tauri://localhost/index.html#inbox"));
        for foreign in [
            "https://example.com/",
            "http://localhost/",
            "file:///etc/passwd",
            "about:blank",
            "tauri://evil/",
        ] {
            assert!(!own(foreign), "{foreign}");
        }
    }

    /// `ui/src/ipc.ts` names these by hand.
    #[test]
    fn the_page_reads_the_agent_s_state_by_these_names() {
        let json = |state: &AgentState| serde_json::to_string(state).unwrap();
        assert_eq!(
            json(&AgentState::Up { replaced: Some("0.0.9".into()) }),
            r#"{"event":"agent_up","value":{"replaced":"0.0.9"}}"#
        );
        assert_eq!(
            json(&AgentState::Down(Failure::new(FailureCode::AgentUnreachable, "gone"))),
            r#"{"event":"agent_down","value":{"code":"AGENT_UNREACHABLE","message":"gone"}}"#
        );
    }
}
