//! The desktop's own "do not disturb", as the notification daemon knows it.
//!
//! Owns who is asked and how: Plasma by `Inhibited`, dunst by `paused`, Xfce and GNOME by their settings. Nothing polls: each
//! of them tells of changes. A daemon that has no such thing, or does not tell of it, wants no quiet.

use futures_util::StreamExt;
use tokio::sync::watch;
use zbus::{
    Connection, MatchRule, MessageStream,
    message::Type,
    names::{BusName, OwnedUniqueName},
    zvariant::OwnedValue,
};

use super::{bus::Owner, gnome};

const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";
const XFCONF: &str = "org.xfce.Xfconf";
const XFCONF_PATH: &str = "/org/xfce/Xfconf";
const XFCE: [&str; 2] = ["xfce4-notifyd", "/do-not-disturb"];

/// Says whether quiet is wanted, each time that changes, until the bus has gone.
pub(crate) async fn follow(bus: &Connection, wish: &watch::Sender<bool>) -> zbus::Result<()> {
    let said = |wanted: bool| {
        wish.send_if_modified(|known| std::mem::replace(known, wanted) != wanted);
    };
    let changes = MatchRule::builder()
        .msg_type(Type::Signal)
        .sender(NAME)?
        .interface("org.freedesktop.DBus.Properties")?
        .member("PropertiesChanged")?
        .path(PATH)?
        .build();
    let xfce = MatchRule::builder()
        .msg_type(Type::Signal)
        .sender(XFCONF)?
        .interface(XFCONF)?
        .add_arg(XFCE[0])?
        .add_arg(XFCE[1])?
        .build();
    // listen first, ask second: a change in between is heard twice rather than missed
    let mut changes = MessageStream::for_match_rule(changes, bus, None).await?;
    let mut xfce = MessageStream::for_match_rule(xfce, bus, None).await?;
    let mut owner = Owner::watch(bus, NAME).await?;
    let mut daemon: Option<(OwnedUniqueName, Daemon)> = None;
    // heard on GNOME alone: elsewhere it would be told of what every program writes down
    let mut gnome: Option<gnome::Changes> = None;
    loop {
        let heard = tokio::select! {
            changed = owner.next() => match changed {
                Ok(Some(name)) => {
                    let kind = Daemon::of(bus, &name).await;
                    gnome = match kind {
                        Daemon::Gnome => Some(gnome::Changes::of(bus).await?),
                        _ => None,
                    };
                    daemon = Some((name, kind));
                    true
                }
                Ok(None) => {
                    (daemon, gnome) = (None, None);
                    true
                }
                Err(_) => false,
            },
            message = changes.next() => message.is_some(),
            message = xfce.next() => message.is_some(),
            Some(change) = async { Some(gnome.as_mut()?.next().await) } => change.is_some(),
        };
        if !heard {
            said(false);
            return Ok(());
        }
        match &daemon {
            Some((name, kind)) => said(kind.wants_quiet(bus, name).await),
            None => said(false),
        }
    }
}

/// Daemons that can be asked.
#[derive(Clone, Copy, Debug)]
enum Daemon {
    Plasma,
    Dunst,
    Xfce,
    Gnome,
    Other,
}

impl Daemon {
    /// By its own word. It is called by its unique name, so that none is started for the sake of this.
    async fn of(bus: &Connection, name: &OwnedUniqueName) -> Self {
        let reply = bus.call_method(Some(name), PATH, Some(NAME), "GetServerInformation", &()).await;
        let told = reply.and_then(|reply| reply.body().deserialize::<(String, String, String, String)>());
        match told.as_ref().map(|(name, ..)| name.as_str()) {
            Ok("Plasma") => Self::Plasma,
            Ok("dunst") => Self::Dunst,
            Ok("Xfce Notify Daemon") => Self::Xfce,
            Ok("gnome-shell") => Self::Gnome,
            Ok(_) | Err(_) => Self::Other,
        }
    }

    async fn wants_quiet(self, bus: &Connection, name: &OwnedUniqueName) -> bool {
        let answer = match self {
            Self::Plasma => property(bus, name, [NAME, "Inhibited"]).await,
            Self::Dunst => property(bus, name, ["org.dunstproject.cmd0", "paused"]).await,
            Self::Xfce => xfconf(bus).await,
            Self::Gnome => gnome::wants_quiet().await.map_err(zbus::Error::from),
            Self::Other => Ok(false),
        };
        answer.unwrap_or_else(|error| {
            tracing::debug!(%error, "the notification daemon does not say whether it is quiet");
            false
        })
    }
}

async fn property(bus: &Connection, daemon: &OwnedUniqueName, which: [&str; 2]) -> zbus::Result<bool> {
    let arguments = (which[0], which[1]);
    let reply = bus
        .call_method(Some(daemon), PATH, Some("org.freedesktop.DBus.Properties"), "Get", &arguments)
        .await?;
    Ok(bool::try_from(reply.body().deserialize::<OwnedValue>()?)?)
}

async fn xfconf(bus: &Connection) -> zbus::Result<bool> {
    let destination = BusName::try_from(XFCONF)?;
    let arguments = (XFCE[0], XFCE[1]);
    let reply =
        bus.call_method(Some(destination), XFCONF_PATH, Some(XFCONF), "GetProperty", &arguments).await?;
    Ok(bool::try_from(reply.body().deserialize::<OwnedValue>()?)?)
}
