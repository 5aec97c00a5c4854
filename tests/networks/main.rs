//! Real outages: a real agent and a real server, each in a network of its own, and what happens between them.
//!
//! Owns the claims about what a connection survives and what it finds out by itself. They are ignored by default, as
//! not every machine allows namespaces; `cargo xtask test` runs them where it does. Some take as long as the
//! connection's own deadlines, which nothing here shortens: they are meant to run side by side.

mod changes;
mod foreign;
mod proxies;
mod scene;
mod secure;
mod servers;
mod silence;
mod sleep;

use scene::{Scene, Setting};
