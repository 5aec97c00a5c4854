//! The kernel's routing tables as text: what there is to look at where netlink is refused. Blind to links without a
//! carrier, to addresses, and to tables other than the main one.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use crate::surroundings::watcher::Look;

/// What the tables say; `None` if they cannot be read.
pub(super) fn look() -> Option<Look> {
    let v4 = std::fs::read_to_string("/proc/net/route").ok()?;
    // a kernel without IPv6 has no such table
    let v6 = std::fs::read_to_string("/proc/net/ipv6_route").unwrap_or_default();
    Some(of_tables(&v4, &v6))
}

fn of_tables(v4: &str, v6: &str) -> Look {
    let v4 = v4.lines().skip(1).filter_map(|line| {
        // interface, destination, gateway, flags, refs, uses, metric, mask
        let columns: Vec<_> = line.split_whitespace().collect();
        let (interface, destination) = (*columns.first()?, *columns.get(1)?);
        // 169.254.0.0 in the byte order of most machines, and of the others
        let reaches = interface != "lo" && !destination.ends_with("FEA9") && !destination.starts_with("A9FE");
        reaches
            .then(|| [interface, destination, columns.get(2)?, columns.get(7)?].map(str::to_owned).into())?
    });
    let v6 = v6.lines().filter_map(|line| {
        // destination, its length, source, its length, next hop, metric, refs, uses, flags, interface
        let columns: Vec<_> = line.split_whitespace().collect();
        let (interface, destination) = (*columns.get(9)?, *columns.first()?);
        let reaches = interface != "lo" && !destination.starts_with("fe80") && !destination.starts_with("ff");
        reaches
            .then(|| [interface, destination, columns.get(1)?, columns.get(4)?].map(str::to_owned).into())?
    });
    let mut routes: Vec<[String; 4]> = v4.chain(v6).collect();
    routes.sort();
    if routes.is_empty() {
        return Look::Nothing;
    }
    let mut hasher = DefaultHasher::new();
    routes.hash(&mut hasher);
    Look::Usable(hasher.finish())
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
        let local = format!("{HEAD}eth0\t0000FEA9\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n");
        assert_eq!(of_tables(&local, &format!("{LINK_LOCAL}{LOOPBACK}")), Look::Nothing);
        assert_ne!(of_tables(&format!("{HEAD}{ETH}"), ""), Look::Nothing);
        assert_ne!(of_tables(HEAD, GLOBAL), Look::Nothing);
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
        assert_eq!(of_tables("x\ny z\n\n", "a b c\n\n"), Look::Nothing);
    }

    #[test]
    fn this_machine_gives_the_same_answer_twice() {
        assert_eq!(look(), look());
    }
}
