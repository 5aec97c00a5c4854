//! A desktop entry and icons, in the person's data folder.
//!
//! What a package has brought goes before that, and what a person has put there is left alone: ours bears a mark.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::Outcome;
use crate::{entry, program};

const ENTRY: &str = "applications/org.tidings.desktop.desktop";
const TEXT: &str = include_str!("../../share/org.tidings.desktop.desktop");
/// What the template runs, and what an entry of ours says instead.
const EXEC: &str = "Exec=tidings %u\n";
const MARK: &str = "X-Tidings-Written=true";

const ICONS: [(&str, &[u8]); 2] = [
    ("icons/hicolor/scalable/apps/org.tidings.desktop.svg", include_bytes!("../../../../icons/tidings.svg")),
    (
        "icons/hicolor/symbolic/apps/org.tidings.desktop-symbolic.svg",
        include_bytes!("../../../../icons/tidings-symbolic.svg"),
    ),
];

pub(super) fn put() -> io::Result<Outcome> {
    let share = Share::of_this_session()?;
    let outcome = match program::window()? {
        Some(window) => share.put_for(&window)?,
        None => Outcome::NoWindow,
    };
    if outcome == Outcome::Written {
        share.announce();
    }
    Ok(outcome)
}

pub(super) fn remove() -> io::Result<bool> {
    let share = Share::of_this_session()?;
    let removed = share.take_away()?;
    if removed {
        share.announce();
    }
    Ok(removed)
}

/// Where the desktop of this session looks (XDG Base Directory Specification 0.8).
#[derive(Debug)]
struct Share {
    own: PathBuf,
    system: Vec<PathBuf>,
}

impl Share {
    fn of_this_session() -> io::Result<Self> {
        let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty());
        let own = set("XDG_DATA_HOME")
            .map(PathBuf::from)
            .filter(|folder| folder.is_absolute())
            .or_else(|| set("HOME").map(|home| PathBuf::from(home).join(".local/share")))
            .ok_or_else(|| {
                io::Error::new(io::ErrorKind::NotFound, "no home folder is known for this user")
            })?;
        let system = set("XDG_DATA_DIRS").unwrap_or_else(|| "/usr/local/share:/usr/share".into());
        Ok(Self { own, system: env::split_paths(&system).collect() })
    }

    fn put_for(&self, window: &Path) -> io::Result<Outcome> {
        let own = self.own.join(ENTRY);
        let there = read(&own)?;
        if self.system.iter().any(|folder| folder.join(ENTRY).is_file()) {
            // it would stand before the package's, and lead to a folder that is gone one day
            self.take_away()?;
            return Ok(Outcome::Theirs);
        }
        if there.as_deref().is_some_and(|text| !is_ours(text)) {
            return Ok(Outcome::Theirs);
        }
        // of two folders the first one stays, until it is gone
        let known = there.as_deref().and_then(entry::program).filter(|known| known.is_file());
        let text = text_for(known.as_deref().unwrap_or(window))?;
        let icons_there = ICONS
            .iter()
            .all(|(place, bytes)| fs::read(self.own.join(place)).is_ok_and(|there| there == *bytes));
        if there.as_deref() == Some(&text) && icons_there {
            return Ok(Outcome::Ours);
        }
        for (place, bytes) in ICONS {
            write(&self.own.join(place), bytes)?;
        }
        write(&own, text.as_bytes())?;
        Ok(Outcome::Written)
    }

    fn take_away(&self) -> io::Result<bool> {
        let own = self.own.join(ENTRY);
        if !read(&own)?.is_some_and(|text| is_ours(&text)) {
            return Ok(false);
        }
        fs::remove_file(own)?;
        for (place, _) in ICONS {
            match fs::remove_file(self.own.join(place)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(true)
    }

    /// Desktops look up links in a cache, which a tool of theirs writes. Without it there is none to be out of date.
    fn announce(&self) {
        let mut command = Command::new("update-desktop-database");
        command
            .arg(self.own.join("applications"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        match command.status() {
            Ok(status) if status.success() => {}
            Ok(status) => tracing::debug!(%status, "the desktop's cache of entries is not renewed"),
            Err(error) => tracing::debug!(%error, "the desktop's cache of entries is not renewed"),
        }
    }
}

fn is_ours(text: &str) -> bool {
    text.lines().any(|line| line.trim() == MARK)
}

fn text_for(window: &Path) -> io::Result<String> {
    let path = window.to_str().ok_or_else(|| io::Error::other("the window's path is not text"))?;
    let exec = format!("Exec={} %u\nTryExec={}\n{MARK}\n", entry::quote(path), entry::escape(path));
    Ok(TEXT.replacen(EXEC, &exec, 1))
}

fn read(file: &Path) -> io::Result<Option<String>> {
    match fs::read(file) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// As a whole or not at all: the desktop may be reading.
fn write(file: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let unfinished = file.with_extension("tidings-new");
    fs::write(&unfinished, bytes)?;
    fs::rename(unfinished, file)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Scene {
        root: tempfile::TempDir,
        share: Share,
    }

    impl Scene {
        fn new() -> Self {
            let root = tempfile::tempdir().unwrap();
            let share = Share { own: root.path().join("own"), system: vec![root.path().join("system")] };
            Self { root, share }
        }

        /// A window's program in a folder of this name.
        fn window(&self, folder: &str) -> PathBuf {
            let window = self.root.path().join(folder).join("tidings");
            write(&window, b"").unwrap();
            window
        }

        fn entry(&self) -> Option<String> {
            read(&self.share.own.join(ENTRY)).unwrap()
        }

        fn files(&self) -> usize {
            fn count(folder: &Path) -> usize {
                let Ok(entries) = fs::read_dir(folder) else { return 0 };
                entries
                    .map(|entry| entry.unwrap().path())
                    .map(|path| if path.is_dir() { count(&path) } else { 1 })
                    .sum()
            }
            count(&self.share.own)
        }
    }

    #[test]
    fn run_from_a_folder_it_is_known_to_the_desktop_until_it_is_taken_away() {
        let scene = Scene::new();
        let window = scene.window("some folder");
        assert_eq!(scene.share.put_for(&window).unwrap(), Outcome::Written);
        assert_eq!(scene.share.put_for(&window).unwrap(), Outcome::Ours);
        let text = scene.entry().unwrap();
        assert!(text.contains(&format!("\nExec=\"{}\" %u\n", window.display())), "{text}");
        assert!(text.contains("\nMimeType=x-scheme-handler/tidings;\n"), "{text}");
        assert_eq!(scene.files(), 1 + ICONS.len());
        assert!(scene.share.take_away().unwrap());
        assert!(!scene.share.take_away().unwrap());
        assert_eq!(scene.files(), 0);
    }

    #[test]
    fn a_folder_that_is_gone_is_replaced_by_the_one_that_runs_now() {
        let scene = Scene::new();
        let (first, second) = (scene.window("first"), scene.window("second"));
        scene.share.put_for(&first).unwrap();
        assert_eq!(scene.share.put_for(&second).unwrap(), Outcome::Ours);
        assert!(scene.entry().unwrap().contains("/first/tidings"));
        fs::remove_file(first).unwrap();
        assert_eq!(scene.share.put_for(&second).unwrap(), Outcome::Written);
        assert!(scene.entry().unwrap().contains("/second/tidings"));
    }

    #[test]
    fn what_an_older_version_wrote_is_renewed() {
        let scene = Scene::new();
        let window = scene.window("first");
        scene.share.put_for(&window).unwrap();
        let older = scene.entry().unwrap().replace("MimeType=x-scheme-handler/tidings;\n", "");
        write(&scene.share.own.join(ENTRY), older.as_bytes()).unwrap();
        assert_eq!(scene.share.put_for(&window).unwrap(), Outcome::Written);
        assert!(scene.entry().unwrap().contains("x-scheme-handler"));
    }

    #[test]
    fn a_package_s_entry_stands_and_a_person_s_own_is_left_alone() {
        let scene = Scene::new();
        let window = scene.window("first");
        scene.share.put_for(&window).unwrap();
        write(&scene.root.path().join("system").join(ENTRY), TEXT.as_bytes()).unwrap();
        assert_eq!(scene.share.put_for(&window).unwrap(), Outcome::Theirs);
        assert_eq!(scene.files(), 0);

        let scene = Scene::new();
        write(&scene.share.own.join(ENTRY), b"[Desktop Entry]\nName=Mine\n").unwrap();
        assert_eq!(scene.share.put_for(&window).unwrap(), Outcome::Theirs);
        assert!(!scene.share.take_away().unwrap());
        assert_eq!(scene.entry().unwrap(), "[Desktop Entry]\nName=Mine\n");
    }

    #[test]
    fn the_template_says_what_is_replaced_and_whose_toasts_are() {
        assert!(TEXT.contains(EXEC));
        assert!(Path::new(ENTRY).file_stem().is_some_and(|id| id == "org.tidings.desktop"));
        assert!(TEXT.contains("\nStartupWMClass=org.tidings.desktop\n"));
    }
}
