//! The machine's routes, as one number: `None` when no interface but loopback has any.

use std::hash::{DefaultHasher, Hash, Hasher};

/// Changes when routes do. What cannot be read counts as a network that never changes: a wrong "offline" would keep
/// the connection down, a missed change only delays it.
#[cfg(target_os = "linux")]
pub(super) fn fingerprint() -> Option<u64> {
    let Ok(v4) = std::fs::read_to_string("/proc/net/route") else { return Some(0) };
    let v6 = std::fs::read_to_string("/proc/net/ipv6_route").unwrap_or_default();
    of_tables(&v4, &v6)
}

/// Without the routing tables at hand: whether there is a way out, and from which address it starts. No packet is
/// sent by "connecting" a datagram socket.
#[cfg(not(target_os = "linux"))]
pub(super) fn fingerprint() -> Option<u64> {
    use std::net::{IpAddr, UdpSocket};

    // documentation addresses (RFC 5737, RFC 3849): any route there is a default route
    let from = |bind: &str, to: &str| -> Option<IpAddr> {
        let socket = UdpSocket::bind((bind, 0)).ok()?;
        socket.connect((to, 9)).ok()?;
        Some(socket.local_addr().ok()?.ip())
    };
    let ways = [from("0.0.0.0", "192.0.2.1"), from("::", "2001:db8::1")];
    ways.iter().any(Option::is_some).then(|| hash(&ways))
}

/// Reads the kernel's two tables. Link-local IPv6 routes exist on every interface that is up and reach nothing.
#[cfg(any(target_os = "linux", test))]
fn of_tables(v4: &str, v6: &str) -> Option<u64> {
    let v4 = v4.lines().skip(1).filter_map(|line| {
        // interface, destination, gateway, flags, refs, uses, metric, mask
        let columns: Vec<_> = line.split_whitespace().collect();
        let (interface, rest) = columns.split_first()?;
        (*interface != "lo")
            .then(|| [*interface, rest.first()?, rest.get(1)?, rest.get(6)?].map(str::to_owned).into())?
    });
    let v6 = v6.lines().filter_map(|line| {
        // destination, its length, source, its length, next hop, metric, refs, uses, flags, interface
        let columns: Vec<_> = line.split_whitespace().collect();
        let interface = *columns.get(9)?;
        let destination = *columns.first()?;
        let reaches = interface != "lo" && !destination.starts_with("fe80") && !destination.starts_with("ff");
        reaches
            .then(|| [interface, destination, columns.get(1)?, columns.get(4)?].map(str::to_owned).into())?
    });
    let mut routes: Vec<[String; 4]> = v4.chain(v6).collect();
    routes.sort();
    (!routes.is_empty()).then(|| hash(&routes))
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n";
    const ETH: &str = "eth0\t00000000\t010011AC\t0003\t0\t0\t0\t00000000\t0\t0\t0\n";
    const OTHER_GATEWAY: &str = "eth0\t00000000\t020011AC\t0003\t0\t0\t0\t00000000\t0\t0\t0\n";
    const LINK_LOCAL: &str = "fe800000000000000000000000000000 40 00000000000000000000000000000000 00 \
        00000000000000000000000000000000 00000100 00000001 00000000 00000001 eth0\n";
    const LOOPBACK: &str = "00000000000000000000000000000001 80 00000000000000000000000000000000 00 \
        00000000000000000000000000000000 00000000 00000003 00000000 80200001 lo\n";
    const GLOBAL: &str = "20010db8000000000000000000000000 40 00000000000000000000000000000000 00 \
        00000000000000000000000000000000 00000100 00000001 00000000 00000001 eth0\n";

    #[test]
    fn only_what_reaches_somewhere_counts() {
        assert_eq!(of_tables(HEAD, ""), None);
        assert_eq!(of_tables(HEAD, &format!("{LINK_LOCAL}{LOOPBACK}")), None);
        assert!(of_tables(&format!("{HEAD}{ETH}"), "").is_some());
        assert!(of_tables(HEAD, GLOBAL).is_some());
    }

    #[test]
    fn another_gateway_is_a_change_and_another_use_count_is_none() {
        let before = of_tables(&format!("{HEAD}{ETH}"), "");
        assert_ne!(before, of_tables(&format!("{HEAD}{OTHER_GATEWAY}"), ""));
        let used = ETH.replacen("0003\t0\t0\t0", "0003\t5\t7\t0", 1);
        assert_eq!(before, of_tables(&format!("{HEAD}{used}"), ""));
    }

    #[test]
    fn garbage_is_no_network_and_no_panic() {
        assert_eq!(of_tables("x\ny z\n\n", "a b c\n\n"), None);
    }

    #[test]
    fn this_machine_gives_the_same_answer_twice() {
        assert_eq!(fingerprint(), fingerprint());
    }
}
