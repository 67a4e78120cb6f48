//! Which kind of place an address leads to.
//!
//! An IPv6 address can stand for an IPv4 one in several ways, and each of them has been used to
//! slip past a check. So the inner address is unwrapped first, and the worst of what is found
//! counts. What is not plainly a public unicast address is not public.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The kind of an address, from harmless to never.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// An ordinary address on the internet.
    Public,
    /// An address of a private network. It takes a grant.
    Private,
    /// This machine itself. It takes a grant.
    Loopback,
    /// Of no use for a request, such as documentation and reserved ranges.
    Reserved,
    /// Many receivers.
    Multicast,
    /// "This host", or every host.
    Unspecified,
    /// Neighbours on the same link, where clouds also put their metadata services.
    LinkLocal,
    /// A cloud's metadata service, which hands out credentials to any caller.
    Metadata,
}

impl Kind {
    /// Whether not even a grant opens it.
    pub(crate) fn is_never(self) -> bool {
        self > Self::Loopback
    }

    /// As a message names it: "169.254.1.1 is …".
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Public => "a public address",
            Self::Private => "an address of a private network",
            Self::Loopback => "an address of this machine itself",
            Self::Reserved => "a reserved address",
            Self::Multicast => "a multicast or broadcast address",
            Self::Unspecified => "an unspecified address",
            Self::LinkLocal => "a link-local address",
            Self::Metadata => "the address of a cloud's metadata service",
        }
    }
}

/// The kind of an address, whatever it is wrapped in.
pub(crate) fn kind(address: IpAddr) -> Kind {
    match address {
        IpAddr::V4(address) => kind_v4(address),
        IpAddr::V6(address) => kind_v6(address),
    }
}

/// The address that a connection really goes to: an IPv4-mapped one is dialled as IPv4.
pub(crate) fn canonical(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

fn kind_v4(address: Ipv4Addr) -> Kind {
    let octets = address.octets();
    match octets {
        // Metadata services outside the link-local range: Alibaba's, Azure's and Oracle's.
        [100, 100, 100, 200] | [168, 63, 129, 16] | [192, 0, 0, 192] => Kind::Metadata,
        [169, 254, 169, 254] | [169, 254, 170, 2] => Kind::Metadata,
        [169, 254, ..] => Kind::LinkLocal,
        [0, ..] => Kind::Unspecified,
        [127, ..] => Kind::Loopback,
        [10, ..] | [192, 168, ..] => Kind::Private,
        [172, second, ..] if second & 0xf0 == 16 => Kind::Private,
        // Carrier-grade NAT, which overlay networks use as well.
        [100, second, ..] if second & 0xc0 == 64 => Kind::Private,
        // Benchmarking networks, which some local proxies use.
        [198, 18 | 19, ..] => Kind::Private,
        [255, 255, 255, 255] => Kind::Multicast,
        [first, ..] if first & 0xf0 == 224 => Kind::Multicast,
        // Protocol assignments, documentation, the old 6to4 relay, and what was never assigned.
        [192, 0, 0, _] | [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => Kind::Reserved,
        [192, 88, 99, _] => Kind::Reserved,
        [first, ..] if first >= 240 => Kind::Reserved,
        _ => Kind::Public,
    }
}

fn kind_v6(address: Ipv6Addr) -> Kind {
    let outer = range_v6(address);
    embedded_v4(address)
        .into_iter()
        .flatten()
        .map(kind_v4)
        .fold(outer, Kind::max)
}

/// The kind by the range alone.
fn range_v6(address: Ipv6Addr) -> Kind {
    let segments = address.segments();
    match segments {
        [0, 0, 0, 0, 0, 0, 0, 0] => Kind::Unspecified,
        [0, 0, 0, 0, 0, 0, 0, 1] => Kind::Loopback,
        // IPv4-mapped, the well-known NAT64 prefix and 6to4 are as good as what they carry;
        // IPv4-compatible addresses are long abolished, and reach nothing public.
        [0, 0, 0, 0, 0, 0xffff, ..] | [0x64, 0xff9b, 0, 0, 0, 0, ..] | [0x2002, ..] => Kind::Public,
        [0, 0, 0, 0, 0, 0, ..] => Kind::Private,
        // NAT64 of a network's own.
        [0x64, 0xff9b, 1, ..] => Kind::Private,
        // Amazon's and Google's metadata services, within the private range.
        [0xfd00, 0x0ec2, ..] | [0xfd20, 0x00ce, ..] => Kind::Metadata,
        [first, ..] if first & 0xfe00 == 0xfc00 => Kind::Private,
        [first, ..] if first & 0xffc0 == 0xfe80 => Kind::LinkLocal,
        // Site-local, abolished but still routed in places.
        [first, ..] if first & 0xffc0 == 0xfec0 => Kind::Private,
        [first, ..] if first & 0xff00 == 0xff00 => Kind::Multicast,
        // Teredo is as good as what it carries; the rest of the protocol range has no servers.
        [0x2001, 0, ..] => Kind::Public,
        [0x2001, second, ..] if second < 0x200 => Kind::Reserved,
        [0x2001, 0x0db8, ..] => Kind::Reserved,
        [0x3fff, second, ..] if second < 0x1000 => Kind::Reserved,
        // Global unicast is 2000::/3 and nothing else.
        [first, ..] if first & 0xe000 == 0x2000 => Kind::Public,
        _ => Kind::Reserved,
    }
}

/// The IPv4 addresses that an IPv6 address carries: none, one, or two where it may be read in two
/// ways or names a server and a client.
fn embedded_v4(address: Ipv6Addr) -> [Option<Ipv4Addr>; 2] {
    let octets = address.octets();
    let at = |index: usize| {
        Ipv4Addr::new(
            octets[index],
            octets[index + 1],
            octets[index + 2],
            octets[index + 3],
        )
    };
    match address.segments() {
        // `::` and `::1` are ranges of their own and carry nothing.
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => [None, None],
        // IPv4-compatible and IPv4-mapped.
        [0, 0, 0, 0, 0, 0 | 0xffff, ..] => [Some(at(12)), None],
        // NAT64: the well-known prefix of 96 bits.
        [0x64, 0xff9b, 0, 0, 0, 0, ..] => [Some(at(12)), None],
        // NAT64 of a network's own: its prefix may have 48 bits, with octet 8 left out of the
        // address, or be continued to 96.
        [0x64, 0xff9b, 1, ..] => {
            let split = Ipv4Addr::new(octets[6], octets[7], octets[9], octets[10]);
            [Some(at(12)), Some(split)]
        }
        // 6to4.
        [0x2002, ..] => [Some(at(2)), None],
        // Teredo: the server as it is, the client with every bit turned round.
        [0x2001, 0, ..] => {
            let client = u32::from(at(12)) ^ u32::MAX;
            [Some(at(4)), Some(Ipv4Addr::from(client))]
        }
        _ => [None, None],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use waypost_routing::base_url::BaseUrl;

    fn of(text: &str) -> Kind {
        kind(text.parse().unwrap())
    }

    #[test]
    fn plain_addresses() {
        for (text, expected) in [
            ("8.8.8.8", Kind::Public),
            ("172.15.255.255", Kind::Public),
            ("172.16.0.1", Kind::Private),
            ("172.31.255.255", Kind::Private),
            ("172.32.0.0", Kind::Public),
            ("10.0.0.1", Kind::Private),
            ("192.168.1.1", Kind::Private),
            ("100.63.255.255", Kind::Public),
            ("100.64.0.1", Kind::Private),
            ("100.127.255.255", Kind::Private),
            ("100.128.0.0", Kind::Public),
            ("198.17.255.255", Kind::Public),
            ("198.18.0.1", Kind::Private),
            ("127.0.0.1", Kind::Loopback),
            ("127.255.255.254", Kind::Loopback),
            ("0.0.0.0", Kind::Unspecified),
            ("0.1.2.3", Kind::Unspecified),
            ("169.254.0.1", Kind::LinkLocal),
            ("169.254.169.254", Kind::Metadata),
            ("169.254.170.2", Kind::Metadata),
            ("100.100.100.200", Kind::Metadata),
            ("168.63.129.16", Kind::Metadata),
            ("192.0.0.192", Kind::Metadata),
            ("224.0.0.1", Kind::Multicast),
            ("239.255.255.255", Kind::Multicast),
            ("255.255.255.255", Kind::Multicast),
            ("240.0.0.1", Kind::Reserved),
            ("192.0.2.1", Kind::Reserved),
            ("203.0.113.9", Kind::Reserved),
            ("2606:4700::1111", Kind::Public),
            ("::", Kind::Unspecified),
            ("::1", Kind::Loopback),
            ("fc00::1", Kind::Private),
            ("fdff::1", Kind::Private),
            ("fe80::1", Kind::LinkLocal),
            ("febf::1", Kind::LinkLocal),
            ("fec0::1", Kind::Private),
            ("fd00:ec2::254", Kind::Metadata),
            ("fd20:ce::254", Kind::Metadata),
            ("ff02::1", Kind::Multicast),
            ("2001:db8::1", Kind::Reserved),
            ("2001:20::1", Kind::Reserved),
            ("3fff::1", Kind::Reserved),
            ("100::1", Kind::Reserved),
            ("5f00::1", Kind::Reserved),
            ("4000::1", Kind::Reserved),
        ] {
            assert_eq!(of(text), expected, "{text}");
            // What the dashboard knows before a call.
            let host = match text.contains(':') {
                true => format!("[{text}]"),
                false => text.to_owned(),
            };
            let is_never_called = BaseUrl::parse(&format!("http://{host}/v1"))
                .is_ok_and(|base| base.is_never_called());
            let is_named = matches!(expected, Kind::LinkLocal | Kind::Metadata);
            assert_eq!(is_never_called, is_named, "{text}");
        }
    }

    #[test]
    fn wrapped_addresses_are_what_they_carry() {
        for (text, expected) in [
            ("::ffff:8.8.8.8", Kind::Public),
            ("::ffff:127.0.0.1", Kind::Loopback),
            ("::ffff:a9fe:a9fe", Kind::Metadata),
            ("::ffff:0.0.0.0", Kind::Unspecified),
            ("::127.0.0.1", Kind::Loopback),
            ("::169.254.169.254", Kind::Metadata),
            ("::8.8.8.8", Kind::Private),
            ("64:ff9b::8.8.8.8", Kind::Public),
            ("64:ff9b::a9fe:a9fe", Kind::Metadata),
            ("64:ff9b::10.0.0.1", Kind::Private),
            // 169.254.169.254 below a local prefix of 48 bits, and of 96.
            ("64:ff9b:1:a9fe:a9:fe00::", Kind::Metadata),
            ("64:ff9b:1::a9fe:a9fe", Kind::Metadata),
            ("64:ff9b:1:808:8:800:808:808", Kind::Private),
            ("2002:808:808::1", Kind::Public),
            ("2002:a9fe:a9fe::", Kind::Metadata),
            ("2002:7f00:1::", Kind::Loopback),
            // Teredo with a public server and the client 127.0.0.1; then a private server.
            ("2001:0:4136:e378:8000:63bf:80ff:fffe", Kind::Loopback),
            ("2001:0:a00:1:8000:63bf:f7f7:f7f7", Kind::Private),
            ("2001:0:4136:e378:8000:63bf:f7f7:f7f7", Kind::Public),
        ] {
            assert_eq!(of(text), expected, "{text}");
        }
    }

    #[test]
    fn only_loopback_and_private_addresses_can_be_granted() {
        assert!(!Kind::Public.is_never());
        assert!(!Kind::Private.is_never());
        assert!(!Kind::Loopback.is_never());
        for kind in [
            Kind::Reserved,
            Kind::Multicast,
            Kind::Unspecified,
            Kind::LinkLocal,
            Kind::Metadata,
        ] {
            assert!(kind.is_never(), "{kind:?}");
        }
    }
}
