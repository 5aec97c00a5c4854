//! The companion server of Tidings: signs people in, stores what is published to them, and keeps a socket open to each
//! of their devices.
//!
//! Everything runs in one process on one SQLite file. [`Server::bind`] and [`Server::run`] are the whole of it; the
//! program `tidings-server` adds a command line. What travels is `docs/protocol.md`, how to run it is
//! `docs/server.md`.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use tidings_server::{Config, Server};
//! use tokio_util::sync::CancellationToken;
//!
//! let server = Server::bind(Config::new("tidings.db")).await?;
//! server.add_user("alice", "correct horse").await?;
//! println!("{}", server.url());
//! server.run(CancellationToken::new()).await;
//! # Ok(())
//! # }
//! ```

mod admin;
mod app;
mod auth;
pub mod cli;
mod config;
#[cfg(fuzzing)]
pub mod fuzzing;
mod health;
mod housekeeping;
mod http;
mod hub;
mod later;
mod limits;
mod metrics;
mod net;
mod publish;
mod random;
mod server;
mod socket;
mod store;
mod tickets;

pub use admin::{Admin, AdminError, UserSummary};
pub use auth::PasswordError;
pub use config::{Config, Limit, PasswordCost, Retention, Tls};
pub use net::TlsError;
pub use publish::PublishError;
pub use server::{Server, StartError};
pub use store::{OpenError, StoreError};
