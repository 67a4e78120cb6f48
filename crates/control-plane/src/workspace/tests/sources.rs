//! Custom sources: names, fields, and secrets that stay or go.

use super::super::SourceEdit;
use super::fixture::{Fixture, edit, headers, secret, source, with_key};
use waypost_api_types::{DefaultModel, SourcePatch};
use waypost_routing::resolution::RouteKind;

const ORIGIN: &str = "https://gw.example";
const BASE: &str = "https://gw.example/v1";

async fn stored(fixture: &Fixture) -> (Option<String>, Option<String>) {
    (
        fixture.holds("sources/gw/auth-value", ORIGIN).await,
        fixture.holds("sources/gw/headers", ORIGIN).await,
    )
}

#[tokio::test]
async fn a_slug_is_made_from_the_name_and_numbered_where_it_is_taken() {
    let fixture = Fixture::new().await;
    for (name, slug) in [
        ("Local gateway", "local-gateway"),
        ("Local  gateway!", "local-gateway-2"),
        ("LOCAL-GATEWAY", "local-gateway-3"),
        ("OpenRouter", "openrouter-2"),
        ("日本", "source"),
        ("New", "new-2"),
    ] {
        let view = fixture
            .workspace
            .add_source(source(name, BASE))
            .await
            .unwrap();
        assert_eq!(view.slug, slug);
    }
    let long = "x".repeat(80);
    let first = fixture
        .workspace
        .add_source(source(&long, BASE))
        .await
        .unwrap();
    let second = fixture
        .workspace
        .add_source(source(&long, BASE))
        .await
        .unwrap();
    assert_eq!(first.slug, "x".repeat(64));
    assert_eq!(second.slug, format!("{}-2", "x".repeat(62)));
    for taken in ["openrouter", "local-gateway", "new"] {
        let mut write = source("Mine", BASE);
        write.input.slug = Some(taken.to_owned());
        let error = fixture.workspace.add_source(write).await.unwrap_err();
        assert_eq!(
            (error.code, error.field.as_deref()),
            ("name_taken", Some("slug"))
        );
    }
}

#[tokio::test]
async fn a_field_that_is_absent_stays_and_one_that_is_cleared_goes() {
    let fixture = Fixture::new().await;
    let mut write = with_key(source("gw", BASE), "sk-1");
    write.headers = Some(headers(&[("x-a", "1"), ("X-B", " 2 ")]));
    fixture.workspace.add_source(write).await.unwrap();
    let both = (
        Some("sk-1".to_owned()),
        Some(r#"{"x-a":"1","x-b":"2"}"#.to_owned()),
    );
    assert_eq!(stored(&fixture).await, both);

    let renamed = edit(SourcePatch {
        name: Some("Renamed".to_owned()),
        ..SourcePatch::default()
    });
    let view = fixture.workspace.edit_source("gw", renamed).await.unwrap();
    assert_eq!((view.name.as_str(), view.slug.as_str()), ("Renamed", "gw"));
    assert_eq!(stored(&fixture).await, both);

    let rotated = SourceEdit {
        auth_value: Some(Some(secret("sk-2"))),
        ..SourceEdit::default()
    };
    fixture.workspace.edit_source("gw", rotated).await.unwrap();
    assert_eq!(
        stored(&fixture).await,
        (Some("sk-2".to_owned()), both.1.clone())
    );

    let replaced = SourceEdit {
        headers: Some(Some(headers(&[("y", "3")]))),
        ..SourceEdit::default()
    };
    let view = fixture.workspace.edit_source("gw", replaced).await.unwrap();
    assert_eq!(view.header_names, ["y"]);
    for (value, all) in [(None, None), (Some(secret(" ")), Some(headers(&[])))] {
        let cleared = SourceEdit {
            auth_value: Some(value),
            headers: Some(all),
            ..SourceEdit::default()
        };
        let view = fixture.workspace.edit_source("gw", cleared).await.unwrap();
        assert_eq!(view.header_names, Vec::<String>::new());
        assert_eq!(stored(&fixture).await, (None, None));
        let again = SourceEdit {
            auth_value: Some(Some(secret("sk-3"))),
            headers: Some(Some(headers(&[("z", "4")]))),
            ..SourceEdit::default()
        };
        fixture.workspace.edit_source("gw", again).await.unwrap();
    }
}

#[tokio::test]
async fn a_fault_in_any_field_leaves_everything_as_it_was() {
    let fixture = Fixture::new().await;
    fixture
        .workspace
        .add_source(with_key(source("gw", BASE), "sk-1"))
        .await
        .unwrap();
    let before = fixture.workspace.source("gw").await.unwrap();
    let patch = |field: &str, value: &str| {
        let mut patch = SourcePatch::default();
        let slot = match field {
            "name" => &mut patch.name,
            "base_url" => &mut patch.base_url,
            _ => &mut patch.auth_header,
        };
        *slot = Some(value.to_owned());
        edit(patch)
    };
    let with_headers = |pairs| SourceEdit {
        headers: Some(Some(headers(pairs))),
        ..SourceEdit::default()
    };
    for (bad, field) in [
        (patch("name", " "), "name"),
        (patch("name", &"n".repeat(201)), "name"),
        (patch("base_url", "https://gw.example/v1?x=1"), "base_url"),
        (
            patch("base_url", "https://gw.example/v1/chat/completions"),
            "base_url",
        ),
        (patch("auth_header", "Host"), "auth_header"),
        (patch("auth_header", "X Key"), "auth_header"),
        (
            SourceEdit {
                auth_value: Some(Some(secret("sk\r\nx: y"))),
                ..SourceEdit::default()
            },
            "auth_value",
        ),
        (
            with_headers(&[("Content-Length", "1")]),
            "headers.content-length",
        ),
        (with_headers(&[("x-a", "b\nc")]), "headers.x-a"),
        (with_headers(&[("x-a", "")]), "headers.x-a"),
        (with_headers(&[("x-a", "1"), ("X-A", "2")]), "headers.x-a"),
    ] {
        let error = fixture.workspace.edit_source("gw", bad).await.unwrap_err();
        assert_eq!(error.field.as_deref(), Some(field), "{error}");
    }
    assert_eq!(fixture.workspace.source("gw").await.unwrap(), before);
    assert_eq!(stored(&fixture).await.0.as_deref(), Some("sk-1"));
    assert_eq!(
        fixture.actions().await,
        ["session:test source.add source:gw"]
    );
}

#[tokio::test]
async fn a_database_that_fails_gets_the_old_secrets_back() {
    let fixture = Fixture::new().await;
    let mut write = with_key(source("gw", BASE), "sk-1");
    write.headers = Some(headers(&[("x-a", "1")]));
    fixture.workspace.add_source(write).await.unwrap();
    let before = stored(&fixture).await;
    // The audit row is the last of a change, so that all before it must be undone.
    fixture
        .execute(
            "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'full'); END",
        )
        .await;
    let moved = SourceEdit {
        patch: SourcePatch {
            base_url: Some("https://other.example".to_owned()),
            ..SourcePatch::default()
        },
        auth_value: Some(Some(secret("sk-2"))),
        headers: None,
    };
    let error = fixture
        .workspace
        .edit_source("gw", moved)
        .await
        .unwrap_err();
    assert_eq!(error.code, "internal");
    assert_eq!(stored(&fixture).await, before);
    assert!(fixture.workspace.delete_source("gw").await.is_err());
    assert_eq!(stored(&fixture).await, before);
    assert_eq!(fixture.workspace.source("gw").await.unwrap().base_url, BASE);
    let other = with_key(source("other", BASE), "sk-3");
    assert!(fixture.workspace.add_source(other).await.is_err());
    assert_eq!(
        fixture.holds("sources/other/auth-value", ORIGIN).await,
        None
    );
}

#[tokio::test]
async fn deleting_takes_the_secrets_and_the_default_model_along() {
    let fixture = Fixture::new().await;
    let mut write = with_key(source("gw", BASE), "sk-1");
    write.headers = Some(headers(&[("x-a", "1")]));
    write.input.passthrough = true;
    fixture.workspace.add_source(write).await.unwrap();
    let default = DefaultModel {
        model_ref: Some("gw/m".to_owned()),
        ..DefaultModel::default()
    };
    fixture.workspace.set_default_model(default).await.unwrap();
    fixture.workspace.delete_source("gw").await.unwrap();
    assert_eq!(stored(&fixture).await, (None, None));
    assert_eq!(
        fixture.workspace.default_model().await.unwrap().model_ref,
        None
    );
    assert_eq!(
        fixture.actions().await[2..],
        [
            "session:test default_model.clear default-model",
            "session:test source.delete source:gw"
        ]
    );
}

#[tokio::test]
async fn the_snapshot_holds_names_of_secrets_and_no_values() {
    let fixture = Fixture::new().await;
    let mut write = with_key(source("gw", BASE), "sk-canary-1");
    write.headers = Some(headers(&[("x-a", "canary-2")]));
    write.input.passthrough = true;
    fixture.workspace.add_source(write).await.unwrap();
    let snapshot = fixture.workspace.snapshot();
    assert_eq!(snapshot.secrets.stored["sources/gw/auth-value"], ORIGIN);
    let text = serde_json::to_string(&snapshot).unwrap();
    assert!(!text.contains("canary"), "{text}");
    let resolution = fixture.workspace.resolve("gw/m").unwrap();
    let route = resolution.route.unwrap();
    assert_eq!(route.kind, RouteKind::Passthrough);
    let values: Vec<&str> = route
        .headers
        .iter()
        .map(|header| header.value.as_str())
        .collect();
    assert_eq!(
        values,
        [
            "Bearer {{secret:sources/gw/auth-value}}",
            "application/json",
            "{{secret:sources/gw/headers#x-a}}"
        ]
    );
}
