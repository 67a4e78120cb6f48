//! The vectors of the areas `discovery_parse`, `litellm_wire` and `openrouter_wire`, as far as they
//! are about listing models: one adapter for each.

use super::*;
use serde_json::{Value, json};
use waypost_routing::builtin_catalog::builtin;
use waypost_routing::operation::Operation;
use waypost_routing::resolve::{Request, resolve};
use waypost_routing::routing_table::RoutingTable;
use waypost_routing::snapshot::Snapshot;

const SOURCES: &str =
    include_str!("../../../../routing/tests/vectors/custom_sources_and_passthrough.json");
const GATEWAYS: &str = include_str!("../../../../routing/tests/vectors/gateways.json");

fn vectors(file: &str, area: &str) -> Vec<Value> {
    let all: Vec<Value> = serde_json::from_str(file).unwrap();
    let found: Vec<Value> = all
        .into_iter()
        .filter(|vector| vector["area"] == area)
        .collect();
    assert!(!found.is_empty(), "no vectors of the area {area}");
    found
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn status(value: &Value) -> u16 {
    u16::try_from(value.as_u64().unwrap()).unwrap()
}

#[tokio::test]
async fn discovery_parse() {
    for vector in vectors(SOURCES, "discovery_parse") {
        let (given, expect) = (&vector["given"], &vector["expect"]);
        let content_type = [("content-type", text(&given["content_type"]))];
        let body = given["body"].to_string();
        let discovery = of(Reply::new(status(&given["status"]), &content_type, &body)).await;
        if expect.get("error").is_some() {
            // The reference product fails on a list that is null; here it is empty, because servers
            // write it for a list that was never filled.
            let outcome = match vector["id"] == "TC-DISC-009" {
                true => CheckOutcome::NoModels,
                false => CheckOutcome::BadResponse,
            };
            assert_eq!(discovery.outcome, outcome, "{vector}");
            continue;
        }
        assert_eq!(discovery.outcome, CheckOutcome::Ok, "{vector}");
        assert_eq!(json!(ids(&discovery)), expect["models"], "{vector}");
        assert_eq!(
            discovery.skipped,
            expect["skipped"].as_u64().unwrap_or(0),
            "{vector}"
        );
        for (id, metadata) in expect["metadata_of"].as_object().into_iter().flatten() {
            let model = discovery
                .models
                .iter()
                .find(|model| model.id == *id)
                .unwrap();
            assert_eq!(json!(model.context), metadata["context_window"], "{vector}");
        }
    }
}

/// A list in the shape that a vector describes, with two models.
fn shaped(expect: &Value) -> String {
    let item = |id: &str| -> Value {
        let fields = [&expect["item_required"], &expect["item_optional"]];
        fields
            .into_iter()
            .flat_map(|list| list.as_array().unwrap())
            .map(|field| match text(field) {
                "id" => ("id".to_owned(), json!(id)),
                "mode" => ("mode".to_owned(), json!("chat")),
                "object" => ("object".to_owned(), json!("model")),
                "owned_by" => ("owned_by".to_owned(), json!("openai")),
                number => (number.to_owned(), json!(1_677_610_602)),
            })
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    let top = expect["top"].as_array().unwrap();
    assert!(top.contains(&json!("data")), "{expect}");
    json!({"object": "list", "data": [item("gpt-4o"), item("openai/gpt-4o")]}).to_string()
}

/// Every answer to `GET …/models`: what Waypost asks is what the vector asks, and its class is the
/// one that the status stands for.
#[tokio::test]
async fn litellm_wire() {
    let mut run = 0;
    for vector in vectors(GATEWAYS, "litellm_wire") {
        let (given, expect) = (&vector["given"], &vector["expect"]);
        let paths = match given["paths"].as_array() {
            Some(paths) => paths.clone(),
            None => vec![given["path"].clone()],
        };
        for path in paths.iter().filter_map(Value::as_str) {
            // The others are about inference, health and LiteLLM's own list.
            let Some(base) = path.strip_suffix("/models") else {
                continue;
            };
            let answer = match expect["http"].as_u64().unwrap() {
                200 if expect.get("top").is_some() => shaped(expect),
                200 => r#"{"object":"list","data":[{"id":"gpt-4o"}]}"#.to_owned(),
                _ => expect["body"].as_str().unwrap_or("{}").to_owned(),
            };
            let upstream = Upstream::always(Reply::json(status(&expect["http"]), &answer)).await;
            let header = given["auth_header"].as_str();
            let headers: Vec<(&str, &str)> = header
                .map(|name| (name, "sk-valid-1234"))
                .into_iter()
                .collect();
            let keyless = given.get("auth_header").is_some_and(Value::is_null);
            let auth = if keyless {
                AuthSent::None
            } else {
                AuthSent::Scheme
            };
            let discovery = discovered(&endpoint(upstream.base(base), &headers, auth)).await;
            let expected = match expect["http"].as_u64().unwrap() {
                200 => CheckOutcome::Ok,
                404 => CheckOutcome::NotFound,
                500 => CheckOutcome::Unauthorized,
                other => panic!("no class for {other}: {vector}"),
            };
            assert_eq!(discovery.outcome, expected, "{vector}");
            let received = upstream.received();
            assert_eq!(received[0].target, path, "{vector}");
            if let Some(name) = header {
                assert_eq!(received[0].header(name), Some("sk-valid-1234"), "{vector}");
            }
            run += 1;
        }
    }
    assert!(run >= 5, "the vectors were read");
}

/// A stand-in that answers `/key` and `/models` each with a status and a body.
async fn openrouter(key: (u16, &str), models: (u16, &str)) -> Discovery {
    let key = Reply::json(key.0, key.1);
    let models = Reply::json(models.0, models.1);
    let upstream = Upstream::start(move |request| {
        if request.target == "/api/v1/key" {
            key.clone()
        } else {
            models.clone()
        }
    })
    .await;
    let mut endpoint = with_key(upstream.base("/api/v1"));
    endpoint.check_key_path = Some("/key");
    discovered(&endpoint).await
}

#[tokio::test]
async fn openrouter_wire() {
    const LISTED: &str = r#"{"data":[{"id":"a"}]}"#;
    for vector in vectors(GATEWAYS, "openrouter_wire") {
        let (given, expect) = (&vector["given"], &vector["expect"]);
        if let Some(wire_model) = given["wire_model"].as_str() {
            assert_eq!(expect["wire_unchanged"], true, "{vector}");
            assert_eq!(sent_model(wire_model), wire_model, "{vector}");
        } else if given.get("pricing").is_some() {
            let body = json!({"data": [{"id": "m", "pricing": given["pricing"]}]}).to_string();
            let discovery = openrouter((200, "{}"), (200, &body)).await;
            let model = &discovery.models[0];
            assert_eq!(
                json!(model.input_price),
                expect["input_price_per_million"],
                "{vector}"
            );
            assert_eq!(
                json!(model.output_price),
                expect["output_price_per_million"],
                "{vector}"
            );
        } else if given["path"] == "/api/v1/key" {
            let discovery = openrouter((status(&expect["http"]), "{}"), (200, LISTED)).await;
            assert_eq!(expect["ui_class"], "auth_failed", "{vector}");
            assert_eq!(discovery.outcome, CheckOutcome::Unauthorized, "{vector}");
        } else if expect["must_not_count_as_key_valid"] == true {
            // The list is open to an invalid key, and the test says so all the same.
            let listed = (status(&expect["http"]), LISTED);
            let discovery = openrouter((401, "{}"), listed).await;
            assert_eq!(discovery.outcome, CheckOutcome::Unauthorized, "{vector}");
        } else if expect["treat_as_error"] == true {
            let body = given["body"].to_string();
            let answer = (status(&given["http"]), body.as_str());
            for discovery in [
                openrouter((200, "{}"), answer).await,
                openrouter(answer, (200, LISTED)).await,
            ] {
                assert_eq!(discovery.outcome, CheckOutcome::ServerError, "{vector}");
            }
        } else {
            panic!("no adapter for {vector}");
        }
    }
}

/// The model that goes onto the wire for a ref to OpenRouter.
fn sent_model(model: &str) -> String {
    let table = RoutingTable::new(Snapshot {
        managed_gateway: "litellm".to_owned(),
        providers: builtin(),
        ..Snapshot::default()
    });
    let model_ref = format!("openrouter/{model}");
    let request = Request::new(&model_ref, Operation::Chat);
    resolve(&table, &request).route.unwrap().wire_model
}
