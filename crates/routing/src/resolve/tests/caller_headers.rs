use super::*;

fn caller_headers(resolution: &Resolution) -> Vec<&str> {
    let route = resolution.route.as_ref().unwrap();
    route.caller_headers.iter().map(|name| &**name).collect()
}

#[test]
fn what_a_provider_lists_passes_beside_what_always_does() {
    let mut snapshot = snapshot();
    let mut own = entry("own", Layer::Workspace, "https://own.example/v1");
    own.pass_headers = vec!["openai-organization".into(), "x-team".into()];
    own.default_headers.insert("X-Team".into(), "blue".into());
    own.default_headers
        .insert("User-Agent".into(), "own/1".into());
    snapshot.providers.push(own);
    let resolution = resolve_in(snapshot, "own/a/b");
    // A header of the route wins over the caller's.
    assert_eq!(
        caller_headers(&resolution),
        [
            "accept",
            "anthropic-beta",
            "anthropic-version",
            "idempotency-key",
            "openai-beta",
            "openai-organization",
            "traceparent",
            "tracestate",
            "x-request-id",
            "x-stainless-*",
        ]
    );
}

#[test]
fn what_a_source_lists_passes_to_its_own_origin() {
    let mut snapshot = snapshot();
    snapshot.sources[0].pass_headers = vec!["x-tenant".into()];
    snapshot.secrets.stored.clear();
    snapshot.sources[0].headers.clear();
    let passes = |resolution: &Resolution| caller_headers(resolution).contains(&"x-tenant");
    assert!(passes(&resolve_in(snapshot.clone(), "customer/m")));
    assert!(!passes(&resolve_in(snapshot.clone(), "litellm/m")));

    let table = RoutingTable::new(snapshot);
    let elsewhere =
        "name: a\nmodel: { primary: m, source: customer, base_url: https://other.example/v1 }\n";
    let agent = crate::agent::read_agent(elsewhere).agent.unwrap();
    let request = Request::of_agent(&agent, None, Operation::Chat);
    assert!(!passes(&resolve(&table, &request)));

    let models = resolve(&table, &Request::new("customer/m", Operation::Models));
    assert!(caller_headers(&models).is_empty());
}

#[test]
fn what_a_gateway_lists_does_not_follow_it_to_an_agents_address() {
    let mut snapshot = snapshot();
    for entry in &mut snapshot.providers {
        entry.pass_headers = vec!["x-tenant".into()];
    }
    let table = RoutingTable::new(snapshot);
    for (url, passes) in [
        ("https://other.example/v1", false),
        ("http://localhost:4000/v1", true),
    ] {
        let text = format!(
            "name: a\nmodel: {{ primary: litellm/m }}\ngateways: {{ litellm: {{ url: '{url}' }} }}\n"
        );
        let agent = crate::agent::read_agent(&text).agent.unwrap();
        let resolution = resolve(&table, &Request::of_agent(&agent, None, Operation::Chat));
        let found = caller_headers(&resolution).contains(&"x-tenant");
        assert_eq!(found, passes, "{url}");
    }
}
