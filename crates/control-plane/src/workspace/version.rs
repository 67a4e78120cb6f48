//! Changing a thing only in the version that whoever changes it has seen.

use super::{DomainError, Workspace};
use waypost_api_types::Current;

/// Which versions a change may meet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Expected {
    /// Whichever there is.
    #[default]
    Any,
    /// One of these.
    OneOf(Vec<u64>),
}

impl Workspace {
    /// The same workspace, in which things are changed only in a version that is expected. It is
    /// meant for the change of one thing.
    #[must_use]
    pub fn expecting(&self, expected: Expected) -> Self {
        Self {
            expected,
            ..self.clone()
        }
    }

    /// Refuses a change of what has another version than is expected. The refusal shows what is
    /// stored now, so that nobody has to choose between two versions without seeing both. Asked
    /// under the lock of changes, so that the version cannot change after the question.
    pub(super) async fn check_version(
        &self,
        version: u64,
        current: impl Future<Output = Result<Current, DomainError>>,
    ) -> Result<(), DomainError> {
        match &self.expected {
            Expected::Any => Ok(()),
            Expected::OneOf(versions) if versions.contains(&version) => Ok(()),
            Expected::OneOf(_) => Err(DomainError::stale(current.await?)),
        }
    }
}
