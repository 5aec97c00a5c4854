//! `bench rest | accounts | latency | recover | inbox | burst | window | soak`: what the README's figures are measured
//! with. `cargo xtask bench` builds for release first.
//!
//! Owns how things are measured and told. It judges nothing: a shared machine's figures are no test.

mod accounts;
mod burst;
mod floor;
mod inbox;
mod latency;
mod numbers;
mod process;
mod recover;
mod rest;
mod soak;
mod window;

use std::process::ExitCode;

use clap::Parser;

#[derive(Parser)]
#[command(about = "Measures the agent")]
enum Arguments {
    /// What the agent weighs and does while it rests, how fast it is there, and what a closed window leaves
    Rest,
    /// What 10 and 50 accounts cost at rest, beside one
    Accounts,
    /// From an accepted publish to the toast, beside the least that it could take
    Latency,
    /// From the end of an outage to a connection, beside the least that one takes
    Recover,
    /// From request to reply about an inbox of 100,000 rows, beside a request about nothing
    Inbox,
    /// Ten thousand notifications at once, with the window open
    Burst,
    /// From a click on the tray to a window that answers
    Window,
    /// A server that misbehaves at random: whether the agent stays as it was, and nothing is lost or doubled
    Soak {
        /// For how long
        #[arg(long, default_value_t = 30)]
        minutes: u64,
        /// What decides on the mischief; another one each time if absent
        #[arg(long)]
        seed: Option<u64>,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    if cfg!(debug_assertions) {
        eprintln!("This is not a release build; the figures mean little. Run `cargo xtask bench`.");
    }
    let result = match Arguments::parse() {
        Arguments::Rest => rest::measure().await,
        Arguments::Accounts => accounts::measure().await,
        Arguments::Latency => latency::measure().await,
        Arguments::Recover => recover::measure().await,
        Arguments::Inbox => inbox::measure().await,
        Arguments::Burst => burst::measure().await,
        Arguments::Window => window::measure().await,
        Arguments::Soak { minutes, seed } => soak::measure(minutes, seed.unwrap_or_else(any)).await,
    };
    match result {
        Ok(table) => {
            print(&table);
            ExitCode::SUCCESS
        }
        Err(trouble) => {
            eprintln!("{trouble}");
            ExitCode::FAILURE
        }
    }
}

/// A number that was not there before.
fn any() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    u64::from(now.subsec_nanos()) ^ now.as_secs()
}

/// A finished measurement: what, its figure, and what it is held against.
type Row = (String, String, &'static str);

#[allow(clippy::print_stdout, reason = "a bench is for printing figures")]
fn print(rows: &[Row]) {
    let width = |column: fn(&Row) -> usize| rows.iter().map(column).max().unwrap_or_default();
    let (what, figure) = (width(|row| row.0.chars().count()), width(|row| row.1.chars().count()));
    for row in rows {
        println!("  {:what$}  {:>figure$}  {}", row.0, row.1, row.2);
    }
}
