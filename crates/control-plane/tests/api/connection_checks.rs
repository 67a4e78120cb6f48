//! `POST …/test`: tests of stored configuration and of unsaved input.

use crate::support::{Admin, Options, Server};
use crate::upstream::Upstream;
use axum::http::Method;
use serde_json::{Value, json};

const KEY: &str = "sk-canary-0123456789";
const GATEWAY: &str = "/api/v1/providers/mygw";
const DIRECT: &str = "/api/v1/providers/direct";
const SOURCE: &str = "/api/v1/sources/mine";

/// A gateway, a direct provider and a source, all at this base URL with this key.
async fn set_up(admin: &Admin<'_>, base_url: &str) {
    for (name, kind) in [("mygw", "gateway"), ("direct", "openai_compatible")] {
        let draft =
            json!({ "name": name, "kind": kind, "base_url": base_url, "allow_private": true });
        let added = admin.post("/api/v1/providers", draft).await;
        assert_eq!(added.status, 201, "{}", added.text());
        let path = format!("/api/v1/providers/{name}/key");
        let stored = admin.put(&path, json!({ "value": KEY })).await;
        assert_eq!(stored.status, 200, "{}", stored.text());
    }
    let source = json!({
        "name": "Mine", "base_url": base_url, "allow_private": true, "auth_value": KEY,
        "headers": { "X-Tenant": "blue" }
    });
    let added = admin.post("/api/v1/sources", source).await;
    assert_eq!(added.status, 201, "{}", added.text());
}

async fn test(admin: &Admin<'_>, path: &str, body: Option<Value>) -> Value {
    let path = format!("{path}/test");
    let answer = admin.call(Method::POST, &path, body).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

async fn last_test(admin: &Admin<'_>, path: &str) -> Value {
    admin.get(path).await.json()["last_test"].clone()
}

#[tokio::test]
async fn no_body_an_empty_one_and_absent_fields_test_what_is_stored() {
    let upstream = Upstream::start("authorization", "Bearer sk-canary-0123456789", &["one"]).await;
    let server = Server::start().await;
    let admin = server.admin().await;
    set_up(&admin, &upstream.base_url).await;
    let mut audited = 0;
    for path in [GATEWAY, DIRECT, SOURCE] {
        let null = match path {
            // A source without headers is another one than is stored.
            SOURCE => json!({ "headers": null }),
            _ => json!({ "value": null }),
        };
        for (body, records) in [
            (None, true),
            (Some(json!({})), true),
            (Some(null), path != SOURCE),
        ] {
            let report = test(&admin, path, body.clone()).await;
            assert_eq!(report["outcome"], "ok", "{path} {body:?}: {report}");
            assert_eq!(report["added"], json!(["one"]));
            audited += u64::from(records);
        }
        assert_eq!(last_test(&admin, path).await["outcome"], "ok");
    }
    let audit = admin.get("/api/v1/audit?limit=500").await.json();
    let tests = audit["items"].as_array().unwrap().iter();
    let tests = tests.filter(|event| event["action"].as_str().unwrap().ends_with(".test"));
    assert_eq!(tests.count() as u64, audited);
}

#[tokio::test]
async fn unsaved_input_overrides_what_is_stored_and_leaves_no_trace() {
    let upstream = Upstream::start("authorization", "Bearer sk-canary-0123456789", &["one"]).await;
    let server = Server::start().await;
    let admin = server.admin().await;
    set_up(&admin, &upstream.base_url).await;
    let slashed = format!("{}/", upstream.base_url);
    for path in [GATEWAY, DIRECT, SOURCE] {
        // Of the same origin: the stored key goes along.
        let report = test(&admin, path, Some(json!({ "base_url": slashed }))).await;
        assert_eq!(report["outcome"], "ok", "{path}: {report}");
        assert_eq!(last_test(&admin, path).await, json!(null), "{path}");
    }
    let headers = json!({ "default_headers": { "X-Team": "red" } });
    test(&admin, GATEWAY, Some(headers)).await;
    let seen = upstream.seen();
    assert_eq!(seen.last().unwrap().1["x-team"], "red");
    for none in [json!(null), json!("")] {
        let report = test(&admin, SOURCE, Some(json!({ "auth_value": none }))).await;
        assert_eq!(report["outcome"], "unauthorized", "{report}");
    }
    let report = test(&admin, SOURCE, Some(json!({ "auth_header": "x-api-key" }))).await;
    assert_eq!(report["outcome"], "unauthorized", "{report}");
    let (_, headers) = upstream.seen().pop().unwrap();
    assert_eq!(
        (&headers["x-api-key"], &headers["x-tenant"]),
        (&KEY.parse().unwrap(), &"blue".parse().unwrap())
    );
    // The draft that names its source does the same.
    let named = json!({ "slug": "mine", "auth_header": null });
    let answer = admin.post("/api/v1/sources/test", named).await;
    assert_eq!(answer.json()["outcome"], "ok", "{}", answer.text());
    assert_eq!(last_test(&admin, SOURCE).await, json!(null));
    // One that names it and says nothing else is the source itself.
    let answer = admin
        .post("/api/v1/sources/test", json!({ "slug": "mine" }))
        .await;
    assert_eq!(answer.json()["outcome"], "ok", "{}", answer.text());
    assert_eq!(last_test(&admin, SOURCE).await["outcome"], "ok");
}

#[tokio::test]
async fn a_draft_elsewhere_does_not_get_the_stored_key() {
    let upstream = Upstream::start("authorization", "Bearer sk-canary-0123456789", &["one"]).await;
    let elsewhere = Upstream::start("authorization", "Bearer sk-other-0123456789", &["one"]).await;
    let server = Server::start().await;
    let admin = server.admin().await;
    set_up(&admin, &upstream.base_url).await;
    for (path, field) in [
        (GATEWAY, "value"),
        (DIRECT, "value"),
        (SOURCE, "auth_value"),
    ] {
        let mut draft = json!({ "base_url": elsewhere.base_url, "allow_private": true });
        admin
            .post(&format!("{path}/test"), draft.clone())
            .await
            .problem(409, "credential_origin_mismatch");
        draft[field] = json!("sk-other-0123456789");
        let report = test(&admin, path, Some(draft)).await;
        assert_eq!(report["outcome"], "ok", "{path}: {report}");
        assert_eq!(last_test(&admin, path).await, json!(null), "{path}");
    }
    for (_, headers) in elsewhere.seen() {
        assert_eq!(headers["authorization"], "Bearer sk-other-0123456789");
        assert!(!headers.contains_key("x-tenant"));
    }
}

#[tokio::test]
async fn a_test_says_what_it_lacks_or_does_not_know() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let nothing = admin.post("/api/v1/sources/test", json!({})).await;
    assert_eq!(
        nothing.problem(422, "missing_base_url")["field"],
        "base_url"
    );
    for (path, body, code, field) in [
        (
            "/api/v1/providers/groq/test",
            json!({ "colour": 1 }),
            "unknown_field",
            "colour",
        ),
        (
            "/api/v1/providers/groq/test",
            json!({ "base_url": "no url" }),
            "invalid_base_url",
            "base_url",
        ),
        (
            "/api/v1/sources/test",
            json!({ "passthrough": "yes" }),
            "invalid_value",
            "passthrough",
        ),
    ] {
        let problem = admin.post(path, body).await.problem(422, code);
        assert_eq!(problem["field"], field);
    }
    for path in [
        "/api/v1/providers/missing/test",
        "/api/v1/sources/missing/test",
    ] {
        for body in [json!({}), json!({ "base_url": "https://gw.example/v1" })] {
            admin.post(path, body).await.problem(404, "not_found");
        }
    }
}

#[tokio::test]
async fn a_draft_sends_no_variable_where_the_saved_entry_would_not() {
    let key = "Bearer sk-env-0123456789";
    let home = Upstream::start("authorization", key, &["one"]).await;
    let elsewhere = Upstream::start("authorization", key, &["one"]).await;
    let server = Server::start_with(Options {
        environment: vec![
            ("MINE_KEY", "sk-env-0123456789"),
            ("OTHER_SECRET", "sk-other-0123456789"),
        ],
        env_keys: vec!["MINE_KEY", "OTHER_SECRET"],
        ..Options::default()
    })
    .await;
    let admin = server.admin().await;
    let draft = json!({
        "name": "mygw", "kind": "gateway", "base_url": home.base_url, "allow_private": true,
        "api_key_env": "MINE_KEY"
    });
    admin.post("/api/v1/providers", draft).await;
    let headers = json!({ "default_headers": { "X-Team": "red" } });
    assert_eq!(test(&admin, GATEWAY, Some(headers)).await["outcome"], "ok");
    let calls = home.seen().len();
    for draft in [
        json!({ "base_url": elsewhere.base_url, "allow_private": true }),
        json!({ "api_key_env": "OTHER_SECRET" }),
    ] {
        let path = format!("{GATEWAY}/test");
        let refused = admin.post(&path, draft.clone()).await;
        let problem = refused.problem(409, "credential_origin_mismatch");
        assert!(
            problem["detail"]
                .as_str()
                .unwrap()
                .contains("othing was sent")
        );
        // A key that was typed for it goes there.
        let mut typed = draft;
        typed["value"] = json!("sk-env-0123456789");
        assert_eq!(test(&admin, GATEWAY, Some(typed)).await["outcome"], "ok");
    }
    assert_eq!((home.seen().len(), elsewhere.seen().len()), (calls + 1, 1));
}
