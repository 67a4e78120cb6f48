//! `waypost providers check`.

use crate::support::Home;
use serde_json::json;

#[test]
fn a_valid_file_is_status_0_and_its_entries_are_effective() {
    let home = Home::new();
    home.write(
        ".waypost/providers.local.yaml",
        "version: 1\nproviders:\n  mygw:\n    type: gateway\n    base_url: https://gw.example/v1/\n    api_key_env: MYGW_KEY\n    default_headers:\n      X-Tenant: t\n",
    );
    let done = home.run(&["providers", "check", "--json"], &[]);
    assert_eq!(done.status(), 0, "{}", done.errors());
    let report = done.json();
    assert_eq!(report["entry_count"], 11);
    insta::assert_json_snapshot!("entry", report["entries"]["mygw"]);
    assert_eq!(report["entries"]["openrouter"]["source"], "builtin");
    assert_eq!(
        (&report["errors"], &report["warnings"]),
        (&json!([]), &json!([]))
    );
}

#[test]
fn every_problem_is_reported_with_its_place_and_status_1() {
    let home = Home::new();
    home.write(
        "bad.yaml",
        "providers:\n  good:\n    base_url: https://good.example/v1\n    api_key_env: GOOD_KEY\n    api_key: sk-canary-0123456789\n  groq:\n    base_url: ftp://groq.example\n    api_key_env: GROQ_API_KEY\n  second:\n    base_url: https://second.example/v1/models\n    api_key_env: SECOND_KEY\n",
    );
    let path = home.path().join("bad.yaml");
    let done = home.run(
        &[
            "providers",
            "check",
            "--json",
            "--providers",
            path.to_str().unwrap(),
        ],
        &[],
    );
    assert_eq!(done.status(), 1);
    assert!(!done.output().contains("canary"));
    let report = done.json();
    // The built-in entry of the blocked name stays listed; the good entry is loaded.
    assert_eq!(report["entry_count"], 11);
    let placed: Vec<_> = report["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| {
            (
                error["entry"].as_str().unwrap(),
                error["code"].as_str().unwrap(),
                error["line"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        placed,
        [
            ("groq", "invalid_base_url", 7),
            ("second", "base_url_is_endpoint", 10)
        ]
    );
    assert_eq!(report["warnings"][0]["code"], "inline_secret_ignored");
    let readable = home.run(
        &["providers", "check", "--providers", path.to_str().unwrap()],
        &[],
    );
    assert_eq!(readable.status(), 1);
    assert!(
        readable.output().contains("error at 7:"),
        "{}",
        readable.output()
    );
}

#[test]
fn the_file_is_optional_unless_it_is_named() {
    let home = Home::new();
    let done = home.run(&["providers", "check", "--json"], &[]);
    assert_eq!(
        (done.status(), &done.json()["entry_count"]),
        (0, &json!(10))
    );
    let blank = home.run(
        &["providers", "check", "--json"],
        &[("WAYPOST_PROVIDERS_FILE", " ")],
    );
    assert_eq!(
        (blank.status(), &blank.json()["entry_count"]),
        (0, &json!(10))
    );
    let done = home.run(
        &[
            "providers",
            "check",
            "--json",
            "--providers",
            "/nowhere/providers.yaml",
        ],
        &[],
    );
    assert_eq!(done.status(), 1);
    assert_eq!(done.json()["errors"][0]["code"], "unreadable");
    assert_eq!(home.run(&["providers"], &[]).status(), 2);
}
