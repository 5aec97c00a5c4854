//! What the kernel says about links, addresses and routes, and what of it matters. Pure: fed with messages, it answers
//! with a [`Look`].
//!
//! A network is usable when a route leads somewhere: through a link that runs (is up and has a carrier), is not the
//! loopback, and to more than the link itself. There need not be a default route: the server may be a neighbour, or
//! behind a tunnel. A link without such a route, like each end of a container's wire into a bridge, matters to nobody,
//! so containers that come and go change nothing.

use std::{
    collections::BTreeSet,
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

use super::message::{Message, attributes, split, u8_at, u16_at, u32_at};
use crate::surroundings::watcher::Look;

pub(super) const NEW_LINK: u16 = 16;
pub(super) const GET_LINK: u16 = 18;
const NEW_ADDRESS: u16 = 20;
pub(super) const GET_ADDRESS: u16 = 22;
const NEW_ROUTE: u16 = 24;
pub(super) const GET_ROUTE: u16 = 26;

/// Length of the fixed part of a message about a link; an address; a route; and of a hop of a route with several.
pub(super) const LINK: usize = 16;
pub(super) const ADDRESS: usize = 8;
pub(super) const ROUTE: usize = 12;
const HOP: usize = 8;

const LINK_UP: u32 = 1;
const LINK_LOOPBACK: u32 = 8;
/// Up, with a carrier, and past whatever has to be negotiated first.
const LINK_RUNNING: u32 = 0x40;

/// Not to be used (yet): another machine may have it.
const ADDRESS_TENTATIVE: u32 = 0x40;
const ADDRESS_FAILED: u32 = 0x08;

const TABLE_LOCAL: u32 = 255;
const ROUTE_UNICAST: u8 = 1;
/// A memory of where one packet went, not a rule.
const ROUTE_CLONED: u32 = 0x200;
/// Dead, or its link has no carrier.
const HOP_UNUSABLE: u8 = 0x01 | 0x10;

/// The links that run, and what goes through any link.
#[derive(Debug, Default)]
pub(super) struct Picture {
    links: BTreeSet<u32>,
    addresses: BTreeSet<Address>,
    routes: BTreeSet<Route>,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Address {
    link: u32,
    address: Vec<u8>,
    length: u8,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Route {
    table: u32,
    destination: Vec<u8>,
    length: u8,
    metric: u32,
    source: Vec<u8>,
    hops: Vec<Hop>,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Hop {
    link: u32,
    gateway: Vec<u8>,
}

impl Picture {
    /// Takes one message in. What is incomplete is left out.
    pub(super) fn add(&mut self, message: Message<'_>) {
        match message.kind {
            NEW_LINK => self.links.extend(running(message.body)),
            NEW_ADDRESS => self.addresses.extend(address(message.body)),
            NEW_ROUTE => self.routes.extend(route(message.body)),
            _ => {}
        }
    }

    /// What of it matters.
    pub(super) fn look(mut self) -> Look {
        let links = &self.links;
        let routes: Vec<_> = std::mem::take(&mut self.routes)
            .into_iter()
            .filter_map(|mut route| {
                route.hops.retain(|hop| links.contains(&hop.link));
                (!route.hops.is_empty()).then_some(route)
            })
            .collect();
        if routes.is_empty() {
            return Look::Nothing;
        }
        let used: BTreeSet<_> = routes.iter().flat_map(|route| &route.hops).map(|hop| hop.link).collect();
        self.addresses.retain(|address| used.contains(&address.link));
        let mut hasher = DefaultHasher::new();
        (&routes, &self.addresses).hash(&mut hasher);
        Look::Usable(hasher.finish())
    }
}

/// The link's number, if it runs.
fn running(body: &[u8]) -> Option<u32> {
    let flags = u32_at(body, 8)?;
    let runs = flags & LINK_UP != 0 && flags & LINK_RUNNING != 0 && flags & LINK_LOOPBACK == 0;
    if runs { u32_at(body, 4) } else { None }
}

fn address(body: &[u8]) -> Option<Address> {
    let mut address = Address { link: u32_at(body, 4)?, address: Vec::new(), length: u8_at(body, 1)? };
    let mut flags = u32::from(u8_at(body, 2)?);
    let mut local = None;
    for (kind, value) in attributes(body, ADDRESS) {
        match kind {
            1 => address.address = value.to_vec(),
            // of a link between two ends, the first is the other one's
            2 => local = Some(value.to_vec()),
            8 => flags = u32_at(value, 0)?,
            _ => {}
        }
    }
    address.address = local.unwrap_or(address.address);
    let works = flags & (ADDRESS_TENTATIVE | ADDRESS_FAILED) == 0;
    (works && reaches(&address.address)).then_some(address)
}

fn route(body: &[u8]) -> Option<Route> {
    let (kind, flags) = (u8_at(body, 7)?, u32_at(body, 8)?);
    let mut route = Route {
        table: u8_at(body, 4)?.into(),
        destination: Vec::new(),
        length: u8_at(body, 1)?,
        metric: 0,
        source: Vec::new(),
        hops: Vec::new(),
    };
    let mut gateway = Vec::new();
    let mut link = None;
    for (kind, value) in attributes(body, ROUTE) {
        match kind {
            1 => route.destination = value.to_vec(),
            4 => link = u32_at(value, 0),
            // of the route's own family, or of another one
            5 | 18 => gateway = value.to_vec(),
            6 => route.metric = u32_at(value, 0)?,
            7 => route.source = value.to_vec(),
            9 => route.hops = hops(value),
            15 => route.table = u32_at(value, 0)?,
            _ => {}
        }
    }
    // the lowest byte of the flags is that of the only hop
    if let Some(link) = link
        && route.hops.is_empty()
        && flags & u32::from(HOP_UNUSABLE) == 0
    {
        route.hops.push(Hop { link, gateway });
    }
    let leads = kind == ROUTE_UNICAST
        && flags & ROUTE_CLONED == 0
        && route.table != TABLE_LOCAL
        && reaches(&route.destination);
    leads.then_some(route)
}

/// The hops of a route with several.
fn hops(value: &[u8]) -> Vec<Hop> {
    split(value, HOP, |header| u16_at(header, 0))
        .filter(|(header, _)| u8_at(header, 2).is_some_and(|flags| flags & HOP_UNUSABLE == 0))
        .filter_map(|(header, body)| {
            let gateway = attributes(body, 0).find(|(kind, _)| matches!(kind, 5 | 18));
            Some(Hop {
                link: u32_at(header, 4)?,
                gateway: gateway.map_or(Vec::new(), |(_, value)| value.to_vec()),
            })
        })
        .collect()
}

/// False for what only the link itself can be reached by: such addresses exist without any network.
fn reaches(address: &[u8]) -> bool {
    match address {
        [169, 254, _, _] => false,
        [first, _, _, _] => *first < 224,
        [0xfe, second, rest @ ..] if rest.len() == 14 => second & 0xc0 != 0x80,
        [0xff, rest @ ..] if rest.len() == 15 => false,
        _ => true,
    }
}

#[cfg(test)]
#[path = "picture_tests.rs"]
mod tests;
