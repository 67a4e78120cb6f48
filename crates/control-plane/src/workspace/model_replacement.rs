//! Replacing a model in the documents of agents: all of them in one transaction, with one undo.

use super::changed_values::changed_value;
use super::deletion::{Deleted, Deletion, EditedDocument};
use super::{DomainError, Workspace};
use crate::store::{DeletedRows, Item, StoredAgent};
use std::collections::BTreeSet;
use waypost_api_types::{
    AgentVersion, ReplaceModelInput, ReplacedIn, ReplacedModel, ReplacedPlace,
};
use waypost_routing::agent::Agent;
use waypost_routing::model_ref::ModelRef;
use waypost_routing::model_replacement::{ReplaceError, Replacement, replace_model};

/// The most agents of one request.
const MOST_AGENTS: usize = 10_000;
/// The most bytes of documents that are kept to undo one replacement.
const MOST_BYTES: usize = 64 * 1024 * 1024;

impl Workspace {
    /// Replaces a model in agents: in all of them or in none.
    ///
    /// # Errors
    /// `unknown_agent`, `version_conflict`, `model_not_used` and `cannot_edit_document` for an agent;
    /// `same_model`, `too_many`, and what is wrong with a ref.
    pub async fn replace_model(
        &self,
        input: ReplaceModelInput,
    ) -> Result<ReplacedModel, DomainError> {
        check(&input)?;
        let mut transaction = self.begin().await?;
        let (mut items, mut before, mut bytes) = (Vec::new(), Vec::new(), 0);
        for wanted in &input.agents {
            let stored = transaction.agent(&wanted.name).await?;
            let stored = stored.ok_or_else(|| unknown_agent(&wanted.name))?;
            if is_stale(wanted, &stored) {
                drop(transaction);
                return Err(self.agent_changed(&wanted.name).await);
            }
            let replacement = replaced(&stored, &input)?;
            bytes += stored.yaml.len();
            if bytes > MOST_BYTES {
                let message = "These documents are more than 64 MiB. Choose fewer agents.";
                return Err(DomainError::invalid("agents", "too_many", message));
            }
            transaction
                .put_agent(&stored.name, &replacement.yaml)
                .await?;
            let item = Item::Agent(&stored.name);
            let version = transaction
                .record_edit(self.actor(), "agent.model.replace", item, &["model"])
                .await?;
            let (from, to) = (input.from.clone(), input.to.clone());
            let value = changed_value("model", Some(from), Some(to));
            transaction.record_values(&[value]).await?;
            items.push(ReplacedIn {
                agent: stored.name.clone(),
                version,
                places: places(&replacement, &input),
            });
            before.push(EditedDocument {
                agent: stored.name,
                yaml: stored.yaml,
                version,
            });
        }
        transaction.commit().await?;
        let undo = self.keep(Deletion {
            deleted: Deleted::ReplacedModel(before),
            name: input.from,
            rows: DeletedRows::default(),
            secrets: None,
            default_model: None,
        });
        Ok(ReplacedModel { items, undo })
    }

    /// The agents as a replacement would leave them. Nothing is saved.
    pub(super) async fn replaced_agents(
        &self,
        input: &ReplaceModelInput,
    ) -> Result<Vec<Agent>, DomainError> {
        check(input)?;
        let mut agents = Vec::with_capacity(input.agents.len());
        for wanted in &input.agents {
            let stored = self.store().agent(&wanted.name).await?;
            let stored = stored.ok_or_else(|| unknown_agent(&wanted.name))?;
            if is_stale(wanted, &stored) {
                return Err(self.agent_changed(&wanted.name).await);
            }
            // What is stored beside the document stays.
            agents.push(Agent {
                id: stored.id.clone(),
                allow_private: stored.allow_private.clone(),
                ..replaced(&stored, input)?.agent
            });
        }
        Ok(agents)
    }
}

fn check(input: &ReplaceModelInput) -> Result<(), DomainError> {
    // The old one may be anything that a document has: what is wrong with it is why it is replaced.
    if input.from.is_empty() {
        let message = "Enter the model to replace.";
        return Err(DomainError::invalid("from", "missing_field", message));
    }
    ModelRef::parse(&input.to)
        .map_err(|error| DomainError::invalid("to", error.code(), error.message()))?;
    if input.from == input.to {
        let message = "The new model is the same as the old one. Choose another.";
        return Err(DomainError::invalid("to", "same_model", message));
    }
    if input.agents.is_empty() {
        let message = "Enter the agents in which to replace the model.";
        return Err(DomainError::invalid("agents", "missing_field", message));
    }
    if input.agents.len() > MOST_AGENTS {
        let message = "At most 10,000 agents can be changed at once.";
        return Err(DomainError::invalid("agents", "too_many", message));
    }
    let names: BTreeSet<&str> = input
        .agents
        .iter()
        .map(|agent| agent.name.as_str())
        .collect();
    if names.len() < input.agents.len() {
        let message = "An agent is listed twice.";
        return Err(DomainError::invalid("agents", "invalid_value", message));
    }
    Ok(())
}

fn is_stale(wanted: &AgentVersion, stored: &StoredAgent) -> bool {
    wanted
        .version
        .is_some_and(|version| version != stored.version)
}

fn replaced(stored: &StoredAgent, input: &ReplaceModelInput) -> Result<Replacement, DomainError> {
    let name = &stored.name;
    replace_model(&stored.yaml, &input.from, &input.to).map_err(|error| match error {
        ReplaceError::NotUsed => DomainError::invalid(
            "agents",
            "model_not_used",
            format!(
                "The document of `{name}` does not use `{}`. Nothing was changed.",
                input.from
            ),
        ),
        ReplaceError::InvalidDocument | ReplaceError::UnsupportedForm(_) => DomainError::invalid(
            "agents",
            "cannot_edit_document",
            format!(
                "The model of `{name}` cannot be replaced automatically: {error}. Nothing was \
                 changed. Edit this agent by hand."
            ),
        ),
    })
}

fn places(replacement: &Replacement, input: &ReplaceModelInput) -> Vec<ReplacedPlace> {
    let place = |place: &waypost_routing::model_replacement::Place| ReplacedPlace {
        subagent: place.subagent.clone(),
        field: place.field.name().to_owned(),
        before: input.from.clone(),
        after: input.to.clone(),
    };
    replacement.places.iter().map(place).collect()
}

fn unknown_agent(name: &str) -> DomainError {
    let message = format!("There is no agent `{name}`. Nothing was changed.");
    DomainError::invalid("agents", "unknown_agent", message)
}
