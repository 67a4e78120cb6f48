//! What must not touch the heap does not.

#![cfg(not(target_family = "wasm"))]

use allocation_counter::measure;
use waypost_routing::model_ref::ModelRef;

#[test]
fn parsing_a_ref_allocates_nothing() {
    for text in [
        "gpt-4o",
        "litellm/gpt-4o",
        "openrouter/moonshotai/kimi-k2-instruct",
        "openrouter/моон/кими",
        "g/a/b/c/d/e/f",
        "",
        "a//b",
        " a/b",
        "a/b\u{7}",
    ] {
        let allocations = measure(|| {
            let parsed = ModelRef::parse(std::hint::black_box(text));
            if let Ok(read) = &parsed {
                std::hint::black_box((read.name(), read.rest(), read.upstream(), read.model()));
            }
            std::hint::black_box(&parsed);
        });
        assert_eq!(allocations.count_total, 0, "{text:?}");
    }
}

/// Without this the test above would hold for a counter that counts nothing.
#[test]
fn an_owned_copy_is_counted() {
    let allocations = measure(|| {
        let owned: Result<ModelRef<'static>, _> = std::hint::black_box("litellm/gpt-4o").parse();
        std::hint::black_box(&owned);
    });
    assert_eq!(allocations.count_total, 1);
}
