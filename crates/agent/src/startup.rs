//! The order in which the agent comes to life.
//!
//! The control socket comes first, because holding it is what makes this the home's one agent; then the inbox, then
//! accounts and their connections, which wait for no surface; the surfaces come up beside them. Owns what is done
//! when one of these is not to be had: without an inbox on disk the agent runs on one in memory and says so; without
//! desktop or keychain it runs all the same. Only without socket or TLS there is no agent.

use std::{path::Path, sync::Arc};

use tidings_control::{BindError, Client, Home, Listener, NoticeCode, Request, Role, SignInHint};
use tidings_engine::{Surroundings, Transport, TransportError};
use tidings_inbox::{Inbox, InboxError, Opened};

use crate::{
    agent::{Agent, Parts},
    autostart,
    foreign::Places,
    integration,
    keychain::{Keychain, SystemVault},
    logging,
    policy::Policy,
    signals::StopSignals,
    surfaces::Surfaces,
};

/// How the person wants it.
#[derive(Clone, Debug)]
pub struct Wishes {
    /// Where its things are.
    pub home: Home,
    /// Show a tray icon.
    pub tray: bool,
    /// Show toasts.
    pub toasts: bool,
    /// [`crate::attention::AT_ONCE`], or another number.
    pub toasts_at_once: usize,
    /// What to fill in on the sign-in page.
    pub hint: SignInHint,
}

/// Why there is no agent.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Another one runs; it was asked to open the window.
    #[error("another agent is running already for this user; it was asked to open the window")]
    AlreadyRunning,
    /// The control socket could not be opened.
    #[error(transparent)]
    Control(BindError),
    /// The inbox cannot be used even in memory.
    #[error(transparent)]
    Inbox(InboxError),
    /// TLS could not be set up.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The system refuses something basic.
    #[error("the system refuses to start the agent: {0}")]
    System(#[from] std::io::Error),
}

/// Runs the agent until it is asked to end.
///
/// # Errors
/// [`StartError`], always before anything was connected.
pub async fn run(wishes: Wishes) -> Result<(), StartError> {
    let Wishes { home, tray, toasts, toasts_at_once, hint } = wishes;
    let listener = match Listener::bind(&home) {
        Ok(listener) => listener,
        Err(BindError::AlreadyRunning) => {
            ask_for_window(&home).await;
            return Err(StartError::AlreadyRunning);
        }
        Err(error) => return Err(StartError::Control(error)),
    };
    logging::start(&home);
    tracing::info!(version = env!("CARGO_PKG_VERSION"), pid = std::process::id(), "started");
    autostart::mend();
    integration::settle();
    let mut stop = StopSignals::listen()?;
    let transport = Transport::new()?;
    let (inbox, mut notices) = open_inbox(home.data())?;
    let policy = Policy::read().unwrap_or_else(|error| {
        notices.push((NoticeCode::PolicyUnreadable, error.to_string()));
        Policy::default()
    });
    let agent = Agent::new(Parts {
        inbox: Arc::new(inbox),
        keychain: Keychain::new(SystemVault),
        transport,
        surroundings: Surroundings::watch(),
        surfaces: Surfaces::start(tray, toasts),
        home,
        toasts_at_once,
        hint,
        policy,
        foreign: Places::usual(),
        notices,
    });
    agent.run(listener, async move { stop.recv().await }).await;
    Ok(())
}

async fn ask_for_window(home: &Home) {
    let asked = match Client::connect(home, Role::Cli).await {
        Ok((client, _)) => client.call(Request::OpenWindow).await.map(|_| ()),
        Err(error) => Err(error.into()),
    };
    if let Err(failure) = asked {
        tracing::debug!(%failure, "the running agent opened no window");
    }
}

/// Opens the inbox, or one in memory where the disk or a newer version's file does not allow it, with what the person
/// should know.
///
/// Running beside a file that was not opened loses nothing: its cursor stays where it is, and whoever can open it again
/// has everything since replayed.
///
/// # Errors
/// When there is no inbox even in memory.
pub fn open_inbox(folder: &Path) -> Result<(Inbox, Vec<(NoticeCode, String)>), StartError> {
    let error = match Inbox::open(folder) {
        Ok((inbox, Opened::Ready)) => return Ok((inbox, Vec::new())),
        Ok((inbox, Opened::Replaced { kept, reason })) => {
            let detail = format!("the old one is kept as {} ({reason})", kept.display());
            return Ok((inbox, vec![(NoticeCode::InboxReplaced, detail)]));
        }
        Err(error) => error,
    };
    let code = match error {
        InboxError::Full(_) => NoticeCode::StorageFull,
        InboxError::TooNew { .. } => NoticeCode::InboxTooNew,
        _ => NoticeCode::StorageReadOnly,
    };
    let detail = format!("{error}; until then everything is kept in memory and gone when Tidings ends");
    Ok((Inbox::in_memory().map_err(StartError::Inbox)?, vec![(code, detail)]))
}
