//! Command lines, shown before they run.

use std::{
    env,
    ffi::{OsStr, OsString},
    path::Path,
    process::{Command, Stdio},
};

/// A command line of some tool.
#[derive(Debug)]
pub(crate) struct Tool {
    command: Command,
}

impl Tool {
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Self {
        Self { command: Command::new(program) }
    }

    /// The cargo that runs this very program, without what it has told this program of its package: build scripts look at
    /// that, and would run again whenever cargo is called from elsewhere.
    pub(crate) fn cargo() -> Self {
        let mut cargo = Self::new(env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
        let of_a_package =
            |name: &str| ["CARGO_PKG_", "CARGO_MANIFEST_"].iter().any(|start| name.starts_with(start));
        for (name, _) in env::vars_os().filter(|(name, _)| name.to_str().is_some_and(of_a_package)) {
            cargo.command.env_remove(name);
        }
        cargo
    }

    /// npm, which on Windows is a batch file.
    pub(crate) fn npm() -> Self {
        Self::new(if cfg!(windows) { "npm.cmd" } else { "npm" })
    }

    pub(crate) fn args<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.command.args(arguments);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn within(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// What it runs.
    pub(crate) fn program(&self) -> &OsStr {
        self.command.get_program()
    }

    /// The command itself, for what outlives a step.
    pub(crate) fn into_command(self) -> Command {
        self.command
    }

    /// Shows the command line and runs it, with its output where a person sees it.
    pub(crate) fn run(mut self) -> Result<(), String> {
        let line = self.line();
        println!("    $ {line}");
        let status = self.command.status().map_err(|error| format!("`{line}` does not start: {error}"))?;
        if status.success() { Ok(()) } else { Err(format!("`{line}` failed ({status})")) }
    }

    /// Runs it unseen and returns its standard output.
    pub(crate) fn output(mut self) -> Result<String, String> {
        let line = self.line();
        let output = self.command.stdin(Stdio::null()).output();
        let output = output.map_err(|error| format!("`{line}` does not start: {error}"))?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        Err(format!("`{line}` failed ({}): {said}", output.status))
    }

    fn line(&self) -> String {
        let program = Path::new(self.command.get_program());
        let program = program.file_stem().unwrap_or(program.as_os_str());
        let words = std::iter::once(program).chain(self.command.get_args());
        words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
    }
}
