//! The window's pages, by npm.

use crate::{project::Project, tool::Tool};

/// Installs exactly what the lock file names.
pub(crate) fn install(project: &Project) -> Result<(), String> {
    Tool::npm().args(["ci", "--no-audit", "--no-fund"]).within(&project.ui()).run()
}

/// Runs a script of `ui/package.json`.
pub(crate) fn script(project: &Project, name: &str) -> Result<(), String> {
    Tool::npm().args(["run", "--silent", name]).within(&project.ui()).run()
}
