//! Embeds the pages and the window's permissions: one command and one event, for the main page only.

use std::{fs, path::Path};

use tauri_build::{AppManifest, Attributes};

fn main() {
    for watched in ["src-tauri/capabilities", "src-tauri/permissions", "ui/dist"] {
        println!("cargo:rerun-if-changed={watched}");
    }
    // so that the workspace can be checked before the pages are built
    if !Path::new("ui/dist/index.html").exists() {
        println!("cargo:warning=the pages are not built (npm run build in ui/); the window will be empty");
        if let Err(error) = fs::create_dir_all("ui/dist") {
            println!("cargo:warning=cannot make ui/dist: {error}");
        }
    }
    let attributes = Attributes::new()
        .capabilities_path_pattern("./src-tauri/capabilities/*.json")
        .app_manifest(AppManifest::new().permissions_path_pattern("./src-tauri/permissions/*.toml"));
    if let Err(error) = tauri_build::try_build(attributes) {
        println!("cargo::error={error:#}");
    }
}
