//! How large the window is at first, and how small it can be made.
//!
//! Owns both, in the size of text that the person has chosen. The engines of Linux and Windows enlarge a whole page with the
//! system's text, so a window of the usual size would hold a quarter of it at 200 %: the window is enlarged as well.

use tauri::{AppHandle, LogicalSize, Monitor, WebviewWindow};

/// What the window opens with, as long as nobody has given it another size.
const USUAL: LogicalSize<f64> = LogicalSize { width: 440.0, height: 680.0 };

/// The pages are made for this and more (WCAG 2.2, 1.4.10).
const LEAST: LogicalSize<f64> = LogicalSize { width: 320.0, height: 480.0 };

/// What a title bar and a frame may take of the screen.
const FRAME: LogicalSize<f64> = LogicalSize { width: 8.0, height: 48.0 };

/// What the window opens with, and the least.
pub(crate) fn at_first(app: &AppHandle) -> [LogicalSize<f64>; 2] {
    let screen = app.primary_monitor().ok().flatten();
    [USUAL, LEAST].map(|size| fitted(size, text_scale(), screen.as_ref().map(room)))
}

/// Holds the window to its least size, as the text is by now.
pub(crate) fn hold(window: &WebviewWindow) -> tauri::Result<()> {
    let held = window.clone();
    // the only place where GTK may be asked
    window.run_on_main_thread(move || {
        let screen = held.current_monitor().ok().flatten();
        let least = fitted(LEAST, text_scale(), screen.as_ref().map(room));
        if let Err(error) = held.set_min_size(Some(least)) {
            tracing::warn!(%error, "the window has no least size");
        }
    })
}

/// Holds it whenever the size of text changes.
#[cfg(target_os = "linux")]
pub(crate) fn follow(window: &WebviewWindow) {
    use gtk::prelude::GtkSettingsExt as _;

    let Some(settings) = gtk::Settings::default() else { return };
    let window = window.clone();
    settings.connect_gtk_xft_dpi_notify(move |_| {
        if let Err(error) = hold(&window) {
            tracing::warn!(%error, "the window keeps its size");
        }
    });
}

/// Elsewhere it is looked at whenever the window is shown.
#[cfg(not(target_os = "linux"))]
pub(crate) fn follow(_window: &WebviewWindow) {}

fn fitted(size: LogicalSize<f64>, text: f64, room: Option<LogicalSize<f64>>) -> LogicalSize<f64> {
    let fit = |wanted: f64, there: Option<f64>| (wanted * text).min(there.unwrap_or(f64::INFINITY)).max(1.0);
    LogicalSize::new(
        fit(size.width, room.map(|room| room.width)),
        fit(size.height, room.map(|room| room.height)),
    )
}

fn room(screen: &Monitor) -> LogicalSize<f64> {
    let LogicalSize { width, height } = screen.work_area().size.to_logical::<f64>(screen.scale_factor());
    LogicalSize::new(width - FRAME.width, height - FRAME.height)
}

/// As WebKitGTK reads it: text is drawn for so many dots per inch, in 1024ths, where 96 are usual.
#[cfg(target_os = "linux")]
fn text_scale() -> f64 {
    use gtk::prelude::GtkSettingsExt as _;

    let dots = gtk::Settings::default().map(|settings| settings.gtk_xft_dpi());
    dots.filter(|dots| *dots > 0).map_or(1.0, |dots| f64::from(dots) / (96.0 * 1024.0))
}

/// "Make text bigger", which WebView2 multiplies the screen's own scale by.
#[cfg(windows)]
fn text_scale() -> f64 {
    let settings = windows::UI::ViewManagement::UISettings::new();
    settings.and_then(|settings| settings.TextScaleFactor()).unwrap_or(1.0)
}

/// macOS has no size of text for all programs.
#[cfg(not(any(target_os = "linux", windows)))]
fn text_scale() -> f64 {
    1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_grows_with_the_text_as_far_as_the_screen_goes() {
        let large = LogicalSize::new(1920.0, 1032.0);
        assert_eq!(fitted(USUAL, 1.0, Some(large)), USUAL);
        assert_eq!(fitted(USUAL, 1.5, Some(large)), LogicalSize::new(660.0, 1020.0));
        assert_eq!(fitted(USUAL, 2.0, Some(large)), LogicalSize::new(880.0, 1032.0));
        assert_eq!(fitted(LEAST, 2.0, None), LogicalSize::new(640.0, 960.0));
        assert_eq!(fitted(LEAST, 2.25, Some(LogicalSize::new(600.0, 400.0))), LogicalSize::new(600.0, 400.0));
    }
}
