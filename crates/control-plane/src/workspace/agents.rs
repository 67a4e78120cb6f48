//! Agents: adding, showing, replacing and deleting their documents.

use super::agent_keys::{key_views, lock_name, own_keys};
use super::changed_values::{agent_values, changed_value};
use super::deletion::{Deleted, Deletion};
use super::paging::{self, invalid_cursor};
use super::routed_agent::allowed_origins;
use super::row_errors::{changed_meanwhile, no_agent};
use super::{DomainError, Workspace, run_to_completion};
use crate::store::{ChangedValue, Item, StoredAgent, Verifications};
use waypost_api_types::{AgentCheck, AgentInput, AgentIssue, AgentView, Current, Page, UndoTicket};
use waypost_routing::agent::{Agent, read_agent};
use waypost_routing::problem::Severity;
use waypost_routing::routing_table::RoutingTable;
use waypost_secrets::{Inventory, SecretChange};

/// The most problems of one document in an answer.
const MAX_ISSUES: usize = 200;

impl Workspace {
    /// One page of the agents, by name. A page of large documents is shorter than its limit.
    ///
    /// # Errors
    /// `invalid_limit` and `invalid_cursor`.
    pub async fn agents(
        &self,
        cursor: Option<&str>,
        limit: Option<u32>,
    ) -> Result<Page<AgentView>, DomainError> {
        let limit = paging::AGENTS.rows(limit)?;
        let after = cursor.map(position).transpose()?.unwrap_or_default();
        let (rows, more) = self.store().agents(&after, limit).await?;
        let last = rows.last().filter(|_| more);
        let next_cursor = last.map(|last| paging::cursor(last.name.as_bytes()));
        let (table, inventory) = (self.routing_table(), self.secrets().inventory());
        let checks = self.agent_key_checks(&inventory).await?;
        let views = rows
            .into_iter()
            .map(|row| agent_view(row, &table, &inventory, &checks));
        Ok(Page {
            items: views.collect(),
            next_cursor,
        })
    }

    /// One agent.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn agent(&self, name: &str) -> Result<AgentView, DomainError> {
        let stored = self.stored_agent(name).await?;
        let inventory = self.secrets().inventory();
        let checks = self.agent_key_checks(&inventory).await?;
        let table = self.routing_table();
        Ok(agent_view(stored, &table, &inventory, &checks))
    }

    /// Adds an agent.
    ///
    /// # Errors
    /// `invalid_agent` with every problem of the document, `name_taken`.
    pub async fn add_agent(&self, write: AgentInput) -> Result<AgentView, DomainError> {
        let agent = self.read_document(&write.yaml)?;
        let allowed = allowed_origins(&agent, write.allow_private.as_deref(), &[])?;
        let mut transaction = self.begin().await?;
        if transaction.agent(&agent.name).await?.is_some() {
            return Err(agent_taken(&agent.name));
        }
        transaction.put_agent(&agent.name, &write.yaml).await?;
        let mut fields = vec!["yaml"];
        if !allowed.is_empty() {
            transaction
                .set_agent_allow_private(&agent.name, &allowed)
                .await?;
            fields.push("allow_private");
        }
        let item = Item::Agent(&agent.name);
        self.record_edit(&mut *transaction, "agent.add", item, &fields)
            .await?;
        let mut values = agent_values(None, Some(&agent));
        values.extend(allowed_value(&[], &allowed));
        transaction.record_values(&values).await?;
        transaction.commit().await?;
        self.agent(&agent.name).await
    }

    /// Checks a document as saving it would, without saving it.
    #[must_use]
    pub fn check_agent(&self, write: &AgentInput) -> AgentCheck {
        let reading = self.routing_table().check_document(read_agent(&write.yaml));
        let issues = reading.problems.into_iter().map(AgentIssue::from);
        AgentCheck {
            name: reading.agent.map(|agent| agent.name),
            problems: issues.take(MAX_ISSUES).collect(),
        }
    }

    /// Puts a document in the place of an agent's. Where it gives another name, the agent is
    /// renamed.
    ///
    /// # Errors
    /// `not_found`, `version_conflict`, and as [`Workspace::add_agent`].
    pub async fn replace_agent(
        &self,
        name: &str,
        write: AgentInput,
    ) -> Result<AgentView, DomainError> {
        let agent = self.read_document(&write.yaml);
        let mut transaction = self.begin().await?;
        let stored = transaction.agent(name).await?;
        let stored = stored.ok_or_else(|| no_agent(name))?;
        if !self.expects(stored.version) {
            drop(transaction);
            return Err(self.agent_changed(name).await);
        }
        let agent = agent?;
        let before = &stored.allow_private;
        let allowed = allowed_origins(&agent, write.allow_private.as_deref(), before)?;
        let mut fields = Vec::new();
        if write.yaml != stored.yaml {
            fields.push("yaml");
        }
        if allowed != stored.allow_private {
            fields.push("allow_private");
        }
        if fields.is_empty() {
            drop(transaction);
            return self.agent(name).await;
        }
        if agent.name != name {
            if transaction.agent(&agent.name).await?.is_some() {
                return Err(agent_taken(&agent.name));
            }
            transaction.rename_agent(name, &agent.name).await?;
            self.record_edit(
                &mut *transaction,
                "agent.rename",
                Item::Agent(name),
                &["name"],
            )
            .await?;
            let (before, after) = (name.to_owned(), agent.name.clone());
            let value = changed_value("name", Some(before), Some(after));
            transaction.record_values(&[value]).await?;
        }
        transaction.put_agent(&agent.name, &write.yaml).await?;
        if allowed != stored.allow_private {
            transaction
                .set_agent_allow_private(&agent.name, &allowed)
                .await?;
        }
        let item = Item::Agent(&agent.name);
        self.record_edit(&mut *transaction, "agent.edit", item, &fields)
            .await?;
        let before = read_agent(&stored.yaml).agent;
        let mut values = agent_values(before.as_ref(), Some(&agent));
        values.extend(allowed_value(&stored.allow_private, &allowed));
        transaction.record_values(&values).await?;
        transaction.commit().await?;
        if agent.name != name {
            self.reload_tokens().await;
        }
        self.agent(&agent.name).await
    }

    /// Deletes an agent and its own keys, and revokes its tokens. The ticket takes that back.
    ///
    /// # Errors
    /// `not_found`, `version_conflict`; `secrets_unavailable` if it has own keys.
    pub async fn delete_agent(&self, name: &str) -> Result<UndoTicket, DomainError> {
        let (this, name) = (self.clone(), name.to_owned());
        run_to_completion(async move { this.delete_agent_now(&name).await }).await
    }

    async fn delete_agent_now(&self, name: &str) -> Result<UndoTicket, DomainError> {
        let found = self.stored_agent(name).await?;
        let _owner = self.inner.owners.lock(&lock_name(&found.id)).await;
        let stored = self.stored_agent(name).await?;
        if !self.expects(stored.version) {
            return Err(self.agent_changed(name).await);
        }
        let keys = own_keys(&self.secrets().inventory(), &stored.id);
        let removals = keys.iter().cloned().map(SecretChange::remove).collect();
        let secrets = self.prepare_secrets(removals).await?;
        let done = async {
            let mut transaction = self.begin().await?;
            secrets.write(&mut transaction).await?;
            if transaction.agent(name).await?.as_ref() != Some(&stored) {
                return Err(changed_meanwhile(name));
            }
            let item = Item::Agent(name);
            let rows = transaction.rows_of(item, true).await?;
            transaction.delete_agent(name).await?;
            for key in &keys {
                transaction.delete_owned(key).await?;
            }
            self.record_edit(&mut *transaction, "agent.delete", item, &[])
                .await?;
            let before = read_agent(&stored.yaml).agent;
            let values = agent_values(before.as_ref(), None);
            transaction.record_values(&values).await?;
            transaction.commit().await?;
            Ok(rows)
        };
        let (rows, before) = self.finish_secrets(done.await, secrets).await?;
        self.forget_tokens_of(&stored.id).await;
        Ok(self.keep(Deletion {
            deleted: Deleted::Agent,
            name: name.to_owned(),
            rows,
            secrets: Some(before),
            default_model: None,
        }))
    }

    async fn stored_agent(&self, name: &str) -> Result<StoredAgent, DomainError> {
        let stored = self.store().agent(name).await?;
        stored.ok_or_else(|| no_agent(name))
    }

    /// The answer to an edit of an older version than is stored.
    pub(super) async fn agent_changed(&self, name: &str) -> DomainError {
        match self.agent(name).await {
            Ok(agent) => DomainError::precondition_failed(Current::Agent(Box::new(agent))),
            Err(error) => error,
        }
    }

    /// The agent of a document, or every problem of it.
    fn read_document(&self, yaml: &str) -> Result<Agent, DomainError> {
        let reading = self.routing_table().check_document(read_agent(yaml));
        let problems = reading.problems;
        reading.agent.ok_or_else(|| {
            let errors = problems
                .iter()
                .filter(|problem| problem.severity == Severity::Error)
                .count();
            let count = match errors {
                1 => "an error".to_owned(),
                _ => format!("{errors} errors"),
            };
            let message = format!("The document has {count}, so nothing was saved.");
            let issues = problems.into_iter().map(AgentIssue::from);
            DomainError::invalid("yaml", "invalid_agent", message)
                .with_errors(issues.take(MAX_ISSUES).collect())
        })
    }
}

/// An agent as it is shown.
pub(super) fn agent_view(
    stored: StoredAgent,
    table: &RoutingTable,
    inventory: &Inventory,
    checks: &Verifications,
) -> AgentView {
    let keys = key_views(&stored, table, inventory, checks);
    let reading = table.check_document(read_agent(&stored.yaml));
    let issues = reading.problems.into_iter().map(AgentIssue::from);
    AgentView {
        name: stored.name,
        yaml: stored.yaml,
        agent: reading.agent,
        problems: issues.take(MAX_ISSUES).collect(),
        allow_private: stored.allow_private,
        version: stored.version,
        updated_at: stored.updated_at,
        updated_by: Some(stored.updated_by),
        keys,
    }
}

/// How the allowed private origins changed, for the audit log.
fn allowed_value(before: &[String], after: &[String]) -> Option<ChangedValue> {
    let shown = |origins: &[String]| (!origins.is_empty()).then(|| origins.join(", "));
    (before != after).then(|| changed_value("allow_private", shown(before), shown(after)))
}

pub(super) fn agent_taken(name: &str) -> DomainError {
    let message = format!("Another agent is already named `{name}`. Give this one another `name`.");
    DomainError::conflict("name_taken", message).at("yaml")
}

fn position(cursor: &str) -> Result<String, DomainError> {
    paging::read(cursor).and_then(|bytes| String::from_utf8(bytes).map_err(|_| invalid_cursor()))
}
