//! Records of stored secrets: never their values.

use crate::secrets::{ExpectedValue, SecretRow};
use sqlx::{FromRow, PgConnection};
use std::collections::BTreeMap;

#[derive(FromRow)]
struct Columns {
    name: String,
    origin: String,
    hint: Option<String>,
    set_at: i64,
    revision: Option<String>,
    expected: bool,
    unsettled: bool,
}

impl Columns {
    fn into_row(self) -> (String, SecretRow) {
        let expected = self.expected.then_some(ExpectedValue {
            origin: self.origin,
            hint: self.hint,
            set_at: self.set_at,
            revision: self.revision,
        });
        let unsettled = self.unsettled;
        (
            self.name,
            SecretRow {
                expected,
                unsettled,
            },
        )
    }
}

/// Every record, by name.
pub(super) async fn list(
    connection: &mut PgConnection,
) -> Result<BTreeMap<String, SecretRow>, sqlx::Error> {
    let rows: Vec<Columns> = sqlx::query_as(
        "SELECT name, origin, hint, set_at, revision, expected, unsettled FROM secrets",
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(Columns::into_row).collect())
}

/// One record.
pub(super) async fn find(
    connection: &mut PgConnection,
    name: &str,
) -> Result<Option<SecretRow>, sqlx::Error> {
    let row: Option<Columns> = sqlx::query_as(
        "SELECT name, origin, hint, set_at, revision, expected, unsettled FROM secrets
         WHERE name = $1",
    )
    .bind(name)
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| row.into_row().1))
}

/// Marks secrets as unsettled. A name without a record gets one that expects nothing.
pub(super) async fn begin(
    connection: &mut PgConnection,
    names: &[String],
) -> Result<(), sqlx::Error> {
    for name in names {
        sqlx::query(
            "INSERT INTO secrets (name, origin, set_at, expected, unsettled)
             VALUES ($1, '', 0, FALSE, TRUE)
             ON CONFLICT (name) DO UPDATE SET unsettled = TRUE",
        )
        .bind(name)
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// Writes which value counts from now on, in the transaction of the edit. The record is unsettled
/// until the backend holds nothing else.
pub(super) async fn expect(
    connection: &mut PgConnection,
    name: &str,
    value: Option<&ExpectedValue>,
) -> Result<(), sqlx::Error> {
    let query = match value {
        None => sqlx::query(
            "UPDATE secrets SET origin = '', hint = NULL, revision = NULL, expected = FALSE,
                 unsettled = TRUE
             WHERE name = $1",
        )
        .bind(name),
        Some(value) => sqlx::query(
            "INSERT INTO secrets (name, origin, hint, set_at, revision, expected, unsettled)
             VALUES ($1, $2, $3, $4, $5, TRUE, TRUE)
             ON CONFLICT (name) DO UPDATE
             SET origin = $2, hint = $3, set_at = $4, revision = $5, expected = TRUE,
                 unsettled = TRUE",
        )
        .bind(name)
        .bind(&value.origin)
        .bind(&value.hint)
        .bind(value.set_at)
        .bind(&value.revision),
    };
    query.execute(connection).await?;
    Ok(())
}

/// Marks a secret as settled, and deletes the record of one that is not expected.
pub(super) async fn settle(connection: &mut PgConnection, name: &str) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM secrets WHERE name = $1 AND NOT expected")
        .bind(name)
        .execute(&mut *connection)
        .await?;
    sqlx::query("UPDATE secrets SET unsettled = FALSE WHERE name = $1")
        .bind(name)
        .execute(&mut *connection)
        .await?;
    Ok(())
}

/// Records a value that another program stored, in place of the expected one or where there is no
/// record.
pub(super) async fn adopt(
    connection: &mut PgConnection,
    name: &str,
    value: &ExpectedValue,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO secrets (name, origin, hint, set_at, revision, expected, unsettled)
         VALUES ($1, $2, $3, $4, $5, TRUE, FALSE)
         ON CONFLICT (name) DO UPDATE
         SET origin = $2, hint = $3, set_at = $4, revision = $5
         WHERE secrets.expected",
    )
    .bind(name)
    .bind(&value.origin)
    .bind(&value.hint)
    .bind(value.set_at)
    .bind(&value.revision)
    .execute(connection)
    .await?;
    Ok(())
}
