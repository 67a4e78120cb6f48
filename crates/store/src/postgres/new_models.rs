//! What becomes of models that a refresh finds for the first time, per owner.

use sqlx::PgConnection;
use std::collections::BTreeMap;
use waypost_routing::vocabulary::NewModels;

/// The owners that differ from what Settings says.
pub(super) async fn list(
    connection: &mut PgConnection,
) -> Result<BTreeMap<String, NewModels>, sqlx::Error> {
    let rows: Vec<(String, String)> = sqlx::query_as("SELECT owner, policy FROM new_models")
        .fetch_all(connection)
        .await?;
    Ok(rows
        .into_iter()
        .map(|(owner, policy)| match policy.as_str() {
            "enabled" => (owner, NewModels::Enabled),
            _ => (owner, NewModels::Disabled),
        })
        .collect())
}

/// Sets one owner's policy.
pub(super) async fn set(
    connection: &mut PgConnection,
    owner: &str,
    policy: NewModels,
) -> Result<(), sqlx::Error> {
    let name = match policy {
        NewModels::Inherit => {
            sqlx::query("DELETE FROM new_models WHERE owner = $1")
                .bind(owner)
                .execute(&mut *connection)
                .await?;
            return Ok(());
        }
        NewModels::Enabled => "enabled",
        NewModels::Disabled => "disabled",
    };
    sqlx::query(
        "INSERT INTO new_models (owner, policy) VALUES ($1, $2)
         ON CONFLICT (owner) DO UPDATE SET policy = excluded.policy",
    )
    .bind(owner)
    .bind(name)
    .execute(&mut *connection)
    .await?;
    Ok(())
}
