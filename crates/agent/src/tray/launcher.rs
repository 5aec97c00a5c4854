//! How many are unread, on the launcher: docks and task managers that take after Unity's (Plasma, Ubuntu's dock, Plank)
//! show it beside the program's icon.
//!
//! Whoever shows it owns [`WATCHER`]. It hears of changes and cannot ask, so it is told again when it comes; while there
//! is none, nothing is said.

use std::collections::HashMap;

use zbus::{Connection, zvariant::Value};

use crate::desktop::bus::{BusGone, Owner};

const WATCHER: &str = "com.canonical.Unity";
const INTERFACE: &str = "com.canonical.Unity.LauncherEntry";
/// One program has one entry, so that its number means nothing.
const PATH: &str = "/com/canonical/unity/launcherentry/1";
/// By the name of the desktop entry's file.
const PROGRAM: &str = "application://org.tidings.desktop.desktop";

pub(super) struct Launcher {
    bus: Connection,
    owner: Owner,
    present: bool,
}

impl Launcher {
    pub(super) async fn watch(bus: &Connection) -> zbus::Result<Self> {
        Ok(Self { bus: bus.clone(), owner: Owner::watch(bus, WATCHER).await?, present: false })
    }

    /// Returns when whoever shows it has come or gone.
    pub(super) async fn changed(&mut self) -> Result<(), BusGone> {
        self.present = self.owner.next().await?.is_some();
        Ok(())
    }

    /// So many are unread.
    pub(super) async fn tell(&self, unread: u32) {
        if !self.present {
            return;
        }
        let shown =
            HashMap::from([("count", Value::I64(unread.into())), ("count-visible", Value::Bool(unread > 0))]);
        let told = self.bus.emit_signal(None::<&str>, PATH, INTERFACE, "Update", &(PROGRAM, shown)).await;
        if let Err(error) = told {
            tracing::debug!(%error, "the launcher does not show how many are unread");
        }
    }
}
