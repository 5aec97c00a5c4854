//! What the server does, seen from outside: over real sockets, by the rows of `docs/protocol.md`.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

// some of it is about signals
#[cfg_attr(not(unix), allow(dead_code, unused_imports))]
mod command_line;
mod gotify;
mod later;
mod life;
mod ntfy;
mod opening;
mod publishing;
mod reads;
mod replay;
mod sign_in;
mod support;
mod tls;
