//! `cargo xtask fuzz`: builds the targets of `crates/fuzz` and runs them.
//!
//! The flags below are those of cargo-fuzz without a sanitizer, which any stable toolchain takes: there is no unsafe code
//! of ours for one to watch. Whoever has cargo-fuzz can use it on the same package, with `--fuzz-dir crates/fuzz`.

use std::{fs, path::Path, time::Duration};

use crate::{project::Project, tool::Tool, toolchains};

/// What libFuzzer needs to see of the code, and `cfg(fuzzing)`, by which the rooms show their parsers.
const FLAGS: &[&str] = &[
    "--cfg=fuzzing",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
];

/// Longest input, in bytes. Parsers meet everything that they have a rule for in less.
const LONGEST: usize = 4096;

/// Builds, replays the corpus, and then looks for `time` at each target, or at one of them.
pub(crate) fn run(project: &Project, time: Duration, only: Option<&str>) -> Result<(), String> {
    let host = toolchains::host()?;
    // with a target named, the flags are for the programs and not for what builds them
    let build = project.cargo().args(["build", "--locked", "--package", "tidings-fuzz", "--bins"]);
    let build = build.args(["--features", "libfuzzer", "--target", &host]);
    build.env("CARGO_ENCODED_RUSTFLAGS", FLAGS.join("\u{1f}")).run()?;
    let folder = project.root().join("crates/fuzz");
    let targets = targets(&folder.join("fuzz_targets"))?;
    if let Some(unknown) = only.filter(|only| targets.iter().all(|target| target != only)) {
        return Err(format!("There is no target {unknown}; there are {}.", targets.join(", ")));
    }
    let programs = project.target().join(&host).join("debug");
    let mut failed = Vec::new();
    for target in targets.iter().filter(|target| only.is_none_or(|only| only == *target)) {
        println!("    {target}");
        let run = || {
            let found = project.target().join("fuzz").join(target);
            fs::create_dir_all(&found)
                .map_err(|error| format!("{} cannot be made: {error}", found.display()))?;
            Tool::new(programs.join(target))
                .args([format!("-max_total_time={}", time.as_secs()), format!("-max_len={LONGEST}")])
                .args([format!("-artifact_prefix={}/found-", folder.join("corpus").join(target).display())])
                .args(["-dict=json.dict", "-timeout=10", "-rss_limit_mb=1024"])
                // what it learns goes into the first folder, and the corpus is only read
                .args([found.as_path(), &Path::new("corpus").join(target)])
                .within(&folder)
                // pages of progress, which nobody reads unless it fails
                .output()
        };
        if let Err(problem) = run() {
            println!("    {problem}");
            failed.push(target.as_str());
        }
    }
    if failed.is_empty() {
        return Ok(());
    }
    let failed = failed.join(", ");
    Err(format!(
        "A claim did not hold: {failed}. The inputs are in crates/fuzz/corpus, as found-*; commit them with the mend."
    ))
}

/// Every target is a file.
fn targets(folder: &Path) -> Result<Vec<String>, String> {
    let unreadable = |error: std::io::Error| format!("{} cannot be read: {error}", folder.display());
    let mut targets = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        targets.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
    }
    targets.sort_unstable();
    Ok(targets)
}
