//! Headers, the credential among them, and what may be shown of a key.

use crate::support::{cases, check, object, resolve_given, sent_headers, snapshot, text};
use serde_json::json;
use std::collections::BTreeMap;
use waypost_routing::mask::masked;
use waypost_routing::operation::Operation;
use waypost_routing::resolve::{Request, resolve};
use waypost_routing::routing_table::RoutingTable;
use waypost_routing::source::{SourceEntry, SourceHeader};

#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn headers() {
    for case in cases("headers") {
        let given = &case["given"];
        check(
            text(&case["id"]),
            given,
            &resolve_given(given),
            &case["expect"],
        );
    }
}

/// Which header of a source carries its auth value. A case names the headers as it wants them
/// written; names are compared without case.
#[test]
fn auth_header() {
    const SECRET: &str = "sources/own/auth-value";
    for case in cases("auth_header") {
        let (id, given) = (text(&case["id"]), &case["given"]);
        let mut snapshot = snapshot(&json!({}));
        let static_headers = given["static_headers"].as_object();
        snapshot.sources.push(SourceEntry {
            slug: "own".into(),
            name: "Own".into(),
            base_url: "https://gw.example/v1".into(),
            auth_header: given["auth_header"].as_str().map(str::to_owned),
            headers: static_headers
                .into_iter()
                .flatten()
                .map(|(name, value)| SourceHeader {
                    name: name.clone(),
                    value: Some(text(value).to_owned()),
                })
                .collect(),
            passthrough: true,
            limits: Default::default(),
            pass_headers: Vec::new(),
        });
        let mut secrets = BTreeMap::new();
        if let Some(value) = given["auth_value"].as_str() {
            let stored = &mut snapshot.secrets.stored;
            stored.insert(SECRET.into(), "https://gw.example".into());
            secrets.insert(format!("secret:{SECRET}"), value.to_owned());
        }
        let operation = match text(&given["stage"]) {
            "discovery" => Operation::Models,
            "direct" => Operation::Chat,
            other => panic!("{id}: the adapter does not know the stage `{other}`"),
        };
        let request = Request::new("own/model", operation);
        let route = resolve(&RoutingTable::new(snapshot), &request)
            .route
            .unwrap();
        let mut sent = sent_headers(&route, &secrets);
        sent.remove("content-type");
        let wanted: BTreeMap<String, String> = object(&case["expect"]["headers"])
            .iter()
            .map(|(name, value)| (name.to_lowercase(), text(value).to_owned()))
            .collect();
        assert_eq!(sent, wanted, "{id}");
    }
}

#[test]
fn masking() {
    for case in cases("masking") {
        let shown = masked(text(&case["given"]["value"]));
        assert_eq!(shown, text(&case["expect"]["masked"]), "{}", case["id"]);
    }
}
