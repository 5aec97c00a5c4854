//! Windows and macOS.
//!
//! On Windows links lead through the person's part of the registry. On macOS the bundle says what it opens, and nothing is
//! to be done (`src-tauri/Info.plist`).

use std::io;

use super::Outcome;

#[cfg(not(windows))]
pub(super) fn put() -> io::Result<Outcome> {
    Ok(Outcome::Theirs)
}

#[cfg(not(windows))]
pub(super) fn remove() -> io::Result<bool> {
    Ok(false)
}

#[cfg(windows)]
const SCHEME: &str = r"Software\Classes\tidings";

#[cfg(windows)]
pub(super) fn put() -> io::Result<Outcome> {
    use windows_registry::{CURRENT_USER, LOCAL_MACHINE};

    const COMMAND: &str = r"shell\open\command";

    if LOCAL_MACHINE.open(format!(r"{SCHEME}\{COMMAND}")).is_ok() {
        // an installer's for everybody, which the person's own would hide
        CURRENT_USER.remove_tree(SCHEME).ok();
        return Ok(Outcome::Theirs);
    }
    let Some(window) = crate::program::window()? else { return Ok(Outcome::NoWindow) };
    let command = format!("\"{}\" \"%1\"", window.display());
    let known = CURRENT_USER.open(format!(r"{SCHEME}\{COMMAND}")).and_then(|key| key.get_string(""));
    if known.is_ok_and(|known| known == command) {
        return Ok(Outcome::Ours);
    }
    let scheme = CURRENT_USER.create(SCHEME)?;
    scheme.set_string("", "URL:Tidings")?;
    scheme.set_string("URL Protocol", "")?;
    scheme.create("DefaultIcon")?.set_string("", format!("\"{}\",0", window.display()))?;
    scheme.create(COMMAND)?.set_string("", &command)?;
    Ok(Outcome::Written)
}

#[cfg(windows)]
pub(super) fn remove() -> io::Result<bool> {
    use windows_registry::CURRENT_USER;

    if CURRENT_USER.open(SCHEME).is_err() {
        return Ok(false);
    }
    CURRENT_USER.remove_tree(SCHEME)?;
    Ok(true)
}
