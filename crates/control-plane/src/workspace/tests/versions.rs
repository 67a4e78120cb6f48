//! Changes that are based on an old version.

use super::fixture::{Fixture, edit, secret, source};
use crate::workspace::{DomainError, ErrorKind, Evidence, Expected, Workspace};
use std::collections::BTreeMap;
use waypost_api_types::{
    AgentInput, Current, DefaultModel, NewModels, ProviderInput, ProviderPatch, SettingsPatch,
    SourcePatch,
};
use waypost_routing::catalog::ProviderKind;

fn expecting(fixture: &Fixture, version: u64) -> Workspace {
    fixture.workspace.expecting(Expected::OneOf(vec![version]))
}

/// What is stored now, as the refusal of a late change shows it.
#[track_caller]
fn shown<T: std::fmt::Debug>(done: Result<T, DomainError>) -> Current {
    let error = done.unwrap_err();
    assert_eq!(
        (error.kind, error.code),
        (ErrorKind::PreconditionFailed, "version_conflict")
    );
    match *error.evidence.unwrap() {
        Evidence::Current(current) => current,
        other => panic!("nothing that is stored: {other:?}"),
    }
}

#[tokio::test]
async fn a_provider_is_changed_only_in_the_version_that_was_seen() {
    let fixture = Fixture::new().await;
    let draft = ProviderInput {
        name: "edge".to_owned(),
        kind: ProviderKind::Gateway,
        base_url: "https://gw.example/v1".to_owned(),
        api_key_env: None,
        default_headers: BTreeMap::new(),
        docs: None,
        allow_private: false,
        new_models: NewModels::Inherit,
        limits: Default::default(),
        pass_headers: Vec::new(),
    };
    let seen = fixture.workspace.add_provider(draft).await.unwrap().version;
    let patch = |url: &str| ProviderPatch {
        base_url: Some(url.to_owned()),
        ..ProviderPatch::default()
    };
    let second = expecting(&fixture, seen)
        .edit_provider("edge", patch("https://b.example/v1"))
        .await
        .unwrap();
    assert!(second.version > seen);
    let late = expecting(&fixture, seen);
    let edit = late.edit_provider("edge", patch("https://c.example/v1"));
    assert_eq!(
        shown(edit.await),
        Current::Provider(Box::new(second.clone()))
    );
    shown(late.set_provider_key("edge", secret("sk-0123456789")).await);
    shown(late.remove_provider_key("edge").await);
    shown(late.delete_provider("edge").await);
    assert_eq!(fixture.workspace.provider("edge").await.unwrap(), second);
    assert_eq!(
        fixture.holds("edge/api-key", "https://b.example").await,
        None
    );
    // A version never comes back, not even for another thing of the name.
    expecting(&fixture, second.version)
        .delete_provider("edge")
        .await
        .unwrap();
    let gone = late.delete_provider("edge").await.unwrap_err();
    assert_eq!(gone.code, "not_found");
}

#[tokio::test]
async fn a_source_is_changed_only_in_the_version_that_was_seen() {
    let fixture = Fixture::new().await;
    let write = source("gw", "https://gw.example/v1");
    let seen = fixture.workspace.add_source(write).await.unwrap().version;
    let named = |name: &str| {
        edit(SourcePatch {
            name: Some(name.to_owned()),
            ..SourcePatch::default()
        })
    };
    let second = expecting(&fixture, seen)
        .edit_source("gw", named("Second"))
        .await
        .unwrap();
    let late = expecting(&fixture, seen);
    let third = late.edit_source("gw", named("Third")).await;
    assert_eq!(shown(third), Current::Source(Box::new(second.clone())));
    shown(late.delete_source("gw").await);
    assert_eq!(fixture.workspace.source("gw").await.unwrap(), second);
}

#[tokio::test]
async fn settings_and_the_default_model_have_versions_of_their_own() {
    let fixture = Fixture::new().await;
    let before = fixture.workspace.settings().await.unwrap();
    assert_eq!(before.revision, 0);
    let start_disabled = |disabled| SettingsPatch {
        new_models_start_disabled: Some(disabled),
        ..SettingsPatch::default()
    };
    let after = expecting(&fixture, 0)
        .edit_settings(start_disabled(true))
        .await
        .unwrap();
    assert!(after.revision > 0);
    let late = expecting(&fixture, 0);
    let settings = late.edit_settings(start_disabled(false)).await;
    assert_eq!(shown(settings), Current::Settings(Box::new(after)));

    let mut gw = source("gw", "https://gw.example/v1");
    gw.input.passthrough = true;
    fixture.workspace.add_source(gw).await.unwrap();
    let wanted = DefaultModel {
        model_ref: Some("gw/m".to_owned()),
        ..DefaultModel::default()
    };
    let default = expecting(&fixture, 0)
        .set_default_model(wanted)
        .await
        .unwrap();
    assert!(default.version > 0);
    let late = late.set_default_model(DefaultModel::default()).await;
    assert_eq!(shown(late), Current::DefaultModel(default));
}

#[tokio::test]
async fn an_agent_is_changed_only_in_the_version_that_was_seen() {
    let fixture = Fixture::new().await;
    let write = |yaml: &str| AgentInput::of(yaml.to_owned());
    let seen = fixture
        .workspace
        .add_agent(write("name: bot"))
        .await
        .unwrap();
    let second = expecting(&fixture, seen.version)
        .replace_agent("bot", write("name: bot\n# second"))
        .await
        .unwrap();
    let late = expecting(&fixture, seen.version);
    let third = late.replace_agent("bot", write("name: bot\n# third"));
    assert_eq!(shown(third.await), Current::Agent(Box::new(second.clone())));
    // Both versions are shown even where the late document has errors as well.
    shown(late.replace_agent("bot", write("name: [")).await);
    shown(late.delete_agent("bot").await);
    assert_eq!(fixture.workspace.agent("bot").await.unwrap(), second);
    // Deleted and made anew, it is not what was seen before.
    fixture.workspace.delete_agent("bot").await.unwrap();
    fixture
        .workspace
        .add_agent(write("name: bot"))
        .await
        .unwrap();
    shown(late.delete_agent("bot").await);
    shown(
        expecting(&fixture, second.version)
            .delete_agent("bot")
            .await,
    );
}

/// The edits in the audit log and the versions of everything that has one.
async fn edits_and_versions(fixture: &Fixture) -> (Vec<String>, [u64; 5]) {
    let workspace = &fixture.workspace;
    let page = workspace.audit(Default::default(), None, None).await;
    let actions = page.unwrap().items.into_iter().map(|event| event.action);
    let versions = [
        workspace.agent("bot").await.unwrap().version,
        workspace.default_model().await.unwrap().version,
        workspace.settings().await.unwrap().revision,
        workspace.source("gw").await.unwrap().version,
        workspace.provider("groq").await.unwrap().version,
    ];
    (actions.collect(), versions)
}

#[tokio::test]
async fn saving_what_is_stored_is_no_edit() {
    let fixture = Fixture::new().await;
    let workspace = &fixture.workspace;
    let mut gw = source("gw", "https://gw.example/v1");
    gw.input.passthrough = true;
    workspace.add_source(gw).await.unwrap();
    let bot = || AgentInput::of("name: bot\nmodel: { primary: gw/m }\n".to_owned());
    workspace.add_agent(bot()).await.unwrap();
    let default = |model_ref: Option<&str>| DefaultModel {
        model_ref: model_ref.map(str::to_owned),
        ..DefaultModel::default()
    };
    let settings = || SettingsPatch {
        new_models_start_disabled: Some(true),
        refuse_body_routing: Some(true),
        managed_gateway: Some("openrouter".to_owned()),
    };
    let named = || {
        edit(SourcePatch {
            name: Some("Second".to_owned()),
            base_url: Some("https://gw.example/v1".to_owned()),
            new_models: Some(NewModels::Disabled),
            ..SourcePatch::default()
        })
    };
    let policy = || ProviderPatch {
        new_models: Some(NewModels::Disabled),
        ..ProviderPatch::default()
    };
    let save = async || {
        workspace.replace_agent("bot", bot()).await.unwrap();
        let wanted = default(Some("gw/m"));
        workspace.set_default_model(wanted).await.unwrap();
        workspace.edit_settings(settings()).await.unwrap();
        workspace.edit_source("gw", named()).await.unwrap();
        workspace.edit_provider("groq", policy()).await.unwrap();
        workspace.remove_provider_key("groq").await.unwrap();
    };
    save().await;
    let once = edits_and_versions(&fixture).await;
    assert!(once.0.iter().any(|action| action == "source.edit"));
    assert!(!once.0.iter().any(|action| action == "agent.edit"));
    assert!(!once.0.iter().any(|action| action == "provider.key.remove"));
    save().await;
    assert_eq!(edits_and_versions(&fixture).await, once);

    workspace.set_default_model(default(None)).await.unwrap();
    let cleared = edits_and_versions(&fixture).await;
    assert!(cleared.1[1] > once.1[1]);
    workspace.set_default_model(default(None)).await.unwrap();
    assert_eq!(edits_and_versions(&fixture).await, cleared);
}
