//! The state of a key, and the values that are no key.

use super::super::{ErrorKind, UnsavedProvider};
use super::fixture::{Fixture, secret, source, trial, with_key};
use super::upstream::Upstream;
use crate::tokens::ApiToken;
use waypost_api_types::{CheckOutcome, KeyState, KeyView, TokenKind};
use waypost_routing::provenance::Provenance;

async fn key(fixture: &Fixture, name: &str) -> KeyView {
    fixture.workspace.provider(name).await.unwrap().key
}

#[tokio::test]
async fn a_key_is_missing_then_from_the_environment_then_from_the_backend() {
    let fixture = Fixture::with(
        &[("GROQ_API_KEY", "gsk-env"), ("NVIDIA_API_KEY", " \n")],
        None,
    )
    .await;
    let nvidia = key(&fixture, "nvidia").await;
    assert_eq!((nvidia.state, nvidia.from), (KeyState::Missing, None));
    assert_eq!(nvidia.secret_name, "nvidia/api-key");
    let groq = key(&fixture, "groq").await;
    assert_eq!(groq.state, KeyState::Configured);
    assert_eq!(groq.from, Some(Provenance::Env("GROQ_API_KEY".into())));

    let view = fixture
        .workspace
        .set_provider_key("groq", secret(" gsk-stored-4321 "))
        .await
        .unwrap();
    assert_eq!(
        view.key.from,
        Some(Provenance::Secret("groq/api-key".into()))
    );
    assert_eq!(view.key.hint.as_deref(), Some("4321"));
    assert_eq!(
        view.key.bound_origin.as_deref(),
        Some("https://api.groq.com")
    );

    let removed = fixture.workspace.remove_provider_key("groq").await.unwrap();
    let view = removed.provider;
    assert_eq!(view.key.from, Some(Provenance::Env("GROQ_API_KEY".into())));
    assert_eq!(
        fixture.actions().await,
        [
            "session:test provider.key.set provider:groq",
            "session:test provider.key.remove provider:groq"
        ]
    );
}

#[tokio::test]
async fn a_backend_that_does_not_answer_is_unknown_and_nothing_is_sent() {
    let fixture = Fixture::new().await;
    let upstream = Upstream::listing(&["a"]).await;
    let write = with_key(source("gw", &upstream.base()), "sk-first");
    fixture.workspace.add_source(write).await.unwrap();
    fixture.break_secrets();
    let fixture = fixture.restarted(&[]).await;
    assert_eq!(key(&fixture, "groq").await.state, KeyState::Unknown);
    let view = fixture.workspace.source("gw").await.unwrap();
    assert_eq!(view.key.state, KeyState::Unknown);
    for error in [
        fixture.workspace.refresh_source("gw").await.unwrap_err(),
        fixture.workspace.delete_source("gw").await.unwrap_err(),
        fixture
            .workspace
            .set_provider_key("groq", secret("sk"))
            .await
            .unwrap_err(),
    ] {
        assert_eq!(error.kind, ErrorKind::Unavailable, "{error}");
        assert_eq!(error.code, "secrets_unavailable");
    }
    assert_eq!(upstream.paths(), Vec::<String>::new());
    // The source is still there: its secrets come first, and they could not be removed.
    assert!(fixture.workspace.source("gw").await.is_ok());
}

#[tokio::test]
async fn a_key_with_a_line_break_is_refused_wherever_it_comes_from() {
    let upstream = Upstream::listing(&["a"]).await;
    let fixture = Fixture::with(
        &[
            ("LITELLM_BASE_URL", upstream.base().as_str()),
            ("LITELLM_MASTER_KEY", "sk-a\r\nX-Injected: 1"),
        ],
        None,
    )
    .await;
    let error = fixture
        .workspace
        .refresh_provider("litellm")
        .await
        .unwrap_err();
    assert_eq!(error.code, "env_unusable");
    assert!(error.message.contains("LITELLM_MASTER_KEY"), "{error}");
    assert!(!error.message.contains("sk-a"), "{error}");
    for bad in ["", "  ", "sk\nx", "sk-\u{7f}", "schlüssel"] {
        let error = fixture
            .workspace
            .set_provider_key("litellm", secret(bad))
            .await
            .unwrap_err();
        assert_eq!(
            (error.code, error.field.as_deref()),
            ("invalid_secret_value", Some("value")),
            "{bad:?}"
        );
    }
    assert_eq!(upstream.paths(), Vec::<String>::new());
}

#[tokio::test]
async fn a_key_is_tested_before_it_is_saved_and_the_old_one_stays() {
    let upstream = Upstream::listing(&["a"]).await;
    let fixture = Fixture::with(&[("LITELLM_BASE_URL", &upstream.base())], None).await;
    let old = secret("sk-old");
    fixture
        .workspace
        .set_provider_key("litellm", old)
        .await
        .unwrap();
    upstream.answers(401, "{}");
    let report = fixture
        .workspace
        .test_provider("litellm", trial(Some(secret("sk-new"))))
        .await
        .unwrap();
    assert_eq!(report.outcome, CheckOutcome::Unauthorized);
    assert_eq!(
        upstream.header("authorization").as_deref(),
        Some("Bearer sk-new")
    );
    let stored = fixture.holds("litellm/api-key", &upstream.origin).await;
    assert_eq!(stored.as_deref(), Some("sk-old"));
    let view = fixture.workspace.provider("litellm").await.unwrap();
    assert_eq!((view.last_test, view.last_refresh), (None, None));
}

#[tokio::test]
async fn a_provider_without_a_key_is_asked_without_one() {
    let upstream = Upstream::listing(&["a"]).await;
    let fixture = Fixture::with(&[("LITELLM_BASE_URL", &upstream.base())], None).await;
    upstream.answers(500, r#"{"error":{"type":"auth_error"}}"#);
    let report = fixture.workspace.refresh_provider("litellm").await.unwrap();
    assert_eq!(report.outcome, CheckOutcome::Unauthorized);
    assert_eq!(upstream.header("authorization"), None);
}

#[tokio::test]
async fn the_environments_key_is_not_sent_in_the_place_of_one_that_cannot_be_read() {
    let upstream = Upstream::listing(&["a"]).await;
    let variables = [
        ("LITELLM_BASE_URL", upstream.origin.as_str()),
        ("LITELLM_MASTER_KEY", "sk-env"),
    ];
    let fixture = Fixture::with(&variables, None).await;
    // A backend that never held anything would be begun anew instead.
    let other = secret("gsk-other");
    fixture
        .workspace
        .set_provider_key("groq", other)
        .await
        .unwrap();
    fixture.break_secrets();
    let fixture = fixture.restarted(&variables).await;
    assert_eq!(key(&fixture, "litellm").await.state, KeyState::Unknown);
    let error = fixture
        .workspace
        .refresh_provider("litellm")
        .await
        .unwrap_err();
    assert_eq!(error.code, "secrets_unavailable");
    assert_eq!(upstream.paths(), Vec::<String>::new());
}

#[tokio::test]
async fn a_test_of_openrouter_checks_the_key_and_a_refresh_only_lists() {
    let upstream = Upstream::listing(&["a"]).await;
    let fixture = Fixture::with(&[("OPENROUTER_BASE_URL", &upstream.base())], None).await;
    fixture
        .workspace
        .test_provider("openrouter", trial(None))
        .await
        .unwrap();
    assert_eq!(upstream.paths(), ["/v1/key", "/v1/models"]);
    assert_eq!(upstream.header("x-title").as_deref(), Some("Waypost"));
    fixture
        .workspace
        .refresh_provider("openrouter")
        .await
        .unwrap();
    assert_eq!(upstream.paths()[2..], ["/v1/models"]);

    let other = Upstream::listing(&["a"]).await;
    let mine = super::providers::draft("openrouter", &other.base());
    let fixture = Fixture::new().await;
    fixture.workspace.add_provider(mine).await.unwrap();
    fixture
        .workspace
        .test_provider("openrouter", trial(None))
        .await
        .unwrap();
    assert_eq!(other.paths(), ["/v1/models"]);
}

/// It would open this Waypost, or another one, and a request could go round and round.
#[tokio::test]
async fn a_waypost_token_in_a_variable_is_sent_nowhere() {
    for kind in [TokenKind::Agent, TokenKind::Service] {
        let token = ApiToken::generate(kind);
        let fixture = Fixture::with(&[("GROQ_API_KEY", token.expose())], None).await;
        let workspace = &fixture.workspace;
        let unsaved = UnsavedProvider::default();
        for error in [
            workspace.refresh_provider("groq").await.unwrap_err(),
            workspace.test_provider("groq", unsaved).await.unwrap_err(),
        ] {
            assert_eq!(error.code, "waypost_token", "{error}");
            assert!(error.message.contains("`GROQ_API_KEY`"), "{error}");
            assert!(!error.message.contains(token.expose()));
        }
    }
}
