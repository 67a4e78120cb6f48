//! The versions of things that can be changed. The audit log gives them: no change that is
//! recorded there can miss its own.

use sqlx::SqliteExecutor;
use std::collections::BTreeMap;

/// What the audit log calls the settings.
pub const SETTINGS: &str = "settings";
/// What it calls the default model.
pub const DEFAULT_MODEL: &str = "default-model";

/// What it calls a provider.
#[must_use]
pub fn provider(name: &str) -> String {
    format!("provider:{name}")
}

/// What it calls a custom source.
#[must_use]
pub fn source(slug: &str) -> String {
    format!("source:{slug}")
}

/// What it calls an agent.
#[must_use]
pub fn agent(name: &str) -> String {
    format!("agent:{name}")
}

/// Every version, by what the audit log calls the thing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Versions(BTreeMap<String, u64>);

impl Versions {
    /// The version of one thing; zero where nobody ever changed it.
    #[must_use]
    pub fn of(&self, target: &str) -> u64 {
        self.0.get(target).copied().unwrap_or(0)
    }
}

/// The versions of everything but agents, of which there may be thousands.
///
/// # Errors
/// Whatever the database says.
pub async fn list(executor: impl SqliteExecutor<'_>) -> Result<Versions, sqlx::Error> {
    let rows: Vec<(String, i64)> =
        sqlx::query_as("SELECT target, audit_id FROM versions WHERE target NOT GLOB 'agent:*'")
            .fetch_all(executor)
            .await?;
    let versions = rows
        .into_iter()
        .map(|(target, version)| (target, version.unsigned_abs()));
    Ok(Versions(versions.collect()))
}

/// The version of one thing; zero where nobody ever changed it.
///
/// # Errors
/// Whatever the database says.
pub async fn of(executor: impl SqliteExecutor<'_>, target: &str) -> Result<u64, sqlx::Error> {
    let version: Option<i64> =
        sqlx::query_scalar("SELECT audit_id FROM versions WHERE target = ?1")
            .bind(target)
            .fetch_optional(executor)
            .await?;
    Ok(version.unwrap_or(0).unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::{self, Actor};

    #[tokio::test]
    async fn every_audit_row_of_a_thing_gives_it_a_higher_version() {
        let folder = tempfile::tempdir().unwrap();
        let pool = crate::open(folder.path()).await.unwrap();
        assert_eq!(of(&pool, SETTINGS).await.unwrap(), 0);
        let mut versions = Vec::new();
        for target in [SETTINGS, "provider:a", "session", SETTINGS, "models:7"] {
            let mut transaction = pool.begin().await.unwrap();
            audit::record(&mut transaction, &Actor::system(), "x.edit", target, &[])
                .await
                .unwrap();
            transaction.commit().await.unwrap();
            versions.push(of(&pool, target).await.unwrap());
        }
        assert_eq!(versions, [1, 2, 0, 4, 0]);
        let all = list(&pool).await.unwrap();
        assert_eq!(
            (all.of(SETTINGS), all.of("provider:a"), all.of("provider:b")),
            (4, 2, 0)
        );
    }
}
