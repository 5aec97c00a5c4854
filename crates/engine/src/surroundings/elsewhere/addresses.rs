//! What the network looks like, without the routing tables: the addresses of interfaces that work, and from which of
//! them the ways out start.

use std::{
    collections::BTreeSet,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    net::{IpAddr, UdpSocket},
};

use crate::surroundings::watcher::Look;

/// `ways` is another number when a way out has changed that starts from the same address.
pub(super) fn look(ways: u64) -> Option<Look> {
    let interfaces = if_addrs::get_if_addrs().ok()?;
    let addresses: BTreeSet<_> = interfaces
        .iter()
        .filter(|interface| interface.is_oper_up() && reaches(interface.ip()))
        .map(|interface| (interface.index, interface.ip()))
        .collect();
    if addresses.is_empty() {
        return Some(Look::Nothing);
    }
    // documentation addresses (RFC 5737, RFC 3849): any route there is a default route
    let starts = [start("0.0.0.0", "192.0.2.1"), start("::", "2001:db8::1")];
    let mut hasher = DefaultHasher::new();
    (&addresses, starts, ways).hash(&mut hasher);
    Some(Look::Usable(hasher.finish()))
}

/// No packet is sent by "connecting" a datagram socket.
fn start(bind: &str, to: &str) -> Option<IpAddr> {
    let socket = UdpSocket::bind((bind, 0)).ok()?;
    socket.connect((to, 9)).ok()?;
    Some(socket.local_addr().ok()?.ip())
}

/// False for what only the machine or the link itself can be reached by: it is there without any network.
fn reaches(address: IpAddr) -> bool {
    let local = match address {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => address.is_unicast_link_local(),
    };
    !local && !address.is_loopback() && !address.is_unspecified()
}
