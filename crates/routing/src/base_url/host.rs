//! The host of a base URL: a name, an IPv4 address or an IPv6 address.

use super::error::ErrorKind;
use std::fmt::Write as _;
use std::net::{Ipv4Addr, Ipv6Addr};

/// Appends the normal form of a host to `out`.
pub(super) fn push_host(host: &str, out: &mut String) -> Result<(), ErrorKind> {
    if let Some(inner) = host.strip_prefix('[') {
        let inner = inner.strip_suffix(']').ok_or(ErrorKind::Ipv6)?;
        let address: Ipv6Addr = inner.parse().map_err(|_| ErrorKind::Ipv6)?;
        push_ipv6(address, out);
        return Ok(());
    }
    if host.is_empty() {
        return Err(ErrorKind::NoHost);
    }
    if !host.is_ascii() {
        return Err(ErrorKind::NonAsciiHost);
    }
    if host.len() > 1 && host.ends_with('.') {
        return Err(ErrorKind::TrailingDot);
    }
    if host.len() > 253 || !host.split('.').all(is_label) {
        return Err(ErrorKind::HostName);
    }
    if ends_in_number(host) {
        let address: Ipv4Addr = host.parse().map_err(|_| ErrorKind::Ipv4)?;
        let _ = write!(out, "{address}");
        return Ok(());
    }
    out.extend(host.chars().map(|character| character.to_ascii_lowercase()));
    Ok(())
}

fn is_label(label: &str) -> bool {
    !label.is_empty()
        && label.len() <= 63
        && label
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// Whether other readers take the host for an IPv4 address: its last label is all digits, or hex
/// digits after `0x`. Such a host must be written out, because `127.1` and `0x7f.1` are loopback
/// to some readers and a name to others.
fn ends_in_number(host: &str) -> bool {
    let last = host.rsplit('.').next().unwrap_or(host);
    if last.bytes().all(|byte| byte.is_ascii_digit()) {
        return true;
    }
    last.get(..2)
        .is_some_and(|prefix| prefix.eq_ignore_ascii_case("0x"))
        && last.bytes().skip(2).all(|byte| byte.is_ascii_hexdigit())
}

/// Writes an IPv6 address in brackets as the URL standard does: the first longest run of two or
/// more zero groups becomes `::`, and an embedded IPv4 address stays hexadecimal.
fn push_ipv6(address: Ipv6Addr, out: &mut String) {
    let groups = address.segments();
    let (mut best_start, mut best_length) = (0, 0);
    let mut start = 0;
    for end in 0..=groups.len() {
        if groups.get(end).copied() == Some(0) {
            continue;
        }
        if end - start > best_length {
            (best_start, best_length) = (start, end - start);
        }
        start = end + 1;
    }
    out.push('[');
    let mut index = 0;
    while index < groups.len() {
        if best_length >= 2 && index == best_start {
            out.push_str("::");
            index += best_length;
            continue;
        }
        let _ = write!(out, "{:x}", groups[index]);
        index += 1;
        let compressed_next = best_length >= 2 && index == best_start;
        if index < groups.len() && !compressed_next {
            out.push(':');
        }
    }
    out.push(']');
}
