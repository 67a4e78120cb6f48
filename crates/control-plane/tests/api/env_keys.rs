//! Environment variables are sent only where the operator says.

use crate::support::{Options, Server};
use serde_json::json;

const CANARY: &str = "canary-0123456789";

#[tokio::test]
async fn no_administrator_sends_a_variable_to_an_address_of_their_own() {
    let mut answers = Vec::new();
    for environment in [
        vec![("DATABASE_URL", CANARY), ("LITELLM_MASTER_KEY", CANARY)],
        vec![("LITELLM_MASTER_KEY", CANARY)],
    ] {
        let server = Server::start_with(Options {
            environment,
            ..Options::default()
        })
        .await;
        let admin = server.admin().await;
        let draft = json!({
            "name": "mine", "kind": "gateway", "base_url": "https://mine.example/v1",
            "api_key_env": "DATABASE_URL"
        });
        admin.post("/api/v1/providers", draft).await;
        let route = admin
            .post("/api/v1/route", json!({ "ref": "mine/a/b" }))
            .await;
        assert_eq!(route.json()["error"]["code"], "env_not_allowed");
        let test = admin.post("/api/v1/providers/mine/test", json!({})).await;
        let problem = test.problem(409, "env_not_allowed");
        assert!(
            problem["detail"]
                .as_str()
                .unwrap()
                .ends_with("Nothing was sent.")
        );
        let view = admin.get("/api/v1/providers/mine").await.json();
        let shown = view["key_problem"].as_str().unwrap();
        assert!(
            shown.contains("--env-keys DATABASE_URL@https://mine.example"),
            "{shown}"
        );
        let snapshot = admin.get("/api/v1/snapshot").await.json();
        assert_eq!(
            snapshot["environment"]["set"],
            json!(["LITELLM_MASTER_KEY"])
        );
        answers.push((route.json(), problem["detail"].clone(), view["key"].clone()));
    }
    assert_eq!(answers[0], answers[1], "no answer tells whether it is set");
}

#[tokio::test]
async fn a_grant_opens_one_origin() {
    let server = Server::start_with(Options {
        environment: vec![("TEAM_KEY", CANARY)],
        env_keys: vec!["TEAM_KEY@https://mine.example"],
        ..Options::default()
    })
    .await;
    let admin = server.admin().await;
    for (name, outcome) in [("mine", "routed"), ("other", "rejected")] {
        let draft = json!({
            "name": name, "kind": "gateway", "base_url": format!("https://{name}.example/v1"),
            "api_key_env": "TEAM_KEY"
        });
        admin.post("/api/v1/providers", draft).await;
        let body = json!({ "ref": format!("{name}/a/b") });
        let route = admin.post("/api/v1/route", body).await.json();
        assert_eq!(route["outcome"], outcome, "{route}");
    }
}
