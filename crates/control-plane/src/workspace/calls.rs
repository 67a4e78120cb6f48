//! Tests: what a refresh would do, without touching the catalog.

use super::drafts::SourceWrite;
use super::endpoint::{TypedSecrets, write_headers};
use super::facts::{Facts, origin_of, source_facts};
use super::provider_edit::not_in_force;
use super::source_edit::{given, typed_base_url};
use super::{DomainError, Workspace, validate};
use crate::discovery::{Discovery, Endpoint, discover};
use crate::secrets::SecretText;
use crate::store::audit;
use crate::store::outcomes::{self, Call};
use crate::store::sources::StoredSource;
use waypost_api_types::{OutcomeReport, Snapshot};
use waypost_routing::catalog::Layer;
use waypost_routing::credential::{provider_secret, source_auth_secret, source_headers_secret};
use waypost_routing::endpoint::{effective_provider, effective_source};
use waypost_routing::world::World;

/// A slug for a draft that has none. It cannot be one, so that no stored secret is under it.
const DRAFT_SLUG: &str = "(draft)";

/// Where OpenRouter is.
const OPENROUTER_HOST: &str = "openrouter.ai";

/// Whose models are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// A provider, by its name.
    Provider(String),
    /// A custom source, by its slug.
    Source(String),
}

impl Owner {
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Provider(name) | Self::Source(name) => name,
        }
    }

    /// As the audit log names it.
    pub(super) fn target(&self) -> String {
        match self {
            Self::Provider(name) => format!("provider:{name}"),
            Self::Source(slug) => format!("source:{slug}"),
        }
    }
}

impl Workspace {
    /// Asks a provider for its models, with the key that is stored or with one that is not yet.
    ///
    /// # Errors
    /// What keeps it from being asked; what comes of asking is an outcome.
    pub async fn test_provider(
        &self,
        name: &str,
        value: Option<SecretText>,
    ) -> Result<OutcomeReport, DomainError> {
        let facts = self.facts().await?;
        let owner = Owner::Provider(name.to_owned());
        let Some(value) = given(value) else {
            return self.test_stored(&facts, &owner).await;
        };
        let value = validate::key("value", &value)?;
        let mut snapshot = facts.snapshot(Vec::new());
        let secret = provider_secret(name);
        let world = World::new(snapshot.clone());
        let origin = effective_provider(&world, name)
            .and_then(|provider| provider.endpoint.base_url.ok())
            .map(|base_url| base_url.url.origin());
        pretend_stored(&mut snapshot, &secret, origin);
        let typed = TypedSecrets::from([(secret, value)]);
        let endpoint = self
            .provider_endpoint(&facts, snapshot, name, &typed)
            .await?;
        self.tested(&with_key_check(endpoint, &facts, &owner)).await
    }

    /// Asks a stored source for its models.
    ///
    /// # Errors
    /// What keeps it from being asked; what comes of asking is an outcome.
    pub async fn test_source(&self, slug: &str) -> Result<OutcomeReport, DomainError> {
        let facts = self.facts().await?;
        facts.source(slug)?;
        self.test_stored(&facts, &Owner::Source(slug.to_owned()))
            .await
    }

    /// Asks what a draft describes for its models. A draft of a stored source, named by its slug,
    /// takes over the secrets that it does not give, as long as the origin is the same.
    ///
    /// # Errors
    /// What keeps it from being asked; what comes of asking is an outcome.
    pub async fn test_source_draft(
        &self,
        write: SourceWrite,
    ) -> Result<OutcomeReport, DomainError> {
        let facts = self.facts().await?;
        let stored = write
            .draft
            .slug
            .as_deref()
            .and_then(|slug| facts.sources.iter().find(|source| source.slug == slug));
        let (draft, typed, snapshot) = draft_world(&facts, stored, write)?;
        let world = World::new(snapshot);
        let effective = effective_source(&world, &draft.slug)
            .ok_or_else(|| DomainError::internal("a draft is not in its world", &draft.slug))?;
        let mut granted = facts.granted_origins_without(Some(&draft.slug));
        granted.extend(origin_of(&draft.base_url).filter(|_| draft.allow_private));
        let endpoint = self.callable(&effective.endpoint, &typed, &granted).await?;
        let owner = Owner::Source(draft.slug);
        self.tested(&with_key_check(endpoint, &facts, &owner)).await
    }

    async fn test_stored(
        &self,
        facts: &Facts,
        owner: &Owner,
    ) -> Result<OutcomeReport, DomainError> {
        let endpoint = self.endpoint(facts, owner).await?;
        let endpoint = with_key_check(endpoint, facts, owner);
        let report = self.tested(&endpoint).await?;
        let mut transaction = self.begin().await?;
        outcomes::record(&mut transaction, owner.name(), Call::Test, &report).await?;
        let action = match owner {
            Owner::Provider(_) => "provider.test",
            Owner::Source(_) => "source.test",
        };
        let target = owner.target();
        audit::record(&mut transaction, self.actor(), action, &target, &[]).await?;
        transaction.commit().await?;
        Ok(report)
    }

    async fn tested(&self, endpoint: &Endpoint) -> Result<OutcomeReport, DomainError> {
        let mut discovery = discover(&self.inner.outbound, endpoint, &|_, _| {}).await;
        let mut listed: Vec<String> = std::mem::take(&mut discovery.models)
            .into_iter()
            .map(|model| model.id)
            .collect();
        listed.sort_unstable();
        let mut report = report(discovery);
        report.added = listed;
        Ok(report)
    }

    /// The endpoint of what is stored, ready to be called.
    pub(super) async fn endpoint(
        &self,
        facts: &Facts,
        owner: &Owner,
    ) -> Result<Endpoint, DomainError> {
        let typed = TypedSecrets::new();
        let snapshot = facts.snapshot(Vec::new());
        match owner {
            Owner::Provider(name) => self.provider_endpoint(facts, snapshot, name, &typed).await,
            Owner::Source(slug) => {
                let world = World::new(snapshot);
                let effective = effective_source(&world, slug).ok_or_else(|| {
                    DomainError::not_found(format!("There is no custom source `{slug}`."))
                })?;
                let granted = facts.granted_origins();
                self.callable(&effective.endpoint, &typed, &granted).await
            }
        }
    }

    async fn provider_endpoint(
        &self,
        facts: &Facts,
        snapshot: Snapshot,
        name: &str,
        typed: &TypedSecrets,
    ) -> Result<Endpoint, DomainError> {
        let world = World::new(snapshot);
        let effective =
            effective_provider(&world, name).ok_or_else(|| not_in_force(facts, name))?;
        let granted = facts.granted_origins();
        self.callable(&effective.endpoint, typed, &granted).await
    }
}

/// A test proves that the key is good. OpenRouter's model list answers anyone, so that there the
/// key is checked too: at its own host, and wherever the environment puts the built-in entry. An
/// entry that took its name elsewhere need not be OpenRouter.
fn with_key_check(mut endpoint: Endpoint, facts: &Facts, owner: &Owner) -> Endpoint {
    let entry = facts
        .layers
        .entries
        .iter()
        .filter(|entry| *owner == Owner::Provider(entry.name.clone()))
        .max_by_key(|entry| entry.layer);
    let is_builtin =
        entry.is_some_and(|entry| entry.name == "openrouter" && entry.layer == Layer::Builtin);
    if is_builtin || endpoint.base_url.host() == OPENROUTER_HOST {
        endpoint.check_key_path = Some("/key");
    }
    endpoint
}

/// Lets routing see a secret that was only typed, so that it is chosen as it would be once stored.
fn pretend_stored(snapshot: &mut Snapshot, name: &str, origin: Option<String>) {
    snapshot.secrets.unavailable = false;
    if let Some(origin) = origin {
        snapshot.secrets.stored.insert(name.to_owned(), origin);
    }
}

/// The draft as a source, what was typed for it, and a world in which it is stored.
fn draft_world(
    facts: &Facts,
    stored: Option<&StoredSource>,
    write: SourceWrite,
) -> Result<(StoredSource, TypedSecrets, Snapshot), DomainError> {
    let base_url = typed_base_url(&write.draft.base_url)?;
    let mut draft = StoredSource {
        id: 0,
        slug: stored.map_or(DRAFT_SLUG, |source| &source.slug).to_owned(),
        name: write.draft.name.clone(),
        auth_header: validate::auth_header(write.draft.auth_header.as_deref())?,
        header_names: stored.map_or_else(Vec::new, |source| source.header_names.clone()),
        passthrough: write.draft.passthrough,
        allow_private: write.draft.allow_private,
        base_url,
    };
    let origin = origin_of(&draft.base_url);
    let mut typed = TypedSecrets::new();
    let mut snapshot = facts.snapshot(Vec::new());
    let auth_secret = source_auth_secret(&draft.slug);
    let headers_secret = source_headers_secret(&draft.slug);
    let moved = stored.is_some_and(|source| origin_of(&source.base_url) != origin);
    if moved && (write.auth_value.is_some() || write.headers.is_some()) {
        // As saving would: what is not entered again for the new origin is dropped. Where nothing
        // is, the test is refused instead, because it would go out without the key.
        snapshot.secrets.stored.remove(&auth_secret);
        snapshot.secrets.stored.remove(&headers_secret);
        draft.header_names.clear();
    }
    if let Some(value) = write.auth_value {
        snapshot.secrets.stored.remove(&auth_secret);
        if let Some(value) = given(Some(value)) {
            let value = validate::key("auth_value", &value)?;
            pretend_stored(&mut snapshot, &auth_secret, origin.clone());
            typed.insert(auth_secret, value);
        }
    }
    if let Some(headers) = write.headers {
        snapshot.secrets.stored.remove(&headers_secret);
        let headers = validate::static_headers(&headers)?;
        draft.header_names = headers.keys().cloned().collect();
        if !headers.is_empty() {
            pretend_stored(&mut snapshot, &headers_secret, origin);
            typed.insert(headers_secret, write_headers(&headers));
        }
    }
    snapshot.sources.retain(|source| source.slug != draft.slug);
    snapshot.sources.push(source_facts(&draft));
    Ok((draft, typed, snapshot))
}

/// The report of a call that changed nothing (yet).
pub(super) fn report(discovery: Discovery) -> OutcomeReport {
    OutcomeReport {
        outcome: discovery.outcome,
        message: discovery.message,
        status: discovery.status,
        duration_ms: discovery.duration_ms,
        request: discovery.request,
        added: Vec::new(),
        removed: Vec::new(),
        changed: Vec::new(),
        unchanged: Vec::new(),
        skipped: discovery.skipped,
    }
}
