//! A secret belongs to the origin it was entered for, whatever is edited.

use super::super::{ErrorKind, SourceEdit};
use super::fixture::{Fixture, edit, headers, moved_to, secret, source, trial, with_key};
use super::upstream::Upstream;
use waypost_api_types::{CheckOutcome, KeyState, ProviderPatch, SourceInput, SourcePatch};
use waypost_egress::test_support::Tripwire;
use waypost_secrets::SecretChange;

/// The base URL of a socket that must not be connected to.
fn base_of(silent: &Tripwire) -> String {
    format!("http://{}/v1", silent.address)
}

#[tokio::test]
async fn key_and_headers_go_out_on_every_call_to_their_origin() {
    let (fixture, upstream) = (Fixture::new().await, Upstream::listing(&["a"]).await);
    let mut write = with_key(source("gw", &upstream.base()), " sk-first \n");
    write.headers = Some(headers(&[("X-Tenant", "blue")]));
    let view = fixture.workspace.add_source(write).await.unwrap();
    assert_eq!(view.header_names, ["x-tenant"]);
    assert_eq!(view.key.state, KeyState::Configured);
    fixture
        .workspace
        .test_source("gw", SourceEdit::default())
        .await
        .unwrap();
    assert_eq!(
        upstream.header("authorization").as_deref(),
        Some("Bearer sk-first")
    );
    fixture.workspace.refresh_source("gw").await.unwrap();
    assert_eq!(
        upstream.header("authorization").as_deref(),
        Some("Bearer sk-first")
    );
    assert_eq!(upstream.header("x-tenant").as_deref(), Some("blue"));

    let to_api_key = edit(SourcePatch {
        auth_header: Some("X-API-Key".to_owned()),
        ..SourcePatch::default()
    });
    fixture
        .workspace
        .edit_source("gw", to_api_key)
        .await
        .unwrap();
    fixture.workspace.refresh_source("gw").await.unwrap();
    assert_eq!(upstream.header("x-api-key").as_deref(), Some("sk-first"));
    assert_eq!(upstream.header("authorization"), None);
}

#[tokio::test]
async fn a_moved_source_loses_its_key_and_headers() {
    let (fixture, old) = (Fixture::new().await, Upstream::listing(&["a"]).await);
    let new = Upstream::listing(&["a"]).await;
    let mut write = with_key(source("gw", &old.base()), "sk-first");
    write.headers = Some(headers(&[("x-tenant", "blue")]));
    fixture.workspace.add_source(write).await.unwrap();

    let view = fixture
        .workspace
        .edit_source("gw", moved_to(&new.base()))
        .await
        .unwrap();
    assert_eq!(view.key.state, KeyState::Missing);
    assert_eq!(view.header_names, Vec::<String>::new());
    for origin in [&old.origin, &new.origin] {
        assert_eq!(fixture.holds("sources/gw/auth-value", origin).await, None);
        assert_eq!(fixture.holds("sources/gw/headers", origin).await, None);
    }
    assert_eq!(new.paths(), Vec::<String>::new(), "saving sends nothing");
    fixture.workspace.refresh_source("gw").await.unwrap();
    assert_eq!(new.header("authorization"), None);
    assert_eq!(new.header("x-tenant"), None);
    // Moving back does not bring them back.
    let back = moved_to(&old.base());
    let view = fixture.workspace.edit_source("gw", back).await.unwrap();
    assert_eq!(view.key.state, KeyState::Missing);
}

#[tokio::test]
async fn a_moved_source_keeps_what_is_entered_again_in_the_same_save() {
    let (fixture, old) = (Fixture::new().await, Upstream::listing(&["a"]).await);
    let new = Upstream::listing(&["a"]).await;
    let mut write = with_key(source("gw", &old.base()), "sk-first");
    write.headers = Some(headers(&[("x-tenant", "blue")]));
    fixture.workspace.add_source(write).await.unwrap();
    let mut edit = moved_to(&new.base());
    edit.auth_value = Some(Some(secret("sk-second")));
    let view = fixture.workspace.edit_source("gw", edit).await.unwrap();
    assert_eq!(view.key.state, KeyState::Configured);
    assert_eq!(view.key.bound_origin.as_deref(), Some(new.origin.as_str()));
    assert_eq!(view.header_names, Vec::<String>::new());
    fixture.workspace.refresh_source("gw").await.unwrap();
    assert_eq!(
        new.header("authorization").as_deref(),
        Some("Bearer sk-second")
    );
    assert_eq!(new.header("x-tenant"), None);
}

#[tokio::test]
async fn the_same_origin_written_otherwise_keeps_them() {
    let (fixture, upstream) = (Fixture::new().await, Upstream::listing(&["a"]).await);
    let write = with_key(source("gw", &upstream.base()), "sk-first");
    fixture.workspace.add_source(write).await.unwrap();
    let same = format!("{}/other/v1/", upstream.origin.to_uppercase());
    let patch = SourcePatch {
        base_url: Some(same.clone()),
        ..SourcePatch::default()
    };
    let view = fixture
        .workspace
        .edit_source("gw", edit(patch))
        .await
        .unwrap();
    assert_eq!((view.base_url, view.allow_private), (same, true));
    assert_eq!(view.key.state, KeyState::Configured);
    fixture.workspace.refresh_source("gw").await.unwrap();
    assert_eq!(upstream.paths(), ["/other/v1/models"]);
}

#[tokio::test]
async fn a_draft_with_a_stored_key_and_another_origin_sends_nothing() {
    let (fixture, upstream) = (Fixture::new().await, Upstream::listing(&["a"]).await);
    let mut write = with_key(source("gw", &upstream.base()), "sk-first");
    write.headers = Some(headers(&[("x-tenant", "blue")]));
    fixture.workspace.add_source(write).await.unwrap();

    let mut draft = source("gw", &upstream.base());
    draft.input.slug = Some("gw".to_owned());
    let report = fixture.test_unsaved(draft).await.unwrap();
    assert_eq!(report.outcome, CheckOutcome::Ok, "{}", report.message);
    assert_eq!(
        upstream.header("authorization").as_deref(),
        Some("Bearer sk-first")
    );
    assert_eq!(upstream.header("x-tenant").as_deref(), Some("blue"));

    let silent = Tripwire::on("127.0.0.1");
    let mut draft = source("gw", &base_of(&silent));
    draft.input.slug = Some("gw".to_owned());
    let error = fixture.test_unsaved(draft).await.unwrap_err();
    assert_eq!(error.code, "credential_origin_mismatch");
    silent.assert_untouched("a secret was bound elsewhere");

    // Without its slug, a draft has nothing of the stored source.
    let stranger = Upstream::listing(&["a"]).await;
    let report = fixture
        .test_unsaved(source("gw", &stranger.base()))
        .await
        .unwrap();
    assert_eq!(report.outcome, CheckOutcome::Ok);
    assert_eq!(stranger.header("authorization"), None);
    // With a new key, only that one is sent.
    let mut draft = with_key(source("gw", &stranger.base()), "sk-new");
    draft.input.slug = Some("gw".to_owned());
    fixture.test_unsaved(draft).await.unwrap();
    assert_eq!(
        stranger.header("authorization").as_deref(),
        Some("Bearer sk-new")
    );
    assert_eq!(stranger.header("x-tenant"), None);
    let view = fixture.workspace.source("gw").await.unwrap();
    assert_eq!(view.last_test, None, "a draft leaves no trace");
}

#[tokio::test]
async fn a_provider_that_the_environment_moves_sends_nothing() {
    let (silent, upstream) = (Tripwire::on("127.0.0.1"), Upstream::listing(&["a"]).await);
    let fixture = Fixture::with(&[("LITELLM_BASE_URL", &upstream.base())], None).await;
    let workspace = &fixture.workspace;
    let view = workspace
        .set_provider_key("litellm", secret("sk-first"))
        .await
        .unwrap();
    assert_eq!(view.key.state, KeyState::Configured);
    workspace.refresh_provider("litellm").await.unwrap();
    assert_eq!(
        upstream.header("authorization").as_deref(),
        Some("Bearer sk-first")
    );

    // The same data directory, started with another environment.
    let moved = fixture
        .restarted(&[("LITELLM_BASE_URL", &base_of(&silent))])
        .await;
    let view = moved.workspace.provider("litellm").await.unwrap();
    assert_eq!(view.key.state, KeyState::NeedsReentry);
    assert_eq!(
        view.key.bound_origin.as_deref(),
        Some(upstream.origin.as_str())
    );
    for result in [
        moved.workspace.test_provider("litellm", trial(None)).await,
        moved.workspace.refresh_provider("litellm").await,
    ] {
        let error = result.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Conflict);
        assert_eq!(error.code, "credential_origin_mismatch");
    }
    silent.assert_untouched("a secret was bound elsewhere");
    let key = secret("sk-first");
    let view = moved.workspace.set_provider_key("litellm", key).await;
    assert_eq!(view.unwrap().key.state, KeyState::Configured);
}

#[tokio::test]
async fn a_workspace_provider_that_is_moved_needs_its_key_again() {
    let (fixture, silent) = (Fixture::new().await, Tripwire::on("127.0.0.1"));
    let upstream = Upstream::listing(&["a"]).await;
    let draft = super::providers::draft("gw", &upstream.base());
    fixture.workspace.add_provider(draft).await.unwrap();
    let key = secret("sk-first");
    fixture.workspace.set_provider_key("gw", key).await.unwrap();
    let patch = ProviderPatch {
        base_url: Some(base_of(&silent)),
        ..ProviderPatch::default()
    };
    let view = fixture.workspace.edit_provider("gw", patch).await.unwrap();
    assert_eq!(view.key.state, KeyState::NeedsReentry);
    assert!(!view.allow_private, "the grant was for the other origin");
    assert!(fixture.workspace.refresh_provider("gw").await.is_err());
    silent.assert_untouched("a secret was bound elsewhere");
}

#[tokio::test]
async fn a_key_without_a_base_url_is_refused() {
    let fixture = Fixture::new().await;
    let write = with_key(source("gw", ""), "sk-first");
    let error = fixture.workspace.add_source(write).await.unwrap_err();
    assert_eq!(
        (error.field.as_deref(), error.code),
        (Some("base_url"), "missing_base_url")
    );
    assert!(fixture.workspace.sources().await.unwrap().is_empty());
}

#[tokio::test]
async fn an_address_that_was_not_allowed_is_not_called() {
    let (fixture, silent) = (Fixture::new().await, Tripwire::on("127.0.0.1"));
    let mut write = source("gw", &base_of(&silent));
    write.input.allow_private = false;
    fixture.workspace.add_source(write).await.unwrap();
    let report = fixture.workspace.refresh_source("gw").await.unwrap();
    assert_eq!(report.outcome, CheckOutcome::AddressNotAllowed);
    assert!(report.may_be_allowed);
    assert!(
        report.message.contains("allow private addresses"),
        "{}",
        report.message
    );
    silent.assert_untouched("a secret was bound elsewhere");

    // A draft says itself what it allows, before it is saved and after.
    let upstream = Upstream::listing(&["a"]).await;
    let granted = source("other", &upstream.base());
    fixture.workspace.add_source(granted).await.unwrap();
    for (allow, outcome) in [
        (true, CheckOutcome::Ok),
        (false, CheckOutcome::AddressNotAllowed),
    ] {
        let mut draft = source("other", &upstream.base());
        draft.input.slug = Some("other".to_owned());
        draft.input.allow_private = allow;
        let report = fixture.test_unsaved(draft).await.unwrap();
        assert_eq!(report.outcome, outcome, "{}", report.message);
    }

    // A grant is for an origin: another source at the same one has it too, a moved one has none.
    let grant = edit(SourcePatch {
        allow_private: Some(true),
        ..SourcePatch::default()
    });
    assert!(
        fixture
            .workspace
            .edit_source("gw", grant)
            .await
            .unwrap()
            .allow_private
    );
    let elsewhere = Tripwire::on("127.0.0.1");
    let moved = edit(SourcePatch {
        base_url: Some(base_of(&elsewhere)),
        ..SourcePatch::default()
    });
    assert!(
        !fixture
            .workspace
            .edit_source("gw", moved)
            .await
            .unwrap()
            .allow_private
    );
    let report = fixture.workspace.refresh_source("gw").await.unwrap();
    assert_eq!(report.outcome, CheckOutcome::AddressNotAllowed);
    elsewhere.assert_untouched("the grant was for another origin");
}

#[tokio::test]
async fn a_draft_of_a_slug_that_is_no_source_has_no_secrets() {
    let (fixture, upstream) = (Fixture::new().await, Upstream::listing(&["a"]).await);
    fixture
        .store_secret(
            "sources/ghost/auth-value",
            &upstream.origin,
            "sk-left-behind",
        )
        .await;
    let mut draft = source("ghost", &upstream.base());
    draft.input = SourceInput {
        slug: Some("ghost".to_owned()),
        ..draft.input
    };
    fixture.test_unsaved(draft).await.unwrap();
    assert_eq!(upstream.header("authorization"), None);
    // Nor has a source that is added under that slug.
    let write = source("ghost", &upstream.base());
    let view = fixture.workspace.add_source(write).await.unwrap();
    assert_eq!(view.key.state, KeyState::Missing);
    fixture.workspace.refresh_source("ghost").await.unwrap();
    assert_eq!(upstream.header("authorization"), None);
}

#[tokio::test]
async fn a_crash_between_the_secret_and_its_source_leaves_the_old_state() {
    let (fixture, old) = (Fixture::new().await, Upstream::listing(&["a"]).await);
    let write = with_key(source("gw", &old.base()), "sk-old");
    fixture.workspace.add_source(write).await.unwrap();
    // The first half of a move: the new value is in the backend, the row is still the old one's.
    let name = "sources/gw/auth-value".to_owned();
    let change = SecretChange::put(name, "https://new.example", secret("sk-new"), 1);
    let half = fixture.workspace.prepare_secrets(vec![change]).await;
    assert!(half.is_ok());
    drop(half);
    let fixture = fixture.restarted(&[]).await;
    let view = fixture.workspace.source("gw").await.unwrap();
    assert_eq!(view.base_url, old.base());
    assert_eq!(view.key.state, KeyState::Configured);
    assert_eq!(view.key.bound_origin.as_deref(), Some(old.origin.as_str()));
    fixture.workspace.refresh_source("gw").await.unwrap();
    assert_eq!(
        old.header("authorization").as_deref(),
        Some("Bearer sk-old")
    );
}
