//! `tidings-agent`: see `tidings-agent --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    tidings_agent::cli::main()
}
