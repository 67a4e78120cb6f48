//! Taking a deletion back within ten seconds.
//!
//! A deletion is real and at once: its secrets leave the backend first, then its rows the
//! database. What was deleted is kept in the memory of this process alone, under the digest of a
//! random token, for the session that deleted it; it is written nowhere else, and after ten
//! seconds, or with the process, it is gone. Secrets are kept in the type that wipes itself.

mod kept;

pub(super) use kept::Undos;

use super::facts::Facts;
use super::provider_edit::keep_managed;
use super::providers::no_provider;
use super::secret_change::Applied;
use super::{DomainError, Workspace, to_the_end};
use crate::store::remains::Remains;
use crate::store::{agents, settings, versions};
use tokio::time::Instant;
use waypost_api_types::{Restored, RestoredKind, UndoTicket};
use waypost_routing::catalog::ProviderKind;
use waypost_routing::credential::provider_secret;

/// What was deleted.
#[derive(Clone)]
pub(super) enum Gone {
    Agent,
    /// With the kind that it had, which a managed gateway must keep to.
    Provider(ProviderKind),
    ProviderKey,
    Source,
}

/// All that puts a thing back.
#[derive(Clone)]
pub(super) struct Trash {
    pub(super) gone: Gone,
    /// Its name or slug; of a key, its provider's.
    pub(super) name: String,
    pub(super) rows: Remains,
    /// Its secrets, where it had any.
    pub(super) secrets: Option<Applied>,
    /// The default model, where it went with it.
    pub(super) default_model: Option<String>,
}

impl Gone {
    fn kind(&self) -> RestoredKind {
        match self {
            Self::Agent => RestoredKind::Agent,
            Self::Provider(_) => RestoredKind::Provider,
            Self::ProviderKey => RestoredKind::ProviderKey,
            Self::Source => RestoredKind::Source,
        }
    }
}

impl Workspace {
    /// Keeps what was deleted for a while. The ticket is for whoever deleted it.
    pub(super) fn keep(&self, trash: Trash) -> UndoTicket {
        let token = self.inner.undos.keep(self.actor(), trash, Instant::now());
        // The clock is looked at by itself, so that no secret waits in memory for a next request.
        let inner = self.inner.clone();
        tokio::spawn(async move {
            tokio::time::sleep(kept::LIFE).await;
            inner.undos.expire(Instant::now());
        });
        UndoTicket {
            token: token.to_string(),
            seconds: kept::LIFE.as_secs(),
        }
    }

    /// Takes a deletion back: secrets, rows and the default model that went with them. Where
    /// anything stands against it nothing is put back, and the ticket is good until its time is over.
    ///
    /// # Errors
    /// `undo_expired`; `name_taken` where another thing has the name by now; `changed_meanwhile`
    /// where the provider has another key by now; `in_use`; `not_found`; `secrets_unavailable`.
    pub async fn undo(&self, token: &str) -> Result<Restored, DomainError> {
        let (this, token) = (self.clone(), token.to_owned());
        to_the_end(async move { this.undo_now(&token).await }).await
    }

    async fn undo_now(&self, token: &str) -> Result<Restored, DomainError> {
        let _changing = self.changing().await;
        let undos = &self.inner.undos;
        let kept = undos
            .take(self.actor(), token, Instant::now())
            .ok_or_else(expired)?;
        let restored = self.put_back(&kept.trash).await;
        if restored.is_err() {
            undos.put_back(kept, Instant::now());
        }
        restored
    }

    async fn put_back(&self, trash: &Trash) -> Result<Restored, DomainError> {
        let facts = self.facts().await?;
        self.check_place(&facts, trash).await?;
        let changes = trash.secrets.clone().map(Applied::into_changes);
        let applied = self.change_secrets(changes.unwrap_or_default()).await?;
        let (action, target, fields): (_, _, &[&str]) = match trash.gone {
            Gone::Agent => ("agent.restore", versions::agent(&trash.name), &[]),
            Gone::Provider(_) => ("provider.restore", versions::provider(&trash.name), &[]),
            Gone::ProviderKey => (
                "provider.key.restore",
                versions::provider(&trash.name),
                &["key"],
            ),
            Gone::Source => ("source.restore", versions::source(&trash.name), &[]),
        };
        // Who has chosen another default model since keeps it.
        let default = trash.default_model.as_deref();
        let default = default.filter(|_| facts.settings.default_model.is_none());
        let done = async {
            let mut transaction = self.begin().await?;
            trash.rows.write(&mut transaction).await?;
            self.record(&mut transaction, action, &target, fields)
                .await?;
            if default.is_some() {
                settings::set_default_model(&mut transaction, default).await?;
                self.record(
                    &mut transaction,
                    "default_model.restore",
                    versions::DEFAULT_MODEL,
                    &["ref"],
                )
                .await?;
            }
            Ok(transaction.commit().await?)
        };
        self.or_revert(done.await, applied).await?;
        Ok(Restored {
            kind: trash.gone.kind(),
            name: trash.name.clone(),
            default_model: default.map(str::to_owned),
            needs_key: trash.secrets.as_ref().is_some_and(Applied::unreadable),
        })
    }

    /// Refuses where something else has taken the place of what was deleted.
    async fn check_place(&self, facts: &Facts, trash: &Trash) -> Result<(), DomainError> {
        let name = trash.name.as_str();
        let taken = match trash.gone {
            Gone::ProviderKey => {
                if !facts.has_provider(name) {
                    return Err(no_provider(name));
                }
                if facts.inventory.stored.contains_key(&provider_secret(name)) {
                    let message = format!(
                        "A key was entered for `{name}` in the meantime. It stays, and nothing was put \
                         back."
                    );
                    return Err(DomainError::conflict("changed_meanwhile", message));
                }
                false
            }
            Gone::Agent => agents::find(self.pool(), name).await?.is_some(),
            Gone::Provider(kind) => {
                keep_managed(facts, name, Some(kind))?;
                facts.workspace_provider(name).is_some() || facts.source(name).is_ok()
            }
            Gone::Source => facts.workspace_provider(name).is_some() || facts.source(name).is_ok(),
        };
        if !taken {
            return Ok(());
        }
        let message = format!(
            "The name `{name}` was taken by another in the meantime, so nothing was put back."
        );
        Err(DomainError::conflict("name_taken", message))
    }
}

/// One answer for every token that opens nothing: it is told neither from a guess nor from one of
/// another session.
fn expired() -> DomainError {
    let message = format!(
        "This can no longer be undone: the {} seconds are over, it was undone already, or Waypost \
         was started anew. What was deleted is gone.",
        kept::LIFE.as_secs()
    );
    DomainError::gone("undo_expired", message)
}
