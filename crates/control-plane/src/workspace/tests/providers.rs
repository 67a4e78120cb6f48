//! Providers in their layers, and the providers file.

use super::super::{DomainError, ErrorKind, ModelsQuery};
use super::fixture::{FILE, Fixture, secret, source, trial};
use super::upstream::Upstream;
use std::collections::BTreeMap;
use waypost_api_types::{
    NewModels, ProviderInput, ProviderPatch, ProvidersFileState, RouteRequest, SettingsPatch,
};
use waypost_routing::catalog::{Layer, ProviderKind};
use waypost_routing::operation::Operation;
use waypost_routing::provenance::Provenance;
use waypost_routing::resolution::RouteKind;

pub(super) fn draft(name: &str, base_url: &str) -> ProviderInput {
    ProviderInput {
        name: name.to_owned(),
        kind: ProviderKind::Gateway,
        base_url: base_url.to_owned(),
        api_key_env: None,
        default_headers: BTreeMap::new(),
        docs: None,
        allow_private: true,
        new_models: NewModels::Inherit,
        limits: Default::default(),
        pass_headers: Vec::new(),
    }
}

async fn routed(fixture: &Fixture, model_ref: &str) -> waypost_routing::resolution::Resolution {
    let request = RouteRequest::of(model_ref, Operation::Chat);
    fixture.workspace.route(&request).unwrap()
}

fn fault(error: &DomainError) -> (&str, Option<&str>) {
    (error.code, error.field.as_deref())
}

#[tokio::test]
async fn the_built_in_catalog_is_listed_by_name() {
    let fixture = Fixture::new().await;
    let page = fixture.workspace.providers().await.unwrap();
    let names: Vec<&str> = page.items.iter().map(|view| view.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "cerebras",
            "deepinfra",
            "fireworks",
            "groq",
            "hyperbolic",
            "litellm",
            "moonshot",
            "nvidia",
            "openrouter",
            "together"
        ]
    );
    let litellm = fixture.workspace.provider("litellm").await.unwrap();
    assert_eq!(litellm.base_url.value, "http://localhost:4000");
    assert_eq!(litellm.base_url.from, Provenance::Builtin);
    assert!(litellm.managed && litellm.allow_private);
    assert!(
        !fixture
            .workspace
            .provider("groq")
            .await
            .unwrap()
            .allow_private
    );
}

#[tokio::test]
async fn a_workspace_entry_replaces_a_lower_one_whole_and_gives_way_when_deleted() {
    let fixture = Fixture::new().await;
    let view = fixture
        .workspace
        .add_provider(draft("openrouter", "https://proxy.example/v1/"))
        .await
        .unwrap();
    assert_eq!(view.layer, Layer::Workspace);
    assert_eq!(view.base_url.value, "https://proxy.example/v1");
    assert_eq!(view.base_url.from, Provenance::Workspace);
    let replaced = view.replaces.unwrap();
    assert_eq!(replaced.layer, Layer::Builtin);
    assert_eq!(replaced.lost_headers, ["HTTP-Referer", "X-Title"]);

    let again = draft("openrouter", "https://other.example");
    let error = fixture.workspace.add_provider(again).await.unwrap_err();
    assert_eq!(fault(&error), ("name_taken", Some("name")));

    let key = secret("sk-proxy");
    fixture
        .workspace
        .set_provider_key("openrouter", key)
        .await
        .unwrap();
    fixture
        .workspace
        .delete_provider("openrouter")
        .await
        .unwrap();
    let view = fixture.workspace.provider("openrouter").await.unwrap();
    assert_eq!(view.layer, Layer::Builtin);
    assert_eq!(
        fixture
            .holds("openrouter/api-key", "https://proxy.example")
            .await,
        None
    );
    let error = fixture
        .workspace
        .delete_provider("openrouter")
        .await
        .unwrap_err();
    assert_eq!(fault(&error), ("not_workspace_entry", None));
    let error = fixture
        .workspace
        .delete_provider("missing")
        .await
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotFound);
}

#[tokio::test]
async fn each_field_at_fault_is_named_and_nothing_is_added() {
    let fixture = Fixture::new().await;
    let good = draft("mine", "https://gw.example");
    for (bad, expected) in [
        (
            draft("Mine", "https://gw.example"),
            ("invalid_name", "name"),
        ),
        (draft("mine", ""), ("missing_base_url", "base_url")),
        (
            draft("mine", "ftp://gw.example"),
            ("invalid_base_url", "base_url"),
        ),
        (
            draft("mine", "https://u:p@gw.example"),
            ("credentials_in_url", "base_url"),
        ),
        (
            draft("mine", "https://gw.example/v1/models"),
            ("base_url_is_endpoint", "base_url"),
        ),
        (
            ProviderInput {
                api_key_env: Some("sk-live-1234".to_owned()),
                ..good.clone()
            },
            ("invalid_api_key_env", "api_key_env"),
        ),
        (
            ProviderInput {
                default_headers: BTreeMap::from([("Host".to_owned(), "x".to_owned())]),
                ..good.clone()
            },
            ("invalid_header", "default_headers.host"),
        ),
        (
            ProviderInput {
                docs: Some("javascript:alert(1)".to_owned()),
                ..good.clone()
            },
            ("invalid_docs", "docs"),
        ),
    ] {
        let error = fixture.workspace.add_provider(bad).await.unwrap_err();
        assert_eq!(fault(&error), (expected.0, Some(expected.1)), "{error}");
        assert_eq!(error.kind, ErrorKind::Invalid);
    }
    assert!(fixture.workspace.provider("mine").await.is_err());
    assert_eq!(fixture.actions().await, Vec::<String>::new());
}

#[tokio::test]
async fn of_a_lower_layers_entry_only_the_policy_can_be_changed() {
    let fixture = Fixture::new().await;
    let policy = ProviderPatch {
        new_models: Some(NewModels::Disabled),
        ..ProviderPatch::default()
    };
    let view = fixture
        .workspace
        .edit_provider("groq", policy)
        .await
        .unwrap();
    assert_eq!(view.new_models, NewModels::Disabled);
    let url = ProviderPatch {
        base_url: Some("https://gw.example".to_owned()),
        ..ProviderPatch::default()
    };
    let error = fixture
        .workspace
        .edit_provider("groq", url)
        .await
        .unwrap_err();
    assert_eq!(fault(&error), ("not_workspace_entry", None));
}

#[tokio::test]
async fn the_managed_gateway_cannot_be_taken_away() {
    let fixture = Fixture::new().await;
    let mine = draft("mine", "https://gw.example");
    fixture.workspace.add_provider(mine).await.unwrap();
    let choose = |name: &str| SettingsPatch {
        managed_gateway: Some(name.to_owned()),
        ..SettingsPatch::default()
    };
    for (name, code) in [("groq", "not_a_gateway"), ("missing", "unknown_gateway")] {
        let error = fixture
            .workspace
            .edit_settings(choose(name))
            .await
            .unwrap_err();
        assert_eq!(fault(&error), (code, Some("managed_gateway")));
    }
    let view = fixture
        .workspace
        .edit_settings(choose("mine"))
        .await
        .unwrap();
    assert_eq!(view.managed_gateway, "mine");
    let direct = ProviderPatch {
        kind: Some(ProviderKind::OpenaiCompatible),
        ..ProviderPatch::default()
    };
    for error in [
        fixture.workspace.delete_provider("mine").await.unwrap_err(),
        fixture
            .workspace
            .edit_provider("mine", direct)
            .await
            .unwrap_err(),
    ] {
        assert_eq!(fault(&error), ("in_use", None));
    }
    fixture
        .workspace
        .edit_settings(choose("litellm"))
        .await
        .unwrap();
    fixture.workspace.delete_provider("mine").await.unwrap();
}

const GOOD: &str = "version: 1\nproviders:\n  myproxy:\n    type: gateway\n    base_url: https://gw.internal.example/v1\n    api_key_env: MYPROXY_KEY\n";

#[tokio::test]
async fn a_change_of_the_providers_file_shows_without_a_restart() {
    let fixture = Fixture::with(&[("MYPROXY_KEY", "k")], None).await;
    assert!(fixture.workspace.provider("myproxy").await.is_err());
    std::fs::write(fixture.path(FILE), GOOD).unwrap();
    fixture.until_file(ProvidersFileState::Loaded, 1).await;
    let view = fixture.workspace.provider("myproxy").await.unwrap();
    assert_eq!(view.layer, Layer::UserLocal);
    assert!(view.allow_private, "the file grants its origins");
    let route = routed(&fixture, "myproxy/anthropic/claude")
        .await
        .route
        .unwrap();
    assert_eq!(route.kind, RouteKind::Gateway);

    // The whole file is at fault: the last good entries stay, and it says so.
    let broken = fixture.path("next.yaml");
    std::fs::write(&broken, "providers: [").unwrap();
    std::fs::rename(&broken, fixture.path(FILE)).unwrap();
    fixture
        .until_file(ProvidersFileState::KeptLastGood, 1)
        .await;
    let settings = fixture.workspace.settings().await.unwrap();
    let file = settings.providers_file;
    assert_eq!(file.state, ProvidersFileState::KeptLastGood);
    assert_eq!(file.entry_count, 1);
    assert_eq!(file.problems[0].code, "yaml_syntax");
    assert!(file.problems[0].line.is_some());
    assert!(fixture.workspace.provider("myproxy").await.is_ok());

    std::fs::remove_file(fixture.path(FILE)).unwrap();
    fixture.until_file(ProvidersFileState::Missing, 0).await;
    assert!(fixture.workspace.provider("myproxy").await.is_err());
    let settings = fixture.workspace.settings().await.unwrap();
    assert_eq!(settings.providers_file.state, ProvidersFileState::Missing);
    assert_eq!(settings.providers_file.problems, []);
}

#[tokio::test]
async fn a_faulty_entry_blocks_its_name_and_leaves_the_others() {
    let bad = format!("{GOOD}  groq:\n    base_url: nonsense\n    api_key_env: K\n");
    let fixture = Fixture::with(&[("GROQ_API_KEY", "k")], Some(&bad)).await;
    assert!(fixture.workspace.provider("myproxy").await.is_ok());
    let groq = fixture.workspace.provider("groq").await.unwrap();
    assert_eq!(groq.layer, Layer::Builtin, "the lower entry stays listed");
    let problem = &groq.problems[0];
    assert_eq!(problem.code, "invalid_base_url");
    assert_eq!((problem.line, problem.column), (Some(8), Some(15)));
    let resolution = routed(&fixture, "groq/llama").await;
    assert_eq!(resolution.error.unwrap().code, "invalid_base_url");
    for error in [
        fixture
            .workspace
            .refresh_provider("groq")
            .await
            .unwrap_err(),
        fixture
            .workspace
            .test_provider("groq", trial(None))
            .await
            .unwrap_err(),
        fixture
            .workspace
            .set_provider_key("groq", secret("sk"))
            .await
            .unwrap_err(),
    ] {
        assert_eq!(fault(&error), ("blocked", None));
    }
}

#[tokio::test]
async fn an_entry_with_a_sources_slug_is_not_loaded_and_the_source_stays() {
    let fixture = Fixture::new().await;
    let mut write = source("My proxy", "https://source.example/v1");
    write.input.slug = Some("myproxy".to_owned());
    write.input.passthrough = true;
    fixture.workspace.add_source(write).await.unwrap();
    std::fs::write(fixture.path(FILE), GOOD).unwrap();
    fixture.until_file(ProvidersFileState::Loaded, 1).await;
    let page = fixture.workspace.providers().await.unwrap();
    assert!(page.items.iter().all(|view| view.name != "myproxy"));
    let problem = &page.problems[0];
    assert_eq!(problem.code, "name_taken");
    assert_eq!((problem.line, problem.column), (Some(3), Some(3)));
    let view = fixture.workspace.source("myproxy").await.unwrap();
    assert!(view.problem.is_some());
    let route = routed(&fixture, "myproxy/m").await.route.unwrap();
    assert_eq!(
        route.url.as_deref(),
        Some("https://source.example/v1/chat/completions")
    );
}

#[tokio::test]
async fn the_environment_overrides_a_gateways_base_url_and_a_bad_one_is_no_fallback() {
    let upstream = Upstream::listing(&["a"]).await;
    let variables = [
        ("LITELLM_BASE_URL", upstream.base()),
        (
            "OPENROUTER_BASE_URL",
            "https://u:hunter2@x.example".to_owned(),
        ),
        ("GROQ_BASE_URL", "https://elsewhere.example".to_owned()),
    ];
    let variables: Vec<(&str, &str)> = variables
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let fixture = Fixture::with(&variables, None).await;
    let litellm = fixture.workspace.provider("litellm").await.unwrap();
    assert_eq!(
        litellm.base_url.from,
        Provenance::Env("LITELLM_BASE_URL".into())
    );
    assert_eq!(
        litellm.entry_base_url.as_deref(),
        Some("http://localhost:4000")
    );
    fixture.workspace.refresh_provider("litellm").await.unwrap();
    assert_eq!(upstream.paths(), ["/v1/models"]);

    let openrouter = fixture.workspace.provider("openrouter").await.unwrap();
    assert!(openrouter.base_url_problem.is_some());
    let shown = serde_json::to_string(&openrouter).unwrap();
    assert!(!shown.contains("hunter2"), "{shown}");
    let snapshot = serde_json::to_string(&fixture.workspace.snapshot()).unwrap();
    assert!(!snapshot.contains("hunter2"));
    let error = fixture
        .workspace
        .refresh_provider("openrouter")
        .await
        .unwrap_err();
    assert_eq!(fault(&error), ("credentials_in_url", Some("base_url")));

    let groq = fixture.workspace.provider("groq").await.unwrap();
    assert_eq!(groq.base_url.from, Provenance::Builtin);
}

#[tokio::test]
async fn models_of_an_entry_that_is_gone_are_kept_for_its_return() {
    let upstream = Upstream::listing(&["a"]).await;
    let text = GOOD.replace("https://gw.internal.example/v1", &upstream.base());
    let fixture = Fixture::with(&[], Some(&text)).await;
    fixture.workspace.refresh_provider("myproxy").await.unwrap();
    let total = async || {
        let page = fixture.workspace.models(ModelsQuery::default()).await;
        page.unwrap().total
    };
    assert_eq!(total().await, 1);
    std::fs::remove_file(fixture.path(FILE)).unwrap();
    fixture.until_file(ProvidersFileState::Missing, 0).await;
    assert_eq!(total().await, 0);
    std::fs::write(fixture.path(FILE), &text).unwrap();
    fixture.until_file(ProvidersFileState::Loaded, 1).await;
    assert_eq!(total().await, 1);
}
