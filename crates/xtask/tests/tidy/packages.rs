//! Which packages each part may depend on.

use crate::source::{assert_none, file, files};
use std::collections::BTreeSet;
use toml::Table;

/// What each package of the workspace may depend on inside the workspace. The control plane puts
/// everything together, except the dashboard, which it serves as bytes.
const MAY_DEPEND_ON: [(&str, &[&str]); 11] = [
    ("waypost-routing", &[]),
    ("waypost-api-types", &["waypost-routing"]),
    (
        "waypost-dashboard",
        &["waypost-routing", "waypost-api-types"],
    ),
    ("waypost-system", &[]),
    ("waypost-egress", &["waypost-routing"]),
    ("waypost-store", &["waypost-routing", "waypost-system"]),
    (
        "waypost-secrets",
        &["waypost-routing", "waypost-egress", "waypost-system"],
    ),
    (
        "waypost-forwarding",
        &["waypost-routing", "waypost-egress", "waypost-system"],
    ),
    (
        "waypost-control-plane",
        &[
            "waypost-routing",
            "waypost-api-types",
            "waypost-egress",
            "waypost-secrets",
            "waypost-store",
            "waypost-system",
            "waypost-forwarding",
        ],
    ),
    // It measures Waypost from outside.
    ("waypost-load", &[]),
    ("xtask", &[]),
];

/// A manifest by its path from the root.
fn manifest(path: &str) -> Table {
    let text = file(path).text;
    text.parse()
        .unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The names in a table of dependencies, if there is one.
fn names(table: &Table, section: &str) -> BTreeSet<String> {
    let section = table.get(section).and_then(|section| section.as_table());
    section
        .into_iter()
        .flat_map(|section| section.keys().cloned())
        .collect()
}

/// The tables of a manifest that can list dependencies: the manifest itself and one per platform.
fn platforms(manifest: &Table) -> Vec<&Table> {
    let targets = manifest.get("target").and_then(|target| target.as_table());
    let targets = targets.into_iter().flat_map(|targets| targets.values());
    let tables = targets.filter_map(|target| target.as_table());
    std::iter::once(manifest).chain(tables).collect()
}

/// What a package is built from, on every platform: without what only its tests need.
fn dependencies(manifest: &Table) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for table in platforms(manifest) {
        found.extend(names(table, "dependencies"));
        found.extend(names(table, "build-dependencies"));
    }
    found
}

/// What only the tests of a package need, on every platform.
fn development_dependencies(manifest: &Table) -> BTreeSet<String> {
    let tables = platforms(manifest).into_iter();
    tables
        .flat_map(|table| names(table, "dev-dependencies"))
        .collect()
}

/// The manifests of the workspace. The fuzz targets are another workspace.
fn manifests() -> Vec<String> {
    let mut paths: Vec<String> = files(".", "Cargo.toml")
        .into_iter()
        .map(|file| file.path)
        .collect();
    paths.retain(|path| !path.contains("/fuzz/"));
    paths
}

#[test]
fn dependencies_run_one_way() {
    let mut offences = Vec::new();
    for path in manifests() {
        let manifest = manifest(&path);
        let name = manifest["package"]["name"].as_str().unwrap_or_default();
        let Some((_, allowed)) = MAY_DEPEND_ON.iter().find(|(package, _)| *package == name) else {
            offences.push(format!("{path}: {name} has no place in MAY_DEPEND_ON"));
            continue;
        };
        let workspace = |dependency: &String| dependency.starts_with("waypost-");
        for dependency in dependencies(&manifest).into_iter().filter(workspace) {
            if !allowed.contains(&dependency.as_str()) {
                offences.push(format!("{name} depends on {dependency}"));
            }
        }
    }
    assert_none(
        "What is underneath does not know what is built on it, so that each part can be read, tested and replaced alone.",
        &offences,
    );
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
        dependencies(&manifest("Cargo.toml")),
        set(&allowed),
        "every further package in the browser costs each visitor its bytes"
    );
}

#[test]
fn routing_depends_on_little() {
    assert_eq!(
        dependencies(&manifest("crates/routing/Cargo.toml")),
        set(&[
            "arc-swap",
            "rustc-hash",
            "saphyr-parser",
            "serde",
            "serde_json",
            "strsim",
            "utoipa"
        ]),
    );
}

#[test]
fn api_types_depend_on_serde_and_routing() {
    assert_eq!(
        dependencies(&manifest("crates/api-types/Cargo.toml")),
        set(&["serde", "utoipa", "waypost-routing"]),
    );
}

#[test]
fn only_egress_depends_on_an_http_client() {
    let mut offences = Vec::new();
    for path in manifests() {
        let manifest = manifest(&path);
        let mut names = dependencies(&manifest);
        names.extend(development_dependencies(&manifest));
        for client in [
            "reqwest",
            "ureq",
            "isahc",
            "hyper-rustls",
            "aws-smithy-http-client",
        ] {
            if names.contains(client) && path != "crates/egress/Cargo.toml" {
                offences.push(format!("{path} depends on {client}"));
            }
        }
    }
    assert_none("There is one way out of Waypost.", &offences);
}

#[test]
fn only_xtask_runs_commands_and_reads_code() {
    let mut offences = Vec::new();
    for path in manifests() {
        let manifest = manifest(&path);
        let mut names = dependencies(&manifest);
        names.extend(development_dependencies(&manifest));
        for tool in ["xshell", "syn"] {
            let is_xtask = path == "crates/xtask/Cargo.toml";
            assert!(!is_xtask || names.contains(tool), "xtask has {tool}");
            if names.contains(tool) && !is_xtask {
                offences.push(format!("{path} depends on {tool}"));
            }
        }
    }
    assert_none(
        "Waypost runs no commands and reads no Rust; its build tool does.",
        &offences,
    );
}

#[test]
fn test_support_is_enabled_for_tests_alone() {
    let mut offences = Vec::new();
    for path in manifests() {
        for table in platforms(&manifest(&path)) {
            for section in ["dependencies", "build-dependencies"] {
                let section = table.get(section).and_then(|section| section.as_table());
                for (name, dependency) in section.into_iter().flatten() {
                    if dependency.to_string().contains("\"test-support\"") {
                        offences.push(format!("{path} enables it in {name}"));
                    }
                }
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
    assert!(
        file("crates/routing/Cargo.toml")
            .text
            .contains("arc-swap = { version = \"1.7\", optional = true }"),
        "arc-swap is for the control plane alone"
    );
}

#[test]
fn the_lock_files_of_npm_name_no_address() {
    for lock in [
        "tests/e2e/package-lock.json",
        "tests/e2e/clients/package-lock.json",
        "tests/e2e/peers/package-lock.json",
    ] {
        let text = file(lock).text;
        assert!(
            !text.contains("\"resolved\"") && !text.contains("://"),
            "{lock}: packages are fetched from the registry that the user has set up"
        );
    }
}
