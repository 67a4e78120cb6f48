//! What every database must do.

use std::collections::BTreeMap;
use waypost_routing::catalog::{Layer, ProviderEntry, ProviderKind};
use waypost_routing::model_id::must_be_known;
use waypost_routing::snapshot::ModelEntry;
use waypost_routing::time_limits::TimeLimits;
use waypost_routing::vocabulary::{NewModels, SecretsBackendKind};
use waypost_store::{
    Actor, AuditFilter, AuditWord, ChangedAgent, ChangedValue, ExpectedValue, Item, ModelMetadata,
    ModelsFilter, ModelsSort, Store, StoreErrorKind, StoredProvider, StoredSource,
};

fn actor() -> Actor {
    Actor::session("ab", "")
}

fn limits() -> TimeLimits {
    TimeLimits {
        connect_seconds: Some(2),
        idle_seconds: Some(60),
        ..TimeLimits::default()
    }
}

fn source(slug: &str) -> StoredSource {
    StoredSource {
        slug: slug.to_owned(),
        name: "A source".to_owned(),
        base_url: "https://gw.example/v1".to_owned(),
        header_names: vec!["x-tenant".to_owned()],
        limits: limits(),
        ..StoredSource::default()
    }
}

fn provider(name: &str) -> StoredProvider {
    StoredProvider {
        id: 0,
        entry: ProviderEntry {
            name: name.to_owned(),
            kind: ProviderKind::Gateway,
            layer: Layer::Workspace,
            base_url: "https://gw.example/v1".to_owned(),
            api_key_env: Some("EDGE_KEY".to_owned()),
            default_headers: [("X-Team".to_owned(), "red".to_owned())].into(),
            docs: None,
            notable_models: Vec::new(),
            limits: limits(),
            pass_headers: vec!["x-tenant".to_owned()],
        },
        allow_private: true,
    }
}

/// Adds a source as an edit; its version.
async fn add_source(store: &dyn Store, slug: &str) -> u64 {
    let mut transaction = store.begin().await.unwrap();
    transaction.add_source(&source(slug)).await.unwrap();
    let item = Item::Source(slug);
    let version = transaction
        .record_edit(&actor(), "source.add", item, &["name"])
        .await
        .unwrap();
    transaction.commit().await.unwrap();
    version
}

async fn delete_source(store: &dyn Store, slug: &str) {
    let mut transaction = store.begin().await.unwrap();
    transaction.delete_source(slug).await.unwrap();
    transaction.delete_owned(slug).await.unwrap();
    transaction.commit().await.unwrap();
}

async fn put_agent(store: &dyn Store, name: &str, yaml: &str) -> u64 {
    let mut transaction = store.begin().await.unwrap();
    transaction.put_agent(name, yaml).await.unwrap();
    let version = transaction
        .record_edit(&actor(), "agent.edit", Item::Agent(name), &["yaml"])
        .await
        .unwrap();
    transaction.commit().await.unwrap();
    version
}

pub(crate) async fn a_new_workspace_has_defaults(store: &dyn Store) {
    let id = store.workspace_id().await.unwrap();
    assert_eq!(store.workspace_id().await.unwrap(), id);
    assert_eq!(store.secrets_backend().await.unwrap(), None);
    let backend = SecretsBackendKind::File;
    store.record_secrets_backend(backend).await.unwrap();
    assert_eq!(store.secrets_backend().await.unwrap(), Some(backend));
    assert_eq!(store.dashboard_url().await.unwrap(), None);
    store
        .record_dashboard_url("http://127.0.0.1:1")
        .await
        .unwrap();
    let url = store.dashboard_url().await.unwrap();
    assert_eq!(url.as_deref(), Some("http://127.0.0.1:1"));

    let configuration = store.configuration().await.unwrap();
    assert_eq!(configuration.settings.managed_gateway, "litellm");
    assert!(!configuration.settings.new_models_start_disabled);
    assert_eq!(configuration.settings.default_model, None);
    assert_eq!(configuration.settings.version, 0);
    assert!(configuration.providers.is_empty() && configuration.sources.is_empty());
    assert!(!configuration.sample_installed);
    store.writable().await.unwrap();
}

pub(crate) async fn a_transaction_that_is_dropped_changes_nothing(store: &dyn Store) {
    let mut transaction = store.begin().await.unwrap();
    transaction.add_source(&source("gw")).await.unwrap();
    let item = Item::Source("gw");
    transaction
        .record_edit(&actor(), "source.add", item, &[])
        .await
        .unwrap();
    drop(transaction);
    assert!(store.configuration().await.unwrap().sources.is_empty());
    assert!(
        store
            .audit(&AuditFilter::default(), 10)
            .await
            .unwrap()
            .0
            .is_empty()
    );
    // The next writer is not kept waiting by it.
    add_source(store, "gw").await;
}

pub(crate) async fn a_name_belongs_to_one_provider_or_source(store: &dyn Store) {
    add_source(store, "edge").await;
    let mut transaction = store.begin().await.unwrap();
    let error = transaction
        .add_provider(&provider("edge"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Conflict);
    drop(transaction);
    delete_source(store, "edge").await;
    let mut transaction = store.begin().await.unwrap();
    transaction.add_provider(&provider("edge")).await.unwrap();
    transaction.commit().await.unwrap();
    let mut transaction = store.begin().await.unwrap();
    let error = transaction.add_source(&source("edge")).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Conflict);
    drop(transaction);

    let first = store.configuration().await.unwrap().providers.remove(0);
    assert_eq!(first.entry, provider("edge").entry);
    let mut transaction = store.begin().await.unwrap();
    transaction.delete_provider("edge").await.unwrap();
    transaction.add_provider(&provider("edge")).await.unwrap();
    transaction.commit().await.unwrap();
    let second = store.configuration().await.unwrap().providers.remove(0);
    assert_ne!(
        first.id, second.id,
        "a later provider of the name is another"
    );
}

pub(crate) async fn of_two_that_want_a_name_at_once_one_gets_it(store: &dyn Store) {
    let take = async || {
        let mut transaction = store.begin().await.unwrap();
        transaction.add_source(&source("gw")).await?;
        transaction.commit().await
    };
    let results = tokio::join!(take(), take());
    let errors: Vec<_> = [results.0, results.1]
        .into_iter()
        .filter_map(Result::err)
        .collect();
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0].kind(), StoreErrorKind::Conflict);
}

pub(crate) async fn versions_rise_with_edits_only_and_never_come_back(store: &dyn Store) {
    let mut seen = 0;
    let items = [
        Item::Settings,
        Item::DefaultModel,
        Item::Provider("openrouter"),
        Item::Source("gw"),
        Item::Agent("bot"),
    ];
    add_source(store, "gw").await;
    put_agent(store, "bot", "name: bot").await;
    for item in items {
        let mut transaction = store.begin().await.unwrap();
        let version = transaction
            .record_edit(&actor(), "x.edit", item, &[])
            .await
            .unwrap();
        let target = item.to_string();
        transaction
            .record(&actor(), "x.test", &target, &[])
            .await
            .unwrap();
        transaction.commit().await.unwrap();
        assert!(version > seen, "{item:?}");
        seen = version;
        let now = store.configuration().await.unwrap();
        let stored = match item {
            Item::Settings => now.settings.version,
            Item::DefaultModel => now.settings.default_model_version,
            Item::Provider(name) => now.provider_version(name),
            Item::Source(slug) => now.source(slug).unwrap().version,
            Item::Agent(name) => store.agent(name).await.unwrap().unwrap().version,
        };
        assert_eq!(stored, version, "{item:?}");
    }
    delete_source(store, "gw").await;
    assert!(add_source(store, "gw").await > seen);
}

pub(crate) async fn rows_and_versions_are_of_one_moment(store: &dyn Store) {
    let version = add_source(store, "gw").await;
    let mut transaction = store.begin().await.unwrap();
    let mut after = transaction.configuration().await.unwrap().sources.remove(0);
    assert_eq!(after.version, version);
    after.name = "Renamed".to_owned();
    transaction.update_source(&after).await.unwrap();
    let item = Item::Source("gw");
    let raised = transaction
        .record_edit(&actor(), "source.edit", item, &["name"])
        .await
        .unwrap();
    let outside = store.configuration().await.unwrap();
    assert_eq!(outside.sources[0].version, version, "not committed");
    assert_eq!(outside.sources[0].name, "A source");
    let inside = transaction.configuration().await.unwrap().sources.remove(0);
    assert_eq!((inside.version, inside.name.as_str()), (raised, "Renamed"));
    transaction.commit().await.unwrap();
    assert_eq!(store.configuration().await.unwrap().sources[0], inside);
}

pub(crate) async fn deleted_rows_come_back_as_they_were(store: &dyn Store) {
    add_source(store, "gw").await;
    let mut transaction = store.begin().await.unwrap();
    let listed = BTreeMap::from([("a".to_owned(), ModelMetadata::default())]);
    transaction
        .merge_models("gw", &listed, false)
        .await
        .unwrap();
    transaction
        .set_new_models("gw", NewModels::Disabled)
        .await
        .unwrap();
    transaction.commit().await.unwrap();
    let before = store.configuration().await.unwrap();

    let mut transaction = store.begin().await.unwrap();
    let rows = transaction.rows_of(Item::Source("gw"), true).await.unwrap();
    transaction.delete_source("gw").await.unwrap();
    transaction.delete_owned("gw").await.unwrap();
    transaction.commit().await.unwrap();
    assert!(store.configuration().await.unwrap().sources.is_empty());

    let mut transaction = store.begin().await.unwrap();
    transaction.restore_rows(&rows).await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(store.configuration().await.unwrap(), before);
    assert_eq!(store.model_enabled("gw", "a").await.unwrap(), Some(false));

    let mut transaction = store.begin().await.unwrap();
    let error = transaction.restore_rows(&rows).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Conflict);
}

pub(crate) async fn values_belong_to_the_event_recorded_last(store: &dyn Store) {
    let values = [
        ChangedValue {
            field: "name".to_owned(),
            before: None,
            after: Some("New".to_owned()),
        },
        ChangedValue {
            field: "size".to_owned(),
            before: Some("1".to_owned()),
            after: Some("2".to_owned()),
        },
    ];
    let mut transaction = store.begin().await.unwrap();
    for target in ["thing:1", "thing:2"] {
        transaction
            .record(&actor(), "thing.edit", target, &["name", "size"])
            .await
            .unwrap();
    }
    transaction.record_values(&values).await.unwrap();
    transaction.commit().await.unwrap();
    let (events, _) = store.audit(&AuditFilter::default(), 10).await.unwrap();
    assert_eq!(events[0].target, "thing:2");
    assert_eq!(events[0].values, values);
    assert!(events[1].values.is_empty());
}

pub(crate) async fn the_audit_log_comes_in_pages(store: &dyn Store) {
    for number in 0..3 {
        let mut transaction = store.begin().await.unwrap();
        let target = format!("thing:{number}");
        transaction
            .record(&actor(), "thing.add", &target, &["name"])
            .await
            .unwrap();
        transaction.commit().await.unwrap();
    }
    let (first, more) = store.audit(&AuditFilter::default(), 2).await.unwrap();
    assert!(more);
    assert_eq!(first[0].target, "thing:2");
    assert_eq!(first[0].fields, ["name"]);
    assert_eq!(first[0].actor, "session:ab");
    let older = AuditFilter {
        before: first.last().map(|event| event.id),
        ..AuditFilter::default()
    };
    let (second, more) = store.audit(&older, 2).await.unwrap();
    assert_eq!(second.len(), 1);
    assert_eq!(second[0].target, "thing:0");
    assert!(!more);
}

pub(crate) async fn the_audit_log_is_filtered(store: &dyn Store) {
    let token = Actor::token("cd", "ci 100%");
    for (actor, action, target, fields) in [
        (&actor(), "provider.edit", "provider:Up", &["base_url"][..]),
        (&token, "provider.key.set", "provider:up2", &["key"]),
        (&token, "providers.robot", "agent:bot", &[]),
    ] {
        let mut transaction = store.begin().await.unwrap();
        transaction
            .record(actor, action, target, fields)
            .await
            .unwrap();
        if fields.contains(&"base_url") {
            let values = [ChangedValue {
                field: "base_url".to_owned(),
                before: Some("https://One.example".to_owned()),
                after: None,
            }];
            transaction.record_values(&values).await.unwrap();
        }
        transaction.commit().await.unwrap();
    }
    let (all, _) = store.audit(&AuditFilter::default(), 10).await.unwrap();
    let at = all[0].at;
    let text = |text: &str| Some(text.to_owned());
    let word = |text: &str| AuditWord {
        text: text.to_owned(),
        ..AuditWord::default()
    };
    let none = AuditFilter::default();
    for (filter, targets) in [
        (
            AuditFilter {
                action: text("provider"),
                ..none.clone()
            },
            &["provider:up2", "provider:Up"][..],
        ),
        (
            AuditFilter {
                action: text("provider.key.set"),
                ..none.clone()
            },
            &["provider:up2"],
        ),
        (
            AuditFilter {
                action: text("provider.key.se"),
                ..none.clone()
            },
            &[],
        ),
        (
            AuditFilter {
                target: text("provider"),
                ..none.clone()
            },
            &["provider:up2", "provider:Up"],
        ),
        (
            AuditFilter {
                target: text("provider:Up"),
                ..none.clone()
            },
            &["provider:Up"],
        ),
        (
            AuditFilter {
                target: text("provider:up"),
                ..none.clone()
            },
            &[],
        ),
        (
            AuditFilter {
                actor: text("token"),
                ..none.clone()
            },
            &["agent:bot", "provider:up2"],
        ),
        (
            AuditFilter {
                actor: text("token:cd"),
                ..none.clone()
            },
            &["agent:bot", "provider:up2"],
        ),
        (
            AuditFilter {
                actor: text("session:ab"),
                ..none.clone()
            },
            &["provider:Up"],
        ),
        (
            AuditFilter {
                words: vec![word("BASE_")],
                ..none.clone()
            },
            &["provider:Up"],
        ),
        (
            AuditFilter {
                words: vec![word("UP")],
                ..none.clone()
            },
            &["provider:up2", "provider:Up"],
        ),
        // Each word has to be there.
        (
            AuditFilter {
                words: vec![word("up"), word("ci")],
                ..none.clone()
            },
            &["provider:up2"],
        ),
        // What a word stands for counts as well.
        (
            AuditFilter {
                words: vec![AuditWord {
                    text: "set the".to_owned(),
                    actions: vec!["provider.key.set".to_owned()],
                    targets: vec!["agent:bot".to_owned()],
                    ..AuditWord::default()
                }],
                ..none.clone()
            },
            &["agent:bot", "provider:up2"],
        ),
        (
            AuditFilter {
                words: vec![AuditWord {
                    text: "url".to_owned(),
                    fields: vec!["base_url".to_owned()],
                    ..AuditWord::default()
                }],
                ..none.clone()
            },
            &["provider:Up"],
        ),
        (
            AuditFilter {
                words: vec![word("one.example")],
                ..none.clone()
            },
            &["provider:Up"],
        ),
        // No wildcards.
        (
            AuditFilter {
                words: vec![word("100%")],
                ..none.clone()
            },
            &["agent:bot", "provider:up2"],
        ),
        (
            AuditFilter {
                words: vec![word("1%0")],
                ..none.clone()
            },
            &[],
        ),
        (
            AuditFilter {
                since: Some(at + 1),
                ..none.clone()
            },
            &[],
        ),
        (
            AuditFilter {
                until: Some(at + 1),
                target: text("agent"),
                ..none.clone()
            },
            &["agent:bot"],
        ),
        (
            AuditFilter {
                until: Some(all[2].at),
                ..none.clone()
            },
            &[],
        ),
    ] {
        let (page, _) = store.audit(&filter, 10).await.unwrap();
        let found: Vec<&str> = page.iter().map(|event| event.target.as_str()).collect();
        assert_eq!(found, targets, "{filter:?}");
    }
    // A page counts what the filter lets through.
    let tokens = AuditFilter {
        actor: text("token"),
        ..none
    };
    let (first, more) = store.audit(&tokens, 1).await.unwrap();
    assert!(more);
    assert_eq!(first[0].target, "agent:bot");
    let older = AuditFilter {
        before: first.last().map(|event| event.id),
        ..tokens
    };
    let (second, more) = store.audit(&older, 1).await.unwrap();
    assert_eq!(second[0].target, "provider:up2");
    assert!(!more);
}

pub(crate) async fn models_are_merged_and_keep_what_was_chosen(store: &dyn Store) {
    let listed = |ids: &[&str]| -> BTreeMap<String, ModelMetadata> {
        ids.iter()
            .map(|id| ((*id).to_owned(), ModelMetadata::default()))
            .collect()
    };
    let mut transaction = store.begin().await.unwrap();
    let merged = transaction
        .merge_models("gw", &listed(&["a", "B"]), true)
        .await;
    assert_eq!(merged.unwrap().added.len(), 2);
    let switched = transaction.set_models_enabled(&[("gw", "a")], false).await;
    assert_eq!(switched.unwrap(), [("gw".to_owned(), "a".to_owned())]);
    let merged = transaction
        .merge_models("gw", &listed(&["a", "c"]), true)
        .await;
    let merged = merged.unwrap();
    assert_eq!(merged.added, ["c"]);
    assert_eq!(merged.removed, ["B"]);
    assert_eq!(merged.unchanged, ["a"]);
    let unknown = transaction.first_unknown_model(&[("gw", "a"), ("gw", "z")]);
    assert_eq!(
        unknown.await.unwrap(),
        Some(("gw".to_owned(), "z".to_owned()))
    );
    transaction.commit().await.unwrap();
    assert_eq!(store.model_enabled("gw", "a").await.unwrap(), Some(false));
    assert_eq!(store.model_entries().await.unwrap().len(), 2);
    let counts = store.owner_rows().await.unwrap().counts["gw"];
    assert_eq!((counts.total, counts.enabled, counts.absent), (3, 1, 1));
    let filter = ModelsFilter {
        owners: vec!["gw".to_owned()],
        words: vec!["b".to_owned()],
        ..ModelsFilter::default()
    };
    let (page, total) = store.models(&filter, None, 10).await.unwrap();
    assert_eq!((page[0].id.as_str(), total), ("B", 1));
    let counts = store.model_counts(&filter).await.unwrap()["gw"];
    assert_eq!((counts.total, counts.enabled, counts.absent), (1, 0, 1));
}

pub(crate) async fn models_are_sorted_and_limited_to_refs(store: &dyn Store) {
    let listed: BTreeMap<String, ModelMetadata> = [
        ("a", Some(8_000), Some("10")),
        ("b", None, None),
        ("c", Some(128_000), Some("2.5")),
    ]
    .into_iter()
    .map(|(id, context, price)| {
        let metadata = ModelMetadata {
            context,
            input_price: price.map(str::to_owned),
            ..ModelMetadata::default()
        };
        (id.to_owned(), metadata)
    })
    .collect();
    let mut transaction = store.begin().await.unwrap();
    transaction.merge_models("gw", &listed, true).await.unwrap();
    transaction.commit().await.unwrap();
    let ids = async |filter: ModelsFilter| {
        let filter = ModelsFilter {
            owners: vec!["gw".to_owned()],
            ..filter
        };
        let (page, _) = store.models(&filter, None, 10).await.unwrap();
        page.into_iter().map(|model| model.id).collect::<Vec<_>>()
    };
    let sorted = |sort| ModelsFilter {
        sort,
        ..ModelsFilter::default()
    };
    assert_eq!(ids(sorted(ModelsSort::Ref)).await, ["a", "b", "c"]);
    assert_eq!(ids(sorted(ModelsSort::Context)).await, ["c", "a", "b"]);
    // By the number and not by the text; an unknown price is not a low one.
    assert_eq!(ids(sorted(ModelsSort::Price)).await, ["c", "a", "b"]);
    assert_eq!(ids(sorted(ModelsSort::Newest)).await, ["a", "b", "c"]);
    let skipped = ModelsFilter {
        skip: 2,
        ..sorted(ModelsSort::Context)
    };
    assert_eq!(ids(skipped).await, ["b"]);
    let among = |is| ModelsFilter {
        among: Some((is, vec!["gw/b".to_owned(), "other/a".to_owned()])),
        ..ModelsFilter::default()
    };
    assert_eq!(ids(among(true)).await, ["b"]);
    assert_eq!(ids(among(false)).await, ["a", "c"]);
}

pub(crate) async fn agents_come_in_pages_and_by_version(store: &dyn Store) {
    for name in ["a", "b", "c"] {
        put_agent(store, name, &format!("name: {name}")).await;
    }
    let (page, more) = store.agents("", 2).await.unwrap();
    assert_eq!((page.len(), more), (2, true));
    assert_eq!(page[0].updated_by, "session:ab");
    let (page, more) = store.agents("b", 2).await.unwrap();
    assert_eq!((page[0].name.as_str(), page.len(), more), ("c", 1, false));
    let since = page[0].version;
    let version = put_agent(store, "a", "name: a\n# changed").await;
    let changes = store.agent_changes(since).await.unwrap();
    assert_eq!(changes.versions.len(), 3);
    assert_eq!(changes.versions["a"], version);
    assert_eq!(changes.changed.len(), 1);
    assert_eq!(changes.changed[0].name, "a");
    let stored = store.agent("a").await.unwrap().unwrap();
    assert_eq!(changes.changed[0].id, stored.id);
}

pub(crate) async fn secrets_are_described_and_settled(store: &dyn Store) {
    let name = "edge/api-key".to_owned();
    let value = ExpectedValue {
        origin: "https://a.example:443".to_owned(),
        hint: Some("1234".to_owned()),
        set_at: 7,
        revision: Some("r1".to_owned()),
    };
    let row = async || store.secret(&name).await.unwrap();
    let expect = async |value: Option<&ExpectedValue>| {
        let mut transaction = store.begin().await.unwrap();
        transaction.expect_secret(&name, value).await.unwrap();
        transaction
    };
    store
        .begin_secret_changes(std::slice::from_ref(&name))
        .await
        .unwrap();
    let begun = row().await.unwrap();
    assert!(begun.unsettled && begun.expected.is_none());
    // It counts with the transaction and not before.
    drop(expect(Some(&value)).await);
    assert_eq!(row().await.unwrap(), begun);
    expect(Some(&value)).await.commit().await.unwrap();
    let stored = row().await.unwrap();
    assert!(stored.unsettled && stored.expected.as_ref() == Some(&value));
    store.settle_secret(&name).await.unwrap();
    assert!(!row().await.unwrap().unsettled);
    // What is expected stays while the next change runs.
    store
        .begin_secret_changes(std::slice::from_ref(&name))
        .await
        .unwrap();
    let begun = store.secrets().await.unwrap().remove(&name).unwrap();
    assert!(begun.unsettled && begun.expected.as_ref() == Some(&value));
    let adopted = ExpectedValue {
        origin: "https://b.example:443".to_owned(),
        revision: None,
        ..value
    };
    store.adopt_secret(&name, &adopted).await.unwrap();
    let found = adopted.clone();
    assert_eq!(row().await.unwrap().expected, Some(adopted));
    // Removed, the row stays until the backend has deleted the value.
    expect(None).await.commit().await.unwrap();
    let removed = row().await.unwrap();
    assert!(removed.unsettled && removed.expected.is_none());
    // What is about to be deleted is not taken over; what no record knows is.
    store.adopt_secret(&name, &found).await.unwrap();
    assert_eq!(row().await.unwrap(), removed);
    store.settle_secret(&name).await.unwrap();
    assert!(row().await.is_none());
    store.adopt_secret(&name, &found).await.unwrap();
    let recorded = row().await.unwrap();
    assert!(!recorded.unsettled && recorded.expected == Some(found));
}

pub(crate) async fn what_routing_reads_has_a_generation(store: &dyn Store) {
    let mut last = store.generation().await.unwrap();
    for number in 0..6 {
        let mut transaction = store.begin().await.unwrap();
        assert_eq!(transaction.generation().await.unwrap(), last);
        let name = format!("gw{number}");
        transaction.set_managed_gateway(&name).await.unwrap();
        assert_eq!(store.generation().await.unwrap(), last, "not committed");
        if number % 2 == 0 {
            let next = transaction.commit().await.unwrap();
            assert!(next > last, "committed");
            last = next;
        } else {
            drop(transaction);
        }
        store.configuration().await.unwrap();
        assert_eq!(store.generation().await.unwrap(), last);
    }
}

pub(crate) async fn what_routing_does_not_read_leaves_the_generation(store: &dyn Store) {
    add_source(store, "gw").await;
    let before = store.generation().await.unwrap();
    let mut transaction = store.begin().await.unwrap();
    transaction
        .record(&actor(), "source.test", "source:gw", &[])
        .await
        .unwrap();
    let nothing = BTreeMap::new();
    let merged = transaction.merge_models("gw", &nothing, true);
    merged.await.unwrap();
    transaction
        .set_models_enabled(&[("gw", "unknown")], false)
        .await
        .unwrap();
    assert!(transaction.routing_changes().is_empty());
    assert_eq!(transaction.commit().await.unwrap(), before);
    let (link, _) = crate::sessions::rows(1_000_000_000);
    store.add_link(&link).await.unwrap();
    store.end_all_sessions().await.unwrap();
    assert_eq!(store.generation().await.unwrap(), before);
}

/// A ref to an id that the grammar refuses is routed only if routing knows that it is listed.
pub(crate) async fn routing_hears_of_ids_that_it_must_know(store: &dyn Store) {
    let known = ["/srv/x", "a//b", "x/", "a/ b", "a /b", "openai/*", "*"];
    let plain = ["gpt-4o", "a/b", "my model", "a%b", "a_b"];
    let ids = known.iter().chain(&plain);
    let listed = ids.map(|id| ((*id).to_owned(), ModelMetadata::default()));
    let listed: BTreeMap<String, ModelMetadata> = listed.collect();
    let mut transaction = store.begin().await.unwrap();
    let merged = transaction.merge_models("gw", &listed, true);
    merged.await.unwrap();
    let mut expected = known.map(str::to_owned);
    expected.sort();
    let ids = |facts: Vec<ModelEntry>| -> Vec<String> {
        assert!(facts.iter().all(|fact| fact.enabled && !fact.absent));
        facts.into_iter().map(|fact| fact.id).collect()
    };
    assert_eq!(
        ids(transaction.model_entries("gw").await.unwrap()),
        expected
    );
    transaction.commit().await.unwrap();
    assert_eq!(ids(store.model_entries().await.unwrap()), expected);
    for id in known {
        assert!(must_be_known(id), "{id}");
    }
    for id in plain {
        assert!(!must_be_known(id), "{id}");
    }
}

pub(crate) async fn a_transaction_tells_what_it_changed(store: &dyn Store) {
    let began = store.generation().await.unwrap();
    put_agent(store, "a", "name: a").await;
    let since = store.generation().await.unwrap();
    let mut transaction = store.begin().await.unwrap();
    transaction.put_agent("b", "name: b").await.unwrap();
    transaction
        .record_edit(&actor(), "agent.add", Item::Agent("b"), &["yaml"])
        .await
        .unwrap();
    let listed = [("m".to_owned(), ModelMetadata::default())].into();
    let merged = transaction.merge_models("gw", &listed, false);
    merged.await.unwrap();
    let changes = transaction.routing_changes();
    assert!(!changes.configuration);
    assert_eq!(Vec::from_iter(changes.agents), ["b"]);
    assert_eq!(Vec::from_iter(changes.models_of), ["gw"]);
    let entries = transaction.model_entries("gw").await.unwrap();
    assert_eq!((entries.len(), entries[0].enabled), (1, false));
    assert_eq!(transaction.model_entries("other").await.unwrap(), []);

    let inside = transaction.routing_rows(since).await.unwrap();
    let generation = transaction.commit().await.unwrap();
    let rows = store.routing_rows(since).await.unwrap();
    assert_eq!(
        (rows.generation, &rows.agents),
        (generation, &inside.agents)
    );
    assert_eq!((&rows.models, &entries), (&inside.models, &entries));
    let names = |rows: &[ChangedAgent]| -> Vec<String> {
        rows.iter().map(|agent| agent.name.clone()).collect()
    };
    assert_eq!(names(&rows.agents.changed), ["b"]);
    assert_eq!(Vec::from_iter(rows.agents.versions.keys()), ["a", "b"]);
    let all = store.routing_rows(began).await.unwrap();
    assert_eq!(names(&all.agents.changed), ["a", "b"]);
    assert_eq!(all.configuration, store.configuration().await.unwrap());
}
