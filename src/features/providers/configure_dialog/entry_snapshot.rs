//! The snapshot after saving an entry, computed as the control plane would.

use std::collections::BTreeMap;
use waypost_routing::base_url::BaseUrl;
use waypost_routing::catalog::{Layer, ProviderEntry, ProviderKind, check_name};
use waypost_routing::credential::provider_secret;
use waypost_routing::snapshot::Snapshot;
use waypost_routing::time_limits::TimeLimits;

/// The fields of the form that matter for routing.
pub(super) struct EntryValues {
    pub(super) name: String,
    pub(super) kind: ProviderKind,
    pub(super) base_url: String,
    pub(super) api_key_env: Option<String>,
    pub(super) default_headers: BTreeMap<String, String>,
    pub(super) pass_headers: Vec<String>,
    pub(super) limits: TimeLimits,
}

impl EntryValues {
    /// The entry with its normalized base URL; `None` if it cannot be saved.
    pub(super) fn sound(mut self) -> Option<Self> {
        check_name(&self.name).ok()?;
        self.base_url = BaseUrl::parse(&self.base_url).ok()?.to_string();
        Some(self)
    }
}

/// The snapshot with the entry saved. A stored key stays bound to its origin, except that a new
/// name begins without one.
pub(super) fn snapshot_after(typed: EntryValues, snapshot: &Snapshot) -> Snapshot {
    let mut after = snapshot.clone();
    let is_known = after.providers.iter().any(|entry| entry.name == typed.name);
    if !is_known {
        let stored = &mut after.secrets.stored;
        stored.remove(&provider_secret(&typed.name));
    }
    let is_replaced =
        |entry: &ProviderEntry| entry.name == typed.name && entry.layer == Layer::Workspace;
    let place = after.providers.iter().position(is_replaced);
    let entry = ProviderEntry {
        name: typed.name,
        kind: typed.kind,
        layer: Layer::Workspace,
        base_url: typed.base_url,
        api_key_env: typed.api_key_env,
        default_headers: typed.default_headers,
        docs: None,
        notable_models: Vec::new(),
        limits: typed.limits,
        pass_headers: typed.pass_headers,
    };
    match place {
        Some(place) => {
            let before = &mut after.providers[place];
            // Nothing is routed by them.
            let (docs, notable) = (
                before.docs.take(),
                std::mem::take(&mut before.notable_models),
            );
            *before = entry;
            before.docs = docs;
            before.notable_models = notable;
        }
        None => after.providers.push(entry),
    }
    after
}
