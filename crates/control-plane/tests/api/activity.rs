//! What the audit log says of an event: whether it was done, and what changed.

use crate::support::{Admin, Server};
use crate::upstream::Upstream;
use serde_json::{Value, json};
use waypost_api_types::audit_words::{SYSTEM_NAME, action_words, field_words, target_words};

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

#[tokio::test]
async fn an_agents_models_are_recorded_before_and_after() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let yaml = |text: &str| json!({ "yaml": format!("name: bot\n{text}") });
    admin
        .post("/api/v1/agents", yaml("model: { primary: groq/a }\n"))
        .await;
    let added = json!([{ "field": "primary", "before": null, "after": "groq/a" }]);
    assert_eq!(last(&admin).await["changes"], added);
    let edited = "model: { primary: groq/b, fallback: groq/a }\nsubagents: { w: { model: { primary: x } } }\n";
    admin.put("/api/v1/agents/bot", yaml(edited)).await;
    assert_eq!(
        last(&admin).await["changes"],
        json!([
            { "field": "fallback", "before": null, "after": "groq/a" },
            { "field": "primary", "before": "groq/a", "after": "groq/b" },
            { "field": "subagents.w.primary", "before": null, "after": "x" },
        ])
    );
    let replace = json!({ "from": "groq/b", "to": "groq/c", "agents": [{ "name": "bot" }] });
    let replaced = admin.post("/api/v1/models/replace", replace).await.json();
    let undo = |answer: &Value| {
        let token = answer["undo"]["token"].as_str().unwrap().to_owned();
        format!("/api/v1/undo/{token}")
    };
    admin.post(&undo(&replaced), json!({})).await;
    let event = last(&admin).await;
    assert_eq!(event["action"], "agent.model.restore");
    assert_eq!(
        event["changes"],
        json!([{ "field": "primary", "before": "groq/c", "after": "groq/b" }])
    );
    let deleted = admin.delete("/api/v1/agents/bot").await.json();
    assert_eq!(last(&admin).await["changes"][1]["before"], "groq/b");
    admin.post(&undo(&deleted), json!({})).await;
    let event = last(&admin).await;
    assert_eq!(event["action"], "agent.restore");
    assert_eq!(event["changes"][1]["after"], "groq/b");
}

#[tokio::test]
async fn what_is_added_and_which_models_are_switched_is_recorded() {
    let upstream = Upstream::start("authorization", "Bearer sk-right", &["one", "two"]).await;
    let server = Server::start().await;
    let admin = server.admin().await;
    let gateway = json!({
        "name": "edge", "kind": "gateway", "base_url": upstream.base_url, "allow_private": true
    });
    admin.post("/api/v1/providers", gateway).await;
    assert_eq!(
        last(&admin).await["changes"],
        json!([
            { "field": "allow_private", "before": null, "after": "true" },
            { "field": "base_url", "before": null, "after": upstream.base_url },
            { "field": "kind", "before": null, "after": "gateway" },
        ])
    );
    let key = json!({ "value": "sk-right" });
    admin.put("/api/v1/providers/edge/key", key).await;
    admin
        .post("/api/v1/providers/edge/refresh", json!({}))
        .await;
    let switch = async |refs: &[&str], enabled: bool| {
        let body = json!({ "refs": refs, "enabled": enabled });
        let answer = admin.patch("/api/v1/models", body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        last(&admin).await
    };
    let event = switch(&["edge/one"], false).await;
    assert_eq!(
        event["changes"],
        json!([{ "field": "state", "before": "enabled", "after": "disabled" }])
    );
    // The first one is disabled already, so that it does not change.
    let event = switch(&["edge/one", "edge/two"], false).await;
    assert_eq!(event["target"], "models:1");
    let event = switch(&["edge/one", "edge/two"], true).await;
    assert_eq!(
        event["changes"],
        json!([
            { "field": "edge/one", "before": "disabled", "after": "enabled" },
            { "field": "edge/two", "before": "disabled", "after": "enabled" },
        ])
    );
}

/// The words of an event, as the page shows them.
fn shown(event: &Value) -> String {
    let text = |name: &str| event[name].as_str().unwrap();
    let fields = event["fields"].as_array().unwrap().iter();
    let fields = fields.map(|field| field_words(field.as_str().unwrap()));
    let values = event["changes"].as_array().unwrap().iter();
    let values = values.flat_map(|change| {
        let sides = [&change["before"], &change["after"]];
        let sides = sides.into_iter().filter_map(|side| side.as_str());
        sides.map(str::to_owned).collect::<Vec<_>>()
    });
    let target = target_words(text("target")).unwrap_or(text("target"));
    let actor = match text("actor") {
        "system" => SYSTEM_NAME,
        actor => actor,
    };
    let mut words = vec![actor.to_owned(), action_words(text("action")).to_owned()];
    words.push(target.replace(':', " "));
    words.extend(fields.chain(values));
    words.join(" ")
}

#[tokio::test]
async fn an_event_is_found_by_every_word_that_is_shown_of_it() {
    let server = Server::start().await;
    let admin = server.admin().await;
    admin.post("/api/v1/sample", json!({})).await;
    let gateway = json!({
        "name": "edge", "kind": "gateway", "base_url": "https://a.example/v1",
        "api_key_env": "EDGE_API_KEY"
    });
    admin.post("/api/v1/providers", gateway).await;
    let moved = json!({ "base_url": "https://b.example/v1", "api_key_env": null });
    admin.patch("/api/v1/providers/edge", moved).await;
    admin
        .put(
            "/api/v1/providers/edge/key",
            json!({ "value": "sk-canary-0123456789" }),
        )
        .await;
    admin
        .put("/api/v1/default-model", json!({ "ref": "edge/up/m" }))
        .await;
    admin.delete("/api/v1/providers/edge/key").await;
    admin
        .patch(
            "/api/v1/settings",
            json!({ "new_models_start_disabled": true }),
        )
        .await;
    admin.delete("/api/v1/agents/sample-support").await;
    let page = admin.get("/api/v1/audit?limit=500").await.json();
    let events = page["items"].as_array().unwrap();
    assert!(events.len() > 10, "{page}");
    let mut seen = std::collections::BTreeSet::new();
    for event in events {
        if !seen.insert(event["action"].as_str().unwrap()) {
            continue;
        }
        let sentence = shown(event);
        let found = async |query: &str| {
            let query: String = query.bytes().map(|byte| format!("%{byte:02X}")).collect();
            let page = admin
                .get(&format!("/api/v1/audit?limit=500&q={query}"))
                .await;
            let page = page.json();
            let ids = page["items"].as_array().unwrap().iter();
            ids.map(|event| event["id"].clone()).collect::<Vec<_>>()
        };
        for word in sentence.split_whitespace() {
            assert!(found(word).await.contains(&event["id"]), "{word}: {event}");
        }
        let start: Vec<&str> = sentence.split_whitespace().take(8).collect();
        let start = start.join(" ");
        assert!(found(&start).await.contains(&event["id"]), "{start}");
    }
    assert!(seen.len() >= 10, "{seen:?}");
    let deleted = admin.get("/api/v1/audit?q=deleted%20agent").await.json();
    assert_eq!(deleted["items"].as_array().unwrap().len(), 1, "{deleted}");
}

/// Every Rust file below a directory, without its tests.
fn sources(directory: &std::path::Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let is_test = path.file_stem().is_some_and(|name| name == "tests");
        if is_test || path.ends_with("testing.rs") {
            continue;
        }
        if path.is_dir() {
            sources(&path, found);
        } else {
            let text = std::fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap();
            found.push(code.to_owned());
        }
    }
}

#[test]
fn every_action_that_is_recorded_has_words() {
    let crates = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut files = Vec::new();
    sources(&crates.join("control-plane/src/workspace"), &mut files);
    sources(&crates.join("store/src/sqlite"), &mut files);
    sources(&crates.join("store/src/postgres"), &mut files);
    files.push(std::fs::read_to_string(crates.join("control-plane/src/tokens.rs")).unwrap());
    let subjects = [
        "agent",
        "default_model",
        "models",
        "provider",
        "request_log",
        "source",
        "settings",
        "sample",
        "session",
        "token",
        "sign_in_link",
    ];
    let mut actions = std::collections::BTreeSet::new();
    for text in files
        .iter()
        .flat_map(|file| file.split('"').skip(1).step_by(2))
    {
        let is_plain = text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || b"._".contains(&byte));
        let Some((subject, _)) = text.split_once('.').filter(|_| is_plain) else {
            continue;
        };
        if subjects.contains(&subject) {
            actions.insert(text.to_owned());
        }
        // The kind of owner is added when it is recorded. `key.next` is a field.
        if text != "key.next" && ["key", "test", "refresh"].contains(&subject) {
            actions.extend(["provider", "source"].map(|kind| format!("{kind}.{text}")));
        }
    }
    assert!(actions.len() >= 30, "{actions:?}");
    let without: Vec<&String> = actions
        .iter()
        .filter(|action| action_words(action) == action.as_str())
        .collect();
    assert!(without.is_empty(), "no words for {without:?}");
}
