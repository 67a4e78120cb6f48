//! The request log in its own tables, with its own connections.

mod append;
mod read;
mod retention;
mod routes;
mod row;
mod traffic;

use super::connections::{Connections, on};
use crate::error::StoreError;
use crate::request_log::{
    LogFilter, LogPage, NewRecord, RequestId, RequestLog, Retention, StoredRecord, TrafficRow,
};
use async_trait::async_trait;
use routes::KnownRoutes;
use tokio::sync::Mutex;
use waypost_routing::vocabulary::{TrafficBy, TrafficWindow};

/// The request log of a workspace on PostgreSQL.
pub struct PostgresRequestLog {
    connections: Connections,
    /// Only one call of this process writes at a time.
    routes: Mutex<KnownRoutes>,
}

impl PostgresRequestLog {
    pub(super) fn new(connections: Connections) -> Self {
        Self {
            connections,
            routes: Mutex::default(),
        }
    }
}

#[async_trait]
impl RequestLog for PostgresRequestLog {
    async fn append(&self, records: &[NewRecord]) -> Result<(), StoreError> {
        let mut routes = self.routes.lock().await;
        let mut lent = self.connections.begin().await?;
        let appended = match on!(lent, c => append::append(c, records, &mut routes)) {
            Ok(()) => lent.commit().await,
            Err(error) => Err(error),
        };
        if appended.is_err() {
            // What was added in this transaction is not there.
            routes.forget();
        }
        appended
    }

    async fn page(&self, filter: &LogFilter, limit: u32) -> Result<LogPage, StoreError> {
        let mut lent = self.connections.begin_reading().await?;
        let page = on!(lent, c => read::page(c, filter, limit, read::SEARCHED))?;
        lent.commit().await?;
        Ok(page)
    }

    async fn after(&self, number: i64, limit: u32) -> Result<Vec<StoredRecord>, StoreError> {
        let mut lent = self.connections.acquire().await?;
        on!(lent, c => read::after(c, number, limit))
    }

    async fn latest(&self) -> Result<i64, StoreError> {
        let mut lent = self.connections.acquire().await?;
        on!(lent, c => read::latest(c))
    }

    async fn find(
        &self,
        id: RequestId,
    ) -> Result<Option<(StoredRecord, Option<String>)>, StoreError> {
        let mut lent = self.connections.acquire().await?;
        on!(lent, c => read::find(c, id))
    }

    async fn prune(&self, keep: Retention, now: i64) -> Result<bool, StoreError> {
        let mut routes = self.routes.lock().await;
        let mut lent = self.connections.begin().await?;
        let more = on!(lent, c => retention::prune(c, keep, now, &mut routes))?;
        lent.commit().await?;
        Ok(more)
    }

    async fn delete_before(&self, moment: i64) -> Result<(u64, bool), StoreError> {
        let mut lent = self.connections.acquire().await?;
        let count = on!(lent, c => retention::delete_before(c, moment))?;
        Ok((count, count >= retention::STEP.unsigned_abs()))
    }

    async fn traffic(
        &self,
        by: TrafficBy,
        window: TrafficWindow,
        now: i64,
    ) -> Result<Vec<TrafficRow>, StoreError> {
        let mut lent = self.connections.begin_reading().await?;
        let rows = on!(lent, c => traffic::read(c, by, window, now))?;
        lent.commit().await?;
        Ok(rows)
    }

    async fn close(&self) {
        self.connections.close().await;
    }
}
