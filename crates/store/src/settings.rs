//! The settings that an administrator can change.

use sqlx::{Sqlite, SqlitePool, Transaction};

/// The settings, as they are stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSettings {
    /// The gateway that takes every request no other rule takes.
    pub managed_gateway: String,
    /// Whether models that a refresh finds for the first time start disabled.
    pub new_models_start_disabled: bool,
    /// The organisation's default model ref.
    pub default_model: Option<String>,
}

/// Reads them.
///
/// # Errors
/// Whatever the database says.
pub async fn read(pool: &SqlitePool) -> Result<StoredSettings, sqlx::Error> {
    let (managed_gateway, new_models_start_disabled, default_model) = sqlx::query_as(
        "SELECT managed_gateway, new_models_start_disabled, default_model FROM settings",
    )
    .fetch_one(pool)
    .await?;
    Ok(StoredSettings {
        managed_gateway,
        new_models_start_disabled,
        default_model,
    })
}

/// Names the managed gateway.
///
/// # Errors
/// Whatever the database says.
pub async fn set_managed_gateway(
    transaction: &mut Transaction<'_, Sqlite>,
    name: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE settings SET managed_gateway = ?1")
        .bind(name)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

/// Says whether new models start disabled.
///
/// # Errors
/// Whatever the database says.
pub async fn set_new_models_start_disabled(
    transaction: &mut Transaction<'_, Sqlite>,
    disabled: bool,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE settings SET new_models_start_disabled = ?1")
        .bind(disabled)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

/// Sets or clears the default model.
///
/// # Errors
/// Whatever the database says.
pub async fn set_default_model(
    transaction: &mut Transaction<'_, Sqlite>,
    model_ref: Option<&str>,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE settings SET default_model = ?1")
        .bind(model_ref)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn settings_begin_with_litellm_and_keep_what_is_set() {
        let folder = tempfile::tempdir().unwrap();
        let pool = crate::open(folder.path()).await.unwrap();
        let settings = read(&pool).await.unwrap();
        assert_eq!(settings.managed_gateway, "litellm");
        assert!(!settings.new_models_start_disabled);
        assert_eq!(settings.default_model, None);

        let mut transaction = pool.begin().await.unwrap();
        set_managed_gateway(&mut transaction, "openrouter")
            .await
            .unwrap();
        set_new_models_start_disabled(&mut transaction, true)
            .await
            .unwrap();
        set_default_model(&mut transaction, Some("litellm/gpt-4o"))
            .await
            .unwrap();
        transaction.commit().await.unwrap();
        assert_eq!(
            read(&pool).await.unwrap(),
            StoredSettings {
                managed_gateway: "openrouter".to_owned(),
                new_models_start_disabled: true,
                default_model: Some("litellm/gpt-4o".to_owned()),
            }
        );
    }
}
