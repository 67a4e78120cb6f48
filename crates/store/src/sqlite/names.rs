//! The name space that providers of the workspace and custom sources share.

use sqlx::SqliteConnection;

/// Takes a name for a provider or a source; fails with a unique violation if it is taken.
pub(super) async fn take(
    connection: &mut SqliteConnection,
    name: &str,
    kind: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO names (name, kind) VALUES (?1, ?2)")
        .bind(name)
        .bind(kind)
        .execute(connection)
        .await?;
    Ok(())
}

/// Gives a name back.
pub(super) async fn release(
    connection: &mut SqliteConnection,
    name: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM names WHERE name = ?1")
        .bind(name)
        .execute(connection)
        .await?;
    Ok(())
}
