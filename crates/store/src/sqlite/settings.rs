//! The settings that an administrator can change.

use crate::configuration::StoredSettings;
use sqlx::SqliteConnection;

/// Reads them.
pub(super) async fn read(connection: &mut SqliteConnection) -> Result<StoredSettings, sqlx::Error> {
    let (managed_gateway, new_models_start_disabled, default_model, version, default_version): (
        String,
        bool,
        Option<String>,
        i64,
        i64,
    ) = sqlx::query_as(
        "SELECT managed_gateway, new_models_start_disabled, default_model, version,
                default_model_version
         FROM settings",
    )
    .fetch_one(connection)
    .await?;
    Ok(StoredSettings {
        managed_gateway,
        new_models_start_disabled,
        default_model,
        version: version.unsigned_abs(),
        default_model_version: default_version.unsigned_abs(),
    })
}

/// Names the managed gateway.
pub(super) async fn set_managed_gateway(
    connection: &mut SqliteConnection,
    name: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE settings SET managed_gateway = ?1")
        .bind(name)
        .execute(&mut *connection)
        .await?;
    Ok(())
}

/// Says whether new models start disabled.
pub(super) async fn set_new_models_start_disabled(
    connection: &mut SqliteConnection,
    disabled: bool,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE settings SET new_models_start_disabled = ?1")
        .bind(disabled)
        .execute(&mut *connection)
        .await?;
    Ok(())
}

/// Sets or clears the default model.
pub(super) async fn set_default_model(
    connection: &mut SqliteConnection,
    model_ref: Option<&str>,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE settings SET default_model = ?1")
        .bind(model_ref)
        .execute(&mut *connection)
        .await?;
    Ok(())
}
