//! Any text: reading a ref never panics, its parts make up the whole, and showing what was read
//! gives back what was written.

#![no_main]

use libfuzzer_sys::fuzz_target;
use waypost_routing::model_ref::ModelRef;

fuzz_target!(|text: &str| {
    match ModelRef::parse(text) {
        Err(error) => {
            assert!(text.get(error.span()).is_some(), "a span cuts no character");
            assert!(!error.message().is_empty());
        }
        Ok(read) => {
            assert_eq!(read.to_string(), text);
            if let (Some(name), Some(rest)) = (read.name(), read.rest()) {
                assert_eq!([name, rest].join("/"), text);
            }
            if let (Some(upstream), Some(model)) = (read.upstream(), read.model()) {
                assert_eq!(read.rest(), Some([upstream, model].join("/").as_str()));
            }
        }
    }
});
