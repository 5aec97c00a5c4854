//! An entry in the desktop's autostart folder. (The auto-launch crate, used on other systems, neither quotes a path nor
//! honours `XDG_CONFIG_HOME`, nor does it see that a desktop has switched an entry off.)

use std::{
    env,
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
};

use super::{name, profile};
use crate::{entry, program};

pub(super) fn state() -> io::Result<bool> {
    Folders::of_this_session()?.state(&file(profile().as_deref()))
}

pub(super) fn set(on: bool) -> io::Result<()> {
    let profile = profile();
    let entry = on.then(|| command(profile.as_deref())).transpose()?.map(|command| entry::write(&command));
    Folders::of_this_session()?.set(&file(profile.as_deref()), entry)
}

pub(super) fn mend() -> io::Result<bool> {
    let profile = profile();
    Folders::of_this_session()?.mend(&file(profile.as_deref()), || command(profile.as_deref()))
}

fn command(profile: Option<&OsStr>) -> io::Result<Vec<String>> {
    let mut command = Vec::new();
    if let Some(folder) = profile {
        command.extend(["env".to_owned(), format!("TIDINGS_HOME={}", folder.to_string_lossy())]);
    }
    command.extend(program::agent()?);
    command.extend(["run", "--supervised"].map(str::to_owned));
    Ok(command)
}

fn file(profile: Option<&OsStr>) -> PathBuf {
    Path::new("autostart").join(name(profile) + ".desktop")
}

/// Where entries are looked for: the person's own overrules the system's of the same name.
struct Folders {
    own: PathBuf,
    system: Vec<PathBuf>,
}

impl Folders {
    fn of_this_session() -> io::Result<Self> {
        let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty());
        let own = set("XDG_CONFIG_HOME")
            .map(PathBuf::from)
            .or_else(|| set("HOME").map(|home| PathBuf::from(home).join(".config")))
            .ok_or_else(|| {
                io::Error::new(io::ErrorKind::NotFound, "no home folder is known for this user")
            })?;
        let system = set("XDG_CONFIG_DIRS").unwrap_or_else(|| "/etc/xdg".into());
        Ok(Self { own, system: env::split_paths(&system).collect() })
    }

    fn state(&self, file: &Path) -> io::Result<bool> {
        match read(&self.own.join(file))? {
            Some(text) => Ok(entry::runs(&text)),
            None => self.of_the_system(file),
        }
    }

    fn of_the_system(&self, file: &Path) -> io::Result<bool> {
        for folder in &self.system {
            if let Some(text) = read(&folder.join(file))? {
                return Ok(entry::runs(&text));
            }
        }
        Ok(false)
    }

    /// Has the person's own entry run `command`, if it runs a program that is gone.
    fn mend(&self, file: &Path, command: impl FnOnce() -> io::Result<Vec<String>>) -> io::Result<bool> {
        let own = self.own.join(file);
        let Some(text) = read(&own)?.filter(|text| entry::runs(text)) else { return Ok(false) };
        // a name without a path is looked for anew each time
        let gone = entry::program(&text).is_some_and(|program| program.is_absolute() && !program.exists());
        if gone {
            write(&own, &entry::with_command(&text, &command()?))?;
        }
        Ok(gone)
    }

    /// With an entry, it is kept; without one, none runs.
    fn set(&self, file: &Path, entry: Option<String>) -> io::Result<()> {
        let own = self.own.join(file);
        match entry {
            Some(text) => write(&own, &text),
            None if self.of_the_system(file)? => write(&own, entry::HIDDEN),
            None => match fs::remove_file(&own) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
                result => result,
            },
        }
    }
}

fn read(file: &Path) -> io::Result<Option<String>> {
    match fs::read(file) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn write(file: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(file, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folders(root: &Path) -> Folders {
        Folders { own: root.join("own"), system: vec![root.join("system")] }
    }

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|&word| word.to_owned()).collect()
    }

    #[test]
    fn an_entry_whose_program_is_gone_leads_to_the_one_that_runs_now() {
        let root = tempfile::tempdir().unwrap();
        let (folders, file) = (folders(root.path()), file(None));
        let now = || Ok(words(&["/now/tidings-agent", "run"]));
        let text = || fs::read_to_string(root.path().join("own").join(&file)).unwrap();
        assert!(!folders.mend(&file, now).unwrap(), "what is off stays off");
        let program = root.path().join("tidings-agent");
        write(&program, "").unwrap();
        folders.set(&file, Some(entry::write(&words(&[program.to_str().unwrap(), "run"])))).unwrap();
        let before = text();
        assert!(!folders.mend(&file, now).unwrap());
        assert_eq!(text(), before);
        fs::remove_file(program).unwrap();
        assert!(folders.mend(&file, now).unwrap());
        assert!(text().contains("\nExec=\"/now/tidings-agent\" \"run\"\n"));
        assert!(folders.state(&file).unwrap());
    }

    #[test]
    fn what_is_switched_off_is_not_mended() {
        let root = tempfile::tempdir().unwrap();
        let (folders, file) = (folders(root.path()), file(None));
        let off =
            entry::write(&words(&["/gone/tidings-agent", "run"])).replace("enabled=true", "enabled=false");
        folders.set(&file, Some(off)).unwrap();
        assert!(!folders.mend(&file, || Ok(words(&["/now"]))).unwrap());
    }

    #[test]
    fn what_starts_with_the_session_is_this_program_in_this_profile() {
        let (usual, second) = (command(None).unwrap(), command(Some("/p q".as_ref())).unwrap());
        assert!(Path::new(&usual[0]).is_file());
        assert_eq!(usual[1..], ["run", "--supervised"]);
        assert_eq!(second[..2], ["env", "TIDINGS_HOME=/p q"]);
        assert_eq!(second[2..], usual[..]);
    }

    #[test]
    fn switching_is_seen_and_leaves_nothing_behind() {
        let root = tempfile::tempdir().unwrap();
        let (folders, file) = (folders(root.path()), file(None));
        assert!(!folders.state(&file).unwrap());
        folders.set(&file, Some(entry::write(&words(&["/x/tidings-agent", "run"])))).unwrap();
        assert!(folders.state(&file).unwrap());
        folders.set(&file, None).unwrap();
        folders.set(&file, None).unwrap();
        assert!(!folders.state(&file).unwrap());
        assert_eq!(fs::read_dir(root.path().join("own/autostart")).unwrap().count(), 0);
    }

    #[test]
    fn what_the_desktop_switched_off_is_off() {
        let root = tempfile::tempdir().unwrap();
        let (folders, file) = (folders(root.path()), file(None));
        let text = entry::write(&words(&["/x/tidings-agent", "run"]));
        folders.set(&file, Some(text.replace("enabled=true", "enabled=false"))).unwrap();
        assert!(!folders.state(&file).unwrap());
        folders.set(&file, Some(text)).unwrap();
        assert!(folders.state(&file).unwrap());
    }

    #[test]
    fn a_packaged_entry_is_switched_off_for_this_person_alone() {
        let root = tempfile::tempdir().unwrap();
        let (folders, file) = (folders(root.path()), file(None));
        let packaged = root.path().join("system").join(&file);
        write(&packaged, &entry::write(&words(&["/usr/bin/tidings-agent", "run"]))).unwrap();
        assert!(folders.state(&file).unwrap());
        folders.set(&file, None).unwrap();
        assert!(!folders.state(&file).unwrap());
        assert!(entry::runs(&fs::read_to_string(packaged).unwrap()));
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_an_error() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("own"), "a file where a folder should be").unwrap();
        assert!(folders(root.path()).set(&file(None), Some(entry::write(&words(&["x"])))).is_err());
    }

    #[test]
    fn every_profile_has_an_entry_of_its_own() {
        assert_eq!(file(None), Path::new("autostart/org.tidings.agent.desktop"));
        assert_eq!(
            file(Some("/home/a b/.second".as_ref())),
            Path::new("autostart/org.tidings.agent.home-a-b--second.desktop")
        );
    }
}
