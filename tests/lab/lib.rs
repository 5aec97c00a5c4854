//! The lab: real programs in a real desktop session, for the tests, the headless demo and the benches.
//!
//! Owns how a session, a server and an agent are started, waited for, looked at and ended. Refuses to own any claim
//! about them: those are in `tests/flows`, `tests/desktop`, `tests/walk` and `tests/bench`.
//!
//! It is made of Linux programs; `cargo xtask test` leaves this package out elsewhere.
//!
//! Nothing here waits by the clock. What happens is awaited as an event, under a deadline ([`within`]); where a thing
//! tells of no event, such as a file or another process, [`until`] looks again, and only it does.

mod agent;
mod authority;
mod believable;
mod census;
mod cli;
mod driver;
mod folder;
mod foreign;
mod frames;
mod inspect;
mod keychain;
mod leak;
mod meddler;
mod network;
mod page;
mod patience;
mod programs;
mod rogue;
mod server;
mod spawned;
mod toasts;
mod tour;
mod tray;
mod trouble;
mod wall_clock;
mod watching;

pub mod desktop;

pub use agent::{Agent, AgentOptions};
pub use authority::{Authority, Identity};
pub use believable::{TOPICS, believable};
pub use census::{Process, processes_of};
pub use cli::{Cli, Said};
pub use driver::Driver;
pub use folder::Folder;
pub use foreign::{Foreign, ForeignKind};
pub use keychain::{Keychain, KeychainEntry};
pub use leak::files_with;
pub use meddler::{Meddler, Mood};
pub use network::{ConnectProxy, Knocker, Namespace, Network, Outpost};
pub use page::{Page, keys};
pub use patience::{PATIENCE, until, within};
pub use programs::{Programs, path_of};
pub use rogue::{Rogue, RogueSocket};
pub use server::{Publisher, Server, ServerOptions};
pub use spawned::Spawned;
pub use toasts::{Toast, Toasts};
pub use tour::tour;
pub use tray::{MenuItem, Tray};
pub use trouble::{Outcome, Trouble};
pub use wall_clock::WallClock;
pub use watching::Watch;
