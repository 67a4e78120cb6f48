use super::*;

#[test]
fn the_whole_resolution_of_a_gateway_ref() {
    let resolution = resolve_in(snapshot(), "openrouter/moonshotai/kimi-k2");
    assert_eq!(
        serde_json::to_value(&resolution).unwrap(),
        json!({
            "ref": "openrouter/moonshotai/kimi-k2",
            "outcome": "routed",
            "route": {
                "kind": "gateway",
                "provider": "openrouter",
                "base_url": { "value": "https://openrouter.ai/api/v1", "from": "builtin" },
                "method": "POST",
                "url": "https://openrouter.ai/api/v1/chat/completions",
                "wire_model": "moonshotai/kimi-k2",
                "headers": [
                    { "name": "authorization", "value": "Bearer {{env:OPENROUTER_API_KEY}}", "from": "env:OPENROUTER_API_KEY" },
                    { "name": "content-type", "value": "application/json", "from": "waypost" },
                    { "name": "http-referer", "value": "http://localhost:8700", "from": "builtin" },
                    { "name": "x-title", "value": "Waypost", "from": "builtin" },
                ],
                "caller_headers": [
                    "accept",
                    "anthropic-beta",
                    "anthropic-version",
                    "idempotency-key",
                    "openai-beta",
                    "traceparent",
                    "tracestate",
                    "user-agent",
                    "x-request-id",
                    "x-stainless-*",
                ],
                "credential": {
                    "from": "env:OPENROUTER_API_KEY",
                    "state": "present",
                    "candidates": [
                        { "from": "secret:openrouter/api-key", "state": "absent" },
                        { "from": "env:OPENROUTER_API_KEY", "state": "present", "chosen": true },
                    ],
                },
            },
            "warnings": [],
            "trace": [
                { "rule": "passthrough", "held": false, "reason": "no_passthrough_model", "message": "No agent is involved, so there is no passthrough model." },
                { "rule": "gateway", "held": true, "reason": "names_gateway", "message": "`openrouter` is a gateway." },
                { "rule": "direct", "held": false, "reason": "not_reached", "message": "Not reached." },
                { "rule": "source", "held": false, "reason": "not_reached", "message": "Not reached." },
                { "rule": "managed", "held": false, "reason": "not_reached", "message": "Not reached." },
            ],
        })
    );
}

#[test]
fn rule_gateway_takes_two_segments_as_the_legacy_form() {
    let resolution = resolve_in(snapshot(), "litellm/gpt-4o");
    assert_eq!(
        destination(&resolution),
        (
            RouteKind::GatewayLegacy,
            "http://localhost:4000/chat/completions",
            "gpt-4o"
        )
    );
    assert_eq!(
        resolution.warnings,
        [],
        "LiteLLM's names often have no slash"
    );
    assert_eq!(resolution.trace[1].reason, "names_gateway_legacy");
}

#[test]
fn openrouters_own_routers_need_the_name_twice() {
    let resolution = resolve_in(snapshot(), "openrouter/auto");
    assert_eq!(destination(&resolution).2, "auto");
    let warned = warning(&resolution, "openrouter_router_id");
    assert_eq!(
        warned.suggestion.as_deref(),
        Some("openrouter/openrouter/auto")
    );
    assert_eq!(
        warned.message,
        "OpenRouter calls this router `openrouter/auto`. As written, the model `auto` is sent, \
         which OpenRouter may not know."
    );
    assert!(
        resolve_in(snapshot(), "openrouter/openrouter/auto")
            .warnings
            .is_empty()
    );
}

#[test]
fn rule_direct_takes_a_direct_provider_with_any_number_of_segments() {
    let resolution = resolve_in(snapshot(), "nvidia/meta/llama-3.1-405b");
    assert_eq!(
        destination(&resolution),
        (
            RouteKind::Direct,
            "https://integrate.api.nvidia.com/v1/chat/completions",
            "meta/llama-3.1-405b"
        )
    );
    assert_eq!(
        reasons(&resolution)[1..4],
        [
            ("gateway", false, "names_direct_provider"),
            ("direct", true, "names_direct_provider"),
            ("source", false, "not_reached"),
        ]
    );
    assert_eq!(
        resolution.trace[1].message,
        "`nvidia` is a direct provider, not a gateway."
    );
}

#[test]
fn rule_source_goes_straight_there_with_passthrough() {
    let resolution = resolve_in(snapshot(), "customer/some/model");
    let route = resolution.route.as_ref().unwrap();
    assert_eq!(
        destination(&resolution),
        (
            RouteKind::Passthrough,
            "https://customer.example/v1/chat/completions",
            "some/model"
        )
    );
    assert_eq!(route.provider.as_deref(), Some("customer"));
    assert_eq!(
        route.base_url.as_ref().unwrap().from.to_string(),
        "source:customer"
    );
    let places: Vec<String> = route
        .headers
        .iter()
        .map(|header| header.from.to_string())
        .collect();
    let headers: Vec<_> = route
        .headers
        .iter()
        .enumerate()
        .map(|(at, header)| {
            (
                header.name.as_str(),
                header.value.as_str(),
                places[at].as_str(),
            )
        })
        .collect();
    assert_eq!(
        headers,
        [
            ("content-type", "application/json", "waypost"),
            (
                "x-api-key",
                "{{secret:sources/customer/auth-value}}",
                "secret:sources/customer/auth-value"
            ),
            (
                "x-team",
                "{{secret:sources/customer/headers#x-team}}",
                "source:customer"
            ),
        ]
    );
    assert_eq!(resolution.trace[3].reason, "names_passthrough_source");
}

#[test]
fn rule_source_goes_to_the_managed_gateway_without_passthrough() {
    let resolution = resolve_in(snapshot(), "quiet/some/model");
    let route = resolution.route.as_ref().unwrap();
    assert_eq!(
        destination(&resolution),
        (
            RouteKind::Managed,
            "http://localhost:4000/chat/completions",
            "some/model"
        )
    );
    assert_eq!(route.provider.as_deref(), Some("litellm"));
    assert_eq!(
        route.credential.as_ref().unwrap().from.to_string(),
        "env:LITELLM_MASTER_KEY"
    );
    assert_eq!(
        warning(&resolution, "managed_must_know_model").message,
        "Passthrough is off for `quiet`: its base URL and key are not used, and the managed \
         gateway must know the model `some/model` itself."
    );
    assert_eq!(
        (
            resolution.trace[3].held,
            resolution.trace[3].reason.as_str()
        ),
        (true, "names_managed_source")
    );
}

#[test]
fn rule_managed_takes_everything_else_as_it_is() {
    for text in [
        "customer-alias",
        "anthropic/claude-sonnet-4",
        "a/b/c/d",
        "openrouter\\a\\b",
    ] {
        let resolution = resolve_in(snapshot(), text);
        assert_eq!(
            destination(&resolution),
            (
                RouteKind::Managed,
                "http://localhost:4000/chat/completions",
                text
            )
        );
        assert_eq!(resolution.outcome, Outcome::Routed);
        assert_eq!(resolution.warnings, []);
        assert_eq!(
            reasons(&resolution)[4],
            ("managed", true, "nothing_else_held")
        );
    }
    let resolution = resolve_in(snapshot(), "customer-alias");
    assert_eq!(
        resolution.trace[1].message,
        "The ref has no `/`, so it names no gateway."
    );
}

#[test]
fn the_managed_gateway_must_be_a_gateway_of_the_catalog() {
    let with = |name: &str| Snapshot {
        managed_gateway: name.into(),
        ..snapshot()
    };
    let resolution = resolve_in(with("gone"), "alias");
    assert_eq!(
        refusal(&resolution),
        (
            "unknown_managed_gateway",
            "The managed gateway `gone` is not in the catalog. Choose another in Settings."
        )
    );
    let route = resolution.route.as_ref().unwrap();
    assert_eq!(
        (route.wire_model.as_str(), route.provider.as_deref()),
        ("alias", Some("gone"))
    );
    assert_eq!(
        reasons(&resolution)[4],
        ("managed", false, "no_managed_gateway")
    );

    let resolution = resolve_in(with("nvidia"), "quiet/m");
    assert_eq!(
        refusal(&resolution),
        (
            "managed_not_a_gateway",
            "The managed gateway `nvidia` is a direct provider. Choose a gateway in Settings."
        )
    );
    // A ref that needs no managed gateway is not touched by that.
    assert_eq!(
        resolve_in(with("gone"), "nvidia/m").outcome,
        Outcome::Routed
    );
}

#[test]
fn a_malformed_ref_is_refused_with_its_place_and_five_trace_entries() {
    let resolution = resolve_in(snapshot(), "nvidia//x");
    assert_eq!(refusal(&resolution).0, "empty_segment");
    assert_eq!(resolution.error.as_ref().unwrap().span, Some([7, 7]));
    assert_eq!(
        reasons(&resolution),
        [
            ("passthrough", false, "no_passthrough_model"),
            ("gateway", false, "malformed_ref"),
            ("direct", false, "not_reached"),
            ("source", false, "not_reached"),
            ("managed", false, "not_reached"),
        ]
    );
    assert_eq!(refusal(&resolve_in(snapshot(), "")).0, "empty");
}

#[test]
fn without_a_ref_the_default_model_is_used_and_without_that_none() {
    let request = Request::of_default_model(Operation::Chat);
    let mut with_default = snapshot();
    with_default.default_model = Some("nvidia/llama".into());
    let resolution = resolve(&RoutingTable::new(with_default), &request);
    assert_eq!(resolution.model_ref, "nvidia/llama");
    assert_eq!(resolution.outcome, Outcome::Routed);

    let resolution = resolve(&RoutingTable::new(snapshot()), &request);
    assert_eq!(
        refusal(&resolution),
        (
            "no_model",
            "No model is given and the organisation has no default model. Name a model, or \
             choose a default model."
        )
    );
    assert_eq!(resolution.trace.len(), 5);
}

#[test]
fn a_name_that_differs_by_case_or_typo_gets_the_whole_corrected_ref() {
    for (text, suggestion) in [
        (
            "OpenRouter/moonshotai/kimi-k2",
            "openrouter/moonshotai/kimi-k2",
        ),
        ("nvida/llama", "nvidia/llama"),
        ("Customer/x", "customer/x"),
    ] {
        let resolution = resolve_in(snapshot(), text);
        assert_eq!(
            destination(&resolution).0,
            RouteKind::Managed,
            "nothing is silently corrected"
        );
        assert_eq!(destination(&resolution).2, text);
        let warned = warning(&resolution, "did_you_mean");
        assert_eq!(warned.suggestion.as_deref(), Some(suggestion));
    }
    let resolution = resolve_in(snapshot(), "nvida/llama");
    assert_eq!(
        warning(&resolution, "did_you_mean").message,
        "`nvida` is not known. If `nvidia` is meant, correct the ref; until then it goes to the \
         managed gateway."
    );
}

#[test]
fn a_blocked_name_falls_neither_to_a_lower_layer_nor_to_the_managed_gateway() {
    let mut blocked = snapshot();
    for name in ["litellm", "corp"] {
        blocked.blocked.push(BlockedName {
            name: name.into(),
            code: "invalid_base_url".into(),
            message: "The base URL has no host.".into(),
        });
    }
    for (text, span) in [("litellm/gpt-4o", [0, 7]), ("corp/a/b", [0, 4])] {
        let resolution = resolve_in(blocked.clone(), text);
        assert_eq!(refusal(&resolution).0, "invalid_base_url");
        assert_eq!(resolution.error.as_ref().unwrap().span, Some(span));
        assert_eq!(reasons(&resolution)[1], ("gateway", false, "name_blocked"));
        assert_eq!(reasons(&resolution)[4], ("managed", false, "not_reached"));
    }
    assert_eq!(
        refusal(&resolve_in(blocked.clone(), "corp/a")).1,
        "The entry `corp` of the providers file has an error, so its name is blocked: The base \
         URL has no host."
    );
    let resolution = resolve_in(blocked, "alias");
    assert_eq!(
        refusal(&resolution),
        (
            "invalid_base_url",
            "The managed gateway `litellm` has an error in the providers file: The base \
             URL has no host."
        )
    );
}

#[test]
fn each_operation_has_its_method_url_and_body() {
    let table = RoutingTable::new(snapshot());
    for (operation, method, url) in [
        (
            Operation::Models,
            "GET",
            "https://customer.example/v1/models",
        ),
        (
            Operation::Messages,
            "POST",
            "https://customer.example/v1/messages",
        ),
        (
            Operation::CountTokens,
            "POST",
            "https://customer.example/v1/messages/count_tokens",
        ),
        (
            Operation::Responses,
            "POST",
            "https://customer.example/v1/responses",
        ),
        (
            Operation::Embeddings,
            "POST",
            "https://customer.example/v1/embeddings",
        ),
        (
            Operation::Completions,
            "POST",
            "https://customer.example/v1/completions",
        ),
        (
            Operation::Moderations,
            "POST",
            "https://customer.example/v1/moderations",
        ),
        (
            Operation::Rerank,
            "POST",
            "https://customer.example/v1/rerank",
        ),
        (
            Operation::Images,
            "POST",
            "https://customer.example/v1/images/generations",
        ),
        (
            Operation::Speech,
            "POST",
            "https://customer.example/v1/audio/speech",
        ),
    ] {
        let route = resolve(&table, &Request::new("customer/m", operation))
            .route
            .unwrap();
        assert_eq!(
            (route.method.as_str(), route.url.as_deref()),
            (method, Some(url))
        );
        let has_body = route
            .headers
            .iter()
            .any(|header| header.name == "content-type");
        assert_eq!(has_body, method == "POST");
    }
}
