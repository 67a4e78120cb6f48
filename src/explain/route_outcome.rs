//! A resolution in one row of a table.

use super::host;
use waypost_routing::resolution::{CredentialState, Outcome, Resolution, RouteKind};

/// The outcome of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RouteOutcome {
    /// The code of the error; empty for a request that is routed.
    pub code: String,
    /// The kind of its route, as far as one is known.
    pub kind: Option<RouteKind>,
    /// The provider or source.
    pub provider: String,
    /// Host and port of the upstream.
    pub host: String,
    /// What is sent as `model`.
    pub wire_model: String,
    /// The state of the credential, in a word or two.
    pub credential: &'static str,
    /// How many warnings there are.
    pub warnings: usize,
}

impl RouteOutcome {
    /// Summarizes a resolution.
    #[must_use]
    pub fn of(resolution: &Resolution) -> Self {
        let refusal = resolution
            .error
            .as_ref()
            .filter(|_| resolution.outcome == Outcome::Rejected);
        let mut outcome = Self {
            code: refusal
                .map(|refusal| refusal.code.clone())
                .unwrap_or_default(),
            warnings: resolution.warnings.len(),
            ..Self::default()
        };
        if let Some(route) = &resolution.route {
            outcome.kind = Some(route.kind);
            outcome.provider = route.provider.clone().unwrap_or_default();
            if let Some(base) = &route.base_url {
                outcome.host = host(&base.value).to_owned();
            }
            outcome.wire_model = route.wire_model.clone();
            outcome.credential = match route.credential.as_ref().map(|held| held.state) {
                None => "none",
                Some(CredentialState::Present) => "present",
                Some(CredentialState::Absent) => "absent",
                Some(CredentialState::Unknown) => "unknown",
                Some(CredentialState::OtherOrigin) => "other origin",
            };
        }
        outcome
    }

    /// Whether the request has a route.
    #[must_use]
    pub fn is_routed(&self) -> bool {
        self.code.is_empty()
    }
}
