//! Custom sources, without their secrets.

use crate::clock;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, Sqlite, SqliteExecutor, Transaction};

/// A custom source, as it is stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoredSource {
    /// Its number, which no later source has. Zero before it is stored.
    pub id: i64,
    /// The first segment of the refs to its models.
    pub slug: String,
    /// The readable label.
    pub name: String,
    /// The base URL as typed.
    pub base_url: String,
    /// The header that carries the auth value; `None` means `Authorization: Bearer <value>`.
    pub auth_header: Option<String>,
    /// The names of the static headers, in lower case. Their values are one secret.
    pub header_names: Vec<String>,
    /// Whether refs to it go straight there.
    pub passthrough: bool,
    /// Whether its origin may be called although it is private.
    pub allow_private: bool,
}

/// All of them, by slug.
///
/// # Errors
/// Whatever the database says.
pub async fn list(executor: impl SqliteExecutor<'_>) -> Result<Vec<StoredSource>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT id, slug, name, base_url, auth_header, header_names, passthrough, allow_private
         FROM sources ORDER BY slug",
    )
    .fetch_all(executor)
    .await?;
    rows.iter().map(read).collect()
}

/// One by its slug.
///
/// # Errors
/// Whatever the database says.
pub async fn find(
    executor: impl SqliteExecutor<'_>,
    slug: &str,
) -> Result<Option<StoredSource>, sqlx::Error> {
    let row = sqlx::query(
        "SELECT id, slug, name, base_url, auth_header, header_names, passthrough, allow_private
         FROM sources WHERE slug = ?1",
    )
    .bind(slug)
    .fetch_optional(executor)
    .await?;
    row.as_ref().map(read).transpose()
}

fn read(row: &SqliteRow) -> Result<StoredSource, sqlx::Error> {
    let names: String = row.try_get("header_names")?;
    Ok(StoredSource {
        id: row.try_get("id")?,
        slug: row.try_get("slug")?,
        name: row.try_get("name")?,
        base_url: row.try_get("base_url")?,
        auth_header: row.try_get("auth_header")?,
        header_names: serde_json::from_str(&names)
            .map_err(|error| sqlx::Error::Decode(Box::new(error)))?,
        passthrough: row.try_get("passthrough")?,
        allow_private: row.try_get("allow_private")?,
    })
}

/// Adds one. Its `id` is given by the database.
///
/// # Errors
/// Whatever the database says.
pub async fn insert(
    transaction: &mut Transaction<'_, Sqlite>,
    source: &StoredSource,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO sources
             (slug, name, base_url, auth_header, header_names, passthrough, allow_private, created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)",
    )
    .bind(&source.slug)
    .bind(&source.name)
    .bind(&source.base_url)
    .bind(&source.auth_header)
    .bind(names_json(source))
    .bind(source.passthrough)
    .bind(source.allow_private)
    .bind(clock::now())
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Writes all that can change of one.
///
/// # Errors
/// Whatever the database says.
pub async fn update(
    transaction: &mut Transaction<'_, Sqlite>,
    source: &StoredSource,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE sources SET name = ?2, base_url = ?3, auth_header = ?4, header_names = ?5,
             passthrough = ?6, allow_private = ?7, updated_at = ?8
         WHERE id = ?1",
    )
    .bind(source.id)
    .bind(&source.name)
    .bind(&source.base_url)
    .bind(&source.auth_header)
    .bind(names_json(source))
    .bind(source.passthrough)
    .bind(source.allow_private)
    .bind(clock::now())
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

fn names_json(source: &StoredSource) -> String {
    serde_json::to_string(&source.header_names).expect("a list of strings is JSON")
}

/// Deletes one.
///
/// # Errors
/// Whatever the database says.
pub async fn delete(transaction: &mut Transaction<'_, Sqlite>, id: i64) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM sources WHERE id = ?1")
        .bind(id)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}
