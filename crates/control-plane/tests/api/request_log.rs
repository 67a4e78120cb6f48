//! The request log: what is recorded, listed, streamed, counted and deleted.

use crate::forwarding::{chat, set_up};
use crate::support::{Admin, Server, request};
use axum::body::Body;
use axum::http::{Method, Request, Response};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use waypost_api_types::Role;
use waypost_egress::test_support::{Reply, Upstream};

const ANSWER: &str = r#"{"choices":[{"message":{"content":"canary-answer"}}],"usage":{"prompt_tokens":9,"completion_tokens":4}}"#;

/// A server with a gateway, an agent and its token.
struct Fixture {
    server: Server,
    token: String,
    upstream: Upstream,
}

impl Fixture {
    async fn new() -> Self {
        let upstream = Upstream::always(Reply::json(200, ANSWER)).await;
        let server = Server::start().await;
        let admin = server.admin().await;
        let (_, token) = set_up(&admin, &format!("http://{}/api/v1", upstream.address)).await;
        drop(admin);
        Self {
            server,
            token,
            upstream,
        }
    }

    /// Where the gateway is.
    fn origin(&self) -> String {
        format!("http://{}", self.upstream.address)
    }

    /// Sends a request and waits until it is recorded. Returns its id.
    async fn recorded(&self, sent: Request<Body>) -> String {
        let mut written = self.server.app.request_log().changes();
        let answer = self.server.send(sent).await;
        written.changed().await.unwrap();
        answer.header("x-waypost-request-id").unwrap().to_owned()
    }

    async fn chat(&self) -> String {
        self.recorded(chat(&self.token)).await
    }

    async fn messages(&self, body: &str) -> String {
        let sent = Request::post("/v1/messages?beta=canary-query")
            .header("host", "runtime.internal")
            .header("x-api-key", &self.token)
            .header("user-agent", "canary-header")
            .body(Body::from(body.to_owned()))
            .unwrap();
        self.recorded(sent).await
    }
}

async fn list(admin: &Admin<'_>, query: &str) -> Value {
    let answer = admin.get(&format!("/api/v1/requests{query}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

async fn ids(admin: &Admin<'_>, query: &str) -> Vec<String> {
    let page = list(admin, query).await;
    let items = page["items"].as_array().unwrap().iter();
    items
        .map(|item| item["id"].as_str().unwrap().to_owned())
        .collect()
}

async fn show(admin: &Admin<'_>, id: &str) -> Value {
    let answer = admin.get(&format!("/api/v1/requests/{id}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

#[tokio::test]
async fn a_forwarded_request_is_listed() {
    let fixture = Fixture::new().await;
    let admin = fixture.server.admin().await;
    assert_eq!(list(&admin, "").await["log"]["state"], "ok");
    let id = fixture.chat().await;
    let page = list(&admin, "").await;
    let item = &page["items"][0];
    for (field, expected) in [
        ("id", json!(id)),
        ("agent", json!("bot")),
        ("subagent", json!(null)),
        ("operation", json!("chat")),
        ("model", json!("gw/openai/gpt-4o")),
        ("kind", json!("gateway")),
        ("provider", json!("gw")),
        ("origin", json!(fixture.origin())),
        ("wire_model", json!("openai/gpt-4o")),
        ("outcome", json!("ok")),
        ("status", json!(200)),
        ("code", json!(null)),
        ("attempts", json!(1)),
        ("tokens", json!({ "input": 9, "output": 4, "cached": null })),
        ("bytes_out", json!(ANSWER.len())),
    ] {
        assert_eq!(item[field], expected, "{field}");
    }
    assert_eq!(page["latest"], item["number"]);
    assert_eq!(page["next_cursor"], json!(null));
    assert!(item["total_us"].as_u64() >= item["first_byte_us"].as_u64());
}

#[tokio::test]
async fn the_list_is_filtered_and_comes_in_pages() {
    let fixture = Fixture::new().await;
    let admin = fixture.server.admin().await;
    let first = fixture.chat().await;
    let refused = fixture.messages(r#"{"model":"gw/"}"#).await;
    let unread = fixture.messages("[]").await;
    let too_many_words = format!("?q={}nope", "bot%20".repeat(8));
    let by_host = format!("?q={}", fixture.upstream.address);
    for (query, expected) in [
        ("", vec![&unread, &refused, &first]),
        ("?agent=bot&provider=gw", vec![&first]),
        ("?kind=gateway", vec![&first]),
        ("?outcome=refused", vec![&unread, &refused]),
        ("?outcome=failed", vec![]),
        ("?since=1", vec![&unread, &refused, &first]),
        ("?since=99999999999", vec![]),
        ("?q=GPT-4o%20bot", vec![&first]),
        ("?q=invalid_json", vec![&unread]),
        (&by_host, vec![&first]),
        // Words after the eighth are ignored.
        (&too_many_words, vec![&unread, &refused, &first]),
    ] {
        assert_eq!(
            ids(&admin, query).await.iter().collect::<Vec<_>>(),
            expected,
            "{query}"
        );
    }
    assert_eq!(
        ids(&admin, &format!("?q={}", &first[..12])).await,
        std::slice::from_ref(&first)
    );
    let page = list(&admin, "?limit=2").await;
    let cursor = page["next_cursor"].as_str().unwrap();
    assert_eq!(
        ids(&admin, &format!("?limit=2&cursor={cursor}")).await,
        [first]
    );
    let too_long = format!("?q={}", "x".repeat(513));
    for (query, code) in [
        ("?limit=501", "invalid_parameter"),
        ("?kind=nope", "invalid_parameter"),
        ("?outcome=nope", "invalid_parameter"),
        ("?since=yesterday", "invalid_parameter"),
        ("?nope=1", "invalid_parameter"),
        ("?cursor=nope", "invalid_cursor"),
        (too_long.as_str(), "invalid_parameter"),
    ] {
        let answer = admin.get(&format!("/api/v1/requests{query}")).await;
        assert_eq!(answer.json()["code"], code, "{query}");
    }
}

#[tokio::test]
async fn a_record_has_its_route_and_says_what_would_differ_now() {
    let fixture = Fixture::new().await;
    let admin = fixture.server.admin().await;
    let id = fixture.chat().await;
    let asked = json!({ "agent": "bot", "ref": "gw/openai/gpt-4o" });
    let shown = admin.post("/api/v1/route", asked).await.json();
    let detail = show(&admin, &id).await;
    // As Route preview shows it, without the values of configured headers.
    let mut shown = shown;
    let headers = shown["route"]["headers"].as_array_mut().unwrap();
    let team = headers
        .iter_mut()
        .find(|header| header["name"] == "x-team")
        .unwrap();
    assert_eq!(team["value"], "blue");
    team["value"] = json!("{{digest:16477688c0e0}}");
    assert_eq!(detail["route"], shown);
    assert_eq!(detail["now"]["comparison"], "same", "{}", detail["now"]);
    assert_eq!(detail["agent_id"].as_str().unwrap().len(), 16);
    assert!(detail["generation"].as_u64().unwrap() > 0);
    let attempt = &detail["attempts"][0];
    assert_eq!(attempt["credential"], "secret:gw/api-key");
    assert_eq!(
        (&attempt["rule"], &attempt["sent"]),
        (&json!("gateway"), &json!(true))
    );
    assert!(attempt["connect_us"].as_u64() <= attempt["first_byte_us"].as_u64());

    let moved = json!({ "base_url": "https://elsewhere.example/v1" });
    let edited = admin.patch("/api/v1/providers/gw", moved).await;
    assert_eq!(edited.status, 200, "{}", edited.text());
    let detail = show(&admin, &id).await;
    assert_eq!(detail["route"], shown, "it stays as it was decided");
    assert_eq!(detail["now"]["comparison"], "differs");
    let fields: Vec<&str> = detail["now"]["differences"]
        .as_array()
        .unwrap()
        .iter()
        .map(|difference| difference["field"].as_str().unwrap())
        .collect();
    assert!(
        fields.starts_with(&["outcome", "error", "url"]),
        "{fields:?}"
    );

    let yaml = "name: robot\nmodel: { primary: gw/openai/gpt-4o }\n";
    let renamed = admin
        .put("/api/v1/agents/bot", json!({ "yaml": yaml }))
        .await;
    assert_eq!(renamed.status, 200, "{}", renamed.text());
    assert_eq!(show(&admin, &id).await["now"]["agent"], "robot");
    assert_eq!(admin.delete("/api/v1/agents/robot").await.status, 200);
    // Another agent of the old name is not the one that sent it.
    let yaml = yaml.replace("robot", "bot");
    admin.post("/api/v1/agents", json!({ "yaml": yaml })).await;
    assert_eq!(
        show(&admin, &id).await["now"]["comparison"],
        "agent_deleted"
    );
    let unknown = admin
        .get(&format!("/api/v1/requests/{}", "0".repeat(32)))
        .await;
    unknown.problem(404, "not_found");
}

#[tokio::test]
async fn neither_prompts_nor_answers_nor_headers_nor_queries_are_stored() {
    let fixture = Fixture::new().await;
    let body = r#"{"model":"gw/openai/gpt-4o","messages":[{"role":"user","content":"canary-prompt"}],"user":"canary-user"}"#;
    let id = fixture.messages(body).await;
    let admin = fixture.server.admin().await;
    assert!(!show(&admin, &id).await.to_string().contains("canary"));
    fixture.server.app.request_log().close().await;
    let stored = fixture.server.database.request_log_bytes().await;
    let contains = |text: &str| {
        stored
            .windows(text.len())
            .any(|window| window.eq_ignore_ascii_case(text.as_bytes()))
    };
    assert!(contains("gw/openai/gpt-4o") && contains("secret:gw/api-key"));
    for text in ["canary", "blue", &fixture.token] {
        assert!(!contains(text), "{text}");
    }
}

#[tokio::test]
async fn traffic_is_counted_by_agent_provider_model_and_kind() {
    let fixture = Fixture::new().await;
    let admin = fixture.server.admin().await;
    fixture.chat().await;
    fixture.messages("[]").await;
    let traffic = async |query: &str| {
        let answer = admin.get(&format!("/api/v1/traffic{query}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["items"].clone()
    };
    for (query, key, requests, failed) in [
        ("", "bot", 2, 1),
        ("?window=24h&by=agent", "bot", 2, 1),
        ("?by=provider", "gw", 1, 0),
        ("?by=model", "gw/openai/gpt-4o", 1, 0),
        ("?by=kind", "gateway", 1, 0),
    ] {
        let items = traffic(query).await;
        let item = &items[0];
        let found = (&item["key"], &item["requests"], &item["failed"]);
        assert_eq!(
            found,
            (&json!(key), &json!(requests), &json!(failed)),
            "{query}"
        );
        assert_eq!(
            (&item["tokens_in"], &item["tokens_out"]),
            (&json!(9), &json!(4))
        );
        assert!(item["total_p95"].is_u64() && item["first_byte_p50"].is_u64());
    }
    assert_eq!(traffic("?by=source").await, json!([]));
    let wrong = admin.get("/api/v1/traffic?window=1w").await;
    wrong.problem(400, "invalid_parameter");
}

#[tokio::test]
async fn deleting_records_is_for_administrators_and_in_the_audit_log() {
    let fixture = Fixture::new().await;
    let admin = fixture.server.admin().await;
    fixture.chat().await;
    admin
        .delete("/api/v1/requests")
        .await
        .problem(400, "invalid_parameter");
    let deleted = admin.delete("/api/v1/requests?before=1000000000").await;
    assert_eq!(deleted.json(), json!({ "deleted": 0 }));
    let viewer = fixture.server.sign_in_as(Role::Viewer).await;
    let sent = request(
        Method::DELETE,
        "/api/v1/requests?before=99999999999",
        Some(&viewer),
        None,
    );
    fixture.server.send(sent).await.problem(403, "forbidden");
    let deleted = admin.delete("/api/v1/requests?before=99999999999").await;
    assert_eq!(deleted.json(), json!({ "deleted": 1 }));
    assert_eq!(list(&admin, "").await["items"], json!([]));
    let audit = admin
        .get("/api/v1/audit?action=request_log.delete")
        .await
        .json();
    let events = audit["items"].as_array().unwrap();
    assert_eq!(events.len(), 2);
    assert_eq!(events[1]["changes"][0]["after"], "2001-09-09T01:46:40Z");
}

/// The events of a live stream.
struct Events(Response<Body>);

impl Events {
    async fn open(server: &Server, cookie: &str, query: &str, last: Option<&str>) -> Self {
        let path = format!("/api/v1/requests/live{query}");
        let mut sent = request(Method::GET, &path, Some(cookie), None);
        if let Some(last) = last {
            sent.headers_mut()
                .insert("last-event-id", last.parse().unwrap());
        }
        let response = server.respond(sent).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let mut events = Self(response);
        let first = events.next().await.unwrap();
        assert!(first.starts_with("retry: 2000\nid: "), "{first}");
        events
    }

    /// The next event; `None` at the end.
    async fn next(&mut self) -> Option<String> {
        let frame = self.0.body_mut().frame().await?;
        let data = frame.unwrap().into_data().unwrap();
        Some(String::from_utf8(data.to_vec()).unwrap())
    }

    /// The id of the next event, and the request that it is about.
    async fn request(&mut self) -> (String, String) {
        let event = self.next().await.unwrap();
        let lines: Vec<&str> = event.lines().collect();
        let [name, id, data, ""] = lines[..] else {
            panic!("{event}");
        };
        assert_eq!(name, "event: request");
        let item: Value = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
        let id = id.strip_prefix("id: ").unwrap();
        assert_eq!(item["number"].to_string(), id);
        (id.to_owned(), item["id"].as_str().unwrap().to_owned())
    }
}

#[tokio::test]
async fn requests_arrive_live_and_a_stream_goes_on_where_it_ended() {
    let fixture = Fixture::new().await;
    let server = &fixture.server;
    let cookie = server.sign_in_as(Role::Viewer).await;
    let admin = server.admin().await;
    let latest = list(&admin, "").await["latest"].to_string();
    let before = fixture.chat().await;
    let mut events = Events::open(server, &cookie, "", None).await;
    let first = fixture.chat().await;
    let (number, id) = events.request().await;
    assert_eq!(id, first, "{before} was before");
    drop(events);
    let missed = [fixture.chat().await, fixture.chat().await];
    let mut again = Events::open(server, &cookie, "?after=1", Some(&number)).await;
    for id in &missed {
        assert_eq!(again.request().await.1, *id);
    }
    // From the list's `latest`, nothing is missed in between.
    let mut all = Events::open(server, &cookie, &format!("?after={latest}"), None).await;
    assert_eq!(all.request().await.1, before);
    // One that has missed too much begins anew.
    let mut far_behind = Events::open(server, &cookie, "?after=1", None).await;
    let reset = far_behind.next().await.unwrap();
    assert!(reset.starts_with("event: reset\nid: "), "{reset}");
}

#[tokio::test]
async fn a_stream_ends_with_its_session_and_at_a_stop() {
    let fixture = Fixture::new().await;
    let server = &fixture.server;
    let cookie = server.sign_in().await;
    let mut events = Events::open(server, &cookie, "", None).await;
    let out = request(Method::DELETE, "/api/v1/session", Some(&cookie), None);
    assert_eq!(server.send(out).await.status, 204);
    assert_eq!(events.next().await, None);
    let cookie = server.sign_in().await;
    let mut events = Events::open(server, &cookie, "", None).await;
    server.app.drain().begin();
    assert_eq!(events.next().await, None);
}

#[tokio::test]
async fn a_stream_that_is_not_read_ends_with_its_session() {
    let fixture = Fixture::new().await;
    let server = &fixture.server;
    let admin = server.admin().await;
    let latest = list(&admin, "").await["latest"].to_string();
    // More than fit into what waits for a client.
    for _ in 0..30 {
        fixture.chat().await;
    }
    let cookie = server.sign_in().await;
    let path = format!("/api/v1/requests/live?after={latest}");
    let live = request(Method::GET, &path, Some(&cookie), None);
    let _unread = server.respond(live).await;
    let log = server.app.request_log();
    let places: Vec<_> = (0..63)
        .map(|number| log.stream_place(&number.to_string()))
        .collect();
    assert!(places.iter().all(Option::is_some) && log.stream_place("other").is_none());
    let out = request(Method::DELETE, "/api/v1/session", Some(&cookie), None);
    assert_eq!(server.send(out).await.status, 204);
    let given_back = async {
        while log.stream_place("other").is_none() {
            tokio::task::yield_now().await;
        }
    };
    let limit = std::time::Duration::from_secs(60);
    tokio::time::timeout(limit, given_back)
        .await
        .expect("it ends although it is not read");
}

#[tokio::test]
async fn there_are_only_so_many_streams() {
    let server = Server::start().await;
    let cookie = server.sign_in().await;
    let mut places = Vec::new();
    for number in 0.. {
        let Some(place) = server.app.request_log().stream_place(&number.to_string()) else {
            break;
        };
        places.push(place);
    }
    assert!(places.len() >= 16, "{}", places.len());
    let live = || request(Method::GET, "/api/v1/requests/live", Some(&cookie), None);
    let refused = server.send(live()).await;
    refused.problem(503, "too_many_streams");
    places.pop();
    assert_eq!(server.respond(live()).await.status(), 200);
}

#[tokio::test]
async fn a_log_that_cannot_be_written_stops_no_request_and_recovers() {
    let fixture = Fixture::new().await;
    let server = &fixture.server;
    let admin = server.admin().await;
    server.database.break_request_log().await;
    let answer = server.send(chat(&fixture.token)).await;
    assert_eq!(answer.status, 200);
    let id = answer.header("x-waypost-request-id").unwrap().to_owned();
    let page = list(&admin, "").await;
    assert_eq!(
        (&page["items"], &page["log"]["state"]),
        (&json!([]), &json!("failing"))
    );
    let problem = admin.get("/api/v1/traffic").await;
    problem.problem(503, "request_log_unavailable");
    let mut written = server.app.request_log().changes();
    server.database.repair_request_log().await;
    written.changed().await.unwrap();
    assert_eq!(ids(&admin, "").await, [id], "what waited was written");
    assert_eq!(list(&admin, "").await["log"]["state"], "ok");
}
