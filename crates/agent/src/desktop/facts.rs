//! Who shows the tray's icon and the toasts, for whoever looks for a fault.
//!
//! It is asked when somebody wants to know, on a connection that ends with the question. Nobody is started by it.

use std::time::Duration;

use zbus::{
    Connection, Message,
    connection::Builder,
    fdo::DBusProxy,
    names::{BusName, OwnedUniqueName},
};

use super::Facts;

/// Somebody waits for the whole report, and a desktop that does not answer is an answer, too.
const PATIENCE: Duration = Duration::from_secs(2);

const TOASTS: &str = "org.freedesktop.Notifications";
const WATCHER: &str = "org.kde.StatusNotifierWatcher";

/// Asks.
pub async fn ask() -> Facts {
    tokio::time::timeout(PATIENCE, ask_bus()).await.unwrap_or_default()
}

async fn ask_bus() -> Facts {
    let Ok(bus) = connect().await else { return Facts::default() };
    Facts { tray: tray(&bus).await, toasts: toasts(&bus).await }
}

async fn connect() -> zbus::Result<Connection> {
    Builder::session()?.method_timeout(PATIENCE).build().await
}

async fn owner(bus: &Connection, name: &'static str) -> Option<OwnedUniqueName> {
    DBusProxy::new(bus).await.ok()?.get_name_owner(BusName::try_from(name).ok()?).await.ok()
}

async fn tray(bus: &Connection) -> Option<String> {
    let owner = owner(bus, WATCHER).await?;
    let bus = DBusProxy::new(bus).await.ok()?;
    let process = bus.get_connection_unix_process_id(BusName::from(owner.inner().clone())).await.ok()?;
    let name = std::fs::read_to_string(format!("/proc/{process}/comm")).ok()?;
    Some(format!("shown by {}", name.trim()))
}

async fn toasts(bus: &Connection) -> Option<String> {
    let owner = owner(bus, TOASTS).await?;
    let call = async |method| -> Option<Message> {
        bus.call_method(Some(owner.as_str()), "/org/freedesktop/Notifications", Some(TOASTS), method, &())
            .await
            .ok()
    };
    let told = call("GetServerInformation").await?;
    let (name, vendor, version, specification): (String, String, String, String) =
        told.body().deserialize().ok()?;
    let abilities: Vec<String> = match call("GetCapabilities").await {
        Some(told) => told.body().deserialize().unwrap_or_default(),
        None => Vec::new(),
    };
    let vendor = if vendor.is_empty() { String::new() } else { format!(" ({vendor})") };
    Some(format!("{name} {version}{vendor}, specification {specification}: {}", abilities.join(", ")))
}
