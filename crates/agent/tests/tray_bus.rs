//! The tray on a real bus, with a tray host made for the test.
#![cfg(target_os = "linux")]
#![allow(missing_docs, reason = "the interface macro makes public methods without any")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod private_bus;

use std::collections::HashMap;

use futures_util::StreamExt;
use private_bus::{Bus, alone, alone_with, until};
use tidings_agent::{
    desktop::Availability,
    tray::{self, AccountView, Command, Latest, View},
};
use tidings_control::{Cause, CauseKind, Quiet, State, Status};
use time::OffsetDateTime;
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
};
use zbus::{
    Connection, Proxy,
    zvariant::{OwnedValue, Structure, Value},
};

const WATCHER: &str = "org.kde.StatusNotifierWatcher";

/// Keeps the items that register, as a panel's watcher does.
struct Watcher(mpsc::UnboundedSender<String>);

#[zbus::interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    fn register_status_notifier_item(&self, item: String) {
        self.0.send(item).unwrap();
    }

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }
}

struct Host {
    bus: Connection,
    items: mpsc::UnboundedReceiver<String>,
}

impl Host {
    async fn start() -> Self {
        let (sender, items) = mpsc::unbounded_channel();
        let builder = zbus::connection::Builder::session().unwrap();
        let builder =
            builder.serve_at("/StatusNotifierWatcher", Watcher(sender)).unwrap().name(WATCHER).unwrap();
        Self { bus: builder.build().await.unwrap(), items }
    }

    async fn item(&mut self) -> Item {
        Item { name: self.items.recv().await.expect("an item registers"), bus: self.bus.clone() }
    }
}

/// An item, as a panel sees it.
struct Item {
    bus: Connection,
    name: String,
}

/// A node of `com.canonical.dbusmenu`: id, properties, children.
type Node = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);

impl Item {
    async fn sni(&self) -> Proxy<'static> {
        zbus::proxy::Builder::new(&self.bus)
            .destination(self.name.clone())
            .unwrap()
            .path("/StatusNotifierItem")
            .unwrap()
            .interface("org.kde.StatusNotifierItem")
            .unwrap()
            .cache_properties(zbus::proxy::CacheProperties::No)
            .build()
            .await
            .unwrap()
    }

    async fn text(&self, property: &str) -> String {
        self.sni().await.get_property(property).await.unwrap()
    }

    async fn tooltip(&self) -> String {
        let value: OwnedValue = self.sni().await.get_property("ToolTip").await.unwrap();
        let tooltip = Structure::try_from(value).unwrap();
        let [_, _, _, Value::Str(text)] = tooltip.fields() else { panic!("{tooltip:?}") };
        text.to_string()
    }

    /// Width, height and ARGB of every size.
    async fn pixmaps(&self) -> Vec<(i32, i32, Vec<u8>)> {
        self.sni().await.get_property("IconPixmap").await.unwrap()
    }

    async fn menu(&self) -> Proxy<'static> {
        Proxy::new(&self.bus, self.name.clone(), "/MenuBar", "com.canonical.dbusmenu").await.unwrap()
    }

    /// Label, whether it can be clicked, whether it is checked, and id of every entry, submenus opened.
    async fn entries(&self) -> Vec<(String, bool, bool, i32)> {
        let none: &[&str] = &[];
        let (_, root): (u32, Node) = self.menu().await.call("GetLayout", &(0, -1, none)).await.unwrap();
        let mut entries = Vec::new();
        flatten(root, &mut entries);
        entries
    }

    async fn click(&self, label: &str) {
        let entries = self.entries().await;
        let (.., id) =
            entries.iter().find(|(known, ..)| known == label).unwrap_or_else(|| panic!("{entries:?}"));
        let event = (*id, "clicked", Value::from(0), 0_u32);
        self.menu().await.call::<_, _, ()>("Event", &event).await.unwrap();
    }
}

fn flatten((id, properties, children): Node, entries: &mut Vec<(String, bool, bool, i32)>) {
    let flag = |name: &str| properties.get(name).map(|value| bool::try_from(value).unwrap());
    let checked = properties.get("toggle-state").is_some_and(|state| i32::try_from(state).unwrap() == 1);
    if let Some(label) = properties.get("label") {
        let label = <&str>::try_from(label).unwrap().to_owned();
        entries.push((label, flag("enabled").unwrap_or(true), checked, id));
    }
    for child in children {
        flatten(Structure::try_from(child).unwrap().try_into().unwrap(), entries);
    }
}

/// The tray under test.
struct Shown {
    views: watch::Sender<View>,
    commands: mpsc::Receiver<Command>,
    availability: watch::Receiver<Availability>,
    running: JoinHandle<()>,
}

impl Shown {
    fn start(view: View) -> Self {
        let (views, watching) = watch::channel(view);
        let (sender, commands) = mpsc::channel(8);
        let (telling, availability) = watch::channel(Availability::Starting);
        let running = tokio::spawn(tray::run(watching, sender, telling));
        Self { views, commands, availability, running }
    }

    async fn ready(&mut self) {
        until(&mut self.availability, |now| *now == Availability::Ready).await;
    }

    async fn missing(&mut self) {
        until(&mut self.availability, |now| matches!(now, Availability::Missing(_))).await;
    }

    async fn end(self) {
        drop(self.views);
        self.running.await.unwrap();
    }
}

fn account(username: &str, state: State, cause: Option<CauseKind>) -> AccountView {
    AccountView {
        id: format!("id-{username}"),
        username: username.to_owned(),
        name: None,
        paused: false,
        server: "https://alerts.example.com".to_owned(),
        status: Status {
            state,
            attempt: 1,
            cause: cause.map(|kind| Cause { kind, detail: String::new() }),
            retry_at: None,
            since: OffsetDateTime::UNIX_EPOCH,
        },
        settled: true,
    }
}

fn connected() -> View {
    View { accounts: vec![account("alice", State::Connected, None)], ..View::default() }
}

#[test]
fn the_panel_sees_what_the_view_says() {
    alone("the_panel_sees_what_the_view_says", async {
        let _bus = Bus::start().await;
        let mut host = Host::start().await;
        let mut shown = Shown::start(connected());
        let item = host.item().await;
        shown.ready().await;
        assert_eq!(item.text("Title").await, "Tidings");
        assert_eq!(item.text("Status").await, "Active");
        assert_eq!(item.tooltip().await, "Connected to alerts.example.com");
        let before = item.pixmaps().await;
        let sides: Vec<_> = before.iter().map(|(width, height, _)| (*width, *height)).collect();
        assert_eq!(sides, [16, 22, 24, 32, 44, 48, 64].map(|side| (side, side)));
        assert!(before.iter().all(|(width, height, argb)| argb.len() as i32 == width * height * 4));

        let sni = item.sni().await;
        let mut icons = sni.receive_signal("NewIcon").await.unwrap();
        shown.views.send_modify(|view| view.unread = 120);
        icons.next().await.unwrap();
        assert_ne!(item.pixmaps().await, before);
        assert_eq!(item.text("Title").await, "Tidings: 99+ unread");
        assert_eq!(item.tooltip().await, "Connected to alerts.example.com\n99+ unread");

        let mut statuses = sni.receive_signal("NewStatus").await.unwrap();
        shown.views.send_modify(|view| {
            view.accounts[0] = account("alice", State::Disconnected, Some(CauseKind::SignInNeeded));
        });
        statuses.next().await.unwrap();
        assert_eq!(item.text("Status").await, "NeedsAttention");
        shown.end().await;
    });
}

#[test]
fn clicks_become_commands() {
    alone("clicks_become_commands", async {
        let _bus = Bus::start().await;
        let mut host = Host::start().await;
        let mut view = connected();
        view.accounts.push(account("bob_the_builder", State::Connected, None));
        view.unread = 1;
        view.latest = vec![Latest { item: 7, title: "Disk full".to_owned(), unread: true }];
        let mut shown = Shown::start(view);
        let item = host.item().await;
        assert_eq!(
            item.entries().await.iter().map(|(label, ..)| label.as_str()).collect::<Vec<_>>(),
            [
                "2 accounts connected",
                "1 unread",
                "● Disk full",
                "Open Tidings",
                "Mark all as read",
                "Do not disturb",
                "For 30 minutes",
                "For 1 hour",
                "Until tomorrow",
                "Until turned off",
                "Reconnect now",
                "Accounts",
                "alice at alerts.example.com: connected",
                "Reconnect now",
                "Sign out",
                "bob__the__builder at alerts.example.com: connected",
                "Reconnect now",
                "Sign out",
                "Quit"
            ]
        );
        assert!(!item.entries().await[0].1, "the status line is only to be read");

        item.sni().await.call::<_, _, ()>("Activate", &(0, 0)).await.unwrap();
        item.click("Open Tidings").await;
        item.click("● Disk full").await;
        item.click("Mark all as read").await;
        item.click("For 1 hour").await;
        item.click("Reconnect now").await;
        item.click("Sign out").await;
        item.click("Quit").await;
        let expected = [
            Command::Open { item: None, activation: None },
            Command::Open { item: None, activation: None },
            Command::Open { item: Some(7), activation: None },
            Command::MarkAllRead,
            Command::SetDoNotDisturb(Quiet::Hour),
            Command::Reconnect { account: None },
            Command::SignOut { account: "id-alice".to_owned() },
            Command::Quit,
        ];
        for command in expected {
            assert_eq!(shown.commands.recv().await, Some(command));
        }
    });
}

#[test]
fn what_changes_in_the_menu_is_shown_changed() {
    alone("what_changes_in_the_menu_is_shown_changed", async {
        let _bus = Bus::start().await;
        let mut host = Host::start().await;
        let shown = Shown::start(connected());
        let item = host.item().await;
        let mut changes = item.menu().await.receive_signal("LayoutUpdated").await.unwrap();
        shown.views.send_modify(|view| {
            view.do_not_disturb = true;
            view.latest = vec![Latest { item: 7, title: "New".to_owned(), unread: false }];
        });
        changes.next().await.unwrap();
        let entries = item.entries().await;
        let labels: Vec<_> = entries.iter().map(|(label, ..)| label.as_str()).collect();
        for label in ["New", "Do not disturb is on", "Turn off"] {
            assert!(labels.contains(&label), "{labels:?}");
        }
    });
}

/// Says that it shows how many are unread, as a dock does, and hears it.
async fn dock() -> (Connection, zbus::MessageStream) {
    let bus = Connection::session().await.unwrap();
    let rule = zbus::MatchRule::builder()
        .msg_type(zbus::message::Type::Signal)
        .interface("com.canonical.Unity.LauncherEntry")
        .unwrap()
        .build();
    let updates = zbus::MessageStream::for_match_rule(rule, &bus, None).await.unwrap();
    bus.request_name("com.canonical.Unity").await.unwrap();
    (bus, updates)
}

/// The program, its count, and whether that is shown.
async fn next_count(updates: &mut zbus::MessageStream) -> (String, i64, bool) {
    let message = updates.next().await.unwrap().unwrap();
    let body = message.body();
    let (program, shown): (String, HashMap<String, OwnedValue>) = body.deserialize().unwrap();
    let count = i64::try_from(&shown["count"]).unwrap();
    (program, count, bool::try_from(&shown["count-visible"]).unwrap())
}

#[test]
fn a_dock_is_told_how_many_are_unread_and_again_when_it_restarts() {
    alone("a_dock_is_told_how_many_are_unread_and_again_when_it_restarts", async {
        let _bus = Bus::start().await;
        let mut host = Host::start().await;
        let mut view = connected();
        view.unread = 2;
        let shown = Shown::start(view);
        host.item().await;
        let program = || "application://org.tidings.desktop.desktop".to_owned();
        for _ in 0..2 {
            let (bus, mut updates) = dock().await;
            shown.views.send_modify(|view| view.unread += 1);
            let expected = i64::from(shown.views.borrow().unread);
            // it may have come before or after the count had risen
            while next_count(&mut updates).await != (program(), expected, true) {}
            bus.close().await.unwrap();
        }
        let (_bus, mut updates) = dock().await;
        assert_eq!(next_count(&mut updates).await, (program(), 4, true), "it cannot ask, so it is told");
        shown.views.send_modify(|view| view.unread = 0);
        assert_eq!(next_count(&mut updates).await, (program(), 0, false));
    });
}

#[test]
fn a_host_may_come_late_and_restart() {
    alone("a_host_may_come_late_and_restart", async {
        let _bus = Bus::start().await;
        let mut shown = Shown::start(connected());
        shown.missing().await;

        let mut first = Host::start().await;
        let item = first.item().await;
        shown.ready().await;
        assert_eq!(item.tooltip().await, "Connected to alerts.example.com");

        first.bus.close().await.unwrap();
        shown.missing().await;
        shown.views.send_modify(|view| view.unread = 1);

        let mut second = Host::start().await;
        let item = second.item().await;
        shown.ready().await;
        assert_eq!(item.tooltip().await, "Connected to alerts.example.com\n1 unread");
        item.click("Quit").await;
        assert_eq!(shown.commands.recv().await, Some(Command::Quit));
        shown.end().await;
    });
}

#[test]
fn without_a_bus_it_waits_and_looks_again_when_there_is_news() {
    alone("without_a_bus_it_waits_and_looks_again_when_there_is_news", async {
        let mut shown = Shown::start(connected());
        shown.missing().await;
        for unread in [1, 2] {
            // the second time round, the bus itself has restarted
            let bus = Bus::start().await;
            let mut host = Host::start().await;
            shown.views.send_modify(|view| view.unread = unread);
            let item = host.item().await;
            shown.ready().await;
            assert_eq!(item.text("Title").await, format!("Tidings: {unread} unread"));
            bus.stop().await;
            shown.missing().await;
        }
        shown.end().await;
    });
}

/// The desktop's light or dark setting.
struct Portal(u32);

#[zbus::interface(name = "org.freedesktop.portal.Settings")]
impl Portal {
    fn read(&self, _namespace: &str, _key: &str) -> Value<'static> {
        Value::Value(Box::new(Value::U32(self.0)))
    }

    #[zbus(signal)]
    async fn setting_changed(
        emitter: &zbus::object_server::SignalEmitter<'_>,
        namespace: &str,
        key: &str,
        value: Value<'_>,
    ) -> zbus::Result<()>;
}

#[test]
fn the_ink_follows_the_panel() {
    alone_with("the_ink_follows_the_panel", &[("XDG_CURRENT_DESKTOP", "KDE")], async {
        const PATH: &str = "/org/freedesktop/portal/desktop";
        let _bus = Bus::start().await;
        let builder = zbus::connection::Builder::session().unwrap().serve_at(PATH, Portal(1)).unwrap();
        let portal = builder.name("org.freedesktop.portal.Desktop").unwrap().build().await.unwrap();
        let mut host = Host::start().await;
        let mut shown = Shown::start(connected());
        let item = host.item().await;
        shown.ready().await;
        let ink = |pixmaps: Vec<(i32, i32, Vec<u8>)>| pixmaps[0].2[1];
        assert!(ink(item.pixmaps().await) > 0xc0, "light ink on a dark panel");

        let sni = item.sni().await;
        let mut icons = sni.receive_signal("NewIcon").await.unwrap();
        let settings = portal.object_server().interface::<_, Portal>(PATH).await.unwrap();
        settings.get_mut().await.0 = 2;
        let emitter = settings.signal_emitter();
        Portal::setting_changed(emitter, "org.freedesktop.appearance", "color-scheme", Value::U32(2))
            .await
            .unwrap();
        icons.next().await.unwrap();
        assert!(ink(item.pixmaps().await) < 0x40, "dark ink on a light panel");
        shown.end().await;
    });
}
