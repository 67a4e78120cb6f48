//! Taking a deletion back within ten seconds.
//!
//! A deletion is real and at once: its secrets leave the backend first, then its rows the
//! database. [`super::undo_log`] keeps what was deleted.

use super::agent_keys::lock_name;
use super::changed_values::{agent_values, changed_value};
use super::deletion::{Deleted, Deletion, EditedDocument};
use super::provider_edit::keep_managed;
use super::row_errors::{no_agent, no_provider, taken};
use super::state::WorkspaceState;
use super::undo_log::LIFE;
use super::{DomainError, Workspace, run_to_completion};
use crate::store::{Item, StoredAgent};
use tokio::time::Instant;
use waypost_api_types::Restored;
use waypost_routing::agent::read_agent;
use waypost_routing::credential::{agent_key_secret, provider_secret};

impl Workspace {
    /// Takes a deletion back: secrets, rows and the default model that went with them. Where
    /// anything stands against it nothing is put back, and the ticket is good until its time is over.
    ///
    /// # Errors
    /// `undo_expired`; `name_taken` where another thing has the name by now; `changed_meanwhile`
    /// where the provider has another key by now; `in_use`; `not_found`; `secrets_unavailable`.
    pub async fn undo(&self, token: &str) -> Result<Restored, DomainError> {
        let (this, token) = (self.clone(), token.to_owned());
        run_to_completion(async move { this.undo_now(&token).await }).await
    }

    async fn undo_now(&self, token: &str) -> Result<Restored, DomainError> {
        let undos = &self.inner.undos;
        let kept = undos
            .take(self.actor(), token, Instant::now())
            .ok_or_else(expired)?;
        let restored = self.put_back(&kept.deletion).await;
        if restored.is_err() {
            undos.put_back(kept, Instant::now());
        }
        restored
    }

    /// Puts documents back in which a model was replaced: all of them or none.
    async fn put_documents_back(&self, documents: &[EditedDocument]) -> Result<(), DomainError> {
        let mut transaction = self.begin().await?;
        for document in documents {
            let name = document.agent.as_str();
            let stored = transaction.agent(name).await?;
            let unchanged = |stored: &StoredAgent| stored.version == document.version;
            let Some(stored) = stored.filter(unchanged) else {
                let message = format!(
                    "The agent `{name}` was changed in the meantime, so nothing was restored."
                );
                return Err(DomainError::conflict("changed_meanwhile", message));
            };
            transaction.put_agent(name, &document.yaml).await?;
            let item = Item::Agent(name);
            self.record_edit(&mut *transaction, "agent.model.restore", item, &["model"])
                .await?;
            let before = read_agent(&stored.yaml).agent;
            let after = read_agent(&document.yaml).agent;
            let values = agent_values(before.as_ref(), after.as_ref());
            transaction.record_values(&values).await?;
        }
        Ok(transaction.commit().await?)
    }

    async fn put_back(&self, deletion: &Deletion) -> Result<Restored, DomainError> {
        let name = deletion.name.as_str();
        if let Deleted::ReplacedModel(documents) = &deletion.deleted {
            self.put_documents_back(documents).await?;
            return Ok(Restored {
                kind: deletion.deleted.kind(),
                name: name.to_owned(),
                default_model: None,
                needs_key: false,
            });
        }
        let lock = match &deletion.deleted {
            Deleted::AgentKey { id, .. } => lock_name(id),
            _ => name.to_owned(),
        };
        let _owner = self.inner.owners.lock(&lock).await;
        // The agent may have another name by now.
        let renamed = match &deletion.deleted {
            Deleted::AgentKey { id, .. } => {
                let table = self.routing_table();
                let mut agents = table.agents().iter();
                agents
                    .find(|agent| agent.id == *id)
                    .map(|agent| agent.name.clone())
            }
            _ => None,
        };
        let name = renamed.as_deref().unwrap_or(name);
        let state = self.state().await?;
        let agent = self.store().agent(name).await?;
        check_place(&state, deletion, agent.as_ref())?;
        let changes = deletion.secrets.clone().map(|before| before.changes);
        let secrets = self.prepare_secrets(changes.unwrap_or_default()).await?;
        let (action, item, fields): (_, _, &[&str]) = match deletion.deleted {
            Deleted::Agent => ("agent.restore", Item::Agent(name), &[]),
            Deleted::AgentKey { .. } => ("agent.key.restore", Item::Agent(name), &["key"]),
            Deleted::Provider(_) => ("provider.restore", Item::Provider(name), &[]),
            Deleted::ProviderKey => ("provider.key.restore", Item::Provider(name), &["key"]),
            Deleted::Source => ("source.restore", Item::Source(name), &[]),
            Deleted::ReplacedModel(_) => unreachable!("documents are put back above"),
        };
        // The secrets as they were before the ones of the deletion were put back.
        let inventory = state.inventory;
        let mut restored_default = None;
        let done = async {
            let mut transaction = self.begin().await?;
            secrets.write(&mut transaction).await?;
            let state = self.state_in(&mut *transaction, inventory).await?;
            let agent = transaction.agent(name).await?;
            check_place(&state, deletion, agent.as_ref())?;
            let restored = transaction.restore_rows(&deletion.rows).await;
            restored.map_err(|error| taken(error, || name_taken(name)))?;
            self.record_edit(&mut *transaction, action, item, fields)
                .await?;
            if let Deleted::AgentKey { gateway, .. } = &deletion.deleted {
                let value = changed_value("gateway", None, Some(gateway.clone()));
                transaction.record_values(&[value]).await?;
            }
            if let Deleted::Agent = deletion.deleted
                && let Some(restored) = transaction.agent(name).await?
            {
                let after = read_agent(&restored.yaml).agent;
                let values = agent_values(None, after.as_ref());
                transaction.record_values(&values).await?;
            }
            // Who has chosen another default model since keeps it.
            let default = deletion.default_model.as_deref();
            restored_default = default.filter(|_| state.settings.default_model.is_none());
            if restored_default.is_some() {
                transaction.set_default_model(restored_default).await?;
                self.record_edit(
                    &mut *transaction,
                    "default_model.restore",
                    Item::DefaultModel,
                    &["ref"],
                )
                .await?;
                let after = restored_default.map(str::to_owned);
                let value = changed_value("ref", None, after);
                transaction.record_values(&[value]).await?;
            }
            Ok(transaction.commit().await?)
        };
        self.finish_secrets(done.await, secrets).await?;
        if matches!(deletion.deleted, Deleted::Agent) {
            self.reload_tokens().await;
        }
        Ok(Restored {
            kind: deletion.deleted.kind(),
            name: name.to_owned(),
            default_model: restored_default.map(str::to_owned),
            needs_key: deletion
                .secrets
                .as_ref()
                .is_some_and(|before| before.unreadable),
        })
    }
}

/// Refuses where something else has taken the place of what was deleted.
fn check_place(
    state: &WorkspaceState,
    deletion: &Deletion,
    agent: Option<&StoredAgent>,
) -> Result<(), DomainError> {
    let name = deletion.name.as_str();
    let key_entered = || {
        let message =
            format!("A key was entered for `{name}` in the meantime, so nothing was restored.");
        Err(DomainError::conflict("changed_meanwhile", message))
    };
    let is_taken = match &deletion.deleted {
        Deleted::ProviderKey => {
            if !state.has_provider(name) {
                return Err(no_provider(name));
            }
            if state.inventory.stored.contains_key(&provider_secret(name)) {
                return key_entered();
            }
            false
        }
        Deleted::AgentKey { id, gateway } => {
            if agent.is_none_or(|agent| agent.id != *id) {
                return Err(no_agent(name));
            }
            if state
                .inventory
                .stored
                .contains_key(&agent_key_secret(id, gateway))
            {
                return key_entered();
            }
            false
        }
        Deleted::Agent => agent.is_some(),
        Deleted::ReplacedModel(_) => false,
        Deleted::Provider(kind) => {
            keep_managed(state, name, Some(*kind))?;
            state.workspace_provider(name).is_some() || state.source(name).is_ok()
        }
        Deleted::Source => state.workspace_provider(name).is_some() || state.source(name).is_ok(),
    };
    match is_taken {
        true => Err(name_taken(name)),
        false => Ok(()),
    }
}

fn name_taken(name: &str) -> DomainError {
    let message =
        format!("The name `{name}` was used again in the meantime, so nothing was restored.");
    DomainError::conflict("name_taken", message)
}

/// The one answer to every invalid token, so that expired, guessed and foreign ones look alike.
fn expired() -> DomainError {
    let message = format!(
        "This can no longer be undone: the {} seconds are over, it was already undone, or Waypost was restarted.",
        LIFE.as_secs()
    );
    DomainError::gone("undo_expired", message)
}
