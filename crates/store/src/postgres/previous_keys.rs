//! Until when keys that were replaced are kept.

use sqlx::PgConnection;
use std::collections::BTreeMap;

/// The owners that have a previous key, each with its end.
pub(super) async fn list(
    connection: &mut PgConnection,
) -> Result<BTreeMap<String, i64>, sqlx::Error> {
    let rows: Vec<(String, i64)> = sqlx::query_as("SELECT owner, until FROM previous_keys")
        .fetch_all(connection)
        .await?;
    Ok(rows.into_iter().collect())
}

/// Sets until when an owner's previous key is kept, or that there is none.
pub(super) async fn set(
    connection: &mut PgConnection,
    owner: &str,
    until: Option<i64>,
) -> Result<(), sqlx::Error> {
    let query = match until {
        Some(until) => sqlx::query(
            "INSERT INTO previous_keys (owner, until) VALUES ($1, $2)
                 ON CONFLICT (owner) DO UPDATE SET until = excluded.until",
        )
        .bind(owner)
        .bind(until),
        None => sqlx::query("DELETE FROM previous_keys WHERE owner = $1").bind(owner),
    };
    query.execute(connection).await?;
    Ok(())
}
