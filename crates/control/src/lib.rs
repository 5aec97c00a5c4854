//! The control interface: how the window and the command line speak to the agent, over a local socket that belongs
//! to one user.
//!
//! Owns the typed requests, replies and events, their framing (one JSON object a line), the socket's place and its
//! permissions. Refuses to own any behaviour behind a request. No message of it ever carries a token; a password
//! crosses once, in [`Request::SignIn`].

mod client;
mod diagnostics;
mod failure;
#[cfg(fuzzing)]
pub mod fuzzing;
mod home;
mod listener;
mod model;
mod request;
mod settings;
mod wire;

pub use client::{Client, ConnectError, Events};
pub use diagnostics::{
    Diagnosis, Diagnostics, Health, Link, Part, PartKind, Reported, RoundTrip, Spell, Tls,
};
pub use failure::{Failure, FailureCode};
pub use home::{Home, HomeError};
pub use listener::{BindError, Listener, Outbox, Peer};
pub use model::{
    Account, Action, Attachment, Autostart, Cause, CauseKind, Colour, Dialect, Disposition, Exported,
    Foreign, Item, Notice, NoticeCode, Page, Persistence, Picture, Priority, Program, Proof, Route,
    SignInHint, Snapshot, State, Status, Topic,
};
pub use request::{
    AccountChange, Event, Hello, InboxQuery, Probed, ROWS_AT_ONCE, Reply, Request, Role, SignIn,
};
pub use settings::{
    DoNotDisturb, Language, Proxy, Quiet, QuietHours, Rule, Setting, Settings, Silence, Sound, Theme, Weekday,
};

/// Largest line either side accepts, in bytes. The largest legitimate one is a page of the inbox.
pub const MAX_LINE_BYTES: usize = 4 * 1024 * 1024;
