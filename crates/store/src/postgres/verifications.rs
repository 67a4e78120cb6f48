//! What checks said about credentials.

use super::text::storable;
use crate::verifications::{CredentialCheck, StoredVerification, Verifications};
use sqlx::PgConnection;
use waypost_routing::vocabulary::CheckOutcome;

/// The names of the states that are stored. What was not checked has no row.
const VERIFIED: &str = "verified";
const REFUSED: &str = "refused";
/// How many credentials of one owner are remembered.
const MOST: i64 = 8;

/// Every recorded check.
pub(super) async fn list(connection: &mut PgConnection) -> Result<Verifications, sqlx::Error> {
    let rows: Vec<(String, String, String, i64, String, String)> =
        sqlx::query_as("SELECT owner, credential, state, at, outcome, message FROM verifications")
            .fetch_all(connection)
            .await?;
    rows.into_iter()
        .map(|(owner, credential, state, at, outcome, message)| {
            let outcome: CheckOutcome = serde_json::from_value(serde_json::Value::String(outcome))
                .map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
            let verification = StoredVerification {
                accepted: state == VERIFIED,
                at,
                outcome,
                message,
            };
            Ok(((owner, credential), verification))
        })
        .collect()
}

/// Records a check in place of the previous one of the credential.
pub(super) async fn record(
    connection: &mut PgConnection,
    owner: &str,
    check: &CredentialCheck,
    now: i64,
) -> Result<(), sqlx::Error> {
    let outcome = serde_json::to_value(check.outcome).expect("a unit variant is JSON");
    sqlx::query(
        "INSERT INTO verifications (owner, credential, state, at, outcome, message)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (owner, credential) DO UPDATE SET state = excluded.state, at = excluded.at,
             outcome = excluded.outcome, message = excluded.message",
    )
    .bind(owner)
    .bind(&check.credential)
    .bind(if check.accepted { VERIFIED } else { REFUSED })
    .bind(now)
    .bind(outcome.as_str().expect("a unit variant is a string"))
    .bind(storable(&check.message))
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        "DELETE FROM verifications
         WHERE owner = $1 AND credential <> $2 AND credential NOT IN (
             SELECT credential FROM verifications WHERE owner = $1 AND credential <> $2
             ORDER BY at DESC, credential LIMIT $3)",
    )
    .bind(owner)
    .bind(&check.credential)
    .bind(MOST - 1)
    .execute(connection)
    .await?;
    Ok(())
}

/// Forgets what is recorded about an owner's credentials.
pub(super) async fn forget(connection: &mut PgConnection, owner: &str) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM verifications WHERE owner = $1")
        .bind(owner)
        .execute(connection)
        .await?;
    Ok(())
}
