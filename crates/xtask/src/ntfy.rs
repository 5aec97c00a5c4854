//! A real ntfy, for what its model is held against and for the engine's flows. Debian's newer suites carry it; it is
//! fetched from there with lists of its own, whatever suite the machine is of, and unpacked beside what is built: neither
//! the machine's sources nor its packages are touched.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use crate::{project::Project, steps::Done, tool::Tool};

/// Where it is listed; the name of the keyring is Debian's.
const SOURCE: &str =
    "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] https://deb.debian.org/debian sid main\n";

/// One that is there already.
const VARIABLE: &str = "TIDINGS_NTFY";

/// Runs the flows against it. They are ignored elsewhere, as not every machine can have it.
pub(crate) fn run(project: &Project) -> Result<Done, String> {
    let program = match env::var_os(VARIABLE) {
        Some(program) => PathBuf::from(program),
        None => match ensure(&project.target().join("ntfy")) {
            Ok(program) => program,
            Err(problem) => {
                let why = problem.lines().next_back().unwrap_or_default().trim();
                return Ok(Done::Skipped(format!(
                    "no real ntfy can be had here ({why}); {VARIABLE} may name one"
                )));
            }
        },
    };
    println!("    {}", Tool::new(&program).args(["--version"]).output()?.trim());
    let tests = ["--test", "likeness", "--test", "ntfy"];
    let test = project.cargo().args(["test", "--locked", "--workspace"]).args(tests);
    test.args(["--", "--ignored"]).env(VARIABLE, program).run().map(|()| Done::Ok)
}

/// The program.
fn ensure(folder: &Path) -> Result<PathBuf, String> {
    let program = folder.join("usr/bin/ntfy");
    if !program.exists() {
        println!("    ntfy is fetched from Debian and unpacked now; this happens once");
        let lists = folder.join("apt");
        fs::create_dir_all(lists.join("lists/partial")).map_err(|error| error.to_string())?;
        fs::create_dir_all(lists.join("cache/archives/partial")).map_err(|error| error.to_string())?;
        fs::write(lists.join("sources.list"), SOURCE).map_err(|error| error.to_string())?;
        apt(&lists, folder, &["update", "--error-on=any"])?;
        apt(&lists, folder, &["download", "ntfy"])?;
        for file in fs::read_dir(folder).map_err(|error| error.to_string())?.flatten() {
            if file.path().extension().is_some_and(|extension| extension == "deb") {
                Tool::new("dpkg-deb").args(["--extract"]).args([file.path(), folder.to_owned()]).output()?;
            }
        }
    }
    Ok(program)
}

/// With nothing of the machine's but the packages that it has.
fn apt(lists: &Path, within: &Path, arguments: &[&str]) -> Result<(), String> {
    let at = |name: &str, place: &str| format!("{name}={}", lists.join(place).display());
    let options = [
        at("Dir::Etc::SourceList", "sources.list"),
        "Dir::Etc::SourceParts=/dev/null".to_owned(),
        at("Dir::State::Lists", "lists"),
        at("Dir::Cache", "cache"),
        // what root may read and apt's own user may not
        "APT::Sandbox::User=root".to_owned(),
        "Acquire::Languages=none".to_owned(),
        "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false".to_owned(),
    ];
    let options = options.iter().flat_map(|option| ["-o", option.as_str()]);
    Tool::new("apt-get").args(options).args(arguments).within(within).output().map(drop)
}
