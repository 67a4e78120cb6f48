//! Refs and what they resolve to.

use crate::support::{cases, check, resolve_given, snapshot, text};
use serde_json::{Value, json};
use waypost_routing::model_ref::ModelRef;
use waypost_routing::operation::Operation;
use waypost_routing::resolution::{Resolution, RouteKind};
use waypost_routing::resolve::{Request, resolve};
use waypost_routing::routing_table::RoutingTable;

#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// What a ref becomes where every key is there.
fn resolved(text: &str) -> Resolution {
    let mut snapshot = snapshot(&json!({}));
    let variables = snapshot.providers.iter();
    snapshot.environment.set = variables
        .filter_map(|entry| entry.api_key_env.clone())
        .collect();
    resolve(
        &RoutingTable::new(snapshot),
        &Request::new(text, Operation::Chat),
    )
}

fn rejected(resolution: &Resolution) -> Option<&str> {
    resolution.error.as_ref().map(|error| error.code.as_str())
}

/// A ref of three segments that names a gateway, in its parts; null for everything else.
#[test]
fn parse_gateway_ref() {
    for case in cases("parse_gateway_ref") {
        let id = text(&case["id"]);
        let given = text(&case["given"]["ref"]);
        let resolution = resolved(given);
        if let Some(code) = case["expect"]["error"]["code"].as_str() {
            assert_eq!(rejected(&resolution), Some(code), "{id}");
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
}

/// A ref that names any provider, with the rest of it; null for everything else.
#[test]
fn parse_model_ref() {
    for case in cases("parse_model_ref") {
        let id = text(&case["id"]);
        let resolution = resolved(text(&case["given"]["ref"]));
        let taken = resolution
            .route
            .filter(|route| route.kind != RouteKind::Managed);
        let parts = taken.map_or(
            Value::Null,
            |route| json!({ "provider": route.provider, "model": route.wire_model }),
        );
        assert_eq!(parts, case["expect"]["result"], "{id}");
    }
}

#[test]
fn resolve_refs() {
    for case in cases("resolve") {
        let given = &case["given"];
        check(
            text(&case["id"]),
            given,
            &resolve_given(given),
            &case["expect"],
        );
    }
}
