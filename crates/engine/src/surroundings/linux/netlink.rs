//! The kernel's network, by netlink: hears that something has changed, and asks for what is there.
//!
//! Owns two kinds of sockets: one for the life of the process, on which the kernel says that links, addresses or routes
//! have changed, and one for each look. Where the first is refused (a sandbox), the caller has to look by itself.

use std::{io, os::fd::OwnedFd};

use rustix::{
    io::Errno,
    net::{
        AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, bind, netlink::SocketAddrNetlink, recv,
        send, socket_with,
    },
};
use tokio::io::unix::AsyncFd;

use super::{
    message::{attributes, messages, request, u32_at},
    picture::{ADDRESS, GET_ADDRESS, GET_LINK, GET_ROUTE, LINK, NEW_LINK, Picture, ROUTE},
};
use crate::surroundings::descriptor::readable;

/// Links, and addresses and routes of IPv4 and IPv6.
const GROUPS: u32 = 0x1 | 0x10 | 0x40 | 0x100 | 0x400;

/// The kernel fills no datagram of an answer beyond this.
const DATAGRAM: usize = 32 * 1024;

/// Hints are not read for what they say, but for one thing, which is at their beginning.
const HINT: usize = 4 * 1024;

const REQUEST: u16 = 0x1;
/// All there are.
const DUMP: u16 = 0x300;
/// Something has changed while the answer was written.
const INTERRUPTED: u16 = 0x10;
const ERROR: u16 = 2;
const DONE: u16 = 3;

/// A wireless driver says something about its scanning, and nothing about the link.
const WIRELESS: u16 = 11;

/// The socket on which the kernel speaks up.
#[derive(Debug)]
pub(super) struct Hints(AsyncFd<OwnedFd>);

impl Hints {
    pub(super) fn open() -> io::Result<Self> {
        let socket = socket(SocketFlags::CLOEXEC | SocketFlags::NONBLOCK)?;
        bind(&socket, &SocketAddrNetlink::new(0, GROUPS))?;
        Ok(Self(readable(socket)?))
    }

    /// Returns at the next one. Cancel safe.
    ///
    /// # Errors
    /// When there will be no more.
    pub(super) async fn next(&self) -> io::Result<()> {
        loop {
            let mut ready = self.0.readable().await?;
            if self.drain()? {
                return Ok(());
            }
            ready.clear_ready();
        }
    }

    /// Takes in those that wait; true if there were any that matter.
    pub(super) fn drain(&self) -> io::Result<bool> {
        let mut any = false;
        let mut datagram = vec![0; HINT];
        loop {
            match recv(self.0.get_ref(), &mut datagram[..], RecvFlags::empty()) {
                Ok((length, _)) => any |= matters(datagram.get(..length).unwrap_or_default()),
                // more than the kernel could keep: it does not matter which
                Err(Errno::NOBUFS) => any = true,
                Err(Errno::INTR) => {}
                Err(Errno::WOULDBLOCK) => return Ok(any),
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// All that is there now.
///
/// # Errors
/// When the kernel does not answer, or changes it over and over while it does.
pub(super) fn picture() -> io::Result<Picture> {
    let mut picture = Picture::default();
    for (kind, length) in [(GET_LINK, LINK), (GET_ADDRESS, ADDRESS), (GET_ROUTE, ROUTE)] {
        ask(kind, length, &mut picture)?;
    }
    Ok(picture)
}

fn ask(kind: u16, length: usize, picture: &mut Picture) -> io::Result<()> {
    let socket = socket(SocketFlags::CLOEXEC)?;
    // all zero is of every family, and nothing in particular
    send(&socket, &request(kind, REQUEST | DUMP, &vec![0; length]), SendFlags::empty())?;
    let mut datagram = vec![0; DATAGRAM];
    loop {
        // the kernel writes the answer while it is asked for it, so there is never anything to wait for
        let flags = RecvFlags::DONTWAIT | RecvFlags::TRUNC;
        let (_, length) = recv(&socket, &mut datagram[..], flags)?;
        let datagram = datagram.get(..length).ok_or(io::ErrorKind::InvalidData)?;
        for message in messages(datagram) {
            match message.kind {
                DONE => return Ok(()),
                ERROR => {
                    let code = u32_at(message.body, 0).unwrap_or_default();
                    return Err(io::Error::from_raw_os_error(code.cast_signed().wrapping_neg()));
                }
                _ if message.flags & INTERRUPTED != 0 => return Err(io::ErrorKind::Interrupted.into()),
                _ => picture.add(message),
            }
        }
    }
}

fn socket(flags: SocketFlags) -> io::Result<OwnedFd> {
    // without a protocol it is the one for routes
    Ok(socket_with(AddressFamily::NETLINK, SocketType::RAW, flags, None)?)
}

fn matters(datagram: &[u8]) -> bool {
    messages(datagram).any(|message| {
        message.kind != NEW_LINK || !attributes(message.body, LINK).any(|(kind, _)| kind == WIRELESS)
    })
}
