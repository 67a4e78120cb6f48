//! Settings, providers and sources with their versions.

use super::{new_models, previous_keys, providers, sample, settings, sources, versions};
use crate::configuration::Configuration;
use sqlx::PgConnection;

/// The caller has begun a transaction.
pub(super) async fn read(connection: &mut PgConnection) -> Result<Configuration, sqlx::Error> {
    Ok(Configuration {
        settings: settings::read(connection).await?,
        providers: providers::list(connection).await?,
        sources: sources::list(connection).await?,
        provider_versions: versions::of_providers(connection).await?,
        new_models: new_models::list(connection).await?,
        previous_keys: previous_keys::list(connection).await?,
        sample_installed: sample::key_hash(connection).await?.is_some(),
    })
}
