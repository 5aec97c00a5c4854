use std::{ffi::OsStr, fs, os::unix::ffi::OsStrExt};

/// A running process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Its id.
    pub pid: u32,
    /// The file name of its program.
    pub name: String,
}

impl Process {
    /// Whether it belongs to the window: the Tauri program or one of WebKit's processes.
    pub fn is_of_window(&self) -> bool {
        self.name == "tidings" || self.name.starts_with("WebKit") && self.name.ends_with("Process")
    }

    /// Whether it is the agent.
    pub fn is_agent(&self) -> bool {
        self.name == "tidings-agent"
    }
}

/// The processes in whose environment `variable` has `value`, but for this one. An environment is inherited, so a
/// variable that only the lab sets finds the detached descendants too. The dead that nobody has reaped do not count.
pub fn processes_of(variable: &str, value: &OsStr) -> Vec<Process> {
    let wanted = [variable.as_bytes(), b"=", value.as_bytes()].concat();
    let own = std::process::id();
    // a process may end while it is looked at: then it does not count
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|pid| *pid != own)
        .filter_map(|pid: u32| {
            let environment = fs::read(format!("/proc/{pid}/environ")).ok()?;
            if !environment.split(|byte| *byte == 0).any(|entry| entry == wanted) {
                return None;
            }
            let program = fs::read_link(format!("/proc/{pid}/exe")).ok()?;
            let name = program.file_name()?.to_string_lossy().trim_end_matches(" (deleted)").to_owned();
            Some(Process { pid, name })
        })
        .collect()
}
