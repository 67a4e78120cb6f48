//! Agents: adding, showing, replacing and deleting their documents.

use super::changed_values::{agent_values, changed_value};
use super::deletion::{Deleted, Deletion};
use super::paging::{self, invalid_cursor};
use super::{DomainError, Workspace};
use crate::store::{Item, StoredAgent};
use waypost_api_types::{AgentCheck, AgentInput, AgentIssue, AgentView, Current, Page, UndoTicket};
use waypost_routing::agent::{Agent, read_agent};
use waypost_routing::problem::Severity;
use waypost_routing::routing_table::RoutingTable;

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
        let table = self.routing_table();
        let views = rows.into_iter().map(|row| view(row, &table));
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
        Ok(view(stored, &self.routing_table()))
    }

    /// Adds an agent.
    ///
    /// # Errors
    /// `invalid_agent` with every problem of the document, `name_taken`.
    pub async fn add_agent(&self, write: AgentInput) -> Result<AgentView, DomainError> {
        let agent = self.read_document(&write.yaml)?;
        let mut transaction = self.begin().await?;
        if transaction.agent(&agent.name).await?.is_some() {
            return Err(agent_taken(&agent.name));
        }
        transaction.put_agent(&agent.name, &write.yaml).await?;
        let item = Item::Agent(&agent.name);
        self.record_edit(&mut *transaction, "agent.add", item, &["yaml"])
            .await?;
        let values = agent_values(None, Some(&agent));
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
        let item = Item::Agent(&agent.name);
        self.record_edit(&mut *transaction, "agent.edit", item, &["yaml"])
            .await?;
        let before = read_agent(&stored.yaml).agent;
        let values = agent_values(before.as_ref(), Some(&agent));
        transaction.record_values(&values).await?;
        transaction.commit().await?;
        if agent.name != name {
            self.reload_tokens().await;
        }
        self.agent(&agent.name).await
    }

    /// Deletes an agent and revokes its tokens. The ticket takes that back.
    ///
    /// # Errors
    /// `not_found`, `version_conflict`.
    pub async fn delete_agent(&self, name: &str) -> Result<UndoTicket, DomainError> {
        let mut transaction = self.begin().await?;
        let item = Item::Agent(name);
        let stored = transaction.agent(name).await?;
        let stored = stored.ok_or_else(|| no_agent(name))?;
        if !self.expects(stored.version) {
            drop(transaction);
            return Err(self.agent_changed(name).await);
        }
        let rows = transaction.rows_of(item, true).await?;
        transaction.delete_agent(name).await?;
        self.record_edit(&mut *transaction, "agent.delete", item, &[])
            .await?;
        let before = read_agent(&stored.yaml).agent;
        let values = agent_values(before.as_ref(), None);
        transaction.record_values(&values).await?;
        transaction.commit().await?;
        self.forget_tokens_of(&stored.id).await;
        Ok(self.keep(Deletion {
            deleted: Deleted::Agent,
            name: name.to_owned(),
            rows,
            secrets: None,
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

fn view(stored: StoredAgent, table: &RoutingTable) -> AgentView {
    let reading = table.check_document(read_agent(&stored.yaml));
    let issues = reading.problems.into_iter().map(AgentIssue::from);
    AgentView {
        name: stored.name,
        yaml: stored.yaml,
        agent: reading.agent,
        problems: issues.take(MAX_ISSUES).collect(),
        version: stored.version,
        updated_at: stored.updated_at,
        updated_by: Some(stored.updated_by),
    }
}

pub(super) fn agent_taken(name: &str) -> DomainError {
    let message = format!("Another agent is already named `{name}`. Give this one another `name`.");
    DomainError::conflict("name_taken", message).at("yaml")
}

pub(super) fn no_agent(name: &str) -> DomainError {
    DomainError::not_found(format!("There is no agent `{name}`."))
}

fn position(cursor: &str) -> Result<String, DomainError> {
    paging::read(cursor).and_then(|bytes| String::from_utf8(bytes).map_err(|_| invalid_cursor()))
}
