//! nginx with nchan, a server that nobody here wrote. Debian's packages are unpacked beside what is built and not
//! installed: an installed nginx would take port 80 of whoever runs the tests.

use std::{fs, path::Path};

use crate::{project::Project, steps::Done, tool::Tool};

/// Which of the first two holds the program depends on the release.
const PACKAGES: [&str; 3] = ["nginx", "nginx-light", "libnginx-mod-nchan"];

/// Runs the engine's tests against it. They are ignored elsewhere, as not every machine has it.
pub(crate) fn run(project: &Project) -> Result<Done, String> {
    let folder = project.target().join("nchan");
    if let Err(problem) = ensure(&folder) {
        return Ok(Done::Skipped(format!("there is no nginx with nchan ({problem})")));
    }
    let test = ["test", "--locked", "--workspace", "--test", "nchan", "--", "--ignored"];
    project.cargo().args(test).env("TIDINGS_NGINX", folder).run().map(|()| Done::Ok)
}

fn ensure(folder: &Path) -> Result<(), String> {
    let program = folder.join("usr/sbin/nginx");
    if !program.exists() {
        println!("    nginx is fetched and unpacked now; this happens once");
        fs::create_dir_all(folder).map_err(|error| error.to_string())?;
        Tool::new("apt-get").args(["download"]).args(PACKAGES).within(folder).output()?;
        for file in fs::read_dir(folder).map_err(|error| error.to_string())?.flatten() {
            if file.path().extension().is_some_and(|extension| extension == "deb") {
                Tool::new("dpkg-deb").args(["--extract"]).args([file.path(), folder.to_owned()]).output()?;
            }
        }
    }
    // a library may be missing
    Tool::new(program).args(["-v"]).output().map(drop)
}
