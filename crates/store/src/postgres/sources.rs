//! Custom sources, without their secrets.

use crate::configuration::StoredSource;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};

/// All of them, by slug.
pub(super) async fn list(connection: &mut PgConnection) -> Result<Vec<StoredSource>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT id, slug, name, base_url, auth_header, header_names, pass_headers, limits, passthrough,
                allow_private, version
         FROM sources ORDER BY slug",
    )
    .fetch_all(connection)
    .await?;
    rows.iter().map(read).collect()
}

fn read(row: &PgRow) -> Result<StoredSource, sqlx::Error> {
    let names: String = row.try_get("header_names")?;
    let limits: String = row.try_get("limits")?;
    let passed: String = row.try_get("pass_headers")?;
    Ok(StoredSource {
        id: row.try_get("id")?,
        slug: row.try_get("slug")?,
        name: row.try_get("name")?,
        base_url: row.try_get("base_url")?,
        auth_header: row.try_get("auth_header")?,
        header_names: serde_json::from_str(&names)
            .map_err(|error| sqlx::Error::Decode(Box::new(error)))?,
        limits: serde_json::from_str(&limits)
            .map_err(|error| sqlx::Error::Decode(Box::new(error)))?,
        pass_headers: serde_json::from_str(&passed)
            .map_err(|error| sqlx::Error::Decode(Box::new(error)))?,
        passthrough: row.try_get("passthrough")?,
        allow_private: row.try_get("allow_private")?,
        version: row.try_get::<i64, _>("version")?.unsigned_abs(),
    })
}

/// Adds one. Its `id` is given by the database.
pub(super) async fn insert(
    connection: &mut PgConnection,
    source: &StoredSource,
    now: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO sources
             (slug, name, base_url, auth_header, header_names, passthrough, allow_private, created_at,
              updated_at, pass_headers, limits)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9, $10)",
    )
    .bind(&source.slug)
    .bind(&source.name)
    .bind(&source.base_url)
    .bind(&source.auth_header)
    .bind(names_json(source))
    .bind(source.passthrough)
    .bind(source.allow_private)
    .bind(now)
    .bind(passed_json(source))
    .bind(limits_json(source))
    .execute(&mut *connection)
    .await?;
    Ok(())
}

/// Writes all that can change of one.
pub(super) async fn update(
    connection: &mut PgConnection,
    source: &StoredSource,
    now: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE sources SET name = $2, base_url = $3, auth_header = $4, header_names = $5,
             passthrough = $6, allow_private = $7, updated_at = $8, pass_headers = $9,
             limits = $10
         WHERE id = $1",
    )
    .bind(source.id)
    .bind(&source.name)
    .bind(&source.base_url)
    .bind(&source.auth_header)
    .bind(names_json(source))
    .bind(source.passthrough)
    .bind(source.allow_private)
    .bind(now)
    .bind(passed_json(source))
    .bind(limits_json(source))
    .execute(&mut *connection)
    .await?;
    Ok(())
}

fn limits_json(source: &StoredSource) -> String {
    serde_json::to_string(&source.limits).expect("numbers are JSON")
}

fn passed_json(source: &StoredSource) -> String {
    serde_json::to_string(&source.pass_headers).expect("a list of strings is JSON")
}

fn names_json(source: &StoredSource) -> String {
    serde_json::to_string(&source.header_names).expect("a list of strings is JSON")
}

/// Deletes a source.
pub(super) async fn delete(connection: &mut PgConnection, slug: &str) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM sources WHERE slug = $1")
        .bind(slug)
        .execute(connection)
        .await?;
    Ok(())
}
