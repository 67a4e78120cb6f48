//! Stored agents as routing knows them.

use super::DomainError;
use super::state::origin_of;
use crate::store::{ChangedAgent, StoredAgent};
use std::collections::BTreeSet;
use waypost_routing::agent::{Agent, read_agent};

/// An agent with what is stored beside its document; `None` for a document that cannot be read.
pub(super) fn routed_agent(stored: &StoredAgent) -> Option<Agent> {
    routed(&stored.id, &stored.allow_private, &stored.yaml)
}

/// The same of an agent that changed.
pub(super) fn routed_change(changed: &ChangedAgent) -> Option<Agent> {
    routed(&changed.id, &changed.allow_private, &changed.yaml)
}

fn routed(id: &str, allow_private: &[String], yaml: &str) -> Option<Agent> {
    let agent = read_agent(yaml).agent?;
    Some(Agent {
        id: id.to_owned(),
        allow_private: allow_private.to_vec(),
        ..agent
    })
}

/// The private origins that an agent may call after a save: the confirmed ones, or of those before the
/// ones that its document still has. What was confirmed is an origin in the document.
pub(super) fn allowed_origins(
    agent: &Agent,
    confirmed: Option<&[String]>,
    before: &[String],
) -> Result<Vec<String>, DomainError> {
    let own: BTreeSet<String> = agent.own_base_urls().filter_map(origin_of).collect();
    let allowed: BTreeSet<&String> = match confirmed {
        None => before
            .iter()
            .filter(|origin| own.contains(*origin))
            .collect(),
        Some(confirmed) => {
            if let Some(unknown) = confirmed.iter().find(|origin| !own.contains(*origin)) {
                let shown: String = unknown.escape_default().take(200).collect();
                let message = format!(
                    "`{shown}` is not the origin of a `url` or `base_url` of the document. Allow the origins that it has, such as `http://10.0.0.8:4000`."
                );
                return Err(DomainError::invalid(
                    "allow_private",
                    "unknown_origin",
                    message,
                ));
            }
            confirmed.iter().collect()
        }
    };
    Ok(allowed.into_iter().cloned().collect())
}
