//! Any text: reading an agent's document never panics, an agent is there exactly where no problem
//! is an error, and every problem has its place.

#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use waypost_routing::agent::{read_agent, read_checks};
use waypost_routing::builtin_catalog::builtin;
use waypost_routing::catalog::Catalog;
use waypost_routing::problem::Severity;

static CATALOG: LazyLock<Catalog> = LazyLock::new(|| Catalog::new(builtin(), Vec::new()));

fuzz_target!(|text: &str| {
    let reading = read_agent(text).checked_against(&CATALOG);
    let is_faulty = reading
        .problems
        .iter()
        .any(|problem| problem.severity == Severity::Error);
    assert_eq!(reading.is_valid(), !is_faulty);
    for problem in &reading.problems {
        assert!(problem.line > 0 && problem.column > 0);
        assert!(!problem.message.is_empty());
    }
    let _ = read_checks(text);
});
