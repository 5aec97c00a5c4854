//! Pictures put together from messages as the kernel writes them.

use proptest::prelude::*;

use super::*;
use crate::surroundings::linux::message::{messages, request};

const ETH: u32 = 2;
const WIRE: u32 = 7;
const UP: u32 = LINK_UP | LINK_RUNNING;

fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
    let length = u16::try_from(4 + value.len()).unwrap();
    let mut bytes = [length.to_ne_bytes(), kind.to_ne_bytes()].concat();
    bytes.extend(value);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

fn link(index: u32, flags: u32) -> Vec<u8> {
    let words = [0, index, flags, 0];
    request(NEW_LINK, 0, &words.map(u32::to_ne_bytes).concat())
}

fn address(index: u32, address: &[u8], flags: u8) -> Vec<u8> {
    let mut body = vec![0, 24, flags, 0];
    body.extend(index.to_ne_bytes());
    body.extend(attribute(1, address));
    // when it was made and for how long it is good, which changes all the time
    body.extend(attribute(6, &std::process::id().to_ne_bytes()));
    request(NEW_ADDRESS, 0, &body)
}

/// A route; what is not asked for is zero.
#[derive(Clone, Default)]
struct Drawn<'a> {
    to: &'a [u8],
    by: &'a [u8],
    link: u32,
    table: u8,
    kind: u8,
    flags: u32,
    metric: u32,
}

impl Drawn<'_> {
    fn message(&self) -> Vec<u8> {
        let mut body = vec![2, u8::try_from(self.to.len()).unwrap() * 8, 0, 0, self.table, 0, 0, self.kind];
        body.extend(self.flags.to_ne_bytes());
        if !self.to.is_empty() {
            body.extend(attribute(1, self.to));
        }
        if !self.by.is_empty() {
            body.extend(attribute(5, self.by));
        }
        body.extend(attribute(4, &self.link.to_ne_bytes()));
        body.extend(attribute(6, &self.metric.to_ne_bytes()));
        request(NEW_ROUTE, 0, &body)
    }
}

fn default() -> Drawn<'static> {
    Drawn { by: &[10, 0, 0, 1], link: ETH, table: 254, kind: ROUTE_UNICAST, ..Drawn::default() }
}

fn look(parts: &[Vec<u8>]) -> Look {
    let mut picture = Picture::default();
    messages(&parts.concat()).for_each(|message| picture.add(message));
    picture.look()
}

fn usable(parts: &[Vec<u8>]) -> bool {
    look(parts) != Look::Nothing
}

/// An ordinary machine, with one thing more.
fn with(more: &[Vec<u8>]) -> Look {
    let ordinary =
        [link(1, UP | LINK_LOOPBACK), link(ETH, UP), address(ETH, &[10, 0, 0, 2], 0), default().message()];
    look(&[&ordinary[..], more].concat())
}

#[test]
fn a_default_route_a_neighbourhood_or_a_tunnel_is_a_network() {
    assert!(usable(&[link(ETH, UP), default().message()]));
    assert!(usable(&[link(ETH, UP), Drawn { to: &[10, 0, 0, 0], by: &[], ..default() }.message()]));
    assert!(usable(&[link(ETH, UP), Drawn { table: 0, by: &[], ..default() }.message()]), "another table");
}

#[test]
fn what_leads_nowhere_is_no_network() {
    let nowhere = [
        ("the loopback", link(ETH, UP | LINK_LOOPBACK), default()),
        ("a link that is down", link(ETH, 0), default()),
        ("a link without a carrier", link(ETH, LINK_UP), default()),
        ("a link that is not there", link(WIRE, UP), default()),
        ("a route that says so", link(ETH, UP), Drawn { flags: 0x10, ..default() }),
        ("the machine's own addresses", link(ETH, UP), Drawn { table: 255, ..default() }),
        ("a route that refuses", link(ETH, UP), Drawn { kind: 7, ..default() }),
        ("a memory of a packet", link(ETH, UP), Drawn { flags: ROUTE_CLONED, ..default() }),
        ("an address that nobody gave", link(ETH, UP), Drawn { to: &[169, 254, 0, 0], ..default() }),
        ("many at once", link(ETH, UP), Drawn { to: &[224, 0, 0, 0], ..default() }),
    ];
    for (what, link, route) in nowhere {
        assert!(!usable(&[link, route.message()]), "{what}");
    }
    let mut local = [0; 16];
    for (first, second) in [(0xfe, 0x80), (0xff, 0)] {
        (local[0], local[1]) = (first, second);
        assert!(!usable(&[link(ETH, UP), Drawn { to: &local, ..default() }.message()]));
    }
    assert!(!usable(&[]));
}

#[test]
fn another_gateway_metric_address_or_link_is_another_network() {
    let before = with(&[]);
    let routed = |route: Drawn<'_>| {
        look(&[link(ETH, UP), link(WIRE, UP), address(ETH, &[10, 0, 0, 2], 0), route.message()])
    };
    assert_eq!(before, routed(default()));
    assert_ne!(before, routed(Drawn { by: &[10, 0, 0, 9], ..default() }));
    assert_ne!(before, routed(Drawn { metric: 100, ..default() }));
    assert_ne!(before, routed(Drawn { link: WIRE, ..default() }));
    assert_ne!(before, with(&[address(ETH, &[10, 0, 0, 3], 0)]));
}

#[test]
fn what_matters_to_nobody_changes_nothing() {
    let before = with(&[]);
    let mut local = [0; 16];
    (local[0], local[1]) = (0xfe, 0x80);
    let nothing = [
        ("a container's wire", link(WIRE, UP)),
        ("an address that leads nowhere", address(WIRE, &[172, 17, 0, 1], 0)),
        (
            "a bridge without a carrier",
            Drawn { to: &[172, 17, 0, 0], by: &[], link: WIRE, flags: 0x10, ..default() }.message(),
        ),
        ("a link-local address", address(ETH, &local, 0)),
        ("an address that is still checked", address(ETH, &[10, 0, 0, 7], 0x40)),
    ];
    for (what, message) in nothing {
        assert_eq!(before, with(&[message]), "{what}");
    }
}

#[test]
fn of_several_hops_those_count_that_run() {
    let hop = |link: u32, flags: u8, gateway: u8| {
        let gateway = attribute(5, &[10, 0, 0, gateway]);
        let length = u16::try_from(8 + gateway.len()).unwrap();
        let mut bytes = length.to_ne_bytes().to_vec();
        bytes.extend([flags, 0]);
        bytes.extend(link.to_ne_bytes());
        bytes.extend(gateway);
        bytes
    };
    let route = |hops: &[Vec<u8>]| {
        let mut body = vec![2, 0, 0, 0, 254, 0, 0, ROUTE_UNICAST, 0, 0, 0, 0];
        body.extend(attribute(9, &hops.concat()));
        look(&[link(ETH, UP), request(NEW_ROUTE, 0, &body)])
    };
    assert_ne!(route(&[hop(ETH, 0, 1), hop(WIRE, 0, 2)]), Look::Nothing);
    assert_eq!(route(&[hop(ETH, 0, 1), hop(WIRE, 0, 2)]), route(&[hop(ETH, 0, 1)]));
    assert_ne!(route(&[hop(ETH, 0, 1)]), route(&[hop(ETH, 0, 9)]));
    assert_eq!(route(&[hop(ETH, HOP_UNUSABLE, 1), hop(WIRE, 0, 2)]), Look::Nothing);
}

proptest! {
    #[test]
    fn garbage_is_left_out(kind in 15_u16..27, body in proptest::collection::vec(any::<u8>(), 0..120)) {
        look(&[request(kind, 0, &body)]);
    }
}
