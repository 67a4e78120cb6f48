//! The filter of Requests.

/// The filter of Requests. Empty fields are left out of the address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestsFilter {
    /// The name of an agent.
    pub agent: String,
    /// A provider's name or a source's slug.
    pub provider: String,
    /// A kind of route: `gateway`, `direct`, `passthrough` or `managed`.
    pub kind: String,
    /// How the requests ended.
    pub outcome: String,
    /// How far back: `1h`, `24h`, or a day such as `2026-11-30`.
    pub since: String,
    /// What is searched for.
    pub query: String,
}

impl RequestsFilter {
    /// The requests of one agent.
    #[must_use]
    pub fn of_agent(agent: &str) -> Self {
        Self {
            agent: agent.to_owned(),
            ..Self::default()
        }
    }

    /// The requests to one provider or source.
    #[must_use]
    pub fn of_provider(provider: &str) -> Self {
        Self {
            provider: provider.to_owned(),
            ..Self::default()
        }
    }

    /// Its fields with their names in an address.
    pub(super) fn parameters(&self) -> [(&str, &str); 6] {
        [
            ("agent", &self.agent),
            ("provider", &self.provider),
            ("kind", &self.kind),
            ("outcome", &self.outcome),
            ("since", &self.since),
            ("q", &self.query),
        ]
    }

    /// Reads the parameters of an address.
    #[must_use]
    pub fn read(parameter: impl Fn(&str) -> Option<String>) -> Self {
        let text = |name: &str| parameter(name).unwrap_or_default();
        Self {
            agent: text("agent"),
            provider: text("provider"),
            kind: text("kind"),
            outcome: text("outcome"),
            since: text("since"),
            query: text("q"),
        }
    }
}
