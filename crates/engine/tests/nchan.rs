//! The engine in the token flow against nchan, a WebSocket server that nobody here wrote and that knows nothing of Tidings.
//!
//! Owns the claim of `docs/protocol.md` that a server which speaks only a flow works all the same: no sign-in, no `seq`, no
//! `resume`, no `pong`. It needs nginx with its nchan module, so a plain `cargo test` passes it over; `cargo xtask test`
//! installs them and runs it.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that panics has said what is wrong")]

#[path = "nchan/flows.rs"]
mod flows;
#[path = "nchan/nginx.rs"]
mod nginx;
