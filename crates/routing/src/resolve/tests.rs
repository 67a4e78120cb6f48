mod agents;

use super::*;
use crate::catalog::{BlockedName, Layer, ProviderEntry, ProviderKind, builtin};
use crate::resolution::{CredentialState, RouteKind, Warning};
use crate::source::{SourceFacts, SourceHeader};
use crate::world::{ModelFact, Snapshot};
use serde_json::json;

/// The built-in catalog, keys for some of it in the environment, and two custom sources.
fn snapshot() -> Snapshot {
    let source = |slug: &str, passthrough| SourceFacts {
        slug: slug.into(),
        name: slug.into(),
        base_url: "https://Customer.example/v1/".into(),
        auth_header: Some("X-API-Key".into()),
        headers: vec![SourceHeader {
            name: "X-Team".into(),
            value: None,
        }],
        passthrough,
    };
    let mut snapshot = Snapshot {
        managed_gateway: "litellm".into(),
        providers: builtin(),
        sources: vec![source("customer", true), source("quiet", false)],
        ..Snapshot::default()
    };
    for variable in ["OPENROUTER_API_KEY", "LITELLM_MASTER_KEY", "NVIDIA_API_KEY"] {
        snapshot.environment.set.insert(variable.into());
    }
    for slug in ["customer", "quiet"] {
        let origin = "https://customer.example".to_owned();
        let stored = &mut snapshot.secrets.stored;
        stored.insert(format!("sources/{slug}/auth-value"), origin.clone());
        stored.insert(format!("sources/{slug}/headers"), origin);
    }
    snapshot
}

fn entry(name: &str, layer: Layer, base_url: &str) -> ProviderEntry {
    ProviderEntry {
        name: name.into(),
        kind: ProviderKind::Gateway,
        layer,
        base_url: base_url.into(),
        api_key_env: Some("LITELLM_MASTER_KEY".into()),
        default_headers: Default::default(),
        docs: None,
        notable_models: Vec::new(),
    }
}

fn resolve_in(snapshot: Snapshot, text: &str) -> Resolution {
    resolve(&World::new(snapshot), &Request::new(text, Operation::Chat))
}

fn told(resolution: &Resolution) -> (RouteKind, &str, &str) {
    let route = resolution.route.as_ref().unwrap();
    (
        route.kind,
        route.url.as_deref().unwrap_or(""),
        &route.wire_model,
    )
}

fn warning<'r>(resolution: &'r Resolution, code: &str) -> &'r Warning {
    let found = resolution
        .warnings
        .iter()
        .find(|warning| warning.code == code);
    found.unwrap_or_else(|| panic!("no warning {code} in {:?}", resolution.warnings))
}

fn refusal(resolution: &Resolution) -> (&str, &str) {
    assert_eq!(resolution.outcome, Outcome::Rejected);
    let error = resolution.error.as_ref().unwrap();
    (&error.code, &error.message)
}

fn reasons(resolution: &Resolution) -> Vec<(&str, bool, &str)> {
    resolution
        .trace
        .iter()
        .map(|entry| (entry.rule.name(), entry.held, entry.reason.as_str()))
        .collect()
}

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
                    { "name": "http-referer", "value": "https://waypost.example", "from": "builtin" },
                    { "name": "x-title", "value": "Waypost", "from": "builtin" },
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
        told(&resolution),
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
    assert_eq!(told(&resolution).2, "auto");
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
        told(&resolution),
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
        told(&resolution),
        (
            RouteKind::Passthrough,
            "https://customer.example/v1/chat/completions",
            "some/model"
        )
    );
    assert_eq!(route.provider.as_deref(), Some("customer"));
    assert_eq!(route.base_url.as_ref().unwrap().from, "source:customer");
    let headers: Vec<_> = route
        .headers
        .iter()
        .map(|header| {
            (
                header.name.as_str(),
                header.value.as_str(),
                header.from.as_str(),
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
        told(&resolution),
        (
            RouteKind::Managed,
            "http://localhost:4000/chat/completions",
            "some/model"
        )
    );
    assert_eq!(route.provider.as_deref(), Some("litellm"));
    assert_eq!(
        route.credential.as_ref().unwrap().from,
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
            told(&resolution),
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
    let resolution = resolve(&World::new(with_default), &request);
    assert_eq!(resolution.model_ref, "nvidia/llama");
    assert_eq!(resolution.outcome, Outcome::Routed);

    let resolution = resolve(&World::new(snapshot()), &request);
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
            told(&resolution).0,
            RouteKind::Managed,
            "nothing is silently corrected"
        );
        assert_eq!(told(&resolution).2, text);
        let warned = warning(&resolution, "did_you_mean");
        assert_eq!(warned.suggestion.as_deref(), Some(suggestion));
    }
    let resolution = resolve_in(snapshot(), "nvida/llama");
    assert_eq!(
        warning(&resolution, "did_you_mean").message,
        "`nvida` is not known. If `nvidia` is meant, correct the ref; as written it goes to the \
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
        "The entry `corp` of the providers file has an error, which blocks the name: The base \
         URL has no host."
    );
    let resolution = resolve_in(blocked, "alias");
    assert_eq!(
        refusal(&resolution),
        (
            "invalid_base_url",
            "The managed gateway `litellm` has a faulty entry in the providers file: The base \
             URL has no host."
        )
    );
}

#[test]
fn a_missing_key_keeps_the_route() {
    let mut without = snapshot();
    without.environment.set.clear();
    let resolution = resolve_in(without, "litellm/openai/gpt-4o");
    assert_eq!(
        refusal(&resolution),
        (
            "missing_api_key",
            "There is no key for `litellm`. Configure one, or set the environment variable \
             `LITELLM_MASTER_KEY`."
        )
    );
    let route = resolution.route.as_ref().unwrap();
    assert_eq!(
        route.url.as_deref(),
        Some("http://localhost:4000/chat/completions")
    );
    let credential = route.credential.as_ref().unwrap();
    assert_eq!(credential.from, "secret:litellm/api-key");
    assert_eq!(credential.state, CredentialState::Absent);
    assert!(
        credential
            .candidates
            .iter()
            .all(|candidate| !candidate.chosen)
    );
    assert!(
        route
            .headers
            .iter()
            .all(|header| header.name != "authorization")
    );
    assert!(
        resolution.trace[1].held,
        "the rule held; the key is another matter"
    );
}

#[test]
fn a_stored_key_stays_with_its_origin() {
    let mut moved = snapshot();
    moved.environment.set.clear();
    moved
        .secrets
        .stored
        .insert("litellm/api-key".into(), "http://localhost:4000".into());
    assert_eq!(
        resolve_in(moved.clone(), "litellm/m").outcome,
        Outcome::Routed
    );

    let urls = &mut moved.environment.base_urls;
    urls.insert("LITELLM_BASE_URL".into(), "https://llm.example/".into());
    let resolution = resolve_in(moved.clone(), "litellm/m");
    assert_eq!(
        refusal(&resolution),
        (
            "missing_api_key",
            "The stored key of `litellm` was entered for http://localhost:4000 and is not sent \
             to https://llm.example. Enter it again for the new address, or set the environment \
             variable `LITELLM_MASTER_KEY`."
        )
    );
    let route = resolution.route.as_ref().unwrap();
    assert_eq!(
        route.base_url.as_ref().unwrap().from,
        "env:LITELLM_BASE_URL"
    );
    let stored = &route.credential.as_ref().unwrap().candidates[0];
    assert_eq!(stored.state, CredentialState::OtherOrigin);

    moved.environment.set.insert("LITELLM_MASTER_KEY".into());
    let resolution = resolve_in(moved, "litellm/m");
    assert_eq!(resolution.outcome, Outcome::Routed);
    assert_eq!(
        warning(&resolution, "key_to_overridden_origin").message,
        "The key from `LITELLM_MASTER_KEY` is sent to https://llm.example, which has been put in \
         the place of http://localhost:4000."
    );
}

#[test]
fn a_file_that_moves_a_name_moves_the_environments_key_with_a_warning() {
    let mut moved = snapshot();
    let file = entry("litellm", Layer::UserLocal, "https://llm.example/v1");
    moved.providers.push(file);
    let resolution = resolve_in(moved.clone(), "litellm/m");
    assert_eq!(
        resolution
            .route
            .as_ref()
            .unwrap()
            .base_url
            .as_ref()
            .unwrap()
            .from,
        "user-local"
    );
    warning(&resolution, "key_to_overridden_origin");

    let workspace = entry("litellm", Layer::Workspace, "https://llm.example/v1");
    moved.providers.push(workspace);
    let resolution = resolve_in(moved, "litellm/m");
    assert_eq!(
        resolution
            .route
            .as_ref()
            .unwrap()
            .base_url
            .as_ref()
            .unwrap()
            .from,
        "workspace"
    );
    assert_eq!(
        resolution.warnings,
        [],
        "an administrator's own entry is no surprise"
    );
}

#[test]
fn the_environment_overrides_gateways_and_never_direct_providers() {
    let mut overridden = snapshot();
    for variable in ["NVIDIA_BASE_URL", "OPENROUTER_BASE_URL"] {
        let urls = &mut overridden.environment.base_urls;
        urls.insert(variable.into(), " https://other.example/v1/ ".into());
    }
    let resolution = resolve_in(overridden.clone(), "nvidia/m");
    assert_eq!(
        told(&resolution).1,
        "https://integrate.api.nvidia.com/v1/chat/completions"
    );
    let resolution = resolve_in(overridden, "openrouter/a/b");
    assert_eq!(
        told(&resolution).1,
        "https://other.example/v1/chat/completions"
    );
}

#[test]
fn a_blank_override_is_unset_and_a_bad_one_is_an_error() {
    let with = |value: &str| {
        let mut overridden = snapshot();
        let urls = &mut overridden.environment.base_urls;
        urls.insert("LITELLM_BASE_URL".into(), value.into());
        resolve_in(overridden, "litellm/m")
    };
    for blank in ["", "  "] {
        let resolution = with(blank);
        assert_eq!(resolution.route.unwrap().base_url.unwrap().from, "builtin");
    }
    assert_eq!(
        refusal(&with("h:4000")),
        (
            "invalid_base_url",
            "The environment variable `LITELLM_BASE_URL`, which sets the base URL of `litellm`, \
             cannot be used: The base URL must begin with http:// or https://."
        )
    );
    let resolution = with("https://user:s3cret@h");
    assert_eq!(refusal(&resolution).0, "credentials_in_url");
    assert!(
        !serde_json::to_string(&resolution)
            .unwrap()
            .contains("s3cret")
    );
    assert_eq!(resolution.route.unwrap().wire_model, "m");
}

#[test]
fn a_secrets_backend_that_does_not_answer_routes_with_a_warning() {
    let mut down = snapshot();
    down.secrets.unavailable = true;
    for text in ["litellm/m", "customer/m"] {
        let resolution = resolve_in(down.clone(), text);
        assert_eq!(resolution.outcome, Outcome::Routed, "{text}");
        let credential = resolution
            .route
            .as_ref()
            .unwrap()
            .credential
            .as_ref()
            .unwrap();
        assert_eq!(credential.state, CredentialState::Unknown);
        warning(&resolution, "secrets_unavailable");
    }
    assert_eq!(
        warning(&resolve_in(down, "litellm/m"), "secrets_unavailable").message,
        "The secrets backend does not answer, so it is not known whether \
         `secret:litellm/api-key` is there."
    );
}

#[test]
fn a_source_without_a_key_is_keyless() {
    let mut keyless = snapshot();
    keyless.secrets.stored.clear();
    let resolution = resolve_in(keyless, "customer/m");
    assert_eq!(resolution.outcome, Outcome::Routed);
    let route = resolution.route.unwrap();
    assert_eq!(route.credential, None);
    assert!(
        route
            .headers
            .iter()
            .all(|header| header.name != "x-api-key")
    );
}

#[test]
fn a_sources_secrets_stay_with_their_origin() {
    for secret in ["sources/customer/auth-value", "sources/customer/headers"] {
        let mut moved = snapshot();
        moved
            .secrets
            .stored
            .insert(secret.into(), "https://old.example".into());
        let resolution = resolve_in(moved, "customer/m");
        assert_eq!(
            refusal(&resolution),
            (
                "credential_origin_mismatch",
                "The secrets of the source `customer` were entered for https://old.example and \
                 are not sent to https://customer.example. Enter them again for the new address."
            )
        );
        let route = resolution.route.unwrap();
        let withheld = if secret.ends_with("headers") {
            "x-team"
        } else {
            "x-api-key"
        };
        assert!(route.headers.iter().all(|header| header.name != withheld));
    }
}

#[test]
fn a_source_without_a_usable_base_url_is_refused() {
    let mut broken = snapshot();
    broken.sources[0].base_url = String::new();
    assert_eq!(
        refusal(&resolve_in(broken, "customer/m")),
        (
            "passthrough_needs_base_url",
            "The source `customer` has no base URL, so nothing can be sent to it. Enter one."
        )
    );
}

#[test]
fn the_credentials_header_wins_over_a_static_one_with_a_warning() {
    let mut shadowed = snapshot();
    shadowed.sources[0].headers = vec![SourceHeader {
        name: "x-API-key".into(),
        value: Some("other".into()),
    }];
    let resolution = resolve_in(shadowed, "customer/m");
    assert_eq!(
        warning(&resolution, "header_shadowed").message,
        "The header `x-api-key` from `source:customer` is not sent: the credential's header of \
         the same name replaces it."
    );
    let headers = resolution.route.unwrap().headers;
    let sent: Vec<_> = headers
        .iter()
        .filter(|header| header.name == "x-api-key")
        .collect();
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].from, "secret:sources/customer/auth-value");
}

#[test]
fn a_default_header_may_replace_the_content_type() {
    let mut own = snapshot();
    let mut file = entry("litellm", Layer::UserLocal, "http://localhost:4000");
    file.default_headers
        .insert("Content-Type".into(), "text/plain".into());
    own.providers.push(file);
    let headers = resolve_in(own, "litellm/m").route.unwrap().headers;
    let sent: Vec<_> = headers
        .iter()
        .filter(|header| header.name == "content-type")
        .collect();
    assert_eq!(sent.len(), 1);
    assert_eq!(
        (sent[0].value.as_str(), sent[0].from.as_str()),
        ("text/plain", "user-local")
    );
}

fn model(owner: &str, id: &str, enabled: bool, absent: bool) -> ModelFact {
    ModelFact {
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
        "The model `m` of `nvidia` is switched off. Enable it in the catalog, or name another."
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

#[test]
fn each_operation_has_its_method_url_and_body() {
    let world = World::new(snapshot());
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
    ] {
        let route = resolve(&world, &Request::new("customer/m", operation))
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

#[test]
fn the_effective_values_are_those_of_the_route() {
    use crate::endpoint::{effective_provider, effective_source};
    let world = World::new(snapshot());
    let provider = effective_provider(&world, "openrouter").unwrap();
    let route = resolve(&world, &Request::new("openrouter/a/b", Operation::Models))
        .route
        .unwrap();
    assert_eq!(provider.endpoint.headers, route.headers);
    assert_eq!(provider.endpoint.credential, route.credential);
    let auth = provider.endpoint.auth.unwrap();
    assert_eq!(
        (auth.name.as_str(), auth.prefix),
        ("authorization", "Bearer ")
    );
    assert_eq!(auth.from, "env:OPENROUTER_API_KEY");
    assert!(effective_provider(&world, "customer").is_none());

    let source = effective_source(&world, "quiet").unwrap();
    assert_eq!(source.endpoint.auth.unwrap().name, "x-api-key");
    assert_eq!(
        source.endpoint.base_url.unwrap().url.as_str(),
        "https://customer.example/v1"
    );
    assert!(effective_source(&world, "litellm").is_none());
}
