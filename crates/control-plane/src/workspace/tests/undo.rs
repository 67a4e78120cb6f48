//! Taking deletions back: everything as it was, or nothing.

use super::super::ErrorKind;
use super::fixture::{Fixture, headers, secret, source, with_key};
use super::upstream::Upstream;
use crate::store::Actor;
use tokio::time::Instant;
use waypost_api_types::{
    AgentInput, DefaultModel, EnableModelsInput, KeyState, NewModels, ProviderInput, RestoredKind,
    SourceView,
};
use waypost_routing::catalog::ProviderKind;

/// The same view, less its version.
fn as_it_was(mut view: SourceView) -> SourceView {
    view.version = 0;
    view
}

async fn models(fixture: &Fixture) -> Vec<String> {
    let sql = "SELECT owner || '/' || id || ' ' || enabled || ' ' || absent FROM models
               ORDER BY owner, id";
    fixture.texts(sql).await
}

/// A source with both secrets, three models, one of them off and one absent, that is the default
/// model's owner.
async fn full_source() -> (Fixture, Upstream) {
    let (fixture, upstream) = (
        Fixture::new().await,
        Upstream::listing(&["a", "b", "c"]).await,
    );
    let mut write = with_key(source("gw", &upstream.base()), "sk-undo-canary");
    write.headers = Some(headers(&[("x-tenant", "blue-canary")]));
    write.input.passthrough = true;
    write.input.new_models = NewModels::Disabled;
    fixture.workspace.add_source(write).await.unwrap();
    fixture.workspace.refresh_source("gw").await.unwrap();
    upstream.lists(&["a", "b"]);
    fixture.workspace.refresh_source("gw").await.unwrap();
    let refs = vec!["gw/a".to_owned()];
    let change = EnableModelsInput {
        refs,
        enabled: true,
    };
    fixture.workspace.enable_models(change).await.unwrap();
    let default = DefaultModel {
        model_ref: Some("gw/a".to_owned()),
        ..DefaultModel::default()
    };
    fixture.workspace.set_default_model(default).await.unwrap();
    (fixture, upstream)
}

#[tokio::test]
async fn a_source_comes_back_with_its_models_secrets_and_the_default_model() {
    let (fixture, upstream) = full_source().await;
    let workspace = &fixture.workspace;
    let (before, models_before) = (
        workspace.source("gw").await.unwrap(),
        models(&fixture).await,
    );
    assert_eq!(models_before.len(), 3);
    let ticket = workspace.delete_source("gw").await.unwrap();
    assert_eq!(ticket.seconds, 10);
    assert_eq!(models(&fixture).await, Vec::<String>::new());
    assert_eq!(
        fixture
            .holds("sources/gw/auth-value", &upstream.origin)
            .await,
        None
    );

    let restored = workspace.undo(&ticket.token).await.unwrap();
    assert_eq!(restored.kind, RestoredKind::Source);
    assert_eq!(restored.default_model.as_deref(), Some("gw/a"));
    assert!(!restored.needs_key);
    let after = workspace.source("gw").await.unwrap();
    assert!(after.version > before.version);
    assert_eq!(as_it_was(after), as_it_was(before));
    assert_eq!(models(&fixture).await, models_before);
    let default = workspace.default_model().await.unwrap();
    assert_eq!(default.model_ref.as_deref(), Some("gw/a"));
    let origin = &upstream.origin;
    assert_eq!(
        fixture
            .holds("sources/gw/auth-value", origin)
            .await
            .as_deref(),
        Some("sk-undo-canary")
    );
    assert_eq!(
        fixture.holds("sources/gw/headers", origin).await.as_deref(),
        Some(r#"{"x-tenant":"blue-canary"}"#)
    );
    let actions = fixture.actions().await;
    assert_eq!(
        actions[actions.len() - 4..],
        [
            "session:test default_model.clear default-model",
            "session:test source.delete source:gw",
            "session:test source.restore source:gw",
            "session:test default_model.restore default-model"
        ]
    );
    let again = workspace.undo(&ticket.token).await.unwrap_err();
    assert_eq!((again.kind, again.code), (ErrorKind::Gone, "undo_expired"));
}

#[tokio::test]
async fn a_key_comes_back_as_it_was_entered() {
    let fixture = Fixture::new().await;
    let before = fixture
        .workspace
        .set_provider_key("groq", secret("gsk-undo-4321"))
        .await
        .unwrap();
    let removed = fixture.workspace.remove_provider_key("groq").await.unwrap();
    assert_eq!(removed.provider.key.state, KeyState::Missing);
    let token = removed.undo.unwrap().token;
    let restored = fixture.workspace.undo(&token).await.unwrap();
    assert_eq!(restored.kind, RestoredKind::ProviderKey);
    let after = fixture.workspace.provider("groq").await.unwrap();
    assert_eq!(after.key, before.key);
    assert!(after.version > removed.provider.version);
    // Where there is no key there is nothing to take back.
    fixture.workspace.remove_provider_key("groq").await.unwrap();
    let none = fixture.workspace.remove_provider_key("groq").await.unwrap();
    assert_eq!(none.undo, None);
}

#[tokio::test]
async fn a_key_that_was_entered_meanwhile_stays() {
    let fixture = Fixture::new().await;
    let workspace = &fixture.workspace;
    workspace
        .set_provider_key("groq", secret("gsk-1"))
        .await
        .unwrap();
    let token = workspace
        .remove_provider_key("groq")
        .await
        .unwrap()
        .undo
        .unwrap()
        .token;
    workspace
        .set_provider_key("groq", secret("gsk-2"))
        .await
        .unwrap();
    let error = workspace.undo(&token).await.unwrap_err();
    assert_eq!(
        (error.kind, error.code),
        (ErrorKind::Conflict, "changed_meanwhile")
    );
    let held = fixture.holds("groq/api-key", "https://api.groq.com").await;
    assert_eq!(held.as_deref(), Some("gsk-2"));
}

fn gateway(name: &str, base_url: &str) -> ProviderInput {
    ProviderInput {
        name: name.to_owned(),
        kind: ProviderKind::Gateway,
        base_url: base_url.to_owned(),
        api_key_env: None,
        default_headers: [("x-a".to_owned(), "1".to_owned())].into(),
        docs: None,
        allow_private: true,
        new_models: NewModels::Enabled,
        limits: Default::default(),
        pass_headers: Vec::new(),
    }
}

#[tokio::test]
async fn a_provider_comes_back_with_its_key_and_an_override_over_its_entry() {
    let upstream = Upstream::listing(&["a"]).await;
    let fixture = Fixture::new().await;
    let workspace = &fixture.workspace;
    for name in ["hub", "openrouter"] {
        workspace
            .add_provider(gateway(name, &upstream.base()))
            .await
            .unwrap();
        workspace
            .set_provider_key(name, secret("sk-hub-12345"))
            .await
            .unwrap();
        workspace.refresh_provider(name).await.unwrap();
        let before = workspace.provider(name).await.unwrap();
        let rows = models(&fixture).await;
        let token = workspace.delete_provider(name).await.unwrap().token;
        let restored = workspace.undo(&token).await.unwrap();
        assert_eq!(
            (restored.kind, restored.name.as_str()),
            (RestoredKind::Provider, name)
        );
        let mut after = workspace.provider(name).await.unwrap();
        assert!(after.version > before.version);
        after.version = before.version;
        assert_eq!(after, before);
        assert_eq!(models(&fixture).await, rows);
    }
}

#[tokio::test]
async fn an_agent_comes_back_as_it_was_written() {
    let fixture = Fixture::new().await;
    let yaml = "# mine\nname: bot\n".to_owned();
    let write = AgentInput::of(yaml.clone());
    let before = fixture.workspace.add_agent(write).await.unwrap();
    let token = fixture.workspace.delete_agent("bot").await.unwrap().token;
    fixture.workspace.undo(&token).await.unwrap();
    let after = fixture.workspace.agent("bot").await.unwrap();
    assert_eq!(after.yaml, yaml);
    assert!(after.version > before.version);
    assert_eq!(fixture.workspace.snapshot().agents.len(), 1);
}

#[tokio::test]
async fn a_name_that_is_used_again_keeps_its_new_owner_and_inherits_nothing() {
    let (fixture, upstream) = full_source().await;
    let workspace = &fixture.workspace;
    let token = workspace.delete_source("gw").await.unwrap().token;
    let heir = workspace
        .add_source(source("gw", &upstream.base()))
        .await
        .unwrap();
    assert_eq!(heir.key.state, KeyState::Missing);
    let error = workspace.undo(&token).await.unwrap_err();
    assert_eq!(
        (error.kind, error.code),
        (ErrorKind::Conflict, "name_taken")
    );
    assert_eq!(workspace.source("gw").await.unwrap(), heir);
    assert_eq!(
        fixture
            .holds("sources/gw/auth-value", &upstream.origin)
            .await,
        None
    );
    // Once the name is free again, so is the way back.
    workspace.delete_source("gw").await.unwrap();
    workspace.undo(&token).await.unwrap();
    assert_eq!(models(&fixture).await.len(), 3);
}

#[tokio::test]
async fn the_key_of_a_provider_that_is_gone_is_not_given_to_its_heir() {
    let fixture = Fixture::new().await;
    let workspace = &fixture.workspace;
    let add = || workspace.add_provider(gateway("hub", "https://hub.example/v1"));
    add().await.unwrap();
    workspace
        .set_provider_key("hub", secret("sk-old-1234"))
        .await
        .unwrap();
    let token = workspace
        .remove_provider_key("hub")
        .await
        .unwrap()
        .undo
        .unwrap()
        .token;
    workspace.delete_provider("hub").await.unwrap();
    add().await.unwrap();
    let error = workspace.undo(&token).await.unwrap_err();
    assert_eq!(error.code, "undo_expired");
    assert_eq!(
        fixture.holds("hub/api-key", "https://hub.example").await,
        None
    );
}

#[tokio::test]
async fn after_ten_seconds_another_session_or_a_restart_it_is_gone() {
    let (fixture, _upstream) = full_source().await;
    let token = fixture.workspace.delete_source("gw").await.unwrap().token;
    let undos = &fixture.workspace.inner.undos;
    assert_eq!(undos.len(), 1);
    let other = fixture.workspace.by(Actor::session("other", ""));
    let restarted = fixture.restarted(&[]).await;
    for workspace in [&other, &restarted.workspace] {
        let error = workspace.undo(&token).await.unwrap_err();
        assert_eq!((error.kind, error.code), (ErrorKind::Gone, "undo_expired"));
    }
    undos.expire(Instant::now() + std::time::Duration::from_secs(10));
    assert_eq!(undos.len(), 0, "it is kept in memory");
    assert_eq!(
        fixture.workspace.undo(&token).await.unwrap_err().code,
        "undo_expired"
    );
    assert!(fixture.workspace.source("gw").await.is_err());
}

#[tokio::test]
async fn where_the_secrets_cannot_be_written_nothing_comes_back_and_one_may_try_again() {
    let (fixture, _upstream) = full_source().await;
    // Without any secret left, a missing key would simply be made anew.
    let other = fixture
        .workspace
        .set_provider_key("groq", secret("gsk-other"));
    other.await.unwrap();
    let token = fixture.workspace.delete_source("gw").await.unwrap().token;
    fixture.break_secrets();
    let error = fixture.workspace.undo(&token).await.unwrap_err();
    assert_eq!(
        (error.kind, error.code),
        (ErrorKind::Unavailable, "secrets_unavailable")
    );
    assert!(fixture.workspace.source("gw").await.is_err());
    std::fs::rename(
        fixture.path("secrets.key.away"),
        fixture.path("secrets.key"),
    )
    .unwrap();
    fixture.workspace.undo(&token).await.unwrap();
    assert_eq!(
        fixture.workspace.source("gw").await.unwrap().key.state,
        KeyState::Configured
    );
}

#[tokio::test]
async fn where_the_database_fails_nothing_comes_back() {
    let (fixture, upstream) = full_source().await;
    let token = fixture.workspace.delete_source("gw").await.unwrap().token;
    fixture
        .execute("CREATE TRIGGER no BEFORE INSERT ON models BEGIN SELECT RAISE(ABORT, 'no'); END")
        .await;
    assert_eq!(
        fixture.workspace.undo(&token).await.unwrap_err().kind,
        ErrorKind::Internal
    );
    assert!(fixture.workspace.source("gw").await.is_err());
    assert_eq!(
        fixture
            .holds("sources/gw/auth-value", &upstream.origin)
            .await,
        None
    );
}

#[tokio::test]
async fn what_is_kept_is_written_nowhere() {
    let (fixture, _upstream) = full_source().await;
    fixture.workspace.delete_source("gw").await.unwrap();
    for name in ["waypost.db", "waypost.db-wal"] {
        let bytes = std::fs::read(fixture.path(name)).unwrap();
        for canary in ["sk-undo-canary", "blue-canary"] {
            let found = bytes
                .windows(canary.len())
                .any(|part| part == canary.as_bytes());
            assert!(!found, "{canary} in {name}");
        }
    }
}
