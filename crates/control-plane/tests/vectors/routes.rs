//! Routes: refs, the environment, headers, URLs, and what agents have to say.

use crate::Run;
use crate::support::{cases, check, object, sent_headers, text};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use waypost_routing::builtin_catalog::builtin;
use waypost_routing::catalog::base_url_variables;
use waypost_routing::model_ref::ModelRef;
use waypost_routing::operation::Operation;
use waypost_routing::resolution::{Resolution, RouteKind};

/// The areas whose cases are a ref and what it resolves to.
#[test]
fn refs_resolve_as_observed() {
    for area in ["resolve", "headers", "env_base_url", "env_var_names"] {
        for case in cases(area) {
            let (id, given) = (text(&case["id"]), &case["given"]);
            let run = Run::of(given);
            let resolution = match (given["ref"].as_str(), given["gateway"].as_str()) {
                (Some(model_ref), _) => run.route(model_ref, Operation::Chat),
                (None, Some(gateway)) if area == "env_base_url" => {
                    run.route(&format!("{gateway}/any"), Operation::Models)
                }
                (None, gateway) => {
                    the_variables_are_heeded(id, gateway.unwrap(), &case["expect"]);
                    continue;
                }
            };
            check(id, given, &resolution, &case["expect"]);
        }
    }
}

/// A case that only names the variables of a gateway: each is set, and must move its base URL.
fn the_variables_are_heeded(id: &str, gateway: &str, expected: &Value) {
    let also = expected["also_accept"].as_array().into_iter().flatten();
    for variable in std::iter::once(&expected["base_url_env"]).chain(also) {
        let file = format!(
            "providers:\n  {gateway}:\n    type: gateway\n    base_url: https://gw.example/v1\n    api_key_env: GW_KEY\n"
        );
        let run = Run::of(&json!({ "local_yaml": file }))
            .variable("GW_KEY", "k")
            .variable(text(variable), "https://moved.example/v1");
        let resolution = run.route(&format!("{gateway}/a/b"), Operation::Chat);
        let base_url = resolution.route.unwrap().base_url.unwrap();
        assert_eq!(base_url.from.env_variable(), variable.as_str(), "{id}");
    }
    assert_eq!(
        base_url_variables(gateway)[0],
        text(&expected["base_url_env"])
    );
}

fn with_every_key() -> Run {
    let variables = builtin().into_iter().filter_map(|entry| entry.api_key_env);
    variables.fold(Run::of(&json!({})), |run, name| run.variable(&name, "k"))
}

#[test]
fn refs_are_taken_apart_as_observed() {
    let run = with_every_key();
    for case in cases("parse_gateway_ref") {
        let (id, given) = (text(&case["id"]), text(&case["given"]["ref"]));
        let resolution = run.route(given, Operation::Chat);
        if let Some(code) = case["expect"]["error"]["code"].as_str() {
            assert_eq!(resolution.error.unwrap().code, code, "{id}");
            continue;
        }
        let gateway = resolution
            .route
            .filter(|route| route.kind == RouteKind::Gateway);
        let parts = gateway.map_or(Value::Null, |route| {
            let parsed = ModelRef::parse(given).unwrap();
            json!({
                "gateway": route.provider,
                "upstream": parsed.upstream(),
                "model": parsed.model(),
                "wire_model": route.wire_model,
            })
        });
        assert_eq!(parts, case["expect"]["result"], "{id}");
    }
    for case in cases("parse_model_ref") {
        let resolution = run.route(text(&case["given"]["ref"]), Operation::Chat);
        let taken = resolution
            .route
            .filter(|route| route.kind != RouteKind::Managed);
        let parts = taken.map_or(
            Value::Null,
            |route| json!({ "provider": route.provider, "model": route.wire_model }),
        );
        assert_eq!(parts, case["expect"]["result"], "{}", case["id"]);
    }
}

#[test]
fn an_agents_overrides_win_as_observed() {
    for case in cases("precedence") {
        let (id, given) = (text(&case["id"]), &case["given"]);
        let gateways = given.get("gateways").cloned().unwrap_or(json!({}));
        let run = Run::of(given).agent(&json!({ "name": "agent", "gateways": gateways }));
        let resolution = run.route(text(&given["ref"]), Operation::Chat);
        check(id, given, &resolution, &case["expect"]);
    }
}

/// The agent of a case, whose document brings its one source along.
fn with_source(source: Value) -> Run {
    Run::of(&json!({})).agent(&json!({ "name": "agent", "sources": { "own": source } }))
}

#[test]
fn a_source_carries_its_headers_as_observed() {
    for case in cases("auth_header") {
        let (id, given) = (text(&case["id"]), &case["given"]);
        let mut source = json!({
            "base_url": "https://gw.example/v1",
            "passthrough": true,
            "has_key": given["auth_value"].is_string(),
        });
        let fields = source.as_object_mut().unwrap();
        for (from, to) in [
            ("auth_header", "auth_header"),
            ("static_headers", "headers"),
        ] {
            if !given[from].is_null() {
                fields.insert(to.to_owned(), given[from].clone());
            }
        }
        let operation = match text(&given["stage"]) {
            "discovery" => Operation::Models,
            "direct" => Operation::Chat,
            other => panic!("{id}: the adapter does not know the stage `{other}`"),
        };
        let route = with_source(source).route("own/model", operation).route;
        let auth_value = given["auth_value"].as_str().map(|value| {
            let place = "secret:sources/own/auth-value".to_owned();
            (place, value.to_owned())
        });
        let mut sent = sent_headers(&route.unwrap(), &auth_value.into_iter().collect());
        sent.remove("content-type");
        let wanted: BTreeMap<String, String> = object(&case["expect"]["headers"])
            .iter()
            .map(|(name, value)| (name.to_lowercase(), text(value).to_owned()))
            .collect();
        assert_eq!(sent, wanted, "{id}");
    }
}

fn url(base_url: &Value, operation: Operation) -> String {
    let source = json!({ "base_url": base_url, "passthrough": true });
    let route = with_source(source).route("own/model", operation).route;
    route.unwrap().url.unwrap()
}

#[test]
fn urls_are_joined_as_observed() {
    for case in cases("url_join") {
        let (id, given) = (text(&case["id"]), &case["given"]);
        // A query is the client's own, which an operation does not have.
        let path = given["request_path"].as_str();
        if path.is_some_and(|path| path.contains('?')) {
            continue;
        }
        for (word, expected) in object(&case["expect"]) {
            let operation = match (word.as_str(), given["use"].as_str()) {
                ("models_url", None) | ("url", Some("discovery")) => Operation::Models,
                ("chat_url", None) | ("url", Some("completion_managed" | "completion_direct")) => {
                    Operation::Chat
                }
                // A client's path is the operation of the same name.
                ("url", Some("agent_direct" | "agent_managed")) => match path.unwrap() {
                    "/v1/messages" => Operation::Messages,
                    "/v1/messages/count_tokens" => Operation::CountTokens,
                    "/v1/chat/completions" => Operation::Chat,
                    other => panic!("{id}: the adapter does not know the path `{other}`"),
                },
                other => panic!("{id}: the adapter does not know {other:?}"),
            };
            assert_eq!(url(&given["base_url"], operation), text(expected), "{id}");
        }
    }
    for case in cases("url_normalize") {
        let base = text(&case["expect"]["route_base_url"]);
        let joined = url(&case["given"]["base_url"], Operation::Messages);
        assert_eq!(joined, format!("{base}/v1/messages"), "{}", case["id"]);
    }
}

/// The document of a case's agent: each model with a base URL has a source, whose slug is the
/// subagent's alias or `root`.
struct Document {
    sources: Map<String, Value>,
    /// The keys of the sources, under the places that a resolution names.
    keys: BTreeMap<String, String>,
}

impl Document {
    fn of(given: &Value) -> (Value, BTreeMap<String, String>) {
        let mut document = Self {
            sources: Map::new(),
            keys: BTreeMap::from([("env:LITELLM_MASTER_KEY".into(), "llm-token".into())]),
        };
        let root = document.model("root", &given["root"]);
        let subagents: Map<String, Value> = given["subagents"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|subagent| {
                let alias = text(&subagent["alias"]);
                let model = document.model(alias, subagent);
                (alias.to_owned(), json!({ "model": model }))
            })
            .collect();
        let whole = json!({
            "name": "agent",
            "model": root,
            "subagents": subagents,
            "sources": document.sources,
        });
        (whole, document.keys)
    }

    fn model(&mut self, slug: &str, given: &Value) -> Value {
        let mut model =
            json!({ "primary": given["model_name"], "passthrough": given["passthrough"] });
        if let Some(base_url) = given["base_url"].as_str() {
            let key = given["api_key"].as_str();
            let source = json!({ "base_url": base_url, "has_key": key.is_some() });
            self.sources.insert(slug.to_owned(), source);
            model["source"] = json!(slug);
            if let Some(key) = key {
                let place = format!("secret:sources/{slug}/auth-value");
                self.keys.insert(place, key.to_owned());
            }
        }
        model
    }
}

#[test]
fn agents_and_subagents_are_routed_as_observed() {
    for case in cases("routing") {
        let (id, given) = (text(&case["id"]), &case["given"]);
        let (document, keys) = Document::of(given);
        let mut run = Run::of(&json!({}))
            .agent(&document)
            .variable("LITELLM_MASTER_KEY", "llm-token");
        if let Some(base_url) = given["managed_base_url"].as_str() {
            run = run.variable("LITELLM_BASE_URL", base_url);
        }
        let model = text(&given["request"]["body"]["model"]);
        let resolution = run.route(model, Operation::Messages);
        check_routing(id, &resolution, &keys, &case["expect"]);
    }
}

fn check_routing(
    id: &str,
    resolution: &Resolution,
    keys: &BTreeMap<String, String>,
    expected: &Value,
) {
    assert_eq!(resolution.error, None, "{id}");
    let route = resolution.route.as_ref().unwrap();
    let headers = sent_headers(route, keys);
    for (word, value) in object(expected) {
        match word.as_str() {
            "mode" => {
                let kind = match text(value) {
                    "direct" => RouteKind::Passthrough,
                    "managed" => RouteKind::Managed,
                    other => panic!("{id}: the adapter does not know the mode `{other}`"),
                };
                assert_eq!(route.kind, kind, "{id}");
            }
            "url" => assert_eq!(route.url.as_deref(), value.as_str(), "{id}"),
            "authorization" => {
                let sent = headers.get("authorization").map(String::as_str);
                assert_eq!(sent, value.as_str(), "{id}");
            }
            // The scope is cut off on every wire here.
            "body_model" => {
                let (unscoped, _) = text(value)
                    .split_once("::subagent::")
                    .unwrap_or((text(value), ""));
                assert_eq!(route.wire_model, unscoped, "{id}");
            }
            other => panic!("{id}: the adapter does not know `{other}`"),
        }
    }
}
