//! The tray on Windows and macOS: an icon on the main thread's loop.

use std::{
    cell::RefCell,
    sync::{Arc, Mutex},
};

use tokio::sync::{mpsc, watch};
use tracing::warn;
use tray_icon::{
    Icon as Image, MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent,
    menu::{IsMenuItem, Menu, MenuEvent, MenuId, MenuItem, PredefinedMenuItem, Submenu},
};

use super::{
    Command, View,
    drawing::{Ink, pixels},
    menu::Entry,
    model::{Model, draw},
};
use crate::desktop::{Availability, native::on_main_thread};

/// The side that the system scales from: a menu bar's 22 points at double density, a taskbar's 16 at double.
const SIDE: usize = if cfg!(target_os = "macos") { 44 } else { 32 };
/// Most characters of a tooltip on Windows, less its end.
const TOOLTIP: usize = 127;

type Error = Box<dyn std::error::Error + Send + Sync>;

thread_local! {
    /// On the main thread only, where it must be made, changed and dropped.
    static SHOWN: RefCell<Option<TrayIcon>> = const { RefCell::new(None) };
}

/// Shows the tray icon for as long as `views` lives.
pub async fn run(
    mut views: watch::Receiver<View>,
    commands: mpsc::Sender<Command>,
    availability: watch::Sender<Availability>,
) {
    let meanings = Arc::new(Mutex::new(Vec::new()));
    listen(&commands, &meanings);
    let availability = Arc::new(availability);
    let mut shown = None;
    loop {
        let model = draw(&views.borrow_and_update());
        if shown.as_ref() != Some(&model) {
            shown = Some(model.clone());
            let (meanings, telling) = (Arc::clone(&meanings), Arc::clone(&availability));
            let asked = on_main_thread(move || {
                telling.send_replace(match show(&model, &meanings) {
                    Ok(()) => Availability::Ready,
                    Err(error) => Availability::Missing(error.to_string()),
                });
            });
            if !asked {
                availability
                    .send_replace(Availability::Missing("there is no event loop to show it on".to_owned()));
            }
        }
        if views.changed().await.is_err() {
            on_main_thread(|| drop(SHOWN.take()));
            return;
        }
    }
}

/// What a click on each entry means, by the entry's id.
type Meanings = Mutex<Vec<(MenuId, Command)>>;

fn listen(commands: &mpsc::Sender<Command>, meanings: &Arc<Meanings>) {
    let send = |commands: &mpsc::Sender<Command>, command: Command| {
        if let Err(error) = commands.try_send(command) {
            warn!(%error, "a click in the tray was not taken");
        }
    };
    let (clicks, meanings) = (commands.clone(), Arc::clone(meanings));
    MenuEvent::set_event_handler(Some(move |event: MenuEvent| {
        let Ok(meanings) = meanings.lock() else { return };
        if let Some((_, command)) = meanings.iter().find(|(id, _)| *id == event.id) {
            send(&clicks, command.clone());
        }
    }));
    let clicks = commands.clone();
    TrayIconEvent::set_event_handler(Some(move |event: TrayIconEvent| {
        if let TrayIconEvent::Click {
            button: MouseButton::Left, button_state: MouseButtonState::Up, ..
        } = event
        {
            send(&clicks, Command::Open { item: None, activation: None });
        }
    }));
}

fn show(model: &Model, meanings: &Meanings) -> Result<(), Error> {
    let image = image(model)?;
    let tooltip: String = model.tooltip.join("\n").chars().take(TOOLTIP).collect();
    let mut known = Vec::new();
    let menu = Menu::new();
    for entry in &model.menu {
        menu.append(&*item(entry, &mut known)?)?;
    }
    *meanings.lock().map_err(|error| error.to_string())? = known;
    SHOWN.with_borrow_mut(|shown| {
        if let Some(icon) = shown {
            #[cfg(target_os = "macos")]
            icon.set_icon_templated(Some(image))?;
            #[cfg(not(target_os = "macos"))]
            icon.set_icon(Some(image))?;
            icon.set_tooltip(Some(tooltip))?;
            #[cfg(target_os = "macos")]
            icon.set_title(Some(count(model.unread)));
            icon.set_menu(Some(Box::new(menu)));
            return Ok(());
        }
        let builder = TrayIconBuilder::new();
        #[cfg(target_os = "macos")]
        let builder = builder.with_title(count(model.unread));
        #[cfg(target_os = "macos")]
        let builder = builder.with_icon_templated(image);
        #[cfg(not(target_os = "macos"))]
        let builder = builder.with_icon(image);
        let built =
            builder.with_tooltip(tooltip).with_menu(Box::new(menu)).with_menu_on_left_click(false).build()?;
        *shown = Some(built);
        Ok(())
    })
}

/// On macOS a template, which the system inks; on Windows light ink, as the taskbar is dark unless a person chose else.
fn image(model: &Model) -> Result<Image, Error> {
    let ink = if cfg!(target_os = "macos") { Ink::Dark } else { Ink::Light };
    let (side, rgba) = pixels(model.icon, ink, |[red, green, blue], alpha| [red, green, blue, alpha])
        .find(|(side, _)| *side == SIDE)
        .ok_or("the icon has no such size")?;
    Ok(Image::from_rgba(rgba, side as u32, side as u32)?)
}

/// Beside the icon, where the menu bar has room for words.
#[cfg(target_os = "macos")]
fn count(unread: u32) -> String {
    match unread {
        0 => String::new(),
        1..=99 => unread.to_string(),
        100.. => "99+".to_owned(),
    }
}

fn item(entry: &Entry, meanings: &mut Vec<(MenuId, Command)>) -> Result<Box<dyn IsMenuItem>, Error> {
    Ok(match entry {
        Entry::Text(text) => Box::new(MenuItem::new(label(text), false, None)),
        Entry::Separator => Box::new(PredefinedMenuItem::separator()),
        Entry::Action { label: text, command } => {
            let item = MenuItem::new(label(text), command.is_some(), None);
            meanings.extend(command.clone().map(|command| (item.id().clone(), command)));
            Box::new(item)
        }
        Entry::Submenu { label: text, entries } => {
            let submenu = Submenu::new(label(text), true);
            for entry in entries {
                submenu.append(&*item(entry, meanings)?)?;
            }
            Box::new(submenu)
        }
    })
}

/// A single ampersand would mark an access key.
fn label(text: &str) -> String {
    text.replace('&', "&&")
}
