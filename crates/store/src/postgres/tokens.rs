//! API tokens.

use super::savepoint;
use super::text::storable;
use crate::tokens::{TokenOwner, TokenRow};
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};
use waypost_routing::vocabulary::Role;

/// A digest as the table has it: rows of an undo are kept as JSON, which has no bytes.
fn to_hex(hash: &[u8; 32]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(text: &str) -> Option<[u8; 32]> {
    let mut hash = [0; 32];
    if text.len() != 64 {
        return None;
    }
    for (index, byte) in hash.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * index..2 * index + 2)?, 16).ok()?;
    }
    Some(hash)
}

fn read(row: &PgRow) -> Result<Option<TokenRow>, sqlx::Error> {
    let hash: String = row.try_get("token_hash")?;
    let agent: Option<(String, String)> = match row.try_get("agent_id")? {
        Some(id) => Some((id, row.try_get("agent_name")?)),
        None => None,
    };
    let role: Option<String> = row.try_get("role")?;
    let owner = match (agent, role.as_deref().and_then(Role::from_name)) {
        (Some((id, name)), None) => TokenOwner::Agent { id, name },
        (None, Some(role)) => TokenOwner::Service(role),
        _ => return Ok(None),
    };
    let Some(hash) = from_hex(&hash) else {
        return Ok(None);
    };
    Ok(Some(TokenRow {
        id: row.try_get("id")?,
        hash,
        owner,
        label: row.try_get("label")?,
        hint: row.try_get("hint")?,
        created_at: row.try_get("created_at")?,
        created_by: row.try_get("created_by")?,
        last_used_at: row.try_get("last_used_at")?,
        expires_at: row.try_get("expires_at")?,
    }))
}

/// Every token, with the current name of its agent.
pub(super) async fn list(connection: &mut PgConnection) -> Result<Vec<TokenRow>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT api_tokens.id, token_hash, agent_id, agents.name AS agent_name, role, label, hint,
                api_tokens.created_at, created_by, last_used_at, expires_at
         FROM api_tokens LEFT JOIN agents ON agents.id = api_tokens.agent_id
         ORDER BY api_tokens.created_at, api_tokens.id",
    )
    .fetch_all(connection)
    .await?;
    rows.iter()
        .filter_map(|row| read(row).transpose())
        .collect()
}

/// Adds a token.
pub(super) async fn add(
    connection: &mut PgConnection,
    token: &TokenRow,
) -> Result<(), sqlx::Error> {
    let (agent_id, role) = match &token.owner {
        TokenOwner::Agent { id, .. } => (Some(id), None),
        TokenOwner::Service(role) => (None, Some(role.name())),
    };
    savepoint::begin(connection).await?;
    let added = sqlx::query(
        "INSERT INTO api_tokens (id, token_hash, agent_id, role, label, hint, created_at,
                                 created_by, last_used_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(&token.id)
    .bind(to_hex(&token.hash))
    .bind(agent_id)
    .bind(role)
    .bind(storable(&token.label))
    .bind(&token.hint)
    .bind(token.created_at)
    .bind(&token.created_by)
    .bind(token.last_used_at)
    .bind(token.expires_at)
    .execute(&mut *connection)
    .await;
    savepoint::end(connection, added.map(drop)).await
}

/// How many tokens of an agent with a label have not expired.
pub(super) async fn count_live(
    connection: &mut PgConnection,
    agent_id: &str,
    label: &str,
    now: i64,
) -> Result<u64, sqlx::Error> {
    let count: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM api_tokens
         WHERE agent_id = $1 AND label = $2 AND (expires_at IS NULL OR expires_at > $3)",
    )
    .bind(agent_id)
    .bind(storable(label))
    .bind(now)
    .fetch_one(connection)
    .await?;
    Ok(count.unsigned_abs())
}

/// Deletes a token. Returns whether there was one.
pub(super) async fn delete(connection: &mut PgConnection, id: &str) -> Result<bool, sqlx::Error> {
    let deleted = sqlx::query("DELETE FROM api_tokens WHERE id = $1")
        .bind(id)
        .execute(connection)
        .await?;
    Ok(deleted.rows_affected() > 0)
}

/// Records a use.
pub(super) async fn touch(
    connection: &mut PgConnection,
    id: &str,
    at: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE api_tokens SET last_used_at = greatest(coalesce(last_used_at, 0), $2) WHERE id = $1",
    )
    .bind(id)
    .bind(at)
    .execute(connection)
    .await?;
    Ok(())
}
