//! Which packages each part may depend on.

use crate::source::{assert_none, file, files};
use std::collections::BTreeSet;

/// The names in the sections of a manifest whose heading this accepts.
fn dependencies(manifest: &str, section: impl Fn(&str) -> bool) -> BTreeSet<String> {
    let manifest = file(manifest);
    let mut names = BTreeSet::new();
    let mut inside = false;
    for line in manifest.text.lines() {
        if let Some(heading) = line.strip_prefix('[') {
            inside = section(heading.trim_end_matches(']'));
        } else if inside
            && !line.starts_with([' ', '#', '}', ']'])
            && let Some((name, _)) = line.split_once('=')
        {
            let name = name.trim().trim_end_matches(".workspace");
            names.insert(name.to_owned());
        }
    }
    names
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn the_browser_loads_only_these_packages() {
    let allowed = [
        "waypost-routing",
        "waypost-api-types",
        "leptos",
        "leptos_router",
        "gloo-net",
        "serde",
        "serde_json",
        "wasm-bindgen",
        "web-sys",
    ];
    assert_eq!(
        dependencies("Cargo.toml", |section| section == "dependencies"),
        set(&allowed),
        "every further package in the browser costs each visitor its bytes"
    );
}

#[test]
fn routing_depends_on_little() {
    assert_eq!(
        dependencies("crates/routing/Cargo.toml", |section| section
            == "dependencies"),
        set(&["serde", "saphyr-parser", "strsim", "utoipa"]),
    );
}

#[test]
fn api_types_depend_on_serde_and_routing() {
    assert_eq!(
        dependencies("crates/api-types/Cargo.toml", |section| section
            == "dependencies"),
        set(&["serde", "utoipa", "waypost-routing"]),
    );
}

#[test]
fn the_store_depends_on_routing_and_api_types() {
    let ours: BTreeSet<String> = dependencies("crates/store/Cargo.toml", |section| {
        section == "dependencies"
    })
    .into_iter()
    .filter(|name| name.starts_with("waypost-"))
    .collect();
    assert_eq!(ours, set(&["waypost-routing", "waypost-api-types"]));
}

#[test]
fn egress_depends_on_no_other_part_but_routing() {
    let parts: BTreeSet<String> = dependencies("crates/egress/Cargo.toml", |section| {
        section.ends_with("dependencies")
    })
    .into_iter()
    .filter(|name| name.starts_with("waypost-"))
    .collect();
    assert_eq!(parts, set(&["waypost-routing"]));
}

#[test]
fn only_egress_depends_on_an_http_client() {
    let mut offences = Vec::new();
    for manifest in files(".", "Cargo.toml") {
        let names = dependencies(&manifest.path, |section| section.ends_with("dependencies"));
        for client in ["reqwest", "ureq", "isahc", "hyper-rustls"] {
            if names.contains(client) && manifest.path != "crates/egress/Cargo.toml" {
                offences.push(format!("{} depends on {client}", manifest.path));
            }
        }
    }
    assert_none("There is one way out of Waypost.", &offences);
}

#[test]
fn test_support_is_enabled_for_tests_alone() {
    let mut offences = Vec::new();
    for manifest in files(".", "Cargo.toml") {
        let mut section = "";
        for line in manifest.text.lines() {
            if let Some(heading) = line.strip_prefix('[') {
                section = heading.trim_end_matches(']');
            } else if line.contains("\"test-support\"") && !section.ends_with("dev-dependencies") {
                offences.push(format!("{}: [{section}] enables it", manifest.path));
            }
        }
    }
    assert_none(
        "The feature lets a caller trust other certificates and resolve names itself.",
        &offences,
    );
}

#[test]
fn api_schemas_stay_out_of_the_browser() {
    for manifest in ["crates/routing/Cargo.toml", "crates/api-types/Cargo.toml"] {
        let text = file(manifest).text;
        assert!(
            text.contains("utoipa = { version = \"6\", optional = true }")
                && text.contains("default = []"),
            "{manifest}: utoipa is for the control plane alone"
        );
    }
}

#[test]
fn the_lock_file_of_npm_names_no_address() {
    let lock = file("tests/e2e/package-lock.json");
    assert!(
        !lock.text.contains("\"resolved\"") && !lock.text.contains("://"),
        "packages are fetched from the registry that the user has set up"
    );
}
