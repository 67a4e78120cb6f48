//! Any body: what forwarding finds in it is what another JSON reader says, and replacing the model leaves
//! every other byte.

#![no_main]

// The forwarding crate brings TLS and more, which a fuzz target would instrument for nothing.
#[path = "../../../forwarding/src/model_field/reader.rs"]
mod reader;

use libfuzzer_sys::fuzz_target;
use reader::{Fault, MAX_DEPTH};
use serde_json::{Map, Value};

fuzz_target!(|body: &str| {
    let other: Result<Map<String, Value>, _> = serde_json::from_str(body);
    match reader::read(body) {
        Ok(field) => {
            // It may refuse what is JSON still: numbers out of range, half surrogates.
            if let Ok(other) = &other {
                assert_eq!(other["model"].as_str(), Some(&*field.model));
                let is_model = |key: &&String| key.eq_ignore_ascii_case("model");
                assert_eq!(other.keys().filter(is_model).count(), 1);
            }
            let (before, after) = (&body[..field.span.start], &body[field.span.end..]);
            let spliced = [before, "\"a/\\\"b\"", after].concat();
            let again = reader::read(&spliced).expect("it is a body still");
            assert_eq!(again.model, "a/\"b");
            assert_eq!(again.may_reroute, field.may_reroute);
            if let Ok(mut other) = other {
                other.insert("model".to_owned(), Value::from("a/\"b"));
                let read: Map<String, Value> = serde_json::from_str(&spliced).unwrap();
                assert_eq!(read, other);
            }
        }
        Err(Fault::Syntax { at } | Fault::TooDeep { at }) => {
            assert!(at <= body.len());
            let deepest = body.bytes().filter(|byte| matches!(byte, b'[' | b'{')).count();
            assert!(other.is_err() || deepest >= MAX_DEPTH, "it is JSON");
        }
        Err(Fault::MissingModel | Fault::ModelIsNoString | Fault::DuplicateModel) => {}
    }
});
