use super::super::{FILE_NAME, open, open_current};
use super::{connection, testing};
use crate::{Store as _, StoreErrorKind};

#[tokio::test]
async fn a_new_database_is_durable_and_up_to_date() {
    let (folder, _connection) = connection().await;
    let store = open(folder.path()).await.unwrap();
    let mut writing = store.writer().begin().await.unwrap();
    let mut pragmas = Vec::new();
    for pragma in [
        "PRAGMA synchronous",
        "PRAGMA foreign_keys",
        "PRAGMA user_version",
    ] {
        let value: i64 = sqlx::query_scalar(pragma)
            .fetch_one(writing.connection())
            .await
            .unwrap();
        pragmas.push(value);
    }
    assert_eq!(pragmas, [2, 1, super::super::open::latest_version()]);
    let journal: String = sqlx::query_scalar("PRAGMA journal_mode")
        .fetch_one(writing.connection())
        .await
        .unwrap();
    assert_eq!(journal, "wal");
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_may_read_the_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await.unwrap();
    store.workspace_id().await.unwrap();
    for name in ["waypost.db", "waypost.db-wal"] {
        let file = std::fs::metadata(folder.path().join(name)).unwrap();
        assert_eq!(file.permissions().mode() & 0o777, 0o600, "{name}");
    }
}

#[tokio::test]
async fn every_table_is_strict() {
    let (folder, _connection) = connection().await;
    let loose = testing::texts(
        folder.path(),
        "SELECT name FROM pragma_table_list
         WHERE schema = 'main' AND type = 'table' AND strict = 0
           AND name NOT LIKE 'sqlite_%' AND name <> '_sqlx_migrations'",
    )
    .await;
    assert_eq!(loose, Vec::<String>::new());
}

#[tokio::test]
async fn the_audit_log_can_be_neither_edited_nor_deleted() {
    let (_folder, mut connection) = connection().await;
    sqlx::query(
        "INSERT INTO audit (at, actor, action, target, fields) VALUES (1, 'a', 'b', 'c', '[]')",
    )
    .execute(&mut connection)
    .await
    .unwrap();
    for statement in ["UPDATE audit SET actor = 'x'", "DELETE FROM audit"] {
        let error = sqlx::query(statement).execute(&mut connection).await;
        let error = error.unwrap_err().to_string();
        assert!(error.contains("append-only"), "{error}");
    }
}

#[tokio::test]
async fn a_database_of_another_version_is_refused_and_left_alone() {
    let (folder, _connection) = connection().await;
    testing::execute(folder.path(), "PRAGMA user_version = 9999").await;
    let newer = open(folder.path()).await.err().unwrap();
    assert_eq!(newer.kind(), StoreErrorKind::Newer);
    assert!(newer.to_string().contains("newer Waypost"), "{newer}");

    // A command beside the server never migrates.
    testing::execute(folder.path(), "PRAGMA user_version = 3").await;
    let older = open_current(folder.path()).await.err().unwrap();
    assert_eq!(older.kind(), StoreErrorKind::Older);
    let shown = folder.path().display().to_string();
    assert!(older.to_string().contains(&shown), "{older}");
    let version = testing::texts(
        folder.path(),
        "SELECT CAST(user_version AS TEXT) FROM pragma_user_version",
    );
    assert_eq!(version.await, ["3"]);
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_with_its_path_and_the_backup() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join(FILE_NAME),
        "no database, whatever its name says",
    )
    .unwrap();
    std::fs::write(folder.path().join("waypost.db.before-3"), "a backup").unwrap();
    let error = open(folder.path()).await.err().unwrap();
    assert_eq!(error.kind(), StoreErrorKind::Damaged);
    let message = error.to_string();
    assert!(message.contains(FILE_NAME), "{message}");
    assert!(message.contains("waypost.db.before-3"), "{message}");
}

#[tokio::test]
async fn an_empty_file_beside_other_data_is_refused() {
    for other in [
        "secrets.json",
        "secrets.key",
        "waypost.db.before-4",
        "requests.db",
    ] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE_NAME), "").unwrap();
        std::fs::write(folder.path().join(other), "data").unwrap();
        let error = open(folder.path()).await.err().unwrap();
        assert_eq!(error.kind(), StoreErrorKind::Damaged, "{other}");
        assert!(error.to_string().contains(other), "{error}");
        let length = std::fs::metadata(folder.path().join(FILE_NAME))
            .unwrap()
            .len();
        assert_eq!(length, 0, "it was left alone");
    }
    // A first start that was interrupted goes on.
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(FILE_NAME), "").unwrap();
    std::fs::write(folder.path().join("waypost.lock"), "").unwrap();
    open(folder.path()).await.unwrap();
}

#[tokio::test]
async fn a_truncated_file_is_refused() {
    let (folder, connection) = connection().await;
    sqlx::Connection::close(connection).await.unwrap();
    let path = folder.path().join(FILE_NAME);
    let whole = std::fs::read(&path).unwrap();
    for length in [1, 100, 4_096, whole.len() / 2, whole.len() - 4_096] {
        std::fs::write(&path, &whole[..length]).unwrap();
        for name in ["waypost.db-wal", "waypost.db-shm"] {
            let _ = std::fs::remove_file(folder.path().join(name));
        }
        let error = open(folder.path()).await.err().unwrap();
        assert_eq!(error.kind(), StoreErrorKind::Damaged, "{length}: {error}");
    }
}
