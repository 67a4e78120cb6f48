//! `waypost agent check`, and `waypost route` with an agent's document.

use crate::support::Home;
use serde_json::json;

const BOT: &str = "name: support-bot
model:
  primary: customer-alias
  fallback: litellm/openai/gpt-4o
  passthrough: true
  source: customer-litellm
subagents:
  analyst:
    model: { primary: child-alias, passthrough: true, source: child-litellm }
  writer:
    model: { primary: openrouter/moonshotai/kimi-k2 }
sources:
  customer-litellm:
    base_url: https://customer.example/v1
    has_key: true
    headers: { X-Tenant: seven }
  child-litellm:
    base_url: https://child.example/v1
    auth_header: x-api-key
    has_key: true
";

fn home() -> Home {
    let home = Home::new();
    home.write("bot.yaml", BOT);
    home
}

fn file(home: &Home, name: &str) -> String {
    home.path().join(name).to_str().unwrap().to_owned()
}

#[test]
fn a_right_document_is_status_0_with_its_warnings() {
    let home = Home::new();
    home.write(
        "a.yaml",
        "name: a\ngateways:\n  groq: {}\n  missing: {}\n  mine: {}\n",
    );
    home.write(
        ".waypost/providers.local.yaml",
        "providers:\n  mine: { type: gateway, base_url: https://m.example/v1, api_key_env: M_KEY }\n",
    );
    let done = home.run(&["agent", "check", &file(&home, "a.yaml"), "--json"], &[]);
    assert_eq!(done.status(), 0, "{}", done.errors());
    let report = done.json();
    assert_eq!(report["valid"], true);
    assert_eq!(report["errors"], json!([]));
    let codes: Vec<&str> = report["warnings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|warning| warning["code"].as_str().unwrap())
        .collect();
    assert_eq!(codes, ["not_a_gateway", "unknown_gateway"]);
}

#[test]
fn a_faulty_document_is_status_1_with_every_error() {
    let home = Home::new();
    home.write(
        "a.yaml",
        "gateways:\n  litellm: { api_key: sk-canary, url: no }\n",
    );
    let path = file(&home, "a.yaml");
    let done = home.run(&["agent", "check", &path, "--json"], &[]);
    assert_eq!(done.status(), 1);
    assert!(!done.output().contains("canary"));
    insta::assert_json_snapshot!("invalid_agent", done.json());
    let readable = home.run(&["agent", "check", &path], &[]);
    assert_eq!(readable.status(), 1);
    insta::assert_snapshot!("invalid_agent_readable", readable.output());
    // A route is not shown on the word of a document that is not right.
    let routed = home.run(&["route", "--agent", &path, "--json"], &[]);
    assert_eq!(routed.status(), 1);
    assert_eq!(routed.json()["valid"], false);
}

#[test]
fn a_file_that_cannot_be_read_is_invalid() {
    let home = Home::new();
    let missing = home.run(&["agent", "check", "nowhere.yaml", "--json"], &[]);
    assert_eq!(missing.status(), 1);
    assert_eq!(missing.json()["errors"][0]["code"], "unreadable");
    std::fs::write(home.path().join("latin.yaml"), b"name: \xe4").unwrap();
    let latin = home.run(
        &["agent", "check", &file(&home, "latin.yaml"), "--json"],
        &[],
    );
    assert_eq!(latin.status(), 1);
    assert_eq!(latin.json()["errors"][0]["code"], "not_utf8");
}

#[test]
fn an_agents_primary_is_routed_with_its_fallback() {
    let home = home();
    let done = home.run(
        &["route", "--agent", &file(&home, "bot.yaml"), "--json"],
        &[("LITELLM_MASTER_KEY", "sk-canary-0123456789")],
    );
    assert_eq!(done.status(), 0, "{}{}", done.output(), done.errors());
    assert!(!done.output().contains("canary"));
    insta::assert_json_snapshot!("agent_route", done.json());
}

#[test]
fn a_subagent_is_routed_apart_from_its_agent() {
    let home = home();
    let bot = file(&home, "bot.yaml");
    let run = |arguments: &[&str]| {
        let mut all = vec!["route", "--agent", &bot, "--json"];
        all.extend(arguments);
        home.run(&all, &[("LITELLM_MASTER_KEY", "sk-canary-0123456789")])
    };
    let analyst = run(&["--subagent", "analyst"]);
    assert_eq!(analyst.status(), 0, "{}", analyst.output());
    let analyst = analyst.json();
    assert_eq!(analyst["ref"], "child-alias::subagent::analyst");
    assert_eq!(analyst["route"]["provider"], "child-litellm");
    assert_eq!(analyst["route"]["wire_model"], "child-alias");
    assert_eq!(
        analyst["route"]["credential"]["from"],
        "secret:sources/child-litellm/auth-value"
    );
    // The writer's gateway has no key.
    let writer = run(&["--subagent", "writer"]);
    assert_eq!(writer.status(), 1);
    assert_eq!(writer.json()["error"]["code"], "missing_api_key");
    let stored = run(&["--subagent", "writer", "--secret", "openrouter/api-key"]);
    assert_eq!(stored.status(), 0, "{}", stored.output());

    let unknown = run(&["litellm/a", "--subagent", "missing"]).json();
    assert_eq!(unknown["ref"], "litellm/a::subagent::missing");
    assert_eq!(unknown["route"]["wire_model"], "a");
    assert_eq!(unknown["warnings"][0]["code"], "unknown_subagent");
    let without_agent = home.run(
        &["route", "litellm/a", "--subagent", "missing", "--json"],
        &[("LITELLM_MASTER_KEY", "sk")],
    );
    assert_eq!(
        without_agent.json()["warnings"][0]["code"],
        "unknown_subagent"
    );
}

#[test]
fn a_list_of_expectations_is_held_and_a_failure_is_status_1() {
    let home = home();
    home.write(
        "agents/own.yaml",
        "name: own
model: { primary: litellm/a }
expect: { host: localhost, wire_model: a }
subagents:
  s: { model: { primary: litellm/b }, expect: { wire_model: c } }
  t: { model: { primary: litellm/b } }
",
    );
    home.write(
        "good.yaml",
        "- ref: groq/llama
  expect: { host: api.groq.com, wire_model: llama, credential: env:GROQ_API_KEY }
- ref: litellm/a
  operation: messages
- agent: bot.yaml
  subagent: analyst
  expect: { host: child.example, credential: secret:sources/child-litellm/auth-value }
",
    );
    home.write(
        "bad.yaml",
        "- { ref: groq/llama, expect: { host: groq.example } }
- { ref: openrouter/a/b }
- { agent: agents/own.yaml }
- { agent: nowhere.yaml }
",
    );
    let variables = [("GROQ_API_KEY", "g"), ("LITELLM_MASTER_KEY", "l")];
    let run = |name: &str, json: &[&str]| {
        let path = file(&home, name);
        let mut arguments = vec!["route", "--check", &path];
        arguments.extend(json);
        home.run(&arguments, &variables)
    };
    let good = run("good.yaml", &["--json"]);
    assert_eq!(good.status(), 0, "{}", good.output());
    assert_eq!(
        (&good.json()["passed"], &good.json()["failed"]),
        (&json!(3), &json!(0))
    );
    let bad = run("bad.yaml", &["--json"]);
    assert_eq!(bad.status(), 1);
    insta::assert_json_snapshot!("checks", bad.json());
    let readable = run("bad.yaml", &[]);
    assert_eq!(readable.status(), 1);
    assert!(
        readable
            .output()
            .contains("  host: expected groq.example, found api.groq.com\n"),
        "{}",
        readable.output()
    );

    home.write("list.yaml", "- { reff: a/b }\n");
    let faulty = run("list.yaml", &["--json"]);
    assert_eq!(faulty.status(), 1);
    assert_eq!(
        faulty.json()["errors"].as_array().unwrap().len(),
        2,
        "{}",
        faulty.output()
    );
    let missing = run("nowhere.yaml", &["--json"]);
    assert_eq!(missing.status(), 1);
    assert_eq!(missing.json()["errors"][0]["code"], "unreadable");
}

#[test]
fn wrong_usage_is_status_2() {
    let home = home();
    for arguments in [
        &["agent"][..],
        &["agent", "check"],
        &["agent", "chek", "bot.yaml"],
        &["route", "--subagent", "a"],
        &["route", "--json"],
        &["route", "a/b", "--check", "list.yaml"],
        &["route", "--agent", "bot.yaml", "--check", "list.yaml"],
        &["route", "--check"],
        &["sign-in-link", "--role", "king"],
    ] {
        let done = home.run(arguments, &[]);
        assert_eq!(done.status(), 2, "{arguments:?}: {}", done.errors());
        assert!(done.output().is_empty() && !done.errors().is_empty());
    }
}
