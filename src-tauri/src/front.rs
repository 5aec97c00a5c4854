//! Being known to the desktop, and coming to the front.
//!
//! Desktops keep programs from stealing the focus: they want the token of the click that asked for the window. Without
//! one the window asks all the same, and the desktop may mark it as wanting attention instead.

use tauri::WebviewWindow;

/// The desktop entry's id: desktops know by it whose window this is.
#[cfg(target_os = "linux")]
const ENTRY: &str = "org.tidings.desktop";

/// Has windows bear the entry's name, as app id under Wayland and as class under X11. To be said before one is made.
#[cfg(target_os = "linux")]
pub(crate) fn bear_name() {
    gtk::glib::set_prgname(Some(ENTRY));
    gtk::gdk::set_program_class(ENTRY);
}

/// The other systems go by the program itself.
#[cfg(not(target_os = "linux"))]
pub(crate) fn bear_name() {}

/// Brings the window to the front.
#[cfg(not(target_os = "linux"))]
pub(crate) fn bring(window: &WebviewWindow, _activation: Option<String>) -> tauri::Result<()> {
    window.set_focus()
}

/// Brings the window to the front, as `activation` permits: a token of XDG Activation under Wayland, a startup id with a
/// time in it under X11.
#[cfg(target_os = "linux")]
pub(crate) fn bring(window: &WebviewWindow, activation: Option<String>) -> tauri::Result<()> {
    use gdkwayland::WaylandDisplay;
    use gtk::{
        gdk::Display,
        glib,
        prelude::{Cast, GtkWindowExt},
    };

    let Some(token) = activation else { return window.set_focus() };
    let shown = window.clone();
    window.run_on_main_thread(move || {
        let window = match shown.gtk_window() {
            Ok(window) => window,
            Err(error) => return tracing::warn!(%error, "the window cannot come to the front"),
        };
        match Display::default().map(Cast::downcast::<WaylandDisplay>) {
            Some(Ok(display)) => display.set_startup_notification_id(&token),
            _ => window.set_startup_id(&token),
        }
        window.present();
        // one that was hidden has only been mapped by that; what is mapped can be raised
        glib::idle_add_local_once(move || window.present());
    })
}
