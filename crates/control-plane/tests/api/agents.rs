//! Agents over the wire.

use crate::support::{Options, Server, masked};
use axum::http::Method;
use serde_json::json;

const BOT: &str = "name: bot\nmodel:\n  primary: litellm/openai/gpt-4o\n  fallback: groq/llama\n";

#[tokio::test]
async fn an_agent_is_added_shown_replaced_and_deleted() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let added = admin.post("/api/v1/agents", json!({ "yaml": BOT })).await;
    assert_eq!(added.status, 201, "{}", added.text());
    let tag = format!("\"{}\"", added.json()["version"]);
    assert_eq!(added.header("etag"), Some(tag.as_str()));
    insta::assert_json_snapshot!(
        "agent",
        masked(added.json(), &["/updated_at", "/updated_by", "/version"])
    );
    let shown = admin.get("/api/v1/agents/bot").await;
    assert_eq!(shown.json(), added.json());
    assert_eq!(shown.header("etag"), Some(tag.as_str()));
    let listed = admin.get("/api/v1/agents").await.json();
    assert_eq!(
        listed,
        json!({ "items": [added.json()], "next_cursor": null })
    );

    let renamed = admin
        .put("/api/v1/agents/bot", json!({ "yaml": "name: two words" }))
        .await;
    assert_eq!(renamed.json()["name"], "two words", "{}", renamed.text());
    admin
        .get("/api/v1/agents/bot")
        .await
        .problem(404, "not_found");
    let deleted = admin.delete("/api/v1/agents/two%20words").await;
    assert_eq!(deleted.status, 200, "{}", deleted.text());
    let listed = admin.get("/api/v1/agents").await.json();
    assert_eq!(listed, json!({ "items": [], "next_cursor": null }));
}

#[tokio::test]
async fn a_document_with_errors_is_refused_with_all_of_them() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let yaml = "name: bot\ngateways:\n  litellm: { api_key: sk-canary, nope: 1 }\n";
    let answer = admin.post("/api/v1/agents", json!({ "yaml": yaml })).await;
    assert!(!answer.text().contains("canary"), "{}", answer.text());
    insta::assert_json_snapshot!("agent_refused", answer.problem(422, "invalid_agent"));
    let listed = admin.get("/api/v1/agents").await.json();
    assert_eq!(listed["items"], json!([]));
    for (body, code) in [
        (json!({}), "missing_field"),
        (json!({ "yaml": 1 }), "invalid_value"),
        (json!({ "yaml": "name: a", "name": "a" }), "unknown_field"),
        (json!({ "yaml": "" }), "invalid_agent"),
    ] {
        let answer = admin.post("/api/v1/agents", body).await;
        answer.problem(422, code);
    }
}

#[tokio::test]
async fn a_document_of_a_mebibyte_fits_through_however_it_is_written() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let longest = format!("name: big\n#{}", "\"".repeat(1024 * 1024 - 11));
    let answer = admin
        .post("/api/v1/agents", json!({ "yaml": longest }))
        .await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let longer = format!("{longest}\"");
    let answer = admin
        .put("/api/v1/agents/big", json!({ "yaml": longer }))
        .await;
    answer.problem(422, "invalid_agent");
}

#[tokio::test]
async fn a_stored_agent_and_its_subagents_are_routed() {
    let server = Server::start_with(Options {
        environment: vec![("LITELLM_MASTER_KEY", "sk"), ("TEAM", "sk")],
        env_keys: vec!["TEAM@http://localhost:4000"],
        ..Options::default()
    })
    .await;
    let admin = server.admin().await;
    let yaml = format!(
        "{BOT}gateways: {{ litellm: {{ api_key_env: TEAM }} }}\nsubagents: {{ s: {{ model: {{ primary: litellm/b }} }} }}\n"
    );
    admin.post("/api/v1/agents", json!({ "yaml": yaml })).await;
    let root = admin.post("/api/v1/route", json!({ "agent": "bot" })).await;
    let root = root.json();
    assert_eq!(root["ref"], "litellm/openai/gpt-4o", "{root}");
    assert_eq!(root["route"]["credential"]["from"], "env:TEAM");
    assert_eq!(root["fallback"]["error"]["code"], "missing_api_key");
    let sub = admin
        .post("/api/v1/route", json!({ "agent": "bot", "subagent": "s" }))
        .await
        .json();
    assert_eq!(sub["route"]["wire_model"], "b", "{sub}");
    let answer = admin
        .post("/api/v1/route", json!({ "agent": "missing" }))
        .await;
    assert_eq!(answer.problem(422, "unknown_agent")["field"], "agent");

    // The browser gets the same from the snapshot.
    let snapshot = admin.get("/api/v1/snapshot").await;
    let table = waypost_routing::routing_table::RoutingTable::new(
        serde_json::from_slice(&snapshot.body).unwrap(),
    );
    let agent = table.agents().iter().next().unwrap();
    let request = waypost_routing::resolve::Request::of_agent(agent, None, Default::default());
    let here = serde_json::to_value(waypost_routing::resolve::resolve(&table, &request)).unwrap();
    assert_eq!(here, root);
}

#[tokio::test]
async fn a_save_over_another_is_refused_with_both_versions() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let path = "/api/v1/agents/bot";
    let write = |yaml: &str| Some(json!({ "yaml": yaml }));
    let seen = admin.post("/api/v1/agents", json!({ "yaml": BOT })).await;
    let seen = seen.header("etag").unwrap().to_owned();
    let first = admin
        .call_if(Method::PUT, path, &seen, write("name: bot\n# first"))
        .await;
    assert_eq!(first.status, 200, "{}", first.text());
    let second = admin
        .call_if(Method::PUT, path, &seen, write("name: bot\n# second"))
        .await;
    let problem = second.problem(412, "version_conflict");
    assert_eq!(problem["current"], first.json());
    let deleted = admin.call_if(Method::DELETE, path, &seen, None).await;
    deleted.problem(412, "version_conflict");
    assert_eq!(admin.get(path).await.json(), first.json());
    let malformed = admin.call_if(Method::DELETE, path, "2", None).await;
    malformed.problem(400, "invalid_if_match");
    let current = first.header("etag").unwrap();
    let deleted = admin.call_if(Method::DELETE, path, current, None).await;
    assert_eq!(deleted.status, 200, "{}", deleted.text());
}

#[tokio::test]
async fn providers_and_sources_count_the_agents_that_use_them() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let source =
        json!({ "name": "Own", "base_url": "https://own.example/v1", "passthrough": true });
    let source = admin.post("/api/v1/sources", source).await;
    assert_eq!(source.status, 201, "{}", source.text());
    let count = async |path: &str, name: &str| {
        let listed = admin.get(path).await.json();
        let items = listed["items"].as_array().expect("a list").clone();
        let is_named = |item: &&serde_json::Value| item["name"] == name;
        items.iter().find(is_named).expect(name)["used_by"].clone()
    };
    assert_eq!(count("/api/v1/providers", "litellm").await, 0);
    let with_source = "name: second\nmodel: { primary: own/m, fallback: litellm/x }\n";
    for yaml in [BOT, with_source] {
        let added = admin.post("/api/v1/agents", json!({ "yaml": yaml })).await;
        assert_eq!(added.status, 201, "{}", added.text());
    }
    assert_eq!(count("/api/v1/providers", "litellm").await, 2);
    assert_eq!(count("/api/v1/providers", "groq").await, 1);
    assert_eq!(count("/api/v1/providers", "openrouter").await, 0);
    assert_eq!(count("/api/v1/sources", "Own").await, 1);
    assert_eq!(admin.get("/api/v1/sources/own").await.json()["used_by"], 1);
    admin.delete("/api/v1/agents/second").await;
    assert_eq!(count("/api/v1/providers", "litellm").await, 1);
    assert_eq!(count("/api/v1/sources", "Own").await, 0);
}

#[tokio::test]
async fn a_check_says_what_saving_would_and_saves_nothing() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let valid = "name: bot\nmodel: { primary: litellm/a, colour: red }\n";
    let invalid = "name: bot\ngateways:\n  litellm: { url: ftp://x }\n";
    let check = async |yaml: &str| {
        let answer = admin
            .post("/api/v1/agent-checks", json!({ "yaml": yaml }))
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    };
    let checked = check(valid).await;
    assert_eq!(checked["name"], "bot");
    assert_eq!(checked["problems"][0]["code"], "unknown_field");
    let refused = check(invalid).await;
    assert_eq!(refused["name"], json!(null));
    let saved = admin
        .post("/api/v1/agents", json!({ "yaml": invalid }))
        .await;
    assert_eq!(
        saved.problem(422, "invalid_agent")["errors"],
        refused["problems"]
    );
    let list = admin.get("/api/v1/agents").await.json();
    assert_eq!(list["items"], json!([]));
}
