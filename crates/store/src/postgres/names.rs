//! The name space that providers of the workspace and custom sources share.

use super::savepoint;
use sqlx::PgConnection;

/// Takes a name for a provider or a source; fails with a unique violation if it is taken.
pub(super) async fn take(
    connection: &mut PgConnection,
    name: &str,
    kind: &str,
) -> Result<(), sqlx::Error> {
    savepoint::begin(connection).await?;
    let taken = sqlx::query("INSERT INTO names (name, kind) VALUES ($1, $2)")
        .bind(name)
        .bind(kind)
        .execute(&mut *connection)
        .await;
    savepoint::end(connection, taken.map(drop)).await
}

/// Gives a name back.
pub(super) async fn release(connection: &mut PgConnection, name: &str) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM names WHERE name = $1")
        .bind(name)
        .execute(connection)
        .await?;
    Ok(())
}
