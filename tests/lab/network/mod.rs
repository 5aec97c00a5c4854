//! A network of namespaces: a client, a router and a server, joined by cables that can be pulled.
//!
//! Owns how it is laid and how it is disturbed. Everything in it ends with the process that laid it, however that ends:
//! the namespaces have no names, and live only as long as a program that waits for the end of its input.
//!
//! ```text
//! client: cable 10.1.0.10 ──── 10.1.0.1, 10.1.0.2 (two gateways) :router: 10.2.0.1 ──── 10.2.0.2 :server
//!         radio 10.3.0.10 ──── 10.3.0.1
//! ```
//!
//! Each 10.N.0.x is fd00:N::x as well. The radio is down until somebody asks for it.

mod namespace;
mod outpost;

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Instant,
};

use crate::Outcome;

use namespace::Holder;

pub use namespace::Namespace;
pub use outpost::{ConnectProxy, Knocker, Outpost};

/// Where the server's end of the way is.
const SERVER_V4: Ipv4Addr = Ipv4Addr::new(10, 2, 0, 2);
const SERVER_V6: Ipv6Addr = Ipv6Addr::new(0xfd00, 2, 0, 0, 0, 0, 0, 2);

/// Any port will do: nobody else is in the network.
const PORT: u16 = 8740;

/// How the router forwards, and the server and the client are reached. Without duplicate address detection, which takes
/// a second and has nobody to detect.
const ROUTER: &str = "\
link set lo up
link add cable type veth peer name cable netns {client}
link add radio type veth peer name radio netns {client}
link add hall type veth peer name hall netns {server}
address add 10.1.0.1/24 dev cable
address add 10.1.0.2/24 dev cable
address add fd00:1::1/64 dev cable nodad
address add 10.3.0.1/24 dev radio
address add fd00:3::1/64 dev radio nodad
address add 10.2.0.1/24 dev hall
address add fd00:2::1/64 dev hall nodad
link set cable up
link set radio up
link set hall up
";

const SERVER: &str = "\
link set lo up
address add 10.2.0.2/24 dev hall
address add fd00:2::2/64 dev hall nodad
link set hall up
route add default via 10.2.0.1
route add default via fd00:2::1
";

const CLIENT: &str = "\
link set lo up
address add 10.1.0.10/24 dev cable
address add fd00:1::10/64 dev cable nodad
";

/// What a client of the network does when its cable is plugged in: routes do not outlive their link, nor do addresses of
/// IPv6.
const PLUG: &str = "\
link set cable up
address replace fd00:1::10/64 dev cable nodad
route replace default via 10.1.0.1 metric 100
route replace default via fd00:1::1 metric 100
";

const TUNE_IN: &str = "\
address replace 10.3.0.10/24 dev radio
address replace fd00:3::10/64 dev radio nodad
link set radio up
route replace default via 10.3.0.1 metric 50
route replace default via fd00:3::1 metric 50
";

/// Drops what passes the router in either direction; neither end is told.
const SILENCE: &str = "\
table inet lab {
    chain forward { type filter hook forward priority 0; policy drop; }
}
";

/// See the module.
#[derive(Debug)]
pub struct Network {
    client: Namespace,
    router: Namespace,
    server: Namespace,
    _holders: [Holder; 3],
}

impl Network {
    /// Lays one, with the cable plugged in and the radio off.
    ///
    /// # Errors
    /// When the system refuses; the message says what.
    pub async fn start() -> Outcome<Self> {
        let (client_holder, client) = Namespace::first().await?;
        let (router_holder, router) = client.another().await?;
        let (server_holder, server) = client.another().await?;
        let ids = [("{client}", client.pid()), ("{server}", server.pid())];
        let named = |text: &str| {
            ids.iter().fold(text.to_owned(), |text, (name, pid)| text.replace(name, &pid.to_string()))
        };
        let network =
            Self { client, router, server, _holders: [server_holder, router_holder, client_holder] };
        network.router.forward().await?;
        network.router.ip(&named(ROUTER)).await?;
        network.server.ip(SERVER).await?;
        network.client.ip(CLIENT).await?;
        network.plug().await?;
        Ok(network)
    }

    /// Where an agent is to live.
    pub fn client(&self) -> &Namespace {
        &self.client
    }

    /// What is between them: where a proxy lives.
    pub fn router(&self) -> &Namespace {
        &self.router
    }

    /// Where a server is to live.
    pub fn server(&self) -> &Namespace {
        &self.server
    }

    /// Where a server listens.
    pub fn server_address() -> SocketAddr {
        (IpAddr::from(SERVER_V4), PORT).into()
    }

    /// Where a server listens that takes both kinds of addresses for its own.
    pub fn server_address_v6() -> SocketAddr {
        (IpAddr::from(SERVER_V6), PORT).into()
    }

    /// The client's cable is switched off at its own end: its routes go with it.
    ///
    /// # Errors
    /// When the system refuses.
    pub async fn unplug(&self) -> Outcome {
        self.client.ip("link set cable down").await
    }

    /// The client's cable is switched on, with the routes that a network gives.
    ///
    /// # Errors
    /// When the system refuses.
    pub async fn plug(&self) -> Outcome {
        self.client.ip(PLUG).await
    }

    /// As [`Self::plug`], with the time at which the system was told to: starting `ip` takes longer than what it does.
    ///
    /// # Errors
    /// When the system refuses.
    pub async fn plug_quickly(&self) -> Outcome<Instant> {
        self.client.ip_at_once(PLUG).await
    }

    /// The client's cable is pulled at the other end: addresses and routes stay, and lead nowhere.
    ///
    /// # Errors
    /// When the system refuses.
    pub async fn pull(&self) -> Outcome {
        self.router.ip("link set cable down").await
    }

    /// The cable is back at the other end.
    ///
    /// # Errors
    /// When the system refuses.
    pub async fn put_back(&self) -> Outcome {
        self.router.ip("link set cable up\naddress replace fd00:1::1/64 dev cable nodad").await
    }

    /// The client's radio finds a network, and is preferred from now on.
    ///
    /// # Errors
    /// When the system refuses.
    pub async fn tune_in(&self) -> Outcome {
        self.client.ip(TUNE_IN).await
    }

    /// Another gateway on the same cable.
    ///
    /// # Errors
    /// When the system refuses.
    pub async fn change_gateway(&self) -> Outcome {
        self.client.ip("route replace default via 10.1.0.2 metric 100").await
    }

    /// One more address of the client; those that it has stay.
    ///
    /// # Errors
    /// When the system refuses.
    pub async fn add_address(&self) -> Outcome {
        self.client.ip("address add 10.1.0.11/24 dev cable").await
    }

    /// The client's address is replaced: what was connected from the old one cannot go on.
    ///
    /// # Errors
    /// When the system refuses.
    pub async fn change_address(&self) -> Outcome {
        let change = "address delete 10.1.0.10/24 dev cable\naddress replace 10.1.0.11/24 dev cable\n";
        self.client.ip(&format!("{change}{PLUG}")).await
    }

    /// From now on, whatever passes the router is dropped, both ways, and nobody is told.
    ///
    /// # Errors
    /// When the system refuses.
    pub async fn silence(&self) -> Outcome {
        self.router.nft(SILENCE).await
    }

    /// The end of [`Self::silence`].
    ///
    /// # Errors
    /// When the system refuses.
    pub async fn speak(&self) -> Outcome {
        self.router.nft("delete table inet lab").await
    }
}
