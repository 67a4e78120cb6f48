//! Sessions.

use crate::sessions::{IDLE_SECONDS, Person, SessionClient, SessionRow};
use crate::token_hash::TokenHash;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};
use waypost_routing::vocabulary::Role;

fn read(row: &PgRow) -> Result<Option<SessionRow>, sqlx::Error> {
    let hash: Vec<u8> = row.try_get("token_hash")?;
    let role: String = row.try_get("role")?;
    let (Ok(hash), Some(role)) = (hash.try_into(), Role::from_name(&role)) else {
        return Ok(None);
    };
    let subject: String = row.try_get("person_subject")?;
    let person = match subject.is_empty() {
        true => None,
        false => Some(Person {
            issuer: row.try_get("person_issuer")?,
            subject,
            name: row.try_get("person_name")?,
        }),
    };
    Ok(Some(SessionRow {
        hash,
        public_id: row.try_get("public_id")?,
        role,
        client: SessionClient {
            label: row.try_get("label")?,
            address: row.try_get("address")?,
        },
        person,
        created_at: row.try_get("created_at")?,
        last_seen_at: row.try_get("last_seen_at")?,
        expires_at: row.try_get("expires_at")?,
    }))
}

/// Every session.
pub(super) async fn list(connection: &mut PgConnection) -> Result<Vec<SessionRow>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT token_hash, public_id, role, label, address, person_name, person_subject, person_issuer,
                created_at, last_seen_at, expires_at
         FROM sessions",
    )
    .fetch_all(connection)
    .await?;
    rows.iter()
        .filter_map(|row| read(row).transpose())
        .collect()
}

/// Adds a session and deletes those that have expired or idled for too long.
pub(super) async fn add(
    connection: &mut PgConnection,
    session: &SessionRow,
) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM sessions WHERE expires_at <= $1 OR last_seen_at <= $2")
        .bind(session.created_at)
        .bind(session.created_at - IDLE_SECONDS)
        .execute(&mut *connection)
        .await?;
    let person = session.person.as_ref();
    sqlx::query(
        "INSERT INTO sessions (token_hash, public_id, role, created_at, last_seen_at, expires_at,
                               label, address, person_name, person_subject, person_issuer)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(session.hash.as_slice())
    .bind(&session.public_id)
    .bind(session.role.name())
    .bind(session.created_at)
    .bind(session.last_seen_at)
    .bind(session.expires_at)
    .bind(&session.client.label)
    .bind(&session.client.address)
    .bind(person.map_or("", |person| &person.name))
    .bind(person.map_or("", |person| &person.subject))
    .bind(person.map_or("", |person| &person.issuer))
    .execute(connection)
    .await?;
    Ok(())
}

/// Records a use.
pub(super) async fn touch(
    connection: &mut PgConnection,
    hash: &TokenHash,
    at: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE sessions SET last_seen_at = greatest(last_seen_at, $2) WHERE token_hash = $1",
    )
    .bind(hash.as_slice())
    .bind(at)
    .execute(connection)
    .await?;
    Ok(())
}

/// Deletes a session. Returns its public id and what people call it.
pub(super) async fn delete(
    connection: &mut PgConnection,
    hash: &TokenHash,
) -> Result<Option<(String, String)>, sqlx::Error> {
    sqlx::query_as(
        "DELETE FROM sessions WHERE token_hash = $1
         RETURNING public_id, CASE person_name WHEN '' THEN label ELSE person_name END",
    )
    .bind(hash.as_slice())
    .fetch_optional(connection)
    .await
}

/// Deletes the session with a public id. Returns what people call it.
pub(super) async fn delete_by_id(
    connection: &mut PgConnection,
    public_id: &str,
) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar(
        "DELETE FROM sessions WHERE public_id = $1
         RETURNING CASE person_name WHEN '' THEN label ELSE person_name END",
    )
    .bind(public_id)
    .fetch_optional(connection)
    .await
}

/// Deletes every session. Returns how many there were.
pub(super) async fn clear(connection: &mut PgConnection) -> Result<u64, sqlx::Error> {
    let deleted = sqlx::query("DELETE FROM sessions")
        .execute(connection)
        .await?;
    Ok(deleted.rows_affected())
}
