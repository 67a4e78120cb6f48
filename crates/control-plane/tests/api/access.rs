//! Who may call what, held row by row against the table of endpoints, and the document that is
//! made from the same rows.

use crate::support::{Server, masked, request};
use axum::http::Method;
use std::collections::{BTreeMap, BTreeSet};
use utoipa::openapi::schema::ComponentsBuilder;
use waypost_api_types::Role;
use waypost_control_plane::http::api_route::{Access, Answer};
use waypost_control_plane::http::api_routes;
use waypost_store::AuditFilter;

/// The rows that anyone may call. A new one must be added here on purpose.
const FOR_ANYONE: [(&str, &str); 7] = [
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/api/openapi.json"),
    ("POST", "/api/v1/session"),
    ("GET", "/api/v1/sign-in-options"),
    ("GET", "/oidc/sign-in"),
    ("GET", "/oidc/callback"),
];

/// A path of the row, with something in place of its parameters.
fn path(row: &str) -> String {
    row.split('/')
        .map(|segment| {
            if segment.starts_with('{') {
                "some-name"
            } else {
                segment
            }
        })
        .collect::<Vec<_>>()
        .join("/")
}

#[tokio::test]
async fn every_endpoint_that_asks_for_a_session_refuses_requests_without_one() {
    let server = Server::start().await;
    let mut guarded = 0;
    for endpoint in api_routes() {
        if !matches!(endpoint.access, Access::Viewer | Access::Admin) {
            continue;
        }
        guarded += 1;
        // The body does not matter: it is read only after the session is checked.
        for cookie in [
            None,
            Some("waypost-session=x"),
            Some(server.app.cookie().name()),
        ] {
            let sent = request(
                endpoint.method.clone(),
                &path(endpoint.path),
                cookie,
                endpoint
                    .takes
                    .map(|_| serde_json::json!({ "nonsense": true })),
            );
            let answer = server.send(sent).await;
            let problem = answer.problem(401, "not_signed_in");
            assert_eq!(problem["title"], "Unauthorized", "{}", endpoint.operation);
        }
    }
    assert!(guarded >= 30, "{guarded}");
}

/// What a viewer may do that is no reading. A new row must be added here on purpose.
const FOR_VIEWERS: [(&str, &str); 4] = [
    ("DELETE", "/api/v1/session"),
    ("POST", "/api/v1/route"),
    ("POST", "/api/v1/impact"),
    ("POST", "/api/v1/agent-checks"),
];

#[tokio::test]
async fn every_endpoint_of_administrators_refuses_a_viewer_before_it_reads_the_body() {
    let server = Server::start().await;
    let cookie = server.sign_in_as(Role::Viewer).await;
    let events = async || {
        let page = server
            .store
            .audit(&AuditFilter::default(), 1_000)
            .await
            .unwrap();
        page.0.len()
    };
    let before = events().await;
    let mut guarded = 0;
    for endpoint in api_routes() {
        if endpoint.access != Access::Admin {
            continue;
        }
        guarded += 1;
        for body in [None, Some(serde_json::json!({ "nonsense": true }))] {
            let path = path(endpoint.path);
            let sent = request(endpoint.method.clone(), &path, Some(&cookie), body);
            let problem = server.send(sent).await.problem(403, "forbidden");
            assert_eq!(problem["title"], "Forbidden", "{}", endpoint.operation);
        }
    }
    assert!(guarded >= 20, "{guarded}");
    assert_eq!(events().await, before, "something was changed");
}

#[tokio::test]
async fn every_endpoint_of_viewers_lets_a_viewer_pass() {
    let server = Server::start().await;
    let mut passed = 0;
    for endpoint in api_routes() {
        if endpoint.access != Access::Viewer {
            continue;
        }
        passed += 1;
        let cookie = server.sign_in_as(Role::Viewer).await;
        let body = endpoint.takes.map(|_| match endpoint.operation {
            "impact" => serde_json::json!({ "changes": ["down:litellm"] }),
            "checkAgent" => serde_json::json!({ "yaml": "name: bot\n" }),
            _ => serde_json::json!({ "ref": "litellm/gpt-4o" }),
        });
        let mut path = path(endpoint.path);
        if endpoint.operation == "usedBy" {
            path.push_str("?provider=litellm");
        }
        let sent = request(endpoint.method.clone(), &path, Some(&cookie), body);
        if matches!(endpoint.answers, Answer::Events) {
            // It does not end.
            assert_eq!(server.respond(sent).await.status(), 200, "{path}");
            continue;
        }
        let answer = server.send(sent).await;
        let status = answer.status.as_u16();
        // Of the things with a made-up name there are none.
        let expected: &[u16] = if endpoint.path.contains('{') {
            &[200, 404]
        } else {
            &[200, 204]
        };
        assert!(
            expected.contains(&status),
            "{}: {status} {}",
            endpoint.operation,
            answer.text()
        );
    }
    assert!(passed >= 12, "{passed}");
}

#[test]
fn a_viewer_may_read_and_do_only_what_is_listed_beside() {
    for endpoint in api_routes() {
        let row = (endpoint.method.as_str(), endpoint.path);
        let reads = endpoint.method == Method::GET;
        match endpoint.access {
            Access::Viewer => assert!(reads || FOR_VIEWERS.contains(&row), "{row:?}"),
            Access::Admin => assert!(!reads && !FOR_VIEWERS.contains(&row), "{row:?}"),
            Access::Anyone | Access::SampleKey => {}
        }
    }
}

#[tokio::test]
async fn the_samples_addresses_refuse_a_session_without_the_key() {
    let server = Server::start().await;
    let cookie = server.sign_in().await;
    let mut transaction = server.store.begin().await.unwrap();
    transaction.set_sample(&[0; 32]).await.unwrap();
    transaction.commit().await.unwrap();
    let mut guarded = 0;
    for endpoint in api_routes() {
        if endpoint.access != Access::SampleKey {
            continue;
        }
        guarded += 1;
        let sent = request(endpoint.method.clone(), endpoint.path, Some(&cookie), None);
        let answer = server.send(sent).await;
        let problem = answer.problem(401, "missing_api_key");
        assert_eq!(problem["error"]["code"], "missing_api_key");
    }
    assert!(guarded >= 6, "{guarded}");
}

#[tokio::test]
async fn a_cookie_that_opens_nothing_is_no_session() {
    let server = Server::start().await;
    let cookie = format!("{}={}", server.app.cookie().name(), "A".repeat(43));
    let answer = server
        .send(request(Method::GET, "/api/v1/session", Some(&cookie), None))
        .await;
    answer.problem(401, "not_signed_in");
}

#[test]
fn only_the_listed_endpoints_are_open_to_anyone() {
    let open: BTreeSet<(String, &str)> = api_routes()
        .iter()
        .filter(|endpoint| endpoint.access == Access::Anyone)
        .map(|endpoint| (endpoint.method.to_string(), endpoint.path))
        .collect();
    let listed = FOR_ANYONE
        .iter()
        .map(|(method, path)| ((*method).to_owned(), *path))
        .collect();
    assert_eq!(open, listed);
}

#[test]
fn no_two_rows_share_an_operation_or_an_address() {
    let rows = api_routes();
    let operations: BTreeSet<&str> = rows.iter().map(|row| row.operation).collect();
    let addresses: BTreeSet<(&str, &str)> = rows
        .iter()
        .map(|row| (row.method.as_str(), row.path))
        .collect();
    assert_eq!(
        (operations.len(), addresses.len()),
        (rows.len(), rows.len())
    );
}

#[tokio::test]
async fn the_openapi_document_is_as_it_was_reviewed() {
    let server = Server::start().await;
    let answer = server.get("/api/openapi.json").await;
    assert_eq!(answer.status, 200);
    let document = masked(
        answer.json(),
        &["/info/version", "/components/securitySchemes/session/name"],
    );
    insta::assert_json_snapshot!("openapi", document);
}

#[tokio::test]
async fn every_reference_of_the_document_leads_somewhere() {
    let server = Server::start().await;
    let document = server.get("/api/openapi.json").await.json();
    let text = document.to_string();
    let mut followed = 0;
    for part in text.split("\"$ref\":\"#").skip(1) {
        let pointer = part.split('"').next().unwrap();
        assert!(
            document.pointer(pointer).is_some(),
            "{pointer} leads nowhere"
        );
        followed += 1;
    }
    assert!(followed > 0);
}

#[test]
fn a_name_of_the_document_stands_for_one_schema() {
    let mut known = BTreeMap::new();
    for endpoint in api_routes() {
        let taken = endpoint.takes.map(|(shape, _)| shape);
        let answered = match endpoint.answers {
            Answer::Json(shape) => Some(shape),
            Answer::Nothing
            | Answer::Text
            | Answer::Html
            | Answer::Csv
            | Answer::Events
            | Answer::Document => None,
        };
        for shape in [taken, answered].into_iter().flatten() {
            let components = (shape.register)(ComponentsBuilder::new()).build();
            for (name, schema) in components.schemas {
                let schema = serde_json::to_value(schema).unwrap();
                let first = known.entry(name.clone()).or_insert_with(|| schema.clone());
                assert_eq!(*first, schema, "{name}");
            }
        }
    }
    assert!(known.len() > 30, "{}", known.len());
}
