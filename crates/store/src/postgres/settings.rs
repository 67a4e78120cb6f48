//! The settings that an administrator can change.

use crate::configuration::StoredSettings;
use sqlx::{PgConnection, Row as _};

/// Reads them.
pub(super) async fn read(connection: &mut PgConnection) -> Result<StoredSettings, sqlx::Error> {
    let row = sqlx::query(
        "SELECT managed_gateway, new_models_start_disabled, refuse_body_routing, default_model,
                version, default_model_version
         FROM settings",
    )
    .fetch_one(connection)
    .await?;
    Ok(StoredSettings {
        managed_gateway: row.try_get("managed_gateway")?,
        new_models_start_disabled: row.try_get("new_models_start_disabled")?,
        refuse_body_routing: row.try_get("refuse_body_routing")?,
        default_model: row.try_get("default_model")?,
        version: row.try_get::<i64, _>("version")?.unsigned_abs(),
        default_model_version: row
            .try_get::<i64, _>("default_model_version")?
            .unsigned_abs(),
    })
}

/// Names the managed gateway.
pub(super) async fn set_managed_gateway(
    connection: &mut PgConnection,
    name: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE settings SET managed_gateway = $1")
        .bind(name)
        .execute(&mut *connection)
        .await?;
    Ok(())
}

/// Says whether new models start disabled.
pub(super) async fn set_new_models_start_disabled(
    connection: &mut PgConnection,
    disabled: bool,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE settings SET new_models_start_disabled = $1")
        .bind(disabled)
        .execute(&mut *connection)
        .await?;
    Ok(())
}

/// Says whether bodies that a gateway may route by are refused.
pub(super) async fn set_refuse_body_routing(
    connection: &mut PgConnection,
    refuses: bool,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE settings SET refuse_body_routing = $1")
        .bind(refuses)
        .execute(&mut *connection)
        .await?;
    Ok(())
}

/// Sets or clears the default model.
pub(super) async fn set_default_model(
    connection: &mut PgConnection,
    model_ref: Option<&str>,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE settings SET default_model = $1")
        .bind(model_ref)
        .execute(&mut *connection)
        .await?;
    Ok(())
}
