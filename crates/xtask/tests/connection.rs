//! `docs/connection.md` names the tests and commands that show what it says: each of them has to be there.

#![allow(clippy::unwrap_used, reason = "a test that panics has said what is wrong")]

use std::{fs, path::Path, process::Command};

/// What a page names as `file.rs::test`.
fn named(page: &str) -> Vec<(&str, &str)> {
    let quoted = page.split('`').skip(1).step_by(2);
    quoted.filter_map(|text| text.split_once(".rs::").map(|_| text.rsplit_once("::").unwrap())).collect()
}

/// What a page names as `cargo xtask command`, without the first two words.
fn commands(page: &str) -> Vec<Vec<&str>> {
    let quoted = page.split('`').skip(1).step_by(2);
    quoted
        .filter_map(|text| text.strip_prefix("cargo xtask "))
        .map(|text| text.split(' ').collect())
        .collect()
}

/// Whether the command line knows this command and its options: only then it has help on them.
fn is_known(command: &[&str]) -> bool {
    let xtask = Command::new(env!("CARGO_BIN_EXE_xtask")).args(command).arg("--help").output();
    xtask.is_ok_and(|output| output.status.success())
}

/// Whether this source has a test of this name: a function below an attribute that makes it one.
fn has(source: &str, name: &str) -> bool {
    let head = format!("fn {name}(");
    let lines: Vec<&str> = source.lines().map(str::trim).collect();
    let found = lines.iter().position(|line| line.contains(&head));
    found.is_some_and(|at| {
        let above = lines[..at].iter().rev().take_while(|line| !line.is_empty() && **line != "}");
        above.into_iter().any(|line| line.starts_with("#[") && line.contains("test"))
    })
}

#[test]
fn every_test_that_the_page_on_the_connection_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    let page = fs::read_to_string(root.join("docs/connection.md")).unwrap();
    let named = named(&page);
    assert!(named.len() > 80, "the page names {} tests", named.len());
    let missing: Vec<_> = named
        .into_iter()
        .filter(|(file, name)| !fs::read_to_string(root.join(file)).is_ok_and(|source| has(&source, name)))
        .collect();
    assert_eq!(missing, [], "the page names tests that are not there");
}

#[test]
fn every_command_that_the_page_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    let page = fs::read_to_string(root.join("docs/connection.md")).unwrap();
    let commands = commands(&page);
    assert!(commands.len() >= 4, "{commands:?}");
    for command in commands {
        assert!(is_known(&command), "there is no `cargo xtask {}`", command.join(" "));
    }
    assert!(!is_known(&["bench", "nothing"]) && !is_known(&["bench", "recover", "--nonsense"]));
}

#[test]
fn every_row_of_a_table_names_a_test_or_a_command() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    let page = fs::read_to_string(root.join("docs/connection.md")).unwrap();
    let rows = page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| ---"));
    let bare: Vec<_> = rows
        .filter(|row| {
            !row.contains(".rs::") && !row.contains("`cargo xtask ") && !row.ends_with("| shown by |")
        })
        .collect();
    assert_eq!(bare, [] as [&str; 0]);
}

#[test]
fn a_name_that_is_no_test_is_not_there() {
    let source = "#[test]\nfn one() {\n}\n\nfn two() {\n}\n";
    assert!(has(source, "one"));
    assert!(!has(source, "two") && !has(source, "three"));
}
