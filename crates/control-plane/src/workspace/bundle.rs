//! Sources and agents that come and go together, in one transaction: the sample workspace.

use super::agent_keys::{lock_name, own_keys};
use super::agents::agent_taken;
use super::changed_values::{added_values, agent_values, source_value};
use super::inputs::NewSource;
use super::row_errors::{slug_taken, taken};
use super::source_edit::{Prepared, prepare, secret_changes_of, source_fields};
use super::source_secrets::staged_removals;
use super::state::WorkspaceState;
use super::{DomainError, Workspace, run_to_completion};
use crate::store::{Item, StoredAgent, StoredSource, TokenHash, Transaction};
use waypost_routing::agent::read_agent;
use waypost_routing::credential::{source_auth_secret, source_headers_secret};
use waypost_secrets::SecretChange;

/// Whether to go on, given whether the sample is installed and which sources there are.
pub(crate) type Proceed = Box<dyn Fn(bool, &[StoredSource]) -> bool + Send + Sync>;

/// What is taken out and what is put in.
pub(crate) struct Bundle {
    /// Decides, in the transaction, whether anything is done at all.
    pub(crate) proceed: Proceed,
    /// The names of agents that may be of the old bundle.
    pub(crate) agents_before: Vec<&'static str>,
    /// Whether an agent of such a name is of the old bundle.
    pub(crate) is_agent: fn(&StoredAgent) -> bool,
    /// The slugs of sources that may be of the old bundle, each with the end of its base URL.
    pub(crate) sources_before: Vec<(&'static str, &'static str)>,
    /// The sources to add.
    pub(crate) sources: Vec<NewSource>,
    /// The agents to add: name and document.
    pub(crate) agents: Vec<(&'static str, String)>,
    /// The digest of the key of the sample's endpoint; `None` where it is removed.
    pub(crate) key_hash: Option<TokenHash>,
}

impl Bundle {
    fn old_sources(&self, state: &WorkspaceState) -> Vec<&'static str> {
        let is_old = |slug: &str, path: &str| {
            state.sample_installed
                && state
                    .source(slug)
                    .is_ok_and(|source| source.base_url.ends_with(path))
        };
        self.sources_before
            .iter()
            .filter(|(slug, path)| is_old(slug, path))
            .map(|(slug, _)| *slug)
            .collect()
    }
}

impl Workspace {
    /// Replaces the old bundle by the new one: all of it or nothing. Returns whether anything was
    /// to be done.
    pub(crate) async fn replace_bundle(&self, bundle: Bundle) -> Result<bool, DomainError> {
        let this = self.clone();
        run_to_completion(async move { this.replace_bundle_now(bundle).await }).await
    }

    async fn replace_bundle_now(&self, mut bundle: Bundle) -> Result<bool, DomainError> {
        let slugs = bundle
            .sources_before
            .iter()
            .map(|(slug, _)| (*slug).to_owned());
        let _owners = self.inner.owners.lock_all(slugs.collect()).await;
        let state = self.state().await?;
        if !(bundle.proceed)(state.sample_installed, &state.sources) {
            return Ok(false);
        }
        let old = bundle.old_sources(&state);
        let mut prepared = Vec::new();
        let mut changes = Vec::new();
        for write in std::mem::take(&mut bundle.sources) {
            let slug = write.input.slug.clone().unwrap_or_default();
            if !old.contains(&slug.as_str()) && state.is_taken(&slug) {
                return Err(slug_taken(&slug));
            }
            let new = prepare(write, slug, false)?;
            changes.extend(secret_changes_of(&new)?);
            prepared.push(new);
        }
        for slug in &old {
            if !prepared.iter().any(|new| new.source.slug == *slug) {
                changes.push(SecretChange::remove(source_auth_secret(slug)));
                changes.push(SecretChange::remove(source_headers_secret(slug)));
                changes.extend(staged_removals(slug));
            }
        }
        let mut old_agents = Vec::new();
        for name in bundle
            .agents_before
            .iter()
            .filter(|_| state.sample_installed)
        {
            let stored = self.store().agent(name).await?;
            old_agents.extend(stored.filter(bundle.is_agent));
        }
        let mut key_locks = Vec::new();
        let mut old_keys = Vec::new();
        for agent in &old_agents {
            key_locks.push(self.inner.owners.lock(&lock_name(&agent.id)).await);
            old_keys.extend(own_keys(&self.secrets().inventory(), &agent.id));
        }
        changes.extend(old_keys.iter().cloned().map(SecretChange::remove));
        let secrets = self.prepare_secrets(changes).await?;
        let inventory = state.inventory;
        let done = async {
            let mut transaction = self.begin().await?;
            secrets.write(&mut transaction).await?;
            let state = self.state_in(&mut *transaction, inventory).await?;
            if !(bundle.proceed)(state.sample_installed, &state.sources)
                || bundle.old_sources(&state) != old
            {
                return Err(DomainError::conflict(
                    "changed_meanwhile",
                    "The sample workspace was changed in the meantime, so nothing was saved. Try again.",
                ));
            }
            let (sample, is_installed) = ("sample", state.sample_installed);
            for slug in &old {
                transaction.delete_source(slug).await?;
                transaction.delete_owned(slug).await?;
                if !prepared.iter().any(|new| new.source.slug == *slug) {
                    self.clear_default_of(&mut *transaction, &state, slug)
                        .await?;
                }
                self.record_edit(&mut *transaction, "source.delete", Item::Source(slug), &[])
                    .await?;
            }
            for old in &old_agents {
                let name = old.name.as_str();
                let stored = transaction.agent(name).await?;
                if stored.is_some_and(|agent| agent.id == old.id && (bundle.is_agent)(&agent)) {
                    transaction.delete_agent(name).await?;
                    self.record_edit(&mut *transaction, "agent.delete", Item::Agent(name), &[])
                        .await?;
                }
            }
            for key in &old_keys {
                transaction.delete_owned(key).await?;
            }
            if is_installed {
                transaction.clear_sample().await?;
                self.record(&mut *transaction, "sample.remove", sample, &[])
                    .await?;
            }
            if let Some(hash) = &bundle.key_hash {
                self.add_bundle(&mut *transaction, &bundle, &prepared, hash)
                    .await?;
            }
            Ok(transaction.commit().await?)
        };
        self.finish_secrets(done.await, secrets).await?;
        for slug in old {
            self.inner.refreshes.forget(slug);
        }
        Ok(true)
    }

    async fn add_bundle(
        &self,
        transaction: &mut dyn Transaction,
        bundle: &Bundle,
        prepared: &[Prepared],
        hash: &TokenHash,
    ) -> Result<(), DomainError> {
        transaction.set_sample(hash).await?;
        self.record(transaction, "sample.install", "sample", &[])
            .await?;
        for new in prepared {
            let slug = &new.source.slug;
            transaction.delete_owned(slug).await?;
            let added = transaction.add_source(&new.source).await;
            added.map_err(|error| taken(error, || slug_taken(slug)))?;
            transaction.set_new_models(slug, new.policy).await?;
            let fields = source_fields(new);
            self.record_edit(transaction, "source.add", Item::Source(slug), &fields)
                .await?;
            let values = added_values(&fields, &new.source, source_value);
            transaction.record_values(&values).await?;
        }
        for (name, yaml) in &bundle.agents {
            if transaction.agent(name).await?.is_some() {
                return Err(agent_taken(name));
            }
            transaction.put_agent(name, yaml).await?;
            self.record_edit(transaction, "agent.add", Item::Agent(name), &["yaml"])
                .await?;
            let values = agent_values(None, read_agent(yaml).agent.as_ref());
            transaction.record_values(&values).await?;
        }
        Ok(())
    }
}
