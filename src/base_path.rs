//! The path below which this Waypost is reached: empty, or `/a/b` where its public URL is
//! `https://host/a/b/`.

use crate::dom;
use std::sync::OnceLock;

static BASE: OnceLock<String> = OnceLock::new();

/// Reads the path from the document, where the control plane has written it.
pub fn read() {
    // It is read once, before anything is drawn.
    let _ = BASE.set(dom::root_attribute("data-base").unwrap_or_default());
}

/// The path, without a slash at its end.
#[must_use]
pub fn get() -> &'static str {
    BASE.get().map_or("", String::as_str)
}

/// The address below the path. One that is not below it stays as it is: a proxy between may have
/// removed the path.
#[must_use]
pub fn strip(address: &str) -> &str {
    below(get(), address)
}

/// The URL of this Waypost, without a slash at its end.
#[must_use]
pub fn public_url() -> String {
    dom::location_origin() + get()
}

fn below<'a>(base: &str, address: &'a str) -> &'a str {
    match address.strip_prefix(base) {
        Some("") => "/",
        Some(rest) if rest.starts_with('/') => rest,
        _ => address,
    }
}

#[cfg(test)]
mod tests {
    use super::below;

    #[test]
    fn an_address_is_read_below_the_path() {
        for (base, address, expected) in [
            ("", "/models", "/models"),
            ("", "", "/"),
            ("/a/b", "/a/b", "/"),
            ("/a/b", "/a/b/", "/"),
            ("/a/b", "/a/b/models/sources", "/models/sources"),
            ("/a/b", "/models", "/models"),
            ("/a/b", "/a/bc", "/a/bc"),
        ] {
            assert_eq!(below(base, address), expected, "{base} {address}");
        }
    }
}
