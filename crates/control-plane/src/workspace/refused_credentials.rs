//! Credentials that upstreams refused when agents used them.
//!
//! A refusal is looked into in the background: the value is read once more, because the backend may
//! have another one by now, and the row of the provider or source says that it was refused.

use super::owner::Owner;
use super::state::WorkspaceState;
use super::{DomainError, Workspace};
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{PoisonError, RwLock, RwLockWriteGuard};
use std::time::{Duration, Instant};
use waypost_api_types::CheckOutcome;
use waypost_forwarding::CredentialAnswer;
use waypost_routing::credential::{provider_secret, source_auth_secret};
use waypost_routing::provenance::Provenance;

/// How often one credential is looked into at most.
const INTERVAL: Duration = Duration::from_secs(10);

/// More credentials than are refused at the same time. Beyond them none is noted.
const MOST: usize = 10_000;

/// The credentials that were refused and not accepted since.
#[derive(Default)]
pub(super) struct RefusedCredentials {
    by_use: RwLock<HashMap<CredentialUse, Instant>>,
    /// How many there are, so that requests that are accepted need no lock.
    count: AtomicUsize,
}

/// A credential towards an origin.
#[derive(Clone, PartialEq, Eq, Hash)]
struct CredentialUse {
    provider: String,
    from: String,
    origin: String,
}

impl CredentialUse {
    fn of(answer: &CredentialAnswer<'_>) -> Self {
        Self {
            provider: answer.provider.to_owned(),
            from: answer.from.to_string(),
            origin: answer.origin.to_owned(),
        }
    }
}

impl RefusedCredentials {
    /// Notes a refusal. Returns whether it is to be looked into.
    fn refuse(&self, used: CredentialUse, now: Instant) -> bool {
        let mut by_use = self.write();
        if by_use.len() >= MOST && !by_use.contains_key(&used) {
            return false;
        }
        let last = by_use.get(&used);
        if last.is_some_and(|last| now.saturating_duration_since(*last) < INTERVAL) {
            return false;
        }
        by_use.insert(used, now);
        self.count.store(by_use.len(), Ordering::Relaxed);
        true
    }

    /// Forgets the refusal of a credential that was accepted in a request that began after it.
    /// Returns whether there was one.
    fn accept(&self, answer: &CredentialAnswer<'_>) -> bool {
        if self.count.load(Ordering::Relaxed) == 0 {
            return false;
        }
        let used = CredentialUse::of(answer);
        let mut by_use = self.write();
        if by_use.get(&used).is_none_or(|last| *last >= answer.begun) {
            return false;
        }
        by_use.remove(&used);
        self.count.store(by_use.len(), Ordering::Relaxed);
        true
    }

    fn write(&self) -> RwLockWriteGuard<'_, HashMap<CredentialUse, Instant>> {
        self.by_use.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Workspace {
    /// Notes what an upstream said about a credential, and looks into it in the background.
    pub(super) fn note_credential_answer(&self, answer: &CredentialAnswer<'_>) {
        let refused = &self.inner.refused;
        let is_news = match answer.is_accepted {
            true => refused.accept(answer),
            false => refused.refuse(CredentialUse::of(answer), Instant::now()),
        };
        if !is_news {
            return;
        }
        let (workspace, used) = (self.clone(), CredentialUse::of(answer));
        let (from, begun, is_accepted) = (answer.from.clone(), answer.begun, answer.is_accepted);
        tokio::spawn(async move {
            let looked = workspace.look_into(&used, &from, begun, is_accepted);
            if let Err(error) = looked.await {
                tracing::warn!(provider = used.provider, %error, "cannot record what the upstream said about the key");
            }
        });
    }

    async fn look_into(
        &self,
        used: &CredentialUse,
        from: &Provenance,
        begun: Instant,
        is_accepted: bool,
    ) -> Result<(), DomainError> {
        let CredentialUse {
            provider, origin, ..
        } = used;
        // A value that was changed after the request began is not the one that it carried.
        let is_current = self.is_value_since(from, origin, begun);
        if !is_accepted {
            tracing::warn!(
                provider,
                origin,
                from = used.from,
                "the upstream refused the key"
            );
            if let Some(name) = from.secret_name() {
                // Its failure is in the log, and the value stays usable for a while.
                let _ = self.read_secret_again(name, origin).await;
            }
        }
        if !is_current {
            return Ok(());
        }
        let state = self.state().await?;
        let Some(owner) = owner_of(&state, provider, from) else {
            return Ok(());
        };
        let Some(endpoint) = owner.endpoint(&state.table()) else {
            return Ok(());
        };
        let sends_it = endpoint
            .auth
            .as_ref()
            .is_some_and(|auth| auth.from == *from);
        let is_origin = endpoint
            .base_url
            .as_ref()
            .is_ok_and(|base| base.url.origin_str() == origin);
        if !sends_it || !is_origin {
            return Ok(());
        }
        let credential = self.credential_in_use(&state, &owner);
        let mut transaction = self.begin().await?;
        let (outcome, message) = outcome(is_accepted);
        self.record_credential_check(&mut *transaction, &owner, credential, outcome, message)
            .await?;
        Ok(transaction.commit().await?)
    }
}

/// The provider or source whose own credential it is. The key of an agent is none.
fn owner_of(state: &WorkspaceState, name: &str, from: &Provenance) -> Option<Owner> {
    let owner = match state.source(name) {
        Ok(_) => Owner::Source(name.to_owned()),
        Err(_) if state.has_provider(name) => Owner::Provider(name.to_owned()),
        Err(_) => return None,
    };
    let own = match &owner {
        Owner::Provider(name) => provider_secret(name),
        Owner::Source(slug) => source_auth_secret(slug),
    };
    let is_own = from.secret_name().is_none_or(|secret| secret == own);
    is_own.then_some(owner)
}

fn outcome(is_accepted: bool) -> (CheckOutcome, &'static str) {
    match is_accepted {
        true => (
            CheckOutcome::Ok,
            "The upstream accepted it in a forwarded request.",
        ),
        false => (
            CheckOutcome::Unauthorized,
            "The upstream answered 401 to a forwarded request. Test the key, and replace it if it is refused again.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_looked_into_every_ten_seconds_until_the_credential_is_accepted() {
        let refused = RefusedCredentials::default();
        let from = Provenance::Secret("gw/api-key".to_owned());
        let answer = |begun, is_accepted| CredentialAnswer {
            provider: "gw",
            from: &from,
            origin: "https://gw.example",
            begun,
            is_accepted,
        };
        let start = Instant::now();
        let used = || CredentialUse::of(&answer(start, false));
        assert!(!refused.accept(&answer(start, true)), "nothing was refused");
        assert!(refused.refuse(used(), start));
        assert!(!refused.refuse(used(), start + INTERVAL / 2));
        assert!(refused.refuse(used(), start + INTERVAL));
        // This request may have carried the value before.
        assert!(!refused.accept(&answer(start + INTERVAL, true)));
        assert!(refused.accept(&answer(start + 2 * INTERVAL, true)));
        assert!(!refused.accept(&answer(start + 2 * INTERVAL, true)), "once");
        assert!(refused.refuse(used(), start + 2 * INTERVAL));
    }
}
