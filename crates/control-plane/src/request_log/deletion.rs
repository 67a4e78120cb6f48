//! Deleting records on request.

use super::RequestLog;
use super::reading::unavailable;
use crate::domain_error::DomainError;
use crate::panics::bad_end;
use crate::workspace::Workspace;
use waypost_system::clock;

impl RequestLog {
    /// Deletes the records of requests that ended before a moment, in Unix seconds, and records that
    /// in the audit log. It completes although its caller leaves. Returns how many there were.
    ///
    /// # Errors
    /// `request_log_unavailable` if the log cannot be written. Some records may be deleted then.
    pub async fn delete(&self, before: i64, workspace: &Workspace) -> Result<u64, DomainError> {
        // What ends after this second is no part of it.
        let before = before.min(clock::now() + 1);
        let (log, workspace) = (self.clone(), workspace.clone());
        let deletion = async move {
            // Recorded first: the two are not in one database, and no deletion may go unrecorded.
            workspace.record_request_deletion(before, false).await?;
            let deleted = log.delete_before(before).await;
            if deleted.is_err() {
                workspace.record_request_deletion(before, true).await?;
            }
            deleted
        };
        tokio::spawn(deletion)
            .await
            .unwrap_or_else(|error| Err(DomainError::internal("deletion failed", &bad_end(&error))))
    }

    async fn delete_before(&self, moment: i64) -> Result<u64, DomainError> {
        let Some(store) = &self.0.store else {
            return Ok(0);
        };
        let mut deleted = 0;
        loop {
            match store.delete_before(moment).await {
                Ok((step, more)) => {
                    deleted += step;
                    if !more {
                        return Ok(deleted);
                    }
                }
                Err(error) => return Err(unavailable(&error)),
            }
        }
    }
}
