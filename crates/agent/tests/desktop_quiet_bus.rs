//! The desktop's own "do not disturb" on a real bus, said by a daemon made for the test; GNOME's by its real settings.
#![cfg(target_os = "linux")]
#![allow(missing_docs, reason = "the interface macro makes public methods without any")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod private_bus;

use private_bus::{Bus, alone, until};
use tidings_agent::toast::Toaster;
use tokio::{process::Command, sync::mpsc};
use zbus::{Connection, object_server::InterfaceRef, zvariant::OwnedValue};

const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";

/// What every daemon says of itself, and Plasma's property.
struct Daemon {
    name: &'static str,
    inhibited: bool,
}

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Daemon {
    fn get_capabilities(&self) -> Vec<String> {
        Vec::new()
    }

    fn get_server_information(&self) -> (String, String, String, String) {
        (self.name.to_owned(), "test".to_owned(), "1".to_owned(), "1.2".to_owned())
    }

    #[zbus(property)]
    fn inhibited(&self) -> bool {
        self.inhibited
    }
}

struct Dunst {
    paused: bool,
}

#[zbus::interface(name = "org.dunstproject.cmd0")]
impl Dunst {
    #[zbus(property, name = "paused")]
    fn paused(&self) -> bool {
        self.paused
    }
}

struct Xfconf {
    quiet: bool,
}

#[zbus::interface(name = "org.xfce.Xfconf")]
impl Xfconf {
    fn get_property(&self, channel: &str, property: &str) -> OwnedValue {
        assert_eq!([channel, property], ["xfce4-notifyd", "/do-not-disturb"]);
        OwnedValue::from(self.quiet)
    }

    #[zbus(signal)]
    async fn property_changed(
        emitter: &zbus::object_server::SignalEmitter<'_>,
        channel: &str,
        property: &str,
        value: &OwnedValue,
    ) -> zbus::Result<()>;
}

async fn daemon(name: &'static str, quiet: bool) -> Connection {
    zbus::connection::Builder::session()
        .unwrap()
        .serve_at(PATH, Daemon { name, inhibited: quiet })
        .unwrap()
        .serve_at(PATH, Dunst { paused: quiet })
        .unwrap()
        .name(NAME)
        .unwrap()
        .build()
        .await
        .unwrap()
}

#[test]
fn plasma_says_whether_it_is_inhibited() {
    alone("plasma_says_whether_it_is_inhibited", async {
        let _bus = Bus::start().await;
        let plasma = daemon("Plasma", true).await;
        let (toaster, _availability) = Toaster::start(mpsc::channel(8).0);
        let mut quiet = toaster.desktop_quiet();
        until(&mut quiet, |quiet| *quiet).await;
        let interface: InterfaceRef<Daemon> = plasma.object_server().interface(PATH).await.unwrap();
        for now in [false, true] {
            interface.get_mut().await.inhibited = now;
            interface.get().await.inhibited_changed(interface.signal_emitter()).await.unwrap();
            until(&mut quiet, |quiet| *quiet == now).await;
        }
        // one that leaves takes its wish along
        drop((interface, plasma));
        until(&mut quiet, |quiet| !*quiet).await;
    });
}

#[test]
fn dunst_says_whether_it_is_paused() {
    alone("dunst_says_whether_it_is_paused", async {
        let _bus = Bus::start().await;
        let (toaster, _availability) = Toaster::start(mpsc::channel(8).0);
        let mut quiet = toaster.desktop_quiet();
        assert!(!*quiet.borrow());
        let dunst = daemon("dunst", false).await;
        let interface: InterfaceRef<Dunst> = dunst.object_server().interface(PATH).await.unwrap();
        for now in [true, false] {
            interface.get_mut().await.paused = now;
            interface.get().await.paused_changed(interface.signal_emitter()).await.unwrap();
            until(&mut quiet, |quiet| *quiet == now).await;
        }
    });
}

#[test]
fn xfce_keeps_it_among_its_settings() {
    alone("xfce_keeps_it_among_its_settings", async {
        let _bus = Bus::start().await;
        let settings = zbus::connection::Builder::session()
            .unwrap()
            .serve_at("/org/xfce/Xfconf", Xfconf { quiet: true })
            .unwrap()
            .name("org.xfce.Xfconf")
            .unwrap()
            .build()
            .await
            .unwrap();
        let _xfce = daemon("Xfce Notify Daemon", false).await;
        let (toaster, _availability) = Toaster::start(mpsc::channel(8).0);
        let mut quiet = toaster.desktop_quiet();
        until(&mut quiet, |quiet| *quiet).await;
        let interface: InterfaceRef<Xfconf> =
            settings.object_server().interface("/org/xfce/Xfconf").await.unwrap();
        interface.get_mut().await.quiet = false;
        let value = OwnedValue::from(false);
        Xfconf::property_changed(interface.signal_emitter(), "xfce4-notifyd", "/do-not-disturb", &value)
            .await
            .unwrap();
        until(&mut quiet, |quiet| !*quiet).await;
    });
}

/// Sets one of GNOME's settings, as its own page of settings does.
async fn set(schema: &str, key: &str, value: &str) {
    let set = Command::new("gsettings").args(["set", schema, key, value]).status().await;
    assert!(set.expect("gsettings is installed").success());
}

/// What the system starts when somebody writes to GNOME's settings.
fn dconf() -> String {
    let service = std::fs::read_to_string("/usr/share/dbus-1/services/ca.desrt.dconf.service").unwrap();
    service.lines().find_map(|line| line.strip_prefix("Exec=")).unwrap().to_owned()
}

#[test]
fn gnome_keeps_it_among_its_settings() {
    alone("gnome_keeps_it_among_its_settings", async {
        let notifications = "org.gnome.desktop.notifications";
        let _bus = Bus::start_with(&[("ca.desrt.dconf", &dconf())]).await;
        set(notifications, "show-banners", "false").await;
        let gnome = daemon("gnome-shell", false).await;
        let (toaster, _availability) = Toaster::start(mpsc::channel(8).0);
        let mut quiet = toaster.desktop_quiet();
        until(&mut quiet, |quiet| *quiet).await;
        set("org.gnome.desktop.interface", "clock-format", "12h").await;
        for now in [false, true] {
            set(notifications, "show-banners", if now { "false" } else { "true" }).await;
            until(&mut quiet, |quiet| *quiet == now).await;
        }
        drop(gnome);
        until(&mut quiet, |quiet| !*quiet).await;
    });
}
