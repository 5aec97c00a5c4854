//! `cargo xtask shots`: a picture of every page.

use std::path::PathBuf;

use crate::{
    packages::{self, Purpose},
    project::Project,
    steps::Steps,
    tool::Tool,
    toolchains, ui,
};

/// Builds everything, and photographs every page in both themes; into `target/shots` if not told otherwise.
pub(crate) fn run(project: &Project, folder: Option<PathBuf>) -> Result<(), String> {
    let folder = folder.unwrap_or_else(|| project.target().join("shots"));
    let mut steps = Steps::of(4);
    steps.need("Rust, Node and system packages", || {
        toolchains::ensure(project)?;
        packages::ensure(Purpose::DesktopTest)
    })?;
    steps.need("UI: install and build", || {
        ui::install(project)?;
        ui::script(project, "build")
    })?;
    // the whole workspace, as the tests build it, so that one build serves both
    steps.need("Build", || project.cargo().args(["build", "--locked", "--workspace", "--bins"]).run())?;
    let shots = Tool::new(project.program("debug", "shots")).args([&folder]).within(project.root());
    steps.need("Photograph", || shots.run())?;
    steps.finish()
}
