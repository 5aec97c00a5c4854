//! The UI's types, which ts-rs writes from `crates/control` while its tests run.

use std::{collections::BTreeMap, fs, path::Path};

use crate::project::Project;

const COMMITTED: &str = "ui/src/bindings";

/// Where ts-rs is told to write.
pub(crate) const FOLDER_VARIABLE: &str = "TS_RS_EXPORT_DIR";

/// Writes the bindings again, or only says whether they differ.
pub(crate) fn run(project: &Project, check: bool) -> Result<(), String> {
    let fresh = fresh_folder(project)?;
    let test = ["test", "--quiet", "--package", "tidings-control", "--lib", "export_bindings"];
    project.cargo().args(test).env(FOLDER_VARIABLE, &fresh).run()?;
    if check { compare(project) } else { replace(&fresh, &project.root().join(COMMITTED)) }
}

/// An empty folder for a run of the tests to write into.
pub(crate) fn fresh_folder(project: &Project) -> Result<std::path::PathBuf, String> {
    let folder = project.target().join("bindings");
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    Ok(folder)
}

/// Whether what the tests wrote is what is committed.
pub(crate) fn compare(project: &Project) -> Result<(), String> {
    let fresh = texts(&project.target().join("bindings"))?;
    let committed = texts(&project.root().join(COMMITTED))?;
    if fresh.is_empty() {
        return Err("no bindings were written".to_owned());
    }
    let names = fresh.keys().chain(committed.keys());
    let mut different: Vec<_> =
        names.filter(|name| fresh.get(*name) != committed.get(*name)).cloned().collect();
    different.sort();
    different.dedup();
    if different.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{COMMITTED} is not what crates/control says ({}); run `cargo xtask bindings`",
        different.join(", ")
    ))
}

fn replace(fresh: &Path, committed: &Path) -> Result<(), String> {
    let trouble = |error| format!("{}: {error}", committed.display());
    let fresh = texts(fresh)?;
    for name in texts(committed).unwrap_or_default().keys().filter(|name| !fresh.contains_key(*name)) {
        fs::remove_file(committed.join(name)).map_err(trouble)?;
    }
    fs::create_dir_all(committed).map_err(trouble)?;
    for (name, text) in &fresh {
        fs::write(committed.join(name), text).map_err(trouble)?;
    }
    println!("    {} files in {COMMITTED}", fresh.len());
    Ok(())
}

fn texts(folder: &Path) -> Result<BTreeMap<String, String>, String> {
    let trouble = |error| format!("{}: {error}", folder.display());
    let mut texts = BTreeMap::new();
    for entry in fs::read_dir(folder).map_err(trouble)? {
        let entry = entry.map_err(trouble)?;
        let text = fs::read_to_string(entry.path()).map_err(trouble)?;
        texts.insert(entry.file_name().to_string_lossy().into_owned(), text);
    }
    Ok(texts)
}
