//! Routes are resolved in a table that is kept. Whatever changes, the next answer shows it.

use crate::support::{Admin, Options, Server};
use crate::upstream::Upstream;
use axum::http::Method;
use serde_json::{Value, json};
use std::time::Duration;

async fn route(admin: &Admin<'_>, asked: Value) -> Value {
    // Twice, so that what is asked for next is there already when the change comes.
    let first = admin.post("/api/v1/route", asked.clone()).await;
    let second = admin.post("/api/v1/route", asked).await;
    assert_eq!(first.status, 200, "{}", first.text());
    assert_eq!(first.json(), second.json());
    let mut resolution = first.json();
    // The trace is long and says nothing that the rest does not.
    resolution.as_object_mut().unwrap().remove("trace");
    resolution
}

/// Makes a change and expects a part of the answer to go from one value to another.
struct Change<'a> {
    admin: &'a Admin<'a>,
    asked: Value,
    part: &'static str,
}

impl Change<'_> {
    async fn part(&self) -> Value {
        let resolution = route(self.admin, self.asked.clone()).await;
        resolution.pointer(self.part).cloned().unwrap_or_default()
    }

    async fn by(&self, method: Method, path: &str, body: Value, from: &str, to: &str) -> Value {
        assert_eq!(self.part().await.as_str().unwrap_or_default(), from);
        let body = (!body.is_null()).then_some(body);
        let answer = self.admin.call(method, path, body).await;
        assert!(answer.status.is_success(), "{path}: {}", answer.text());
        assert_eq!(self.part().await.as_str().unwrap_or_default(), to, "{path}");
        match answer.body.is_empty() {
            true => Value::Null,
            false => answer.json(),
        }
    }
}

const PROVIDERS: &str = "/api/v1/providers";
const SOURCES: &str = "/api/v1/sources";

#[tokio::test]
async fn a_provider_and_its_key() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let (path, key) = ("/api/v1/providers/edge", "/api/v1/providers/edge/key");
    let url = Change {
        admin: &admin,
        asked: json!({ "ref": "edge/m" }),
        part: "/route/url",
    };
    let state = Change {
        part: "/route/credential/state",
        asked: url.asked.clone(),
        ..url
    };
    let managed = "http://localhost:4000/chat/completions";
    let (one, two) = ("https://a.example/v1", "https://b.example/v1");
    let (at_one, at_two) = (
        &*format!("{one}/chat/completions"),
        &*format!("{two}/chat/completions"),
    );
    let draft = json!({ "name": "edge", "kind": "gateway", "base_url": one });
    url.by(Method::POST, PROVIDERS, draft, managed, at_one)
        .await;
    let value = json!({ "value": "sk-0123456789" });
    state.by(Method::PUT, key, value, "absent", "present").await;
    let removed = state
        .by(Method::DELETE, key, Value::Null, "present", "absent")
        .await;
    let undo = format!(
        "/api/v1/undo/{}",
        removed["undo"]["token"].as_str().unwrap()
    );
    state
        .by(Method::POST, &undo, Value::Null, "absent", "present")
        .await;
    let moved = json!({ "base_url": two });
    url.by(Method::PATCH, path, moved, at_one, at_two).await;
    let deleted = url
        .by(Method::DELETE, path, Value::Null, at_two, managed)
        .await;
    let undo = format!(
        "/api/v1/undo/{}",
        deleted["undo"]["token"].as_str().unwrap()
    );
    url.by(Method::POST, &undo, Value::Null, managed, at_two)
        .await;
}

#[tokio::test]
async fn a_source_its_models_and_the_default() {
    let upstream = Upstream::start("authorization", "Bearer sk-0123456789", &["m", "n"]).await;
    let server = Server::start().await;
    let admin = server.admin().await;
    let asked = json!({ "ref": "mine/m" });
    let kind = Change {
        admin: &admin,
        asked: asked.clone(),
        part: "/route/kind",
    };
    let source = json!({
        "name": "Mine", "base_url": upstream.base_url, "allow_private": true,
        "auth_value": "sk-0123456789", "passthrough": true
    });
    kind.by(Method::POST, SOURCES, source, "managed", "passthrough")
        .await;
    let path = "/api/v1/sources/mine";
    kind.by(
        Method::PATCH,
        path,
        json!({ "passthrough": false }),
        "passthrough",
        "managed",
    )
    .await;
    kind.by(
        Method::PATCH,
        path,
        json!({ "passthrough": true }),
        "managed",
        "passthrough",
    )
    .await;
    admin.post("/api/v1/sources/mine/refresh", json!({})).await;

    let outcome = Change {
        admin: &admin,
        asked: asked.clone(),
        part: "/outcome",
    };
    let (models, switch) = (
        "/api/v1/models",
        |on| json!({ "refs": ["mine/m"], "enabled": on }),
    );
    outcome
        .by(Method::PATCH, models, switch(false), "routed", "rejected")
        .await;
    outcome
        .by(Method::PATCH, models, switch(true), "rejected", "routed")
        .await;
    let warning = Change {
        admin: &admin,
        asked,
        part: "/warnings/0/code",
    };
    upstream.list(&["n"]);
    let refresh = "/api/v1/sources/mine/refresh";
    warning
        .by(Method::POST, refresh, json!({}), "", "model_absent")
        .await;

    let wire = Change {
        admin: &admin,
        asked: json!({}),
        part: "/route/wire_model",
    };
    let default = "/api/v1/default-model";
    wire.by(Method::PUT, default, json!({ "ref": "mine/n" }), "", "n")
        .await;
    let deleted = wire.by(Method::DELETE, path, Value::Null, "n", "").await;
    let undo = format!(
        "/api/v1/undo/{}",
        deleted["undo"]["token"].as_str().unwrap()
    );
    wire.by(Method::POST, &undo, Value::Null, "", "n").await;
    wire.by(Method::PUT, default, json!({ "ref": null }), "n", "")
        .await;
}

#[tokio::test]
async fn the_managed_gateway_the_sample_and_agents() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let asked = json!({ "ref": "alias" });
    let provider = Change {
        admin: &admin,
        asked,
        part: "/route/provider",
    };
    let managed = json!({ "managed_gateway": "openrouter" });
    provider
        .by(
            Method::PATCH,
            "/api/v1/settings",
            managed,
            "litellm",
            "openrouter",
        )
        .await;
    admin.post("/api/v1/sample", json!({})).await;
    let sources = admin.get(SOURCES).await.json();
    let slug = sources["items"][0]["slug"].as_str().unwrap().to_owned();
    let asked = json!({ "ref": format!("{slug}/m") });
    let sample = Change {
        admin: &admin,
        asked,
        part: "/route/provider",
    };
    let (path, nothing) = ("/api/v1/sample", Value::Null);
    sample
        .by(Method::DELETE, path, nothing, &slug, "openrouter")
        .await;
    sample
        .by(Method::POST, path, json!({}), "openrouter", &slug)
        .await;

    let yaml = |model: &str| json!({ "yaml": format!("name: bot\nmodel:\n  primary: {model}\n") });
    admin.post("/api/v1/agents", yaml("one/m")).await;
    let asked = json!({ "agent": "bot" });
    let wire = Change {
        admin: &admin,
        asked: asked.clone(),
        part: "/ref",
    };
    let path = "/api/v1/agents/bot";
    wire.by(Method::PUT, path, yaml("two/m"), "one/m", "two/m")
        .await;
    admin.delete(path).await;
    let gone = admin.post("/api/v1/route", asked).await;
    gone.problem(422, "unknown_agent");
}

#[tokio::test]
async fn the_providers_file_and_the_secrets_backend() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let file = server.folder.path().join("providers.local.yaml");
    let url = Change {
        admin: &admin,
        asked: json!({ "ref": "filed/m" }),
        part: "/route/url",
    };
    assert_eq!(url.part().await, "http://localhost:4000/chat/completions");
    let mut changes = server.app.workspace().providers_file_changes();
    for base in ["https://a.example/v1", "https://b.example/v1"] {
        let yaml = format!(
            "version: 1\nproviders:\n  filed:\n    type: gateway\n    base_url: {base}\n    api_key_env: FILED\n"
        );
        // In one step, so that no half of it is read.
        let written = server.folder.path().join("written");
        std::fs::write(&written, yaml).unwrap();
        std::fs::rename(&written, &file).unwrap();
        changes.changed().await.unwrap();
        assert_eq!(url.part().await, format!("{base}/chat/completions"));
    }
    std::fs::remove_file(&file).unwrap();
    changes.changed().await.unwrap();
    assert_eq!(url.part().await, "http://localhost:4000/chat/completions");

    let asked = json!({ "ref": "openrouter/a/m" });
    let state = Change {
        admin: &admin,
        asked,
        part: "/route/credential/state",
    };
    let (key, value) = (
        "/api/v1/providers/openrouter/key",
        json!({ "value": "sk-0123456789" }),
    );
    state.by(Method::PUT, key, value, "absent", "present").await;
    std::fs::remove_file(server.folder.path().join("secrets.key")).unwrap();
    // The backend is believed for a few seconds; a call that fails is noticed at once.
    admin
        .post("/api/v1/providers/openrouter/test", json!({}))
        .await;
    assert_eq!(state.part().await, "unknown");
}

#[tokio::test]
async fn what_another_program_writes() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let asked = json!({ "ref": "alias" });
    // Once: two answers may differ while the change arrives.
    let provider = async || {
        let answer = admin.post("/api/v1/route", asked.clone()).await;
        answer.json()["route"]["provider"].clone()
    };
    assert_eq!(provider().await, "litellm");
    let (other, _) = server.database.open().await;
    let mut transaction = other.begin().await.unwrap();
    transaction.set_managed_gateway("openrouter").await.unwrap();
    transaction.commit().await.unwrap();
    let found = async {
        while provider().await != "openrouter" {
            tokio::task::yield_now().await;
        }
    };
    let found = tokio::time::timeout(Duration::from_secs(2), found).await;
    found.expect("it is found within two seconds");
}

#[tokio::test]
async fn another_environment_after_a_start() {
    for (environment, base) in [
        (vec![], "http://localhost:4000"),
        (
            vec![("LITELLM_BASE_URL", "https://a.example")],
            "https://a.example",
        ),
    ] {
        let server = Server::start_with(Options {
            environment,
            ..Options::default()
        })
        .await;
        let admin = server.admin().await;
        let resolution = route(&admin, json!({ "ref": "alias" })).await;
        assert_eq!(resolution["route"]["base_url"]["value"], base);
    }
}
