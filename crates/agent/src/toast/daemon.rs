//! The daemon, as `org.freedesktop.Notifications` describes it (Desktop Notifications Specification 1.3): how a toast is
//! said to it, what its signals mean, and whether its errors are its own.

use std::collections::HashMap;

use tidings_control::Priority;
use tokio::task::AbortHandle;
use zbus::{Connection, Message, fdo::DBusProxy, names::UniqueName, zvariant::Value};

use super::{Event, Toast, ToastError, icon, shown::Shown, text};

pub(super) const NAME: &str = "org.freedesktop.Notifications";
pub(super) const PATH: &str = "/org/freedesktop/Notifications";
/// The key of the action that a click on the toast itself means.
const DEFAULT_ACTION: &str = "default";

/// What is on the screen, and the way there.
#[derive(Default)]
pub(super) struct Desk {
    pub(super) link: Option<Link>,
    pub(super) shown: Shown,
}

/// A living connection, and what is known of the daemon on it.
pub(super) struct Link {
    pub(super) bus: Connection,
    abilities: Option<Abilities>,
    /// The theme's name for our icon, where it is installed.
    icon_name: Option<&'static str>,
    listening: AbortHandle,
}

impl Drop for Link {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

#[derive(Clone, Copy)]
pub(super) struct Abilities {
    actions: bool,
    markup: bool,
}

/// Whether the bus starts a daemon when one is called.
pub(super) async fn activatable(bus: &Connection) -> bool {
    let Ok(names) = DBusProxy::new(bus).await else { return false };
    names.list_activatable_names().await.is_ok_and(|names| names.iter().any(|name| name.as_str() == NAME))
}

impl Desk {
    pub(super) async fn show(&mut self, toast: &Toast) -> Result<(), ToastError> {
        let Some(link) = &mut self.link else {
            return Err(ToastError::Unavailable("no session bus".to_owned()));
        };
        let abilities = link.abilities().await?;
        let replaced = toast.replaces.unwrap_or(toast.item);
        let replaces_id = self.shown.of_item(replaced).map_or(0, |entry| entry.id);
        let body = text::body(&toast.body);
        let body = if abilities.markup { text::escape(&body) } else { body };
        let actions: &[&str] = if abilities.actions { &[DEFAULT_ACTION, "Open"] } else { &[] };
        let mut hints: HashMap<&str, Value<'_>> = HashMap::from([
            ("urgency", Value::U8(urgency(toast.priority))),
            ("desktop-entry", Value::from(icon::APP)),
        ]);
        if link.icon_name.is_none() {
            hints.insert("image-data", icon::image_data());
        }
        // −1 leaves it to the daemon; 0 stays until it is dealt with
        let expires: i32 = if toast.priority == Priority::Urgent { 0 } else { -1 };
        let icon_name = link.icon_name.unwrap_or_default();
        let arguments =
            ("Tidings", replaces_id, icon_name, text::title(&toast.title), body, actions, hints, expires);
        let reply = link
            .bus
            .call_method(Some(NAME), PATH, Some(NAME), "Notify", &arguments)
            .await
            .map_err(|error| refusal(&error))?;
        let id: u32 = reply.body().deserialize().map_err(|error| refusal(&error))?;
        if let Some(daemon) = reply.header().sender() {
            self.shown.add(daemon.to_owned().into(), id, toast.item);
        }
        Ok(())
    }

    pub(super) async fn close(&self, item: i64) -> zbus::Result<()> {
        let (Some(link), Some(entry)) = (&self.link, self.shown.of_item(item)) else { return Ok(()) };
        link.bus.call_method(Some(NAME), PATH, Some(NAME), "CloseNotification", &entry.id).await.map(|_| ())
    }

    /// What a signal means, if it is about one of ours.
    pub(super) fn heard(
        &mut self,
        daemon: &UniqueName<'_>,
        member: &str,
        message: &Message,
    ) -> Option<Event> {
        let body = message.body();
        match member {
            "ActivationToken" => {
                let (id, token): (u32, &str) = body.deserialize().ok()?;
                self.shown.find(daemon, id)?.activation = Some(token.to_owned());
                None
            }
            "ActionInvoked" => {
                let (id, key): (u32, &str) = body.deserialize().ok()?;
                let entry = self.shown.find(daemon, id).filter(|_| key == DEFAULT_ACTION)?;
                Some(Event::Activated { item: entry.item, activation: entry.activation.take() })
            }
            "NotificationClosed" => {
                let (id, _reason): (u32, u32) = body.deserialize().ok()?;
                Some(Event::Closed { item: self.shown.remove(daemon, id)?.item })
            }
            _ => None,
        }
    }
}

impl Link {
    pub(super) fn new(bus: Connection, listening: AbortHandle) -> Self {
        Self { bus, abilities: None, icon_name: icon::installed(), listening }
    }

    /// Another daemon may be able to do other things.
    pub(super) fn forget_abilities(&mut self) {
        self.abilities = None;
    }

    /// What the daemon can do; asked once for each.
    pub(super) async fn abilities(&mut self) -> Result<Abilities, ToastError> {
        if let Some(known) = self.abilities {
            return Ok(known);
        }
        let reply = self
            .bus
            .call_method(Some(NAME), PATH, Some(NAME), "GetCapabilities", &())
            .await
            .map_err(|error| refusal(&error))?;
        let body = reply.body();
        let names: Vec<&str> = body.deserialize().map_err(|error| refusal(&error))?;
        let abilities =
            Abilities { actions: names.contains(&"actions"), markup: names.contains(&"body-markup") };
        self.abilities = Some(abilities);
        Ok(abilities)
    }
}

fn urgency(priority: Priority) -> u8 {
    match priority {
        Priority::Min | Priority::Low => 0,
        Priority::Default | Priority::High => 1,
        Priority::Urgent => 2,
    }
}

/// An answer of the daemon itself is a refusal; one of the bus, or none, means that there is no daemon.
fn refusal(error: &zbus::Error) -> ToastError {
    match error {
        zbus::Error::MethodError(name, detail, _) => {
            let detail = detail.clone().unwrap_or_default();
            let name = name.as_str();
            if name.starts_with("org.freedesktop.DBus.Error.Spawn.") || NOBODY.contains(&name) {
                ToastError::Unavailable(if detail.is_empty() { name.to_owned() } else { detail })
            } else {
                ToastError::Refused(format!("{name} {detail}").trim_end().to_owned())
            }
        }
        zbus::Error::Variant(_) | zbus::Error::InvalidReply => ToastError::Refused(error.to_string()),
        _ => ToastError::Unavailable(error.to_string()),
    }
}

const NOBODY: [&str; 6] = [
    "org.freedesktop.DBus.Error.ServiceUnknown",
    "org.freedesktop.DBus.Error.NameHasNoOwner",
    "org.freedesktop.DBus.Error.NoReply",
    "org.freedesktop.DBus.Error.Timeout",
    "org.freedesktop.DBus.Error.TimedOut",
    "org.freedesktop.DBus.Error.Disconnected",
];
