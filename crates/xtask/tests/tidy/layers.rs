//! Which part of the workspace may name which.

use crate::code::Code;
use crate::source::{File, assert_none, file, files};
use proc_macro2::TokenTree;

/// A package or type that only some places may name, because everything it can do is guarded there.
struct Owned {
    /// As code writes it.
    package: &'static str,
    /// Folders and files, from the root.
    by: &'static [&'static str],
    why: &'static str,
}

const OWNED: [Owned; 11] = [
    Owned {
        package: "SystemTime",
        by: &["crates/system/src/"],
        why: "The clock is read in one place.",
    },
    Owned {
        package: "getrandom",
        by: &["crates/system/src/"],
        why: "Random bytes come from one place.",
    },
    Owned {
        package: "sqlx",
        by: &["crates/store/src/"],
        why: "Another database is added in one place.",
    },
    Owned {
        package: "xshell",
        by: &["crates/xtask/src/"],
        why: "Waypost runs no commands; its build tool does.",
    },
    Owned {
        package: "keyring_core",
        by: &["crates/secrets/src/"],
        why: "Secrets are read and written in one place, which binds each to its origin.",
    },
    Owned {
        package: "secret_service",
        by: &["crates/secrets/src/"],
        why: "Secrets are read and written in one place, which binds each to its origin.",
    },
    Owned {
        package: "aws_config",
        by: &["crates/secrets/src/"],
        why: "Secrets are read and written in one place, which binds each to its origin.",
    },
    Owned {
        package: "aws_sdk_secretsmanager",
        by: &["crates/secrets/src/"],
        why: "Secrets are read and written in one place, which binds each to its origin.",
    },
    Owned {
        package: "aws_smithy_runtime_api",
        by: &["crates/egress/src/"],
        why: "The SDK of AWS gets its HTTP from the guarded client.",
    },
    Owned {
        package: "aws_credentials",
        by: &["crates/egress/src/", "crates/secrets/src/aws/options.rs"],
        why: "This client reaches the metadata addresses.",
    },
    Owned {
        package: "zbus_secret_service_keyring_store",
        by: &["crates/secrets/src/"],
        why: "Secrets are read and written in one place, which binds each to its origin.",
    },
];

/// Whether a file holds nothing but tests, which make servers and databases themselves.
fn is_test(file: &File) -> bool {
    file.path.contains("/tests/") || file.path.ends_with("/tests.rs")
}

#[test]
fn only_its_owner_names_a_package() {
    let mut code = files("crates", ".rs");
    code.retain(|file| !is_test(file));
    for Owned { package, by, why } in OWNED {
        let mut named: Vec<&str> = code
            .iter()
            .filter(|file| names(file, package))
            .map(|file| file.path.as_str())
            .collect();
        for place in by {
            assert!(
                named.iter().any(|path| path.starts_with(place)),
                "{place} does not name {package} any more: remove it from OWNED"
            );
        }
        named.retain(|path| !by.iter().any(|place| path.starts_with(place)));
        let offences: Vec<String> = named
            .into_iter()
            .map(|path| format!("{path} names {package}"))
            .collect();
        assert_none(why, &offences);
    }
}

/// Whether the code of a file names this. Most files need not be parsed to tell.
fn names(file: &File, name: &str) -> bool {
    file.text.contains(name) && Code::of(file).names(name)
}

/// The files of a folder that name something which only `allowed` may name.
fn offenders(files: &[File], name: &str, allowed: &[&str]) -> Vec<String> {
    files
        .iter()
        .filter(|file| !allowed.iter().any(|allowed| file.path.starts_with(allowed)))
        .filter(|file| names(file, name))
        .map(|file| format!("{} names {name}", file.path))
        .collect()
}

#[test]
fn components_know_neither_api_nor_state_nor_paths() {
    let mut offences = Vec::new();
    for file in files("src/components", ".rs") {
        for path in Code::of(&file).paths() {
            if path[0] == "crate"
                && ["api", "state", "paths", "features", "pages", "app"].contains(&path[1].as_str())
            {
                offences.push(format!("{} uses {}", file.path, path.join("::")));
            }
        }
    }
    assert_none(
        "A component gets what it shows and reports what happened; it does not fetch, store or navigate.",
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
        let code = Code::of(&file);
        for path in code.paths() {
            if path[0] == "std"
                && ["fs", "time", "env", "process", "thread", "io"].contains(&path[1].as_str())
            {
                offences.push(format!("{} names {}", file.path, path.join("::")));
            }
        }
        // Reading an address is no more than reading a text; what opens a socket is not.
        for socket in ["TcpStream", "TcpListener", "UdpSocket", "ToSocketAddrs"] {
            if code.names(socket) {
                offences.push(format!("{} names {socket}", file.path));
            }
        }
    }
    assert_none(
        "The same table and the same request give the same route, in the browser and on the server.",
        &offences,
    );
}

#[test]
fn only_http_names_axum() {
    let allowed = ["http", "cli/serve", "main", "sample"]
        .map(|part| format!("crates/control-plane/src/{part}"));
    let allowed: Vec<&str> = allowed.iter().map(String::as_str).collect();
    let mut code = files("crates", ".rs");
    // Tests make upstreams with it.
    code.retain(|file| !is_test(file));
    assert_none(
        "Domain code returns domain errors; src/http alone turns them into HTTP.",
        &offenders(&code, "axum", &allowed),
    );
}

/// Code that can name an unguarded client can call addresses that must not be called.
#[test]
fn only_egress_names_an_http_client() {
    let mut code = files("crates", ".rs");
    code.retain(|file| file.path.contains("/src/") && !is_test(file));
    let (egress, others): (Vec<File>, Vec<File>) = code
        .into_iter()
        // Development tools, which are no part of Waypost.
        .filter(|file| {
            !["crates/xtask/", "crates/load/"]
                .iter()
                .any(|tool| file.path.starts_with(tool))
        })
        .partition(|file| file.path.starts_with("crates/egress/"));
    let mut offences = Vec::new();
    for name in ["rustls", "tokio_rustls", "hyper_rustls", "h2", "UdpSocket"] {
        assert!(
            egress.iter().any(|file| names(file, name)),
            "{name} is in egress, so the rule looks for the right name"
        );
        let allowed: &[&str] = match name {
            // They choose the cryptography of the connections that sqlx opens and of those that are
            // accepted, and open none.
            "rustls" | "tokio_rustls" => &[
                "crates/store/src/postgres/open.rs",
                "crates/control-plane/src/cli/serve/tls.rs",
            ],
            _ => &[],
        };
        offences.extend(offenders(&others, name, allowed));
    }
    // Ways out that egress has no use for either.
    for name in ["reqwest", "TcpSocket", "aws_smithy_http_client"] {
        offences.extend(offenders(&others, name, &[]));
    }
    for part in [
        ["hyper_util", "client"],
        ["hyper", "client"],
        ["TcpStream", "connect"],
    ] {
        let names = |path: Vec<String>| path.windows(2).any(|segments| segments == part);
        let naming = others
            .iter()
            .filter(|file| Code::of(file).paths().into_iter().any(names));
        offences.extend(naming.map(|file| format!("{} names {}", file.path, part.join("::"))));
    }
    assert_none(
        "There is one way out of Waypost, and it checks every address.",
        &offences,
    );
}

#[test]
fn only_what_opens_a_database_names_which_one() {
    let mut code = files("crates/control-plane/src", ".rs");
    code.retain(|file| !is_test(file));
    let opens = [
        "crates/control-plane/src/cli/database.rs",
        "crates/control-plane/src/cli/migrate.rs",
    ];
    let mut offences = Vec::new();
    for database in ["sqlite", "postgres"] {
        for place in opens {
            let opens = code.iter().find(|file| file.path == place);
            assert!(opens.is_some_and(|file| names(file, database)), "{place}");
        }
        offences.extend(offenders(&code, database, &opens));
    }
    assert_none(
        "Everything else works on a Store, so that it works on each database.",
        &offences,
    );
}

#[test]
fn forwarding_knows_neither_the_database_nor_the_workspace() {
    let files = files("crates/forwarding/src", ".rs");
    let offences: Vec<String> = [
        "sqlx",
        "axum",
        "waypost_store",
        "waypost_secrets",
        "waypost_control_plane",
        "waypost_api_types",
    ]
    .iter()
    .flat_map(|name| offenders(&files, name, &[]))
    .collect();
    assert_none(
        "Forwarding is given a routing table, credentials, a token check and a sink for records.",
        &offences,
    );
}

#[test]
fn secrets_know_neither_the_database_nor_the_web_server() {
    let files = files("crates/secrets/src", ".rs");
    let offences: Vec<String> = ["sqlx", "axum", "waypost_store", "waypost_control_plane"]
        .iter()
        .flat_map(|name| offenders(&files, name, &[]))
        .collect();
    assert_none(
        "What is recorded about secrets goes through SecretRecords, which the control plane implements.",
        &offences,
    );
}

#[test]
fn only_the_secret_store_calls_a_backend() {
    let files = files("crates/control-plane/src", ".rs");
    let offences: Vec<String> = ["SecretsBackend", "SealedSecret", "SecretVersion"]
        .iter()
        .flat_map(|name| offenders(&files, name, &[]))
        .collect();
    assert_none(
        "SecretStore binds each value to its origin; a direct call to a backend would bypass it.",
        &offences,
    );
}

#[test]
fn the_uses_of_a_table_are_indexed_once() {
    let mut code = files("crates/control-plane/src", ".rs");
    code.extend(files("src", ".rs"));
    let offences: Vec<String> = code
        .iter()
        .filter(|file| file.text.contains("UsedBy::new("))
        .filter(|file| !file.path.ends_with("/routing_table.rs"))
        .map(|file| file.path.clone())
        .collect();
    assert_none(
        "The index is made once for each routing table; ask `used_by` or `use_used_by` for it.",
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
    let main = Code::of(&file("src/main.rs"));
    let [syn::Item::Fn(function)] = main.items() else {
        panic!("src/main.rs has something else than one function");
    };
    let statements = function.block.stmts.len();
    assert!(
        function.sig.ident == "main" && statements == 1,
        "src/main.rs mounts the app and nothing else; it has {statements} statements"
    );
}

/// The components that the parts of a file draw: what follows `<`, or is called, in the last
/// argument of `part!`.
fn drawn_by_parts(code: &Code) -> Vec<String> {
    let mut drawn = Vec::new();
    for arguments in code.calls_of_macro("part") {
        let is_comma =
            |token: &TokenTree| matches!(token, TokenTree::Punct(mark) if mark.as_char() == ',');
        if let Some(draw) = arguments.splitn(4, is_comma).nth(3) {
            collect_drawn(draw, &mut drawn);
        }
    }
    drawn
}

fn collect_drawn(tokens: &[TokenTree], drawn: &mut Vec<String>) {
    let mark = |token: Option<&TokenTree>| match token {
        Some(TokenTree::Punct(mark)) => Some(mark.as_char()),
        _ => None,
    };
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => {
                let inside: Vec<TokenTree> = group.stream().into_iter().collect();
                collect_drawn(&inside, drawn);
            }
            TokenTree::Ident(name) if name.to_string().starts_with(char::is_uppercase) => {
                let before = mark(at.checked_sub(1).and_then(|before| tokens.get(before)));
                let is_tag = before == Some('<');
                let is_call = before != Some(':')
                    && matches!(tokens.get(at + 1), Some(TokenTree::Group(group)) if group.stream().is_empty());
                if is_tag || is_call {
                    drawn.push(name.to_string());
                }
            }
            _ => {}
        }
    }
}

#[test]
fn what_is_loaded_later_is_named_only_where_it_is_loaded() {
    let files: Vec<(String, Code)> = files("src", ".rs")
        .into_iter()
        .map(|file| (file.path.clone(), Code::of(&file)))
        .collect();
    let mut parts = 0;
    let mut offences = Vec::new();
    for (loader, code) in &files {
        for component in drawn_by_parts(code) {
            parts += 1;
            offences.extend(
                files
                    .iter()
                    .filter(|(path, code)| path != loader && !code.has_function(&component))
                    .filter(|(_, code)| code.uses(&component))
                    .map(|(path, _)| format!("{path} names {component}")),
            );
        }
    }
    assert!(parts >= 8, "only {parts} parts were found");
    assert_none(
        "What names a part draws it into the module that every visitor loads first.",
        &offences,
    );
}
