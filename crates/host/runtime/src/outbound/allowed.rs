//! `allowed_outbound_hosts` as Spin has it: `scheme://host:port`, each of which may be `*`.

use std::net::IpAddr;

/// Where a component may connect to.
#[derive(Clone, Debug, Default)]
pub struct AllowedHosts {
    patterns: Vec<HostPattern>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct HostPattern {
    scheme: Option<String>,
    host: Host,
    ports: Ports,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Host {
    Any,
    /// `*.example.org`, kept as `.example.org`.
    Below(String),
    Named(String),
    Network(IpAddr, u8),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Ports {
    Any,
    /// From the first up to, and without, the last.
    Range(u32, u32),
}

impl AllowedHosts {
    /// Reads the entries of a component.
    ///
    /// # Errors
    /// What is wrong with which.
    pub fn parse<'a>(entries: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        let patterns = entries.into_iter().map(HostPattern::parse).collect::<Result<_, _>>()?;
        Ok(Self { patterns })
    }

    /// Whether a component may connect to a host.
    pub fn permits(&self, scheme: &str, host: &str, port: u16) -> bool {
        self.patterns.iter().any(|pattern| pattern.permits(scheme, host, port))
    }

    /// Whether it may because the manifest means this host, and not only by a wildcard.
    pub fn names(&self, scheme: &str, host: &str, port: u16) -> bool {
        self.patterns.iter().any(|pattern| !pattern.host.is_wildcard() && pattern.permits(scheme, host, port))
    }
}

impl HostPattern {
    fn parse(entry: &str) -> Result<Self, String> {
        let wrong = |problem: &str| format!("`{entry}`: {problem}");
        let (scheme, rest) =
            entry.split_once("://").ok_or_else(|| wrong("a host needs a scheme, as in http://host:port"))?;
        let scheme_is_valid =
            !scheme.is_empty() && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
        if scheme != "*" && !scheme_is_valid {
            return Err(wrong("this scheme is none"));
        }
        let (authority, path) = rest.split_once('/').map_or((rest, ""), |(authority, path)| {
            let is_network = path.split(':').next().is_some_and(|bits| bits.parse::<u8>().is_ok());
            if is_network { (rest, "") } else { (authority, path) }
        });
        if !path.is_empty() {
            return Err(wrong("a host is allowed whole: leave the path out"));
        }
        let (host, port) = split_port(authority);
        Ok(Self {
            scheme: (scheme != "*").then(|| scheme.to_ascii_lowercase()),
            host: Host::parse(host).ok_or_else(|| wrong("this host is none"))?,
            ports: Ports::parse(port, scheme).ok_or_else(|| wrong("this port is none"))?,
        })
    }

    fn permits(&self, scheme: &str, host: &str, port: u16) -> bool {
        self.scheme.as_deref().is_none_or(|allowed| allowed == scheme)
            && self.ports.contain(port)
            && self.host.matches(host)
    }
}

/// An IPv6 address stands in brackets.
fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (authority, None),
    }
}

impl Host {
    fn parse(text: &str) -> Option<Self> {
        if text == "*" {
            return Some(Self::Any);
        }
        if let Some((address, bits)) = text.split_once('/') {
            let address: IpAddr = address.trim_matches(['[', ']']).parse().ok()?;
            let bits: u8 = bits.parse().ok()?;
            let most = if address.is_ipv4() { 32 } else { 128 };
            return (bits <= most).then_some(Self::Network(address, bits));
        }
        let (name, below) = text.strip_prefix("*.").map_or((text, false), |name| (name, true));
        if name.is_empty() || name == "self" || name.contains(['*', '@', ' ']) {
            return None;
        }
        let name = name.to_ascii_lowercase();
        Some(if below { Self::Below(format!(".{name}")) } else { Self::Named(name) })
    }

    fn is_wildcard(&self) -> bool {
        matches!(self, Self::Any | Self::Below(_))
    }

    fn matches(&self, host: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Named(name) => name.eq_ignore_ascii_case(host),
            Self::Below(suffix) => host.to_ascii_lowercase().ends_with(suffix) && host.len() > suffix.len(),
            Self::Network(network, bits) => {
                host.trim_matches(['[', ']']).parse().is_ok_and(|address| is_in(address, *network, *bits))
            }
        }
    }
}

/// Whether an address is in a network: of the same family, with the same first bits.
pub fn is_in(address: IpAddr, network: IpAddr, bits: u8) -> bool {
    match (address, network) {
        (IpAddr::V4(a), IpAddr::V4(n)) => {
            (a.to_bits() ^ n.to_bits()).checked_shr(32 - u32::from(bits)).unwrap_or(0) == 0
        }
        (IpAddr::V6(a), IpAddr::V6(n)) => {
            (a.to_bits() ^ n.to_bits()).checked_shr(128 - u32::from(bits)).unwrap_or(0) == 0
        }
        _ => false,
    }
}

impl Ports {
    fn parse(port: Option<&str>, scheme: &str) -> Option<Self> {
        let one = |port: u16| Self::Range(u32::from(port), u32::from(port) + 1);
        match port {
            Some("*") => Some(Self::Any),
            Some(range) if range.contains("..") => {
                let (first, last) = range.split_once("..")?;
                let (first, last): (u16, u16) = (first.parse().ok()?, last.parse().ok()?);
                (first < last).then_some(Self::Range(first.into(), last.into()))
            }
            Some(port) => port.parse().ok().map(one),
            None => default_port(scheme).map(one),
        }
    }

    fn contain(&self, port: u16) -> bool {
        match self {
            Self::Any => true,
            Self::Range(first, last) => (*first..*last).contains(&u32::from(port)),
        }
    }
}

/// The port that a scheme means when none is said.
pub fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        "postgres" | "postgresql" => Some(5432),
        "mysql" => Some(3306),
        "redis" => Some(6379),
        "mqtt" => Some(1883),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permits(entry: &str, scheme: &str, host: &str, port: u16) -> bool {
        AllowedHosts::parse([entry]).unwrap().permits(scheme, host, port)
    }

    #[test]
    fn scheme_host_and_port_must_all_match() {
        let entry = "postgres://db.local:5432";
        assert!(permits(entry, "postgres", "db.local", 5432));
        assert!(permits(entry, "postgres", "DB.local", 5432));
        assert!(!permits(entry, "http", "db.local", 5432));
        assert!(!permits(entry, "postgres", "other.local", 5432));
        assert!(!permits(entry, "postgres", "db.local", 5433));
    }

    #[test]
    fn a_missing_port_is_the_schemes_own() {
        assert!(permits("https://example.org", "https", "example.org", 443));
        assert!(permits("https://example.org/", "https", "example.org", 443));
        assert!(!permits("https://example.org", "https", "example.org", 8443));
        assert!(AllowedHosts::parse(["*://example.org"]).is_err());
    }

    #[test]
    fn a_star_stands_for_anything() {
        assert!(permits("*://*:*", "redis", "anywhere", 1));
        assert!(permits("http://*:8080", "http", "anywhere", 8080));
        assert!(permits("http://localhost:*", "http", "localhost", 12345));
        assert!(!permits("http://localhost:*", "http", "localhosts", 80));
    }

    #[test]
    fn a_host_that_only_a_star_stands_for_is_not_named() {
        let hosts = AllowedHosts::parse(["https://*:*", "https://*.example.org", "https://mail.example.org"]).unwrap();
        assert!(hosts.names("https", "mail.example.org", 443));
        assert!(!hosts.names("https", "mail.example.org", 8443) && hosts.permits("https", "mail.example.org", 8443));
        assert!(!hosts.names("https", "www.example.org", 443));
        assert!(AllowedHosts::parse(["http://10.0.0.0/8:*"]).unwrap().names("http", "10.1.2.3", 80));
    }

    #[test]
    fn a_star_before_a_domain_stands_for_what_is_below_it() {
        assert!(permits("http://*.spin.internal", "http", "api.spin.internal", 80));
        assert!(permits("http://*.spin.internal", "http", "a.b.spin.internal", 80));
        assert!(!permits("http://*.spin.internal", "http", "spin.internal", 80));
        assert!(!permits("http://*.spin.internal", "http", "evilspin.internal", 80));
    }

    #[test]
    fn ports_and_addresses_may_be_ranges() {
        assert!(permits("http://h:8000..8003", "http", "h", 8002));
        assert!(!permits("http://h:8000..8003", "http", "h", 8003));
        assert!(permits("http://10.0.0.0/8:80", "http", "10.1.2.3", 80));
        assert!(!permits("http://10.0.0.0/8:80", "http", "11.1.2.3", 80));
        assert!(permits("http://[::1]:3000", "http", "[::1]", 3000));
        assert!(permits("http://0.0.0.0/0:80", "http", "8.8.8.8", 80));
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for entry in [
            "localhost:80",
            "http://",
            "http://h:port",
            "http://h/path",
            "http://a*b:80",
            "://h:1",
            "http://h:9..8",
            "http://self",
        ] {
            assert!(AllowedHosts::parse([entry]).is_err(), "{entry}");
        }
    }

    #[test]
    fn nothing_is_allowed_by_default() {
        assert!(!AllowedHosts::default().permits("http", "localhost", 80));
    }
}
