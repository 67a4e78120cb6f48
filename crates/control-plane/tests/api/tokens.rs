//! API tokens: who creates them, what they open, and when they stop.

use crate::support::{Admin, Answer, Server, masked, request};
use axum::body::Body;
use axum::http::{HeaderValue, Method, Request};
use serde_json::{Value, json};
use std::net::SocketAddr;
use waypost_api_types::Role;
use waypost_control_plane::http::api_route::{AcceptedTokens, Access};
use waypost_control_plane::http::api_routes;
use waypost_control_plane::tokens::ApiToken;

const AGENT: &str = "name: bot\nmodel: { primary: litellm/gpt-4o }\n";

impl Admin<'_> {
    async fn add_agent(&self, yaml: &str) {
        let answer = self.post("/api/v1/agents", json!({ "yaml": yaml })).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
    }

    /// Creates a token; its id and its text.
    async fn token(&self, input: Value) -> (String, String) {
        let answer = self.post("/api/v1/tokens", input).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        let created = answer.json();
        let text = |name: &str| created[name].as_str().unwrap().to_owned();
        (text("id"), text("token"))
    }

    async fn agent_token(&self, agent: &str) -> (String, String) {
        self.token(json!({ "kind": "agent", "agent": agent })).await
    }

    async fn service_token(&self, role: &str) -> (String, String) {
        self.token(json!({ "kind": "service", "role": role })).await
    }

    async fn items(&self, query: &str) -> Vec<Value> {
        let answer = self.get(&format!("/api/v1/tokens{query}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["items"].as_array().unwrap().clone()
    }
}

fn with(mut request: Request<Body>, name: &'static str, value: &str) -> Request<Body> {
    let value = HeaderValue::from_str(value).unwrap();
    request.headers_mut().append(name, value);
    request
}

fn bearing(method: Method, path: &str, token: &str, body: Option<Value>) -> Request<Body> {
    let sent = request(method, path, None, body);
    with(sent, "authorization", &format!("Bearer {token}"))
}

impl Server {
    async fn as_token(
        &self,
        token: &str,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Answer {
        self.send(bearing(method, path, token, body)).await
    }

    async fn route(&self, token: &str, body: Value) -> Answer {
        self.as_token(token, Method::POST, "/api/v1/route", Some(body))
            .await
    }
}

#[tokio::test]
async fn a_token_is_shown_once_and_listed_without_its_text() {
    let server = Server::start().await;
    let admin = server.admin().await;
    admin.add_agent(AGENT).await;
    let input =
        json!({ "kind": "agent", "agent": "bot", "label": " prod ", "expires_in_days": 30 });
    let created = admin.post("/api/v1/tokens", input).await;
    assert_eq!(created.header("cache-control"), Some("no-store"));
    let created = created.json();
    let text = created["token"].as_str().unwrap().to_owned();
    assert!(ApiToken::parse(&text).is_some());
    assert_eq!(created["hint"], text[text.len() - 4..]);
    let lifetime =
        created["expires_at"].as_i64().unwrap() - created["created_at"].as_i64().unwrap();
    assert_eq!(lifetime, 30 * 24 * 60 * 60);
    let pointers = [
        "/id",
        "/hint",
        "/token",
        "/created_at",
        "/created_by",
        "/expires_at",
    ];
    insta::assert_json_snapshot!("created_token", masked(created.clone(), &pointers));

    let listed = admin.get("/api/v1/tokens").await;
    assert!(!listed.text().contains(&text));
    let mut shown = created;
    shown.as_object_mut().unwrap().remove("token");
    assert_eq!(listed.json()["items"], json!([shown]));
    let audit = admin.get("/api/v1/audit").await;
    assert!(!audit.text().contains(&text));
    assert_eq!(audit.json()["items"][0]["action"], "token.create");
    assert_eq!(
        audit.json()["items"][0]["target"],
        format!("token:{}", shown["id"].as_str().unwrap())
    );
}

#[tokio::test]
async fn what_cannot_be_a_token_is_refused_at_its_field() {
    let server = Server::start().await;
    let admin = server.admin().await;
    admin.add_agent(AGENT).await;
    let long = "x".repeat(61);
    for (input, status, code, field) in [
        (json!({ "kind": "agent" }), 422, "missing_field", "agent"),
        (json!({ "kind": "service" }), 422, "missing_field", "role"),
        (
            json!({ "kind": "agent", "agent": "missing" }),
            404,
            "not_found",
            "agent",
        ),
        (
            json!({ "kind": "agent", "agent": "bot", "role": "admin" }),
            422,
            "unexpected_field",
            "role",
        ),
        (
            json!({ "kind": "service", "agent": "bot", "role": "admin" }),
            422,
            "unexpected_field",
            "agent",
        ),
        (
            json!({ "kind": "service", "role": "owner" }),
            422,
            "invalid_value",
            "role",
        ),
        (
            json!({ "kind": "service", "role": "admin", "label": long }),
            422,
            "invalid_label",
            "label",
        ),
        (
            json!({ "kind": "service", "role": "admin", "label": "a\nb" }),
            422,
            "invalid_label",
            "label",
        ),
        (
            json!({ "kind": "service", "role": "admin", "expires_in_days": 366 }),
            422,
            "invalid_expiry",
            "expires_in_days",
        ),
        (
            json!({ "kind": "service", "role": "admin", "expires_in_days": 0 }),
            422,
            "invalid_expiry",
            "expires_in_days",
        ),
        (
            json!({ "kind": "agent", "agent": "bot", "expires_in_days": 3651 }),
            422,
            "invalid_expiry",
            "expires_in_days",
        ),
    ] {
        let answer = admin.post("/api/v1/tokens", input.clone()).await;
        assert_eq!(answer.problem(status, code)["field"], field, "{input}");
    }
    assert!(admin.items("").await.is_empty());
}

#[tokio::test]
async fn a_service_token_expires_after_ninety_days_unless_others_are_asked_for() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let lifetime = async |days: Option<u32>| {
        let input = json!({ "kind": "service", "role": "viewer", "expires_in_days": days });
        let created = admin.post("/api/v1/tokens", input).await.json();
        (created["expires_at"].as_i64().unwrap() - created["created_at"].as_i64().unwrap()) / 86_400
    };
    assert_eq!(lifetime(None).await, 90);
    assert_eq!(lifetime(Some(365)).await, 365);
}

#[tokio::test]
async fn an_agent_has_two_live_tokens_of_a_label() {
    let server = Server::start().await;
    let admin = server.admin().await;
    admin.add_agent(AGENT).await;
    admin.add_agent("name: other\n").await;
    let (first, _) = admin.agent_token("bot").await;
    admin.agent_token("bot").await;
    let input = json!({ "kind": "agent", "agent": "bot" });
    let refused = admin.post("/api/v1/tokens", input.clone()).await;
    assert_eq!(refused.problem(409, "too_many_tokens")["field"], "label");
    // Another label, another agent, and a place that was given back.
    admin
        .token(json!({ "kind": "agent", "agent": "bot", "label": "x" }))
        .await;
    admin.agent_token("other").await;
    assert_eq!(
        admin
            .delete(&format!("/api/v1/tokens/{first}"))
            .await
            .status,
        204
    );
    admin.token(input).await;
}

#[tokio::test]
async fn the_list_is_filtered_and_paged_newest_first() {
    let server = Server::start().await;
    let admin = server.admin().await;
    admin.add_agent(AGENT).await;
    admin.add_agent("name: other\n").await;
    admin.agent_token("bot").await;
    admin.agent_token("other").await;
    admin.service_token("viewer").await;
    assert_eq!(admin.items("").await.len(), 3);
    assert_eq!(admin.items("?kind=service").await[0]["role"], "viewer");
    assert_eq!(admin.items("?kind=agent&agent=bot").await.len(), 1);
    assert_eq!(admin.items("?agent=bot").await[0]["agent"], "bot");
    assert!(admin.items("?agent=missing").await.is_empty());

    let mut ids = Vec::new();
    let mut path = "/api/v1/tokens?limit=2".to_owned();
    loop {
        let page = admin.get(&path).await.json();
        let items = page["items"].as_array().unwrap();
        ids.extend(
            items
                .iter()
                .map(|item| item["id"].as_str().unwrap().to_owned()),
        );
        let Some(cursor) = page["next_cursor"].as_str() else {
            break;
        };
        path = format!("/api/v1/tokens?limit=2&cursor={cursor}");
    }
    let all: Vec<String> = admin
        .items("")
        .await
        .iter()
        .map(|item| item["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(ids, all);
    admin
        .get("/api/v1/tokens?kind=all")
        .await
        .problem(400, "invalid_parameter");
    admin
        .get("/api/v1/tokens?cursor=AAAA")
        .await
        .problem(422, "invalid_cursor");
    let viewer = server.sign_in_as(Role::Viewer).await;
    let sent = request(Method::GET, "/api/v1/tokens", Some(&viewer), None);
    assert_eq!(
        server.send(sent).await.status,
        200,
        "names and hints are no secrets"
    );
}

#[tokio::test]
async fn an_agents_token_asks_for_its_agents_routes_and_opens_nothing_else() {
    let server = Server::start().await;
    let admin = server.admin().await;
    admin
        .add_agent("name: bot\nmodel: { primary: litellm/gpt-4o }\nallow: ['litellm/*']\n")
        .await;
    admin
        .add_agent("name: other\nmodel: { primary: litellm/x }\n")
        .await;
    let (_, token) = admin.agent_token("bot").await;

    let own = server.route(&token, json!({})).await;
    assert_eq!(own.status, 200, "{}", own.text());
    assert_eq!(own.json()["ref"], "litellm/gpt-4o");
    assert_eq!(
        server.route(&token, json!({ "agent": "bot" })).await.json(),
        own.json()
    );
    // Its agent sends the ref, even where the request does not say so.
    let outside = server
        .route(&token, json!({ "ref": "openrouter/a/b" }))
        .await;
    assert_eq!(outside.json()["error"]["code"], "model_not_allowed");
    let other = server.route(&token, json!({ "agent": "other" })).await;
    assert_eq!(other.problem(403, "other_agent")["field"], "agent");
    server
        .route(&token, json!({ "agent": "missing" }))
        .await
        .problem(403, "other_agent");

    let mut refused = 0;
    for endpoint in api_routes() {
        let guarded = matches!(endpoint.access, Access::Viewer | Access::Admin);
        if !guarded || endpoint.operation == "route" {
            continue;
        }
        refused += 1;
        let path = endpoint.path.replace("{name}", "x").replace("{slug}", "x");
        let answer = server.as_token(&token, endpoint.method, &path, None).await;
        answer.problem(403, "agent_token");
    }
    assert!(refused > 30, "{refused}");
}

#[tokio::test]
async fn a_service_token_opens_the_api_by_its_role_without_cookie_or_origin() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let (viewer_id, viewer) = admin.service_token("viewer").await;
    let (admin_id, token) = admin
        .token(json!({ "kind": "service", "role": "admin", "label": "ci" }))
        .await;
    let add = |name: &str| Some(json!({ "yaml": format!("name: {name}\n") }));

    let path = "/api/v1/agents";
    let answer = server
        .as_token(&token, Method::POST, path, add("made"))
        .await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let event = admin.get("/api/v1/audit?limit=1").await.json()["items"][0].clone();
    assert_eq!(event["action"], "agent.add");
    assert_eq!(event["actor"], format!("token:{admin_id} ci"));
    let view = admin.get("/api/v1/agents/made").await.json();
    assert_eq!(view["updated_by"], format!("token:{admin_id} ci"));

    let problem = server
        .as_token(&viewer, Method::POST, path, add("not"))
        .await;
    let problem = problem.problem(403, "forbidden");
    assert!(
        problem["detail"].as_str().unwrap().contains("token"),
        "{problem}"
    );
    assert_eq!(
        server
            .as_token(&viewer, Method::GET, path, None)
            .await
            .status,
        200
    );
    assert_eq!(
        server
            .route(&viewer, json!({ "agent": "made", "ref": "litellm/x" }))
            .await
            .status,
        200
    );

    // What guards a cookie against other sites says nothing about a token.
    for name in ["origin", "sec-fetch-site"] {
        let value = if name == "origin" {
            "https://elsewhere.example"
        } else {
            "cross-site"
        };
        let sent = bearing(Method::POST, path, &token, add(name));
        let answer = server.send(with(sent, name, value)).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
    }
    // An unknown token does not lift that guard for a cookie.
    let cookie = server.sign_in().await;
    let sent = request(Method::POST, path, Some(&cookie), add("cross"));
    let sent = with(sent, "origin", "https://elsewhere.example");
    server
        .send(with(sent, "authorization", "Bearer x"))
        .await
        .problem(403, "cross_site");
    assert_ne!(viewer_id, admin_id);
}

#[tokio::test]
async fn tokens_neither_create_nor_revoke_tokens_nor_sign_out() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let (id, token) = admin.service_token("admin").await;
    let mut rows = Vec::new();
    for endpoint in api_routes() {
        let guarded = matches!(endpoint.access, Access::Viewer | Access::Admin);
        if !guarded || endpoint.tokens != AcceptedTokens::None {
            continue;
        }
        let path = endpoint.path.replace("{id}", &id);
        let body = json!({ "kind": "service", "role": "viewer" });
        let body = endpoint.takes.map(|_| body);
        let answer = server.as_token(&token, endpoint.method, &path, body).await;
        let problem = answer.problem(403, "session_required");
        if endpoint.operation == "createToken" {
            let detail = problem["detail"].as_str().unwrap();
            assert!(
                detail.contains("This requires a signed-in session; tokens are not accepted."),
                "{detail}"
            );
        }
        rows.push(endpoint.operation);
    }
    // `workspace` begins with the session of the browser.
    let sessions_only = [
        "session",
        "signOut",
        "sessions",
        "endSession",
        "createToken",
        "revokeToken",
        "workspace",
    ];
    assert_eq!(rows, sessions_only);
    assert_eq!(admin.items("").await.len(), 1);
}

#[tokio::test]
async fn a_revoked_token_stops_at_once() {
    let server = Server::start().await;
    let admin = server.admin().await;
    admin.add_agent(AGENT).await;
    let (id, token) = admin.agent_token("bot").await;
    let (_, kept) = admin.agent_token("bot").await;
    assert_eq!(server.route(&token, json!({})).await.status, 200);
    let path = format!("/api/v1/tokens/{id}");
    assert_eq!(admin.delete(&path).await.status, 204);
    let answer = server.route(&token, json!({})).await;
    answer.problem(401, "invalid_token");
    assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    assert_eq!(server.route(&kept, json!({})).await.status, 200);
    admin.delete(&path).await.problem(404, "not_found");
    let event = admin.get("/api/v1/audit?limit=1").await.json()["items"][0].clone();
    assert_eq!(
        (&event["action"], &event["target"]),
        (&json!("token.revoke"), &json!(format!("token:{id}")))
    );
}

#[tokio::test]
async fn renaming_an_agent_keeps_its_tokens_deleting_it_revokes_them_and_undo_restores_them() {
    let server = Server::start().await;
    let admin = server.admin().await;
    admin.add_agent(AGENT).await;
    let (_, token) = admin.agent_token("bot").await;

    let renamed = AGENT.replace("bot", "helper");
    let answer = admin
        .put("/api/v1/agents/bot", json!({ "yaml": renamed }))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(
        server
            .route(&token, json!({ "agent": "helper" }))
            .await
            .status,
        200
    );
    server
        .route(&token, json!({ "agent": "bot" }))
        .await
        .problem(403, "other_agent");
    assert_eq!(admin.items("?agent=helper").await.len(), 1);
    // Another agent under the old name inherits nothing.
    admin.add_agent(AGENT).await;
    server
        .route(&token, json!({ "agent": "bot" }))
        .await
        .problem(403, "other_agent");
    assert!(admin.items("?agent=bot").await.is_empty());

    let undo = admin.delete("/api/v1/agents/helper").await.json()["undo"]["token"].clone();
    server
        .route(&token, json!({}))
        .await
        .problem(401, "invalid_token");
    assert!(admin.items("").await.is_empty());
    let path = format!("/api/v1/undo/{}", undo.as_str().unwrap());
    assert_eq!(admin.post(&path, json!({})).await.status, 200);
    assert_eq!(server.route(&token, json!({})).await.status, 200);

    // An agent that is made anew under the name is another one.
    admin.delete("/api/v1/agents/helper").await;
    admin.add_agent(&renamed).await;
    server
        .route(&token, json!({}))
        .await
        .problem(401, "invalid_token");
}

#[tokio::test]
async fn a_token_is_refused_before_the_body_is_read_and_nowhere_but_in_its_headers() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let (_, token) = admin.service_token("admin").await;
    let (_, other) = admin.service_token("admin").await;
    let unknown = ApiToken::generate(waypost_api_types::TokenKind::Service);
    // The body is not JSON, which is never found out.
    let nonsense = |token: &str| {
        let mut sent = bearing(Method::POST, "/api/v1/agents", token, Some(json!(1)));
        *sent.body_mut() = Body::from("{");
        sent
    };
    server
        .send(nonsense(unknown.expose()))
        .await
        .problem(401, "invalid_token");
    server
        .send(nonsense("wps_mistyped"))
        .await
        .problem(401, "invalid_token");
    server
        .send(nonsense(&token))
        .await
        .problem(400, "invalid_json");

    let get = || request(Method::GET, "/api/v1/agents", None, None);
    let bearer = format!("Bearer {token}");
    for (name, value) in [
        ("authorization", bearer.as_str()),
        ("x-api-key", token.as_str()),
    ] {
        assert_eq!(
            server.send(with(get(), name, value)).await.status,
            200,
            "{name}"
        );
    }
    let both = |key: &str| with(with(get(), "authorization", &bearer), "x-api-key", key);
    assert_eq!(server.send(both(&token)).await.status, 200);
    for key in [other.as_str(), "sk-1"] {
        server.send(both(key)).await.problem(401, "invalid_token");
    }
    // A valid session does not make up for an invalid token.
    let cookie = server.sign_in().await;
    let sent = request(Method::GET, "/api/v1/agents", Some(&cookie), None);
    server
        .send(with(sent, "x-api-key", unknown.expose()))
        .await
        .problem(401, "invalid_token");
    // But what a proxy adds for its own purposes does not end it.
    let sent = request(Method::GET, "/api/v1/agents", Some(&cookie), None);
    let answer = server
        .send(with(sent, "authorization", "Bearer of-the-proxy"))
        .await;
    assert_eq!(answer.status, 200);

    for query in ["token", "api_key", "access_token", "key"] {
        let path = format!("/api/v1/session?{query}={token}");
        server.get(&path).await.problem(401, "not_signed_in");
    }
}

#[tokio::test]
async fn invalid_tokens_are_limited_by_address_and_valid_ones_are_not() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let (_, token) = admin.service_token("viewer").await;
    let from = |address: [u8; 4], token: &str| {
        let mut sent = bearing(Method::GET, "/api/v1/agents", token, None);
        let peer = SocketAddr::from((address, 1));
        sent.extensions_mut()
            .insert(axum::extract::ConnectInfo(peer));
        sent
    };
    let (one, other) = ([10, 0, 0, 1], [10, 0, 0, 2]);
    for _ in 0..10 {
        server
            .send(from(one, "wps_guess"))
            .await
            .problem(401, "invalid_token");
    }
    let limited = server.send(from(one, "wps_guess")).await;
    limited.problem(429, "too_many_failures");
    assert!(limited.header("retry-after").is_some());
    assert_eq!(server.send(from(one, &token)).await.status, 200);
    server
        .send(from(other, "wps_guess"))
        .await
        .problem(401, "invalid_token");
    // Guessing tokens does not stop sign-ins.
    let link = server.link().await;
    let sent = request(
        Method::POST,
        "/api/v1/session",
        None,
        Some(json!({ "token": link })),
    );
    let mut sent = sent;
    sent.extensions_mut()
        .insert(axum::extract::ConnectInfo(SocketAddr::from((one, 1))));
    assert_eq!(server.send(sent).await.status, 200);
}

#[tokio::test]
async fn a_token_is_no_key_of_an_upstream() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let (_, token) = admin.service_token("viewer").await;
    let answer = admin
        .put("/api/v1/providers/litellm/key", json!({ "value": token }))
        .await;
    assert_eq!(answer.problem(422, "waypost_token")["field"], "value");
    let source = json!({
        "name": "Loop", "base_url": "https://gateway.example/v1", "auth_value": token,
    });
    let answer = admin.post("/api/v1/sources", source).await;
    assert_eq!(answer.problem(422, "waypost_token")["field"], "auth_value");
}

#[tokio::test]
async fn the_last_use_is_shown_and_written_in_the_background() {
    let server = Server::start().await;
    let admin = server.admin().await;
    admin.add_agent(AGENT).await;
    let (_, token) = admin.agent_token("bot").await;
    assert_eq!(admin.items("").await[0]["last_used_at"], Value::Null);
    assert_eq!(server.route(&token, json!({})).await.status, 200);
    let used = admin.items("").await[0]["last_used_at"].as_i64().unwrap();
    let stored = async || server.store.tokens().await.unwrap()[0].last_used_at;
    assert_eq!(stored().await, None, "a request writes nothing");
    let tokens = server.app.workspace().live_tokens();
    tokens.record_uses().await.unwrap();
    assert_eq!(stored().await, Some(used));
}
