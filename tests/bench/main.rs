//! `bench rest | latency`: what the README's figures are measured with. `cargo xtask bench` builds for release first.
//!
//! Owns how things are measured and told. It judges nothing: a shared machine's figures are no test.

mod floor;
mod latency;
mod numbers;
mod process;
mod rest;

use std::process::ExitCode;

use clap::Parser;

#[derive(Parser)]
#[command(about = "Measures the agent")]
enum Arguments {
    /// What the agent weighs and does while it rests, how fast it is there, and what a closed window leaves
    Rest,
    /// From an accepted publish to the toast, beside the least that it could take
    Latency,
}

#[tokio::main]
async fn main() -> ExitCode {
    if cfg!(debug_assertions) {
        eprintln!("This is not a release build; the figures mean little. Run `cargo xtask bench`.");
    }
    let result = match Arguments::parse() {
        Arguments::Rest => rest::measure().await,
        Arguments::Latency => latency::measure().await,
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
