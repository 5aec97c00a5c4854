//! `session [--dark] [--] COMMAND…`: runs a command in a desktop session of its own, and ends the session with it.
//!
//! For looking at things by hand, and for tests of other packages that need a real keychain or display.

use std::{env, process::ExitCode};

use clap::Parser;
use tidings_lab::{
    Outcome, Trouble,
    desktop::{Desktop, Furniture},
};

#[derive(Parser)]
#[command(about = "Runs a command in a desktop session of its own")]
struct Arguments {
    /// Ask programs for their dark colours.
    #[arg(long)]
    dark: bool,
    /// The command and its arguments.
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    command: Vec<String>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(code) => code,
        Err(trouble) => {
            eprintln!("{trouble}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Outcome<ExitCode> {
    // cargo's and rustup's homes are found from HOME, which is another one in the session
    let outer = ["CARGO_HOME", "RUSTUP_HOME", "CARGO_TARGET_DIR", "TS_RS_EXPORT_DIR"];
    let mut kept: Vec<_> = outer.into_iter().filter_map(|name| Some((name, env::var_os(name)?))).collect();
    if let Some(home) = env::home_dir() {
        for (name, folder) in [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")] {
            if !kept.iter().any(|(known, _)| *known == name) {
                kept.push((name, home.join(folder).into()));
            }
        }
    }
    let desktop = Desktop::start(Furniture { dark: arguments.dark, ..Furniture::FULL }).await?;
    let (program, rest) =
        arguments.command.split_first().ok_or_else(|| Trouble::Unexpected("no command".into()))?;
    let mut command = desktop.command(program);
    command.args(rest).envs(kept).current_dir(env::current_dir()?).kill_on_drop(true);
    let start = |source| Trouble::Start { program: program.clone(), source };
    let status = command.status().await.map_err(start)?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from))
}
