//! What people paste and what servers list: keys, base URLs, model ids and documents.

use crate::support::{Admin, Options, Server};
use crate::upstream::Upstream;
use axum::http::Method;
use serde_json::{Value, json};

const KEY: &str = "sk-right-0123456789";
const BEARER: &str = "Bearer sk-right-0123456789";

/// Adds a source of this upstream with this key, and tests it.
async fn tested(admin: &Admin<'_>, upstream: &Upstream, key: &str) -> Value {
    let added = admin
        .post(
            "/api/v1/sources",
            json!({
                "name": "Own", "base_url": upstream.base_url, "auth_value": key,
                "allow_private": true, "passthrough": true
            }),
        )
        .await;
    assert_eq!(added.status, 201, "{}", added.text());
    let tested = admin.post("/api/v1/sources/own/test", json!({})).await;
    let outcome = tested.json()["outcome"].clone();
    admin.delete("/api/v1/sources/own").await;
    outcome
}

#[tokio::test]
async fn what_surrounds_a_key_is_not_sent() {
    let upstream = Upstream::start("authorization", BEARER, &["one"]).await;
    let server = Server::start().await;
    let admin = server.admin().await;
    for typed in [
        format!("\"{KEY}\""),
        format!("\u{201c}{KEY}\u{201d}"),
        format!("Bearer {KEY}"),
        format!("Authorization: Bearer {KEY}"),
        format!("export OWN_KEY='{KEY}'"),
        format!("\u{feff}{KEY}\u{200b}"),
    ] {
        assert_eq!(tested(&admin, &upstream, &typed).await, "ok", "{typed:?}");
    }
    let stored = admin
        .put(
            "/api/v1/providers/groq/key",
            json!({ "value": format!("GROQ_API_KEY={KEY}") }),
        )
        .await;
    assert_eq!(stored.json()["key"]["hint"], "6789");
}

#[tokio::test]
async fn a_key_that_looks_like_something_else_is_stored_only_if_that_is_accepted() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let base = "https://own.example/v1";
    let source = json!({ "name": "Own", "base_url": base, "auth_value": KEY });
    assert_eq!(admin.post("/api/v1/sources", source).await.status, 201);
    for (method, path, field) in [
        (Method::PUT, "/api/v1/providers/groq/key", "value"),
        (Method::POST, "/api/v1/sources", "auth_value"),
        (Method::PATCH, "/api/v1/sources/own", "auth_value"),
    ] {
        let mut body = json!({ field: "sk-***" });
        if method == Method::POST {
            body["name"] = json!("Second");
            body["base_url"] = json!(base);
        }
        let refused = admin.call(method.clone(), path, Some(body.clone())).await;
        let problem = refused.problem(422, "suspicious_secret_value");
        assert_eq!(problem["field"], field, "{path}");
        assert!(!problem["detail"].as_str().unwrap().contains("sk-"));
        body["accept_suspicious"] = json!(true);
        let stored = admin.call(method.clone(), path, Some(body.clone())).await;
        assert!(stored.status.is_success(), "{path}: {}", stored.text());
        assert_eq!(stored.json()["key"]["state"], "configured", "{path}");
        // What no header can carry stays refused.
        body[field] = json!("sk-\u{2026}");
        let refused = admin.call(method, path, Some(body)).await;
        refused.problem(422, "invalid_secret_value");
    }
    let test = json!({ "base_url": base, "auth_value": "<your-key>" });
    let tested = admin.post("/api/v1/sources/test", test).await;
    tested.problem(422, "suspicious_secret_value");
}

#[tokio::test]
async fn a_static_header_is_read_like_a_key() {
    let upstream = Upstream::start("x-extra-key", KEY, &["one"]).await;
    let server = Server::start().await;
    let admin = server.admin().await;
    let body = |value: &str| {
        json!({
            "name": "Own", "base_url": upstream.base_url, "allow_private": true,
            "headers": { "X-Extra-Key": value, "http-referer": "https://waypost.example" }
        })
    };
    for path in ["/api/v1/sources/test", "/api/v1/sources"] {
        for (value, code) in [
            ("sk-\u{2026}", "invalid_header"),
            ("sk-***", "suspicious_secret_value"),
            ("Bearer sk-key", "suspicious_secret_value"),
        ] {
            let refused = admin.post(path, body(value)).await;
            let problem = refused.problem(422, code);
            assert_eq!(problem["field"], "headers.x-extra-key", "{path}");
            assert!(!problem["detail"].as_str().unwrap().contains("sk-"));
        }
    }
    assert!(upstream.seen().is_empty());
    let quoted = body(&format!("\u{feff}\"{KEY}\""));
    let tested = admin.post("/api/v1/sources/test", quoted.clone()).await;
    assert_eq!(tested.json()["outcome"], "ok", "{}", tested.text());
    assert_eq!(admin.post("/api/v1/sources", quoted).await.status, 201);
    let path = "/api/v1/sources/own";
    let masked = json!({ "headers": { "X-Extra-Key": "sk-***" } });
    let refused = admin.call(Method::PATCH, path, Some(masked.clone())).await;
    refused.problem(422, "suspicious_secret_value");
    let mut accepted = masked;
    accepted["accept_suspicious"] = json!(true);
    let stored = admin.call(Method::PATCH, path, Some(accepted)).await;
    assert_eq!(stored.status, 200, "{}", stored.text());
}

#[tokio::test]
async fn a_variable_that_holds_no_key_is_shown_as_unusable() {
    let server = Server::start_with(Options {
        environment: vec![
            ("GROQ_API_KEY", "gsk-canary***"),
            ("NVIDIA_API_KEY", "\"nvapi-0123456789\""),
        ],
        ..Options::default()
    })
    .await;
    let admin = server.admin().await;
    let view = admin.get("/api/v1/providers/groq").await.json();
    assert_eq!(view["key"]["state"], "missing");
    let problem = view["key_problem"].as_str().unwrap();
    assert!(
        problem.starts_with(
            "The environment variable `GROQ_API_KEY` is not used: This looks like a masked key"
        ),
        "{problem}"
    );
    let route = admin
        .post("/api/v1/route", json!({ "ref": "groq/a" }))
        .await;
    assert_eq!(route.json()["error"]["code"], "env_unusable");
    let test = admin.post("/api/v1/providers/groq/test", json!({})).await;
    test.problem(409, "env_unusable");
    let snapshot = admin.get("/api/v1/snapshot").await;
    assert!(!snapshot.text().contains("canary"), "never the value");
    let environment = &snapshot.json()["environment"];
    assert_eq!(environment["set"], json!(["NVIDIA_API_KEY"]));
    assert!(environment["unusable"]["GROQ_API_KEY"].is_string());

    // A stored key takes its place.
    let path = "/api/v1/providers/groq/key";
    let stored = admin.put(path, json!({ "value": "gsk-0123456789" })).await;
    assert_eq!(stored.json()["key_problem"], json!(null));
    let route = admin
        .post("/api/v1/route", json!({ "ref": "groq/a" }))
        .await;
    assert_eq!(route.json()["outcome"], "routed");
}

#[tokio::test]
async fn listed_ids_are_routed_whatever_the_grammar_says_and_patterns_are_not() {
    let listed = ["/srv/models/x", "openai/*", "models/gemini", "plain"];
    let upstream = Upstream::start("authorization", BEARER, &listed).await;
    let server = Server::start().await;
    let admin = server.admin().await;
    let source = json!({
        "name": "Own", "base_url": upstream.base_url, "auth_value": KEY,
        "allow_private": true, "passthrough": true
    });
    admin.post("/api/v1/sources", source).await;
    let route = async |text: &str| {
        let answer = admin.post("/api/v1/route", json!({ "ref": text })).await;
        let json = answer.json();
        match json["error"]["code"].as_str() {
            Some(code) => code.to_owned(),
            None => json["route"]["wire_model"].as_str().unwrap().to_owned(),
        }
    };
    assert_eq!(route("own//srv/models/x").await, "empty_segment");
    let refreshed = admin.post("/api/v1/sources/own/refresh", json!({})).await;
    assert_eq!(refreshed.json()["outcome"], "ok", "{}", refreshed.text());
    for (text, expected) in [
        ("own//srv/models/x", "/srv/models/x"),
        ("own//srv/models/y", "empty_segment"),
        ("own/openai/*", "model_is_pattern"),
        ("own/openai/gpt-4o", "openai/gpt-4o"),
        ("own/plain", "plain"),
    ] {
        assert_eq!(route(text).await, expected, "{text}");
    }
    let models = admin.get("/api/v1/models?owner=own").await.json();
    let patterns = models["items"].as_array().unwrap().iter();
    let patterns: Vec<_> = patterns
        .filter(|model| model["pattern"] == json!(true))
        .map(|model| model["ref"].clone())
        .collect();
    assert_eq!(patterns, ["own/openai/*"]);

    for (text, status) in [("own/openai/*", 422), ("own//srv/models/x", 200)] {
        let body = json!({ "ref": text });
        let answer = admin.put("/api/v1/default-model", body).await;
        assert_eq!(answer.status, status, "{}", answer.text());
    }
    let yaml = "name: a\nmodel: { primary: 'own/openai/*', fallback: own//srv/models/x }\n";
    let saved = admin.post("/api/v1/agents", json!({ "yaml": yaml })).await;
    assert_eq!(saved.status, 201, "{}", saved.text());
    let problems = &saved.json()["problems"];
    assert_eq!(problems.as_array().unwrap().len(), 1, "{problems}");
    assert_eq!(problems[0]["code"], "model_is_pattern");
    assert_eq!(problems[0]["path"], "model.primary");
}

#[tokio::test]
async fn a_base_url_that_is_nearly_one_is_refused_with_the_right_one() {
    let server = Server::start().await;
    let admin = server.admin().await;
    for (typed, code, suggestion) in [
        (
            "\u{201c}https://own.example/v1\u{201d}",
            "invalid_base_url",
            "https://own.example/v1",
        ),
        (
            "https://own.example\u{200b}/v1",
            "invalid_base_url",
            "https://own.example/v1",
        ),
        (
            "https://platform.openai.com/docs/models",
            "base_url_is_page",
            "https://api.openai.com/v1",
        ),
        (
            "https://r.openai.azure.com/openai/deployments/d/chat/completions?api-version=1",
            "invalid_base_url",
            "https://r.openai.azure.com/openai/v1",
        ),
    ] {
        let body = json!({ "name": "Own", "base_url": typed });
        let problem = admin.post("/api/v1/sources", body).await.problem(422, code);
        assert_eq!(problem["field"], "base_url", "{typed}");
        assert_eq!(problem["suggestion"], suggestion, "{typed}");
    }
}
