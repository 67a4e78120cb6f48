//! Who uses what, whose requests a change would change, and replacing a model.

use crate::support::{Admin, Options, Server};
use serde_json::{Value, json};

const OLD: &str = "openrouter/x/old";

const AGENTS: [(&str, &str); 3] = [
    (
        "alpha",
        "# The first.\nname: alpha\nmodel:\n  primary: openrouter/x/old # for now\n  fallback: \
         groq/llama\n",
    ),
    (
        "beta",
        "name: beta\nmodel:\n  primary: groq/llama\nsubagents:\n  w:\n    model:\n      primary: \
         'openrouter/x/old'\n",
    ),
    ("gamma", "name: gamma\nmodel:\n  primary: gpt-4o\n"),
];

async fn server() -> Server {
    Server::start_with(Options {
        environment: vec![
            ("OPENROUTER_API_KEY", "sk-or-0123456789"),
            ("GROQ_API_KEY", "gsk-0123456789"),
            ("LITELLM_MASTER_KEY", "sk-litellm-0123456789"),
        ],
        ..Options::default()
    })
    .await
}

async fn add_agents(admin: &Admin<'_>) {
    for (_, yaml) in AGENTS {
        let added = admin.post("/api/v1/agents", json!({ "yaml": yaml })).await;
        assert_eq!(added.status, 201, "{}", added.text());
    }
}

async fn view(admin: &Admin<'_>, path: &str) -> Value {
    let answer = admin.get(path).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

async fn yaml(admin: &Admin<'_>, name: &str) -> String {
    let agent = view(admin, &format!("/api/v1/agents/{name}")).await;
    agent["yaml"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn users_are_listed_and_counted() {
    let server = server().await;
    let admin = server.admin().await;
    add_agents(&admin).await;
    let used = view(&admin, "/api/v1/used-by?provider=openrouter").await;
    assert_eq!(
        used["items"],
        json!([
            { "agent": "alpha", "subagent": null, "as": "primary" },
            { "agent": "beta", "subagent": "w", "as": "primary" },
        ])
    );
    assert_eq!((&used["total"], &used["agents"]), (&json!(2), &json!(2)));
    let one = view(&admin, "/api/v1/used-by?provider=openrouter&limit=1").await;
    assert_eq!(one["items"].as_array().unwrap().len(), 1);
    assert_eq!(one["total"], 2);
    let model = view(&admin, "/api/v1/used-by?model=groq%2Fllama").await;
    assert_eq!(
        model["items"],
        json!([
            { "agent": "alpha", "subagent": null, "as": "fallback" },
            { "agent": "beta", "subagent": null, "as": "primary" },
        ])
    );
    let providers = view(&admin, "/api/v1/providers").await;
    let count = |name: &str| {
        let items = providers["items"].as_array().unwrap();
        let item = items.iter().find(|item| item["name"] == name).unwrap();
        item["used_by"].clone()
    };
    assert_eq!(
        [count("openrouter"), count("groq"), count("litellm")],
        [json!(2), json!(2), json!(1)]
    );
    // The next answer follows an edit.
    admin.delete("/api/v1/agents/alpha").await;
    let groq = view(&admin, "/api/v1/providers/groq").await;
    assert_eq!(groq["used_by"], 1);
    for query in [
        "",
        "?provider=a&source=b",
        "?colour=red",
        "?limit=0&provider=a",
    ] {
        let refused = admin.get(&format!("/api/v1/used-by{query}")).await;
        refused.problem(400, "invalid_parameter");
    }
}

#[tokio::test]
async fn sources_and_their_secrets_have_users_too() {
    let server = server().await;
    let admin = server.admin().await;
    let source = json!({
        "name": "Mine", "base_url": "https://mine.example/v1", "auth_value": "sk-mine-0123456789"
    });
    admin.post("/api/v1/sources", source).await;
    let yaml = "name: a\nmodel:\n  primary: alias\n  passthrough: true\n  source: mine\n";
    admin.post("/api/v1/agents", json!({ "yaml": yaml })).await;
    let expected = json!([{ "agent": "a", "subagent": null, "as": "primary" }]);
    for query in ["source=mine", "secret=sources%2Fmine%2Fauth-value"] {
        let used = view(&admin, &format!("/api/v1/used-by?{query}")).await;
        assert_eq!(used["items"], expected, "{query}");
    }
    assert_eq!(view(&admin, "/api/v1/sources/mine").await["used_by"], 1);
}

#[tokio::test]
async fn an_impact_lists_what_would_go_another_way_and_saves_nothing() {
    let server = server().await;
    let admin = server.admin().await;
    add_agents(&admin).await;
    let changes = json!({ "changes": [
        "env:OPENROUTER_API_KEY=unset", "base-url:groq=https://other.example/v1"
    ] });
    let report = admin.post("/api/v1/impact", changes).await;
    assert_eq!(report.status, 200, "{}", report.text());
    let report = report.json();
    let items = report["items"].as_array().unwrap();
    let kinds: Vec<_> = items
        .iter()
        .map(|item| {
            (
                item["agent"].as_str().unwrap(),
                item["kind"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        kinds[..2],
        [("alpha", "unroutable"), ("beta", "unroutable")]
    );
    assert_eq!(report["total"], items.len());
    let alpha = &items[0];
    assert_eq!(alpha["before"]["provider"], "openrouter", "{alpha}");
    assert_eq!(alpha["before"]["wire_model"], "x/old", "{alpha}");
    assert_eq!(alpha["before"]["credential"], "env:OPENROUTER_API_KEY");
    assert_eq!(alpha["before"]["error"], json!(null));
    assert_eq!(alpha["after"]["error"]["code"], "missing_api_key");
    let replace = json!({ "replace": {
        "from": OLD, "to": "groq/llama", "agents": [{ "name": "alpha" }]
    } });
    let report = admin.post("/api/v1/impact", replace).await.json();
    assert_eq!(report["total"], 1, "{report}");
    assert_eq!(report["items"][0]["kind"], "origin");
    assert_eq!(report["items"][0]["after"]["provider"], "groq");
    assert_eq!(yaml(&admin, "alpha").await, AGENTS[0].1);
    let fault = json!({ "changes": ["colour:red"] });
    let fault = admin.post("/api/v1/impact", fault).await;
    assert_eq!(fault.problem(422, "invalid_change")["field"], "changes");
}

#[tokio::test]
async fn a_model_is_replaced_in_several_agents_and_put_back() {
    let server = server().await;
    let admin = server.admin().await;
    add_agents(&admin).await;
    let version = view(&admin, "/api/v1/agents/alpha").await["version"].clone();
    let body = json!({
        "from": OLD, "to": "litellm/new",
        "agents": [{ "name": "alpha", "version": version }, { "name": "beta" }]
    });
    let answer = admin.post("/api/v1/models/replace", body.clone()).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let answer = answer.json();
    assert_eq!(
        answer["items"][1]["places"],
        json!([{ "subagent": "w", "field": "primary", "before": OLD, "after": "litellm/new" }])
    );
    for (name, before) in &AGENTS[..2] {
        let after = before.replace(OLD, "litellm/new");
        assert_eq!(yaml(&admin, name).await, after);
        let shown = view(&admin, &format!("/api/v1/agents/{name}")).await;
        let item = answer["items"].as_array().unwrap();
        let item = item.iter().find(|item| item["agent"] == *name).unwrap();
        assert_eq!(shown["version"], item["version"]);
    }
    let route = json!({ "agent": "beta", "subagent": "w" });
    let route = admin.post("/api/v1/route", route).await.json();
    assert_eq!(route["route"]["provider"], "litellm");
    let audit = view(&admin, "/api/v1/audit?limit=2").await;
    for event in audit["items"].as_array().unwrap() {
        assert_eq!(event["action"], "agent.model.replace");
    }
    let undo = format!("/api/v1/undo/{}", answer["undo"]["token"].as_str().unwrap());
    let restored = admin.post(&undo, json!({})).await.json();
    assert_eq!(restored["kind"], "replaced_model", "{restored}");
    for (name, before) in AGENTS {
        assert_eq!(yaml(&admin, name).await, before);
    }
    let stale = admin.post("/api/v1/models/replace", body).await;
    let problem = stale.problem(412, "version_conflict");
    assert_eq!(problem["current"]["name"], "alpha");
}

#[tokio::test]
async fn an_edit_since_the_replacement_stays_and_nothing_is_put_back() {
    let server = server().await;
    let admin = server.admin().await;
    add_agents(&admin).await;
    let body = json!({
        "from": OLD, "to": "litellm/new", "agents": [{ "name": "alpha" }, { "name": "beta" }]
    });
    let answer = admin.post("/api/v1/models/replace", body).await.json();
    let edit = json!({ "yaml": "name: beta\n# edited since\n" });
    admin.put("/api/v1/agents/beta", edit).await;
    let undo = format!("/api/v1/undo/{}", answer["undo"]["token"].as_str().unwrap());
    let refused = admin.post(&undo, json!({})).await;
    refused.problem(409, "changed_meanwhile");
    assert!(yaml(&admin, "alpha").await.contains("litellm/new"));
    assert!(yaml(&admin, "beta").await.contains("edited since"));
}

#[tokio::test]
async fn a_replacement_that_one_agent_cannot_have_changes_none() {
    let server = server().await;
    let admin = server.admin().await;
    add_agents(&admin).await;
    let odd = "name: odd\nmodel:\n  primary: &m openrouter/x/old\n  fallback: *m\n";
    let added = admin.post("/api/v1/agents", json!({ "yaml": odd })).await;
    assert_eq!(added.status, 201, "{}", added.text());
    for (agents, to, code, field) in [
        (
            json!([{ "name": "missing" }]),
            "groq/b",
            "unknown_agent",
            "agents",
        ),
        (
            json!([{ "name": "gamma" }]),
            "groq/b",
            "model_not_used",
            "agents",
        ),
        (
            json!([{ "name": "odd" }]),
            "groq/b",
            "cannot_edit_document",
            "agents",
        ),
        (json!([]), "groq/b", "missing_field", "agents"),
        (
            json!([{ "name": "alpha" }]),
            "groq/b",
            "invalid_value",
            "agents",
        ),
        (json!([{ "name": "beta" }]), OLD, "same_model", "to"),
        (json!([{ "name": "beta" }]), "a//b", "empty_segment", "to"),
    ] {
        let mut all = vec![json!({ "name": "alpha" })];
        all.extend(agents.as_array().unwrap().iter().cloned());
        let agents = if code == "missing_field" {
            json!([])
        } else {
            json!(all)
        };
        let body = json!({ "from": OLD, "to": to, "agents": agents });
        let refused = admin.post("/api/v1/models/replace", body).await;
        assert_eq!(refused.problem(422, code)["field"], field);
        assert_eq!(yaml(&admin, "alpha").await, AGENTS[0].1, "{code}");
    }
}

#[tokio::test]
async fn a_ref_without_a_route_is_replaced_too() {
    let server = server().await;
    let admin = server.admin().await;
    for (name, from) in [("typo", "litelm/x"), ("odd", "a//b"), ("alias", "customer")] {
        let text = format!("name: {name}\nmodel: {{ primary: {from} }}\n");
        let added = admin.post("/api/v1/agents", json!({ "yaml": text })).await;
        assert_eq!(added.status, 201, "{}", added.text());
        let body = json!({ "from": from, "to": "litellm/new", "agents": [{ "name": name }] });
        let answer = admin.post("/api/v1/models/replace", body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let after = format!("name: {name}\nmodel: {{ primary: litellm/new }}\n");
        assert_eq!(yaml(&admin, name).await, after);
    }
    let body = json!({ "from": "", "to": "litellm/new", "agents": [{ "name": "typo" }] });
    let refused = admin.post("/api/v1/models/replace", body).await;
    assert_eq!(refused.problem(422, "missing_field")["field"], "from");
}
