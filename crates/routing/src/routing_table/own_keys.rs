//! Which agents have stored keys of their own, and for which gateways.

use crate::credential::agent_key_of;
use crate::snapshot::SecretStates;
use std::collections::{BTreeMap, BTreeSet};

/// By the id of an agent, the gateways that it has an own key for: one that is stored, or one
/// that is configured and whose value is missing.
#[derive(Clone, Debug, Default)]
pub(super) struct OwnKeys(BTreeMap<String, BTreeSet<String>>);

impl OwnKeys {
    pub(super) fn of(secrets: &SecretStates) -> Self {
        let mut keys: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let names = secrets.stored.keys().chain(&secrets.missing);
        for (id, gateway) in names.filter_map(|name| agent_key_of(name)) {
            let of_agent = keys.entry(id.to_owned()).or_default();
            of_agent.insert(gateway.to_owned());
        }
        Self(keys)
    }

    pub(super) fn has(&self, id: &str, gateway: &str) -> bool {
        self.0
            .get(id)
            .is_some_and(|gateways| gateways.contains(gateway))
    }

    pub(super) fn has_any(&self, id: &str) -> bool {
        self.0.contains_key(id)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().flat_map(|(id, gateways)| {
            let gateways = gateways.iter();
            gateways.map(|gateway| (id.as_str(), gateway.as_str()))
        })
    }
}
