use super::*;

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
    assert_eq!(credential.from.to_string(), "secret:litellm/api-key");
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
        route.base_url.as_ref().unwrap().from.to_string(),
        "env:LITELLM_BASE_URL"
    );
    let stored = &route.credential.as_ref().unwrap().candidates[0];
    assert_eq!(stored.state, CredentialState::OtherOrigin);

    moved.environment.set.insert("LITELLM_MASTER_KEY".into());
    let resolution = resolve_in(moved, "litellm/m");
    assert_eq!(resolution.outcome, Outcome::Routed);
    assert_eq!(
        warning(&resolution, "key_to_overridden_origin").message,
        "The key from `LITELLM_MASTER_KEY` is sent to https://llm.example, which replaces http://localhost:4000."
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
            .from
            .to_string(),
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
            .from
            .to_string(),
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
        destination(&resolution).1,
        "https://integrate.api.nvidia.com/v1/chat/completions"
    );
    let resolution = resolve_in(overridden, "openrouter/a/b");
    assert_eq!(
        destination(&resolution).1,
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
        assert_eq!(
            resolution.route.unwrap().base_url.unwrap().from.to_string(),
            "builtin"
        );
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
        "The secrets backend is not responding, so it is not known whether \
         `secret:litellm/api-key` is there."
    );
}

#[test]
fn a_stored_key_that_is_missing_in_the_backend_rejects_and_nothing_takes_its_place() {
    let mut lost = snapshot();
    lost.environment.set.insert("LITELLM_MASTER_KEY".to_owned());
    for (text, name) in [
        ("litellm/m", "litellm/api-key"),
        ("customer/m", "sources/customer/auth-value"),
    ] {
        lost.secrets.remove(name);
        lost.secrets.missing.insert(name.to_owned());
        let resolution = resolve_in(lost.clone(), text);
        let (code, message) = refusal(&resolution);
        assert_eq!(code, "missing_api_key", "{text}");
        assert_eq!(
            message,
            format!(
                "The secrets backend no longer has the value of `{name}`. Enter it again, or remove it."
            )
        );
        let route = resolution.route.unwrap();
        let headers: Vec<_> = route.headers.iter().map(|header| &header.name).collect();
        assert!(
            !headers.contains(&&"authorization".to_owned()),
            "{headers:?}"
        );
    }
}

#[test]
fn one_secret_that_is_unknown_leaves_the_others_as_they_are() {
    let mut unknown = snapshot();
    let name = "sources/customer/auth-value";
    unknown.secrets.unknown.insert(name.to_owned());
    let state = |text: &str| {
        let route = resolve_in(unknown.clone(), text).route.unwrap();
        route.credential.map(|credential| credential.state)
    };
    assert_eq!(state("customer/m"), Some(CredentialState::Unknown));
    assert_ne!(state("litellm/m"), Some(CredentialState::Unknown));
}

#[test]
fn the_effective_values_are_those_of_the_route() {
    use crate::routing_table::{effective_provider, effective_source};
    let table = RoutingTable::new(snapshot());
    let provider = effective_provider(&table, "openrouter").unwrap();
    let route = resolve(&table, &Request::new("openrouter/a/b", Operation::Models))
        .route
        .unwrap();
    assert_eq!(provider.endpoint.headers, route.headers);
    assert_eq!(provider.endpoint.credential, route.credential);
    let auth = provider.endpoint.auth.unwrap();
    assert_eq!(
        (auth.name.as_str(), auth.prefix),
        ("authorization", "Bearer ")
    );
    assert_eq!(auth.from.to_string(), "env:OPENROUTER_API_KEY");
    assert!(effective_provider(&table, "customer").is_none());

    let source = effective_source(&table, "quiet").unwrap();
    assert_eq!(source.endpoint.auth.unwrap().name, "x-api-key");
    assert_eq!(
        source.endpoint.base_url.unwrap().url.as_str(),
        "https://customer.example/v1"
    );
    assert!(effective_source(&table, "litellm").is_none());
}
