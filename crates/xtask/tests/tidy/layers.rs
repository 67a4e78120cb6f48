//! Who may know whom.

use crate::source::{File, assert_none, file, files, has_word};

/// The files of a folder that name something which only `allowed` may name.
fn offenders(files: &[File], name: &str, allowed: &[&str]) -> Vec<String> {
    files
        .iter()
        .filter(|file| !allowed.iter().any(|allowed| file.path.starts_with(allowed)))
        .filter(|file| file.names(name))
        .map(|file| format!("{} names {name}", file.path))
        .collect()
}

#[test]
fn components_know_neither_api_nor_state_nor_paths() {
    let mut offences = Vec::new();
    for file in files("src/components", ".rs") {
        let code = file.code();
        for import in crate_paths(&code) {
            if ["api", "state", "paths", "features", "pages", "app"].contains(&import.as_str()) {
                offences.push(format!("{} uses crate::{import}", file.path));
            }
        }
    }
    assert_none(
        "A component is told what to show and what to do; it does not fetch, keep or navigate.",
        &offences,
    );
}

#[test]
fn only_the_transport_names_gloo_net() {
    assert_none(
        "There is one way from the dashboard to its server, where errors are read and calls are aborted.",
        &offenders(&files("src", ".rs"), "gloo_net", &["src/api/transport.rs"]),
    );
}

#[test]
fn only_dom_names_web_sys() {
    let mut offences = offenders(&files("src", ".rs"), "web_sys", &["src/dom.rs", "src/dom/"]);
    offences.extend(offenders(
        &files("src", ".rs"),
        "js_sys",
        &["src/dom.rs", "src/dom/"],
    ));
    assert_none(
        "What the browser offers is wrapped once, in src/dom.rs, where it can fail in one way.",
        &offences,
    );
}

#[test]
fn routing_is_pure() {
    let mut offences = Vec::new();
    for file in files("crates/routing/src", ".rs") {
        let code = file.code();
        for module in ["fs", "time", "env", "process", "thread", "io"] {
            if code.contains(&format!("std::{module}")) {
                offences.push(format!("{} names std::{module}", file.path));
            }
        }
        // Reading an address is no more than reading a text; what opens a socket is not.
        for socket in ["TcpStream", "TcpListener", "UdpSocket", "ToSocketAddrs"] {
            if has_word(&code, socket) {
                offences.push(format!("{} names {socket}", file.path));
            }
        }
    }
    assert_none(
        "The same world and the same request give the same route, in the browser and on the server.",
        &offences,
    );
}

#[test]
fn only_http_names_axum() {
    let allowed = ["http", "app", "serve", "main", "sample"]
        .map(|part| format!("crates/control-plane/src/{part}"));
    let allowed: Vec<&str> = allowed.iter().map(String::as_str).collect();
    let mut offences = offenders(&files("crates/control-plane/src", ".rs"), "axum", &allowed);
    // Tests make upstreams of their own with it.
    offences.retain(|offence| !offence.contains("/tests/"));
    assert_none(
        "Domain code returns domain errors; HTTP is clothing that src/http puts on them.",
        &offences,
    );
}

/// Whoever can name an unguarded client can call what must not be called.
#[test]
fn only_egress_names_an_http_client() {
    let egress = files("crates/egress/src", ".rs");
    let others: Vec<File> = files("crates", ".rs")
        .into_iter()
        .filter(|file| file.path.contains("/src/") && !file.path.contains("/tests/"))
        .filter(|file| {
            !["crates/egress/", "crates/xtask/"]
                .iter()
                .any(|own| file.path.starts_with(own))
        })
        .collect();
    let mut offences = Vec::new();
    for name in ["reqwest", "rustls", "UdpSocket"] {
        assert!(
            egress.iter().any(|file| file.names(name)),
            "{name} is in egress, so the rule looks for the right name"
        );
        offences.extend(offenders(&others, name, &[]));
    }
    for path in ["hyper_util::client", "hyper::client", "TcpStream::connect"] {
        let naming = others.iter().filter(|file| file.code().contains(path));
        offences.extend(naming.map(|file| format!("{} names {path}", file.path)));
    }
    assert_none(
        "There is one way out of Waypost, and it checks every address.",
        &offences,
    );
}

#[test]
fn the_dashboard_and_the_control_plane_do_not_know_each_other() {
    let mut offences = offenders(&files("src", ".rs"), "waypost_control_plane", &[]);
    offences.extend(offenders(
        &files("crates/control-plane/src", ".rs"),
        "waypost_dashboard",
        &[],
    ));
    assert_none(
        "They share routing and api-types, and nothing else.",
        &offences,
    );
}

#[test]
fn main_only_mounts() {
    let main = file("src/main.rs");
    let lines = main
        .code()
        .lines()
        .filter(|line| !line.trim().is_empty())
        .count();
    assert!(
        lines <= 12,
        "src/main.rs mounts the app and nothing else; it has {lines} lines"
    );
}

/// The first segments after `crate::` that code names, groups opened: `crate::{api::A, dom}` gives
/// `api` and `dom`.
pub(crate) fn crate_paths(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, start) in code.match_indices("crate::") {
        let rest = &code[at + start.len()..];
        if let Some(group) = rest.trim_start().strip_prefix('{') {
            found.extend(first_segments(group));
        } else {
            found.push(word_at_start(rest));
        }
    }
    found
}

/// The first segments of the paths of a group, up to its closing brace.
fn first_segments(group: &str) -> Vec<String> {
    let mut depth = 0_u32;
    let mut expects_name = true;
    let mut found = Vec::new();
    for (at, letter) in group.char_indices() {
        match letter {
            '}' if depth == 0 => break,
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => expects_name = true,
            _ if depth == 0 && expects_name && letter.is_alphabetic() => {
                found.push(word_at_start(&group[at..]));
                expects_name = false;
            }
            _ => {}
        }
    }
    found
}

fn word_at_start(text: &str) -> String {
    text.trim_start()
        .chars()
        .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
        .collect()
}

#[test]
fn groups_of_imports_are_opened() {
    let code = "use crate::{api::{A, state}, dom}; use crate::format; fn f() { crate::paths::g() }";
    assert_eq!(crate_paths(code), ["api", "dom", "format", "paths"]);
    assert!(has_word(code, "dom"));
}

/// The components that the parts of a file draw: what stands behind `<`, or is called.
fn drawn_by_parts(code: &str) -> Vec<String> {
    let mut drawn = Vec::new();
    for part in code.split("\npart!(").skip(1) {
        let part = part.split("\n\n").next().unwrap_or(part);
        let part = part.split("\npart!(").next().unwrap_or(part);
        for (at, _) in part
            .char_indices()
            .filter(|(_, letter)| letter.is_ascii_uppercase())
        {
            let name: String = part[at..]
                .chars()
                .take_while(|letter| letter.is_ascii_alphanumeric())
                .collect();
            let tag = part[..at].ends_with('<') && part[at + name.len()..].starts_with(' ');
            if tag || (part[..at].ends_with(' ') && part[at + name.len()..].starts_with("()")) {
                drawn.push(name);
            }
        }
    }
    drawn
}

/// Whether code names something otherwise than to pass it on.
fn uses(code: &str, name: &str) -> bool {
    code.lines()
        .filter(|line| !line.starts_with("pub use "))
        .any(|line| has_word(line, name))
}

#[test]
fn what_is_loaded_later_is_named_only_where_it_is_loaded() {
    let files = files("src", ".rs");
    let mut parts = 0;
    let mut offences = Vec::new();
    for loader in &files {
        for component in drawn_by_parts(&loader.code()) {
            parts += 1;
            let made = format!("fn {component}(");
            offences.extend(
                files
                    .iter()
                    .filter(|file| file.path != loader.path && !file.code().contains(&made))
                    .filter(|file| uses(&file.code(), &component))
                    .map(|file| format!("{} names {component}", file.path)),
            );
        }
    }
    assert!(parts >= 8, "only {parts} parts were found");
    assert_none(
        "What names a part draws it into the module that every visitor loads first.",
        &offences,
    );
}
