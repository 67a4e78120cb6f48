use super::*;
use crate::builtin_catalog::builtin;
use crate::catalog::BlockedName;
use crate::operation::Operation;
use crate::resolve::{Request, resolve};
use crate::routing_table::RoutingTable;
use crate::snapshot::Snapshot;

/// What was reported, one line each: `severity code path line:column message`.
fn issue_lines(reading: &AgentReading) -> Vec<String> {
    let tell = |problem: &AgentProblem| {
        let severity = match problem.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let path = match problem.path.as_str() {
            "" => "-",
            path => path,
        };
        format!(
            "{severity} {} {path} {}:{} {}",
            problem.code, problem.line, problem.column, problem.message
        )
    };
    reading.problems.iter().map(tell).collect()
}

/// What was reported without the messages: `code path`.
fn codes_of(reading: &AgentReading) -> Vec<String> {
    let tell = |problem: &AgentProblem| format!("{} {}", problem.code, problem.path);
    reading.problems.iter().map(tell).collect()
}

fn with_name(text: &str) -> AgentReading {
    read_agent(&format!("name: a\n{text}"))
}

#[test]
fn only_a_name_is_required() {
    let reading = read_agent("name: a\n");
    assert_eq!(issue_lines(&reading), [""; 0]);
    assert!(reading.is_valid());
    let agent = reading.agent.unwrap();
    assert_eq!(agent.name, "a");
    assert_eq!(
        agent,
        Agent {
            name: "a".into(),
            ..Agent::default()
        }
    );
}

#[test]
fn an_unexpanded_variable_is_a_warning_where_routing_reads_it() {
    let reading = read_agent(
        "name: a
instructions: 'Answer {{ user }} about ${topic}'
model: { primary: '${MODEL}', fallback: 'litellm/{{ model }}' }
gateways:
  litellm:
    api_key_env: K
    default_headers: { x-team: '${TEAM}' }
",
    );
    let shown: Vec<String> = issue_lines(&reading)
        .into_iter()
        .map(|line| line.split(", which").next().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(
        shown,
        [
            "warning unexpanded_variable model.primary 3:19 This contains `${…}`",
            "warning unexpanded_variable model.fallback 3:41 This contains `{{ … }}`",
            "warning unexpanded_variable gateways.litellm.default_headers 7:24 This contains `${…}`",
        ]
    );
    for fine in ["gpt-4o", "a/{b}", "$5", "a}}b{{", "}${"] {
        let reading = read_agent(&format!("name: a\nmodel: {{ primary: '{fine}' }}\n"));
        assert_eq!(issue_lines(&reading), [""; 0], "{fine}");
    }
}

#[test]
fn a_template_without_quotes_says_what_it_is() {
    assert_eq!(
        issue_lines(&read_agent("name: a\nmodel: { primary: {{ model }} }\n")),
        [
            "error invalid_field model.primary 2:19 This must be a string, not a mapping. Expand \
             `{{ … }}` before you give the file to Waypost, or put it in quotes."
        ]
    );
}

#[test]
fn subagents_can_share_what_an_anchor_holds() {
    let reading = read_agent(
        "x-model: &model { source: own, passthrough: true }
name: a
subagents:
  one:
    model:
      <<: *model
      primary: b
  two: { model: { <<: *model, primary: c, passthrough: false } }
",
    );
    assert_eq!(issue_lines(&reading), [""; 0]);
    let agent = reading.agent.unwrap();
    let model = |alias: &str| agent.subagents[alias].model.clone();
    assert_eq!(
        (model("one").source.as_deref(), model("one").passthrough),
        (Some("own"), Some(true))
    );
    assert_eq!(
        (model("two").source.as_deref(), model("two").passthrough),
        (Some("own"), Some(false))
    );
}

#[test]
fn a_name_can_be_a_part_of_an_address() {
    for name in [
        "a",
        "my-agent",
        "Support bot",
        "Grüße",
        "1a",
        "'123'",
        "a.b",
    ] {
        assert!(read_agent(&format!("name: {name}\n")).is_valid(), "{name}");
    }
    let long = "a".repeat(201);
    for (name, expected) in [
        ("", "error missing_name name 1:1 The agent needs a `name`."),
        ("''", "error invalid_name name 1:7 The name is empty."),
        (
            "123",
            "error invalid_name name 1:7 This must be a string, not a number. Write it in quotes.",
        ),
        (
            "[a]",
            "error invalid_name name 1:7 This must be a string, not a list.",
        ),
        (
            "' a'",
            "error invalid_name name 1:7 The name must not begin or end with white space.",
        ),
        (
            "a/b",
            "error invalid_name name 1:7 The name must not contain `/` or control characters.",
        ),
        (
            "\"a\\nb\"",
            "error invalid_name name 1:7 The name must not contain `/` or control characters.",
        ),
        (
            "..",
            "error invalid_name name 1:7 The name must not be `.` or `..`.",
        ),
        (
            &long,
            "error invalid_name name 1:7 The name is longer than 200 characters.",
        ),
    ] {
        let reading = read_agent(&format!("name: {name}\n"));
        assert_eq!(issue_lines(&reading), [expected], "{name}");
        assert!(!reading.is_valid());
    }
}

#[test]
fn a_document_is_a_mapping() {
    for (text, expected) in [
        (
            "",
            "error not_a_mapping - 1:1 The document is empty. An agent needs at least a `name`.",
        ),
        (
            "- a\n",
            "error not_a_mapping - 1:1 An agent must be a mapping with at least a `name`, not a \
             list.",
        ),
        (
            "name: [\n",
            "error yaml_syntax - 2:1 This is not valid YAML: while parsing a node, did not find \
             expected node content.",
        ),
        (
            "name: a\n---\nname: b\n",
            "error yaml_syntax - 2:1 A second document begins here. Only one is read: remove the \
             line `---`.",
        ),
        (
            "model: {}\n",
            "error missing_name name 1:1 The agent needs a `name`.",
        ),
    ] {
        assert_eq!(issue_lines(&read_agent(text)), [expected], "{text:?}");
    }
}

#[test]
fn every_problem_is_reported_at_once() {
    let reading = read_agent(
        "name: 1
version: 1.0.0
model:
  primary: 5
  fallback: a//b
  passthrough: yes
  base_url: https://x.example/v1/chat/completions
  colour: blue
gateways:
  litellm:
    url: nope
    api_key_env: sk-canary
    api_key: sk-canary
    default_headers: {X-A: 1, Host: x}
    fallback_policy: random
    base_url: https://x.example
  openrouter:
  litelm: {}
  nvidia: {url: https://x.example}
subagents:
  writer:
    model: {primary: ''}
  'a::b': {}
expect:
  hots: x.example
name: again
",
    )
    .checked_against(&Catalog::new(builtin(), Vec::new()));
    assert_eq!(
        issue_lines(&reading),
        [
            "error invalid_name name 1:7 This must be a string, not a number. Write it in quotes.",
            "error invalid_field model.primary 4:12 This must be a string, not a number. Write it in \
             quotes.",
            r#"warning empty_segment model.fallback 5:13 Empty segment at character 2: every "/" needs text on both sides."#,
            "error invalid_field model.passthrough 6:16 This must be `true` or `false`, not a string.",
            "error base_url_is_endpoint model.base_url 7:13 The base URL ends in \
             /chat/completions, which Waypost adds itself. Enter the part before it. Did you mean `https://x.example/v1`?",
            "warning unknown_field model 8:3 Ignored: unknown field `colour`. Known fields: \
             primary, fallback, gateway, passthrough, source, base_url, temperature, max_tokens.",
            "error invalid_base_url gateways.litellm.url 11:10 The base URL must begin with \
             http:// or https://.",
            "error invalid_api_key_env gateways.litellm.api_key_env 12:18 This must be the name of \
             an environment variable (letters, digits and `_`), not the key itself.",
            "error inline_secret gateways.litellm 13:5 Don't put keys in agent files. Remove the key, then name its environment variable in `api_key_env` or enter it in the dashboard.",
            "error invalid_headers gateways.litellm.default_headers.X-A 14:28 The value of `X-A` \
             must be a string, not a number. Write it in quotes.",
            "error invalid_header gateways.litellm.default_headers.Host 14:31 The header `host` \
             belongs to the connection and cannot be set.",
            "error invalid_fallback_policy gateways.litellm.fallback_policy 15:22 This must be \
             `fastest`, `cheapest` or `first`.",
            "error unknown_field gateways.litellm 16:5 Not allowed: unknown field `base_url`. \
             Known fields: url, api_key_env, default_headers, fallback_policy.",
            "error invalid_field gateways.openrouter 17:3 This must be a mapping of the fields \
             that are overridden, not nothing. Leave it out or give it a value.",
            "warning unknown_gateway gateways.litelm 18:3 No provider has this name, so the block \
             is ignored until there is one. Did you mean `litellm`?",
            "warning not_a_gateway gateways.nvidia 19:3 This is a direct provider, whose values an \
             agent cannot override. The block is ignored.",
            "error invalid_field subagents.writer.model.primary 22:22 This is empty. Leave it out \
             or give it a value.",
            "error invalid_alias subagents.a::b 23:3 The alias must not contain `::`, `/` or control \
             characters.",
            "error unknown_field expect 25:3 Not allowed: unknown field `hots`. Did you mean `host`?",
            "error duplicate_field name 26:1 There is more than one `name` here.",
        ]
    );
    assert!(reading.agent.is_none());
    assert!(!format!("{reading:?}").contains("canary"));
}

#[test]
fn null_is_absent_in_a_model_and_an_error_in_gateways() {
    let reading = with_name(
        "model: {primary: ~, fallback: , gateway: null, source: ~, base_url: ~, passthrough: ~}\n",
    );
    assert_eq!(issue_lines(&reading), [""; 0]);
    assert_eq!(reading.agent.unwrap().model, AgentModel::default());
    assert!(with_name("model:\nsubagents:\nsources:\nexpect:\n").is_valid());
    for (text, code) in [
        ("gateways:\n", "invalid_field gateways"),
        ("gateways: {g: ~}\n", "invalid_field gateways.g"),
        (
            "gateways: {g: {url: ~}}\n",
            "invalid_base_url gateways.g.url",
        ),
        (
            "gateways: {g: {url: ''}}\n",
            "missing_base_url gateways.g.url",
        ),
        (
            "gateways: {g: {api_key_env: ~}}\n",
            "invalid_api_key_env gateways.g.api_key_env",
        ),
        (
            "gateways: {g: {api_key_env: ''}}\n",
            "invalid_api_key_env gateways.g.api_key_env",
        ),
        (
            "gateways: {g: {default_headers: ~}}\n",
            "invalid_headers gateways.g.default_headers",
        ),
        (
            "gateways: {g: {fallback_policy: ~}}\n",
            "invalid_fallback_policy gateways.g.fallback_policy",
        ),
        (
            "gateways: {g: {fallback_policy: ''}}\n",
            "invalid_fallback_policy gateways.g.fallback_policy",
        ),
        ("gateways: [g]\n", "invalid_field gateways"),
        ("gateways: {1: {}}\n", "invalid_name gateways.1"),
    ] {
        assert_eq!(codes_of(&with_name(text)), [code], "{text}");
    }
}

#[test]
fn the_older_form_puts_the_gateway_before_the_model() {
    for (gateway, primary, sent) in [
        ("litellm", "gpt-4o", "litellm/gpt-4o"),
        ("litellm", "anthropic/claude", "litellm/anthropic/claude"),
        ("litellm", "litellm/gpt-4o", "litellm/gpt-4o"),
        ("litellm", "litellm-2/gpt-4o", "litellm/litellm-2/gpt-4o"),
        ("litellm", "litellm", "litellm/litellm"),
    ] {
        let text =
            format!("model: {{gateway: {gateway}, primary: {primary}, fallback: {primary}}}\n");
        let model = with_name(&text).agent.unwrap().model;
        assert_eq!(model.primary_ref().unwrap(), sent);
        assert_eq!(model.fallback_ref().unwrap(), sent);
    }
    let model = AgentModel::default();
    assert_eq!((model.primary_ref(), model.fallback_ref()), (None, None));
}

#[test]
fn a_ref_that_will_be_refused_is_a_warning() {
    let refused = "model: {primary: a//b}\n";
    assert_eq!(
        codes_of(&with_name(refused)),
        ["empty_segment model.primary"]
    );
    assert!(with_name(refused).is_valid());
    let by_gateway = "model: {primary: /b, gateway: litellm}\n";
    assert_eq!(
        codes_of(&with_name(by_gateway)),
        ["empty_segment model.primary"]
    );
    for plain_string in [
        "model: {primary: a//b, passthrough: true}\n",
        "model: {primary: a//b, source: s}\n",
    ] {
        assert_eq!(issue_lines(&with_name(plain_string)), [""; 0]);
    }
    let switched_off = "model: {primary: a//b, source: s, passthrough: false}\n";
    assert_eq!(
        codes_of(&with_name(switched_off)),
        ["empty_segment model.primary"]
    );
}

#[test]
fn a_list_of_subagents_is_ignored() {
    let reading = with_name("subagents:\n  - analyst\n");
    assert_eq!(
        issue_lines(&reading),
        [
            "warning unknown_field subagents 3:3 Ignored: a list of subagents says nothing about \
             their models. Write a mapping of aliases to subagents."
        ]
    );
    assert!(reading.is_valid());
}

#[test]
fn subagents_are_named_and_have_models() {
    let reading = with_name(
        "subagents:\n  a: ~\n  b: {prompt: x, model: {primary: p}, gateways: {}}\n  c: p\n  1: {}\n  a: {}\n",
    );
    assert_eq!(
        issue_lines(&reading),
        [
            "warning unknown_field subagents.b 4:39 Ignored: `gateways` is only allowed at the top \
             of the document.",
            "error invalid_field subagents.c 5:6 This must be a mapping with `model`, not a string.",
            "error invalid_alias subagents.1 6:3 This must be a string, not a number. Write it in \
             quotes.",
            "error duplicate_field subagents.a 7:3 There is more than one `a` here.",
        ]
    );
    let long = "a".repeat(65);
    for (alias, message) in [
        ("''", "The alias is empty."),
        ("' a'", "The alias must not begin or end with white space."),
        (
            "a/b",
            "The alias must not contain `::`, `/` or control characters.",
        ),
        (&long, "The alias is longer than 64 characters."),
    ] {
        let reading = with_name(&format!("subagents: {{{alias}: {{}}}}\n"));
        assert_eq!(reading.problems[0].message, message);
        assert_eq!(reading.problems[0].code, "invalid_alias");
    }
}

#[test]
fn sources_of_the_command_line() {
    let reading = with_name(
        "sources:
  local:
    name: Local gateway
    base_url: http://localhost:8000/v1/
    auth_header: ' '
    auth_value: sk-canary
  open: {}
  'bad slug': {base_url: https://u:sk-canary@x.example, headers: {'X:sk-canary': }, colour: 1}
  other: {auth_header: Host, has_key: 1, passthrough: 'true', name: 1}
  wrong: x
",
    );
    assert_eq!(
        issue_lines(&reading),
        [
            "warning inline_secret_ignored sources.local 7:5 This value is ignored. Don't put secrets in agent files. Remove it, and write `has_key: true` instead.",
            "error invalid_name sources.bad slug 9:3 The name may contain only letters, digits, `.`, `_` and `-`, because it is the first part of model refs.",
            "error credentials_in_url sources.bad slug.base_url 9:26 The base URL must not carry a \
             user name or password. Leave out everything up to the @ and enter the key in its own \
             field. Did you mean `https://x.example`?",
            "error invalid_headers sources.bad slug.headers 9:67 The value of the key must be a string, not nothing. Write it in quotes.",
            "warning unknown_field sources.bad slug 9:85 Ignored: unknown field `colour`. \
             Known fields: name, base_url, auth_header, headers, pass_headers, passthrough, has_key.",
            "error invalid_header sources.other.auth_header 10:24 The header `host` belongs to the \
             connection and cannot be set.",
            "error invalid_field sources.other.has_key 10:39 This must be `true` or `false`, not a \
             number.",
            "error invalid_field sources.other.passthrough 10:55 This must be `true` or `false`, \
             not a string.",
            "error invalid_field sources.other.name 10:69 This must be a string, not a number. Write \
             it in quotes.",
            "error invalid_field sources.wrong 11:10 This must be a mapping with `base_url`, not a string.",
        ]
    );
    assert!(!format!("{reading:?}").contains("canary"));
    let local = &reading.sources[0];
    assert_eq!(local.entry.name, "Local gateway");
    assert_eq!(local.entry.base_url, "http://localhost:8000/v1");
    assert_eq!(local.entry.auth_header, None, "blank means the usual one");
    assert!(!local.has_key && !local.entry.passthrough);
    let open = &reading.sources[1];
    assert_eq!(
        (open.entry.name.as_str(), open.entry.base_url.as_str()),
        ("open", "")
    );
    let list = with_name("sources:\n  - a\n");
    assert_eq!(codes_of(&list), ["unknown_field sources"]);
    assert!(list.is_valid());
}

#[test]
fn expectations_are_read_strictly() {
    let reading = with_name(
        "expect: {host: ' LITELLM.example ', wire_model: a/b, credential: none}
subagents: {w: {expect: {credential: 'secret:litellm/api-key'}}}
",
    );
    assert_eq!(issue_lines(&reading), [""; 0]);
    let agent = reading.agent.unwrap();
    assert_eq!(
        agent.expect,
        Some(Expectation {
            host: Some("litellm.example".into()),
            wire_model: Some("a/b".into()),
            credential: Some("none".into()),
        })
    );
    assert_eq!(
        agent.subagents["w"]
            .expect
            .as_ref()
            .unwrap()
            .credential
            .as_deref(),
        Some("secret:litellm/api-key")
    );
    for (expect, expected) in [
        (
            "{host: 'https://x.example'}",
            "error invalid_field expect.host 2:16 Write the host alone, without scheme, port and \
             path.",
        ),
        (
            "{credential: sk-canary}",
            "error invalid_field expect.credential 2:22 Write `env:NAME`, `secret:NAME`, or `none` \
             for no credential.",
        ),
        (
            "{credential: 'env:'}",
            "error invalid_field expect.credential 2:22 Write `env:NAME`, `secret:NAME`, or `none` \
             for no credential.",
        ),
        (
            "{wire_model: ~}",
            "error invalid_field expect.wire_model 2:22 This must be a string, not nothing. Leave it \
             out or give it a value.",
        ),
        (
            "x.example",
            "error invalid_field expect 2:9 This must be a mapping with `host`, `wire_model` or \
             `credential`, not a string.",
        ),
    ] {
        assert_eq!(
            issue_lines(&with_name(&format!("expect: {expect}\n"))),
            [expected]
        );
    }
}

#[test]
fn an_expectation_names_everything_that_is_not_met() {
    let mut snapshot = Snapshot {
        managed_gateway: "litellm".into(),
        providers: builtin(),
        ..Snapshot::default()
    };
    snapshot.environment.set.insert("LITELLM_MASTER_KEY".into());
    let table = RoutingTable::new(snapshot);
    let resolve = |model_ref| resolve(&table, &Request::new(model_ref, Operation::Chat));
    let expectation = |host: &str, wire_model: &str, credential: &str| Expectation {
        host: Some(host.into()),
        wire_model: Some(wire_model.into()),
        credential: Some(credential.into()),
    };
    let unmet = |field, expected: &str, found: &str| Unmet {
        field,
        expected: expected.into(),
        found: Some(found.into()),
    };
    let met = expectation("localhost", "gpt-4o", "env:LITELLM_MASTER_KEY");
    assert_eq!(met.unmet(&resolve("litellm/gpt-4o")), []);
    assert_eq!(Expectation::default().unmet(&resolve("litellm/gpt-4o")), []);
    assert_eq!(
        expectation("litellm.example", "gpt-4", "none").unmet(&resolve("litellm/gpt-4o")),
        [
            unmet("host", "litellm.example", "localhost"),
            unmet("wire_model", "gpt-4", "gpt-4o"),
            unmet("credential", "none", "env:LITELLM_MASTER_KEY"),
        ]
    );
    assert_eq!(
        Expectation::default().unmet(&resolve("groq/llama")),
        [unmet("outcome", "routed", "missing_api_key")]
    );
    let nowhere = expectation("localhost", "b", "none").unmet(&resolve("a//b"));
    assert_eq!(nowhere[0], unmet("outcome", "routed", "empty_segment"));
    assert!(nowhere[1..].iter().all(|unmet| unmet.found.is_none()));
}

#[test]
fn a_blocked_gateway_is_left_to_the_resolver() {
    let blocked = BlockedName {
        name: "litellm".into(),
        code: "invalid_base_url".into(),
        message: "The base URL has no host.".into(),
    };
    let catalog = Catalog::new(builtin(), vec![blocked]);
    let reading = with_name("gateways: {litellm: {}, openrouter: {}}\n").checked_against(&catalog);
    assert_eq!(issue_lines(&reading), [""; 0]);
}

#[test]
fn what_routing_does_not_read_may_be_anything() {
    let reading = with_name("deploy: {a: 1, a: 2}\ntags: ~\n1: x\ntags: y\n? [k]\n: v\n");
    assert_eq!(issue_lines(&reading), [""; 0]);
    assert!(reading.is_valid());
}

#[cfg(not(target_family = "wasm"))]
mod total {
    use super::*;
    use proptest::prelude::*;

    /// A document whose fields are the known ones and whose values are anything.
    fn document() -> impl Strategy<Value = String> {
        let value = prop::sample::select(vec![
            "~",
            "1",
            "true",
            "a",
            "''",
            "' '",
            "a//b",
            "[]",
            "{}",
            "[a, 1]",
            "{a: b}",
            "nope",
            "https://x.example/v1",
            "https://u:p@x",
            "{url: 1}",
            "{X: y, x: z}",
            "fastest",
            "\"\\n\"",
            "{model: {primary: x, passthrough: true}}",
            "&a {k: *a}",
            "!!str 1",
            "- ",
        ]);
        let key = prop::sample::select(vec![
            "name",
            "model",
            "gateways",
            "subagents",
            "sources",
            "expect",
            "deploy",
            "<<",
            "1",
            "~",
        ]);
        let inner = prop::sample::select(vec![
            "primary",
            "fallback",
            "gateway",
            "passthrough",
            "source",
            "base_url",
            "url",
            "api_key_env",
            "api_key",
            "default_headers",
            "fallback_policy",
            "model",
            "host",
            "credential",
            "headers",
            "has_key",
            "litellm",
            "x",
            "<<",
            "1",
        ]);
        let pairs = prop::collection::vec((inner, value.clone()), 0..4);
        let field = (
            key,
            prop::collection::vec((pairs, "[a-z:/]{1,4}"), 0..3),
            value,
        );
        prop::collection::vec(field, 0..6).prop_map(|fields| {
            let mut text = String::new();
            for (key, blocks, value) in fields {
                text.push_str(&format!("{key}:"));
                if blocks.is_empty() {
                    text.push_str(&format!(" {value}\n"));
                    continue;
                }
                text.push('\n');
                for (pairs, name) in blocks {
                    text.push_str(&format!("  '{name}':\n"));
                    for (inner, value) in pairs {
                        text.push_str(&format!("    {inner}: {value}\n"));
                    }
                }
            }
            text
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]

        #[test]
        fn no_text_panics(text in any::<String>()) {
            let _ = read_agent(&text);
        }

        #[test]
        fn a_document_is_valid_or_says_why(text in document()) {
            let reading = read_agent(&text).checked_against(&Catalog::new(builtin(), Vec::new()));
            let errors = reading.problems.iter().any(|problem| problem.severity == Severity::Error);
            prop_assert_eq!(reading.is_valid(), !errors, "{}", text);
            prop_assert!(reading.problems.iter().all(|problem| problem.line >= 1 && problem.column >= 1));
        }
    }
}
