//! The audit log's rows about deleted records of requests.

use super::{DomainError, Workspace};
use crate::store::ChangedValue;

impl Workspace {
    /// Records in the audit log that records of requests that ended before a moment, in Unix seconds,
    /// are deleted, or that it failed.
    ///
    /// # Errors
    /// Fails if the database cannot be written.
    pub async fn record_request_deletion(
        &self,
        before: i64,
        has_failed: bool,
    ) -> Result<(), DomainError> {
        let action = match has_failed {
            false => "request_log.delete",
            true => "request_log.delete.failed",
        };
        let before = jiff::Timestamp::from_second(before)
            .map_or_else(|_| before.to_string(), |before| before.to_string());
        let mut transaction = self.begin().await?;
        self.record(&mut *transaction, action, "request-log", &["ended_before"])
            .await?;
        let value = ChangedValue {
            field: "ended_before".to_owned(),
            before: None,
            after: Some(before),
        };
        transaction.record_values(&[value]).await?;
        Ok(transaction.commit().await?)
    }
}
