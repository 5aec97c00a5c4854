//! Programs that nobody here wrote, publishing as their own documentation says: curl and Apprise.
//!
//! Not every machine has them, so a plain `cargo test` passes these by; `cargo xtask test` installs them and runs these.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, dead_code)]

#[path = "programs/apprise.rs"]
mod apprise;
#[path = "programs/curl.rs"]
mod curl;
#[path = "behaviour/support.rs"]
mod support;

use tidings_protocol::Secret;

use crate::support::{House, Wire};

/// What `docs/publishing.md` calls the server and the key.
const SERVER: &str = "alerts.example.com";
const KEY: &str = "tdk_…";

/// A house with a key of that name, whose topic alice receives, with some others.
async fn house(key: &str, topics: &[&str]) -> (House, Secret, Wire) {
    let house = House::open().await;
    let name = key;
    let key = house.admin.create_key(name).await.unwrap();
    for topic in topics.iter().chain([&name]) {
        house.admin.subscribe("alice", topic).await.unwrap();
    }
    let (alice, _) = house.connect(&house.login("alice").await).await;
    (house, key, alice)
}

/// Host and port of the server.
fn authority(house: &House) -> &str {
    house.url.strip_prefix("http://").unwrap()
}

/// The fenced block of `docs/publishing.md` that follows this heading.
fn documented(heading: &str) -> &'static str {
    let page = include_str!("../../../docs/publishing.md");
    let (_, after) = page.split_once(heading).expect(heading);
    let block = after.split("```").nth(1).expect("a block");
    block.split_once('\n').expect("lines").1
}
