//! The daemon, as `org.freedesktop.Notifications` describes it (Desktop Notifications Specification 1.3): how a toast is
//! said to it, what its signals mean, and whether its errors are its own.

use std::collections::HashMap;

use tidings_control::{Priority, Sound};
use tokio::task::AbortHandle;
use zbus::{Connection, Message, fdo::DBusProxy, names::UniqueName, zvariant::Value};

use super::{
    Event, Press, Toast, ToastError, icon,
    shown::{Entry, Shown},
    text,
};

pub(super) const NAME: &str = "org.freedesktop.Notifications";
pub(super) const PATH: &str = "/org/freedesktop/Notifications";
/// The key of the action that a click on the toast itself means.
const DEFAULT_ACTION: &str = "default";
/// Begins the key of a button, which its place follows. What a stranger calls it never goes to the daemon.
const BUTTON: &str = "button-";

/// Both an ability and a hint.
const ORIGIN: &str = "x-kde-origin-name";

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
    /// It shows beside the program's name where a notification is from (Plasma).
    origin: bool,
}

/// Whether the bus starts a daemon when one is called.
pub(super) async fn activatable(bus: &Connection) -> bool {
    let Ok(names) = DBusProxy::new(bus).await else { return false };
    names.list_activatable_names().await.is_ok_and(|names| names.iter().any(|name| name.as_str() == NAME))
}

impl Desk {
    pub(super) async fn show(&mut self, toast: &Toast) -> Result<(), ToastError> {
        let replaced = toast.replaces.unwrap_or(toast.item);
        let place = self.shown.of_item(replaced).map(|entry| (entry.daemon.clone(), entry.id));
        if let Some((daemon, id)) = place {
            // by the daemon's own name: another one may have an other's toast of this id
            match self.notify(toast, daemon.as_str(), id).await {
                Err(ToastError::Unavailable(_)) => self.shown.forget(&daemon),
                outcome => return outcome,
            }
        }
        self.notify(toast, NAME, 0).await
    }

    async fn notify(&mut self, toast: &Toast, daemon: &str, replaces: u32) -> Result<(), ToastError> {
        let Some(link) = &mut self.link else {
            return Err(ToastError::Unavailable("no session bus".to_owned()));
        };
        let abilities = link.abilities().await?;
        let (words, presses) = said(toast, abilities);
        let mut actions = Vec::new();
        if abilities.actions {
            actions.extend([DEFAULT_ACTION.to_owned(), toast.manner.locale.words().show.to_owned()]);
            for (index, (label, _)) in presses.iter().enumerate() {
                actions.extend([format!("{BUTTON}{index}"), label.clone()]);
            }
        }
        let hints = hints(toast, abilities, link.icon_name.is_none());
        // −1 leaves it to the daemon; 0 stays until it is dealt with
        let expires: i32 = if toast.priority == Priority::Urgent { 0 } else { -1 };
        let icon_name = link.icon_name.unwrap_or_default();
        let arguments =
            ("Tidings", replaces, icon_name, text::title(&toast.title), words, actions, hints, expires);
        let reply = link
            .bus
            .call_method(Some(daemon), PATH, Some(NAME), "Notify", &arguments)
            .await
            .map_err(|error| refusal(&error))?;
        let id: u32 = reply.body().deserialize().map_err(|error| refusal(&error))?;
        if let Some(daemon) = reply.header().sender() {
            let presses = presses.into_iter().map(|(_, press)| press).collect();
            self.shown.add(Entry {
                daemon: daemon.to_owned().into(),
                id,
                item: toast.item,
                presses,
                activation: None,
            });
        }
        Ok(())
    }

    pub(super) async fn close(&self, item: i64) -> zbus::Result<()> {
        let (Some(link), Some(entry)) = (&self.link, self.shown.of_item(item)) else { return Ok(()) };
        let daemon = entry.daemon.as_str();
        link.bus.call_method(Some(daemon), PATH, Some(NAME), "CloseNotification", &entry.id).await.map(|_| ())
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
                let entry = self.shown.find(daemon, id)?;
                let item = entry.item;
                if key == DEFAULT_ACTION {
                    return Some(Event::Activated { item, activation: entry.activation.take() });
                }
                let index: usize = key.strip_prefix(BUTTON)?.parse().ok()?;
                let press = entry.presses.get(index)?.clone();
                Some(Event::Pressed { item, press, activation: entry.activation.take() })
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
        let abilities = Abilities {
            actions: names.contains(&"actions"),
            markup: names.contains(&"body-markup"),
            origin: names.contains(&ORIGIN),
        };
        self.abilities = Some(abilities);
        Ok(abilities)
    }
}

/// The text as this daemon takes it, and the buttons if it has any.
fn said(toast: &Toast, abilities: Abilities) -> (String, Vec<(String, Press)>) {
    let mut body = text::body(&toast.body);
    if let Some(account) = toast.manner.account.as_deref().filter(|_| !abilities.origin) {
        body = format!("{}\n{body}", text::title(account)).trim_end().to_owned();
    }
    let body = if abilities.markup { text::escape(&body) } else { body };
    (body, if abilities.actions { toast.buttons().collect() } else { Vec::new() })
}

fn hints(toast: &Toast, abilities: Abilities, with_icon: bool) -> HashMap<&'static str, Value<'static>> {
    let mut hints = HashMap::from([
        ("urgency", Value::U8(urgency(toast.priority))),
        ("desktop-entry", Value::from(icon::APP)),
        // the specification has no category for what is neither a mail nor a device; this is its nearest
        ("category", Value::from("im.received")),
    ]);
    if with_icon {
        hints.insert("image-data", icon::image_data());
    }
    if let Some(account) = toast.manner.account.as_deref().filter(|_| abilities.origin) {
        hints.insert(ORIGIN, Value::from(text::title(account)));
    }
    if toast.is_silent() {
        hints.insert("suppress-sound", Value::from(true));
    } else if let Some(name) = sound(toast.manner.sound) {
        hints.insert("sound-name", Value::from(name));
    }
    hints
}

/// By the Sound Naming Specification 0.8; a theme that lacks one falls back to its beginning.
fn sound(sound: Sound) -> Option<&'static str> {
    match sound {
        Sound::Message => Some("message-new-instant"),
        Sound::Bell => Some("bell-terminal"),
        Sound::System | Sound::UrgentOnly | Sound::Off => None,
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
