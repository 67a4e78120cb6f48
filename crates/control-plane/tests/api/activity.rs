//! What the audit log says of an event: whether it was done, and what changed.

use crate::support::{Admin, Server};
use crate::upstream::Upstream;
use serde_json::{Value, json};

async fn last(admin: &Admin<'_>) -> Value {
    let page = admin.get("/api/v1/audit?limit=1").await;
    assert_eq!(page.status, 200, "{}", page.text());
    page.json()["items"][0].clone()
}

#[tokio::test]
async fn an_edit_says_what_was_before_and_after_and_never_a_secret() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let source = json!({
        "name": "Mine", "base_url": "https://a.example/v1", "auth_value": "sk-canary-0123456789"
    });
    assert_eq!(admin.post("/api/v1/sources", source).await.status, 201);
    let edit = json!({
        "name": "Ours", "passthrough": true, "auth_value": "sk-other-9876543210",
        "headers": { "X-Tenant": "canary-blue" }, "allow_private": false
    });
    admin.patch("/api/v1/sources/mine", edit).await;
    let event = last(&admin).await;
    assert_eq!(event["action"], "source.edit");
    assert_eq!(event["outcome"], "ok");
    let fields = json!(["name", "passthrough", "auth_value", "headers"]);
    assert_eq!(event["fields"], fields, "only what really changed");
    assert_eq!(
        event["changes"],
        json!([
            { "field": "headers", "before": null, "after": "x-tenant" },
            { "field": "name", "before": "Mine", "after": "Ours" },
            { "field": "passthrough", "before": "false", "after": "true" },
        ])
    );
    let gateway = json!({ "name": "edge", "kind": "gateway", "base_url": "https://b.example/v1" });
    admin.post("/api/v1/providers", gateway).await;
    let moved = json!({ "base_url": "https://c.example/v1" });
    admin.patch("/api/v1/providers/edge", moved).await;
    assert_eq!(
        last(&admin).await["changes"],
        json!([{
            "field": "base_url", "before": "https://b.example/v1", "after": "https://c.example/v1"
        }])
    );
    let settings = json!({ "managed_gateway": "edge" });
    admin.patch("/api/v1/settings", settings).await;
    assert_eq!(
        last(&admin).await["changes"],
        json!([{ "field": "managed_gateway", "before": "litellm", "after": "edge" }])
    );
    let file = admin.get("/api/v1/audit.csv").await;
    let text = file.text();
    assert!(text.contains("managed_gateway: litellm → edge"), "{text}");
    assert!(!text.contains("canary") && !text.contains("sk-"), "{text}");
}

#[tokio::test]
async fn a_failed_refresh_and_a_refused_key_are_recorded_as_failed() {
    let upstream = Upstream::start("authorization", "Bearer sk-right", &["one"]).await;
    let server = Server::start().await;
    let admin = server.admin().await;
    let gateway = json!({
        "name": "edge", "kind": "gateway", "base_url": upstream.base_url, "allow_private": true
    });
    admin.post("/api/v1/providers", gateway).await;
    let key = "/api/v1/providers/edge/key";
    admin.put(key, json!({ "value": "sk-wrong" })).await;
    assert_eq!(last(&admin).await["outcome"], "ok");
    admin
        .post("/api/v1/providers/edge/refresh", json!({}))
        .await;
    let event = last(&admin).await;
    assert_eq!(event["action"], "provider.refresh.failed");
    assert_eq!(event["outcome"], "failed");
    let refused = json!({ "value": "sk-also-wrong", "check": true });
    admin.put(key, refused).await.problem(422, "key_refused");
    let event = last(&admin).await;
    assert_eq!(event["action"], "provider.key.set.failed");
    assert_eq!(event["outcome"], "failed");
}
