//! Models of Gotify and ntfy on real loopback sockets, for the tests of whatever has to live with such servers.
//!
//! Owns what those servers are seen to do and what is unpleasant about it: connections that end without a word, handshakes
//! refused with empty bodies, ids that come out of order. Each fact has a test in `tests/`. Refuses to own any claim about
//! a client, and everything that no client of ours asks for: mail, attachments' bytes, plugins, users' settings.
//!
//! ```no_run
//! # async fn example() -> std::io::Result<()> {
//! use tidings_peers::{Gotify, GotifyOptions};
//!
//! let gotify = Gotify::start(GotifyOptions::default()).await?;
//! gotify.publish(&serde_json::json!({ "title": "Backup finished", "message": "212 GB", "priority": 5 }));
//! gotify.drop_sockets();
//! # Ok(()) }
//! ```
//!
//! What all models can be made to do is [`Front`]'s, which [`Gotify`] and [`Ntfy`] stand behind.

mod answer;
mod ask;
mod front;
mod gotify;
mod ledger;
mod ntfy;
mod seats;
mod socket;

pub use ask::Asked;
pub use front::{Door, Front};
pub use gotify::{Application, Edition, Gotify, GotifyOptions, Held};
pub use ledger::{Counts, Late};
pub use ntfy::{Access, Ntfy, NtfyOptions, RealNtfy};
