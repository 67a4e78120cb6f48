//! The request log.

use super::query::query_string;
use super::transport::{Call, address};
use super::{Answer, Api, json};
use crate::dom::{self, EventStream, StreamEvent};
use crate::paths::Encoded;
use waypost_api_types::{
    DeletedRequests, RequestDetail, RequestItem, RequestLogStatus, RequestsPage,
};

/// Which requests are wanted. An empty field lets every request through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestQuery {
    /// The name of an agent.
    pub agent: String,
    /// A provider's name or a source's slug.
    pub provider: String,
    /// A kind of route.
    pub kind: String,
    /// How they ended: the name of a `RequestOutcome`.
    pub outcome: String,
    /// The first second, in Unix seconds.
    pub since: Option<i64>,
    /// A text in the id, the agent, the models, the provider or the origin.
    pub text: String,
}

impl RequestQuery {
    /// The query string, with `more` after the filters; empty where there are neither.
    fn query(&self, cursor: &str) -> String {
        let since = self.since.map(|since| since.to_string());
        query_string([
            ("agent", self.agent.as_str()),
            ("provider", &self.provider),
            ("kind", &self.kind),
            ("outcome", &self.outcome),
            ("since", &since.unwrap_or_default()),
            ("q", &self.text),
            ("cursor", cursor),
        ])
    }
}

/// What is heard of the live stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LiveEvent {
    /// It is connected.
    Connected,
    /// A request has ended.
    Request(RequestItem),
    /// Whether requests are recorded has changed, or some were dropped.
    Log(RequestLogStatus),
    /// More has been missed than the stream catches up with.
    Missed,
    /// The connection broke; the browser connects again.
    Interrupted,
    /// The stream has ended and comes back only if it is opened again.
    Ended,
}

/// The live stream of requests. Dropping it closes it.
pub struct LiveRequests {
    _stream: EventStream,
}

/// The types of its events.
const TYPES: [&str; 3] = ["request", "log", "reset"];

impl Api {
    /// One page of the requests, newest first.
    pub fn requests(self, query: &RequestQuery, cursor: Option<&str>) -> Answer<RequestsPage> {
        let query = query.query(cursor.unwrap_or_default());
        Call::get(format!("/requests{query}")).read(self)
    }

    /// One request with its route.
    ///
    /// # Errors
    /// `not_found` if it was deleted.
    pub fn request(self, id: &str) -> Answer<RequestDetail> {
        Call::get(format!("/requests/{}", Encoded(id))).read(self)
    }

    /// Deletes the records of requests that ended before a time, in Unix seconds.
    pub fn delete_requests(self, before: i64) -> Answer<DeletedRequests> {
        Call::delete(format!("/requests?before={before}")).read(self)
    }

    /// Follows all requests that end after the one with the number `after`; `None` where the browser
    /// cannot. Unknown events are ignored.
    #[must_use]
    pub fn live_requests(
        self,
        after: i64,
        heard: impl Fn(LiveEvent) + Clone + 'static,
    ) -> Option<LiveRequests> {
        let address = address(&format!("/requests/live?after={after}"));
        let stream = dom::open_stream(&address, &TYPES, move |event| {
            heard(match event {
                StreamEvent::Open => LiveEvent::Connected,
                StreamEvent::Interrupted => LiveEvent::Interrupted,
                StreamEvent::Closed => LiveEvent::Ended,
                StreamEvent::Message("reset", _) => LiveEvent::Missed,
                StreamEvent::Message("log", data) => match json::read(&data) {
                    Ok(status) => LiveEvent::Log(status),
                    Err(_) => return,
                },
                StreamEvent::Message(_, data) => match json::read(&data) {
                    Ok(request) => LiveEvent::Request(request),
                    Err(_) => return,
                },
            });
        })?;
        Some(LiveRequests { _stream: stream })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_filters_that_are_set_are_sent() {
        assert_eq!(RequestQuery::default().query(""), "");
        let query = RequestQuery {
            agent: "a&b".to_owned(),
            since: Some(7),
            ..RequestQuery::default()
        };
        assert_eq!(query.query("9"), "?agent=a%26b&since=7&cursor=9");
    }

    #[test]
    fn a_request_with_its_route_is_read_as_serde_json_reads_it() {
        let routes = include_str!("../../crates/routing/tests/golden/resolutions.json");
        let routes: Vec<serde_json::Value> = serde_json::from_str(routes).expect("routes");
        assert!(routes.len() > 10);
        for route in routes {
            let text = serde_json::json!({
                "request": {
                    "number": 7, "id": "7f3c", "at": 1_796_000_000, "agent": "bot", "subagent": null,
                    "operation": "chat", "model": "a/b", "kind": "gateway_legacy", "provider": "a",
                    "wire_model": "b", "outcome": "upstream_error", "status": 503, "code": null,
                    "fallback": "status_503", "attempts": 2, "first_byte_us": null,
                    "total_us": 1_900_000, "tokens": { "input": 8120, "output": null, "cached": 0 },
                    "bytes_in": 14_200, "bytes_out": 0, "flags": ["body_may_reroute"],
                },
                "agent_id": "0123456789abcdef", "token": "f0695afab27cea63", "generation": 12,
                "attempts": [{
                    "kind": "gateway_legacy", "rule": "gateway", "provider": "a",
                    "origin": "https://a.example", "wire_model": "b",
                    "credential": "secret:a/api-key", "status": 503, "code": null, "sent": true, "begun_us": 210,
                    "connect_us": 900, "first_byte_us": 1_000, "total_us": 2_000,
                }],
                "route": route,
                "now": {
                    "comparison": "differs",
                    "differences": [{ "field": "url", "then": "https://a.example", "now": null }],
                    "agent": null, "route": route,
                },
            });
            let text = text.to_string();
            let read: RequestDetail = json::read(&text).expect("a request");
            assert_eq!(read, serde_json::from_str(&text).expect("a request"));
        }
    }
}
