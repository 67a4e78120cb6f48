//! Copying a workspace from SQLite's file into an empty database.

use super::connections::{Writing, on};
use super::store::PostgresStore;
use super::{routing_rows, secrets};
use crate::error::{StoreError, StoreErrorKind};
use crate::generation::Generation;
use crate::routing_rows::RoutingRows;
use crate::secrets::SecretRow;
use serde_json::{Map, Value};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};
use std::collections::BTreeMap;
use std::path::Path;

/// The tables that are copied, each after those it refers to, and the columns that order its rows. Links to
/// sign in, which are good for minutes, stay behind.
pub(super) const TABLES: [(&str, &str); 20] = [
    ("workspace", "id"),
    ("version_counter", "id"),
    ("settings", "id"),
    ("sessions", "token_hash"),
    ("audit", "id"),
    ("audit_values", "audit_id, field"),
    ("sample", "id"),
    ("names", "name"),
    ("providers", "name"),
    ("provider_versions", "name"),
    ("sources", "id"),
    ("new_models", "owner"),
    ("models", "owner, id"),
    ("outcomes", "owner, call"),
    ("verifications", "owner, credential"),
    ("previous_keys", "owner"),
    ("secrets", "name"),
    ("agents", "name"),
    ("api_tokens", "id"),
    ("write_probe", "id"),
];

/// The tables that a new database has a row in.
const WITH_DEFAULTS: [&str; 2] = ["version_counter", "settings"];

/// The tables whose rows get numbers that are never used again.
const NUMBERED: [&str; 2] = ["audit", "sources"];

/// How many rows are copied at once.
const ROWS: i64 = 2_000;

/// A copy that is not committed yet. Dropped, it leaves the database as it was.
pub struct Import {
    writing: Writing,
    counts: Vec<(&'static str, u64)>,
}

impl PostgresStore {
    /// Copies everything but the request log and links to sign in from SQLite's file, and compares every
    /// row of both. The file must have this version, and nothing may write it meanwhile.
    ///
    /// # Errors
    /// Fails with `Conflict` if this database has a workspace already, and if a row is not the same
    /// afterwards.
    pub async fn import(&self, file: &Path) -> Result<Import, StoreError> {
        let options = SqliteConnectOptions::new().filename(file).read_only(true);
        let mut source = SqliteConnection::connect_with(&options).await?;
        let mut writing = self.writer().begin().await?;
        let mut counts = Vec::new();
        for (name, _) in TABLES {
            let count = on!(writing, c => count(c, name))?;
            if count > 0 && !WITH_DEFAULTS.contains(&name) {
                return Err(StoreError::new(
                    StoreErrorKind::Conflict,
                    format!("there is a workspace already: its table `{name}` has {count} rows"),
                ));
            }
        }
        for (name, order) in TABLES {
            let table = on!(writing, c => Table::read(c, name, order))?;
            if WITH_DEFAULTS.contains(&name) {
                on!(writing, c => clear(c, name))?;
            }
            let mut copied = 0;
            loop {
                let rows = table.source_rows(&mut source, copied).await?;
                if rows.is_empty() {
                    break;
                }
                on!(writing, c => table.insert(c, &rows))?;
                let kept = on!(writing, c => table.rows(c, copied))?;
                if let Some(place) = table.first_difference(&rows, &kept) {
                    return Err(StoreError::new(
                        StoreErrorKind::Internal,
                        format!(
                            "row {} of table `{name}` is not the same after it was copied",
                            copied + place
                        ),
                    ));
                }
                copied += i64::try_from(rows.len()).unwrap_or(i64::MAX);
            }
            if NUMBERED.contains(&name) {
                let last: Option<i64> =
                    sqlx::query_scalar("SELECT seq FROM sqlite_sequence WHERE name = ?1")
                        .bind(name)
                        .fetch_optional(&mut source)
                        .await?;
                on!(writing, c => go_on_after(c, name, last.unwrap_or(0)))?;
            }
            counts.push((name, copied.unsigned_abs()));
        }
        source.close().await?;
        Ok(Import { writing, counts })
    }
}

impl Import {
    /// How many rows each table has on both sides.
    #[must_use]
    pub fn counts(&self) -> &[(&'static str, u64)] {
        &self.counts
    }

    /// Everything that routing reads, as the copy has it.
    ///
    /// # Errors
    /// Fails if the database cannot be read.
    pub async fn routing_rows(&mut self) -> Result<RoutingRows, StoreError> {
        on!(self.writing, c => routing_rows::read(c, Generation::default()))
    }

    /// The records of secrets, as the copy has them.
    ///
    /// # Errors
    /// Fails if the database cannot be read.
    pub async fn secrets(&mut self) -> Result<BTreeMap<String, SecretRow>, StoreError> {
        on!(self.writing, c => secrets::list(c))
    }

    /// Makes the copy durable.
    ///
    /// # Errors
    /// Fails if the database cannot be written.
    pub async fn commit(self) -> Result<(), StoreError> {
        self.writing.commit().await
    }
}

/// The parts of a table that say how its rows are read on each side.
struct Table {
    name: &'static str,
    order: &'static str,
    /// Each column with its type in PostgreSQL.
    columns: Vec<(String, String)>,
}

impl Table {
    async fn read(
        connection: &mut PgConnection,
        name: &'static str,
        order: &'static str,
    ) -> Result<Self, sqlx::Error> {
        let columns = sqlx::query_as(
            "SELECT column_name::text, data_type::text FROM information_schema.columns
             WHERE table_schema = current_schema() AND table_name = $1 ORDER BY ordinal_position",
        )
        .bind(name)
        .fetch_all(connection)
        .await?;
        Ok(Self {
            name,
            order,
            columns,
        })
    }

    /// The next rows of SQLite's table, as PostgreSQL writes them in JSON.
    async fn source_rows(
        &self,
        source: &mut SqliteConnection,
        skip: i64,
    ) -> Result<Vec<Value>, StoreError> {
        let columns = self.columns.iter().map(|(column, kind)| match &**kind {
            "bytea" => format!("'{column}', '\\x' || lower(hex(\"{column}\"))"),
            _ => format!("'{column}', \"{column}\""),
        });
        let columns: Vec<String> = columns.collect();
        let select = format!(
            "SELECT json_object({}) FROM {} ORDER BY {} LIMIT ?1 OFFSET ?2",
            columns.join(", "),
            self.name,
            self.order
        );
        let rows: Vec<String> = sqlx::query_scalar(AssertSqlSafe(select))
            .bind(ROWS)
            .bind(skip)
            .fetch_all(source)
            .await?;
        let rows = rows.iter().map(|row| {
            let row: Map<String, Value> = serde_json::from_str(row).map_err(unreadable)?;
            let row = row.into_iter().map(|(column, value)| {
                let kind = self.columns.iter().find(|(name, _)| *name == column);
                let is_boolean = kind.is_some_and(|(_, kind)| kind == "boolean");
                (column, storable(value, is_boolean))
            });
            Ok(Value::Object(row.collect()))
        });
        rows.collect()
    }

    async fn insert(
        &self,
        connection: &mut PgConnection,
        rows: &[Value],
    ) -> Result<(), sqlx::Error> {
        let name = self.name;
        let insert = format!(
            "INSERT INTO {name} SELECT * FROM json_populate_recordset(NULL::{name}, $1::json)"
        );
        let rows = Value::Array(rows.to_vec()).to_string();
        sqlx::query(AssertSqlSafe(insert))
            .bind(rows)
            .execute(connection)
            .await?;
        Ok(())
    }

    async fn rows(
        &self,
        connection: &mut PgConnection,
        skip: i64,
    ) -> Result<Vec<String>, sqlx::Error> {
        let select = format!(
            "SELECT row_to_json(kept)::text FROM {} AS kept ORDER BY {} LIMIT $1 OFFSET $2",
            self.name, self.order
        );
        sqlx::query_scalar(AssertSqlSafe(select))
            .bind(ROWS)
            .bind(skip)
            .fetch_all(connection)
            .await
    }

    /// The first row that is not the same on both sides.
    fn first_difference(&self, source: &[Value], kept: &[String]) -> Option<i64> {
        let kept: Vec<Option<Value>> = kept
            .iter()
            .map(|row| serde_json::from_str(row).ok())
            .collect();
        let is_same =
            |place: &usize| kept.get(*place).and_then(Option::as_ref) == source.get(*place);
        let place = (0..source.len().max(kept.len())).find(|place| !is_same(place))?;
        i64::try_from(place).ok()
    }
}

fn unreadable(error: serde_json::Error) -> StoreError {
    StoreError::new(StoreErrorKind::Damaged, error.to_string())
}

/// A value as PostgreSQL takes it: SQLite has numbers for booleans, and texts with NUL.
fn storable(value: Value, is_boolean: bool) -> Value {
    match value {
        Value::Number(number) if is_boolean => Value::Bool(number.as_i64() != Some(0)),
        Value::String(text) => Value::String(super::text::storable(&text).into_owned()),
        value => value,
    }
}

async fn count(connection: &mut PgConnection, table: &str) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(AssertSqlSafe(format!("SELECT count(*) FROM {table}")))
        .fetch_one(connection)
        .await
}

async fn clear(connection: &mut PgConnection, table: &str) -> Result<(), sqlx::Error> {
    sqlx::query(AssertSqlSafe(format!("DELETE FROM {table}")))
        .execute(connection)
        .await?;
    Ok(())
}

/// The next row of a table gets a number above this one.
async fn go_on_after(
    connection: &mut PgConnection,
    table: &str,
    last: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT setval(pg_get_serial_sequence($1, 'id'), $2 + 1, false)")
        .bind(table)
        .bind(last)
        .execute(connection)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::postgres::testing::TestDatabase;
    use std::collections::BTreeSet;

    /// What one side has and the other not would be lost.
    #[tokio::test]
    async fn both_databases_have_the_same_tables_and_columns() {
        let folder = tempfile::tempdir().unwrap();
        let store = crate::sqlite::open(folder.path()).await.unwrap();
        crate::Store::close(&store).await;
        let sqlite = crate::sqlite::testing::texts(
            folder.path(),
            "SELECT tables.name || '.' || columns.name
             FROM sqlite_schema AS tables, pragma_table_info(tables.name) AS columns
             WHERE tables.type = 'table' AND tables.name NOT GLOB 'sqlite_*'
               AND tables.name NOT GLOB '_sqlx_*'",
        );
        let database = TestDatabase::create().await;
        database.open().await;
        let postgres = database.texts(
            "SELECT table_name || '.' || column_name FROM information_schema.columns
             WHERE table_schema = 'public'",
        );
        let of_the_log = [
            "request",
            "request_counter",
            "route",
            "traffic",
            "waypost_migrations",
        ];
        let (sqlite, mut postgres) = (sqlite.await, postgres.await);
        postgres.retain(|column| !of_the_log.contains(&column.split('.').next().unwrap()));
        let sqlite: BTreeSet<String> = sqlite.into_iter().collect();
        assert_eq!(sqlite, postgres.into_iter().collect());
        let tables = sqlite
            .iter()
            .map(|column| column.split('.').next().unwrap());
        let mut tables: BTreeSet<&str> = tables.collect();
        assert!(tables.remove("sign_in_links"));
        assert_eq!(tables, TABLES.iter().map(|(name, _)| *name).collect());
    }
}
