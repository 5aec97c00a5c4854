//! Who toasts are from, on Windows.
//!
//! A toast names its sender by an AppUserModelID. An installer ties that to a shortcut in the Start menu; a program that
//! runs from a folder has none, so name and icon are written into the person's own part of the registry. It is the same
//! every time, and is left there: toasts in the notification centre outlive the program.

use std::{env, fs, io, path::PathBuf};

use super::SENDER;

const ICON: &[u8] = include_bytes!("../../../../icons/128x128.png");

/// Tells the system.
///
/// # Errors
/// When the registry or the icon's file cannot be written.
pub(super) fn register() -> io::Result<()> {
    let icon = icon()?;
    let write = || -> windows_registry::Result<()> {
        let key =
            windows_registry::CURRENT_USER.create(format!("Software\\Classes\\AppUserModelId\\{SENDER}"))?;
        key.set_string("DisplayName", "Tidings")?;
        key.set_string("IconUri", icon.to_string_lossy())
    };
    write().map_err(io::Error::other)
}

/// The icon, in a file of its own: the system reads it whenever it draws a toast.
fn icon() -> io::Result<PathBuf> {
    let local = env::var_os("LOCALAPPDATA").ok_or_else(|| io::Error::other("LOCALAPPDATA is not set"))?;
    let folder = PathBuf::from(local).join("Tidings");
    let path = folder.join("toast.png");
    if fs::read(&path).is_ok_and(|known| known == ICON) {
        return Ok(path);
    }
    fs::create_dir_all(&folder)?;
    fs::write(&path, ICON)?;
    Ok(path)
}
