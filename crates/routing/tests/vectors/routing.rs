//! Where the requests of an agent and its subagents go.

use crate::support::{cases, object, sent_headers, snapshot, text};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use waypost_routing::agent::{Agent, AgentModel, Subagent};
use waypost_routing::base_url::BaseUrl;
use waypost_routing::operation::Operation;
use waypost_routing::resolution::RouteKind;
use waypost_routing::resolve::{Request, passthrough_models, resolve};
use waypost_routing::routing_table::RoutingTable;
use waypost_routing::snapshot::Snapshot;
use waypost_routing::source::SourceEntry;

#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// The token of the managed gateway, as the cases send it.
const MANAGED_TOKEN: &str = "llm-token";

/// A case in this project's form: each model with a base URL has a source, whose slug is the
/// subagent's alias or `root`.
struct Case {
    snapshot: Snapshot,
    agent: Agent,
    secrets: BTreeMap<String, String>,
}

impl Case {
    fn of(given: &Value) -> Self {
        let mut case = Self {
            snapshot: snapshot(&json!({})),
            agent: Agent {
                name: "agent".into(),
                ..Agent::default()
            },
            secrets: BTreeMap::from([("env:LITELLM_MASTER_KEY".into(), MANAGED_TOKEN.into())]),
        };
        let environment = &mut case.snapshot.environment;
        environment.set.insert("LITELLM_MASTER_KEY".into());
        if let Some(base_url) = given["managed_base_url"].as_str() {
            let urls = &mut environment.base_urls;
            urls.insert("LITELLM_BASE_URL".into(), base_url.into());
        }
        case.agent.model = case.model("root", &given["root"]);
        for subagent in given["subagents"].as_array().into_iter().flatten() {
            let alias = text(&subagent["alias"]);
            let subagent = Subagent {
                model: case.model(alias, subagent),
                expect: None,
            };
            case.agent.subagents.insert(alias.to_owned(), subagent);
        }
        case
    }

    fn model(&mut self, slug: &str, given: &Value) -> AgentModel {
        let base_url = given["base_url"].as_str();
        if let Some(base_url) = base_url {
            self.snapshot.sources.push(SourceEntry {
                slug: slug.into(),
                name: slug.into(),
                base_url: base_url.into(),
                auth_header: None,
                headers: Vec::new(),
                passthrough: false,
                limits: Default::default(),
                pass_headers: Vec::new(),
            });
        }
        if let (Some(base_url), Some(key)) = (base_url, given["api_key"].as_str()) {
            let name = format!("sources/{slug}/auth-value");
            let origin = BaseUrl::parse(base_url).unwrap().origin();
            self.secrets.insert(format!("secret:{name}"), key.into());
            self.snapshot.secrets.stored.insert(name, origin);
        }
        AgentModel {
            primary: given["model_name"].as_str().map(str::to_owned),
            passthrough: given["passthrough"].as_bool(),
            source: base_url.map(|_| slug.to_owned()),
            ..AgentModel::default()
        }
    }
}

#[test]
fn routing() {
    for case in cases("routing") {
        let (id, given) = (text(&case["id"]), &case["given"]);
        let Case {
            snapshot,
            agent,
            secrets,
        } = Case::of(given);
        assert_eq!(given["request"]["path"], "/v1/messages", "{id}");
        let model = text(&given["request"]["body"]["model"]);
        let request = Request::new(model, Operation::Messages).sent_by(&agent, None);
        let resolution = resolve(&RoutingTable::new(snapshot), &request);
        assert_eq!(resolution.error, None, "{id}");
        let route = resolution.route.unwrap();
        let headers = sent_headers(&route, &secrets);
        for (word, value) in object(&case["expect"]) {
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
}

/// The strings that go straight to their source, and what each becomes on the wire. Which local
/// processes the reference product then starts is nothing of this project's.
#[test]
fn routing_plan() {
    for case in cases("routing_plan") {
        let id = text(&case["id"]);
        let Case {
            snapshot, agent, ..
        } = Case::of(&case["given"]);
        let models = passthrough_models(&RoutingTable::new(snapshot), &agent);
        for (word, value) in object(&case["expect"]) {
            match word.as_str() {
                "direct_route_keys" => {
                    let keys: Vec<&str> = models.iter().map(|model| model.text.as_str()).collect();
                    assert_eq!(json!(keys), *value, "{id}");
                }
                "upstream_model_names" => {
                    let renamed = |model: &waypost_routing::resolve::PassthroughModel<'_>| {
                        (model.text != model.model).then(|| model.model.clone())
                    };
                    let names: Vec<Option<String>> = models.iter().map(renamed).collect();
                    assert_eq!(json!(names), *value, "{id}");
                }
                "managed_local_provider_cleanup" => {}
                other => panic!("{id}: the adapter does not know `{other}`"),
            }
        }
    }
}
