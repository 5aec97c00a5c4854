//! `cargo xtask bench`: measures the release build.

use clap::ValueEnum;

use crate::{
    packages::{self, Purpose},
    project::Project,
    steps::Steps,
    tool::Tool,
    toolchains, ui,
};

/// What can be measured.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum What {
    /// What the agent weighs and does while it rests, and how fast it is there
    Rest,
    /// From a publish that is accepted to the toast
    Latency,
}

/// Builds for release and measures.
pub(crate) fn run(project: &Project, what: What) -> Result<(), String> {
    let mut steps = Steps::of(4);
    steps.need("Rust, Node and system packages", || {
        toolchains::ensure(project)?;
        packages::ensure(Purpose::DesktopTest)
    })?;
    steps.need("UI: install and build", || {
        ui::install(project)?;
        ui::script(project, "build")
    })?;
    steps.need("Release build", || {
        let programs = ["-p", "tidings", "-p", "tidings-agent", "-p", "tidings-server", "-p", "tidings-lab"];
        let named =
            ["--bin", "tidings", "--bin", "tidings-agent", "--bin", "tidings-server", "--bin", "bench"];
        project.cargo().args(["build", "--release", "--locked"]).args(programs).args(named).run()
    })?;
    steps.need("Measure", || {
        let what = if matches!(what, What::Rest) { "rest" } else { "latency" };
        Tool::new(project.program("release", "bench")).args([what]).within(project.root()).run()
    })?;
    steps.finish()
}
