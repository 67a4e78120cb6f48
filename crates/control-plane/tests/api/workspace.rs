//! Settings, the snapshot, routes, the audit log, and the secrets that are in none of them.

use crate::support::{Options, Server, masked};
use axum::http::Method;
use serde_json::json;
use waypost_control_plane::http::api_route::Answer as Shown;
use waypost_control_plane::http::api_routes;

#[tokio::test]
async fn settings_are_shown_and_changed() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let settings = admin.get("/api/v1/settings").await;
    assert_eq!(settings.status, 200, "{}", settings.text());
    let settings = masked(
        settings.json(),
        &[
            "/data_dir",
            "/version",
            "/providers_file/path",
            "/providers_file/read_at",
            // The tests run on each database.
            "/database/product",
            "/database/version",
            "/database/place",
            "/secrets/description",
        ],
    );
    insta::assert_json_snapshot!("settings", settings,);
    let changed = admin
        .patch(
            "/api/v1/settings",
            json!({ "managed_gateway": "openrouter", "new_models_start_disabled": true }),
        )
        .await
        .json();
    assert_eq!(changed["managed_gateway"], "openrouter", "{changed}");
    assert_eq!(changed["new_models_start_disabled"], true);
    for name in ["groq", "missing", ""] {
        let answer = admin
            .patch("/api/v1/settings", json!({ "managed_gateway": name }))
            .await;
        assert_eq!(answer.status, 422, "{name}: {}", answer.text());
        assert_eq!(answer.json()["field"], "managed_gateway");
    }
    let kept = admin.get("/api/v1/settings").await.json();
    assert_eq!(kept["managed_gateway"], "openrouter");
}

#[tokio::test]
async fn one_answer_has_what_every_page_begins_with() {
    let server = Server::start().await;
    let admin = server.admin().await;
    assert_eq!(admin.post("/api/v1/sample", json!({})).await.status, 200);
    let answer = admin.get("/api/v1/workspace").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let workspace = answer.json();
    for part in ["session", "providers", "settings"] {
        let alone = admin.get(&format!("/api/v1/{part}")).await.json();
        assert_eq!(workspace[part], alone, "{part}");
    }
    let sources = admin.get("/api/v1/sources").await.json();
    assert!(!sources["items"].as_array().unwrap().is_empty());
    assert_eq!(workspace["sources"], sources["items"]);
}

#[tokio::test]
async fn a_route_is_shown_before_anything_is_sent() {
    let server = Server::start().await;
    let admin = server.admin().await;
    admin
        .put(
            "/api/v1/providers/openrouter/key",
            json!({ "value": "sk-or-v1-canary-0123456789" }),
        )
        .await;
    let answer = admin
        .post(
            "/api/v1/route",
            json!({ "ref": "openrouter/moonshotai/kimi-k2" }),
        )
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    insta::assert_json_snapshot!("route", answer.json());
    let messages = admin
        .post(
            "/api/v1/route",
            json!({ "ref": "litellm/gpt-4o", "operation": "messages" }),
        )
        .await
        .json();
    assert_eq!(
        messages["route"]["url"],
        "http://localhost:4000/v1/messages"
    );
    let rejected = admin.post("/api/v1/route", json!({ "ref": "a//b" })).await;
    assert_eq!(
        (rejected.status.as_u16(), &rejected.json()["outcome"]),
        (200, &json!("rejected"))
    );
    let bad = admin
        .post(
            "/api/v1/route",
            json!({ "ref": "a/b", "operation": "sing" }),
        )
        .await;
    assert_eq!(bad.problem(422, "invalid_value")["field"], "operation");
}

#[tokio::test]
async fn a_route_is_exported_for_other_tools() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let key = json!({ "value": "sk-or-v1-canary-0123456789" });
    admin.put("/api/v1/providers/openrouter/key", key).await;
    let plain = json!({ "ref": "openrouter/moonshotai/kimi-k2" });
    let resolution = admin.post("/api/v1/route", plain.clone()).await.json();
    assert!(resolution.get("export").is_none());
    for (format, begins) in [
        (
            "curl",
            "# OPENROUTER_API_KEY stands for secret:openrouter/api-key\ncurl -X POST 'https://openrouter.ai/",
        ),
        (
            "litellm",
            "# OPENROUTER_API_KEY stands for secret:openrouter/api-key\nmodel_list:\n",
        ),
        (
            "yaml",
            "name: my-agent\nmodel:\n  primary: openrouter/moonshotai/kimi-k2\n",
        ),
    ] {
        let mut asked = plain.clone();
        asked["format"] = json!(format);
        let answer = admin.post("/api/v1/route", asked).await;
        assert!(!answer.text().contains("canary"), "{}", answer.text());
        let mut answer = answer.json();
        let export = answer.as_object_mut().unwrap().remove("export").unwrap();
        assert_eq!(answer, resolution, "{format}");
        assert_eq!(export["format"], format);
        let text = export["text"].as_str().unwrap();
        assert!(text.starts_with(begins), "{text}");
        assert!(export.get("unavailable").is_none());
    }
    // The document of an agent keeps what it overrides.
    let yaml = "name: bot\nmodel: { primary: groq/a, fallback: groq/b }\n";
    admin.post("/api/v1/agents", json!({ "yaml": yaml })).await;
    let asked = json!({ "agent": "bot", "format": "yaml" });
    let exported = admin.post("/api/v1/route", asked).await.json();
    let text = exported["export"]["text"].as_str().unwrap();
    assert!(text.contains("fallback: groq/b"), "{text}");

    let nowhere = json!({ "ref": "a//b", "format": "curl" });
    let export = &admin.post("/api/v1/route", nowhere).await.json()["export"];
    assert_eq!(export["text"], json!(null), "{export}");
    assert!(export["unavailable"].as_str().unwrap().contains("no URL"));
    let unknown = json!({ "ref": "groq/a", "format": "toml" });
    let refused = admin.post("/api/v1/route", unknown).await;
    assert_eq!(refused.problem(422, "invalid_value")["field"], "format");
}

#[tokio::test]
async fn the_snapshot_resolves_to_what_the_server_says() {
    let server = Server::start_with(Options {
        environment: vec![("LITELLM_MASTER_KEY", "sk-canary-env-0123456789")],
        ..Options::default()
    })
    .await;
    let admin = server.admin().await;
    admin
        .post("/api/v1/sources", json!({
            "name": "Mine", "base_url": "https://gw.example/v1", "auth_value": "sk-canary-0123456789",
            "headers": { "X-Tenant": "canary-tenant" }, "passthrough": true
        }))
        .await;
    let answer = admin.get("/api/v1/snapshot").await;
    assert!(!answer.text().contains("canary"), "{}", answer.text());
    let snapshot = serde_json::from_slice(&answer.body).unwrap();
    let table = waypost_routing::routing_table::RoutingTable::new(snapshot);
    for model_ref in [
        "mine/some/model",
        "litellm/gpt-4o",
        "customer-alias",
        "groq/x",
        "a//b",
        "openrouter/a/b",
    ] {
        let request = waypost_routing::resolve::Request::new(model_ref, Default::default());
        let here =
            serde_json::to_value(waypost_routing::resolve::resolve(&table, &request)).unwrap();
        let there = admin
            .post("/api/v1/route", json!({ "ref": model_ref }))
            .await
            .json();
        assert_eq!(here, there, "{model_ref}");
    }
}

#[tokio::test]
async fn every_change_is_in_the_audit_log_with_its_author() {
    let server = Server::start().await;
    let admin = server.admin().await;
    admin
        .put(
            "/api/v1/providers/openrouter/key",
            json!({ "value": "sk-or-v1-canary-0123456789" }),
        )
        .await;
    admin
        .patch(
            "/api/v1/settings",
            json!({ "managed_gateway": "openrouter" }),
        )
        .await;
    let page = admin.get("/api/v1/audit").await;
    assert!(!page.text().contains("canary"));
    let events = page.json()["items"].as_array().unwrap().clone();
    assert_eq!(events.len(), 4, "{events:?}");
    assert_eq!(events[3]["action"], "sign_in_link.make");
    assert_eq!(events[3]["actor"], "system");
    let who = events[2]["actor"].as_str().unwrap();
    assert_eq!(events[2]["action"], "session.begin");
    assert!(who.starts_with("session:"), "{who}");
    assert!(
        events[..3].iter().all(|event| event["actor"] == who),
        "{events:?}"
    );
    assert_eq!(events[0]["fields"], json!(["managed_gateway"]));
    let first = admin.get("/api/v1/audit?limit=2").await.json();
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest = admin
        .get(&format!("/api/v1/audit?limit=2&cursor={cursor}"))
        .await
        .json();
    assert_eq!(rest["items"].as_array().unwrap().len(), 2);
    for query in ["limit=0", "limit=501", "cursor=x", "page=2", "since=today"] {
        let answer = admin.get(&format!("/api/v1/audit?{query}")).await;
        assert!(
            answer.status.is_client_error(),
            "{query}: {}",
            answer.text()
        );
    }
}

#[tokio::test]
async fn the_audit_log_is_filtered_and_exported() {
    let server = Server::start().await;
    let admin = server.admin().await;
    for yaml in ["name: first\n", "name: writer\n"] {
        let answer = admin.post("/api/v1/agents", json!({ "yaml": yaml })).await;
        assert!(answer.status.is_success(), "{}", answer.text());
    }
    let targets = async |query: &str| {
        let page = admin.get(&format!("/api/v1/audit?{query}")).await.json();
        let events = page["items"].as_array().unwrap().clone();
        events
            .iter()
            .map(|event| event["target"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        targets("action=agent").await,
        ["agent:writer", "agent:first"]
    );
    assert_eq!(targets("target=agent%3Awriter").await, ["agent:writer"]);
    assert_eq!(targets("actor=session&q=WRIT").await, ["agent:writer"]);
    assert!(targets("actor=system&q=writ").await.is_empty());
    assert!(targets("until=1").await.is_empty());
    assert_eq!(targets("since=1&action=agent.add").await.len(), 2);

    let file = admin.get("/api/v1/audit.csv?action=agent").await;
    assert_eq!(file.status, 200);
    assert_eq!(file.header("content-type"), Some("text/csv; charset=utf-8"));
    assert!(
        file.header("content-disposition")
            .is_some_and(|value| value.starts_with("attachment;"))
    );
    let lines: Vec<&str> = file.text().lines().collect();
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert_eq!(lines[0], "id,at,actor,action,target,fields,outcome,changes");
    assert!(
        lines[1].ends_with(",agent.add,agent:writer,yaml,ok,"),
        "{}",
        lines[1]
    );
    let limited = admin.get("/api/v1/audit.csv?limit=1").await;
    assert!(limited.status.is_client_error());
}

#[tokio::test]
async fn no_answer_of_any_reading_endpoint_holds_a_secret() {
    let server = Server::start_with(Options {
        environment: vec![("GROQ_API_KEY", "gsk-canary-0123456789")],
        ..Options::default()
    })
    .await;
    let admin = server.admin().await;
    admin
        .put(
            "/api/v1/providers/openrouter/key",
            json!({ "value": "sk-canary-0123456789" }),
        )
        .await;
    admin
        .post("/api/v1/sources", json!({
            "name": "Mine", "base_url": "https://gw.example/v1", "auth_value": "sk-canary-1123456789",
            "headers": { "X-Tenant": "canary-tenant-0123" }
        }))
        .await;
    let mut read = 0;
    for endpoint in api_routes() {
        // A stream of events does not end; each of them is on the list of requests too.
        if endpoint.method != Method::GET || matches!(endpoint.answers, Shown::Events) {
            continue;
        }
        let path = endpoint
            .path
            .replace("{name}", "openrouter")
            .replace("{slug}", "mine");
        let answer = admin.get(&path).await;
        assert!(
            !answer.text().contains("canary"),
            "{path}: {}",
            answer.text()
        );
        read += usize::from(answer.status == 200);
    }
    assert!(read >= 12, "{read}");
}
