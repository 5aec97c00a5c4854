//! The engine against the models of other people's servers, over loopback.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that panics has said what is wrong"
)]

#[path = "peers/gotify.rs"]
mod gotify;
#[path = "peers/kinds.rs"]
mod kinds;
#[path = "peers/ntfy.rs"]
mod ntfy;
#[path = "peers/owner.rs"]
mod owner;
