//! A StatusNotifierItem, for as long as somebody shows such items.
//!
//! One item lives as long as one owner of the watcher's name: a host that restarts gets a new item, and none is kept
//! when there is no host. Nothing is polled.

use ksni::{
    MenuItem, TrayMethods,
    menu::{StandardItem, SubMenu},
};
use tokio::{
    sync::{mpsc, watch},
    time::timeout,
};
use tracing::{debug, warn};

use super::{
    Command, View,
    drawing::{Ink, pixels},
    launcher::Launcher,
    menu::Entry,
    model::{Icon, Model, draw},
    panel::Panel,
    sentences::NAME,
};
use crate::desktop::{
    Availability,
    bus::{self, BusGone, Owner, PATIENCE},
};

const WATCHER: &str = "org.kde.StatusNotifierWatcher";

/// Shows the tray icon for as long as `views` lives, whatever becomes of bus and host. Ends only with `views`.
pub async fn run(
    mut views: watch::Receiver<View>,
    commands: mpsc::Sender<Command>,
    availability: watch::Sender<Availability>,
) {
    loop {
        let Err(reason) = serve(&mut views, &commands, &availability).await else { return };
        debug!(%reason, "no tray");
        availability.send_replace(Availability::Missing(format!("no session bus: {reason}")));
        // whoever loses the bus loses the desktop with it; the next thing to show is soon enough to look for another
        if views.changed().await.is_err() {
            return;
        }
    }
}

/// Why there is no bus. `Ok` is the end of `views`.
async fn serve(
    views: &mut watch::Receiver<View>,
    commands: &mpsc::Sender<Command>,
    availability: &watch::Sender<Availability>,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let bus = bus::connect().await?;
    let mut watchers = Owner::watch(&bus, WATCHER).await?;
    let mut panel = Panel::watch(&bus).await;
    let mut launcher = Launcher::watch(&bus).await?;
    let mut ink = panel.ink().await;
    let mut model = draw(&views.borrow_and_update());
    let mut item: Option<ksni::Handle<Item>> = None;
    loop {
        tokio::select! {
            watcher = watchers.next() => {
                if let Some(old) = item.take() {
                    old.shutdown().await;
                }
                let Some(_) = watcher? else {
                    availability.send_replace(Availability::Missing("no tray host runs".to_owned()));
                    continue;
                };
                ink = panel.ink().await;
                let new = Item { model: model.clone(), ink, commands: commands.clone() };
                // registered at the watcher is what counts: hosts come and go behind it, and many never say so
                match timeout(PATIENCE, new.assume_sni_available(true).spawn()).await {
                    Ok(Ok(shown)) => {
                        item = Some(shown);
                        availability.send_replace(Availability::Ready);
                    }
                    Ok(Err(error)) => missing(availability, &error),
                    Err(elapsed) => missing(availability, &elapsed),
                }
            }
            changed = views.changed() => {
                if changed.is_err() {
                    if let Some(old) = item.take() {
                        old.shutdown().await;
                    }
                    return Ok(());
                }
                let new = draw(&views.borrow_and_update());
                if new.unread != model.unread {
                    launcher.tell(new.unread).await;
                }
                if new != model {
                    model = new;
                    update(item.as_ref(), &model, ink).await;
                }
            }
            () = panel.changed() => {
                ink = panel.ink().await;
                update(item.as_ref(), &model, ink).await;
            }
            changed = launcher.changed() => {
                changed?;
                launcher.tell(model.unread).await;
            }
            () = bus.closed() => return Err(BusGone.into()),
        }
    }
}

fn missing(availability: &watch::Sender<Availability>, reason: &dyn std::error::Error) {
    warn!(%reason, "the tray host did not take the icon");
    availability
        .send_replace(Availability::Missing(format!("the tray host did not take the icon: {reason}")));
}

async fn update(item: Option<&ksni::Handle<Item>>, model: &Model, ink: Ink) {
    let Some(item) = item else { return };
    item.update(|shown| {
        shown.model = model.clone();
        shown.ink = ink;
    })
    .await;
}

/// What the host asks questions of.
struct Item {
    model: Model,
    ink: Ink,
    commands: mpsc::Sender<Command>,
}

impl Item {
    /// The host waits for the answer, so a command is left rather than waited for.
    fn send(&self, command: &Command) {
        let command = match command {
            Command::Open { item, .. } => {
                Command::Open { item: *item, activation: ksni::current_xdg_activation_token() }
            }
            other => other.clone(),
        };
        if let Err(error) = self.commands.try_send(command) {
            warn!(%error, "a click in the tray was not taken");
        }
    }
}

impl ksni::Tray for Item {
    fn id(&self) -> String {
        "org.tidings.desktop".to_owned()
    }

    fn title(&self) -> String {
        self.model.title.clone()
    }

    fn category(&self) -> ksni::Category {
        ksni::Category::Communications
    }

    fn status(&self) -> ksni::Status {
        match self.model.icon {
            Icon::Attention => ksni::Status::NeedsAttention,
            Icon::Bell(..) => ksni::Status::Active,
        }
    }

    fn icon_pixmap(&self) -> Vec<ksni::Icon> {
        pixels(self.model.icon, self.ink, |[red, green, blue], alpha| [alpha, red, green, blue])
            .map(|(side, data)| ksni::Icon { width: side as i32, height: side as i32, data })
            .collect()
    }

    fn attention_icon_pixmap(&self) -> Vec<ksni::Icon> {
        match self.model.icon {
            Icon::Attention => self.icon_pixmap(),
            Icon::Bell(..) => Vec::new(),
        }
    }

    fn tool_tip(&self) -> ksni::ToolTip {
        ksni::ToolTip {
            title: NAME.to_owned(),
            description: escape(&self.model.tooltip.join("\n")),
            ..ksni::ToolTip::default()
        }
    }

    fn activate(&mut self, _x: i32, _y: i32) {
        self.send(&Command::Open { item: None, activation: None });
    }

    fn menu(&self) -> Vec<MenuItem<Self>> {
        self.model.menu.iter().map(entry).collect()
    }

    fn watcher_offline(&self, _reason: ksni::OfflineReason) -> bool {
        // the next watcher gets an item of its own
        false
    }
}

fn entry(entry: &Entry) -> MenuItem<Item> {
    match entry {
        Entry::Text(text) => StandardItem { label: label(text), enabled: false, ..Default::default() }.into(),
        Entry::Separator => MenuItem::Separator,
        Entry::Action { label: text, command: None } => {
            StandardItem { label: label(text), enabled: false, ..Default::default() }.into()
        }
        Entry::Action { label: text, command: Some(command) } => {
            StandardItem { label: label(text), activate: clicked(command), ..Default::default() }.into()
        }
        Entry::Submenu { label: text, entries } => SubMenu {
            label: label(text),
            submenu: entries.iter().map(self::entry).collect(),
            ..Default::default()
        }
        .into(),
    }
}

fn clicked(command: &Command) -> Box<dyn Fn(&mut Item) + Send> {
    let command = command.clone();
    Box::new(move |item| item.send(&command))
}

/// A single underscore would mark an access key.
fn label(text: &str) -> String {
    text.replace('_', "__")
}

/// A tooltip's description is markup.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
