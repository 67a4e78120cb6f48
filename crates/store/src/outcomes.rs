//! The outcomes of the last test and the last refresh of each owner.

use crate::verifications::Verifications;
use std::collections::BTreeMap;
use waypost_routing::vocabulary::CheckOutcome;

/// Which call an outcome is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Call {
    /// A test of what is saved.
    Test,
    /// A refresh.
    Refresh,
}

impl Call {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Refresh => "refresh",
        }
    }
}

/// The outcome of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredOutcome {
    /// When it ended, in Unix seconds. Writes ignore it: it is the time of the write.
    pub at: i64,
    /// The class.
    pub outcome: CheckOutcome,
    /// What happened, for a person.
    pub message: String,
    /// The upstream's HTTP status, if it answered.
    pub status: Option<u16>,
    /// How long the call took, in milliseconds.
    pub duration_ms: u64,
    /// How many models were added.
    pub added: u64,
    /// How many are no longer listed.
    pub removed: u64,
    /// How many changed.
    pub changed: u64,
    /// How many stayed as they were.
    pub unchanged: u64,
}

/// Every recorded outcome, by owner and call.
pub type Outcomes = BTreeMap<(String, Call), StoredOutcome>;

/// How many models an owner has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoredCounts {
    /// Those that are listed and enabled.
    pub enabled: u64,
    /// All of them.
    pub total: u64,
    /// Those that are no longer listed.
    pub absent: u64,
}

/// What the database knows of owners beside their configuration, read at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnerRows {
    /// How many models each owner has. An owner without any is not listed.
    pub counts: BTreeMap<String, StoredCounts>,
    /// Every recorded outcome.
    pub outcomes: Outcomes,
    /// What the last check of each credential said.
    pub verifications: Verifications,
}
