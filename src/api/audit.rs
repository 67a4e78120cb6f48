//! The audit log.

use super::query::query_string;
use super::transport::{Call, address};
use super::{Answer, Api};
use waypost_api_types::{AuditEvent, Page};

/// Which events of the audit log are wanted. An empty field lets every event through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditQuery {
    /// An action, or the beginning of several: `provider` includes `provider.key.set`.
    pub action: String,
    /// A target, or the kind of several: `provider:openrouter`, `provider`.
    pub target: String,
    /// An actor, or the kind of several: `token:f0695afab27cea63`, `token`.
    pub actor: String,
    /// A text in the actor, the action, the target or the fields.
    pub text: String,
    /// The first second, in Unix seconds.
    pub since: Option<i64>,
    /// The second after the last one, in Unix seconds.
    pub until: Option<i64>,
}

impl AuditQuery {
    /// The query string, with `more` after the filters; empty where there are neither.
    fn query(&self, more: &[(&str, &str)]) -> String {
        let time = |time: Option<i64>| time.map(|time| time.to_string()).unwrap_or_default();
        let (since, until) = (time(self.since), time(self.until));
        let filters = [
            ("action", self.action.as_str()),
            ("target", &self.target),
            ("actor", &self.actor),
            ("q", &self.text),
            ("since", &since),
            ("until", &until),
        ];
        query_string(filters.iter().chain(more).copied())
    }

    /// The address of the file with all events that match.
    #[must_use]
    pub fn file_address(&self) -> String {
        address(&format!("/audit.csv{}", self.query(&[])))
    }
}

impl Api {
    /// One page of the audit log, newest first.
    pub fn audit(self, query: &AuditQuery, cursor: Option<&str>) -> Answer<Page<AuditEvent>> {
        let query = query.query(&[("cursor", cursor.unwrap_or_default())]);
        Call::get(format!("/audit{query}")).read(self)
    }

    /// The audit event that made a version, which is the event's number.
    pub fn change(self, version: u64) -> Answer<Page<AuditEvent>> {
        Call::get(format!("/audit?limit=1&cursor={}", version + 1)).read(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_filters_that_are_set_are_sent() {
        assert_eq!(AuditQuery::default().file_address(), "/api/v1/audit.csv");
        let query = AuditQuery {
            target: "provider:a&b".to_owned(),
            since: Some(7),
            ..AuditQuery::default()
        };
        assert_eq!(
            query.query(&[("cursor", "9")]),
            "?target=provider%3Aa%26b&since=7&cursor=9"
        );
    }
}
