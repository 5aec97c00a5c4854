//! The program `tidings-server`.

use std::process::ExitCode;

fn main() -> ExitCode {
    tidings_server::cli::main()
}
