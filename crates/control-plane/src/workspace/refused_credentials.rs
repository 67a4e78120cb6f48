//! Credentials that upstreams refused when agents used them.
//!
//! A refusal is looked into in the background: the value is read once more, because the backend may
//! have another one by now, and the row of the provider, the source or the agent's own key says that it
//! was refused.

use super::owner::Owner;
use super::state::WorkspaceState;
use super::verification::agent_key_credential;
use super::{DomainError, Workspace};
use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};
use waypost_api_types::CheckOutcome;
use waypost_forwarding::CredentialAnswer;
use waypost_routing::credential::{
    agent_key_of, provider_secret, source_auth_secret, source_headers_secret,
};
use waypost_routing::provenance::Provenance;

/// How often one credential is looked into at most, for each of the two answers.
const INTERVAL: Duration = Duration::from_secs(10);

/// A refusal is forgotten if the credential was not used for so long.
const MEMORY: Duration = Duration::from_secs(15 * 60);

/// More credentials than are refused at the same time. Beyond them none is noted.
const MOST: usize = 10_000;

/// What upstreams said lately about credentials that they refused at least once.
#[derive(Default)]
pub(super) struct RefusedCredentials {
    hasher: RandomState,
    /// By the digest of provider, place and origin, so that a lookup allocates nothing.
    uses: RwLock<HashMap<u64, Mutex<Use>>>,
    /// How many were refused and not accepted since. Requests that are accepted need no lock while
    /// it is zero.
    refused: AtomicUsize,
}

struct Use {
    last_refusal: Instant,
    /// When a refusal was last looked into.
    looked_at_refusal: Instant,
    /// When an acceptance was.
    looked_at_acceptance: Option<Instant>,
    is_refused: bool,
}

impl RefusedCredentials {
    fn digest(&self, answer: &CredentialAnswer<'_>) -> u64 {
        let from = answer.from;
        let place = (from.secret_name(), from.env_variable());
        self.hasher
            .hash_one((answer.provider, place, answer.origin))
    }

    /// Notes an answer. Returns whether it is to be looked into.
    fn note(&self, answer: &CredentialAnswer<'_>, now: Instant) -> bool {
        match answer.is_accepted {
            true => self.accept(answer, now),
            false => self.refuse(answer, now),
        }
    }

    fn refuse(&self, answer: &CredentialAnswer<'_>, now: Instant) -> bool {
        let digest = self.digest(answer);
        let uses = self.uses.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = uses.get(&digest) {
            let mut known = lock(known);
            known.last_refusal = now;
            if !std::mem::replace(&mut known.is_refused, true) {
                self.refused.fetch_add(1, Ordering::Relaxed);
            }
            if now.saturating_duration_since(known.looked_at_refusal) < INTERVAL {
                return false;
            }
            known.looked_at_refusal = now;
            return true;
        }
        drop(uses);
        let mut uses = self.uses.write().unwrap_or_else(PoisonError::into_inner);
        uses.retain(|_, known| now.saturating_duration_since(lock(known).last_refusal) < MEMORY);
        let is_new = uses.len() < MOST && !uses.contains_key(&digest);
        if is_new {
            let known = Use {
                last_refusal: now,
                looked_at_refusal: now,
                looked_at_acceptance: None,
                is_refused: true,
            };
            uses.insert(digest, Mutex::new(known));
        }
        let refused = uses.values().filter(|known| lock(known).is_refused);
        self.refused.store(refused.count(), Ordering::Relaxed);
        is_new
    }

    /// Only a request that began after the refusal says that the credential is accepted again.
    fn accept(&self, answer: &CredentialAnswer<'_>, now: Instant) -> bool {
        if self.refused.load(Ordering::Relaxed) == 0 {
            return false;
        }
        let uses = self.uses.read().unwrap_or_else(PoisonError::into_inner);
        let Some(known) = uses.get(&self.digest(answer)) else {
            return false;
        };
        let mut known = lock(known);
        let last = known.looked_at_acceptance;
        let is_early = last.is_some_and(|at| now.saturating_duration_since(at) < INTERVAL);
        if !known.is_refused || is_early || known.last_refusal >= answer.begun {
            return false;
        }
        known.is_refused = false;
        known.looked_at_acceptance = Some(now);
        self.refused.fetch_sub(1, Ordering::Relaxed);
        true
    }
}

fn lock(known: &Mutex<Use>) -> MutexGuard<'_, Use> {
    known.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An answer that is looked into, with what it is about.
struct Noted {
    provider: String,
    from: Provenance,
    origin: String,
    begun: Instant,
    is_accepted: bool,
}

impl Workspace {
    /// Notes what an upstream said about a credential, and looks into it in the background.
    pub(super) fn note_credential_answer(&self, answer: &CredentialAnswer<'_>) {
        if !self.inner.refused.note(answer, Instant::now()) {
            return;
        }
        let noted = Noted {
            provider: answer.provider.to_owned(),
            from: answer.from.clone(),
            origin: answer.origin.to_owned(),
            begun: answer.begun,
            is_accepted: answer.is_accepted,
        };
        let workspace = self.clone();
        tokio::spawn(async move {
            if let Err(error) = workspace.look_into(&noted).await {
                let provider = noted.provider;
                tracing::warn!(provider, %error, "cannot record what the upstream said about the key");
            }
        });
    }

    async fn look_into(&self, noted: &Noted) -> Result<(), DomainError> {
        let Noted {
            provider,
            from,
            origin,
            begun,
            is_accepted,
        } = noted;
        let state = self.state().await?;
        let subject = subject_of(&state, noted);
        let before = subject
            .as_ref()
            .and_then(|subject| self.credential_of(&state, subject));
        if !is_accepted {
            let place = from.to_string();
            tracing::warn!(
                provider,
                origin,
                from = place,
                "the upstream refused the key"
            );
            if let Some(name) = from.secret_name() {
                // Its failure is in the log, and the value stays usable for a while.
                let _ = self.read_secret_again(name, origin).await;
            }
        }
        let (Some(subject), Some(credential)) = (subject, before) else {
            return Ok(());
        };
        let mut transaction = self.begin().await?;
        let inventory = self.secrets().inventory();
        let state = self.state_in(&mut *transaction, inventory).await?;
        // What was changed after the request began is not what the upstream answered to.
        let is_same = self.credential_of(&state, &subject).as_ref() == Some(&credential);
        if !is_same || !self.was_sent(&subject, from, origin, *begun) {
            return Ok(());
        }
        let (outcome, message) = outcome(*is_accepted);
        let credential = Some(credential);
        let name = subject.name();
        self.record_credential_check(&mut *transaction, name, credential, outcome, message)
            .await?;
        Ok(transaction.commit().await?)
    }

    /// A name for the credential as it is now.
    fn credential_of(&self, state: &WorkspaceState, subject: &Subject) -> Option<String> {
        match subject {
            Subject::Owner(owner) => self.credential_in_use(state, owner),
            Subject::AgentKey(secret) => agent_key_credential(&state.inventory, secret),
        }
    }

    /// Whether a request that began at this moment carried the values of now, those of the static
    /// headers included.
    fn was_sent(&self, subject: &Subject, from: &Provenance, origin: &str, begun: Instant) -> bool {
        let headers = match subject {
            Subject::Owner(Owner::Provider(_)) | Subject::AgentKey(_) => None,
            Subject::Owner(Owner::Source(slug)) => {
                Some(Provenance::Secret(source_headers_secret(slug)))
            }
        };
        let has_headers = headers.filter(|headers| {
            let stored = &self.secrets().inventory().stored;
            headers
                .secret_name()
                .is_some_and(|name| stored.contains_key(name))
        });
        let headers_were = has_headers.is_none_or(|it| self.is_value_since(&it, origin, begun));
        headers_were && self.is_value_since(from, origin, begun)
    }
}

/// What a credential belongs to.
enum Subject {
    Owner(Owner),
    /// By the name of its secret.
    AgentKey(String),
}

impl Subject {
    /// The name that checks of its credential are recorded under.
    fn name(&self) -> &str {
        match self {
            Self::Owner(owner) => owner.name(),
            Self::AgentKey(secret) => secret,
        }
    }
}

/// What the credential belongs to, if requests still carry it to this origin.
fn subject_of(state: &WorkspaceState, noted: &Noted) -> Option<Subject> {
    if let Some(secret) = noted.from.secret_name()
        && agent_key_of(secret).is_some()
    {
        let stored = state.inventory.stored.get(secret)?;
        let is_sent = stored.meta.origin == noted.origin;
        return is_sent.then(|| Subject::AgentKey(secret.to_owned()));
    }
    let owner = owner_of(state, &noted.provider, &noted.from)?;
    sends(state, &owner, noted).then_some(Subject::Owner(owner))
}

/// Whether requests to an owner carry this credential to this origin.
fn sends(state: &WorkspaceState, owner: &Owner, noted: &Noted) -> bool {
    let Some(endpoint) = owner.endpoint(&state.table()) else {
        return false;
    };
    let base = endpoint.base_url.as_ref();
    let auth = endpoint.auth.as_ref();
    auth.is_some_and(|auth| auth.from == noted.from)
        && base.is_ok_and(|base| base.url.origin_str() == noted.origin)
}

/// The provider or source whose own credential it is.
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

    fn answer(from: &Provenance, begun: Instant, is_accepted: bool) -> CredentialAnswer<'_> {
        CredentialAnswer {
            provider: "gw",
            from,
            origin: "https://gw.example",
            begun,
            is_accepted,
        }
    }

    #[test]
    fn a_credential_is_looked_into_every_ten_seconds_whatever_the_upstream_answers() {
        let refused = RefusedCredentials::default();
        let from = Provenance::Secret("gw/api-key".to_owned());
        let start = Instant::now();
        let second = Duration::from_secs(1);
        let note = |seconds: u32, is_accepted| {
            let now = start + seconds * second;
            refused.note(&answer(&from, now, is_accepted), now)
        };
        assert!(!note(0, true), "nothing was refused");
        assert!(note(1, false));
        assert!(!note(2, false));
        assert!(note(3, true));
        // An upstream that refuses one model and accepts another costs no more than that.
        for seconds in 4..11 {
            assert!(!note(seconds, false), "{seconds}");
            assert!(!note(seconds, true), "{seconds}");
        }
        assert!(note(11, false));
        assert!(!note(12, true));
        assert!(note(13, true));
        assert!(!note(14, true), "it is known to be accepted");
        assert_eq!(refused.refused.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn a_request_from_before_the_refusal_says_nothing_about_it() {
        let refused = RefusedCredentials::default();
        let from = Provenance::Env("KEY".to_owned());
        let start = Instant::now();
        let later = start + INTERVAL;
        assert!(refused.note(&answer(&from, start, false), later));
        assert!(!refused.note(&answer(&from, start, true), later));
        assert!(refused.note(&answer(&from, later + INTERVAL, true), later + INTERVAL));
    }

    #[test]
    fn refusals_are_forgotten() {
        let refused = RefusedCredentials::default();
        let start = Instant::now();
        for number in 0..50 {
            let from = Provenance::Secret(format!("gw{number}/api-key"));
            assert!(refused.note(&answer(&from, start, false), start));
        }
        let from = Provenance::Secret("gw/api-key".to_owned());
        assert!(refused.note(&answer(&from, start, false), start + MEMORY));
        assert_eq!(refused.uses.read().unwrap().len(), 1);
        assert_eq!(refused.refused.load(Ordering::Relaxed), 1);
    }
}
