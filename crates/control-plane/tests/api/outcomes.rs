//! What came of tests and refreshes, as the rows of their owners tell it.

use crate::support::{Admin, Options, Server};
use serde_json::{Value, json};

async fn view(admin: &Admin<'_>, path: &str) -> Value {
    let answer = admin.get(path).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

/// Tests and refreshes, which is refused with this code, and expects the rows to tell why.
async fn refused_and_recorded(admin: &Admin<'_>, path: &str, status: u16, code: &str) {
    for (call, recorded) in [("test", "last_test"), ("refresh", "last_refresh")] {
        let before = view(admin, path).await;
        let refusal = admin.post(&format!("{path}/{call}"), json!({})).await;
        let problem = refusal.problem(status, code);
        let after = view(admin, path).await;
        let record = &after[recorded];
        assert_eq!(record["outcome"], "not_sent", "{path} {call}: {after}");
        assert_eq!(record["message"], problem["detail"], "{path} {call}");
        assert_eq!(record["status"], json!(null));
        assert!(record["at"].as_i64() > Some(0) && record["duration_ms"].is_u64());
        assert_eq!(after["version"], before["version"], "a call is no edit");
        assert_eq!(after["models"], before["models"]);
        let audit = admin.get("/api/v1/audit?limit=1").await.json();
        let action = audit["items"][0]["action"].as_str().unwrap().to_owned();
        assert!(action.ends_with(&format!(".{call}.failed")), "{action}");
    }
    let progress = admin.get(&format!("{path}/refresh")).await.json();
    assert_eq!(progress["report"], json!(null), "{progress}");
}

#[tokio::test]
async fn a_call_of_what_needs_its_key_again_is_recorded_though_nothing_was_sent() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let draft = json!({ "name": "mygw", "kind": "gateway", "base_url": "https://a.example/v1" });
    admin.post("/api/v1/providers", draft).await;
    let path = "/api/v1/providers/mygw";
    let key = json!({ "value": "sk-0123456789" });
    admin.put(&format!("{path}/key"), key).await;
    let moved = json!({ "base_url": "https://b.example/v1" });
    admin.patch(path, moved.clone()).await;
    assert_eq!(view(&admin, path).await["key"]["state"], "needs_reentry");
    // A test of a draft is refused too, and leaves no trace.
    let draft = json!({ "base_url": "https://c.example/v1" });
    admin
        .post(&format!("{path}/test"), draft)
        .await
        .problem(409, "credential_origin_mismatch");
    assert_eq!(view(&admin, path).await["last_test"], json!(null));
    refused_and_recorded(&admin, path, 409, "credential_origin_mismatch").await;
}

#[tokio::test]
async fn a_base_url_that_is_none_and_a_key_that_cannot_be_one_are_recorded() {
    let server = Server::start_with(Options {
        environment: vec![
            ("LITELLM_BASE_URL", "no url"),
            ("GROQ_API_KEY", "two\nlines"),
        ],
        ..Options::default()
    })
    .await;
    let admin = server.admin().await;
    let litellm = "/api/v1/providers/litellm";
    refused_and_recorded(&admin, litellm, 422, "invalid_base_url").await;
    let groq = "/api/v1/providers/groq";
    refused_and_recorded(&admin, groq, 409, "env_unusable").await;
    admin
        .post("/api/v1/sources", json!({ "name": "Later" }))
        .await;
    let source = "/api/v1/sources/later";
    refused_and_recorded(&admin, source, 422, "passthrough_needs_base_url").await;
}

#[tokio::test]
async fn secrets_that_cannot_be_read_are_recorded() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let source = json!({
        "name": "Mine", "base_url": "https://a.example/v1", "auth_value": "sk-0123456789"
    });
    admin.post("/api/v1/sources", source).await;
    std::fs::remove_file(server.folder.path().join("secrets.key")).unwrap();
    let path = "/api/v1/sources/mine";
    refused_and_recorded(&admin, path, 503, "secrets_unavailable").await;
}

#[tokio::test]
async fn an_address_that_is_not_allowed_is_recorded() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let source = json!({ "name": "Mine", "base_url": "http://127.0.0.1:9/v1" });
    admin.post("/api/v1/sources", source).await;
    let draft = json!({ "name": "mygw", "kind": "gateway", "base_url": "http://10.0.0.1/v1" });
    admin.post("/api/v1/providers", draft).await;
    for path in ["/api/v1/sources/mine", "/api/v1/providers/mygw"] {
        for (call, recorded) in [("test", "last_test"), ("refresh", "last_refresh")] {
            let report = admin
                .post(&format!("{path}/{call}"), json!({}))
                .await
                .json();
            assert_eq!(report["outcome"], "address_not_allowed", "{report}");
            let record = view(&admin, path).await[recorded].clone();
            assert_eq!(record["outcome"], "address_not_allowed", "{record}");
            assert_eq!(record["message"], report["message"]);
        }
    }
}

#[tokio::test]
async fn a_name_that_the_providers_file_blocks_is_recorded_where_it_has_a_row() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let file = "version: 1\nproviders:\n  groq:\n    base_url: no url\n    api_key_env: GROQ_API_KEY\n  mine:\n    base_url: no url\n    api_key_env: MINE\n";
    let mut changes = server.app.workspace().providers_file_changes();
    std::fs::write(server.folder.path().join("providers.local.yaml"), file).unwrap();
    let path = "/api/v1/providers/groq";
    while view(&admin, path).await["problems"] == json!([]) {
        changes.changed().await.unwrap();
    }
    refused_and_recorded(&admin, path, 409, "blocked").await;
    let nowhere = "/api/v1/providers/mine";
    admin
        .post(&format!("{nowhere}/refresh"), json!({}))
        .await
        .problem(409, "blocked");
    admin.get(nowhere).await.problem(404, "not_found");
}
