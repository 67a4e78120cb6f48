//! `/api/v1/models` and `/api/v1/default-model`.

use crate::support::{Admin, Server, masked};
use crate::upstream::Upstream;
use serde_json::{Value, json};

/// A source `mine` with three models.
async fn with_models(admin: &Admin<'_>) {
    let upstream = Upstream::start("x-api-key", "k-0123456789", &["a/one", "b", "c"]).await;
    admin
        .post(
            "/api/v1/sources",
            json!({
                "name": "Mine", "base_url": upstream.base_url, "auth_header": "x-api-key",
                "auth_value": "k-0123456789", "allow_private": true, "passthrough": true
            }),
        )
        .await;
    let report = admin
        .post("/api/v1/sources/mine/refresh", json!({}))
        .await
        .json();
    assert_eq!(report["outcome"], "ok", "{report}");
}

fn refs(page: &Value) -> Vec<&str> {
    page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|model| model["ref"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn models_come_page_by_page_and_by_filter() {
    let server = Server::start().await;
    let admin = server.admin().await;
    with_models(&admin).await;
    let first = admin.get("/api/v1/models?limit=2").await.json();
    assert_eq!(refs(&first), ["mine/a/one", "mine/b"]);
    assert_eq!(first["total"], 3);
    let model = masked(first["items"][0].clone(), &["/first_seen", "/last_seen"]);
    insta::assert_json_snapshot!("model", model);
    let cursor = first["next_cursor"].as_str().unwrap();
    let cursor: String = url::form_urlencoded::byte_serialize(cursor.as_bytes()).collect();
    let second = admin
        .get(&format!("/api/v1/models?limit=2&cursor={cursor}"))
        .await
        .json();
    assert_eq!(
        (refs(&second), &second["next_cursor"]),
        (vec!["mine/c"], &json!(null))
    );
    for (query, expected) in [
        ("q=ONE", vec!["mine/a/one"]),
        ("owner=mine&q=b", vec!["mine/b"]),
        ("owner=litellm", vec![]),
        ("state=disabled", vec![]),
        ("state=enabled&q=c", vec!["mine/c"]),
        ("offset=1", vec!["mine/b", "mine/c"]),
        ("sort=context&limit=1", vec!["mine/a/one"]),
        ("in_use=true", vec![]),
        ("in_use=false&q=b", vec!["mine/b"]),
    ] {
        let page = admin.get(&format!("/api/v1/models?{query}")).await.json();
        assert_eq!(refs(&page), expected, "{query}");
    }
}

#[tokio::test]
async fn facets_count_what_other_choices_would_match() {
    let server = Server::start().await;
    let admin = server.admin().await;
    with_models(&admin).await;
    let agent = json!({ "yaml": "name: bot\nmodel: { primary: mine/b }\n" });
    admin.post("/api/v1/agents", agent).await;
    let change = json!({ "refs": ["mine/c"], "enabled": false });
    admin.patch("/api/v1/models", change).await;
    let facets = async |query: &str| {
        let page = admin
            .get(&format!("/api/v1/models?facets=true&{query}"))
            .await
            .json();
        page["facets"].clone()
    };
    let all = json!({
        "owners": { "mine": 3 }, "states": { "enabled": 2, "disabled": 1, "absent": 0 }, "in_use": 1
    });
    assert_eq!(facets("").await, all);
    // A facet ignores its own filter.
    let disabled = facets("state=disabled").await;
    assert_eq!(disabled["states"], all["states"]);
    assert_eq!(disabled["owners"], json!({ "mine": 1 }));
    assert_eq!(disabled["in_use"], 0);
    let other = facets("owner=litellm").await;
    assert_eq!(other["owners"], all["owners"]);
    assert_eq!(other["states"]["enabled"], 0);
    let used = admin.get("/api/v1/models?in_use=true").await.json();
    assert_eq!(
        (refs(&used), &used["facets"]),
        (vec!["mine/b"], &Value::Null)
    );
}

#[tokio::test]
async fn every_order_comes_page_by_page() {
    let server = Server::start().await;
    let admin = server.admin().await;
    with_models(&admin).await;
    for sort in ["ref", "context", "price", "newest"] {
        let mut seen = Vec::new();
        let mut address = format!("/api/v1/models?limit=1&sort={sort}");
        loop {
            let page = admin.get(&address).await.json();
            seen.extend(refs(&page).into_iter().map(str::to_owned));
            let Some(cursor) = page["next_cursor"].as_str() else {
                break;
            };
            let cursor: String = url::form_urlencoded::byte_serialize(cursor.as_bytes()).collect();
            address = format!("/api/v1/models?limit=1&sort={sort}&cursor={cursor}");
        }
        assert_eq!(seen, ["mine/a/one", "mine/b", "mine/c"], "{sort}");
    }
}

#[tokio::test]
async fn bad_filters_are_refused_by_name() {
    let server = Server::start().await;
    let admin = server.admin().await;
    for (query, field) in [
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("state=gone", "state"),
        ("colour=red", "colour"),
        ("sort=colour", "sort"),
        ("in_use=maybe", "in_use"),
        ("offset=-1", "offset"),
        ("cursor=nonsense", "cursor"),
    ] {
        let answer = admin.get(&format!("/api/v1/models?{query}")).await;
        assert!(
            answer.status.is_client_error(),
            "{query}: {}",
            answer.text()
        );
        assert_eq!(answer.json()["field"], field, "{query}");
    }
}

#[tokio::test]
async fn models_are_switched_and_a_disabled_one_is_rejected() {
    let server = Server::start().await;
    let admin = server.admin().await;
    with_models(&admin).await;
    let change = json!({ "refs": ["mine/a/one", "mine/b"], "enabled": false });
    let switched = admin.patch("/api/v1/models", change.clone()).await.json();
    assert_eq!(switched, json!({ "switched": 2 }));
    let again = admin.patch("/api/v1/models", change).await.json();
    assert_eq!(again, json!({ "switched": 0 }));
    let page = admin.get("/api/v1/models?state=disabled").await.json();
    assert_eq!(refs(&page), ["mine/a/one", "mine/b"]);
    let route = admin
        .post("/api/v1/route", json!({ "ref": "mine/b" }))
        .await
        .json();
    assert_eq!(route["error"]["code"], "model_disabled", "{route}");
    let unknown = admin
        .patch(
            "/api/v1/models",
            json!({ "refs": ["mine/nope"], "enabled": true }),
        )
        .await;
    assert!(unknown.status.is_client_error(), "{}", unknown.text());
}

#[tokio::test]
async fn the_default_model_is_set_and_cleared() {
    let server = Server::start().await;
    let admin = server.admin().await;
    with_models(&admin).await;
    let path = "/api/v1/default-model";
    let unset = json!({ "ref": null, "version": 0 });
    assert_eq!(admin.get(path).await.json(), unset);
    let set = admin.put(path, json!({ "ref": "mine/c" })).await;
    assert_eq!(set.json()["ref"], "mine/c", "{}", set.text());
    assert_eq!(admin.get(path).await.json(), set.json());
    let bad = admin.put(path, json!({ "ref": "mine//c" })).await;
    assert_eq!(bad.status, 422, "{}", bad.text());
    assert_eq!(bad.json()["field"], "ref");
    assert_eq!(admin.get(path).await.json(), set.json());
    let cleared = admin.put(path, json!({ "ref": null })).await.json();
    assert_eq!(cleared["ref"], Value::Null, "{cleared}");
}
