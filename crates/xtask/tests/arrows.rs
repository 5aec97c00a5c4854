//! Arrows between the rooms run one way. The table below is the one of `ARCHITECTURE.md`; a new arrow is drawn in both, or
//! it is not drawn.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

struct Room {
    name: &'static str,
    /// Rooms that it may build on.
    on: &'static [&'static str],
    /// Rooms that only its tests may build on.
    tests_on: &'static [&'static str],
}

const ROOMS: [Room; 12] = [
    Room { name: "tidings-protocol", on: &[], tests_on: &[] },
    Room { name: "tidings-control", on: &[], tests_on: &[] },
    Room {
        name: "tidings-engine",
        on: &["tidings-protocol"],
        tests_on: &["tidings-server", "tidings-peers"],
    },
    Room { name: "tidings-inbox", on: &["tidings-protocol"], tests_on: &[] },
    Room { name: "tidings-server", on: &["tidings-protocol"], tests_on: &[] },
    Room {
        name: "tidings-agent",
        on: &["tidings-protocol", "tidings-engine", "tidings-inbox", "tidings-control"],
        tests_on: &["tidings-server", "tidings-peers"],
    },
    // the window
    Room { name: "tidings", on: &["tidings-control"], tests_on: &[] },
    Room {
        name: "tidings-lab",
        on: &[
            "tidings-protocol",
            "tidings-engine",
            "tidings-inbox",
            "tidings-control",
            "tidings-server",
            "tidings-peers",
        ],
        tests_on: &["tidings-agent"],
    },
    Room {
        name: "tidings-fuzz",
        on: &["tidings-protocol", "tidings-engine", "tidings-control", "tidings-server"],
        tests_on: &[],
    },
    Room { name: "tidings-peers", on: &[], tests_on: &[] },
    Room { name: "tidings-icons", on: &[], tests_on: &[] },
    Room { name: "xtask", on: &[], tests_on: &[] },
];

/// Who alone may know a thing: the beginning of a dependency's name, and the one room that may have it.
const ALONE: [(&str, &str); 14] = [
    ("tauri", "tidings"),
    ("wry", "tidings"),
    ("gtk", "tidings"),
    ("gdkwayland", "tidings"),
    ("keyring", "tidings-agent"),
    ("apple-native-keyring", "tidings-agent"),
    ("windows-native-keyring", "tidings-agent"),
    ("secret-service", "tidings-agent"),
    ("ksni", "tidings-agent"),
    ("tray-icon", "tidings-agent"),
    ("tao", "tidings-agent"),
    ("notify-rust", "tidings-agent"),
    ("auto-launch", "tidings-agent"),
    ("axum", "tidings-server"),
];

/// What would make the machine impure: I/O, and a clock of its own.
const IMPURE: [&str; 11] = [
    "tokio",
    "std::net",
    "std::thread",
    "std::fs",
    "reqwest",
    "rustls",
    "tungstenite",
    "async fn",
    ".await",
    "::now()",
    "now_utc",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Every package of the workspace with its dependencies: name, and whether only tests have it.
fn packages() -> Vec<(String, Vec<(String, bool)>)> {
    let output = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()))
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let packages = metadata["packages"].as_array().unwrap();
    packages
        .iter()
        .map(|package| {
            let dependencies = package["dependencies"].as_array().unwrap();
            let dependencies = dependencies
                .iter()
                .map(|dependency| (text(&dependency["name"]), dependency["kind"] == "dev"));
            (text(&package["name"]), dependencies.collect())
        })
        .collect()
}

#[test]
fn every_package_is_a_room_of_the_table() {
    let found = packages().into_iter().map(|(name, _)| name).collect::<BTreeSet<_>>();
    let known = ROOMS.iter().map(|room| room.name.to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(found, known);
}

#[test]
fn rooms_build_only_on_the_rooms_below_them() {
    for (name, dependencies) in packages() {
        let room = ROOMS.iter().find(|room| room.name == name).expect(&name);
        for (on, only_tests) in dependencies {
            if !ROOMS.iter().any(|room| room.name == on) {
                continue;
            }
            let allowed =
                room.on.contains(&on.as_str()) || only_tests && room.tests_on.contains(&on.as_str());
            assert!(allowed, "{name} may not build on {on}{}", if only_tests { " in its tests" } else { "" });
        }
    }
}

#[test]
fn the_window_alone_knows_tauri_and_the_agent_alone_the_desktop() {
    let packages = packages();
    for (dependency, owner) in ALONE {
        let holders =
            packages.iter().filter(|(_, on)| on.iter().any(|(name, _)| name.starts_with(dependency)));
        for (holder, _) in holders {
            assert_eq!(holder, owner, "{dependency} belongs to {owner}");
        }
    }
    let window = packages.iter().find(|(name, _)| name == "tidings").map(|(_, on)| on);
    assert!(
        window.is_some_and(|on| on.iter().any(|(name, _)| name == "tauri")),
        "this test looks at the wrong place"
    );
}

#[test]
fn the_machine_knows_no_socket_and_no_clock() {
    let mut sources = Vec::new();
    collect(&root().join("crates/engine/src/machine"), &mut sources);
    assert!(!sources.is_empty(), "this test looks at the wrong place");
    for path in sources {
        let text = fs::read_to_string(&path).unwrap();
        // tests come last in a file, and may ask for the time
        let machine = text.split("#[cfg(test)]").next().unwrap_or_default();
        for (number, line) in machine.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            for impure in IMPURE {
                assert!(!code.contains(impure), "{}:{}: {impure}", path.display(), number + 1);
            }
        }
    }
}

fn collect(folder: &Path, sources: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if is_a_test(&path) {
            continue;
        }
        if path.is_dir() {
            collect(&path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            sources.push(path);
        }
    }
}

/// A module that the `mod.rs` beside it takes in for tests alone.
fn is_a_test(path: &Path) -> bool {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let parent = fs::read_to_string(path.with_file_name("mod.rs")).unwrap_or_default();
    parent.contains(&format!("#[cfg(test)]\nmod {stem};"))
}
