//! What the lab itself has to do inside of a network namespace, which a process enters as a whole: a door for the lab's
//! own requests, a proxy, models of other servers, and the floor that recoveries are held against.
//!
//! Owns no claim. Each job says one line when it is ready, and ends when it is killed.

mod door;
mod floor;
mod foreign;
mod proxy;

use std::{net::SocketAddr, path::PathBuf, process::ExitCode, time::Duration};

use clap::Parser;

#[derive(Parser)]
#[command(about = "The lab's hand in a network namespace")]
enum Job {
    /// Passes what comes in at a socket of the file system on to an address
    Door { socket: PathBuf, to: SocketAddr },
    /// A CONNECT proxy that tells of each request
    Proxy {
        listen: SocketAddr,
        /// `user:password`
        credentials: String,
    },
    /// A WebSocket behind TLS at which nothing happens
    Greet { listen: SocketAddr, chain: PathBuf, key: PathBuf },
    /// A model of a server of another kind, which does what it is told line by line
    Foreign {
        kind: foreign::Kind,
        listen: SocketAddr,
        /// Seconds between its pings; it gives a connection up after as many more without a pong
        ping: u64,
    },
    /// Opens such a WebSocket for each line that it reads, and says how many nanoseconds that took
    Knock { to: SocketAddr, root: PathBuf },
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let result = match Job::parse() {
        Job::Door { socket, to } => door::run(&socket, to).await,
        Job::Proxy { listen, credentials } => proxy::run(listen, &credentials).await,
        Job::Greet { listen, chain, key } => floor::greet(listen, &chain, &key).await,
        Job::Foreign { kind, listen, ping } => foreign::run(kind, listen, Duration::from_secs(ping)).await,
        Job::Knock { to, root } => floor::knock(to, &root).await,
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("outpost: {error}");
            ExitCode::FAILURE
        }
    }
}

#[allow(clippy::print_stdout, reason = "its lines are what the lab waits for")]
fn say(line: &str) {
    println!("{line}");
}
