//! Tests of unsaved input, which override stored fields. Nothing of them is saved.

use super::changed_values::changed_value;
use super::check_record::worked;
use super::connection_check::with_key_check;
use super::inputs::{SourceEdit, UnsavedProvider};
use super::outgoing_request::TypedSecrets;
use super::owner::Owner;
use super::source_edit::given;
use super::state::{WorkspaceState, origin_of, source_entry};
use super::static_headers::write_headers;
use super::{DomainError, Workspace, input_fields, provider_edit, source_edit};
use crate::store::{ChangedValue, StoredProvider, StoredSource};
use waypost_api_types::{OutcomeReport, ProviderPatch, Snapshot};
use waypost_routing::catalog::Layer;
use waypost_routing::credential::{provider_secret, source_auth_secret, source_headers_secret};
use waypost_routing::key_text::Carrier;
use waypost_routing::provenance::Provenance;
use waypost_routing::routing_table::{RoutingTable, effective_provider, effective_source};

/// A slug for unsaved input that has none. It cannot be one, so that no stored secret is under it.
const UNSAVED_SLUG: &str = "(unsaved)";

impl Workspace {
    pub(super) async fn test_unsaved_provider(
        &self,
        state: WorkspaceState,
        name: &str,
        trial: UnsavedProvider,
    ) -> Result<OutcomeReport, DomainError> {
        let entries = state.layers.entries.iter();
        let saved = entries.rev().find(|entry| entry.name == name);
        let before = saved.map(|entry| entry.base_url.clone());
        let address = tested_address(before, trial.patch.base_url.as_deref());
        let report = self.check_unsaved_provider(state, name, trial).await?;
        let target = Owner::Provider(name.to_owned()).target();
        let action = match worked(&report) {
            true => "provider.test.unsaved",
            false => "provider.test.unsaved.failed",
        };
        self.record_unsaved(action, &target, &[], address).await?;
        Ok(report)
    }

    /// Lists the models of a provider with unsaved input. Leaves no trace.
    pub(super) async fn check_unsaved_provider(
        &self,
        mut state: WorkspaceState,
        name: &str,
        trial: UnsavedProvider,
    ) -> Result<OutcomeReport, DomainError> {
        let stored = key_on_its_way(&state.table(), name);
        apply_unsaved(&mut state, name, trial.patch)?;
        state.environment = self.inner.environment.state(&state.layers.entries);
        let mut snapshot = state.snapshot(Vec::new());
        let mut typed = TypedSecrets::new();
        if let Some(value) = given(trial.value) {
            let accepts = self.accepts_suspicious_keys;
            let value = input_fields::key("value", &value, Carrier::Bearer, accepts)?;
            let table = RoutingTable::new(snapshot.clone());
            let origin = effective_provider(&table, name)
                .and_then(|provider| provider.endpoint.base_url.ok())
                .map(|base_url| base_url.url.origin());
            let secret = provider_secret(name);
            pretend_stored(&mut snapshot, &secret, origin);
            typed.insert(secret, value);
        }
        let changed = key_on_its_way(&RoutingTable::new(snapshot.clone()), name);
        if changed != stored
            && let Some((_, from)) = changed
            && let Some(variable) = from.env_variable()
        {
            return Err(refuse_variable(variable));
        }
        let endpoint = self
            .provider_endpoint(&state, snapshot, name, &typed)
            .await?;
        let owner = Owner::Provider(name.to_owned());
        self.tested(&with_key_check(endpoint, &state, &owner)).await
    }

    /// Records that unsaved input was sent to an upstream, and not saved. `address` is the one that
    /// differs from the saved one.
    pub(super) async fn record_unsaved(
        &self,
        action: &str,
        target: &str,
        fields: &[&str],
        address: Option<ChangedValue>,
    ) -> Result<(), DomainError> {
        let mut transaction = self.begin().await?;
        self.record(&mut *transaction, action, target, fields)
            .await?;
        if let Some(address) = address {
            transaction.record_values(&[address]).await?;
        }
        Ok(transaction.commit().await?)
    }

    pub(super) async fn test_unsaved_source_of(
        &self,
        state: &WorkspaceState,
        stored: Option<&StoredSource>,
        edit: SourceEdit,
    ) -> Result<OutcomeReport, DomainError> {
        let before = stored.map(|stored| stored.base_url.clone());
        let address = tested_address(before, edit.patch.base_url.as_deref());
        let report = self.check_unsaved_source(state, stored, edit).await?;
        let target = match stored {
            Some(stored) => Owner::Source(stored.slug.clone()).target(),
            None => "source".to_owned(),
        };
        let action = match worked(&report) {
            true => "source.test.unsaved",
            false => "source.test.unsaved.failed",
        };
        self.record_unsaved(action, &target, &[], address).await?;
        Ok(report)
    }

    /// Lists the models of a source with unsaved input. Leaves no trace. Secrets that are not given
    /// are the stored ones, as long as the origin is the same.
    pub(super) async fn check_unsaved_source(
        &self,
        state: &WorkspaceState,
        stored: Option<&StoredSource>,
        edit: SourceEdit,
    ) -> Result<OutcomeReport, DomainError> {
        let (unsaved, typed, snapshot) =
            unsaved_table(state, stored, edit, self.accepts_suspicious_keys)?;
        let table = RoutingTable::new(snapshot);
        let effective = effective_source(&table, &unsaved.slug).ok_or_else(|| {
            DomainError::internal("unsaved source not in its table", &unsaved.slug)
        })?;
        let mut granted = state.granted_origins_without(Some(&unsaved.slug));
        granted.extend(origin_of(&unsaved.base_url).filter(|_| unsaved.allow_private));
        let endpoint = self.callable(&effective.endpoint, &typed, &granted).await?;
        let owner = Owner::Source(unsaved.slug);
        self.tested(&with_key_check(endpoint, state, &owner)).await
    }
}

/// The address of unsaved input for the audit log, where it is not the saved one. It is recorded once
/// the input was sent, so that it is valid and has no credentials in it.
fn tested_address(saved: Option<String>, typed: Option<&str>) -> Option<ChangedValue> {
    let typed = typed?.trim().to_owned();
    (saved.as_ref() != Some(&typed)).then(|| changed_value("base_url", saved, Some(typed)))
}

/// Lets routing see a secret that was only typed, so that it is chosen as it would be once stored.
fn pretend_stored(snapshot: &mut Snapshot, name: &str, origin: Option<String>) {
    snapshot.secrets.unavailable = false;
    if let Some(origin) = origin {
        snapshot.secrets.put(name, origin);
    }
}

/// To which origin a provider's requests take which credential.
fn key_on_its_way(table: &RoutingTable, name: &str) -> Option<(String, Provenance)> {
    let endpoint = effective_provider(table, name)?.endpoint;
    let origin = endpoint.base_url.ok()?.url.origin();
    Some((origin, endpoint.auth?.from))
}

/// Unsaved input changes no entry that other administrators see, so it must not send a key from the
/// environment to an address that its author chooses.
fn refuse_variable(variable: &str) -> DomainError {
    let message = format!(
        "The key in `{variable}` is sent only to the saved address, so nothing was sent. Enter a key for this test, or save the entry first."
    );
    DomainError::conflict("credential_origin_mismatch", message)
}

/// Puts an entry of the workspace with unsaved input into the state, as saving would. An
/// entry that is not the workspace's would be replaced whole.
fn apply_unsaved(
    state: &mut WorkspaceState,
    name: &str,
    patch: ProviderPatch,
) -> Result<(), DomainError> {
    if patch == ProviderPatch::default() {
        return Ok(());
    }
    let entries = &mut state.layers.entries;
    let Some(entry) = entries.iter().rfind(|entry| entry.name == name).cloned() else {
        // Why there is none to be asked is said where it is looked for.
        return Ok(());
    };
    let before = StoredProvider {
        id: 0,
        allow_private: state
            .workspace
            .iter()
            .any(|provider| provider.entry.name == name && provider.allow_private),
        entry,
    };
    let mut unsaved = provider_edit::patched(&before, patch, &mut Vec::new())?;
    unsaved.entry.layer = Layer::Workspace;
    entries.retain(|entry| entry.name != name || entry.layer != Layer::Workspace);
    entries.push(unsaved.entry.clone());
    state
        .workspace
        .retain(|provider| provider.entry.name != name);
    state.workspace.push(unsaved);
    Ok(())
}

/// Unsaved input as a source, what was typed for it, and a snapshot in which it is stored.
fn unsaved_table(
    state: &WorkspaceState,
    stored: Option<&StoredSource>,
    mut edit: SourceEdit,
    accepts_suspicious_key: bool,
) -> Result<(StoredSource, TypedSecrets, Snapshot), DomainError> {
    // What a source is called has nothing to do with whether it answers.
    edit.patch.name = None;
    let before = match stored {
        Some(stored) => stored.clone(),
        None => StoredSource {
            slug: UNSAVED_SLUG.to_owned(),
            ..StoredSource::default()
        },
    };
    let mut unsaved = source_edit::patched(&before, edit.patch, &mut Vec::new())?;
    if unsaved.base_url.is_empty() {
        let message = "Enter the base URL.";
        return Err(DomainError::invalid(
            "base_url",
            "missing_base_url",
            message,
        ));
    }
    let origin = origin_of(&unsaved.base_url);
    let mut typed = TypedSecrets::new();
    let mut snapshot = state.snapshot(Vec::new());
    let auth_secret = source_auth_secret(&unsaved.slug);
    let headers_secret = source_headers_secret(&unsaved.slug);
    let moved = origin_of(&before.base_url) != origin;
    if moved && (edit.auth_value.is_some() || edit.headers.is_some()) {
        // As saving would: what is not entered again for the new origin is dropped. Where nothing
        // is, the test is refused instead, because it would go out without the key.
        snapshot.secrets.remove(&auth_secret);
        snapshot.secrets.remove(&headers_secret);
        unsaved.header_names.clear();
    }
    if let Some(value) = edit.auth_value {
        snapshot.secrets.remove(&auth_secret);
        if let Some(value) = given(value) {
            let carrier = Carrier::of(unsaved.auth_header.as_deref());
            let value = input_fields::key("auth_value", &value, carrier, accepts_suspicious_key)?;
            pretend_stored(&mut snapshot, &auth_secret, origin.clone());
            typed.insert(auth_secret, value);
        }
    }
    if let Some(headers) = edit.headers {
        snapshot.secrets.remove(&headers_secret);
        let headers = headers.unwrap_or_default();
        let headers = input_fields::static_headers(&headers, accepts_suspicious_key)?;
        unsaved.header_names = headers.keys().cloned().collect();
        if !headers.is_empty() {
            pretend_stored(&mut snapshot, &headers_secret, origin);
            typed.insert(headers_secret, write_headers(&headers));
        }
    }
    snapshot
        .sources
        .retain(|source| source.slug != unsaved.slug);
    snapshot.sources.push(source_entry(&unsaved));
    Ok((unsaved, typed, snapshot))
}
