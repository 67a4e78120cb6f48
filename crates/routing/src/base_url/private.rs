//! Whether a host plainly leads to a private network or to this machine.

use std::net::{Ipv4Addr, Ipv6Addr};

/// What clouds call their metadata services.
const METADATA_NAMES: [&str; 6] = [
    "metadata",
    "metadata.google.internal",
    "metadata.goog",
    "metadata.azure.internal",
    "instance-data",
    "instance-data.ec2.internal",
];

/// Whether a host, as a base URL has it, is a private or loopback address, or a name that always means
/// this machine. Another name may lead there too, which only a call shows.
pub(super) fn is_private(host: &str) -> bool {
    if let Some(inner) = host.strip_prefix('[') {
        let address = inner.trim_end_matches(']').parse::<Ipv6Addr>();
        return address.is_ok_and(|address| match address.to_ipv4_mapped() {
            Some(mapped) => is_private_v4(mapped),
            None => address.is_loopback() || address.segments()[0] & 0xfe00 == 0xfc00,
        });
    }
    match host.parse::<Ipv4Addr>() {
        Ok(address) => is_private_v4(address),
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    }
}

/// Whether a host is an address or a name that Waypost never calls, whatever an administrator allows:
/// link-local addresses, and the metadata services of clouds. Another name may lead there too.
pub(super) fn is_never_called(host: &str) -> bool {
    if let Some(inner) = host.strip_prefix('[') {
        let address = inner.trim_end_matches(']').parse::<Ipv6Addr>();
        return address.is_ok_and(|address| match address.to_ipv4_mapped() {
            Some(mapped) => is_never_called_v4(mapped),
            None => match address.segments() {
                [0xfd00, 0x0ec2, ..] | [0xfd20, 0x00ce, ..] => true,
                [first, ..] => first & 0xffc0 == 0xfe80,
            },
        });
    }
    match host.parse::<Ipv4Addr>() {
        Ok(address) => is_never_called_v4(address),
        Err(_) => METADATA_NAMES.contains(&host),
    }
}

fn is_never_called_v4(address: Ipv4Addr) -> bool {
    matches!(
        address.octets(),
        [169, 254, ..] | [100, 100, 100, 200] | [168, 63, 129, 16] | [192, 0, 0, 192]
    )
}

fn is_private_v4(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    address.is_loopback()
        || address.is_private()
        // Carrier-grade NAT, which overlay networks use as well.
        || (first == 100 && (64..128).contains(&second))
}
