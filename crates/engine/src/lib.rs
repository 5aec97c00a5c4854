//! One account's live connection to a notification server: signing in, opening the socket, keeping it, and coming
//! back after every kind of failure.
//!
//! Owns the rules of `docs/protocol.md` on the client's side: the order of an attempt, the failure table, backoff,
//! keepalive, tokens, and the replay of what was missed. Refuses to own storage (see [`Store`]), the keychain, and
//! anything that a person sees: whoever uses it watches a [`Status`] and takes in [`Event`]s.
//!
//! ```no_run
//! use tidings_engine::{Connection, Endpoint, Event, MemoryStore, Options, Surroundings, Transport};
//! # async fn example(session: tidings_engine::StoredSession) -> Result<(), Box<dyn std::error::Error>> {
//! let endpoint = Endpoint::parse("alerts.example.com", tidings_protocol::Flow::Ticket, false)?;
//! let store = MemoryStore::signed_in(session);
//! // both once per process, however many connections there are
//! let (transport, surroundings) = (Transport::new()?, Surroundings::watch());
//! let (connection, mut events) =
//!     Connection::start(endpoint, Options::default(), transport, surroundings, store);
//! while let Some(event) = events.recv().await {
//!     if let Event::Notification(arrival) = event {
//!         tracing::info!(title = arrival.notification.title, "arrived");
//!     }
//! }
//! connection.shutdown().await;
//! # Ok(())
//! # }
//! ```

mod address;
mod auth;
mod backoff;
mod clock;
mod dialect;
mod driver;
mod event;
#[cfg(test)]
mod fakes;
#[cfg(fuzzing)]
pub mod fuzzing;
mod handle;
mod keepalive;
mod machine;
mod options;
mod paths;
mod sign_in;
#[cfg(test)]
mod simulation;
mod status;
mod store;
mod surroundings;
mod transport;
mod verdict;

pub use address::{AddressError, Endpoint, Following};
pub use backoff::Backoff;
pub use dialect::Dialect;
pub use event::{Arrival, Event, Events};
pub use handle::Connection;
pub use options::{Deadlines, Options};
pub use paths::{PathError, Paths};
pub use sign_in::{
    Found, SignInError, SignedIn, check_topics, delete, detect, probe, sign_in, sign_in_as_guest,
    sign_in_with_token, sign_out,
};
pub use status::{
    Cause, CauseKind, Diagnosis, Link, Phase, Reported, Retry, RoundTrip, State, Status, TlsLink,
};
pub use store::{Cursor, GarbledSession, MemoryStore, Store, StoreError, StoredSession};
pub use surroundings::{Announcer, Change, Jumps, Surroundings, View};
pub use transport::{
    Brought, Errand, ErrandError, FileTrouble, Ground, ProxyChoice, TlsFile, TlsFileError, TlsFiles,
    Transport, TransportError, Verb,
};
