//! `/api/v1/sources`.

use crate::support::{Server, masked};
use crate::upstream::Upstream;
use serde_json::json;

const KEY: &str = "sk-canary-0123456789";

#[tokio::test]
async fn a_source_is_added_shown_without_its_secrets_and_deleted() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let added = admin
        .post(
            "/api/v1/sources",
            json!({
                "name": "Customer LiteLLM", "base_url": "https://litellm.customer.example/v1",
                "auth_header": "x-api-key", "auth_value": KEY,
                "headers": { "X-Tenant": "canary-tenant" }, "passthrough": true
            }),
        )
        .await;
    assert_eq!(added.status, 201, "{}", added.text());
    let view = masked(added.json(), &["/key/set_at"]);
    insta::assert_json_snapshot!("source", view);
    let listed = admin.get("/api/v1/sources").await;
    for answer in [&added, &listed] {
        assert!(!answer.text().contains(KEY) && !answer.text().contains("canary-tenant"));
    }
    assert_eq!(listed.json()["items"][0]["slug"], "customer-litellm");
    assert_eq!(listed.json()["next_cursor"], json!(null));

    let deleted = admin.delete("/api/v1/sources/customer-litellm").await;
    assert_eq!(deleted.status, 200, "{}", deleted.text());
    admin
        .get("/api/v1/sources/customer-litellm")
        .await
        .problem(404, "not_found");
}

#[tokio::test]
async fn unsaved_input_is_tested_and_leaves_nothing() {
    let upstream = Upstream::start("x-api-key", KEY, &["one"]).await;
    let server = Server::start().await;
    let admin = server.admin().await;
    let mut draft = json!({
        "name": "Draft", "base_url": upstream.base_url, "auth_header": "x-api-key",
        "auth_value": "wrong-0123456789", "headers": { "X-Tenant": "t" }, "allow_private": true
    });
    let wrong = admin
        .post("/api/v1/sources/test", draft.clone())
        .await
        .json();
    assert_eq!(wrong["outcome"], "unauthorized", "{wrong}");
    let audit = admin.get("/api/v1/audit?limit=1").await.json();
    assert_eq!(audit["items"][0]["action"], "source.test.unsaved.failed");
    assert_eq!(audit["items"][0]["outcome"], "failed");
    let change = &audit["items"][0]["changes"][0];
    assert_eq!(change["field"], "base_url", "{audit}");
    assert_eq!(change["after"], upstream.base_url, "{audit}");
    draft["auth_value"] = json!(KEY);
    let right = admin
        .post("/api/v1/sources/test", draft.clone())
        .await
        .json();
    assert_eq!(right["outcome"], "ok", "{right}");
    assert!(
        upstream
            .seen()
            .iter()
            .all(|(_, headers)| headers["x-tenant"] == "t")
    );
    draft["allow_private"] = json!(false);
    let private = admin.post("/api/v1/sources/test", draft).await.json();
    assert_eq!(private["outcome"], "address_not_allowed", "{private}");
    assert_eq!(
        admin.get("/api/v1/sources").await.json()["items"],
        json!([])
    );
}

#[tokio::test]
async fn absent_secrets_stay_null_clears_them_and_another_origin_drops_them() {
    let upstream = Upstream::start("x-api-key", KEY, &["one"]).await;
    let elsewhere = Upstream::start("x-api-key", KEY, &["one"]).await;
    let server = Server::start().await;
    let admin = server.admin().await;
    admin
        .post(
            "/api/v1/sources",
            json!({
                "name": "Mine", "base_url": upstream.base_url, "auth_header": "x-api-key",
                "auth_value": KEY, "headers": { "X-Tenant": "t" }, "allow_private": true
            }),
        )
        .await;
    let path = "/api/v1/sources/mine";
    let renamed = admin.patch(path, json!({ "name": "Ours" })).await.json();
    assert_eq!(renamed["key"]["state"], "configured", "{renamed}");
    // The stored key tests a draft of the stored source.
    let draft = json!({
        "name": "Ours", "slug": "mine", "base_url": upstream.base_url,
        "auth_header": "x-api-key", "allow_private": true
    });
    let tested = admin
        .post("/api/v1/sources/test", draft.clone())
        .await
        .json();
    assert_eq!(tested["outcome"], "ok", "{tested}");
    // A draft that says "no key" sends none.
    let mut keyless = draft.clone();
    keyless["auth_value"] = json!(null);
    let tested = admin.post("/api/v1/sources/test", keyless).await.json();
    assert_eq!(tested["outcome"], "unauthorized", "{tested}");
    // A draft at another origin does not get the stored secrets.
    let mut moved = draft.clone();
    moved["base_url"] = json!(elsewhere.base_url);
    admin.post("/api/v1/sources/test", moved).await;

    let moved = admin
        .patch(
            path,
            json!({ "base_url": elsewhere.base_url, "allow_private": true }),
        )
        .await
        .json();
    assert_ne!(moved["key"]["state"], "configured", "{moved}");
    assert_eq!(moved["header_names"], json!([]), "{moved}");
    for call in ["test", "refresh"] {
        admin.post(&format!("{path}/{call}"), json!({})).await;
    }
    for (_, headers) in elsewhere.seen() {
        assert!(!headers.contains_key("x-api-key") && !headers.contains_key("x-tenant"));
    }

    let back = admin
        .patch(
            path,
            json!({ "base_url": upstream.base_url, "allow_private": true, "auth_value": KEY }),
        )
        .await
        .json();
    assert_eq!(back["key"]["state"], "configured", "{back}");
    for cleared in [json!(null), json!("")] {
        admin.patch(path, json!({ "auth_value": KEY })).await;
        let view = admin
            .patch(path, json!({ "auth_value": cleared }))
            .await
            .json();
        assert_eq!(view["key"]["state"], "missing", "{view}");
    }
    let bearer = admin
        .patch(path, json!({ "auth_header": null }))
        .await
        .json();
    assert_eq!(bearer["auth_header"], json!(null));
}

#[tokio::test]
async fn a_refresh_fills_the_catalog_and_reports_its_progress() {
    let upstream = Upstream::start(
        "authorization",
        "Bearer sk-canary-0123456789",
        &["one", "two"],
    )
    .await;
    let server = Server::start().await;
    let admin = server.admin().await;
    admin
        .post("/api/v1/sources", json!({
            "name": "Mine", "base_url": upstream.base_url, "auth_value": KEY, "allow_private": true
        }))
        .await;
    let before = admin.get("/api/v1/sources/mine/refresh").await.json();
    assert_eq!(before["phase"], "idle");
    let report = admin
        .post("/api/v1/sources/mine/refresh", json!({}))
        .await
        .json();
    assert_eq!(report["outcome"], "ok", "{report}");
    assert_eq!(report["added"], json!(["one", "two"]));
    let after = admin.get("/api/v1/sources/mine/refresh").await.json();
    assert_eq!(
        (after["phase"].as_str(), after["models_seen"].as_u64()),
        (Some("done"), Some(2))
    );
    assert_eq!(
        admin.get("/api/v1/sources/mine").await.json()["models"]["enabled"],
        2
    );
}

#[tokio::test]
async fn faults_name_their_field() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let good = json!({ "name": "Mine", "base_url": "https://gw.example/v1" });
    for (field, value) in [
        ("name", json!("")),
        ("name", json!("n".repeat(201))),
        ("slug", json!("Not A Slug")),
        ("base_url", json!("gw.example/v1")),
        ("base_url", json!("https://gw.example/v1?key=1")),
        ("auth_header", json!("two words")),
        ("auth_header", json!("host")),
        ("auth_value", json!("two\nlines")),
        ("passthrough", json!("yes")),
        ("pass_headers", json!("x-tenant")),
    ] {
        let mut draft = good.clone();
        draft[field] = value.clone();
        let answer = admin.post("/api/v1/sources", draft).await;
        assert_eq!(answer.status, 422, "{field} {value}: {}", answer.text());
        assert_eq!(answer.json()["field"], field, "{}", answer.text());
    }
    let mut draft = good.clone();
    draft["pass_headers"] = json!(["x-team-key"]);
    draft["auth_header"] = json!("X-Team-Key");
    let answer = admin.post("/api/v1/sources", draft).await;
    answer.problem(422, "invalid_header");
    assert_eq!(answer.json()["field"], "pass_headers.x-team-key");
    let mut draft = good.clone();
    draft["limits"] = json!({ "connect_seconds": 0 });
    let answer = admin.post("/api/v1/sources", draft).await;
    answer.problem(422, "invalid_limits");
    assert_eq!(answer.json()["field"], "limits.connect_seconds");
    let mut draft = good.clone();
    draft["headers"] = json!({ "Connection": "close" });
    let answer = admin.post("/api/v1/sources", draft).await;
    assert_eq!(answer.status, 422, "{}", answer.text());
    assert!(
        answer.json()["field"]
            .as_str()
            .unwrap()
            .starts_with("headers"),
        "{}",
        answer.text()
    );
    admin
        .post("/api/v1/sources", json!({ "name": "x", "colour": 1 }))
        .await
        .problem(422, "unknown_field");
    let mut taken = good.clone();
    taken["slug"] = json!("openrouter");
    admin
        .post("/api/v1/sources", taken)
        .await
        .problem(409, "name_taken");
    admin
        .patch("/api/v1/sources/missing", json!({}))
        .await
        .problem(404, "not_found");
    assert_eq!(
        admin.get("/api/v1/sources").await.json()["items"],
        json!([])
    );
}
