use super::super::{FILE_NAME, open};
use super::testing;
use crate::{Actor, Item, Store as _, StoredSource};

/// The schema and rows that the release before wrote.
async fn old_database(folder: &std::path::Path) {
    std::fs::write(folder.join(FILE_NAME), "").unwrap();
    for migration in [
        include_str!("../../../migrations/0001_workspace.sql"),
        include_str!("../../../migrations/0002_catalog.sql"),
        include_str!("../../../migrations/0003_secrets.sql"),
        include_str!("../../../migrations/0004_agents.sql"),
    ] {
        testing::execute(folder, migration).await;
    }
    testing::execute(
        folder,
        "INSERT INTO providers (name, kind, base_url, default_headers, allow_private, created_at, updated_at)
         VALUES ('edge', 'gateway', 'https://a.example', '{}', 0, 1, 1),
                ('east', 'gateway', 'https://b.example', '{}', 0, 1, 1);
         INSERT INTO sources (slug, name, base_url, header_names, passthrough, allow_private, created_at, updated_at)
         VALUES ('gw', 'Gw', 'https://c.example', '[]', 0, 0, 1, 1);
         INSERT INTO agents (name, yaml) VALUES ('bot', 'name: bot');
         INSERT INTO audit (at, actor, action, target, fields) VALUES
             (1, 'system', 'provider.add', 'provider:edge', '[]'),
             (1, 'system', 'source.add', 'source:gw', '[]'),
             (7, 'session:x', 'agent.add', 'agent:bot', '[]'),
             (1, 'system', 'settings.edit', 'settings', '[]'),
             (1, 'system', 'default_model.set', 'default-model', '[]'),
             (1, 'system', 'provider.key.set', 'provider:groq', '[]'),
             (1, 'system', 'source.add', 'source:gone', '[]');
         PRAGMA user_version = 4;",
    )
    .await;
    // What sqlx remembers of the migrations it ran.
    let migrations = &super::super::open::MIGRATIONS;
    testing::execute(
        folder,
        "CREATE TABLE _sqlx_migrations (
             version BIGINT PRIMARY KEY, description TEXT NOT NULL,
             installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
             success BOOLEAN NOT NULL, checksum BLOB NOT NULL, execution_time BIGINT NOT NULL);",
    )
    .await;
    for migration in migrations.iter().filter(|migration| migration.version <= 4) {
        let checksum: String = migration
            .checksum
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        testing::execute(
            folder,
            &format!(
                "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
                 VALUES ({}, 'old', 1, X'{checksum}', 0)",
                migration.version
            ),
        )
        .await;
    }
}

#[test]
fn every_migration_has_a_separate_number() {
    let migrator = sqlx::migrate!("./migrations");
    let versions: Vec<i64> = migrator.iter().map(|migration| migration.version).collect();
    let numbered: Vec<i64> = std::iter::successors(Some(1), |version| Some(version + 1))
        .take(versions.len())
        .collect();
    assert_eq!(versions, numbered);
}

#[tokio::test]
async fn versions_and_names_of_the_release_before_are_kept_and_rise() {
    let folder = tempfile::tempdir().unwrap();
    old_database(folder.path()).await;
    let store = open(folder.path()).await.unwrap();
    assert!(folder.path().join("waypost.db.before-4").exists());
    let before = store.configuration().await.unwrap();
    assert_eq!(before.provider_version("edge"), 1);
    assert_eq!(before.provider_version("groq"), 6);
    assert_eq!(before.sources[0].version, 2);
    assert_eq!(before.settings.version, 4);
    assert_eq!(before.settings.default_model_version, 5);
    let agent = store.agent("bot").await.unwrap().unwrap();
    assert_eq!((agent.version, agent.updated_at), (3, 7));
    assert_eq!(agent.updated_by, "session:x");
    let ids: Vec<i64> = before
        .providers
        .iter()
        .map(|provider| provider.id)
        .collect();
    assert!(ids[0] != ids[1]);

    // A name in use is taken, and what is made anew has a version that nothing had.
    let source = |slug: &str| StoredSource {
        slug: slug.to_owned(),
        ..StoredSource::default()
    };
    let mut transaction = store.begin().await.unwrap();
    for taken in ["edge", "gw"] {
        let error = transaction.add_source(&source(taken)).await.unwrap_err();
        assert_eq!(error.kind(), crate::StoreErrorKind::Conflict, "{taken}");
    }
    transaction.add_source(&source("gone")).await.unwrap();
    let version = transaction
        .record_edit(&Actor::system(), "source.add", Item::Source("gone"), &[])
        .await
        .unwrap();
    assert!(version > 7, "{version}");
    transaction.commit().await.unwrap();
}
