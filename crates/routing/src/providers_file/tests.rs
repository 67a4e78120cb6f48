use super::*;
use crate::catalog::{Layer, ProviderKind};
use crate::time_limits::TimeLimits;

/// What was reported, one line each: `severity code entry line:column message`.
fn issue_lines(file: &ProvidersFile) -> Vec<String> {
    let tell = |issue: &FileIssue| {
        let severity = match issue.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let entry = issue.entry.as_deref().unwrap_or("-");
        let line = issue.line.map_or("?".to_owned(), |line| line.to_string());
        let column = issue
            .column
            .map_or("?".to_owned(), |column| column.to_string());
        format!(
            "{severity} {} {entry} {line}:{column} {}",
            issue.code, issue.message
        )
    };
    file.issues.iter().map(tell).collect()
}

fn names(file: &ProvidersFile) -> Vec<&str> {
    file.entries
        .iter()
        .map(|entry| entry.name.as_str())
        .collect()
}

fn blocked(file: &ProvidersFile) -> Vec<(&str, &str)> {
    file.blocked
        .iter()
        .map(|name| (name.name.as_str(), name.code.as_str()))
        .collect()
}

/// One entry `p` with the given lines, which are complete but for what a test is about.
fn entry(lines: &[&str]) -> ProvidersFile {
    let mut text = "providers:\n  p:\n".to_owned();
    for line in lines {
        text.push_str(&format!("    {line}\n"));
    }
    read(text.as_bytes())
}

const BASE: &str = "base_url: https://gw.example/v1";
const KEY: &str = "api_key_env: GW_KEY";

#[test]
fn headers_that_are_passed_on_are_a_list_of_names() {
    let read = |list: &str| entry(&[BASE, KEY, &format!("pass_headers: {list}")]);
    let file = read("[OpenAI-Organization, x-tenant]");
    assert_eq!(
        file.entries[0].pass_headers,
        ["openai-organization", "x-tenant"]
    );
    assert!(file.issues.is_empty());
    for (list, code) in [
        ("x-tenant", "invalid_headers"),
        ("[1]", "invalid_headers"),
        ("~", "invalid_headers"),
        ("[x-tenant, Authorization]", "invalid_header"),
        ("[cookie]", "invalid_header"),
        ("['x-stainless-*']", "invalid_header"),
    ] {
        let file = read(list);
        assert!(file.entries.is_empty(), "{list}");
        assert_eq!(file.issues[0].code, code, "{list}");
        assert!(file.issues[0].message.starts_with("`pass_headers`: "));
    }
}

#[test]
fn limits_are_whole_numbers_of_seconds_within_their_bounds() {
    let read = |block: &str| entry(&[BASE, KEY, &format!("limits: {block}")]);
    let file = read("{ connect_seconds: 2, answer_seconds: 1800 }");
    assert!(file.issues.is_empty(), "{:?}", file.issues);
    let expected = TimeLimits {
        connect_seconds: Some(2),
        answer_seconds: Some(1800),
        ..TimeLimits::default()
    };
    assert_eq!(file.entries[0].limits, expected);
    for (block, named) in [
        ("{ connect_seconds: 61 }", "from 1 to 60"),
        ("{ idle_seconds: '5' }", "`idle_seconds` must be"),
        (
            "{ first_byte_seconds: 1.5 }",
            "`first_byte_seconds` must be",
        ),
        ("{ idle_second: 5 }", "Did you mean `idle_seconds`?"),
        ("{ idle_seconds: 5, idle_seconds: 6 }", "more than one"),
        ("5", "a mapping of limits to seconds"),
    ] {
        let file = read(block);
        assert!(file.entries.is_empty(), "{block}");
        assert_eq!(file.issues[0].code, "invalid_limits", "{block}");
        let message = &file.issues[0].message;
        assert!(message.contains(named), "{block}: {message}");
    }
}

#[test]
fn a_whole_entry_is_read() {
    let file = entry(&[
        "type: gateway",
        "base_url: ' HTTPS://GW.example:443/v1/ '",
        KEY,
        "default_headers:",
        "  X-Tenant: north",
        "  X-Empty: ''",
        "docs: https://gw.example/models?tab=1#top",
        "notable_models: [openai/gpt-4o, 'local:7b']",
        "source: user-local",
    ]);
    assert_eq!(issue_lines(&file), [""; 0]);
    let headers = [("X-Tenant", "north"), ("X-Empty", "")];
    assert_eq!(
        file.entries,
        [ProviderEntry {
            name: "p".into(),
            kind: ProviderKind::Gateway,
            layer: Layer::UserLocal,
            base_url: "https://gw.example/v1".into(),
            api_key_env: Some("GW_KEY".into()),
            default_headers: headers.map(|(n, v)| (n.into(), v.into())).into(),
            docs: Some("https://gw.example/models?tab=1#top".into()),
            notable_models: vec!["openai/gpt-4o".into(), "local:7b".into()],
            limits: Default::default(),
            pass_headers: Vec::new(),
        }]
    );
}

#[test]
fn the_type_defaults_to_a_direct_provider() {
    let file = entry(&[BASE, KEY]);
    assert_eq!(file.entries[0].kind, ProviderKind::OpenaiCompatible);
    let file = entry(&[BASE, KEY, "type: openai_compatible"]);
    assert_eq!(file.entries[0].kind, ProviderKind::OpenaiCompatible);
}

#[test]
fn files_without_entries_are_valid() {
    for text in [
        "",
        "# hi\n",
        "version: 1\n",
        "providers:\n",
        "providers: {}\n",
        "~\n",
    ] {
        assert_eq!(read(text.as_bytes()), ProvidersFile::default(), "{text:?}");
    }
}

#[test]
fn a_version_is_a_whole_number_quoted_or_not() {
    for version in ["1", "2", "'1'", "\"10\"", "0x1"] {
        let file = read(format!("version: {version}\n").as_bytes());
        assert_eq!(issue_lines(&file), [""; 0], "{version}");
    }
    for version in ["x", "1.0", "-1", "'-1'", "true", "", "''", "[1]", "'1 '"] {
        let file = read(format!("version: {version}\n").as_bytes());
        assert!(file.whole_file_failed, "{version}");
        assert_eq!(file.issues[0].code, "invalid_version", "{version}");
        assert_eq!(
            file.issues[0].message,
            "`version` must be a whole number, such as 1."
        );
    }
}

#[test]
fn errors_of_the_whole_file_load_nothing() {
    let good = "providers: {p: {base_url: https://gw.example, api_key_env: K}}";
    for (text, expected) in [
        (
            "a: [\n".to_owned(),
            "error yaml_syntax - 2:1 This is not valid YAML: while parsing a node, did not find \
             expected node content.",
        ),
        (
            "- a\n".to_owned(),
            "error not_a_mapping - 1:1 The providers file must be a mapping with `providers`, not \
             a list.",
        ),
        (
            format!("version: x\n{good}\n"),
            "error invalid_version - 1:10 `version` must be a whole number, such as 1.",
        ),
        (
            format!("version: 1\nversion: 2\n{good}\n"),
            "error invalid_version - 2:1 There is more than one `version` in the file.",
        ),
        (
            "providers:\n  - a\n".to_owned(),
            "error invalid_providers - 2:3 `providers` must be a mapping of names to entries, not \
             a list.",
        ),
        (
            format!("{good}\n{good}\n"),
            "error invalid_providers - 2:1 There is more than one `providers` in the file.",
        ),
    ] {
        let file = read(text.as_bytes());
        assert_eq!(issue_lines(&file), [expected], "{text}");
        assert!(file.whole_file_failed, "{text}");
        assert!(file.entries.is_empty() && file.blocked.is_empty(), "{text}");
    }
}

#[test]
fn a_byte_that_is_no_utf8_is_shown_where_it_stands() {
    let file = read(b"version: 1\n# caf\xe9\n");
    assert!(file.whole_file_failed);
    assert_eq!(
        issue_lines(&file),
        ["error not_utf8 - 2:6 The providers file must be UTF-8 text; the byte here is not."]
    );
}

#[test]
fn what_cannot_be_read_has_no_place() {
    let file = ProvidersFile::unreadable("it is a directory");
    assert!(file.whole_file_failed);
    assert_eq!(
        issue_lines(&file),
        ["error unreadable - ?:? The providers file cannot be read: it is a directory."]
    );
    let file = read(&vec![b'#'; yaml::MAX_BYTES + 1]);
    assert_eq!(
        issue_lines(&file),
        ["error unreadable - ?:? The providers file cannot be read: it is larger than 1 MiB."]
    );
}

#[test]
fn one_bad_entry_leaves_the_others_and_blocks_its_name() {
    let file = read(
        b"providers:
  good: {base_url: https://g.example/v1, api_key_env: K1}
  bad: {base_url: nope, api_key_env: K1}
  late: {base_url: https://l.example/v1, api_key_env: K1}
",
    );
    assert!(!file.whole_file_failed);
    assert_eq!(names(&file), ["good", "late"]);
    assert_eq!(blocked(&file), [("bad", "invalid_base_url")]);
    assert_eq!(
        file.blocked[0].message,
        "The base URL must begin with http:// or https://."
    );
}

#[test]
fn every_problem_of_an_entry_is_reported_at_once() {
    let file = read(
        b"version: 1
extra: 1
providers:
  my proxy:
    type: Gateway
    api_key_env: my key=1
    default_headers: {Host: x, X-A: true, X-B: \"a\\nb\", x-c: 1}
    docs: ftp://x
    notable_models: gpt
    source: elsewhere
    colour: blue
    api_key: sk-canary
",
    );
    assert_eq!(
        issue_lines(&file),
        [
            "warning unknown_field - 2:1 Ignored: unknown field `extra`. Known fields: version, \
             providers.",
            "error invalid_name my proxy 4:3 The name may contain only letters, digits, `.`, `_` and `-`, because it is the first part of model refs.",
            "error missing_base_url my proxy 4:3 The entry needs a `base_url`, for example \
             https://gateway.example/v1.",
            "error invalid_type my proxy 5:11 `type` must be `gateway` or `openai_compatible`.",
            "error invalid_api_key_env my proxy 6:18 `api_key_env` must be the name of an \
             environment variable (letters, digits and `_`), not the key itself.",
            "error invalid_header my proxy 7:23 The header `host` belongs to the connection and \
             cannot be set.",
            "error invalid_headers my proxy 7:37 The value of `X-A` must be a string, not a boolean. Write it in quotes.",
            "error invalid_header my proxy 7:48 `X-B`: A header value consists of visible ASCII \
             characters and inner spaces only.",
            "error invalid_headers my proxy 7:61 The value of `x-c` must be a string, not a number. \
             Write it in quotes.",
            "error invalid_docs my proxy 8:11 `docs` must be a URL that begins with http:// or \
             https://.",
            "error invalid_notable_models my proxy 9:21 `notable_models` must be a list of model \
             names, not a string.",
            "error invalid_source my proxy 10:13 `source` must be `user-local` here; it can be \
             left out.",
            "warning unknown_field my proxy 11:5 Ignored: unknown field `colour`. Known fields: \
             type, base_url, api_key_env, default_headers, pass_headers, limits, docs, notable_models, source.",
            "warning inline_secret_ignored my proxy 12:5 This key is ignored. Don't put keys in the providers file. Name its environment variable in `api_key_env`, or enter it in the dashboard.",
        ]
    );
    assert_eq!(blocked(&file), [("my proxy", "invalid_name")]);
}

#[test]
fn absent_null_and_empty_are_all_missing() {
    for value in ["", " ~", " null", " ''", " \"\""] {
        let file = entry(&[&format!("base_url:{value}"), KEY]);
        assert_eq!(blocked(&file), [("p", "missing_base_url")], "{value}");
        let file = entry(&[BASE, &format!("api_key_env:{value}")]);
        assert_eq!(blocked(&file), [("p", "missing_api_key_env")], "{value}");
    }
    assert_eq!(
        issue_lines(&read(b"providers:\n  p:\n  q: {}\n")).len(),
        4,
        "both are missing in an entry that is null or empty"
    );
    assert_eq!(
        issue_lines(&entry(&["base_url: '  '", KEY])),
        ["error missing_base_url p 3:15 Enter a base URL, for example https://gateway.example/v1."]
    );
}

#[test]
fn base_urls_are_refused_with_their_own_code() {
    for (url, code) in [
        ("5", "invalid_base_url"),
        ("[https://gw.example]", "invalid_base_url"),
        ("${GW_URL}", "invalid_base_url"),
        ("ftp://x/v1", "invalid_base_url"),
        ("http://h:70000/v1", "invalid_base_url"),
        ("https://gw.example/v1?a=b", "invalid_base_url"),
        ("https://bücher.example", "invalid_base_url"),
        ("https://u:canary@gw.example/v1", "credentials_in_url"),
        ("https://gw.example/v1/models", "base_url_is_endpoint"),
    ] {
        let file = entry(&[&format!("base_url: {url}"), KEY]);
        assert_eq!(blocked(&file), [("p", code)], "{url}");
        assert_eq!(
            (file.issues[0].line, file.issues[0].column),
            (Some(3), Some(15))
        );
        assert!(!format!("{:?}", file.issues).contains("canary"));
    }
    assert_eq!(
        issue_lines(&entry(&[
            "base_url: https://gw.example/v1/chat/completions",
            KEY
        ])),
        [
            "error base_url_is_endpoint p 3:15 The base URL ends in /chat/completions, which \
             Waypost adds itself. Enter the part before it. Did you mean `https://gw.example/v1`?"
        ]
    );
}

#[test]
fn a_name_that_is_no_text_blocks_what_it_looks_like() {
    for (key, name) in [("123", "123"), ("~", "~"), ("true", "true"), ("1.5", "1.5")] {
        let text =
            format!("providers:\n  {key}: {{base_url: https://g.example, api_key_env: K}}\n");
        let file = read(text.as_bytes());
        assert_eq!(blocked(&file), [(name, "invalid_name")], "{key}");
        assert!(file.entries.is_empty());
    }
    let file = read(b"providers:\n  123: {base_url: https://g.example, api_key_env: K}\n");
    assert_eq!(
        issue_lines(&file),
        ["error invalid_name 123 2:3 The name must be a string, not a number. Write it in quotes."]
    );
    let quoted = read(b"providers:\n  '123': {base_url: https://g.example, api_key_env: K}\n");
    assert_eq!(names(&quoted), ["123"]);
}

#[test]
fn an_entry_that_is_no_mapping_lacks_its_base_url() {
    assert_eq!(
        issue_lines(&read(b"providers:\n  p: https://gw.example\n")),
        [
            "error missing_base_url p 2:6 The entry must be a mapping with `base_url` and \
             `api_key_env`, not a string."
        ]
    );
}

#[test]
fn a_name_that_stands_twice_loads_neither_entry() {
    let file = read(
        b"providers:
  p: {base_url: https://a.example, api_key_env: K}
  q: {base_url: https://q.example, api_key_env: K}
  p: {base_url: https://b.example, api_key_env: K}
  P: {base_url: https://c.example, api_key_env: K}
",
    );
    assert_eq!(names(&file), ["q", "P"], "names have a case");
    assert_eq!(blocked(&file), [("p", "duplicate_entry")]);
    assert_eq!(
        issue_lines(&file),
        ["error duplicate_entry p 4:3 The name is used twice, so neither entry is loaded."]
    );
}

#[test]
fn a_field_that_stands_twice_is_an_error_of_that_field() {
    for (line, code) in [
        (BASE, "invalid_base_url"),
        (KEY, "invalid_api_key_env"),
        ("type: gateway", "invalid_type"),
        ("default_headers: {}", "invalid_headers"),
        ("docs: https://d.example", "invalid_docs"),
        ("notable_models: []", "invalid_notable_models"),
        ("source: user-local", "invalid_source"),
    ] {
        let mut lines = vec![BASE, KEY];
        lines.retain(|other| *other != line);
        lines.extend([line, line]);
        assert_eq!(blocked(&entry(&lines)), [("p", code)], "{line}");
    }
    let file = entry(&[BASE, KEY, BASE]);
    assert_eq!(
        issue_lines(&file),
        ["error invalid_base_url p 5:5 There is more than one `base_url` in the entry."]
    );
}

#[test]
fn headers_are_a_mapping_of_texts() {
    for headers in ["", " ~", " x", " [X]", " {X: 1}", " {1: x}", " {X: ~}"] {
        let file = entry(&[BASE, KEY, &format!("default_headers:{headers}")]);
        assert_eq!(blocked(&file), [("p", "invalid_headers")], "{headers}");
    }
    for headers in [
        " {'X Y': a}",
        " {'': a}",
        " {X: 'ä'}",
        " {X: ' a'}",
        " {Proxy-A: a}",
    ] {
        let file = entry(&[BASE, KEY, &format!("default_headers:{headers}")]);
        assert_eq!(blocked(&file), [("p", "invalid_header")], "{headers}");
    }
    let file = entry(&[BASE, KEY, "default_headers: {X-A: a, X-B: b, x-a: c}"]);
    assert_eq!(
        issue_lines(&file),
        [
            "error invalid_headers p 5:39 The header `x-a` is given twice; names are compared \
             without case."
        ]
    );
    let many: Vec<String> = (0..40).map(|number| format!("X-{number}: a")).collect();
    let file = entry(&[
        BASE,
        KEY,
        &format!("default_headers: {{{}}}", many.join(", ")),
    ]);
    let lines = issue_lines(&file);
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(
        lines[0].ends_with(" There are more than 32 headers."),
        "{lines:?}"
    );
}

#[test]
fn docs_are_a_page_that_a_browser_may_open() {
    for docs in [
        "https://d.example",
        "HTTP://d.example/a?b#c",
        "' https://d.example '",
    ] {
        let file = entry(&[BASE, KEY, &format!("docs: {docs}")]);
        assert_eq!(issue_lines(&file), [""; 0], "{docs}");
    }
    for docs in [
        "",
        "''",
        "1",
        "d.example",
        "javascript:alert(1)",
        "https://",
        "https://u:p@d.example",
        "'https://d.example/a b'",
        "'https://d.example/\"'",
    ] {
        let file = entry(&[BASE, KEY, &format!("docs: {docs}")]);
        assert_eq!(blocked(&file), [("p", "invalid_docs")], "{docs}");
    }
}

#[test]
fn notable_models_are_a_list_of_names() {
    for models in [
        "gpt",
        "",
        "{a: b}",
        "[1]",
        "['']",
        "[' a']",
        "[[a]]",
        "[\"a\\nb\"]",
    ] {
        let file = entry(&[BASE, KEY, &format!("notable_models: {models}")]);
        assert_eq!(
            blocked(&file),
            [("p", "invalid_notable_models")],
            "{models}"
        );
    }
}

#[test]
fn only_known_layers_are_a_source() {
    for source in ["builtin", "user-local", "workspace"] {
        let file = entry(&[BASE, KEY, &format!("source: {source}")]);
        assert_eq!(file.entries[0].layer, Layer::UserLocal, "{source}");
    }
    for source in ["", "Builtin", "1", "[builtin]"] {
        let file = entry(&[BASE, KEY, &format!("source: {source}")]);
        assert_eq!(blocked(&file), [("p", "invalid_source")], "{source}");
    }
}

#[test]
fn a_written_key_is_never_repeated() {
    let text = "
providers:
  p:
    base_url: https://u:sk-canary@gw.example/v1
    api_key_env: sk-canary
    api_key: sk-canary
    api-key: sk-canary
    apiKey: [sk-canary]
    default_headers: {X: \"sk-canary\\n\", 'bad name': sk-canary}
    ? api_key:sk-canary
    type: sk-canary
    docs: sk-canary
    notable_models: sk-canary
    source: sk-canary
    token: sk-canary
version: sk-canary
";
    let file = read(text.as_bytes());
    assert_eq!(file.issues.len(), 14, "{:#?}", issue_lines(&file));
    assert!(!format!("{file:?}").contains("canary"));
}

#[test]
fn a_mistyped_field_is_reported_with_what_was_meant() {
    assert_eq!(
        issue_lines(&entry(&["base_ulr: https://gw.example", KEY]))[1],
        "warning unknown_field p 3:5 Ignored: unknown field `base_ulr`. Did you mean `base_url`?"
    );
}

#[test]
fn merge_keys_and_anchors_share_fields_between_entries() {
    let file = read(
        b"base: &base {base_url: https://gw.example, api_key_env: K}
providers:
  p:
    <<: *base
",
    );
    assert_eq!(
        issue_lines(&file),
        [
            "warning unknown_field - 1:1 Ignored: unknown field `base`. Known fields: version, providers."
        ]
    );
    assert_eq!(blocked(&file), []);
    assert_eq!(file.entries[0].base_url, "https://gw.example");
    assert_eq!(file.entries[0].api_key_env.as_deref(), Some("K"));
}

#[test]
fn an_unexpanded_variable_is_a_warning() {
    let file = entry(&[
        "base_url: https://gw.example/v1",
        "api_key_env: GW_KEY",
        "default_headers: { x-team: '${TEAM}' }",
        "docs: https://docs.example/{{version}}",
    ]);
    let shown: Vec<String> = issue_lines(&file)
        .into_iter()
        .map(|line| line.split(", which").next().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(
        shown,
        [
            "warning unexpanded_variable p 5:32 This contains `${…}`",
            "warning unexpanded_variable p 6:11 This contains `{{ … }}`",
        ]
    );
    assert_eq!(names(&file), ["p"]);
}

#[cfg(not(target_family = "wasm"))]
mod total {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&bytes);
        }

        #[test]
        fn a_name_is_either_loaded_or_blocked(
            fields in prop::collection::vec(("[a-z_]{1,15}|base_url|api_key_env|type|docs", "[ -~]{0,20}|https://gw[.]example|K"), 0..6),
            name in "[a-zA-Z0-9 ]{1,6}",
        ) {
            let mut text = format!("providers:\n  {}:\n", serde_json::to_string(&name).unwrap());
            for (key, value) in fields {
                text.push_str(&format!("    {key}: {}\n", serde_json::to_string(&value).unwrap()));
            }
            let file = read(text.as_bytes());
            let loaded = file.entries.iter().any(|entry| entry.name == name);
            let blocked = file.blocked.iter().any(|entry| entry.name == name);
            prop_assert!(loaded != blocked, "{}", text);
        }
    }
}
