//! The engine against ntfy: the same flows with the model, and with a real one where `TIDINGS_NTFY` names the program, as
//! `cargo xtask test --peers` does.
//!
//! Owns the claim that what holds for the model holds for the server that it stands for. What only a model can be made to
//! do is tested elsewhere.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

#[path = "ntfy/client.rs"]
mod client;
#[path = "ntfy/flows.rs"]
mod flows;
#[path = "ntfy/house.rs"]
mod house;
