//! `cargo xtask bench`: measures the release build.

use clap::Subcommand;

use crate::{
    packages::{self, Purpose},
    project::Project,
    steps::Steps,
    tool::Tool,
    toolchains, ui,
};

/// What can be measured.
#[derive(Clone, Copy, Debug, Subcommand)]
pub(crate) enum What {
    /// What the agent weighs and does while it rests, and how fast it is there
    Rest,
    /// What 10 and 50 accounts cost the agent at rest, beside one: of all kinds of server, connected
    Accounts,
    /// From a publish that is accepted to the toast
    Latency,
    /// From the end of an outage to a connection; it needs network namespaces
    Recover,
    /// From request to reply about an inbox of 100,000 rows
    Inbox,
    /// Ten thousand notifications at once, with the window open: what is lost, how many toasts, how it answers
    Burst,
    /// From a click on the tray to a window that answers, cold and warm
    Window,
    /// A server that misbehaves at random: whether the agent stays as it was, and nothing is lost or doubled
    Soak {
        /// For how long
        #[arg(long, default_value_t = 30)]
        minutes: u64,
        /// What decides on the mischief; it is printed at the end
        #[arg(long)]
        seed: Option<u64>,
    },
}

impl What {
    /// For the program that measures.
    fn arguments(self) -> Vec<String> {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        match self {
            Self::Rest => words(&["rest"]),
            Self::Accounts => words(&["accounts"]),
            Self::Latency => words(&["latency"]),
            Self::Recover => words(&["recover"]),
            Self::Inbox => words(&["inbox"]),
            Self::Burst => words(&["burst"]),
            Self::Window => words(&["window"]),
            Self::Soak { minutes, seed } => {
                let seed = seed.map(|seed| format!("--seed={seed}"));
                ["soak".to_owned(), format!("--minutes={minutes}")].into_iter().chain(seed).collect()
            }
        }
    }
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
        let release = || project.cargo().args(["build", "--release", "--locked"]);
        let programs = ["-p", "tidings", "-p", "tidings-server", "-p", "tidings-lab"];
        let named = ["tidings", "tidings-server", "bench", "outpost"];
        let named = named.iter().flat_map(|name| ["--bin", name]);
        release().args(programs).args(named).run()?;
        // by itself, as it is shipped: what the others switch on in crates that they share would weigh on it
        release().args(["-p", "tidings-agent", "--bin", "tidings-agent"]).run()
    })?;
    steps.need("Measure", || {
        Tool::new(project.program("release", "bench")).args(what.arguments()).within(project.root()).run()
    })?;
    steps.finish()
}
