//! Reading the log for the API.

use super::health::explain;
use super::route_now::differences;
use super::{RequestLog, conversion, views};
use crate::domain_error::DomainError;
use crate::store::{LogFilter, RequestId, StoreError, StoredRecord};
use crate::workspace::{Workspace, paging};
use waypost_api_types::{
    REQUEST_SEARCH_WORDS, RequestDetail, RequestItem, RequestLogState, RequestsPage, Resolution,
    RouteComparison, RouteNow, Traffic, TrafficBy, TrafficWindow,
};
use waypost_forwarding::hide_header_values;
use waypost_routing::resolution::RouteKind;
use waypost_routing::resolve::{Request, resolve};
use waypost_routing::vocabulary::RequestOutcome;
use waypost_system::clock;

/// How long a search may be, in bytes.
const TEXT_BYTES: usize = 512;

/// Which records are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestsQuery {
    /// Only those of this agent.
    pub agent: Option<String>,
    /// Only those that went to this provider or source last.
    pub provider: Option<String>,
    /// Only those with a route of this kind.
    pub kind: Option<RouteKind>,
    /// Only those that ended so.
    pub outcome: Option<RequestOutcome>,
    /// Only those that ended at or after this moment, in Unix seconds.
    pub since: Option<i64>,
    /// Only those with each of these words.
    pub text: Option<String>,
}

/// The log cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CannotRead;

impl RequestLog {
    /// A page of records, newest first. If the log cannot be read the page is empty and says so.
    ///
    /// # Errors
    /// `invalid_limit`, `invalid_cursor`, and `invalid_parameter` for a search that is too long.
    pub async fn page(
        &self,
        query: RequestsQuery,
        cursor: Option<&str>,
        limit: Option<u32>,
    ) -> Result<RequestsPage, DomainError> {
        let limit = paging::REQUESTS.rows(limit)?;
        let before = cursor
            .map(|cursor| cursor.parse().map_err(|_| paging::invalid_cursor()))
            .transpose()?;
        let text = query.text.as_deref().unwrap_or_default();
        if text.len() > TEXT_BYTES {
            let message = format!("A search has at most {TEXT_BYTES} bytes.");
            return Err(DomainError::invalid("q", "invalid_parameter", message));
        }
        let words = text.split_whitespace();
        let filter = LogFilter {
            before,
            agent: query.agent,
            provider: query.provider,
            kind: query.kind,
            outcome: query.outcome,
            since: query.since,
            words: words
                .take(REQUEST_SEARCH_WORDS)
                .map(str::to_owned)
                .collect(),
        };
        let mut status = self.status();
        let Some(store) = &self.0.store else {
            return Ok(RequestsPage {
                items: Vec::new(),
                next_cursor: None,
                latest: 0,
                log: status,
            });
        };
        // Read first: what is added in between is on the page and sent again, never left out.
        let latest = store.latest().await;
        let page = match store.page(&filter, limit).await {
            Ok(page) => page,
            Err(error) => {
                status.state = RequestLogState::Failing;
                status.message = Some(explain(&error));
                crate::store::LogPage::default()
            }
        };
        Ok(RequestsPage {
            items: page.records.iter().map(views::item).collect(),
            next_cursor: page.next.map(|number| number.to_string()),
            latest: latest.unwrap_or(0),
            log: status,
        })
    }

    /// One record with its route, compared with where the same request would go now.
    ///
    /// # Errors
    /// `not_found`, and `request_log_unavailable` if the log cannot be read.
    pub async fn show(
        &self,
        id: &str,
        workspace: &Workspace,
    ) -> Result<RequestDetail, DomainError> {
        let found = match (&self.0.store, RequestId::parse(id)) {
            (Some(store), Some(id)) => store.find(id).await.map_err(|error| unavailable(&error))?,
            _ => None,
        };
        let Some((stored, route)) = found else {
            return Err(DomainError::not_found(
                "No request with this id is recorded. It may be too old, or not have ended yet.",
            ));
        };
        // One that another version of Waypost wrote may not be readable.
        let route = route.and_then(|json| serde_json::from_str::<Resolution>(&json).ok());
        let now = route_now(&stored, route.as_ref(), workspace).await;
        Ok(RequestDetail {
            request: views::item(&stored),
            agent_id: stored.record.agent_id.clone(),
            token: stored.record.token.clone(),
            generation: stored.record.generation,
            attempts: stored.record.attempts.iter().map(views::attempt).collect(),
            route,
            now,
        })
    }

    /// The records after a number, oldest first.
    ///
    /// # Errors
    /// If the log cannot be read.
    pub async fn after(&self, number: i64, limit: u32) -> Result<Vec<RequestItem>, CannotRead> {
        let Some(store) = &self.0.store else {
            return Ok(Vec::new());
        };
        let records = store.after(number, limit).await.map_err(|_| CannotRead)?;
        Ok(records.iter().map(views::item).collect())
    }

    /// The traffic of a window, busiest first.
    ///
    /// # Errors
    /// `request_log_unavailable` if the log cannot be read.
    pub async fn traffic(
        &self,
        by: TrafficBy,
        window: TrafficWindow,
    ) -> Result<Traffic, DomainError> {
        let rows = match &self.0.store {
            Some(store) => store.traffic(by, window, clock::now()).await,
            None => Ok(Vec::new()),
        };
        let rows = rows.map_err(|error| unavailable(&error))?;
        Ok(Traffic {
            items: rows.into_iter().map(views::traffic).collect(),
        })
    }
}

pub(super) fn unavailable(error: &StoreError) -> DomainError {
    tracing::warn!(%error, "request log not available");
    DomainError::unavailable("request_log_unavailable", explain(error))
}

/// Where the request of a record would go now.
async fn route_now(
    stored: &StoredRecord,
    route: Option<&Resolution>,
    workspace: &Workspace,
) -> RouteNow {
    let not_known = RouteNow {
        comparison: RouteComparison::NotKnown,
        differences: Vec::new(),
        agent: None,
        route: None,
    };
    let record = &stored.record;
    let (Some(name), Some(operation)) = (&record.agent, record.operation) else {
        return not_known;
    };
    let of_record = record.model.as_deref();
    let of_record = of_record.filter(|model| model.len() < conversion::MODEL_BYTES);
    let Some(model) = route.map(|route| &*route.model_ref).or(of_record) else {
        return not_known;
    };
    let current = match &record.agent_id {
        Some(id) => match workspace.store().agent_name(id).await {
            Ok(current) => current,
            Err(_) => return not_known,
        },
        None => Some(name.clone()),
    };
    let table = workspace.routing_table();
    let Some(agent) = current.and_then(|name| table.agent(&name)) else {
        return RouteNow {
            comparison: RouteComparison::AgentDeleted,
            ..not_known
        };
    };
    let mut now = resolve(&table, &Request::new(model, operation).sent_by(agent, None));
    hide_header_values(&mut now);
    let differences = route.map(|then| differences(then, &now));
    RouteNow {
        comparison: match &differences {
            None => RouteComparison::NotKnown,
            Some(differences) if differences.is_empty() => RouteComparison::Same,
            Some(_) => RouteComparison::Differs,
        },
        differences: differences.unwrap_or_default(),
        agent: Some(agent.name.clone()).filter(|current| current != name),
        route: Some(now),
    }
}
