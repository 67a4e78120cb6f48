//! Any text: reading a base URL never panics, and what is read is normal: read again, it stays as
//! it is.

#![no_main]

use libfuzzer_sys::fuzz_target;
use waypost_routing::base_url::{BaseUrl, hints, raw_operation_url};
use waypost_routing::operation::Operation;

fuzz_target!(|text: &str| {
    for operation in Operation::ALL {
        let _ = raw_operation_url(text, operation);
    }
    match BaseUrl::parse(text) {
        Err(error) => assert!(!error.message().is_empty()),
        Ok(url) => {
            let normal = url.to_string();
            let again = BaseUrl::parse(&normal).expect("what is normal is well-formed");
            assert_eq!(again.to_string(), normal);
            assert!(normal.starts_with(&url.origin()));
            for operation in Operation::ALL {
                assert!(url.operation_url(operation).starts_with(&url.origin()));
            }
            let _ = hints(text);
        }
    }
});
