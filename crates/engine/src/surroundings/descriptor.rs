//! Waiting for a file descriptor that tokio has no type of its own for.

use std::{io, os::fd::OwnedFd};

use tokio::io::{Interest, unix::AsyncFd};

/// Waits for what can be read from it.
#[expect(
    deprecated,
    reason = "the safe way in is deprecated for types that may change or close their descriptor, which this never does"
)]
pub(super) fn readable(descriptor: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    AsyncFd::with_interest(descriptor, Interest::READABLE)
}
