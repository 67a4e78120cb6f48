//! `/api/v1/providers`.

use crate::support::{Admin, Options, Server, masked};
use crate::upstream::Upstream;
use serde_json::{Value, json};

async fn provider(admin: &Admin<'_>, name: &str) -> Value {
    let answer = admin.get(&format!("/api/v1/providers/{name}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

#[tokio::test]
async fn a_new_workspace_lists_the_built_in_catalog() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let answer = admin.get("/api/v1/providers").await;
    assert_eq!(answer.status, 200);
    insta::assert_json_snapshot!("providers", answer.json());
}

#[tokio::test]
async fn a_key_is_stored_shown_as_configured_and_removed() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let key = "sk-or-v1-canary-0123456789";
    let answer = admin
        .put(
            "/api/v1/providers/openrouter/key",
            json!({ "value": format!(" {key}\n") }),
        )
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(!answer.text().contains(key));
    let view = masked(answer.json(), &["/key/set_at"]);
    insta::assert_json_snapshot!("configured_key", view["key"]);
    let removed = admin.delete("/api/v1/providers/openrouter/key").await;
    assert_eq!(removed.json()["provider"]["key"]["state"], "missing");
}

#[tokio::test]
async fn a_key_that_cannot_be_one_is_refused_and_the_stored_one_stays() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let path = "/api/v1/providers/openrouter/key";
    admin
        .put(path, json!({ "value": "sk-first-0123456789" }))
        .await;
    for value in ["", "   ", "two\nlines", "tab\tinside"] {
        let answer = admin.put(path, json!({ "value": value })).await;
        assert_eq!(answer.status, 422, "{value:?}: {}", answer.text());
        assert_eq!(answer.json()["field"], "value", "{value:?}");
    }
    let view = provider(&admin, "openrouter").await;
    assert_eq!(view["key"]["hint"], "6789");
}

#[tokio::test]
async fn a_key_of_the_environment_counts() {
    let server = Server::start_with(Options {
        environment: vec![("GROQ_API_KEY", "gsk-0123456789abcdef")],
        ..Options::default()
    })
    .await;
    let admin = server.admin().await;
    let view = provider(&admin, "groq").await;
    assert_eq!(view["key"]["state"], "configured");
    assert_eq!(view["key"]["from"], "env:GROQ_API_KEY");
}

#[tokio::test]
async fn a_gateway_is_added_tested_refreshed_and_deleted() {
    let upstream = Upstream::start(
        "authorization",
        "Bearer sk-right-0123456789",
        &["one", "two"],
    )
    .await;
    let server = Server::start().await;
    let admin = server.admin().await;
    let draft = json!({
        "name": "mygw", "kind": "gateway", "base_url": upstream.base_url, "allow_private": true,
        "default_headers": { "X-Tenant": "waypost" },
        "pass_headers": ["OpenAI-Organization"]
    });
    let added = admin.post("/api/v1/providers", draft.clone()).await;
    assert_eq!(added.status, 201, "{}", added.text());
    admin
        .post("/api/v1/providers", draft)
        .await
        .problem(409, "name_taken");

    let test = "/api/v1/providers/mygw/test";
    let wrong = admin
        .post(test, json!({ "value": "sk-wrong-0123456789" }))
        .await;
    assert_eq!(wrong.status, 200, "{}", wrong.text());
    assert_eq!(wrong.json()["outcome"], "unauthorized");
    assert_eq!(provider(&admin, "mygw").await["key"]["state"], "missing");

    admin
        .put(
            "/api/v1/providers/mygw/key",
            json!({ "value": "sk-right-0123456789" }),
        )
        .await;
    let tested = admin
        .call(axum::http::Method::POST, test, None)
        .await
        .json();
    assert_eq!(
        (tested["outcome"].as_str(), tested["status"].as_u64()),
        (Some("ok"), Some(200))
    );
    assert_eq!(provider(&admin, "mygw").await["models"]["total"], 0);

    let refreshed = admin
        .post("/api/v1/providers/mygw/refresh", json!({}))
        .await
        .json();
    assert_eq!(refreshed["added"], json!(["one", "two"]), "{refreshed}");
    upstream.list(&["two", "three"]);
    let refreshed = admin
        .post("/api/v1/providers/mygw/refresh", json!({}))
        .await
        .json();
    assert_eq!(refreshed["added"], json!(["three"]));
    assert_eq!(refreshed["removed"], json!(["one"]));
    let progress = admin.get("/api/v1/providers/mygw/refresh").await.json();
    assert_eq!(progress["phase"], "done");
    let view = provider(&admin, "mygw").await;
    assert_eq!(
        view["models"],
        json!({ "enabled": 2, "total": 3, "absent": 1 })
    );
    assert_eq!(view["last_refresh"]["outcome"], "ok");
    assert!(
        upstream
            .seen()
            .iter()
            .all(|(_, headers)| headers["x-tenant"] == "waypost")
    );

    assert_eq!(view["pass_headers"], json!(["openai-organization"]));
    let path = "/api/v1/providers/mygw";
    for (name, field) in [
        ("cookie", "pass_headers.cookie"),
        ("X-Api-Key", "pass_headers.x-api-key"),
        ("te", "pass_headers.te"),
        ("x-waypost-route", "pass_headers.x-waypost-route"),
    ] {
        let refused = admin.patch(path, json!({ "pass_headers": [name] })).await;
        refused.problem(422, "invalid_header");
        assert_eq!(refused.json()["field"], field);
    }
    admin
        .patch(path, json!({ "pass_headers": ["x-b", "X-A"] }))
        .await;
    let asked = json!({ "ref": "mygw/a/b", "operation": "chat" });
    let route = admin.post("/api/v1/route", asked).await.json();
    let passed = &route["route"]["caller_headers"];
    assert!(
        passed.as_array().unwrap().contains(&json!("x-a")),
        "{route}"
    );
    admin.patch(path, json!({ "pass_headers": [] })).await;
    assert!(provider(&admin, "mygw").await.get("pass_headers").is_none());

    let limits = json!({ "connect_seconds": 2, "answer_seconds": 1800 });
    admin.patch(path, json!({ "limits": limits })).await;
    admin.patch(path, json!({ "docs": "" })).await;
    assert_eq!(provider(&admin, "mygw").await["limits"], limits);
    let refused = admin
        .patch(path, json!({ "limits": { "idle_seconds": 3_601 } }))
        .await;
    refused.problem(422, "invalid_limits");
    assert_eq!(refused.json()["field"], "limits.idle_seconds");
    admin.patch(path, json!({ "limits": {} })).await;
    assert!(provider(&admin, "mygw").await.get("limits").is_none());

    let deleted = admin.delete("/api/v1/providers/mygw").await;
    assert_eq!(deleted.status, 200, "{}", deleted.text());
    admin
        .get("/api/v1/providers/mygw")
        .await
        .problem(404, "not_found");
}

#[tokio::test]
async fn a_new_origin_gets_no_stored_key() {
    let old = Upstream::start("authorization", "Bearer sk-right-0123456789", &["one"]).await;
    let new = Upstream::start("authorization", "Bearer sk-right-0123456789", &["one"]).await;
    let server = Server::start().await;
    let admin = server.admin().await;
    admin
        .post(
            "/api/v1/providers",
            json!({
                "name": "mygw", "kind": "gateway", "base_url": old.base_url, "allow_private": true
            }),
        )
        .await;
    admin
        .put(
            "/api/v1/providers/mygw/key",
            json!({ "value": "sk-right-0123456789" }),
        )
        .await;
    let moved = admin
        .patch(
            "/api/v1/providers/mygw",
            json!({ "base_url": new.base_url, "allow_private": true }),
        )
        .await;
    assert_eq!(moved.status, 200, "{}", moved.text());
    assert_ne!(moved.json()["key"]["state"], "configured");
    for call in ["test", "refresh"] {
        admin
            .post(&format!("/api/v1/providers/mygw/{call}"), json!({}))
            .await;
    }
    for (path, headers) in new.seen() {
        assert!(
            !headers.contains_key("authorization"),
            "the old key went to {path} at the new origin"
        );
    }
}

#[tokio::test]
async fn faults_name_their_field() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let good = json!({ "name": "mygw", "kind": "gateway", "base_url": "https://gw.example/v1" });
    for (field, value) in [
        ("name", json!("My Gateway")),
        ("name", json!("")),
        ("base_url", json!("ftp://gw.example")),
        ("base_url", json!("https://user:pass@gw.example")),
        ("base_url", json!("https://gw.example/v1/chat/completions")),
        ("api_key_env", json!("not a variable")),
        ("kind", json!("proxy")),
        ("new_models", json!("perhaps")),
    ] {
        let mut draft = good.clone();
        draft[field] = value.clone();
        let answer = admin.post("/api/v1/providers", draft).await;
        assert_eq!(answer.status, 422, "{field} {value}: {}", answer.text());
        assert_eq!(answer.json()["field"], field, "{}", answer.text());
    }
    admin
        .get("/api/v1/providers/missing")
        .await
        .problem(404, "not_found");
    admin
        .delete("/api/v1/providers/missing")
        .await
        .problem(404, "not_found");
    assert_eq!(
        admin.get("/api/v1/providers").await.json()["items"]
            .as_array()
            .unwrap()
            .len(),
        10
    );
}
