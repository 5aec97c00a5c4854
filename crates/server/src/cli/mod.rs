//! The command line of `tidings-server`.
//!
//! Owns words, settings and exit codes: 0 done, 1 failed, 2 wrong usage. What the commands do is [`crate::Server`]'s
//! and [`crate::Admin`]'s.

mod admin;
mod publish;
mod serve;
mod settings;

use std::{
    error::Error,
    io::{IsTerminal as _, Read as _, Write as _},
    path::PathBuf,
    process::ExitCode,
};

use clap::{Parser, Subcommand};
use tidings_protocol::Secret;
use tracing::Level;
use tracing_subscriber::{
    EnvFilter, Layer as _, filter, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};

/// The companion server of Tidings.
#[derive(Parser)]
#[command(name = "tidings-server", version, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// What every command takes.
#[derive(clap::Args)]
struct Global {
    /// Settings in TOML; flags and the environment go before it.
    #[arg(long, global = true, env = "TIDINGS_SERVER_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// The SQLite file [default: tidings-server.db].
    #[arg(long, global = true, env = "TIDINGS_SERVER_DATABASE", value_name = "FILE")]
    database: Option<PathBuf>,
    /// What to log, as in `info,tidings_server=debug`.
    #[arg(long, global = true, env = "TIDINGS_SERVER_LOG", default_value = "info", value_name = "FILTER")]
    log: String,
    /// Log lines as JSON.
    #[arg(long, global = true, env = "TIDINGS_SERVER_LOG_JSON")]
    log_json: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server.
    Serve(serve::Serve),
    /// People who may sign in.
    #[command(subcommand)]
    User(admin::User),
    /// Publishers' keys.
    #[command(subcommand)]
    Key(admin::Key),
    /// Publish a notification through a running server.
    Publish(publish::Publish),
}

type Outcome = Result<(), Box<dyn Error>>;

/// What can be typed, for the manual and for completions.
pub fn command() -> clap::Command {
    <Cli as clap::CommandFactory>::command()
}

/// Runs the program with the process's arguments.
pub fn main() -> ExitCode {
    let Cli { global, command } = Cli::parse();
    let outcome = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Box::from)
        .and_then(|runtime| runtime.block_on(run(&global, command)));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // with standard error closed there is nobody to tell
            let _ = writeln!(std::io::stderr(), "tidings-server: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(global: &Global, command: Command) -> Outcome {
    start_log(global)?;
    match command {
        Command::Serve(serve) => serve.run(global).await,
        Command::User(user) => user.run(global).await,
        Command::Key(key) => key.run(global).await,
        Command::Publish(publish) => publish.run().await,
    }
}

fn start_log(global: &Global) -> Outcome {
    let filter = EnvFilter::try_new(&global.log).map_err(|error| format!("--log: {error}"))?;
    // whatever is asked for: below this, it writes whole messages, and the first of the token flow holds the token
    let discreet =
        filter::filter_fn(|line| !line.target().starts_with("tungstenite") || *line.level() <= Level::INFO);
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    let lines = if global.log_json { lines.json().boxed() } else { lines.boxed() };
    tracing_subscriber::registry().with(lines.with_filter(discreet)).with(filter).init();
    Ok(())
}

fn print(line: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}

/// A secret from standard input, without the line's end.
fn read_secret() -> Result<Secret, Box<dyn Error>> {
    let mut text = String::new();
    std::io::stdin().take(64 * 1024).read_to_string(&mut text)?;
    let secret = Secret::from(text.trim_end_matches(['\n', '\r']));
    if secret.is_empty() {
        Err("standard input is empty; pipe the password into it".into())
    } else {
        Ok(secret)
    }
}
