//! The request log in its own file, with its own connections.

mod append;
mod file;
mod read;
mod retention;
mod routes;
mod row;
mod traffic;

use super::connections::{FILE_PATIENCE, Readers, Writer, Writing};
use super::file_names::REQUEST_LOG_FILE;
use crate::error::{StoreError, StoreErrorKind};
use crate::request_log::{
    LogFilter, LogPage, NewRecord, RequestId, RequestLog, Retention, StoredRecord, TrafficRow,
};
use async_trait::async_trait;
use file::FileIdentity;
use routes::KnownRoutes;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tokio::sync::Mutex;
use waypost_routing::vocabulary::{TrafficBy, TrafficWindow};

/// The request log of a data directory.
pub struct SqliteRequestLog {
    path: PathBuf,
    open: Mutex<Option<Arc<OpenLog>>>,
    /// Only one call writes at a time.
    routes: Mutex<KnownRoutes>,
    /// The highest number that was given here, also in a file that is gone.
    highest: AtomicI64,
}

/// The file, open.
struct OpenLog {
    writer: Writer,
    readers: Readers,
    identity: FileIdentity,
}

impl SqliteRequestLog {
    /// The log of a data directory. Its file is opened, and created, by the first call that needs it.
    #[must_use]
    pub fn new(data_dir: &Path) -> Self {
        Self {
            path: data_dir.join(REQUEST_LOG_FILE),
            open: Mutex::default(),
            routes: Mutex::default(),
            highest: AtomicI64::new(0),
        }
    }

    /// The open file. One that was removed or replaced meanwhile is opened anew.
    async fn opened(&self) -> Result<Arc<OpenLog>, StoreError> {
        let mut open = self.open.lock().await;
        if let Some(log) = &*open
            && log.identity.is_of(&self.path)
        {
            return Ok(Arc::clone(log));
        }
        if let Some(removed) = open.take() {
            removed.close().await;
            file::remove_journal(&self.path);
        }
        let options = file::prepare(&self.path, self.highest.load(Ordering::Relaxed)).await?;
        let log = Arc::new(OpenLog {
            identity: FileIdentity::of(&self.path),
            readers: Readers::open(options.clone()).await?,
            writer: Writer::new(options, FILE_PATIENCE),
        });
        self.routes.lock().await.forget();
        *open = Some(Arc::clone(&log));
        Ok(log)
    }

    /// Begins to write. A damaged file is put aside, and a new one begun.
    async fn begin(&self) -> Result<(Writing, FileIdentity), StoreError> {
        match self.try_begin().await {
            Err((error, identity)) if error.kind() == StoreErrorKind::Damaged => {
                self.put_aside(&error, identity).await?;
                self.try_begin().await.map_err(|(error, _)| error)
            }
            begun => begun.map_err(|(error, _)| error),
        }
    }

    async fn try_begin(&self) -> Result<(Writing, FileIdentity), (StoreError, FileIdentity)> {
        let found = FileIdentity::of(&self.path);
        let log = self.opened().await.map_err(|error| (error, found))?;
        let begun = log.writer.begin().await;
        begun
            .map(|writing| (writing, log.identity))
            .map_err(|error| (error, log.identity))
    }

    /// Passes on what writing to a file resulted in, and puts the file aside if it is damaged.
    async fn recovered<T>(
        &self,
        written: Result<T, StoreError>,
        identity: FileIdentity,
    ) -> Result<T, StoreError> {
        if let Err(error) = &written
            && error.kind() == StoreErrorKind::Damaged
        {
            self.put_aside(error, identity).await?;
        }
        written
    }

    async fn put_aside(
        &self,
        error: &StoreError,
        identity: FileIdentity,
    ) -> Result<(), StoreError> {
        let mut open = self.open.lock().await;
        if !identity.is_of(&self.path) {
            // Another call was faster.
            return Ok(());
        }
        if let Some(log) = open.take() {
            log.close().await;
        }
        let aside = file::put_aside(&self.path)?;
        tracing::warn!(%error, file = %aside.display(), "put a damaged request log aside and began a new one");
        Ok(())
    }
}

impl OpenLog {
    async fn close(&self) {
        self.writer.close().await;
        self.readers.pool().close().await;
    }
}

#[async_trait]
impl RequestLog for SqliteRequestLog {
    async fn append(&self, records: &[NewRecord]) -> Result<(), StoreError> {
        let (mut writing, identity) = self.begin().await?;
        let mut routes = self.routes.lock().await;
        let appended = append::append(writing.connection(), records, &mut routes).await;
        let appended = match writing.checked(appended) {
            Ok(latest) => {
                self.highest.fetch_max(latest, Ordering::Relaxed);
                writing.commit().await
            }
            Err(error) => Err(error),
        };
        if appended.is_err() {
            // What was added in this transaction is not there.
            routes.forget();
        }
        drop(routes);
        self.recovered(appended, identity).await
    }

    async fn page(&self, filter: &LogFilter, limit: u32) -> Result<LogPage, StoreError> {
        let mut reading = self.opened().await?.readers.begin().await?;
        let page = read::page(reading.connection(), filter, limit, read::SEARCHED).await?;
        reading.end().await?;
        Ok(page)
    }

    async fn after(&self, number: i64, limit: u32) -> Result<Vec<StoredRecord>, StoreError> {
        let log = self.opened().await?;
        Ok(read::after(log.readers.pool(), number, limit).await?)
    }

    async fn latest(&self) -> Result<i64, StoreError> {
        let log = self.opened().await?;
        Ok(read::latest(log.readers.pool()).await?)
    }

    async fn find(
        &self,
        id: RequestId,
    ) -> Result<Option<(StoredRecord, Option<String>)>, StoreError> {
        let log = self.opened().await?;
        Ok(read::find(log.readers.pool(), id).await?)
    }

    async fn prune(&self, keep: Retention, now: i64) -> Result<bool, StoreError> {
        file::remove_aside(&self.path, Some(retention::oldest(keep, now)));
        let (mut writing, identity) = self.begin().await?;
        let mut routes = self.routes.lock().await;
        let pruned = retention::prune(writing.connection(), keep, now, &mut routes).await;
        let pruned = match writing.checked(pruned) {
            Ok(more) => writing.commit().await.map(|()| more),
            Err(error) => Err(error),
        };
        drop(routes);
        self.recovered(pruned, identity).await
    }

    async fn delete_before(&self, moment: i64) -> Result<(u64, bool), StoreError> {
        file::remove_aside(&self.path, None);
        let (mut writing, identity) = self.begin().await?;
        let deleted = retention::delete_before(writing.connection(), moment).await;
        let deleted = match writing.checked(deleted) {
            Ok(count) => {
                let is_full_step = count >= retention::STEP.unsigned_abs();
                writing.commit().await.map(|()| (count, is_full_step))
            }
            Err(error) => Err(error),
        };
        self.recovered(deleted, identity).await
    }

    async fn traffic(
        &self,
        by: TrafficBy,
        window: TrafficWindow,
        now: i64,
    ) -> Result<Vec<TrafficRow>, StoreError> {
        let log = self.opened().await?;
        Ok(traffic::read(log.readers.pool(), by, window, now).await?)
    }

    async fn close(&self) {
        if let Some(log) = self.open.lock().await.take() {
            log.close().await;
        }
    }
}

#[cfg(test)]
mod tests;
