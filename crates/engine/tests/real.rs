//! The engine against the real server, over loopback.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that panics has said what is wrong")]

#[path = "real/authority.rs"]
mod authority;
#[path = "real/certificates.rs"]
mod certificates;
#[path = "real/front.rs"]
mod front;
#[path = "real/house.rs"]
mod house;
#[path = "real/journeys.rs"]
mod journeys;
#[path = "real/links.rs"]
mod links;
#[path = "real/proxies.rs"]
mod proxies;
#[path = "real/proxy.rs"]
mod proxy;
#[path = "real/signing_in.rs"]
mod signing_in;
