//! Any bytes: reading a providers file never panics, and what it gives makes up a catalog.

#![no_main]

use libfuzzer_sys::fuzz_target;
use waypost_routing::base_url::BaseUrl;
use waypost_routing::catalog::{Catalog, check_name};
use waypost_routing::providers_file::read;

fuzz_target!(|bytes: &[u8]| {
    let file = read(bytes);
    for entry in &file.entries {
        // A file may name a provider in upper case, which Waypost itself does not.
        assert!(check_name(&entry.name.to_ascii_lowercase()).is_ok());
        assert!(BaseUrl::parse(&entry.base_url).is_ok());
    }
    let catalog = Catalog::new(file.entries, file.blocked);
    for name in catalog.names() {
        let _ = catalog.effective(name);
    }
});
