//! An edit of rows and secrets is one: it takes effect completely or not at all, and what is
//! missing afterwards is named and never left out.

use super::super::{SourceEdit, Workspace};
use super::fixture::{Fixture, edit, headers, secret, source, with_key};
use super::upstream::Upstream;
use crate::store::paused_store::{Hook, PausedStore};
use std::sync::{Arc, Mutex, OnceLock};
use waypost_api_types::{KeyState, SourcePatch};
use waypost_routing::base_url::BaseUrl;
use waypost_routing::provenance::Provenance;

const AUTH: &str = "sources/gw/auth-value";
const HEADERS: &str = "sources/gw/headers";

/// A source with a key and a static header.
async fn full_source() -> (Fixture, Upstream) {
    let (fixture, upstream) = (Fixture::new().await, Upstream::listing(&["a"]).await);
    let mut write = with_key(source("gw", &upstream.base()), "sk-old");
    write.headers = Some(headers(&[("x-tenant", "old")]));
    write.input.passthrough = true;
    fixture.workspace.add_source(write).await.unwrap();
    (fixture, upstream)
}

/// Deletes an entry of the encrypted file behind the back of Waypost.
async fn lose(fixture: &Fixture, name: &str) {
    let path = fixture.path("secrets.json");
    let text = std::fs::read_to_string(&path).unwrap();
    let mut document: serde_json::Value = serde_json::from_str(&text).unwrap();
    let entries = document["entries"].as_object_mut().unwrap();
    assert!(entries.remove(name).is_some());
    std::fs::write(&path, document.to_string()).unwrap();
    fixture.workspace.secrets().check().await;
    fixture.workspace.apply_secrets();
}

#[tokio::test]
async fn an_edit_that_the_database_refuses_leaves_form_key_and_headers_as_they_were() {
    let (fixture, upstream) = full_source().await;
    let before = fixture.workspace.source("gw").await.unwrap();
    fixture
        .execute("CREATE TRIGGER no BEFORE UPDATE ON sources BEGIN SELECT RAISE(ABORT, 'no'); END")
        .await;
    let change = SourceEdit {
        auth_value: Some(Some(secret("sk-new"))),
        headers: Some(Some(headers(&[("x-other", "new")]))),
        ..edit(SourcePatch {
            auth_header: Some("x-api-key".to_owned()),
            ..SourcePatch::default()
        })
    };
    assert!(fixture.workspace.edit_source("gw", change).await.is_err());
    assert_eq!(fixture.workspace.source("gw").await.unwrap(), before);
    // A process that starts now sends what it sent before, too.
    for fixture in [&fixture.restarted(&[]).await, &fixture] {
        fixture.workspace.refresh_source("gw").await.unwrap();
        let sent = |name: &str| upstream.header(name);
        assert_eq!(sent("authorization").as_deref(), Some("Bearer sk-old"));
        assert_eq!(sent("x-tenant").as_deref(), Some("old"));
        assert_eq!((sent("x-api-key"), sent("x-other")), (None, None));
    }
}

#[tokio::test]
async fn a_static_header_that_is_listed_and_missing_is_an_error_and_no_omission() {
    let (fixture, upstream) = full_source().await;
    lose(&fixture, HEADERS).await;
    let resolution = fixture.workspace.resolve("gw/a").unwrap();
    assert_eq!(resolution.error.unwrap().code, "missing_api_key");
    let error = fixture
        .workspace
        .test_source("gw", SourceEdit::default())
        .await
        .unwrap_err();
    assert_eq!(error.code, "missing_api_key", "{error}");
    assert_eq!(upstream.paths(), Vec::<String>::new(), "nothing was sent");
    let problem = fixture
        .workspace
        .source("gw")
        .await
        .unwrap()
        .problem
        .unwrap();
    assert!(problem.contains("static headers are missing"), "{problem}");

    // Entered again, it works.
    let again = SourceEdit {
        headers: Some(Some(headers(&[("x-tenant", "again")]))),
        ..SourceEdit::default()
    };
    let view = fixture.workspace.edit_source("gw", again).await.unwrap();
    assert_eq!(view.problem, None);
    fixture.workspace.refresh_source("gw").await.unwrap();
    assert_eq!(upstream.header("x-tenant").as_deref(), Some("again"));
}

#[tokio::test]
async fn a_key_that_is_missing_in_the_backend_must_be_entered_again() {
    let (fixture, upstream) = full_source().await;
    lose(&fixture, AUTH).await;
    let view = fixture.workspace.source("gw").await.unwrap();
    assert_eq!(view.key.state, KeyState::NeedsReentry);
    let resolution = fixture.workspace.resolve("gw/a").unwrap();
    assert_eq!(resolution.error.unwrap().code, "missing_api_key");
    let error = fixture.workspace.refresh_source("gw").await.unwrap_err();
    assert_eq!(error.code, "missing_api_key", "{error}");
    assert_eq!(upstream.paths(), Vec::<String>::new(), "nothing was sent");
    // Removed on purpose, the source is keyless.
    let keyless = SourceEdit {
        auth_value: Some(None),
        ..SourceEdit::default()
    };
    let view = fixture.workspace.edit_source("gw", keyless).await.unwrap();
    assert_eq!(view.key.state, KeyState::Missing);
    fixture.workspace.refresh_source("gw").await.unwrap();
    assert_eq!(upstream.header("authorization"), None);
}

#[tokio::test]
async fn the_environments_key_does_not_replace_a_stored_one_that_is_missing() {
    let fixture = Fixture::with(&[("GROQ_API_KEY", "gsk-env")], None).await;
    let workspace = &fixture.workspace;
    workspace
        .set_provider_key("groq", secret("gsk-stored"))
        .await
        .unwrap();
    lose(&fixture, "groq/api-key").await;
    let key = workspace.provider("groq").await.unwrap().key;
    assert_eq!((key.state, key.from), (KeyState::NeedsReentry, None));
    let error = workspace.refresh_provider("groq").await.unwrap_err();
    assert_eq!(error.code, "missing_api_key", "{error}");
    // Removed on purpose, the environment's counts.
    let removed = workspace.remove_provider_key("groq").await.unwrap();
    assert_eq!(
        removed.provider.key.from,
        Some(Provenance::Env("GROQ_API_KEY".to_owned()))
    );
}

/// A route that was computed in between would say that the key was entered for another origin.
#[tokio::test]
async fn no_table_has_the_rows_of_an_edit_without_its_secrets() {
    let (fixture, _upstream) = full_source().await;
    let edited: Arc<OnceLock<Workspace>> = Arc::default();
    let seen: Arc<Mutex<Vec<(String, String)>>> = Arc::default();
    let hook: Hook = {
        let (edited, seen) = (edited.clone(), seen.clone());
        Box::new(move |_| {
            if let Some(workspace) = edited.get() {
                let table = workspace.routing_table();
                let snapshot = table.snapshot();
                let bound = snapshot.secrets.stored[AUTH].clone();
                let origin = BaseUrl::parse(&snapshot.sources[0].base_url)
                    .unwrap()
                    .origin();
                seen.lock().unwrap().push((origin, bound));
            }
            Box::pin(std::future::ready(Ok(())))
        })
    };
    let inner = fixture.workspace.inner.store.clone();
    let store = Arc::new(PausedStore::new(inner, Arc::default(), hook));
    let workspace = fixture.beside(store).await;
    edited.set(workspace.clone()).ok().unwrap();
    let change = SourceEdit {
        auth_value: Some(Some(secret("sk-new"))),
        ..edit(SourcePatch {
            base_url: Some("https://new.example".to_owned()),
            ..SourcePatch::default()
        })
    };
    workspace.edit_source("gw", change).await.unwrap();
    let seen = seen.lock().unwrap();
    let (last, _) = seen.last().unwrap();
    assert_eq!(last, "https://new.example", "calls follow the commit");
    for (origin, bound) in &*seen {
        assert_eq!(origin, bound);
    }
}
