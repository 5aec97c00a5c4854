//! Our icon, as a notification daemon can have it: by name where it is installed, else as pixels.

use std::{
    env,
    path::{Path, PathBuf},
};

use zbus::zvariant::{StructureBuilder, Value};

/// The desktop entry's id.
pub(super) const APP: &str = "org.tidings.desktop";
/// What packages install it as.
const NAMES: [&str; 2] = [APP, "tidings"];
const SIZES: [&str; 4] = ["scalable", "48x48", "128x128", "256x256"];

const SIDE: i32 = 48;
const PIXELS: &[u8] = include_bytes!("../../../../icons/toast-48.rgba");

/// Its name in the icon theme that every other one falls back to, where a package has installed it. One in the person's own
/// folder, where we put it ourselves, is not for everyone: daemons that are given their folders when they start, or draw no
/// SVG, would show nothing.
pub(super) fn installed() -> Option<&'static str> {
    let folders = folders(env::var_os("XDG_DATA_DIRS"));
    NAMES.into_iter().find(|name| folders.iter().any(|folder| holds(folder, name)))
}

fn holds(folder: &Path, name: &str) -> bool {
    let theme = folder.join("icons/hicolor");
    SIZES.iter().any(|size| {
        let apps = theme.join(size).join("apps");
        apps.join(format!("{name}.png")).is_file() || apps.join(format!("{name}.svg")).is_file()
    })
}

/// XDG Base Directory Specification 0.8: the system's folders.
fn folders(data_dirs: Option<std::ffi::OsString>) -> Vec<PathBuf> {
    let system = data_dirs
        .filter(|folders| !folders.is_empty())
        .unwrap_or_else(|| "/usr/local/share:/usr/share".into());
    env::split_paths(&system).collect()
}

/// The specification's `image-data`: width, height, bytes a row, alpha, bits a sample, samples a pixel, RGBA.
pub(super) fn image_data() -> Value<'static> {
    StructureBuilder::new()
        .add_field(SIDE)
        .add_field(SIDE)
        .add_field(SIDE * 4)
        .add_field(true)
        .add_field(8_i32)
        .add_field(4_i32)
        .add_field(PIXELS)
        .build()
        .map_or_else(|_| Value::from(""), Value::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pixels_are_those_of_the_square_and_in_the_form_that_daemons_expect() {
        assert_eq!(PIXELS.len() as i32, SIDE * SIDE * 4);
        assert_eq!(image_data().value_signature().to_string(), "(iiibiiay)");
    }

    #[test]
    fn an_installed_icon_is_found_under_either_name() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!holds(folder.path(), "tidings"));
        let apps = folder.path().join("icons/hicolor/128x128/apps");
        std::fs::create_dir_all(&apps).unwrap();
        std::fs::write(apps.join("tidings.png"), "").unwrap();
        assert!(holds(folder.path(), "tidings"));
        assert!(!holds(folder.path(), APP));
    }

    #[test]
    fn the_places_of_data_are_those_of_the_specification() {
        for nothing in [None, Some("".into())] {
            assert_eq!(folders(nothing), ["/usr/local/share", "/usr/share"].map(PathBuf::from));
        }
        assert_eq!(folders(Some("/a:/b".into())), ["/a", "/b"].map(PathBuf::from));
    }
}
