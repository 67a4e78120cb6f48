use super::*;
use crate::agent::{Agent, read_agent};
use crate::resolve::passthrough_models;

fn agent(yaml: &str) -> Agent {
    let reading = read_agent(yaml);
    reading
        .agent
        .unwrap_or_else(|| panic!("{:?}", reading.problems))
}

/// An agent that passes through, with subagents that do and do not.
fn support_bot() -> Agent {
    agent(
        "name: support-bot
model: { primary: customer-alias, source: customer, fallback: nvidia/llama }
subagents:
  analyst:
    model: { primary: child, passthrough: true, source: quiet, fallback: litellm/openai/gpt-4o }
  twin:
    model: { primary: child, source: customer }
  writer:
    model: { primary: openrouter/moonshotai/kimi-k2 }
",
    )
}

fn ask(agent: &Agent, text: &str) -> Resolution {
    let request = Request::new(text, Operation::Chat).sent_by(agent, None);
    resolve(&RoutingTable::new(snapshot()), &request)
}

fn primary_in(snapshot: Snapshot, agent: &Agent, subagent: Option<&str>) -> Resolution {
    let request = Request::of_agent(agent, subagent, Operation::Chat);
    resolve(&RoutingTable::new(snapshot), &request)
}

fn first(resolution: &Resolution) -> (bool, &str, &str) {
    let entry = &resolution.trace[0];
    (entry.held, &entry.reason, &entry.message)
}

#[test]
fn rule_passthrough_takes_exactly_the_string_of_the_agents_model() {
    let agent = support_bot();
    let resolution = ask(&agent, "customer-alias");
    assert_eq!(
        destination(&resolution),
        (
            RouteKind::Passthrough,
            "https://customer.example/v1/chat/completions",
            "customer-alias"
        )
    );
    assert_eq!(
        first(&resolution),
        (
            true,
            "passthrough_agent",
            "`customer-alias` is the passthrough model of the agent `support-bot`."
        )
    );
    let route = resolution.route.as_ref().unwrap();
    assert_eq!(route.provider.as_deref(), Some("customer"));
    assert_eq!(
        route.base_url.as_ref().unwrap().from.to_string(),
        "source:customer"
    );
    assert_eq!(
        route.credential.as_ref().unwrap().from.to_string(),
        "secret:sources/customer/auth-value"
    );
    for other in [
        "Customer-Alias",
        "customer-alias ",
        "customer-alias/x",
        "gpt-5",
    ] {
        let resolution = ask(&agent, other);
        assert_eq!(
            resolution.trace[0].reason, "not_a_passthrough_model",
            "{other}"
        );
        assert!(!resolution.trace[0].held);
    }
    assert_eq!(
        first(&ask(&agent, "gpt-5")).2,
        "`gpt-5` is not exactly the string of a passthrough model of the agent `support-bot`."
    );
}

#[test]
fn the_raw_string_is_compared_before_it_is_judged_as_a_ref() {
    let odd = agent("name: a\nmodel: { primary: ' odd//model ', source: customer }\n");
    let resolution = primary_in(snapshot(), &odd, None);
    assert_eq!(resolution.outcome, Outcome::Routed);
    assert_eq!(destination(&resolution).2, " odd//model ");
}

#[test]
fn subagents_with_the_same_model_keep_apart_by_their_scope() {
    let agent = support_bot();
    for (text, url) in [
        (
            "child::subagent::analyst",
            "https://customer.example/v1/chat/completions",
        ),
        (
            "child::subagent::twin",
            "https://customer.example/v1/chat/completions",
        ),
    ] {
        let resolution = ask(&agent, text);
        assert_eq!(
            destination(&resolution),
            (RouteKind::Passthrough, url, "child"),
            "{text}"
        );
        assert_eq!(resolution.trace[0].reason, "passthrough_subagent");
        assert_eq!(resolution.model_ref, text);
    }
    let resolution = ask(&agent, "child::subagent::analyst");
    assert_eq!(resolution.route.unwrap().provider.as_deref(), Some("quiet"));
    let resolution = ask(&agent, "child::subagent::twin");
    assert_eq!(
        resolution.route.unwrap().provider.as_deref(),
        Some("customer")
    );
    // Without its scope the same string matches no subagent.
    assert_eq!(destination(&ask(&agent, "child")).0, RouteKind::Managed);
}

#[test]
fn a_subagent_without_passthrough_goes_by_its_ref_with_the_scope_cut() {
    let agent = support_bot();
    let resolution = primary_in(snapshot(), &agent, Some("writer"));
    assert_eq!(
        resolution.model_ref,
        "openrouter/moonshotai/kimi-k2::subagent::writer"
    );
    assert_eq!(destination(&resolution).0, RouteKind::Gateway);
    assert_eq!(destination(&resolution).2, "moonshotai/kimi-k2");
    assert_eq!(resolution.warnings, []);

    let resolution = ask(&agent, "other-model::subagent::analyst");
    assert_eq!(destination(&resolution).0, RouteKind::Managed);
    assert_eq!(destination(&resolution).2, "other-model");
}

#[test]
fn an_unknown_alias_is_cut_off_with_a_warning() {
    let agent = support_bot();
    let resolution = ask(&agent, "gpt-5::subagent::missing");
    assert_eq!(destination(&resolution).2, "gpt-5");
    assert_eq!(
        warning(&resolution, "unknown_subagent").message,
        "The agent `support-bot` has no subagent `missing`; the scope is ignored."
    );
    let request = Request::new("gpt-5", Operation::Chat).scoped("missing");
    let resolution = resolve(&RoutingTable::new(snapshot()), &request);
    assert_eq!(resolution.model_ref, "gpt-5::subagent::missing");
    assert_eq!(destination(&resolution).2, "gpt-5");
    assert_eq!(
        warning(&resolution, "unknown_subagent").message,
        "No agent is given that could have a subagent `missing`; the scope is ignored."
    );
    // A primary that is asked for by an unknown alias is the agent's own.
    let resolution = primary_in(snapshot(), &agent, Some("missing"));
    assert_eq!(resolution.model_ref, "customer-alias::subagent::missing");
}

#[test]
fn a_scope_that_is_already_there_is_not_added_again() {
    let agent = support_bot();
    let request = Request::new("child::subagent::twin", Operation::Chat);
    let resolution = resolve(
        &RoutingTable::new(snapshot()),
        &request.sent_by(&agent, Some("twin")),
    );
    assert_eq!(resolution.model_ref, "child::subagent::twin");
}

#[test]
fn a_models_own_passthrough_counts_before_its_sources() {
    for (yaml, kind) in [
        ("{ primary: m, source: customer }", RouteKind::Passthrough),
        (
            "{ primary: m, source: customer, passthrough: false }",
            RouteKind::Managed,
        ),
        ("{ primary: m, source: quiet }", RouteKind::Managed),
        (
            "{ primary: m, source: quiet, passthrough: true }",
            RouteKind::Passthrough,
        ),
        (
            "{ primary: m, base_url: 'https://a.example/v1' }",
            RouteKind::Managed,
        ),
        ("{ primary: m }", RouteKind::Managed),
    ] {
        let agent = agent(&format!("name: a\nmodel: {yaml}\n"));
        let resolution = primary_in(snapshot(), &agent, None);
        assert_eq!(destination(&resolution).0, kind, "{yaml}");
    }
    let plain = agent("name: a\nmodel: { primary: m }\n");
    assert_eq!(
        first(&primary_in(snapshot(), &plain, None)),
        (
            false,
            "no_passthrough_model",
            "The agent `a` has no passthrough model."
        )
    );
}

#[test]
fn the_sources_slug_is_cut_off_on_the_wire() {
    let below = agent("name: a\nmodel: { primary: customer/some/model, source: customer }\n");
    let resolution = primary_in(snapshot(), &below, None);
    assert_eq!(resolution.trace[0].reason, "passthrough_agent");
    assert_eq!(destination(&resolution).2, "some/model");
    let beside = agent("name: a\nmodel: { primary: customers/m, source: customer }\n");
    assert_eq!(
        destination(&primary_in(snapshot(), &beside, None)).2,
        "customers/m"
    );
}

#[test]
fn a_base_url_without_a_source_sends_no_credential() {
    let bare = agent(
        "name: a\nmodel: { primary: m, passthrough: true, base_url: 'https://a.example/v1' }\n",
    );
    let resolution = primary_in(snapshot(), &bare, None);
    assert_eq!(resolution.outcome, Outcome::Routed);
    assert_eq!(
        warning(&resolution, "no_source").message,
        "The model names a base URL but no source, so no credential is sent."
    );
    let route = resolution.route.unwrap();
    assert_eq!(route.provider, None);
    assert_eq!(route.credential, None);
    assert_eq!(route.base_url.unwrap().from.to_string(), "agent_yaml");
    let names: Vec<_> = route
        .headers
        .iter()
        .map(|header| header.name.as_str())
        .collect();
    assert_eq!(names, ["content-type"]);
}

#[test]
fn passthrough_needs_a_base_url() {
    let nowhere = agent("name: a\nmodel: { primary: m, passthrough: true }\n");
    assert_eq!(
        refusal(&primary_in(snapshot(), &nowhere, None)),
        (
            "passthrough_needs_base_url",
            "The model passes through but names neither a source nor a base URL. Name one of \
             them."
        )
    );
    let mut empty = snapshot();
    empty.sources[0].base_url = String::new();
    let agent = agent("name: a\nmodel: { primary: m, source: customer }\n");
    let resolution = primary_in(empty, &agent, None);
    assert_eq!(refusal(&resolution).0, "passthrough_needs_base_url");
    assert_eq!(resolution.route.unwrap().wire_model, "m");
}

#[test]
fn a_source_that_missing_has_is_refused_and_not_replaced() {
    for yaml in [
        "{ primary: m, source: gone }",
        "{ primary: m, source: gone, passthrough: true, base_url: 'https://a.example' }",
    ] {
        let agent = agent(&format!("name: a\nmodel: {yaml}\n"));
        let resolution = primary_in(snapshot(), &agent, None);
        assert_eq!(
            refusal(&resolution),
            (
                "unknown_source",
                "There is no custom source `gone`, whose credential the model should use. Add \
                 it, or name another."
            )
        );
        assert_eq!(resolution.route.unwrap().provider.as_deref(), Some("gone"));
    }
    let off = agent("name: a\nmodel: { primary: m, source: gone, passthrough: false }\n");
    assert_eq!(primary_in(snapshot(), &off, None).outcome, Outcome::Routed);
}

#[test]
fn the_sources_secrets_are_not_sent_to_another_origin_of_the_agents() {
    let elsewhere = agent(
        "name: a\nmodel: { primary: m, source: customer, base_url: 'https://evil.example/v1' }\n",
    );
    let mut any_origin = snapshot();
    for bound in any_origin.secrets.stored.values_mut() {
        bound.clear();
    }
    let mut down = snapshot();
    down.secrets.unavailable = true;
    for table in [snapshot(), any_origin, down] {
        let resolution = primary_in(table, &elsewhere, None);
        assert_eq!(
            refusal(&resolution),
            (
                "credential_origin_mismatch",
                "The secrets of the source `customer` were entered for https://customer.example \
                 and are not sent to https://evil.example. Name a source of that address, or none."
            )
        );
        let route = resolution.route.unwrap();
        let names: Vec<_> = route
            .headers
            .iter()
            .map(|header| header.name.as_str())
            .collect();
        assert_eq!(names, ["content-type"]);
        let credential = route.credential.unwrap();
        assert!(
            credential
                .candidates
                .iter()
                .all(|candidate| !candidate.chosen)
        );
    }
    let same = agent(
        "name: a\nmodel: { primary: m, source: customer, base_url: 'https://customer.example/other' }\n",
    );
    let resolution = primary_in(snapshot(), &same, None);
    assert_eq!(resolution.outcome, Outcome::Routed);
    let base_url = resolution.route.unwrap().base_url.unwrap();
    assert_eq!(
        (base_url.value.as_str(), base_url.from.to_string().as_str()),
        ("https://customer.example/other", "agent_yaml")
    );
}

#[test]
fn a_primarys_fallback_is_resolved_beside_it() {
    let agent = support_bot();
    let resolution = primary_in(snapshot(), &agent, None);
    let fallback = resolution.fallback.unwrap();
    assert_eq!(fallback.model_ref, "nvidia/llama");
    assert_eq!(fallback.route.as_ref().unwrap().kind, RouteKind::Direct);
    assert_eq!(fallback.fallback, None);
    // However the primary is asked for.
    assert!(ask(&agent, "customer-alias").fallback.is_some());
    let scoped = ask(&agent, "child::subagent::analyst").fallback.unwrap();
    assert_eq!(scoped.model_ref, "litellm/openai/gpt-4o");
    assert_eq!(scoped.route.unwrap().wire_model, "openai/gpt-4o");
    // Another string is not the primary.
    assert_eq!(ask(&agent, "gpt-5").fallback, None);
    assert_eq!(
        primary_in(snapshot(), &agent, Some("writer")).fallback,
        None
    );
}

#[test]
fn without_a_primary_the_default_model_is_used() {
    let empty = agent("name: bare\nsubagents: { sub: {} }\n");
    assert_eq!(
        refusal(&primary_in(snapshot(), &empty, None)),
        (
            "no_model",
            "The agent `bare` names no primary model and the organisation has no default model. \
             Name a model, or choose a default model."
        )
    );
    assert_eq!(
        refusal(&primary_in(snapshot(), &empty, Some("sub"))).1,
        "The subagent `sub` of the agent `bare` names no primary model and the organisation has \
         no default model. Name a model, or choose a default model."
    );
    let mut with_default = snapshot();
    with_default.default_model = Some("nvidia/llama".into());
    let resolution = primary_in(with_default.clone(), &empty, None);
    assert_eq!(destination(&resolution).0, RouteKind::Direct);
    let resolution = primary_in(with_default.clone(), &empty, Some("sub"));
    assert_eq!(resolution.model_ref, "nvidia/llama::subagent::sub");
    let passing = agent("name: a\nmodel: { source: customer }\n");
    let resolution = primary_in(with_default, &passing, None);
    assert_eq!(resolution.trace[0].reason, "passthrough_agent");
}

#[test]
fn the_older_form_puts_the_gateway_before_the_model() {
    let older =
        agent("name: a\nmodel: { gateway: litellm, primary: gpt-4o, fallback: litellm/x }\n");
    let resolution = primary_in(snapshot(), &older, None);
    assert_eq!(resolution.model_ref, "litellm/gpt-4o");
    assert_eq!(destination(&resolution).2, "gpt-4o");
    assert_eq!(resolution.fallback.unwrap().model_ref, "litellm/x");
}

const OVERRIDES: &str = "name: a
model: { primary: litellm/openai/gpt-4o }
gateways:
  litellm:
    url: https://platform.example/v1
    default_headers: { X-Team: blue, AUTHORIZATION: mine }
    fallback_policy: cheapest
  nvidia:
    url: https://evil.example
";

#[test]
fn an_agent_overrides_a_gateway() {
    let overriding = agent(OVERRIDES);
    let mut with_env = snapshot();
    let urls = &mut with_env.environment.base_urls;
    urls.insert("LITELLM_BASE_URL".into(), "https://env.example".into());
    let resolution = primary_in(with_env.clone(), &overriding, None);
    let route = resolution.route.as_ref().unwrap();
    assert_eq!(
        route.url.as_deref(),
        Some("https://platform.example/v1/chat/completions")
    );
    assert_eq!(
        route.base_url.as_ref().unwrap().from.to_string(),
        "agent_yaml"
    );
    assert_eq!(route.fallback_policy.as_deref(), Some("cheapest"));
    let team = route
        .headers
        .iter()
        .find(|header| header.name == "x-team")
        .unwrap();
    assert_eq!(
        (team.value.as_str(), team.from.to_string().as_str()),
        ("blue", "agent_yaml")
    );
    warning(&resolution, "key_to_overridden_origin");
    assert_eq!(
        warning(&resolution, "header_shadowed").message,
        "The header `authorization` from `agent_yaml` is not sent: the credential's header of \
         the same name replaces it."
    );
    // The managed gateway is the same gateway.
    let request = Request::new("alias", Operation::Chat).sent_by(&overriding, None);
    let resolution = resolve(&RoutingTable::new(with_env), &request);
    assert_eq!(
        destination(&resolution).1,
        "https://platform.example/v1/chat/completions"
    );
    // A direct provider cannot be overridden.
    let request = Request::new("nvidia/m", Operation::Chat).sent_by(&overriding, None);
    let resolution = resolve(&RoutingTable::new(snapshot()), &request);
    assert_eq!(
        destination(&resolution).1,
        "https://integrate.api.nvidia.com/v1/chat/completions"
    );
}

#[test]
fn an_agents_header_replaces_the_entrys_by_any_case() {
    let titled = agent(
        "name: a\nmodel: { primary: openrouter/a/b }\ngateways: { openrouter: { default_headers: { x-TITLE: Mine } } }\n",
    );
    let headers = primary_in(snapshot(), &titled, None).route.unwrap().headers;
    let titles: Vec<_> = headers
        .iter()
        .filter(|header| header.name == "x-title")
        .collect();
    assert_eq!(titles.len(), 1);
    assert_eq!(
        (
            titles[0].value.as_str(),
            titles[0].from.to_string().as_str()
        ),
        ("Mine", "agent_yaml")
    );
    assert!(headers.iter().any(|header| header.name == "http-referer"));
}

#[test]
fn a_stored_key_is_not_sent_to_an_agents_own_url() {
    let overriding = agent(OVERRIDES);
    let mut stored = snapshot();
    stored.environment.set.clear();
    stored
        .secrets
        .stored
        .insert("litellm/api-key".into(), "http://localhost:4000".into());
    let resolution = primary_in(stored, &overriding, None);
    assert_eq!(refusal(&resolution).0, "missing_api_key");
    let credential = resolution.route.unwrap().credential.unwrap();
    assert_eq!(credential.candidates[0].state, CredentialState::OtherOrigin);
}

#[test]
fn a_variable_that_an_agent_names_and_missing_sets_falls_back_to_no_other_key() {
    let own = agent(
        "name: a\nmodel: { primary: litellm/x/y }\ngateways: { litellm: { api_key_env: TEAM_KEY } }\n",
    );
    let mut stored = snapshot();
    stored
        .secrets
        .stored
        .insert("litellm/api-key".into(), "http://localhost:4000".into());
    let resolution = primary_in(stored.clone(), &own, None);
    assert_eq!(
        refusal(&resolution),
        (
            "missing_api_key",
            "The agent takes the key of `litellm` from the environment variable `TEAM_KEY`, \
             which is not set. No other key is used in its place."
        )
    );
    let credential = resolution.route.unwrap().credential.unwrap();
    let ladder: Vec<_> = credential
        .candidates
        .iter()
        .map(|candidate| {
            (
                candidate.from.to_string(),
                candidate.state,
                candidate.chosen,
            )
        })
        .collect();
    assert_eq!(
        ladder,
        [
            ("env:TEAM_KEY".into(), CredentialState::Absent, false),
            (
                "secret:litellm/api-key".into(),
                CredentialState::Present,
                false
            ),
            (
                "env:LITELLM_MASTER_KEY".into(),
                CredentialState::Present,
                false
            ),
        ]
    );
    stored.environment.set.insert("TEAM_KEY".into());
    let resolution = primary_in(stored, &own, None);
    assert_eq!(
        resolution
            .route
            .unwrap()
            .credential
            .unwrap()
            .from
            .to_string(),
        "env:TEAM_KEY"
    );
}

#[test]
fn passthrough_models_are_listed_with_what_they_send() {
    let agent = support_bot();
    let table = RoutingTable::new(snapshot());
    let models = passthrough_models(&table, &agent);
    let destination: Vec<_> = models
        .iter()
        .map(|model| (model.subagent, model.text.as_str(), model.model.as_str()))
        .collect();
    assert_eq!(
        destination,
        [
            (None, "customer-alias", "customer-alias"),
            (Some("analyst"), "child::subagent::analyst", "child"),
            (Some("twin"), "child::subagent::twin", "child"),
        ]
    );
}

#[test]
fn a_ref_outside_the_agents_list_is_rejected() {
    let agent = agent(
        "name: bot
model: { primary: openrouter/moonshotai/kimi-k2, fallback: nvidia/llama }
allow: ['openrouter/*', customer-alias]
subagents:
  writer:
    model: { primary: groq/llama }
",
    );
    assert_eq!(ask(&agent, "openrouter/x/y").outcome, Outcome::Routed);
    let resolution = primary_in(snapshot(), &agent, None);
    assert_eq!(resolution.outcome, Outcome::Routed);
    let fallback = resolution.fallback.unwrap();
    assert_eq!(
        refusal(&fallback),
        (
            "model_not_allowed",
            "The agent `bot` may not send `nvidia/llama`: its `allow` list has no entry for this \
             ref. Add the ref to the list, or use one that it allows."
        )
    );
    assert_eq!(fallback.error.as_ref().unwrap().span, Some([0, 12]));
    assert!(fallback.route.is_some(), "what is known of the route stays");
    // The scope of a subagent is no part of the ref, whether there is such a subagent or not.
    for text in [
        "openrouter/x/y::subagent::writer",
        "customer-alias::subagent::none",
    ] {
        assert_eq!(ask(&agent, text).outcome, Outcome::Routed, "{text}");
    }
    for text in [
        "groq/llama::subagent::writer",
        "groq/x::subagent::openrouter/a",
    ] {
        assert_eq!(refusal(&ask(&agent, text)).0, "model_not_allowed", "{text}");
    }
    // A malformed ref keeps its own error.
    assert_eq!(refusal(&ask(&agent, "a//b")).0, "empty_segment");
}
