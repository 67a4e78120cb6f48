//! The vectors of the area `secrets_update`, through one adapter: what a source's secrets are after
//! an edit.

use super::fixture::{Fixture, headers, secret, source, with_key};
use crate::workspace::SourceEdit;
use serde_json::{Map, Value, json};

const VECTORS: &str =
    include_str!("../../../../routing/tests/vectors/custom_sources_and_passthrough.json");
const ORIGIN: &str = "https://gw.example";

/// Header names and values as a test writes them.
fn pairs(object: &Value) -> Vec<(&str, &str)> {
    object
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
        .collect()
}

/// A patch: what it does not name is not given.
fn edit(patch: &Value) -> SourceEdit {
    SourceEdit {
        auth_value: patch.get("api_key").map(|value| value.as_str().map(secret)),
        headers: patch
            .get("custom_headers")
            .map(|value| (!value.is_null()).then(|| headers(&pairs(value)))),
        ..SourceEdit::default()
    }
}

/// What is stored, in the words of the vectors.
async fn stored(fixture: &Fixture) -> Value {
    let mut stored = Map::new();
    if let Some(key) = fixture.holds("sources/own/auth-value", ORIGIN).await {
        stored.insert("api_key".to_owned(), json!(key));
    }
    if let Some(headers) = fixture.holds("sources/own/headers", ORIGIN).await {
        let headers = serde_json::from_str(&headers).unwrap();
        stored.insert("custom_headers".to_owned(), headers);
    }
    stored.into()
}

#[tokio::test]
async fn secrets_update() {
    let vectors: Vec<Value> = serde_json::from_str(VECTORS).unwrap();
    let mut run = 0;
    for vector in vectors
        .iter()
        .filter(|vector| vector["area"] == "secrets_update")
    {
        let given = &vector["given"];
        let fixture = Fixture::new().await;
        let key = given["stored"]["api_key"].as_str().unwrap();
        let mut write = with_key(source("Own", &format!("{ORIGIN}/v1")), key);
        write.headers = Some(headers(&pairs(&given["stored"]["custom_headers"])));
        fixture.workspace.add_source(write).await.unwrap();
        assert_eq!(stored(&fixture).await, given["stored"], "{vector}");

        let change = edit(&given["patch"]);
        fixture.workspace.edit_source("own", change).await.unwrap();
        assert_eq!(
            stored(&fixture).await,
            vector["expect"]["stored_after"],
            "{vector}"
        );
        run += 1;
    }
    assert!(run >= 4, "the vectors were read");
}
