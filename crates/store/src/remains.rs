//! The rows of something that is about to be deleted, as they stand, so that they can be written
//! back. No table of these holds a secret.

use sqlx::{AssertSqlSafe, Sqlite, Transaction};

/// A table, the column that names the thing, and every column.
struct Table {
    name: &'static str,
    key: &'static str,
    columns: &'static [&'static str],
}

const AGENT: &[Table] = &[Table {
    name: "agents",
    key: "name",
    columns: &["name", "yaml"],
}];

const PROVIDER: &[Table] = &[Table {
    name: "providers",
    key: "name",
    columns: &[
        "name",
        "kind",
        "base_url",
        "api_key_env",
        "default_headers",
        "docs",
        "allow_private",
        "created_at",
        "updated_at",
    ],
}];

const SOURCE: &[Table] = &[Table {
    name: "sources",
    key: "slug",
    columns: &[
        // The number as well: it is the same source again, not a later one of its slug.
        "id",
        "slug",
        "name",
        "base_url",
        "auth_header",
        "header_names",
        "passthrough",
        "allow_private",
        "created_at",
        "updated_at",
    ],
}];

/// What the database tells of an owner of models beside its own row.
const OWNED: &[Table] = &[
    Table {
        name: "models",
        key: "owner",
        columns: &[
            "owner",
            "id",
            "name",
            "context",
            "input_price",
            "output_price",
            "mode",
            "retires_on",
            "search",
            "enabled",
            "absent",
            "first_seen",
            "last_seen",
        ],
    },
    Table {
        name: "outcomes",
        key: "owner",
        columns: &[
            "owner",
            "call",
            "at",
            "outcome",
            "message",
            "status",
            "duration_ms",
            "added",
            "removed",
            "changed",
            "unchanged",
        ],
    },
    Table {
        name: "new_models",
        key: "owner",
        columns: &["owner", "policy"],
    },
];

/// Rows of several tables, each table's as one JSON array of arrays.
#[derive(Clone, Default)]
pub struct Remains(Vec<(&'static Table, String)>);

impl Remains {
    /// Those of an agent.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn of_agent(
        transaction: &mut Transaction<'_, Sqlite>,
        name: &str,
    ) -> Result<Self, sqlx::Error> {
        Self::read(transaction, AGENT.iter(), name).await
    }

    /// Those of a provider of the workspace: its entry, and with it what it owns.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn of_provider(
        transaction: &mut Transaction<'_, Sqlite>,
        name: &str,
        owned: bool,
    ) -> Result<Self, sqlx::Error> {
        let owned = if owned { OWNED } else { &[] };
        Self::read(transaction, PROVIDER.iter().chain(owned), name).await
    }

    /// Those of a custom source, and what it owns.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn of_source(
        transaction: &mut Transaction<'_, Sqlite>,
        slug: &str,
    ) -> Result<Self, sqlx::Error> {
        Self::read(transaction, SOURCE.iter().chain(OWNED), slug).await
    }

    async fn read(
        transaction: &mut Transaction<'_, Sqlite>,
        tables: impl Iterator<Item = &'static Table>,
        named: &str,
    ) -> Result<Self, sqlx::Error> {
        let mut remains = Vec::new();
        for table in tables {
            let columns = table.columns.join(", ");
            let statement = format!(
                "SELECT json_group_array(json_array({columns})) FROM {} WHERE {} = ?1",
                table.name, table.key
            );
            let rows: String = sqlx::query_scalar(AssertSqlSafe(statement))
                .bind(named)
                .fetch_one(&mut **transaction)
                .await?;
            remains.push((table, rows));
        }
        Ok(Self(remains))
    }

    /// Writes them back.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn write(
        &self,
        transaction: &mut Transaction<'_, Sqlite>,
    ) -> Result<(), sqlx::Error> {
        for (table, rows) in &self.0 {
            let values: Vec<String> = (0..table.columns.len())
                .map(|place| format!("value ->> {place}"))
                .collect();
            // A name of the providers file may have come to own models in the meantime.
            let statement = format!(
                "INSERT OR REPLACE INTO {} ({}) SELECT {} FROM json_each(?1)",
                table.name,
                table.columns.join(", "),
                values.join(", ")
            );
            sqlx::query(AssertSqlSafe(statement))
                .bind(rows)
                .execute(&mut **transaction)
                .await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_column_of_every_table_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let pool = crate::open(folder.path()).await.unwrap();
        for table in AGENT.iter().chain(PROVIDER).chain(SOURCE).chain(OWNED) {
            let columns: Vec<String> = sqlx::query_scalar("SELECT name FROM pragma_table_info(?1)")
                .bind(table.name)
                .fetch_all(&pool)
                .await
                .unwrap();
            assert_eq!(columns, table.columns, "{}", table.name);
        }
    }
}
