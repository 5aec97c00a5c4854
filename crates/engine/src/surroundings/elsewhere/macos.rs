//! The kernel's routing socket, netlink's elder sibling: it needs neither a privilege nor a thread.

use std::{io, os::fd::OwnedFd};

use rustix::{
    io::{Errno, FdFlags, fcntl_getfd, fcntl_setfd},
    net::{AddressFamily, RecvFlags, SocketType, recv, socket},
};
use tokio::io::unix::AsyncFd;

use crate::surroundings::descriptor::readable;

/// More than any message.
const MESSAGE: usize = 2 * 1024;

/// A route has been added, deleted or changed.
const ROUTE: std::ops::RangeInclusive<u8> = 1..=3;
/// An interface, or an address of one, has changed.
const INTERFACE: &[u8] = &[0xc, 0xd, 0xe, 0x12];

/// Through a gateway; to one host alone.
const GATEWAY: u32 = 0x2;
const HOST: u32 = 0x4;

/// The socket, and what it has said of ways out.
#[derive(Debug)]
pub(super) struct Hints {
    socket: AsyncFd<OwnedFd>,
    ways: u64,
}

impl Hints {
    pub(super) fn open() -> io::Result<Self> {
        let socket = socket(AddressFamily::ROUTE, SocketType::RAW, None)?;
        fcntl_setfd(&socket, fcntl_getfd(&socket)? | FdFlags::CLOEXEC)?;
        Ok(Self { socket: readable(socket)?, ways: 0 })
    }

    /// Returns at the next hint. Cancel safe.
    pub(super) async fn next(&mut self) -> io::Result<()> {
        let Self { socket, ways } = self;
        loop {
            let mut ready = socket.readable().await?;
            match read(socket.get_ref(), ways) {
                Ok(true) => return Ok(()),
                Ok(false) => {}
                Err(Errno::WOULDBLOCK) => ready.clear_ready(),
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Takes in what waits; true if any of it matters.
    pub(super) fn drain(&mut self) -> bool {
        let mut any = false;
        while let Ok(matters) = read(self.socket.get_ref(), &mut self.ways) {
            any |= matters;
        }
        any
    }

    /// Another number after a way out has changed: a new gateway on the same interface leaves every address as it is.
    pub(super) fn ways(&self) -> u64 {
        self.ways
    }
}

fn read(socket: &OwnedFd, ways: &mut u64) -> Result<bool, Errno> {
    let mut message = [0; MESSAGE];
    match recv(socket, &mut message[..], RecvFlags::DONTWAIT) {
        Ok((length, _)) => Ok(take(message.get(..length).unwrap_or_default(), ways)),
        // more than the kernel could keep: it does not matter which
        Err(Errno::NOBUFS) => Ok(true),
        Err(Errno::INTR) => Ok(false),
        Err(error) => Err(error),
    }
}

fn take(message: &[u8], ways: &mut u64) -> bool {
    // length, version, kind; then, for a route, an interface and flags
    let Some(kind) = message.get(3) else { return false };
    let flags = message.get(8..12).and_then(|flags| flags.try_into().ok()).map_or(0, u32::from_ne_bytes);
    if ROUTE.contains(kind) && flags & GATEWAY != 0 && flags & HOST == 0 {
        *ways += 1;
        return true;
    }
    INTERFACE.contains(kind)
}
