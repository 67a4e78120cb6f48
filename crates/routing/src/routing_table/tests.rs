use super::*;
use crate::builtin_catalog::builtin;
use crate::operation::Operation;
use crate::resolve::{Request, resolve};
use crate::source::{SourceEntry, SourceHeader};

fn snapshot() -> Snapshot {
    let source = |slug: &str| SourceEntry {
        slug: slug.into(),
        name: slug.into(),
        base_url: format!("https://{slug}.example/v1"),
        auth_header: None,
        headers: vec![SourceHeader {
            name: "X-Team".into(),
            value: None,
        }],
        passthrough: true,
        limits: Default::default(),
        pass_headers: Vec::new(),
    };
    Snapshot {
        managed_gateway: "litellm".into(),
        providers: builtin(),
        sources: vec![source("own"), source("other")],
        ..Snapshot::default()
    }
}

/// Holds that a table updated in part resolves as the one made anew does.
#[track_caller]
fn same(updated: &RoutingTable, snapshot: Snapshot) {
    let anew = RoutingTable::new(snapshot);
    assert_eq!(updated.snapshot(), anew.snapshot());
    for text in [
        "litellm/m",
        "openrouter/a/b",
        "groq/m",
        "own/m",
        "own/off",
        "other/m",
        "alias",
    ] {
        let request = Request::new(text, Operation::Chat);
        assert_eq!(
            resolve(updated, &request),
            resolve(&anew, &request),
            "{text}"
        );
    }
}

#[test]
fn other_secrets_give_the_table_that_is_made_anew() {
    let mut changed = snapshot();
    let before = RoutingTable::new(changed.clone());
    for (name, origin) in [
        ("groq/api-key", "https://api.groq.com"),
        ("own/api-key", "https://own.example"),
        ("sources/own/auth-value", "https://own.example"),
        ("sources/own/headers", "https://own.example"),
        ("sources/other/headers", "https://elsewhere.example"),
    ] {
        changed.secrets.stored.insert(name.into(), origin.into());
        same(
            &before.with_secrets(changed.secrets.clone()),
            changed.clone(),
        );
    }
    // One secret that the backend does not give out, or no longer has, while it answers.
    for name in [
        "groq/api-key",
        "sources/own/auth-value",
        "sources/own/headers",
    ] {
        let mut unknown = changed.clone();
        unknown.secrets.unknown.insert(name.into());
        let stored = before.with_secrets(changed.secrets.clone());
        let table = stored.with_secrets(unknown.secrets.clone());
        same(&table, unknown.clone());
        let mut missing = changed.clone();
        missing.secrets.stored.remove(name);
        missing.secrets.missing.insert(name.into());
        same(&table.with_secrets(missing.secrets.clone()), missing);
    }
    changed.secrets.unavailable = true;
    let down = before.with_secrets(changed.secrets.clone());
    same(&down, changed);
    same(&down.with_secrets(SecretStates::default()), snapshot());
}

#[test]
fn what_no_secret_differs_for_is_shared() {
    let before = RoutingTable::new(snapshot());
    let mut secrets = SecretStates::default();
    let origin = "https://api.groq.com".to_owned();
    secrets.stored.insert("groq/api-key".into(), origin);
    let after = before.with_secrets(secrets);
    let is_shared = |name: &str| {
        let of = |table: &RoutingTable| Arc::clone(&table.configuration.providers[name]);
        Arc::ptr_eq(&of(&before), &of(&after))
    };
    assert!(is_shared("litellm") && !is_shared("groq"));
}

#[test]
fn another_environment_gives_the_table_that_is_made_anew() {
    let before = RoutingTable::new(snapshot());
    let mut changed = snapshot();
    let environment = &mut changed.environment;
    environment.set.insert("GROQ_API_KEY".into());
    let url = "https://llm.example/v1".to_owned();
    environment.base_urls.insert("LITELLM_BASE_URL".into(), url);
    same(
        &before.with_environment(changed.environment.clone()),
        changed,
    );
}

#[test]
fn other_models_of_one_owner_give_the_table_that_is_made_anew() {
    let fact = |owner: &str, id: &str| ModelEntry {
        owner: owner.into(),
        id: id.into(),
        enabled: false,
        absent: false,
    };
    let mut before = snapshot();
    before.models = vec![fact("other", "m"), fact("own", "m")];
    let table = RoutingTable::new(before.clone());
    let mut changed = before.clone();
    changed.models = vec![fact("other", "m"), fact("own", "off")];
    same(
        &table.with_models_of("own", vec![fact("own", "off"), fact("groq", "m")]),
        changed.clone(),
    );
    changed.models.pop();
    same(&table.with_models_of("own", Vec::new()), changed);
}

#[test]
fn one_agent_changes_and_the_rest_of_the_table_is_shared() {
    let before = RoutingTable::new(snapshot());
    let agent = Agent {
        name: "bot".into(),
        ..Agent::default()
    };
    let after = before.with_agent(agent.clone());
    assert_eq!(after.agent("bot"), Some(&agent));
    assert!(Arc::ptr_eq(&before.configuration, &after.configuration));
    assert_eq!(before.agent("bot"), None);
    assert_eq!(after.without_agent("bot").agents().len(), 0);
}
