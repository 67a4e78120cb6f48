//! The address that someone wanted to open before signing in. A sign-in link leads to `/` and may be
//! opened in another tab, so this browser keeps it, for as long as a link is good.

use crate::base_path;
use crate::dom;

/// The key in the browser's storage. The value is a time and the address.
const KEY: &str = "waypost.return";

/// How long an address is kept, in seconds: as long as a sign-in link is good.
const KEPT: i64 = 15 * 60;

/// Remembers the address of this tab. The start page is no address to return to.
pub(super) fn remember() {
    let address = dom::location_address();
    if is_page(&address) {
        dom::store(KEY, Some(&write(dom::now(), &address)));
    }
}

/// The address to return to.
pub(super) fn read() -> Option<String> {
    parse(&dom::stored(KEY)?, dom::now())
}

/// Forgets the address.
pub(super) fn forget() {
    dom::store(KEY, None);
}

fn write(now: i64, address: &str) -> String {
    format!("{now} {address}")
}

fn parse(stored: &str, now: i64) -> Option<String> {
    let (at, address) = stored.split_once(' ')?;
    let age = now.checked_sub(at.parse().ok()?)?;
    ((0..=KEPT).contains(&age) && is_page(address)).then(|| address.to_owned())
}

/// Whether an address is a page of the dashboard other than the first. Two slashes would name
/// another host.
fn is_page(address: &str) -> bool {
    let is_start = matches!(base_path::strip(address), "/" | "/sign-in");
    address.starts_with('/') && !address.starts_with("//") && !is_start
}

#[cfg(test)]
mod tests {
    use super::{parse, write};

    #[test]
    fn an_address_is_kept_as_long_as_a_link_is_good() {
        let address = "/preview?ref=a%2Fb&draft=down%3Alitellm";
        let stored = write(1_000, address);
        assert_eq!(parse(&stored, 1_000).as_deref(), Some(address));
        assert_eq!(parse(&stored, 1_900).as_deref(), Some(address));
        assert_eq!(parse(&stored, 1_901), None);
        // The clock was set back.
        assert_eq!(parse(&stored, 999), None);
    }

    #[test]
    fn only_pages_of_the_dashboard_are_returned_to() {
        for address in [
            "/",
            "/sign-in",
            "//evil.example/",
            "https://evil.example/",
            "",
        ] {
            assert_eq!(parse(&write(1_000, address), 1_000), None, "{address}");
        }
        assert_eq!(parse("nonsense", 1_000), None);
    }
}
