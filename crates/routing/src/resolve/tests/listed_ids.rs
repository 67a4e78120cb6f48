//! Refs to ids as servers list them: paths that the grammar refuses, and patterns.

use super::*;
use crate::agent::read_agent;

/// A table in which `vllm` is a source with passthrough, `own` one without, and these models are
/// listed: owner, id, enabled, absent.
fn listing(models: &[(&str, &str, bool, bool)]) -> RoutingTable {
    let source = |slug: &str, passthrough| SourceEntry {
        slug: slug.into(),
        name: slug.into(),
        base_url: "https://models.example/v1".into(),
        auth_header: None,
        headers: Vec::new(),
        passthrough,
        limits: Default::default(),
        pass_headers: Vec::new(),
    };
    let mut snapshot = snapshot();
    snapshot.sources = vec![source("vllm", true), source("own", false)];
    snapshot.models = models
        .iter()
        .map(|(owner, id, enabled, absent)| ModelEntry {
            owner: (*owner).into(),
            id: (*id).into(),
            enabled: *enabled,
            absent: *absent,
        })
        .collect();
    RoutingTable::new(snapshot)
}

fn outcome(table: &RoutingTable, text: &str) -> String {
    let resolution = resolve(table, &Request::new(text, Operation::Chat));
    match (resolution.error, resolution.route) {
        (Some(error), _) => format!("{} {:?}", error.code, error.span),
        (None, Some(route)) => {
            let warnings = resolution.warnings.into_iter();
            let codes: Vec<String> = warnings.map(|warning| warning.code).collect();
            format!("{:?} {} {codes:?}", route.kind, route.wire_model)
        }
        (None, None) => "neither".into(),
    }
}

#[test]
fn an_id_that_the_grammar_refuses_is_routed_where_its_owner_lists_it() {
    let table = listing(&[
        ("vllm", "/srv/models/x", true, false),
        ("vllm", "a//b", true, false),
        ("vllm", "x/", true, false),
        ("vllm", "a/ b", true, false),
        ("vllm", "/off", false, false),
        ("vllm", "/gone", true, true),
        ("own", "/srv/models/x", true, false),
        ("litellm", "/srv/models/x", true, false),
        ("litellm", "a//b", true, false),
    ]);
    for (text, expected) in [
        ("vllm//srv/models/x", "Passthrough /srv/models/x []"),
        ("vllm/a//b", "Passthrough a//b []"),
        ("vllm/x/", "Passthrough x/ []"),
        ("vllm/a/ b", "Passthrough a/ b []"),
        (
            "vllm//srv/models/x::subagent::aide",
            "Passthrough /srv/models/x [\"unknown_subagent\"]",
        ),
        (
            "own//srv/models/x",
            "Managed /srv/models/x [\"managed_must_know_model\"]",
        ),
        ("litellm//srv/models/x", "Gateway /srv/models/x []"),
        ("litellm/a//b", "Gateway a//b []"),
        ("vllm//off", "model_disabled Some([5, 9])"),
        ("vllm//gone", "Passthrough /gone [\"model_absent\"]"),
        // Anything else of that form stays malformed.
        ("vllm//srv/models/y", "empty_segment Some([5, 5])"),
        ("vllm/a//B", "empty_segment Some([7, 7])"),
        ("vllm/x//", "empty_segment Some([7, 7])"),
        ("groq/a//b", "empty_segment Some([7, 7])"),
        ("/srv/models/x", "empty_segment Some([0, 0])"),
        ("//srv/models/x", "empty_segment Some([0, 0])"),
        ("a//b", "empty_segment Some([2, 2])"),
        ("vllm/", "empty_segment Some([5, 5])"),
    ] {
        assert_eq!(outcome(&table, text), expected, "{text}");
    }
}

#[test]
fn a_pattern_is_no_model_that_can_be_requested() {
    let table = listing(&[
        ("litellm", "openai/*", true, false),
        ("litellm", "gpt-*", true, false),
        ("litellm", "openai/gpt-4", true, true),
        ("litellm", "anthropic/claude", true, true),
        ("vllm", "*", true, false),
        ("vllm", "old-*", true, true),
        ("vllm", "seen", true, true),
    ]);
    for (text, expected) in [
        ("litellm/openai/*", "model_is_pattern Some([8, 16])"),
        ("litellm/gpt-*", "model_is_pattern Some([8, 13])"),
        ("vllm/*", "model_is_pattern Some([5, 6])"),
        ("own/qwen/*", "model_is_pattern Some([4, 10])"),
        ("*", "model_is_pattern Some([0, 1])"),
        ("anthropic/*", "model_is_pattern Some([0, 11])"),
        // What a pattern covers is known, even if it was listed alone before.
        ("litellm/openai/gpt-4o", "Gateway openai/gpt-4o []"),
        ("litellm/openai/gpt-4", "Gateway openai/gpt-4 []"),
        (
            "litellm/anthropic/claude",
            "Gateway anthropic/claude [\"model_absent\"]",
        ),
        ("vllm/seen", "Passthrough seen []"),
        // Not listed, a `*` elsewhere may be part of a name.
        ("litellm/my*model", "GatewayLegacy my*model []"),
    ] {
        assert_eq!(outcome(&table, text), expected, "{text}");
    }
    assert!(table.is_covered("litellm", "gpt-4o"));
    assert!(
        !table.is_covered("litellm", "gpt-*"),
        "a pattern is not covered"
    );
    assert!(!table.is_covered("groq", "gpt-4o"));
    let changed = table.with_models_of("litellm", Vec::new());
    assert!(!changed.is_covered("litellm", "gpt-4o"));
    assert_eq!(outcome(&changed, "litellm/gpt-*"), "GatewayLegacy gpt-* []");
}

#[test]
fn a_saved_agent_is_warned_of_patterns_and_not_of_listed_ids() {
    let table = listing(&[
        ("vllm", "/srv/models/x", true, false),
        ("litellm", "gpt-*", true, false),
    ]);
    let warned = |primary: &str, fallback: &str| {
        let yaml = format!("name: a\nmodel: {{ primary: '{primary}', fallback: '{fallback}' }}\n");
        let reading = table.check_document(read_agent(&yaml));
        let problems = reading.problems.into_iter();
        let lines = problems.map(|problem| format!("{} {}", problem.code, problem.path));
        lines.collect::<Vec<_>>().join(", ")
    };
    assert_eq!(warned("vllm//srv/models/x", "litellm/a"), "");
    assert_eq!(
        warned("vllm//srv/models/y", "vllm//srv/models/x"),
        "empty_segment model.primary"
    );
    assert_eq!(
        warned("litellm/openai/*", "litellm/gpt-*"),
        "model_is_pattern model.primary, model_is_pattern model.fallback"
    );
    assert_eq!(warned("*", "x*y"), "model_is_pattern model.primary");
}
