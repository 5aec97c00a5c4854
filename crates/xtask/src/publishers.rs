//! curl and Apprise, programs that publish and that nobody here wrote. Apprise comes from PyPI into a folder beside what
//! is built, in the versions of `apprise.txt`.

use std::{
    fs,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    path::{Path, PathBuf},
};

use crate::{project::Project, steps::Done, tool::Tool};

const VERSIONS: &str = include_str!("apprise.txt");

/// Runs the server's tests with them. They are ignored elsewhere, as not every machine has both.
pub(crate) fn run(project: &Project) -> Result<Done, String> {
    let test = || project.cargo().args(["test", "--locked", "--workspace", "--test", "programs", "--"]);
    if !cfg!(unix) {
        return Ok(Done::Skipped("their commands are those of a Unix shell".to_owned()));
    }
    match ensure(&project.target().join("apprise")) {
        Ok(program) => test().args(["--ignored"]).env("TIDINGS_APPRISE", program).run().map(|()| Done::Ok),
        Err(problem) => {
            test().args(["--ignored", "curl::"]).run()?;
            let why = problem.lines().next_back().unwrap_or_default().trim();
            Ok(Done::Skipped(format!("curl is done, but Apprise cannot be had from PyPI ({why})")))
        }
    }
}

/// The program, in these very versions.
fn ensure(folder: &Path) -> Result<PathBuf, String> {
    let mut versions = DefaultHasher::new();
    VERSIONS.hash(&mut versions);
    let environment = folder.join(format!("{:016x}", versions.finish()));
    let program = environment.join("bin/apprise");
    if Tool::new(&program).args(["--version"]).output().is_ok() {
        return Ok(program);
    }
    println!("    Apprise is fetched from PyPI now; this happens once");
    // what others, or an interrupted run, have left
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(|error| format!("{} is in the way: {error}", folder.display()))?;
    }
    fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    let wanted = folder.join("apprise.txt");
    fs::write(&wanted, VERSIONS).map_err(|error| error.to_string())?;
    Tool::new("python3").args(["-m", "venv"]).args([&environment]).output()?;
    let install =
        ["install", "--quiet", "--no-deps", "--disable-pip-version-check", "--retries", "1", "--requirement"];
    Tool::new(environment.join("bin/pip")).args(install).args([&wanted]).output()?;
    Tool::new(&program).args(["--version"]).output()?;
    Ok(program)
}
