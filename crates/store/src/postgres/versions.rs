//! The versions of what is edited.

use crate::audit::Actor;
use crate::generation::Generation;
use crate::item::Item;
use sqlx::PgConnection;
use std::collections::BTreeMap;

/// The last version that was handed out. Since every change of what routing reads hands out
/// another one, it is the generation as well.
pub(super) async fn generation(connection: &mut PgConnection) -> Result<Generation, sqlx::Error> {
    let last: i64 = sqlx::query_scalar("SELECT last FROM version_counter")
        .fetch_one(connection)
        .await?;
    Ok(Generation(last.unsigned_abs()))
}

/// The next version. It is also a number that nothing had before.
pub(super) async fn next(connection: &mut PgConnection) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("UPDATE version_counter SET last = last + 1 RETURNING last")
        .fetch_one(connection)
        .await
}

/// Gives an item the next version. One that was just deleted has no row to keep it in.
pub(super) async fn raise(
    connection: &mut PgConnection,
    item: Item<'_>,
    actor: &Actor,
    now: i64,
) -> Result<u64, sqlx::Error> {
    let version = next(&mut *connection).await?;
    let statement = match item {
        Item::Settings => sqlx::query("UPDATE settings SET version = $1").bind(version),
        Item::DefaultModel => {
            sqlx::query("UPDATE settings SET default_model_version = $1").bind(version)
        }
        Item::Provider(name) => sqlx::query(
            "INSERT INTO provider_versions (version, name) VALUES ($1, $2)
             ON CONFLICT (name) DO UPDATE SET version = excluded.version",
        )
        .bind(version)
        .bind(name),
        Item::Source(slug) => sqlx::query("UPDATE sources SET version = $1 WHERE slug = $2")
            .bind(version)
            .bind(slug),
        Item::Agent(name) => sqlx::query(
            "UPDATE agents SET version = $1, updated_at = $3, updated_by = $4 WHERE name = $2",
        )
        .bind(version)
        .bind(name)
        .bind(now)
        .bind(actor.as_str()),
    };
    statement.execute(connection).await?;
    Ok(version.unsigned_abs())
}

/// The versions of providers of every layer.
pub(super) async fn of_providers(
    connection: &mut PgConnection,
) -> Result<BTreeMap<String, u64>, sqlx::Error> {
    let rows: Vec<(String, i64)> = sqlx::query_as("SELECT name, version FROM provider_versions")
        .fetch_all(connection)
        .await?;
    Ok(rows
        .into_iter()
        .map(|(name, version)| (name, version.unsigned_abs()))
        .collect())
}
