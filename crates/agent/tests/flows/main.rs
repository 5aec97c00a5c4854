//! What a person can rely on, with a real server, a real control socket and a real inbox.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod arriving;
mod certificates;
mod choosing;
mod diagnosing;
mod errands;
mod following;
mod guests;
mod keychain;
mod kinds;
mod leaving;
mod looks;
mod pausing;
mod quiet;
mod reading;
mod routes;
mod signing_in;
#[path = "../stage/mod.rs"]
mod stage;
mod storage;
mod surfaces;
mod tidying;
