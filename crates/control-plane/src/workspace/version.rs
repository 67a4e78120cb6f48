//! Optimistic locking: a change applies only to the version that it is based on.

use super::Workspace;

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
    /// The same workspace, in which a change fails unless the item has an expected version. Meant
    /// for the change of one item.
    #[must_use]
    pub fn expecting(&self, expected: Expected) -> Self {
        Self {
            expected,
            ..self.clone()
        }
    }

    /// Whether a thing of this version may be changed. Asked in the transaction of the change, so
    /// that the version is still the same when the change is committed.
    pub(super) fn expects(&self, version: u64) -> bool {
        match &self.expected {
            Expected::Any => true,
            Expected::OneOf(versions) => versions.contains(&version),
        }
    }
}
