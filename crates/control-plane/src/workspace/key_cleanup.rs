//! Destroying keys that no longer count: previous keys whose time is over, and staged or previous
//! keys of an origin that requests no longer go to.

use super::key_names::KeyNames;
use super::key_origin::key_origin;
use super::owner::Owner;
use super::previous_key::is_kept;
use super::row_errors::changed_meanwhile;
use super::state::WorkspaceState;
use super::{DomainError, Expected, Inner, Workspace};
use crate::store::Actor;
use std::sync::{Arc, Weak};
use std::time::Duration;
use waypost_secrets::{Inventory, SecretChange};

/// How often it is looked for such keys.
const INTERVAL: Duration = Duration::from_secs(30);

impl Inner {
    /// Destroys keys that no longer count from now on, until the workspace is dropped.
    pub(super) fn start_key_cleanup(self: &Arc<Self>) {
        tokio::spawn(clean_up(Arc::downgrade(self)));
    }
}

async fn clean_up(inner: Weak<Inner>) {
    loop {
        let Some(inner) = inner.upgrade() else {
            return;
        };
        let workspace = Workspace {
            inner: Arc::clone(&inner),
            actor: Actor::system(),
            expected: Expected::Any,
            accepts_suspicious_keys: false,
        };
        if let Err(error) = workspace.destroy_stale_keys().await {
            tracing::warn!(%error, "unused key not deleted yet");
        }
        drop(workspace);
        let wake = Arc::clone(&inner.key_cleanup);
        drop(inner);
        tokio::select! {
            () = tokio::time::sleep(INTERVAL) => {}
            () = wake.notified() => {}
        }
    }
}

impl Workspace {
    /// Destroys every staged and previous key that no longer counts.
    pub(super) async fn destroy_stale_keys(&self) -> Result<(), DomainError> {
        let owners = owners_with_staged_keys(&self.secrets().inventory());
        for owner in owners {
            self.destroy_stale_keys_of(&owner).await?;
        }
        Ok(())
    }

    async fn destroy_stale_keys_of(&self, owner: &Owner) -> Result<(), DomainError> {
        let _owner = self.inner.owners.lock(owner.name()).await;
        let state = self.state().await?;
        let stale = stale_keys(&state, owner);
        if stale.is_empty() {
            return Ok(());
        }
        let drops_previous = stale.contains(&KeyNames::of(owner).previous);
        let changes = stale.iter().cloned().map(SecretChange::remove);
        let secrets = self.prepare_secrets(changes.collect()).await?;
        let inventory = state.inventory;
        let done = async {
            let mut transaction = self.begin().await?;
            secrets.write(&mut transaction).await?;
            let state = self.state_in(&mut *transaction, inventory).await?;
            if stale_keys(&state, owner) != stale {
                return Err(changed_meanwhile(owner.name()));
            }
            if drops_previous {
                transaction.set_previous_key(owner.name(), None).await?;
            }
            // No edit: what is saved stays as it was.
            let action = owner.action("key.expire");
            self.record(&mut *transaction, &action, &owner.target(), &["key"])
                .await?;
            Ok(transaction.commit().await?)
        };
        self.finish_secrets(done.await, secrets).await?;
        Ok(())
    }
}

/// The staged and previous keys of an owner that no longer count.
fn stale_keys(state: &WorkspaceState, owner: &Owner) -> Vec<String> {
    let names = KeyNames::of(owner);
    let until = state.previous_keys.get(owner.name()).copied();
    // Without a base URL it is not known which origin the keys are for.
    let origin = key_origin(state, owner).ok();
    let is_stale = |name: &String| {
        let Some(stored) = state.inventory.stored.get(name) else {
            return false;
        };
        let is_elsewhere = origin
            .as_ref()
            .is_some_and(|origin| *origin != stored.meta.origin);
        is_elsewhere || (*name == names.previous && !is_kept(until))
    };
    [names.next.clone(), names.previous.clone()]
        .into_iter()
        .filter(is_stale)
        .collect()
}

/// The owners that have a staged or previous key.
fn owners_with_staged_keys(inventory: &Inventory) -> Vec<Owner> {
    let mut owners: Vec<Owner> = inventory
        .stored
        .keys()
        .filter_map(|name| KeyNames::owner_of_staged(name))
        .collect();
    owners.dedup();
    owners
}
