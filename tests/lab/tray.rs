use std::collections::HashMap;

use futures_util::StreamExt;
use zbus::{
    MatchRule, MessageStream, Proxy,
    message::Type,
    proxy::CacheProperties,
    zvariant::{ObjectPath, OwnedObjectPath, OwnedValue, Structure, Value},
};

use crate::{Outcome, Trouble, patience::PATIENCE, within};

const WATCHER: &str = "org.kde.StatusNotifierWatcher";
const ITEM: &str = "org.kde.StatusNotifierItem";
const MENU: &str = "com.canonical.dbusmenu";

/// The tray item of a session, as a tray host sees it.
#[derive(Debug)]
pub struct Tray {
    bus: zbus::Connection,
    name: String,
    path: String,
}

/// A line of the tray's menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MenuItem {
    /// The menu's own number for it.
    pub id: i32,
    /// What it says, without the marks for keys.
    pub label: String,
    /// Whether it can be clicked.
    pub enabled: bool,
    /// Whether it shows, and is ticked; `None` where it has no tick.
    pub ticked: Option<bool>,
}

/// One node of `com.canonical.dbusmenu.GetLayout`: id, properties, children.
type Node = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);

impl Tray {
    /// The first item that registers with the session's tray host.
    pub(crate) async fn find(bus: zbus::Connection) -> Outcome<Self> {
        let host = proxy(&bus, WATCHER, "/StatusNotifierWatcher", WATCHER).await?;
        let mut registered = host.receive_signal("StatusNotifierItemRegistered").await?;
        let find = async {
            loop {
                let items: Vec<String> = host.get_property("RegisteredStatusNotifierItems").await?;
                if let Some(item) = items.first() {
                    return Ok(item.clone());
                }
                let gone = || Trouble::Unexpected("the session bus has ended".to_owned());
                registered.next().await.ok_or_else(gone)?;
            }
        };
        let item: Outcome<String> = within(PATIENCE, "a tray item registers", find).await?;
        let item = item?;
        let (name, path) =
            item.find('/').map_or((item.as_str(), "/StatusNotifierItem"), |at| item.split_at(at));
        Ok(Self { name: name.to_owned(), path: path.to_owned(), bus })
    }

    /// Its title.
    ///
    /// # Errors
    /// When it has gone.
    pub async fn title(&self) -> Outcome<String> {
        Ok(self.item().await?.get_property("Title").await?)
    }

    /// Its tooltip: title and description in one text.
    ///
    /// # Errors
    /// When it has gone.
    pub async fn tooltip(&self) -> Outcome<String> {
        // icon name, icon pixels, title, description (StatusNotifierItem specification, "ToolTip")
        type ToolTip = (String, Vec<(i32, i32, Vec<u8>)>, String, String);
        let value: OwnedValue = self.item().await?.get_property("ToolTip").await?;
        let (_, _, title, description) =
            ToolTip::try_from(Structure::try_from(value).map_err(zbus::Error::from)?)
                .map_err(zbus::Error::from)?;
        Ok(format!("{title}\n{description}"))
    }

    /// The sizes of the pictures that it offers, in pixels.
    ///
    /// # Errors
    /// When it has gone.
    pub async fn icon_sizes(&self) -> Outcome<Vec<(i32, i32)>> {
        let pixels: Vec<(i32, i32, Vec<u8>)> = self.item().await?.get_property("IconPixmap").await?;
        Ok(pixels.into_iter().map(|(width, height, _)| (width, height)).collect())
    }

    /// Its menu, top to bottom, with the lines of sub-menus after the line that opens them.
    ///
    /// # Errors
    /// When it has gone.
    pub async fn menu(&self) -> Outcome<Vec<MenuItem>> {
        let menu = self.menu_proxy().await?;
        let nothing: Vec<String> = Vec::new();
        let (_, root): (u32, Node) = menu.call("GetLayout", &(0_i32, -1_i32, nothing)).await?;
        let mut lines = Vec::new();
        flatten(root, &mut lines)?;
        Ok(lines)
    }

    /// Clicks a line of the menu.
    ///
    /// # Errors
    /// When there is no such line, or it cannot be clicked.
    pub async fn click(&self, label: &str) -> Outcome {
        let menu = self.menu_proxy().await?;
        let _: bool = menu.call("AboutToShow", &(0_i32,)).await?;
        let lines = self.menu().await?;
        let line = lines.iter().find(|line| line.label == label && line.enabled);
        let line =
            line.ok_or_else(|| Trouble::Unexpected(format!("no line {label:?} to click in {lines:?}")))?;
        let () = menu.call("Event", &(line.id, "clicked", Value::from(0_i32), 0_u32)).await?;
        Ok(())
    }

    /// Clicks the icon itself with the left button.
    ///
    /// # Errors
    /// When it has gone.
    pub async fn activate(&self) -> Outcome {
        Ok(self.item().await?.call("Activate", &(0_i32, 0_i32)).await?)
    }

    /// Waits until the tooltip or the menu says `text`.
    ///
    /// # Errors
    /// [`Trouble::Late`], with what they said last.
    pub async fn says(&self, text: &str) -> Outcome {
        let rule = MatchRule::builder().msg_type(Type::Signal).sender(self.name.as_str())?.build();
        let mut signals = MessageStream::for_match_rule(rule, &self.bus, None).await?;
        let mut last = String::new();
        let said = async {
            loop {
                last = self.words().await?;
                if last.to_lowercase().contains(&text.to_lowercase()) {
                    return Ok(());
                }
                if signals.next().await.is_none() {
                    return Err(Trouble::Unexpected("the session bus has ended".to_owned()));
                }
            }
        };
        let result = within(PATIENCE, text, said).await;
        result.map_err(|_| Trouble::Late {
            what: format!("the tray says {text:?}; it said {last:?}"),
            limit: PATIENCE,
        })?
    }

    /// All that it says in words.
    ///
    /// # Errors
    /// When it has gone.
    pub async fn words(&self) -> Outcome<String> {
        let menu = self.menu().await?;
        let menu: Vec<_> = menu.iter().map(|line| line.label.as_str()).collect();
        Ok(format!("{}\n{}\n{}", self.title().await?, self.tooltip().await?, menu.join("\n")))
    }

    async fn item(&self) -> Outcome<Proxy<'_>> {
        proxy(&self.bus, &self.name, &self.path, ITEM).await
    }

    async fn menu_proxy(&self) -> Outcome<Proxy<'_>> {
        let path: OwnedObjectPath = self.item().await?.get_property("Menu").await?;
        proxy(&self.bus, &self.name, path.as_str(), MENU).await
    }
}

async fn proxy<'a>(bus: &zbus::Connection, name: &str, path: &str, interface: &'a str) -> Outcome<Proxy<'a>> {
    let path = ObjectPath::try_from(path.to_owned()).map_err(zbus::Error::from)?;
    let builder =
        zbus::proxy::Builder::new(bus).destination(name.to_owned())?.path(path)?.interface(interface)?;
    // what a tray item says is asked for afresh each time: it need not tell of every change in the cache's own way
    Ok(builder.cache_properties(CacheProperties::No).build().await?)
}

fn flatten((id, properties, children): Node, lines: &mut Vec<MenuItem>) -> Outcome {
    let text = |name: &str| properties.get(name).and_then(|value| <&str>::try_from(value).ok());
    let flag = |name: &str| properties.get(name).and_then(|value| bool::try_from(value).ok()).unwrap_or(true);
    if let Some(label) = text("label").filter(|_| flag("visible")) {
        let state = properties.get("toggle-state").and_then(|value| i32::try_from(value).ok());
        let ticked = text("toggle-type").filter(|kind| !kind.is_empty()).map(|_| state == Some(1));
        // an underscore marks the key; two are one (dbusmenu, "label")
        let label = label.replace("__", "\0").replace('_', "").replace('\0', "_");
        lines.push(MenuItem { id, label, enabled: flag("enabled"), ticked });
    }
    for child in children {
        let node = Structure::try_from(child).and_then(Node::try_from).map_err(zbus::Error::from)?;
        flatten(node, lines)?;
    }
    Ok(())
}
