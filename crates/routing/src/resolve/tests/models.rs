use super::*;

fn model(owner: &str, id: &str, enabled: bool, absent: bool) -> ModelEntry {
    ModelEntry {
        owner: owner.into(),
        id: id.into(),
        enabled,
        absent,
    }
}

#[test]
fn a_disabled_model_is_refused_wherever_the_request_would_use_it() {
    let mut off = snapshot();
    off.models = vec![
        model("nvidia", "m", false, false),
        model("litellm", "gpt-4o", false, true),
        model("quiet", "q", false, false),
    ];
    for (text, span) in [
        ("nvidia/m", [7, 8]),
        ("litellm/gpt-4o", [8, 14]),
        ("gpt-4o", [0, 6]),
        ("quiet/q", [6, 7]),
        ("quiet/gpt-4o", [6, 12]),
    ] {
        let resolution = resolve_in(off.clone(), text);
        assert_eq!(refusal(&resolution).0, "model_disabled", "{text}");
        assert_eq!(
            resolution.error.as_ref().unwrap().span,
            Some(span),
            "{text}"
        );
        assert!(resolution.route.unwrap().url.is_some(), "{text}");
    }
    assert_eq!(
        refusal(&resolve_in(off.clone(), "nvidia/m")).1,
        "The model `m` of `nvidia` is disabled. Enable it in the catalog, or use another model."
    );
    assert_eq!(resolve_in(off, "nvidia/other").outcome, Outcome::Routed);
}

#[test]
fn a_routing_variant_does_not_bring_a_disabled_model_back() {
    let mut off = snapshot();
    off.models = vec![
        model("openrouter", "a/b", false, false),
        model("nvidia", "m", false, false),
    ];
    for text in ["openrouter/a/b", "openrouter/a/b:nitro"] {
        assert_eq!(
            refusal(&resolve_in(off.clone(), text)).0,
            "model_disabled",
            "{text}"
        );
    }
    for text in ["openrouter/a/b:free", "nvidia/m:nitro"] {
        assert_eq!(
            resolve_in(off.clone(), text).outcome,
            Outcome::Routed,
            "{text}"
        );
    }
}

#[test]
fn an_absent_model_routes_with_a_warning() {
    let mut gone = snapshot();
    gone.models = vec![model("customer", "m", true, true)];
    let resolution = resolve_in(gone, "customer/m");
    assert_eq!(resolution.outcome, Outcome::Routed);
    assert_eq!(
        warning(&resolution, "model_absent").message,
        "`customer` no longer lists the model `m`, so the request may fail there."
    );
}
