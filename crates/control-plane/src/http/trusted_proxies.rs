//! Which proxies are believed, and which address a request comes from behind them.

use axum::http::HeaderMap;
use ipnet::IpNet;
use std::net::{IpAddr, SocketAddr};

/// Proxies whose `X-Forwarded-For` is believed.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// The proxies in these networks.
    #[must_use]
    pub fn new(networks: Vec<IpNet>) -> Self {
        Self(networks)
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    /// The client of a request: the peer, or, where the peer is a trusted proxy, the rightmost
    /// address of `X-Forwarded-For` that is not one. Everything left of that address was written
    /// by an untrusted sender.
    pub(super) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        if !self.trusts(client) {
            return client;
        }
        let lines: Vec<&str> = headers
            .get_all("x-forwarded-for")
            .iter()
            .map(|line| line.to_str().unwrap_or(""))
            .collect();
        for hop in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
            // An unreadable hop hides all that is left of it: the proxy that wrote it counts.
            let Some(address) = address_of(hop.trim()) else {
                break;
            };
            client = address.to_canonical();
            if !self.trusts(client) {
                break;
            }
        }
        client
    }
}

/// Reads a hop: an address, with or without a port.
fn address_of(hop: &str) -> Option<IpAddr> {
    hop.parse::<IpAddr>()
        .or_else(|_| hop.parse::<SocketAddr>().map(|address| address.ip()))
        .or_else(|_| {
            let inner = hop.strip_prefix('[').and_then(|hop| hop.strip_suffix(']'));
            inner.unwrap_or("").parse::<IpAddr>()
        })
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn client(trusted: &[&str], peer: &str, lines: &[&'static str]) -> String {
        let networks = trusted.iter().map(|text| text.parse().unwrap()).collect();
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append("x-forwarded-for", HeaderValue::from_static(line));
        }
        let proxies = TrustedProxies::new(networks);
        proxies.client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn without_trusted_proxies_the_peer_is_the_client() {
        assert_eq!(client(&[], "10.0.0.1", &["192.0.2.7"]), "10.0.0.1");
        assert_eq!(
            client(&["10.0.0.0/8"], "192.0.2.1", &["192.0.2.7"]),
            "192.0.2.1"
        );
    }

    #[test]
    fn behind_a_trusted_proxy_the_rightmost_untrusted_address_is_the_client() {
        let trusted = ["10.0.0.0/8", "fd00::/8"];
        for (lines, expected) in [
            (&["192.0.2.7"][..], "192.0.2.7"),
            (&["1.1.1.1, 192.0.2.7"], "192.0.2.7"),
            (&["192.0.2.7, 10.0.0.2"], "192.0.2.7"),
            (&["1.1.1.1", "192.0.2.7,10.0.0.2"], "192.0.2.7"),
            (&["192.0.2.7:4711"], "192.0.2.7"),
            (&["[2001:db8::7]:4711"], "2001:db8::7"),
            (&["[2001:db8::7]"], "2001:db8::7"),
            (&["192.0.2.7, fd00::1"], "192.0.2.7"),
            (&["::ffff:192.0.2.7"], "192.0.2.7"),
            // Only proxies, no address, and an unreadable one.
            (&["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
            (&[], "10.0.0.1"),
            (&["192.0.2.7, unknown"], "10.0.0.1"),
            (&["192.0.2.7, unknown, 10.0.0.2"], "10.0.0.2"),
        ] {
            assert_eq!(client(&trusted, "10.0.0.1", lines), expected, "{lines:?}");
        }
        assert_eq!(
            client(&trusted, "::ffff:10.0.0.1", &["192.0.2.7"]),
            "192.0.2.7"
        );
    }
}
