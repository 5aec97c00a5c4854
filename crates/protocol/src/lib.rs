//! The wire types of the Tidings protocol, version 1: what a client and a server say to each other.
//!
//! Owns the shape of every HTTP body and socket message, the names of error codes and close codes, and the one
//! [`Secret`] type. Refuses to own any I/O, any retry rule, and any storage. The reference is `docs/protocol.md`.
//!
//! Unknown fields are ignored and unknown message types are reported as [`Decoded::Unknown`], never as errors, so
//! that an old client goes on working with a new server.

mod api;
mod close;
mod code;
mod legible;
mod lenient;
mod message;
mod notification;
mod secret;

pub use api::{
    Device, Flow, GuestRequest, Info, LoginRequest, Platform, PublishReceipt, PublishRequest, RefreshRequest,
    Session, TicketResponse, To, User,
};
pub use close::CloseCode;
pub use code::{Code, ErrorBody, ErrorDetail};
pub use legible::is_legible;
pub use message::{
    AuthError, AuthSuccess, ClientMessage, Decoded, Goodbye, MalformedMessage, Resumed, ServerMessage,
};
pub use notification::{Action, Attachment, Notification, Priority};
pub use secret::Secret;

/// The version of the protocol that this crate speaks (`protocol` in [`Info`]).
pub const VERSION: u32 = 1;

/// Largest text frame either side accepts, in bytes (1 MiB; `docs/protocol.md` §3).
pub const MAX_FRAME_BYTES: usize = 1024 * 1024;

/// Default seconds between keepalive pings (`keepalive_seconds` in [`Info`]).
pub const KEEPALIVE_SECONDS: u64 = 30;

/// How long a client has to send its first `auth` message in the token flow, in seconds.
pub const AUTH_DEADLINE_SECONDS: u64 = 10;

/// Life of a ticket in seconds.
pub const TICKET_SECONDS: u64 = 30;

/// Ids that always fit into one `read` message (`docs/protocol.md` §3).
pub const MAX_READ_IDS: usize = 1000;
