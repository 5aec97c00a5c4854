//! Writes the manual pages and completions of `tidings-server`: `cargo xtask share` runs it.

#[path = "../../../agent/examples/agent-manual/write.rs"]
mod write;

fn main() -> std::io::Result<()> {
    write::all(tidings_server::cli::command())
}
