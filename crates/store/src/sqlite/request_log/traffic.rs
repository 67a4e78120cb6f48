//! Traffic, counted in slots.

use crate::request_log::traffic_rows::{
    MOST_KEYS, MOST_MODELS, MOST_TOKENS, OTHERS, busiest, signed, slots, tokens,
};
use crate::request_log::{Histogram, Tally, TallyKey, TrafficRow};
use sqlx::{SqliteConnection, SqlitePool};
use waypost_routing::vocabulary::{TrafficBy, TrafficWindow};

/// For how many keys the slots are read at once.
const KEYS_AT_ONCE: usize = 50;

/// Adds the traffic of a batch, in the caller's transaction.
pub(super) async fn add(
    connection: &mut SqliteConnection,
    tally: Tally,
) -> Result<(), sqlx::Error> {
    for (mut key, counts) in tally.into_counts() {
        let mut stored = histograms(connection, &key).await?;
        if stored.is_none() && key.by == TrafficBy::Model && is_crowded(connection, &key).await? {
            OTHERS.clone_into(&mut key.key);
            stored = histograms(connection, &key).await?;
        }
        let (mut first_byte, mut total) = stored.unwrap_or_default();
        first_byte.merge(&counts.first_byte);
        total.merge(&counts.total);
        sqlx::query(
            "INSERT INTO traffic (width, slot, counted_by, key, requests, failed, tokens_in, tokens_out,
                                  first_byte, total)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
             ON CONFLICT DO UPDATE SET
                 requests = requests + ?5, failed = failed + ?6,
                 tokens_in = min(tokens_in + ?7, ?11), tokens_out = min(tokens_out + ?8, ?11),
                 first_byte = ?9, total = ?10",
        )
        .bind(key.width)
        .bind(key.slot)
        .bind(key.by.name())
        .bind(&key.key)
        .bind(signed(counts.requests))
        .bind(signed(counts.failed))
        .bind(tokens(counts.tokens_in))
        .bind(tokens(counts.tokens_out))
        .bind(first_byte.to_bytes())
        .bind(total.to_bytes())
        .bind(MOST_TOKENS)
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

async fn histograms(
    connection: &mut SqliteConnection,
    key: &TallyKey,
) -> Result<Option<(Histogram, Histogram)>, sqlx::Error> {
    let stored: Option<(Vec<u8>, Vec<u8>)> = sqlx::query_as(
        "SELECT first_byte, total FROM traffic
         WHERE width = ?1 AND slot = ?2 AND counted_by = ?3 AND key = ?4",
    )
    .bind(key.width)
    .bind(key.slot)
    .bind(key.by.name())
    .bind(&key.key)
    .fetch_optional(connection)
    .await?;
    Ok(stored.map(|(first_byte, total)| {
        (
            Histogram::from_bytes(&first_byte),
            Histogram::from_bytes(&total),
        )
    }))
}

async fn is_crowded(
    connection: &mut SqliteConnection,
    key: &TallyKey,
) -> Result<bool, sqlx::Error> {
    let models: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM traffic WHERE width = ?1 AND slot = ?2 AND counted_by = ?3",
    )
    .bind(key.width)
    .bind(key.slot)
    .bind(key.by.name())
    .fetch_one(connection)
    .await?;
    Ok(models >= MOST_MODELS)
}

/// The traffic of a window that ends now, busiest first.
pub(super) async fn read(
    pool: &SqlitePool,
    by: TrafficBy,
    window: TrafficWindow,
    now: i64,
) -> Result<Vec<TrafficRow>, sqlx::Error> {
    let (width, count) = slots(window);
    let sums: Vec<(String, i64, i64, i64, i64)> = sqlx::query_as(
        "SELECT key, sum(requests), sum(failed), sum(tokens_in), sum(tokens_out) FROM traffic
         WHERE width = ?1 AND counted_by = ?2 AND slot > ?3 AND slot <= ?4
         GROUP BY key ORDER BY sum(requests) DESC, key",
    )
    .bind(width)
    .bind(by.name())
    .bind(now - width * count)
    .bind(now)
    .fetch_all(pool)
    .await?;
    let mut rows = busiest(sums);
    let shown = rows.len().min(MOST_KEYS);
    for rows in rows[..shown].chunks_mut(KEYS_AT_ONCE) {
        let keys: Vec<&str> = rows.iter().map(|row| &*row.key).collect();
        let keys = serde_json::to_string(&keys).expect("a list of texts is JSON");
        let slots: Vec<(String, Vec<u8>, Vec<u8>)> = sqlx::query_as(
            "SELECT key, first_byte, total FROM traffic
             WHERE width = ?1 AND counted_by = ?2 AND slot > ?3 AND slot <= ?4
               AND key IN (SELECT value FROM json_each(?5))",
        )
        .bind(width)
        .bind(by.name())
        .bind(now - width * count)
        .bind(now)
        .bind(keys)
        .fetch_all(pool)
        .await?;
        for (key, first_byte, total) in slots {
            if let Some(row) = rows.iter_mut().find(|row| row.key == key) {
                row.first_byte.merge(&Histogram::from_bytes(&first_byte));
                row.total.merge(&Histogram::from_bytes(&total));
            }
        }
    }
    Ok(rows)
}

/// Deletes the slots that no window reaches any more.
pub(super) async fn delete_old(
    connection: &mut SqliteConnection,
    now: i64,
) -> Result<u64, sqlx::Error> {
    let mut deleted = 0;
    for window in [TrafficWindow::Hour, TrafficWindow::Day] {
        let (width, count) = slots(window);
        for by in TrafficBy::ALL {
            let result = sqlx::query(
                "DELETE FROM traffic WHERE width = ?1 AND counted_by = ?2 AND slot < ?3",
            )
            .bind(width)
            .bind(by.name())
            // A little longer, for a clock that is set back.
            .bind(now - width * (count + 10))
            .execute(&mut *connection)
            .await?;
            deleted += result.rows_affected();
        }
    }
    Ok(deleted)
}
