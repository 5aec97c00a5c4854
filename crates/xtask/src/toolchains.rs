//! Rust and Node: whether they are there, and new enough.

use std::fs;

use crate::{project::Project, tool::Tool};

/// Says what to do where Rust or Node is missing or too old.
pub(crate) fn ensure(project: &Project) -> Result<(), String> {
    let manifest = read(project, "Cargo.toml")?;
    let rust = manifest.lines().find_map(|line| line.strip_prefix("rust-version = "));
    let rust = rust.map(|version| version.trim_matches('"')).ok_or("Cargo.toml names no rust-version")?;
    let package: serde_json::Value = serde_json::from_str(&read(project, "ui/package.json")?)
        .map_err(|error| format!("ui/package.json: {error}"))?;
    let node = package.pointer("/engines/node").and_then(|node| node.as_str()).unwrap_or(">=20");
    let node = node.trim_start_matches(">=");
    require(
        Tool::cargo().args(["--version"]),
        "Rust",
        rust,
        "Get it from https://rustup.rs, or run `rustup update`.",
    )?;
    let get_node = "Get it from https://nodejs.org, or from your system's packages.";
    require(Tool::new("node").args(["--version"]), "Node", node, get_node)?;
    Tool::npm().args(["--version"]).output().map(drop).map_err(|_| format!("npm is missing. {get_node}"))
}

/// Says what to do where a part of Rust that only the checks need is missing.
pub(crate) fn ensure_checkers() -> Result<(), String> {
    for (command, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        let there = Tool::cargo().args([command, "--version"]).output();
        there.map_err(|_| format!("{component} is missing. Run `rustup component add {component}`."))?;
    }
    Ok(())
}

/// The kind of machine that cargo builds for when it is told nothing, as in `x86_64-unknown-linux-gnu`.
pub(crate) fn host() -> Result<String, String> {
    let said = Tool::new("rustc").args(["--version", "--verbose"]).output()?;
    let host = said.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| "rustc names no host".to_owned())
}

fn read(project: &Project, name: &str) -> Result<String, String> {
    fs::read_to_string(project.root().join(name)).map_err(|error| format!("{name} cannot be read: {error}"))
}

fn require(tool: Tool, name: &str, wanted: &str, advice: &str) -> Result<(), String> {
    let said =
        tool.output().map_err(|_| format!("{name} is missing; {wanted} or newer is needed. {advice}"))?;
    let found =
        version(&said).ok_or_else(|| format!("{name} says {:?}, which names no version", said.trim()))?;
    if Some(found.as_slice()) < version(wanted).as_deref() {
        return Err(format!(
            "{name} is too old: {} is here, {wanted} or newer is needed. {advice}",
            said.trim()
        ));
    }
    println!("    {name}: {}", said.trim());
    Ok(())
}

/// The first thing in a text that looks like a version, as numbers that compare.
fn version(text: &str) -> Option<Vec<u32>> {
    text.split_whitespace().find_map(|word| {
        let word = word.trim_start_matches('v');
        let numbers = word.split(|c: char| !c.is_ascii_digit()).map_while(|part| part.parse().ok());
        let numbers: Vec<u32> = numbers.collect();
        (!numbers.is_empty()).then_some(numbers)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_number() {
        assert_eq!(version("cargo 1.95.0 (f2d3ce0bd 2026-03-21)"), Some(vec![1, 95, 0]));
        assert_eq!(version("v20.20.2\n"), Some(vec![20, 20, 2]));
        assert!(version("v20.9.0") < version("20.19"));
        assert!(version("cargo 1.100.0-nightly") > version("1.90"));
        assert_eq!(version("none"), None);
    }
}
