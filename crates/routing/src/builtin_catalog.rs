//! The built-in layer of the catalog.

use crate::catalog::{Layer, ProviderEntry};
use crate::providers_file;

/// The file that the built-in layer is read from. It has the form of a providers file, and the
/// same reader reads it.
const FILE: &str = include_str!("builtin_catalog.yaml");

/// The managed gateway, where no workspace says otherwise.
pub const MANAGED_GATEWAY: &str = "litellm";

/// The built-in providers, in the order of the embedded file.
#[must_use]
pub fn builtin() -> Vec<ProviderEntry> {
    let mut entries = providers_file::read(FILE.as_bytes()).entries;
    for entry in &mut entries {
        entry.layer = Layer::Builtin;
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base_url::BaseUrl;

    #[test]
    fn the_embedded_file_is_valid() {
        assert_eq!(providers_file::read(FILE.as_bytes()).issues, []);
        assert_eq!(builtin().len(), 10);
        for entry in builtin() {
            assert_eq!(entry.layer, Layer::Builtin);
            let url = BaseUrl::parse(&entry.base_url).unwrap();
            assert_eq!(url.as_str(), entry.base_url, "written in the normal form");
        }
    }
}
