//! Draws every icon of Tidings from the SVGs in `icons/`, in place. `cargo xtask icons` runs it; the results are
//! committed, so that a build needs no renderer.
//!
//! Owns sizes, file names and how parts make a tray icon. Refuses to own any shape: those are in the SVGs.

mod app;
mod canvas;
mod tray;

use std::{env, path::PathBuf, process::ExitCode};

fn main() -> ExitCode {
    // the folder of this package is two below the root
    let root = env::args_os()
        .nth(1)
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")), PathBuf::from);
    let icons = root.join("icons");
    match app::draw(&icons).and_then(|()| tray::draw(&icons)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cannot draw the icons: {error}");
            ExitCode::FAILURE
        }
    }
}
