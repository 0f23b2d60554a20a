//! Networks that components may not connect to, wherever `allowed_outbound_hosts` has a wildcard: a name that a stranger
//! gave must not lead to what only this machine or its network reaches.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::allowed::is_in;

/// Networks as `blocked_networks` names them: `private`, and networks in CIDR notation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Networks(Vec<(IpAddr, u8)>);

/// What is not the public internet: the IANA registries of special-purpose addresses (RFC 6890), but for what they mark as
/// globally reachable.
const PRIVATE: [&str; 28] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    // Unspecified, loopback, and the IPv4-compatible addresses of old.
    "::/96",
    "64:ff9b:1::/48",
    "100::/64",
    "100:0:0:1::/64",
    // Of the IETF's protocols, Teredo among them.
    "2001::/23",
    "2001:db8::/32",
    "3fff::/20",
    "5f00::/16",
    "fc00::/7",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
    // IPv4 as SIIT translates it.
    "::ffff:0:0:0/96",
];

impl Networks {
    /// Reads entries, each of which may be empty, or several with commas between.
    ///
    /// # Errors
    /// The entry that is no network.
    pub fn parse<'a>(entries: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        let mut networks = Vec::new();
        for entry in entries.into_iter().flat_map(|entry| entry.split(',')).map(str::trim) {
            match entry {
                "" => {}
                "private" => networks.extend(PRIVATE.iter().filter_map(|network| parse(network))),
                entry => networks.push(
                    parse(entry)
                        .ok_or_else(|| format!("`{entry}` is neither `private` nor a network as 10.0.0.0/8"))?,
                ),
            }
        }
        Ok(Self(networks))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether an address is in one of them, as itself or as the IPv4 address that it stands for.
    pub fn contain(&self, address: IpAddr) -> bool {
        let is_within = |address| self.0.iter().any(|(network, bits)| is_in(address, *network, *bits));
        is_within(address) || embedded(address).is_some_and(|inner| is_within(inner.into()))
    }
}

fn parse(network: &str) -> Option<(IpAddr, u8)> {
    let (address, bits) = network.split_once('/')?;
    let (address, bits): (IpAddr, u8) = (address.parse().ok()?, bits.parse().ok()?);
    (bits <= if address.is_ipv4() { 32 } else { 128 }).then_some((address, bits))
}

/// The IPv4 address that is reached by an IPv6 address: mapped (RFC 4291), by 6to4 (RFC 3056) or by NAT64 (RFC 6052).
fn embedded(address: IpAddr) -> Option<Ipv4Addr> {
    let IpAddr::V6(address) = address else { return None };
    let of = |high: u16, low: u16| Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low));
    match address.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => Some(of(high, low)),
        [0x2002, high, low, ..] => Some(of(high, low)),
        _ => None,
    }
}

/// The address that a host is, if it is written as one, in whatever way a resolver takes: `127.1`, `0x7f.0.0.1`, `2130706433`
/// are 127.0.0.1 as well, but those a resolver is asked for.
pub fn literal(host: &str) -> Option<IpAddr> {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    bare.and_then(|host| host.parse::<Ipv6Addr>().ok().map(IpAddr::V6)).or_else(|| host.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocked(networks: &str) -> impl Fn(&str) -> bool {
        let networks = Networks::parse([networks]).unwrap();
        move |address| networks.contain(address.parse().unwrap())
    }

    #[test]
    fn what_only_this_machine_or_its_network_reaches_is_private() {
        let is_private = blocked("private");
        for address in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "127.255.255.255",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::7f00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "3fff::1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(is_private(address), "{address}");
        }
    }

    #[test]
    fn the_internet_is_not_private() {
        let is_private = blocked("private");
        for address in [
            "1.1.1.1",
            "9.255.255.255",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "169.253.1.1",
            "172.15.255.255",
            "172.32.0.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.1.1",
            "198.20.0.0",
            "223.255.255.255",
            "2606:4700:4700::1111",
            "2a00:1450:4001::1",
            "2003::1",
            "64:ff9b::1.1.1.1",
            "::ffff:1.1.1.1",
            "2002:101:101::1",
        ] {
            assert!(!is_private(address), "{address}");
        }
    }

    #[test]
    fn ipv4_in_ipv6_is_what_it_stands_for() {
        let is_private = blocked("private");
        for address in [
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::192.168.0.1",
            "2002:7f00:1::1",
            "2002:c0a8:101::1",
            "::ffff:0:127.0.0.1",
        ] {
            assert!(is_private(address), "{address}");
        }
        assert!(blocked("9.0.0.0/8")("::ffff:9.1.1.1"));
    }

    #[test]
    fn networks_are_named_one_by_one_with_commas_or_not_at_all() {
        let is_blocked = blocked("9.0.0.0/8, 2a00::/16");
        assert!(is_blocked("9.1.1.1") && is_blocked("2a00::1") && !is_blocked("127.0.0.1"));
        assert!(Networks::parse([""]).unwrap().is_empty());
        assert!(!blocked("")("127.0.0.1"));
        for wrong in ["public", "10.0.0.0", "10.0.0.0/33", "::/129", "10.0.0/8"] {
            assert!(Networks::parse([wrong]).is_err(), "{wrong}");
        }
        assert_eq!(Networks::parse(["private"]).unwrap().0.len(), PRIVATE.len(), "each of ours is a network");
    }

    #[test]
    fn an_address_is_told_from_a_name() {
        assert_eq!(literal("[::1]"), Some(Ipv6Addr::LOCALHOST.into()));
        assert_eq!(literal("127.0.0.1"), Some(Ipv4Addr::LOCALHOST.into()));
        assert_eq!(literal("localhost"), None);
        assert_eq!(literal("127.1"), None);
    }
}
