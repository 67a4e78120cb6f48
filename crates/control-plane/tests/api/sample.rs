//! The sample workspace, on a real socket, because the control plane calls itself.

use crate::support::{Options, Server, request};
use axum::http::{HeaderValue, Method, Request, header};
use serde_json::{Value, json};
use tokio::net::TcpListener;

async fn listening() -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = Server::start_with(Options {
        listen: Some(listener.local_addr().unwrap()),
        ..Options::default()
    })
    .await;
    server.listen(listener);
    server
}

#[tokio::test]
async fn the_sample_is_installed_used_and_removed_without_a_key_or_a_network() {
    let server = listening().await;
    let admin = server.admin().await;
    let installed = admin.call(Method::POST, "/api/v1/sample", None).await;
    assert_eq!(installed.status, 200, "{}", installed.text());
    let sources = installed.json()["items"].as_array().unwrap().clone();
    let of = |field: &str| -> Vec<Value> {
        sources.iter().map(|source| source[field].clone()).collect()
    };
    assert_eq!(of("slug"), [json!("sample-gateway"), json!("sample-team")]);
    assert_eq!(of("auth_header"), [json!(null), json!("x-api-key")]);
    assert_eq!(of("passthrough"), [json!(true), json!(false)]);
    for source in &sources {
        assert_eq!(source["key"]["state"], "configured", "{source}");
        assert_eq!(source["last_refresh"]["outcome"], "ok", "{source}");
    }
    assert_eq!(admin.get("/api/v1/settings").await.json()["sample"], true);
    for slug in ["sample-gateway", "sample-team"] {
        for call in ["test", "refresh"] {
            let path = format!("/api/v1/sources/{slug}/{call}");
            let report = admin.call(Method::POST, &path, None).await.json();
            assert_eq!(report["outcome"], "ok", "{report}");
        }
    }
    let route = admin
        .post(
            "/api/v1/route",
            json!({ "ref": "sample-gateway/echo-small" }),
        )
        .await
        .json();
    assert_eq!(route["route"]["kind"], "passthrough", "{route}");
    assert_eq!(route["route"]["wire_model"], "echo-small");

    // Installing anew puts things in order instead of failing half-way.
    admin.delete("/api/v1/sources/sample-team").await;
    let again = admin.call(Method::POST, "/api/v1/sample", None).await;
    assert_eq!(again.status, 200, "{}", again.text());

    // What has only its name in common with the sample is not of it, and stays.
    let own =
        json!({ "yaml": "name: sample-writer\nmodel: { primary: sample-team/team-coder }\n" });
    let replaced = admin
        .call(Method::PUT, "/api/v1/agents/sample-writer", Some(own))
        .await;
    assert_eq!(replaced.status, 200, "{}", replaced.text());
    assert_eq!(
        admin.get("/api/v1/sample").await.json(),
        json!({
            "sources": ["sample-gateway", "sample-team"],
            "agents": ["sample-support", "sample-researcher", "sample-without-key"],
        })
    );
    for _ in 0..2 {
        let removed = admin.delete("/api/v1/sample").await;
        assert_eq!(removed.status, 204, "{}", removed.text());
    }
    assert_eq!(
        admin.get("/api/v1/sources").await.json()["items"],
        json!([])
    );
    let left = admin.get("/api/v1/agents").await.json();
    assert_eq!(left["items"].as_array().unwrap().len(), 1, "{left}");
    assert_eq!(
        admin.get("/api/v1/sample").await.json(),
        json!({ "sources": [], "agents": [] })
    );
    assert_eq!(admin.get("/api/v1/models").await.json()["total"], 0);
    assert_eq!(admin.get("/api/v1/settings").await.json()["sample"], false);
}

#[tokio::test]
async fn a_source_of_the_same_name_stays_and_no_half_sample_does() {
    let server = listening().await;
    let admin = server.admin().await;
    let own = json!({ "name": "Own", "slug": "sample-team", "base_url": "https://gw.example/v1" });
    assert_eq!(admin.post("/api/v1/sources", own).await.status, 201);
    admin
        .call(Method::POST, "/api/v1/sample", None)
        .await
        .problem(409, "name_taken");
    let left = admin.get("/api/v1/sources").await.json();
    assert_eq!(left["items"].as_array().unwrap().len(), 1, "{left}");
    assert_eq!(left["items"][0]["name"], "Own");
    assert_eq!(admin.get("/api/v1/settings").await.json()["sample"], false);
}

#[tokio::test]
async fn the_samples_agents_show_each_kind_of_route() {
    let server = listening().await;
    let admin = server.admin().await;
    admin.call(Method::POST, "/api/v1/sample", None).await;
    let listed = admin.get("/api/v1/agents").await.json();
    for agent in listed["items"].as_array().unwrap() {
        assert_eq!(agent["problems"], json!([]), "{agent}");
    }
    let route = async |agent: &str, subagent: Option<&str>| -> Value {
        let asked = json!({ "agent": agent, "subagent": subagent });
        admin.post("/api/v1/route", asked).await.json()
    };
    for (agent, subagent, kind, provider, wire_model) in [
        (
            "sample-support",
            None,
            "passthrough",
            "sample-gateway",
            "echo-large",
        ),
        (
            "sample-support",
            Some("coder"),
            "passthrough",
            "sample-team",
            "team-coder",
        ),
        (
            "sample-support",
            Some("writer"),
            "passthrough",
            "sample-gateway",
            "echo-small",
        ),
        (
            "sample-writer",
            None,
            "passthrough",
            "sample-gateway",
            "echo-small",
        ),
        (
            "sample-researcher",
            None,
            "gateway",
            "openrouter",
            "moonshotai/kimi-k2",
        ),
        (
            "sample-without-key",
            None,
            "gateway",
            "litellm",
            "openai/gpt-4o",
        ),
    ] {
        let resolution = route(agent, subagent).await;
        let routed = &resolution["route"];
        assert_eq!(
            [&routed["kind"], &routed["provider"], &routed["wire_model"]],
            [kind, provider, wire_model],
            "{resolution}"
        );
        let code = resolution["error"]["code"].as_str();
        let expected = match agent {
            // It names a variable without a grant.
            "sample-without-key" => Some("env_not_allowed"),
            _ => (provider != "sample-gateway" && provider != "sample-team")
                .then_some("missing_api_key"),
        };
        assert_eq!(code, expected, "{resolution}");
    }
    let fallback = &route("sample-researcher", None).await["fallback"];
    assert_eq!(fallback["outcome"], "routed", "{fallback}");

    // An agent of an administrator's own stays, even under a name of the sample's.
    let own = json!({ "yaml": "name: sample-writer" });
    admin.delete("/api/v1/agents/sample-writer").await;
    assert_eq!(admin.post("/api/v1/agents", own).await.status, 201);
    // The installation that fails changes nothing: what is there of the sample stays.
    let agents = admin.get("/api/v1/agents").await.json();
    let sources = admin.get("/api/v1/sources").await.json();
    let again = admin.call(Method::POST, "/api/v1/sample", None).await;
    again.problem(409, "name_taken");
    assert_eq!(admin.get("/api/v1/agents").await.json(), agents);
    assert_eq!(agents["items"][3]["yaml"], "name: sample-writer");
    assert_eq!(admin.get("/api/v1/sources").await.json(), sources);
}

#[tokio::test]
async fn the_sample_follows_a_listener_that_has_moved() {
    let server = listening().await;
    let admin = server.admin().await;
    admin.call(Method::POST, "/api/v1/sample", None).await;
    let workspace = server.app.workspace();
    let urls = async || -> Vec<String> {
        let sources = workspace.sources().await.unwrap();
        sources.into_iter().map(|source| source.base_url).collect()
    };
    let before = urls().await;
    waypost_control_plane::sample::follow(workspace, server.app.listen())
        .await
        .unwrap();
    assert_eq!(urls().await, before);
    waypost_control_plane::sample::follow(workspace, "127.0.0.1:9".parse().unwrap())
        .await
        .unwrap();
    assert_eq!(
        urls().await,
        [
            "http://127.0.0.1:9/sample/v1",
            "http://127.0.0.1:9/sample/team/v1"
        ]
    );
    admin.delete("/api/v1/sample").await;
    waypost_control_plane::sample::follow(workspace, server.app.listen())
        .await
        .unwrap();
    assert_eq!(urls().await, Vec::<String>::new());
}

/// Puts a known key in place of the sample's random one.
async fn with_key(server: &Server, key: &str) {
    let hash = waypost_control_plane::store::token_hash(key);
    let mut transaction = server.store.begin().await.unwrap();
    transaction.set_sample(&hash).await.unwrap();
    transaction.commit().await.unwrap();
}

fn keyed(
    path: &str,
    name: header::HeaderName,
    value: &'static str,
    body: Option<Value>,
) -> Request<axum::body::Body> {
    let method = if body.is_some() {
        Method::POST
    } else {
        Method::GET
    };
    let mut sent = request(method, path, None, body);
    sent.headers_mut()
        .insert(name, HeaderValue::from_static(value));
    sent
}

#[tokio::test]
async fn the_sample_answers_those_who_have_its_key() {
    let server = Server::start().await;
    with_key(&server, "sample-key").await;
    let bearer = |path: &str, body| keyed(path, header::AUTHORIZATION, "Bearer sample-key", body);
    let models = server.send(bearer("/sample/v1/models", None)).await;
    insta::assert_json_snapshot!("sample_models", models.json());
    let asked =
        json!({ "model": "echo-small", "messages": [{ "role": "user", "content": "hello" }] });
    let chat = server
        .send(bearer("/sample/v1/chat/completions", Some(asked.clone())))
        .await;
    insta::assert_json_snapshot!("sample_chat", chat.json());
    let messages = server
        .send(bearer("/sample/v1/messages", Some(asked)))
        .await;
    insta::assert_json_snapshot!("sample_messages", messages.json());
    let api_key = header::HeaderName::from_static("x-api-key");
    let team = server
        .send(keyed("/sample/team/v1/models", api_key, "sample-key", None))
        .await;
    assert_eq!(team.json()["data"][0]["id"], "team-coder");
    for (body, status, code) in [
        (json!({ "model": "team-coder" }), 404, "model_not_found"),
        (
            json!({ "model": "echo-small", "stream": true }),
            400,
            "no_streaming",
        ),
    ] {
        let answer = server
            .send(bearer("/sample/v1/chat/completions", Some(body)))
            .await;
        let problem = answer.problem(status, code);
        // Clients of OpenAI-compatible servers look for it here.
        assert_eq!(problem["error"]["code"], code);
    }
}

#[tokio::test]
async fn the_sample_refuses_other_keys_and_keys_in_the_wrong_place() {
    let server = Server::start().await;
    let missing = server.get("/sample/v1/models").await;
    missing.problem(404, "not_installed");
    with_key(&server, "sample-key").await;
    let api_key = header::HeaderName::from_static("x-api-key");
    for (path, name, value, code) in [
        (
            "/sample/v1/models",
            header::AUTHORIZATION,
            "Bearer other",
            "invalid_api_key",
        ),
        (
            "/sample/v1/models",
            header::AUTHORIZATION,
            "sample-key",
            "missing_api_key",
        ),
        (
            "/sample/v1/models",
            api_key.clone(),
            "sample-key",
            "missing_api_key",
        ),
        (
            "/sample/team/v1/models",
            header::AUTHORIZATION,
            "Bearer sample-key",
            "missing_api_key",
        ),
        (
            "/sample/team/v1/models",
            api_key,
            "other",
            "invalid_api_key",
        ),
    ] {
        let answer = server.send(keyed(path, name, value, None)).await;
        answer.problem(401, code);
    }
    assert_eq!(server.get("/sample/v1/nothing").await.status, 404);
}
