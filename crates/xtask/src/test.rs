//! `cargo xtask test`: everything that CI runs, in the order in which it fails soonest.

use crate::{
    bindings,
    packages::{self, Purpose},
    project::Project,
    steps::{Done, Steps},
    toolchains, ui,
};

/// The tests that need a desktop session; they are ignored elsewhere.
const IN_A_SESSION: [&str; 2] = ["--test", "desktop"];

/// Runs all of it.
pub(crate) fn run(project: &Project) -> Result<(), String> {
    let mut steps = Steps::of(13);
    steps.need("Rust, Node and system packages", || {
        toolchains::ensure(project)?;
        packages::ensure(Purpose::DesktopTest)
    })?;
    steps.check("Rust: format", || project.cargo().args(["fmt", "--all", "--check"]).run());
    steps.need("UI: install", || ui::install(project))?;
    steps.check("UI: svelte-check", || ui::script(project, "check"));
    steps.check("UI: tests", || ui::script(project, "test"));
    steps.need("UI: build", || ui::script(project, "build"))?;
    steps.check("Rust: clippy", || {
        let clippy = ["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"];
        project.cargo().args(clippy).run()
    });
    steps.check("Dependencies: bans, licenses, sources", || deny(project));
    steps.check_if_possible("Dependencies: advisories", || advisories(project));
    // all targets at once, so that the programs and the tests share one build of everything beneath them
    steps.need("Rust: build", || {
        project.cargo().args(["build", "--locked", "--workspace", "--all-targets"]).run()
    })?;
    steps.check("Rust: unit and flow tests", || {
        let fresh = bindings::fresh_folder(project)?;
        project.cargo().args(["test", "--locked", "--workspace"]).env(bindings::FOLDER_VARIABLE, fresh).run()
    });
    steps.check("Bindings unchanged", || bindings::compare(project));
    steps.check_if_possible("Desktop: end to end", || desktop(project));
    steps.finish()
}

fn deny(project: &Project) -> Result<(), String> {
    if project.cargo().args(["deny", "--version"]).output().is_err() {
        println!("    cargo-deny is missing and is installed now; this happens once");
        project.cargo().args(["install", "cargo-deny", "--locked"]).run()?;
    }
    project.cargo().args(["deny", "--log-level", "error", "check", "bans", "licenses", "sources"]).run()
}

fn advisories(project: &Project) -> Result<Done, String> {
    if let Err(problem) = project.cargo().args(["deny", "fetch", "db"]).output() {
        let why = problem.lines().next_back().unwrap_or_default().trim().to_owned();
        return Ok(Done::Skipped(format!("the advisory database cannot be fetched ({why})")));
    }
    project.cargo().args(["deny", "check", "--disable-fetch", "advisories"]).run().map(|()| Done::Ok)
}

fn desktop(project: &Project) -> Result<Done, String> {
    if !cfg!(target_os = "linux") {
        return Ok(Done::Skipped("the lab's desktop session is made of Linux programs".to_owned()));
    }
    let test = project.cargo().args(["test", "--locked", "--workspace"]).args(IN_A_SESSION);
    test.args(["--", "--ignored"]).run().map(|()| Done::Ok)
}
