//! Rows of the table `request`.

use crate::request_log::{LoggedRequest, RequestId, StoredRecord, duration, read_attempts};
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;
use waypost_routing::operation::Operation;
use waypost_routing::vocabulary::RequestOutcome;

/// The columns of a record, as [`read`] takes them.
pub(super) const COLUMNS: &str =
    "number, id, at, ended_at, agent, agent_id, token, subagent, operation, model, outcome,
     status, code, fallback, flags, first_byte_us, total_us, tokens_in, tokens_out, tokens_cached,
     bytes_in, bytes_out, generation, attempts";

pub(super) fn read(row: &SqliteRow) -> Result<StoredRecord, sqlx::Error> {
    let id: Vec<u8> = row.try_get("id")?;
    let id = id.try_into().map_err(|_| unreadable("id"))?;
    let operation: Option<String> = row.try_get("operation")?;
    let outcome: String = row.try_get("outcome")?;
    let status: Option<i64> = row.try_get("status")?;
    let flags: String = row.try_get("flags")?;
    let first_byte: Option<i64> = row.try_get("first_byte_us")?;
    let attempts: String = row.try_get("attempts")?;
    let count = |column| row.try_get::<i64, _>(column).map(unsigned);
    let tokens = |column| {
        let tokens: Option<i64> = row.try_get(column)?;
        Ok::<_, sqlx::Error>(tokens.map(unsigned))
    };
    Ok(StoredRecord {
        number: row.try_get("number")?,
        record: LoggedRequest {
            id: RequestId::from_bytes(id),
            at: row.try_get("at")?,
            ended_at: row.try_get("ended_at")?,
            agent: row.try_get("agent")?,
            agent_id: row.try_get("agent_id")?,
            token: row.try_get("token")?,
            subagent: row.try_get("subagent")?,
            operation: operation.as_deref().and_then(Operation::from_name),
            model: row.try_get("model")?,
            outcome: RequestOutcome::from_name(&outcome).ok_or_else(|| unreadable("outcome"))?,
            status: status.and_then(|status| u16::try_from(status).ok()),
            code: row.try_get("code")?,
            fallback: row.try_get("fallback")?,
            flags: flags.split_whitespace().map(str::to_owned).collect(),
            first_byte: first_byte.map(duration),
            total: duration(row.try_get("total_us")?),
            tokens_in: tokens("tokens_in")?,
            tokens_out: tokens("tokens_out")?,
            tokens_cached: tokens("tokens_cached")?,
            bytes_in: count("bytes_in")?,
            bytes_out: count("bytes_out")?,
            generation: count("generation")?,
            attempts: read_attempts(&attempts),
        },
    })
}

fn unreadable(column: &str) -> sqlx::Error {
    sqlx::Error::ColumnDecode {
        index: column.to_owned(),
        source: "it has no known form".into(),
    }
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
