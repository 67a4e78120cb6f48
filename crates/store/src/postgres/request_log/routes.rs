//! Routes as they were decided: each distinct one is stored once.

use crate::postgres::text::storable;
use crate::request_log::LoggedRoute;
use sqlx::PgConnection;
use std::collections::HashMap;

/// How often the time of the last use is written, in seconds.
const USE_SECONDS: i64 = 60 * 60;

/// How many routes the log holds. An agent may send any model string, and each has a route that is
/// stored, so that without a limit they would fill the disk.
const MOST_ROUTES: i64 = 50_000;

/// How many routes are remembered here.
const MOST_KNOWN: usize = 4_096;

/// The routes that are known to be stored.
#[derive(Default)]
pub(super) struct KnownRoutes {
    by_digest: HashMap<[u8; 32], Known>,
    /// How many routes are stored, once that was counted.
    stored: Option<i64>,
}

struct Known {
    id: i64,
    used_at: i64,
}

impl KnownRoutes {
    /// Forgets everything: the transaction was undone.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    /// Forgets the routes that were not used since a moment and are deleted.
    pub(super) fn forget_before(&mut self, moment: i64, deleted: u64) {
        self.by_digest.retain(|_, known| known.used_at >= moment);
        let deleted = i64::try_from(deleted).unwrap_or(i64::MAX);
        self.stored = self.stored.map(|stored| stored.saturating_sub(deleted));
    }

    /// The id of a route, which is stored if it was not; `None` if the log has too many.
    pub(super) async fn id(
        &mut self,
        connection: &mut PgConnection,
        route: &LoggedRoute,
        now: i64,
    ) -> Result<Option<i64>, sqlx::Error> {
        if let Some(known) = self.by_digest.get_mut(&route.digest) {
            if now - known.used_at >= USE_SECONDS {
                note_use(connection, known.id, now).await?;
                known.used_at = now;
            }
            return Ok(Some(known.id));
        }
        let digest = route.digest.as_slice();
        let found: Option<i64> = sqlx::query_scalar("SELECT id FROM route WHERE digest = $1")
            .bind(digest)
            .fetch_optional(&mut *connection)
            .await?;
        let id = match found {
            Some(id) => {
                note_use(connection, id, now).await?;
                id
            }
            None => {
                let stored = match self.stored {
                    Some(stored) => stored,
                    None => {
                        sqlx::query_scalar("SELECT count(*) FROM route")
                            .fetch_one(&mut *connection)
                            .await?
                    }
                };
                self.stored = Some(stored);
                if stored >= MOST_ROUTES {
                    return Ok(None);
                }
                let id = sqlx::query_scalar(
                    "INSERT INTO route (digest, json, used_at) VALUES ($1, $2, $3)
                     ON CONFLICT (digest) DO UPDATE SET used_at = greatest(route.used_at, $3)
                     RETURNING id",
                )
                .bind(digest)
                .bind(storable(&route.json))
                .bind(now)
                .fetch_one(connection)
                .await?;
                self.stored = Some(stored + 1);
                id
            }
        };
        if self.by_digest.len() >= MOST_KNOWN {
            self.by_digest.clear();
        }
        self.by_digest
            .insert(route.digest, Known { id, used_at: now });
        Ok(Some(id))
    }
}

async fn note_use(connection: &mut PgConnection, id: i64, now: i64) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE route SET used_at = greatest(used_at, $2) WHERE id = $1")
        .bind(id)
        .bind(now)
        .execute(connection)
        .await
        .map(drop)
}
