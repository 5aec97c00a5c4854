//! Where this program is, in words that hold another day.
//!
//! What starts it with the session, or shows it in a menu, is read long after it was written: after updates, and after
//! the folder was moved. So a name that updates leave alone goes before the file that it leads to, and what the system
//! says of a file that was replaced beneath a running program is put right.

use std::{
    env, io,
    path::{Path, PathBuf},
};

/// The command that starts the agent's program, without its arguments.
///
/// # Errors
/// When the system does not tell where this program is, or it is not text.
pub fn agent() -> io::Result<Vec<String>> {
    if let Some(image) = image() {
        return Ok(vec![text(&image)?, "--agent".to_owned()]);
    }
    let own = own()?;
    // there the agent's program would bring a console window along
    let window = own.with_file_name("tidings.exe");
    if cfg!(windows) && window.is_file() {
        return Ok(vec![text(&window)?, "--agent".to_owned()]);
    }
    Ok(vec![text(&lasting(&own, &search_path()))?])
}

/// The window's program, if it is there.
///
/// # Errors
/// When the system does not tell where this program is.
pub fn window() -> io::Result<Option<PathBuf>> {
    if let Some(image) = image() {
        return Ok(Some(image));
    }
    let window = crate::window::beside(&own()?);
    Ok(window.is_file().then(|| lasting(&window, &search_path())))
}

/// Its file. Linux marks one that was replaced by an update while it runs.
fn own() -> io::Result<PathBuf> {
    let own = env::current_exe()?;
    let unmarked = own.to_str().and_then(|path| path.strip_suffix(" (deleted)")).map(PathBuf::from);
    Ok(unmarked
        .filter(|unmarked| cfg!(target_os = "linux") && !own.exists() && unmarked.exists())
        .unwrap_or(own))
}

/// The AppImage that this runs from: what is in it is mounted elsewhere each time.
fn image() -> Option<PathBuf> {
    let set = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let (image, mounted) = (set("APPIMAGE")?, set("APPDIR")?);
    // a program that an AppImage has started inherits its variables
    env::current_exe().is_ok_and(|own| own.starts_with(mounted)).then_some(image)
}

fn search_path() -> Vec<PathBuf> {
    env::var_os("PATH").map(|path| env::split_paths(&path).collect()).unwrap_or_default()
}

/// The name under which the search path leads to this file: a link that follows updates, where there is one.
fn lasting(file: &Path, search: &[PathBuf]) -> PathBuf {
    let (Some(name), Ok(real)) = (file.file_name(), file.canonicalize()) else { return file.to_owned() };
    let mut named = search.iter().filter(|folder| folder.is_absolute()).map(|folder| folder.join(name));
    named.find(|named| named.canonicalize().is_ok_and(|leads_to| leads_to == real)).unwrap_or(file.to_owned())
}

fn text(path: &Path) -> io::Result<String> {
    path.to_str().map(str::to_owned).ok_or_else(|| io::Error::other("the program's path is not text"))
}

#[cfg(all(test, unix))]
mod tests {
    use std::{fs, os::unix::fs::symlink};

    use super::*;

    #[test]
    fn a_link_in_the_search_path_goes_before_the_version_that_it_leads_to() {
        let root = tempfile::tempdir().unwrap();
        let folder = |name: &str| {
            let folder = root.path().join(name);
            fs::create_dir_all(&folder).unwrap();
            folder
        };
        let file = folder("store/tidings-1.2.3").join("tidings-agent");
        fs::write(&file, "").unwrap();
        let search = [folder("empty"), folder("other"), folder("bin")];
        assert_eq!(lasting(&file, &search), file);
        // a program of the same name that is another one
        fs::write(search[1].join("tidings-agent"), "").unwrap();
        assert_eq!(lasting(&file, &search), file);
        symlink(&file, search[2].join("tidings-agent")).unwrap();
        assert_eq!(lasting(&file, &search), search[2].join("tidings-agent"));
        assert_eq!(lasting(&root.path().join("gone"), &search), root.path().join("gone"));
    }

    #[test]
    fn this_program_can_be_started_again() {
        let command = agent().unwrap();
        assert_eq!(command.len(), 1);
        assert!(Path::new(&command[0]).is_file());
    }
}
