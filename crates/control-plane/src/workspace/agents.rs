//! Agents: adding, showing, replacing and deleting their documents.

use super::paging::{self, no_cursor};
use super::undo::{Gone, Trash};
use super::{DomainError, Workspace};
use crate::store::agents::{self, StoredAgent};
use crate::store::remains::Remains;
use crate::store::versions;
use waypost_api_types::{AgentIssue, AgentView, AgentWrite, Current, Page, UndoTicket};
use waypost_routing::agent::{Agent, read_agent};
use waypost_routing::catalog::Catalog;
use waypost_routing::problem::Severity;

/// How many agents a page has where nobody asks for another number, and may have.
const LIMITS: (u32, u32) = (100, 500);
/// How many problems of one document are told. Who has more reads on after mending these.
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
        let limit = paging::limit(limit, LIMITS, "agents")?;
        let after = cursor.map(position).transpose()?.unwrap_or_default();
        let rows = agents::page(self.pool(), &after, limit).await?;
        let next_cursor = match rows.last() {
            Some(last) if agents::any_after(self.pool(), &last.name).await? => {
                Some(paging::cursor(last.name.as_bytes()))
            }
            _ => None,
        };
        let known = self.catalogued().await?;
        let views = rows.into_iter().map(|row| view(row, &known.catalog));
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
        Ok(view(stored, &self.catalogued().await?.catalog))
    }

    /// Adds an agent.
    ///
    /// # Errors
    /// `invalid_agent` with every problem of the document, `name_taken`.
    pub async fn add_agent(&self, write: AgentWrite) -> Result<AgentView, DomainError> {
        let agent = self.read_document(&write.yaml).await?;
        {
            let _changing = self.changing().await;
            self.check_free(&agent.name).await?;
            let mut transaction = self.begin().await?;
            agents::put(&mut transaction, &agent.name, &write.yaml).await?;
            let target = versions::agent(&agent.name);
            self.record(&mut transaction, "agent.add", &target, &["yaml"])
                .await?;
            transaction.commit().await?;
        }
        self.agent(&agent.name).await
    }

    /// Puts a document in the place of an agent's. Where it gives another name, the agent is
    /// renamed.
    ///
    /// # Errors
    /// `not_found`, `version_conflict`, and as [`Workspace::add_agent`].
    pub async fn replace_agent(
        &self,
        name: &str,
        write: AgentWrite,
    ) -> Result<AgentView, DomainError> {
        let agent = self.read_document(&write.yaml).await;
        let agent = {
            let _changing = self.changing().await;
            self.check_agent_version(name).await?;
            let agent = agent?;
            let mut transaction = self.begin().await?;
            if agent.name != name {
                self.check_free(&agent.name).await?;
                agents::delete(&mut transaction, name).await?;
                let target = versions::agent(name);
                self.record(&mut transaction, "agent.rename", &target, &["name"])
                    .await?;
            }
            agents::put(&mut transaction, &agent.name, &write.yaml).await?;
            let target = versions::agent(&agent.name);
            self.record(&mut transaction, "agent.edit", &target, &["yaml"])
                .await?;
            transaction.commit().await?;
            agent
        };
        self.agent(&agent.name).await
    }

    /// Deletes an agent. The ticket takes that back.
    ///
    /// # Errors
    /// `not_found`, `version_conflict`.
    pub async fn delete_agent(&self, name: &str) -> Result<UndoTicket, DomainError> {
        let _changing = self.changing().await;
        self.check_agent_version(name).await?;
        let mut transaction = self.begin().await?;
        let rows = Remains::of_agent(&mut transaction, name).await?;
        agents::delete(&mut transaction, name).await?;
        let target = versions::agent(name);
        self.record(&mut transaction, "agent.delete", &target, &[])
            .await?;
        transaction.commit().await?;
        Ok(self.keep(Trash {
            gone: Gone::Agent,
            name: name.to_owned(),
            rows,
            secrets: None,
            default_model: None,
        }))
    }

    async fn stored_agent(&self, name: &str) -> Result<StoredAgent, DomainError> {
        agents::find(self.pool(), name)
            .await?
            .ok_or_else(|| no_agent(name))
    }

    async fn check_agent_version(&self, name: &str) -> Result<(), DomainError> {
        let stored = self.stored_agent(name).await?;
        self.check_version(stored.version.unsigned_abs(), async {
            Ok(Current::Agent(Box::new(self.agent(name).await?)))
        })
        .await
    }

    async fn check_free(&self, name: &str) -> Result<(), DomainError> {
        if agents::find(self.pool(), name).await?.is_none() {
            return Ok(());
        }
        let message =
            format!("Another agent is already named `{name}`. Give this one another `name`.");
        Err(DomainError::conflict("name_taken", message).at("yaml"))
    }

    /// The agent of a document, or every problem of it.
    async fn read_document(&self, yaml: &str) -> Result<Agent, DomainError> {
        let reading = read_agent(yaml).checked_against(&self.catalogued().await?.catalog);
        let problems = reading.problems;
        reading.agent.ok_or_else(|| {
            let errors = problems
                .iter()
                .filter(|problem| problem.severity == Severity::Error)
                .count();
            let told = match errors {
                1 => "an error".to_owned(),
                _ => format!("{errors} errors"),
            };
            let message = format!("The document has {told}, so nothing was stored.");
            let issues = problems.into_iter().map(AgentIssue::from);
            DomainError::invalid("yaml", "invalid_agent", message)
                .with_errors(issues.take(MAX_ISSUES).collect())
        })
    }
}

fn view(stored: StoredAgent, catalog: &Catalog) -> AgentView {
    let reading = read_agent(&stored.yaml).checked_against(catalog);
    let issues = reading.problems.into_iter().map(AgentIssue::from);
    AgentView {
        name: stored.name,
        yaml: stored.yaml,
        agent: reading.agent,
        problems: issues.take(MAX_ISSUES).collect(),
        version: stored.version.unsigned_abs(),
        updated_at: stored.updated_at,
        updated_by: Some(stored.updated_by),
    }
}

pub(super) fn no_agent(name: &str) -> DomainError {
    DomainError::not_found(format!("There is no agent `{name}`."))
}

fn position(cursor: &str) -> Result<String, DomainError> {
    paging::read(cursor).and_then(|bytes| String::from_utf8(bytes).map_err(|_| no_cursor()))
}
