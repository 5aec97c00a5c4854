//! The engine against servers that mean no good, over loopback and byte by byte.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that panics has said what is wrong")]

#[path = "hostile/calls.rs"]
mod calls;
#[path = "hostile/host.rs"]
mod host;
#[path = "hostile/scripted.rs"]
mod scripted;
#[path = "hostile/sockets.rs"]
mod sockets;
#[path = "hostile/table.rs"]
mod table;
#[path = "hostile/told.rs"]
mod told;
