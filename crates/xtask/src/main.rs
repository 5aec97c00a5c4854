//! The project's own commands: `cargo xtask demo | test | ci | fuzz | icons | bindings | bench`.
//!
//! Owns the order of steps, what a machine needs for them, and how their progress is told. Refuses to own any check
//! itself: each step is a tool's own command line, which can be typed by hand too. It stays light, as it is the first
//! thing that a newcomer compiles.

#![allow(clippy::print_stdout, reason = "telling what it does is what it is for")]

mod bench;
mod bindings;
mod demo;
mod fuzz;
mod household;
mod icons;
mod nchan;
mod ntfy;
mod packages;
mod project;
mod publishers;
mod share;
mod shots;
mod steps;
mod test;
mod tool;
mod toolchains;
mod ui;

use std::{path::PathBuf, process::ExitCode, time::Duration};

use clap::{Parser, Subcommand};

use crate::project::Project;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The project's own commands")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build everything and show it: a server, an agent, the window, and a notification now and then
    Demo {
        /// Walk the whole path by itself in a desktop session of its own, and leave screenshots in demo/
        #[arg(long)]
        headless: bool,
    },
    /// Install what is missing and run everything that CI runs
    #[command(visible_alias = "ci")]
    Test {
        /// Only what runs against servers of others, and against a real ntfy too, which is fetched from Debian
        #[arg(long)]
        peers: bool,
    },
    /// Throw bytes at everything that reads what others send
    Fuzz {
        /// Seconds for each target, after the corpus
        #[arg(long, default_value_t = 60)]
        seconds: u64,
        /// One target; all of them if absent
        target: Option<String>,
    },
    /// Draw the icons again from icons/*.svg
    Icons,
    /// Write the UI's types again from the control interface
    Bindings {
        /// Only say whether they differ
        #[arg(long)]
        check: bool,
    },
    /// Write what an installed Tidings has in /usr/share: manual pages, completions, desktop entry, icons
    Share {
        /// The folder that stands for /usr/share
        folder: PathBuf,
    },
    /// Photograph every page of the window in both themes
    Shots {
        /// Where the pictures go; target/shots if absent
        #[arg(long)]
        folder: Option<std::path::PathBuf>,
    },
    /// Measure the release build
    Bench {
        #[command(subcommand)]
        what: bench::What,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let result = Project::find().and_then(|project| match arguments.command {
        Command::Demo { headless } => demo::run(&project, headless),
        Command::Test { peers: false } => test::run(&project),
        Command::Test { peers: true } => test::peers(&project),
        Command::Fuzz { seconds, target } => {
            fuzz::run(&project, Duration::from_secs(seconds), target.as_deref())
        }
        Command::Icons => icons::run(project.root()),
        Command::Bindings { check } => bindings::run(&project, check),
        Command::Share { folder } => share::write(&project, &folder),
        Command::Shots { folder } => shots::run(&project, folder),
        Command::Bench { what } => bench::run(&project, what),
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("\n{problem}");
            ExitCode::FAILURE
        }
    }
}
