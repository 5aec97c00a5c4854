//! Which ink the panel asks for.
//!
//! A StatusNotifierItem is not told what it is drawn on. Symbolic icons would be inked by the panel, but only installed
//! ones, and Tidings also runs from a folder. So the desktop decides: panels that are dark whatever the theme get light
//! ink, Plasma's follows its colour scheme, which the portal tells; every other panel may be of any colour and gets brass,
//! which reads on all. `TIDINGS_TRAY` (`light`, `dark` or `brass`) overrules all of it.

use futures_util::StreamExt;
use zbus::{
    Connection, MatchRule, MessageStream, Proxy,
    message::Type,
    proxy::MethodFlags,
    zvariant::{OwnedValue, Value},
};

use super::drawing::Ink;

const NAMESPACE: &str = "org.freedesktop.appearance";
const KEY: &str = "color-scheme";

/// The panel of this session.
pub(super) struct Panel {
    desktop: String,
    forced: Option<Ink>,
    portal: Option<(Proxy<'static>, MessageStream)>,
}

impl Panel {
    /// Starts listening to the portal, where the panel follows it.
    pub(super) async fn watch(bus: &Connection) -> Self {
        let forced = match std::env::var("TIDINGS_TRAY").as_deref() {
            Ok("light") => Some(Ink::Light),
            Ok("dark") => Some(Ink::Dark),
            Ok("brass") => Some(Ink::Brass),
            _ => None,
        };
        let desktop = std::env::var("XDG_CURRENT_DESKTOP").unwrap_or_default();
        let follows = forced.is_none() && named(&desktop, &SCHEMED);
        Self { portal: if follows { portal(bus).await.ok() } else { None }, desktop, forced }
    }

    /// The ink for now.
    pub(super) async fn ink(&self) -> Ink {
        let scheme = match &self.portal {
            Some((settings, _)) => read(settings).await,
            None => None,
        };
        self.forced.unwrap_or_else(|| ink(&self.desktop, scheme))
    }

    /// Returns when the ink may be another; never, where it cannot.
    pub(super) async fn changed(&mut self) {
        let Some((_, changes)) = &mut self.portal else { return std::future::pending().await };
        while let Some(Ok(message)) = changes.next().await {
            let body = message.body();
            let Ok((namespace, key, _)) = body.deserialize::<(&str, &str, Value<'_>)>() else { continue };
            if namespace == NAMESPACE && key == KEY {
                return;
            }
        }
        // the bus has gone, which its owner hears of by itself
        std::future::pending::<()>().await;
    }
}

async fn portal(bus: &Connection) -> zbus::Result<(Proxy<'static>, MessageStream)> {
    const PATH: &str = "/org/freedesktop/portal/desktop";
    const SETTINGS: &str = "org.freedesktop.portal.Settings";
    let rule = MatchRule::builder()
        .msg_type(Type::Signal)
        .path(PATH)?
        .interface(SETTINGS)?
        .member("SettingChanged")?
        .add_arg(NAMESPACE)?
        .build();
    let changes = MessageStream::for_match_rule(rule, bus, None).await?;
    Ok((Proxy::new(bus, "org.freedesktop.portal.Desktop", PATH, SETTINGS).await?, changes))
}

/// The portal's preference. It is not started for our sake: where it matters it runs already.
async fn read(settings: &Proxy<'_>) -> Option<u32> {
    let answer: Option<OwnedValue> =
        settings.call_with_flags("Read", MethodFlags::NoAutoStart.into(), &(NAMESPACE, KEY)).await.ok()?;
    // `Read` wraps the value in a second variant
    match &*answer? {
        Value::Value(inner) => inner.downcast_ref().ok(),
        value => value.downcast_ref().ok(),
    }
}

fn named<'a>(desktop: &'a str, names: &'a [&str]) -> bool {
    desktop.split(':').any(|part| names.iter().any(|name| part.eq_ignore_ascii_case(name)))
}

/// Desktops whose panel is dark in both of their colour schemes.
const DARK: [&str; 4] = ["GNOME", "Unity", "Pantheon", "Budgie"];
/// Desktops whose panel follows the colour scheme.
const SCHEMED: [&str; 1] = ["KDE"];

/// `scheme` is the portal's: 1 prefers dark, 2 light, 0 has no preference.
fn ink(desktop: &str, scheme: Option<u32>) -> Ink {
    match scheme {
        _ if named(desktop, &DARK) => Ink::Light,
        Some(1) if named(desktop, &SCHEMED) => Ink::Light,
        Some(2) if named(desktop, &SCHEMED) => Ink::Dark,
        _ => Ink::Brass,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ink_suits_the_panel() {
        let table = [
            ("ubuntu:GNOME", Some(2), Ink::Light),
            ("ubuntu:GNOME", None, Ink::Light),
            ("KDE", Some(1), Ink::Light),
            ("KDE", Some(2), Ink::Dark),
            ("KDE", Some(0), Ink::Brass),
            ("KDE", None, Ink::Brass),
            ("XFCE", Some(2), Ink::Brass),
            ("MATE", None, Ink::Brass),
            ("", None, Ink::Brass),
        ];
        for (desktop, scheme, expected) in table {
            assert_eq!(ink(desktop, scheme), expected, "{desktop} {scheme:?}");
        }
    }
}
