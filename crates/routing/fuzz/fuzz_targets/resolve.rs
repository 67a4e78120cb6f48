//! Any model string, and in the lines below it any agent's document, in a routing table of which
//! parts are broken: there is always an answer, its JSON can be read back, and the trace has every
//! rule.

#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use waypost_routing::agent::read_agent;
use waypost_routing::operation::Operation;
use waypost_routing::resolution::{Outcome, Resolution, Rule};
use waypost_routing::resolve::{Request, resolve};
use waypost_routing::routing_table::RoutingTable;

/// The routing table of the golden tests, which has something of everything.
static TABLE: LazyLock<RoutingTable> = LazyLock::new(|| {
    let text = include_str!("../../tests/golden/snapshot.json");
    RoutingTable::new(serde_json::from_str(text).expect("the snapshot is well-formed"))
});

fuzz_target!(|input: &str| {
    let (text, document) = input.split_once('\n').unwrap_or((input, ""));
    let operations = Operation::ALL;
    let operation = operations[text.len() % operations.len()];
    check(Request::new(text, operation));
    if let Some(agent) = &read_agent(document).agent {
        check(Request::new(text, operation).sent_by(agent, None));
        check(Request::of_agent(agent, None, operation));
        for alias in agent.subagents.keys() {
            check(Request::of_agent(agent, Some(alias), operation));
        }
    }
});

fn check(request: Request<'_>) {
    let resolution = resolve(&TABLE, &request);
    let rules: Vec<Rule> = resolution.trace.iter().map(|entry| entry.rule).collect();
    assert_eq!(rules, Rule::ALL);
    assert_eq!(
        resolution.outcome == Outcome::Rejected,
        resolution.error.is_some()
    );
    let json = serde_json::to_string(&resolution).expect("a resolution is JSON");
    let again: Resolution = serde_json::from_str(&json).expect("its own JSON is read back");
    assert_eq!(again, resolution);
    let without = resolve(&TABLE, &request.without_trace());
    assert_eq!(without.route, resolution.route);
    assert_eq!(without.error, resolution.error);
}
