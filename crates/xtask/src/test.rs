//! `cargo xtask test`: everything that CI runs, in the order in which it fails soonest.

use std::time::Duration;

use crate::{
    bindings, fuzz, nchan, ntfy,
    packages::{self, Purpose},
    project::Project,
    publishers, share,
    steps::{Done, Steps},
    tool::Tool,
    toolchains, ui,
};

/// Each target; the corpus comes before, whatever it takes.
const FUZZ_FOR: Duration = Duration::from_secs(3);

/// Everything; the lab runs on Linux only.
const PACKAGES: &[&str] =
    if cfg!(target_os = "linux") { &["--workspace"] } else { &["--workspace", "--exclude", "tidings-lab"] };

/// Runs all of it.
pub(crate) fn run(project: &Project) -> Result<(), String> {
    let mut steps = Steps::of(20);
    steps.need("Rust, Node and system packages", || {
        toolchains::ensure(project)?;
        toolchains::ensure_checkers()?;
        packages::ensure(Purpose::DesktopTest)
    })?;
    steps.check("Rust: format", || project.cargo().args(["fmt", "--all", "--check"]).run());
    steps.need("UI: install", || ui::install(project))?;
    steps.check("UI: svelte-check", || ui::script(project, "check"));
    steps.check("UI: tests", || ui::script(project, "test"));
    steps.need("UI: build", || ui::script(project, "build"))?;
    steps.check("Rust: clippy", || {
        let clippy = project.cargo().args(["clippy", "--locked", "--all-targets"]).args(PACKAGES);
        clippy.args(["--", "-D", "warnings"]).run()
    });
    steps.check("Dependencies: bans, licenses, sources", || deny(project));
    steps.check_if_possible("Dependencies: advisories", || advisories(project));
    // all targets at once, so that the programs and the tests share one build of everything beneath them
    steps.need("Rust: build", || {
        project.cargo().args(["build", "--locked", "--all-targets"]).args(PACKAGES).run()
    })?;
    steps.check("Rust: unit and flow tests", || {
        let fresh = bindings::fresh_folder(project)?;
        let test = project
            .cargo()
            .args(["test", "--locked", "--no-fail-fast"])
            .args(PACKAGES)
            .env(bindings::FOLDER_VARIABLE, fresh);
        // whoever runs this may sit at a desktop: its keychain is theirs
        test.env("DBUS_SESSION_BUS_ADDRESS", "").run()
    });
    steps.check_if_possible("Servers of others: nchan", || nchan::run(project));
    steps.check_if_possible("Programs of others: curl, Apprise", || publishers::run(project));
    steps.check_if_possible("Networks: namespaces", || networks(project));
    steps.check_if_possible("Fuzz: the corpus and a few seconds", || {
        if cfg!(unix) {
            return fuzz::run(project, FUZZ_FOR, None).map(|()| Done::Ok);
        }
        Ok(Done::Skipped("LLVM's fuzzer is at home on Unix".to_owned()))
    });
    steps.check_if_possible("Desktop: started again by systemd", || on_linux_with_systemd(project));
    steps.check_if_possible("Manual, completions, desktop entry", || on_linux(|| share::check(project)));
    steps.check("Bindings unchanged", || bindings::compare(project));
    steps.check_if_possible("Desktop: the real keychain", || on_linux(|| keychain(project)));
    steps.check_if_possible("Desktop: end to end", || on_linux(|| desktop(project)));
    steps.finish()
}

/// What runs against servers of others, and a real one for each of which there is one to be had.
pub(crate) fn peers(project: &Project) -> Result<(), String> {
    let mut steps = Steps::of(3);
    steps.need("Rust", || toolchains::ensure(project))?;
    steps.check_if_possible("Servers of others: nchan", || nchan::run(project));
    steps.check_if_possible("Servers of others: ntfy", || ntfy::run(project));
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

/// The agent's own test, in a session that has one.
fn keychain(project: &Project) -> Result<(), String> {
    let session = Tool::new(project.program("debug", "session")).args([Tool::cargo().program()]);
    let test = ["test", "--locked", "--workspace", "--test", "keychain_real"];
    session.args(test).within(project.root()).run()
}

/// Ignored elsewhere, as not every machine has what they need.
fn desktop(project: &Project) -> Result<(), String> {
    let test = ["test", "--locked", "--workspace", "--test", "desktop", "--", "--ignored"];
    project.cargo().args(test).run()
}

/// Ignored elsewhere, as not every machine allows namespaces. Each waits for deadlines of its own, so all of them wait at
/// the same time.
fn networks(project: &Project) -> Result<Done, String> {
    if !cfg!(target_os = "linux") {
        return Ok(Done::Skipped("the lab's networks are made of Linux namespaces".to_owned()));
    }
    let allowed =
        Tool::new("unshare").args(["--user", "--map-root-user", "--net", "--", "nft", "list", "tables"]);
    if let Err(problem) = allowed.output() {
        return Ok(Done::Skipped(format!("this machine allows no network namespaces ({problem})")));
    }
    let tests = ["--test", "networks", "--test", "surroundings"];
    let test = project.cargo().args(["test", "--locked", "--workspace"]).args(tests);
    test.args(["--", "--ignored", "--test-threads", "32"]).run().map(|()| Done::Ok)
}

/// In namespaces, with a manager of its own: the machine itself need not have been started by systemd.
fn on_linux_with_systemd(project: &Project) -> Result<Done, String> {
    let allowed =
        Tool::new("unshare").args(["--user", "--map-root-user", "--mount", "--", "systemd-run", "--version"]);
    if let Err(problem) = allowed.output() {
        return Ok(Done::Skipped(format!("there is no systemd or no namespace for it ({problem})")));
    }
    let test = ["test", "--locked", "--workspace", "--test", "supervised", "--", "--ignored"];
    project.cargo().args(test).run().map(|()| Done::Ok)
}

fn on_linux(work: impl FnOnce() -> Result<(), String>) -> Result<Done, String> {
    if cfg!(target_os = "linux") {
        return work().map(|()| Done::Ok);
    }
    Ok(Done::Skipped("the lab's desktop session is made of Linux programs".to_owned()))
}
