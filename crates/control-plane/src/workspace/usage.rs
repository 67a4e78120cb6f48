//! Who uses a provider, source, model or secret, and whose requests a change would change.

use super::{DomainError, Workspace};
use waypost_api_types::{ImpactInput, ImpactItem, ImpactReport, RouteSummary, UsedBy};
use waypost_routing::impact::{Change, ChangeKind, impact};
use waypost_routing::resolution::{Outcome, Resolution};
use waypost_routing::routing_table::RoutingTable;
use waypost_routing::scenario::Scenario;
use waypost_routing::used_by::Used;

/// The most agents and subagents in one answer.
const MOST_ITEMS: usize = 1_000;
/// The most changes of one request.
const MOST_CHANGES: usize = 100;

impl Workspace {
    /// The uses of something, at most so many of them listed.
    #[must_use]
    pub fn users_of(&self, used: Used<'_>, limit: usize) -> UsedBy {
        let used_by = self.used_by();
        let uses = used_by.uses(used);
        UsedBy {
            total: uses.len() as u64,
            agents: used_by.count(used) as u64,
            items: uses.take(limit).collect(),
        }
    }

    /// The agents and subagents whose primary would go another way after changes that are not saved.
    ///
    /// # Errors
    /// `invalid_change`, naming the first text that is none, `too_many`, and as
    /// [`Workspace::replace_model`].
    pub async fn impact(&self, input: ImpactInput) -> Result<ImpactReport, DomainError> {
        if input.changes.len() > MOST_CHANGES {
            let message = format!("At most {MOST_CHANGES} changes can be tried at once.");
            return Err(DomainError::invalid("changes", "too_many", message));
        }
        let (scenario, faults) = Scenario::read(input.changes.iter().map(String::as_str));
        if let Some((_, fault)) = faults.first() {
            return Err(DomainError::invalid(
                "changes",
                "invalid_change",
                fault.message(),
            ));
        }
        let before = self.routing_table();
        let mut after = before.changed(scenario.apply(before.snapshot()));
        if let Some(replace) = &input.replace {
            for agent in self.replaced_agents(replace).await? {
                after = after.with_agent(agent);
            }
        }
        let changes = impact(&before, &after);
        let unroutable = changes
            .iter()
            .filter(|change| change.kind == ChangeKind::Unroutable)
            .count() as u64;
        let total = changes.len() as u64;
        let shown = changes.into_iter().take(MOST_ITEMS);
        Ok(ImpactReport {
            items: shown
                .filter_map(|change| impact_item(change, &before, &after))
                .collect(),
            total,
            unroutable,
        })
    }
}

fn impact_item(change: Change, before: &RoutingTable, after: &RoutingTable) -> Option<ImpactItem> {
    Some(ImpactItem {
        before: summary(change.resolution(before)?),
        after: summary(change.resolution(after)?),
        agent: change.agent,
        subagent: change.subagent,
        kind: change.kind,
    })
}

fn summary(resolution: Resolution) -> RouteSummary {
    let route = resolution.route;
    RouteSummary {
        model_ref: resolution.model_ref,
        provider: route.as_ref().and_then(|route| route.provider.clone()),
        base_url: route
            .as_ref()
            .and_then(|route| Some(route.base_url.as_ref()?.value.clone())),
        wire_model: route.as_ref().map(|route| route.wire_model.clone()),
        credential: route
            .and_then(|route| route.credential)
            .map(|credential| credential.from),
        error: resolution
            .error
            .filter(|_| resolution.outcome == Outcome::Rejected),
    }
}
