//! The outcomes of the last test and the last refresh of each owner.

use crate::verifications::Verifications;
use std::collections::BTreeMap;
use waypost_api_types::{ModelCounts, OutcomeRecord};

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

/// Every recorded outcome, by owner and call.
pub type Outcomes = BTreeMap<(String, Call), OutcomeRecord>;

/// What the database knows of owners beside their configuration, read at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnerRows {
    /// How many models each owner has. An owner without any is not listed.
    pub counts: BTreeMap<String, ModelCounts>,
    /// Every recorded outcome.
    pub outcomes: Outcomes,
    /// What the last check of each credential said.
    pub verifications: Verifications,
}
