//! Light or dark, where the page does not draw: behind it, so that resizing never flashes, and in the window's own frame.
//!
//! Owns both. They follow what the person has chosen, else the system, as the page itself does by `ui/src/styles/tokens.css`.

use std::sync::{Arc, Mutex, PoisonError};

use tauri::{WebviewWindow, window::Color};
use tidings_control::Theme;

/// `--surface` of `ui/src/styles/tokens.css`, in light and in dark.
const SURFACE: [Color; 2] = [Color(0xfb, 0xfa, 0xf7, 0xff), Color(0x19, 0x17, 0x14, 0xff)];

/// The colours of the window.
#[derive(Clone)]
pub(crate) struct Colours {
    window: WebviewWindow,
    chosen: Arc<Mutex<Theme>>,
}

impl Colours {
    /// Follows the system, until something else is chosen.
    pub(crate) fn of(window: &WebviewWindow) -> Self {
        let colours = Self { window: window.clone(), chosen: Arc::new(Mutex::new(Theme::System)) };
        colours.listen();
        colours.dress();
        colours
    }

    /// The person has chosen.
    pub(crate) fn choose(&self, theme: Theme) {
        let before =
            std::mem::replace(&mut *self.chosen.lock().unwrap_or_else(PoisonError::into_inner), theme);
        if before == theme {
            return;
        }
        let colours = self.clone();
        // to ask the desktop may take a while
        tauri::async_runtime::spawn_blocking(move || {
            if let Err(error) = frame(&colours.window, colours.chosen()) {
                tracing::debug!(%error, "the frame keeps its colours");
            }
            colours.dress();
        });
    }

    /// The system has turned light or dark.
    pub(crate) fn turn(&self) {
        self.dress();
    }

    fn dress(&self) {
        let colours = self.clone();
        // the only place where GTK may be asked
        let dressed = self.window.run_on_main_thread(move || {
            let dark = match colours.chosen() {
                Theme::Light => false,
                Theme::Dark => true,
                Theme::System => system_is_dark(&colours.window),
            };
            if let Err(error) = colours.window.set_background_color(Some(SURFACE[usize::from(dark)])) {
                tracing::debug!(%error, "no background colour");
            }
        });
        if let Err(error) = dressed {
            tracing::debug!(%error, "no background colour");
        }
    }

    fn chosen(&self) -> Theme {
        *self.chosen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is chosen stays in GTK's settings, into which Tauri writes whatever the desktop's portal says. Some desktops change
    /// GTK's theme without a portal.
    #[cfg(target_os = "linux")]
    fn listen(&self) {
        use gtk::prelude::GtkSettingsExt as _;

        let Some(settings) = gtk::Settings::default() else { return };
        let colours = self.clone();
        settings.connect_gtk_application_prefer_dark_theme_notify(move |settings| {
            match (colours.chosen(), settings.is_gtk_application_prefer_dark_theme()) {
                (Theme::Light, true) => settings.set_gtk_application_prefer_dark_theme(false),
                (Theme::Dark, false) => settings.set_gtk_application_prefer_dark_theme(true),
                _ => colours.dress(),
            }
        });
        let colours = self.clone();
        settings.connect_gtk_theme_name_notify(move |_| colours.dress());
    }

    #[cfg(not(target_os = "linux"))]
    fn listen(&self) {}
}

/// Has the frame drawn so.
fn frame(window: &WebviewWindow, theme: Theme) -> tauri::Result<()> {
    window.set_theme(match theme {
        Theme::Light => Some(tauri::Theme::Light),
        Theme::Dark => Some(tauri::Theme::Dark),
        Theme::System => None,
    })?;
    // on Linux, none is light: what the desktop wants is told once there is none
    if cfg!(target_os = "linux") && theme == Theme::System {
        window.set_theme(Some(window.theme()?))?;
    }
    Ok(())
}

/// As WebKitGTK finds it for `prefers-color-scheme`: by the variable, else by the wish for a dark variant, else by the theme's
/// name. The portal's word is in the wish by then.
#[cfg(target_os = "linux")]
fn system_is_dark(_window: &WebviewWindow) -> bool {
    use gtk::prelude::GtkSettingsExt as _;

    if let Some(theme) = std::env::var("GTK_THEME").ok().filter(|theme| !theme.is_empty()) {
        return is_dark_theme(&theme);
    }
    gtk::Settings::default().is_some_and(|settings| {
        settings.is_gtk_application_prefer_dark_theme()
            || settings.gtk_theme_name().is_some_and(|theme| is_dark_theme(&theme))
    })
}

#[cfg(not(target_os = "linux"))]
fn system_is_dark(window: &WebviewWindow) -> bool {
    window.theme().is_ok_and(|theme| theme == tauri::Theme::Dark)
}

#[cfg(any(target_os = "linux", test))]
fn is_dark_theme(name: &str) -> bool {
    let name = name.to_lowercase();
    name.ends_with("-dark") || name.ends_with(":dark")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dark_theme_is_known_by_its_name() {
        for dark in ["Adwaita-dark", "Adwaita:dark", "Arc-Dark"] {
            assert!(is_dark_theme(dark), "{dark}");
        }
        for light in ["Adwaita", "Darkness", "dark"] {
            assert!(!is_dark_theme(light), "{light}");
        }
    }
}
