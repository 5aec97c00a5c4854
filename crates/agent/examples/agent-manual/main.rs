//! Writes the manual pages and completions of `tidings-agent`: `cargo xtask share` runs it. They are made from the
//! definition of the command line, outside of the program, which needs neither.

mod write;

fn main() -> std::io::Result<()> {
    write::all(tidings_agent::cli::command())
}
