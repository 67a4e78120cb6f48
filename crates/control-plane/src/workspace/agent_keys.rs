//! The keys that agents have of their own at gateways.

use super::changed_values::changed_value;
use super::deletion::{Deleted, Deletion};
use super::routed_agent::routed_agent;
use super::row_errors::{changed_meanwhile, no_agent};
use super::state::WorkspaceState;
use super::verification::agent_key_credential;
use super::{DomainError, Workspace, input_fields, run_to_completion};
use crate::store::{DeletedRows, Item, StoredAgent, Verifications};
use waypost_api_types::{AgentKeyRemoved, AgentKeyView, AgentView, KeyState, UndoTicket};
use waypost_routing::credential::{agent_key_of, agent_key_secret};
use waypost_routing::key_text::Carrier;
use waypost_routing::routing_table::{RoutingTable, effective_gateway};
use waypost_secrets::{Inventory, SecretChange, SecretState, SecretText};
use waypost_system::clock;

impl Workspace {
    /// Stores an agent's own key for a gateway, bound to the origin that the agent's requests to it go
    /// to now. It replaces the one there is. With an origin that the administrator was shown, nothing is
    /// saved if the requests go to another one by now: the agent's version does not tell that its
    /// gateway has moved.
    ///
    /// # Errors
    /// `not_found`, `version_conflict`, `changed_meanwhile` at `origin`, `not_a_gateway`,
    /// `invalid_agent`, `invalid_secret_value`,
    /// `suspicious_secret_value`, `secrets_unavailable`, and what keeps the gateway from having an
    /// origin.
    pub async fn set_agent_key(
        &self,
        name: &str,
        gateway: &str,
        value: SecretText,
        shown: Option<String>,
    ) -> Result<AgentView, DomainError> {
        let (this, name, gateway) = (self.clone(), name.to_owned(), gateway.to_owned());
        run_to_completion(async move {
            let accepts = this.accepts_suspicious_keys;
            let value = input_fields::key("value", &value, Carrier::Bearer, accepts)?;
            let put = Some((value, shown));
            this.change_agent_key(&name, &gateway, put).await?;
            this.agent(&name).await
        })
        .await
    }

    /// What is known of own keys from their use. Nothing is read where no agent has one.
    pub(super) async fn agent_key_checks(
        &self,
        inventory: &Inventory,
    ) -> Result<Verifications, DomainError> {
        let mut names = inventory.stored.keys();
        match names.any(|name| agent_key_of(name).is_some()) {
            true => Ok(self.owner_rows().await?.verifications),
            false => Ok(Verifications::default()),
        }
    }

    /// Removes an agent's own key for a gateway. The ticket takes that back, unless the value could not
    /// be read.
    ///
    /// # Errors
    /// `not_found`, `version_conflict`, `secrets_unavailable`.
    pub async fn remove_agent_key(
        &self,
        name: &str,
        gateway: &str,
    ) -> Result<AgentKeyRemoved, DomainError> {
        let (this, name, gateway) = (self.clone(), name.to_owned(), gateway.to_owned());
        run_to_completion(async move {
            let undo = this.change_agent_key(&name, &gateway, None).await?;
            let agent = this.agent(&name).await?;
            Ok(AgentKeyRemoved { agent, undo })
        })
        .await
    }

    async fn change_agent_key(
        &self,
        name: &str,
        gateway: &str,
        put: Option<(SecretText, Option<String>)>,
    ) -> Result<Option<UndoTicket>, DomainError> {
        let found = self.store().agent(name).await?;
        let found = found.ok_or_else(|| no_agent(name))?;
        let _owner = self.inner.owners.lock(&lock_name(&found.id)).await;
        let state = self.state().await?;
        let stored = self.store().agent(name).await?;
        let stored = stored.ok_or_else(|| no_agent(name))?;
        if !self.expects(stored.version) {
            return Err(self.agent_changed(name).await);
        }
        let secret = agent_key_secret(&stored.id, gateway);
        let owner = secret.clone();
        let removes = put.is_none();
        let (change, origin) = match put {
            Some((value, shown)) => {
                let origin = gateway_origin(&state, &stored, gateway)?;
                if let Some(shown) = shown.filter(|shown| *shown != origin) {
                    return Err(gateway_moved(gateway, &shown, &origin));
                }
                let put = SecretChange::put(secret, &origin, value, clock::now());
                (put, Some(origin))
            }
            None if state.inventory.stored.contains_key(&secret) => {
                (SecretChange::remove(secret), None)
            }
            None => {
                let message = format!("The agent `{name}` has no own key for `{gateway}`.");
                return Err(DomainError::not_found(message));
            }
        };
        let secrets = self.prepare_secrets(vec![change]).await?;
        let inventory = state.inventory;
        let done = async {
            let mut transaction = self.begin().await?;
            secrets.write(&mut transaction).await?;
            let state = self.state_in(&mut *transaction, inventory).await?;
            if transaction.agent(name).await?.as_ref() != Some(&stored)
                || (!removes && gateway_origin(&state, &stored, gateway).ok() != origin)
            {
                return Err(changed_meanwhile(name));
            }
            let action = match removes {
                true => "agent.key.remove",
                false => "agent.key.set",
            };
            self.record_edit(&mut *transaction, action, Item::Agent(name), &["key"])
                .await?;
            // What is known of another value.
            transaction.delete_owned(&owner).await?;
            let gateway = Some(gateway.to_owned());
            let value = match removes {
                true => changed_value("gateway", gateway, None),
                false => changed_value("gateway", None, gateway),
            };
            transaction.record_values(&[value]).await?;
            Ok(transaction.commit().await?)
        };
        let ((), before) = self.finish_secrets(done.await, secrets).await?;
        Ok((removes && before.restores_values()).then(|| {
            self.keep(Deletion {
                deleted: Deleted::AgentKey {
                    id: stored.id,
                    gateway: gateway.to_owned(),
                },
                name: name.to_owned(),
                rows: DeletedRows::default(),
                secrets: Some(before),
                default_model: None,
            })
        }))
    }
}

/// Requests to the gateway go elsewhere than the administrator was shown.
fn gateway_moved(gateway: &str, shown: &str, now: &str) -> DomainError {
    let message = format!(
        "Requests to `{gateway}` now go to {now}, no longer to {shown}, so nothing was saved. If the key is for {now}, save it again."
    );
    DomainError::conflict("changed_meanwhile", message).at("origin")
}

/// What is locked while the keys of an agent change. No provider or source has such a name.
pub(super) fn lock_name(agent_id: &str) -> String {
    format!("agents/{agent_id}")
}

/// The names of every own key of an agent.
pub(super) fn own_keys(inventory: &Inventory, agent_id: &str) -> Vec<String> {
    let names = inventory.stored.keys();
    names
        .filter(|name| agent_key_of(name).is_some_and(|(id, _)| id == agent_id))
        .cloned()
        .collect()
}

/// The origin that an agent's requests to a gateway go to now.
fn gateway_origin(
    state: &WorkspaceState,
    stored: &StoredAgent,
    gateway: &str,
) -> Result<String, DomainError> {
    let Some(agent) = routed_agent(stored) else {
        let message = format!(
            "The document of the agent `{}` has errors. Fix it before you enter a key.",
            stored.name
        );
        return Err(DomainError::conflict("invalid_agent", message));
    };
    let table = state.table();
    let Some(endpoint) = effective_gateway(&table, &agent, gateway) else {
        if table.catalog().effective(gateway).is_none() {
            return Err(state.no_effective_provider(gateway));
        }
        let message = format!(
            "`{gateway}` is a direct provider. An agent can have own keys for gateways only."
        );
        return Err(DomainError::conflict("not_a_gateway", message));
    };
    match endpoint.base_url {
        Ok(base) => Ok(base.url.origin()),
        Err(problem) => Err(DomainError::invalid(
            "base_url",
            problem.code,
            problem.message,
        )),
    }
}

/// When an own key was refused; `None` if the last thing known of it is another.
fn refused_at(inventory: &Inventory, checks: &Verifications, secret: &str) -> Option<i64> {
    let credential = agent_key_credential(inventory, secret)?;
    let check = checks.get(&(secret.to_owned(), credential))?;
    (!check.accepted).then_some(check.at)
}

/// What is shown of an agent's own keys, by gateway.
pub(super) fn key_views(
    stored: &StoredAgent,
    table: &RoutingTable,
    inventory: &Inventory,
    checks: &Verifications,
) -> Vec<AgentKeyView> {
    let agent = routed_agent(stored);
    let keys = inventory.stored.iter().filter_map(|(name, key)| {
        let (id, gateway) = agent_key_of(name)?;
        (id == stored.id).then_some((name, gateway, key))
    });
    keys.map(|(name, gateway, key)| {
        let endpoint = agent
            .as_ref()
            .and_then(|agent| effective_gateway(table, agent, gateway));
        let base = endpoint.and_then(|endpoint| endpoint.base_url.ok());
        // Without a gateway of the name it is sent nowhere, and none the worse for it.
        let is_elsewhere = base.is_some_and(|base| base.url.origin_str() != key.meta.origin);
        let state = match inventory.state(name) {
            _ if inventory.unavailable.is_some() => KeyState::Unknown,
            Some(SecretState::Unknown) => KeyState::Unknown,
            Some(SecretState::Absent | SecretState::Changed) | None => KeyState::NeedsReentry,
            Some(SecretState::Present) if is_elsewhere => KeyState::NeedsReentry,
            Some(SecretState::Present) => KeyState::Configured,
        };
        AgentKeyView {
            gateway: gateway.to_owned(),
            state,
            hint: key.meta.hint.clone(),
            set_at: key.meta.set_at,
            bound_origin: key.meta.origin.clone(),
            refused_at: refused_at(inventory, checks, name),
        }
    })
    .collect()
}
