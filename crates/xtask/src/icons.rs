//! `cargo xtask icons`: draws every icon again from its SVG. The renderer is a package of its own, so that xtask stays
//! quick to compile.

use std::{path::Path, process::Command};

/// Draws the icons under `root`, in place.
pub(crate) fn run(root: &Path) -> Result<(), String> {
    let status = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--package", "tidings-icons", "--"])
        .arg(root)
        .current_dir(root)
        .status()
        .map_err(|error| format!("cargo does not start: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("drawing the icons failed: {status}")) }
}
