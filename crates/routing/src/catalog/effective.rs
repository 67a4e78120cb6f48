//! The effective entry of each name.

use super::{BlockedName, Layer, ProviderEntry};
use std::collections::BTreeMap;

/// Every entry of every layer, by name.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    names: BTreeMap<String, Slot>,
}

/// What there is under one name.
#[derive(Clone, Debug, Default)]
struct Slot {
    /// The entries, highest layer first.
    entries: Vec<ProviderEntry>,
    blocked: Option<BlockedName>,
}

impl Slot {
    fn block(&self) -> Option<&BlockedName> {
        let top = self.entries.first().map(|entry| entry.layer);
        self.blocked
            .as_ref()
            .filter(|_| top != Some(Layer::Workspace))
    }
}

impl Catalog {
    /// Puts the layers on top of each other.
    ///
    /// An invalid entry of the providers file blocks its name, unless the workspace has an entry of
    /// that name.
    #[must_use]
    pub fn new(entries: Vec<ProviderEntry>, blocked: Vec<BlockedName>) -> Self {
        let mut names: BTreeMap<String, Slot> = BTreeMap::new();
        for entry in entries {
            let slot = names.entry(entry.name.clone()).or_default();
            slot.entries.push(entry);
        }
        for name in blocked {
            let slot = names.entry(name.name.clone()).or_default();
            // The first fault of a name counts.
            slot.blocked.get_or_insert(name);
        }
        for slot in names.values_mut() {
            slot.entries
                .sort_by_key(|entry| std::cmp::Reverse(entry.layer));
        }
        Self { names }
    }

    /// The effective entry; `None` for an unknown or blocked name.
    #[must_use]
    pub fn effective(&self, name: &str) -> Option<&ProviderEntry> {
        let slot = self.names.get(name)?;
        match slot.block() {
            Some(_) => None,
            None => slot.entries.first(),
        }
    }

    /// The entry that the effective one replaces.
    #[must_use]
    pub fn replaced(&self, name: &str) -> Option<&ProviderEntry> {
        self.effective(name)?;
        self.names.get(name)?.entries.get(1)
    }

    /// The highest entry below the workspace: what the operator configures, by the providers file
    /// or by leaving the built-in one in place.
    #[must_use]
    pub fn below_workspace(&self, name: &str) -> Option<&ProviderEntry> {
        let entries = self.names.get(name)?.entries.iter();
        entries
            .into_iter()
            .find(|entry| entry.layer != Layer::Workspace)
    }

    /// The fault that blocks the name, unless the workspace has an entry of that name.
    #[must_use]
    pub fn blocked(&self, name: &str) -> Option<&BlockedName> {
        self.names.get(name)?.block()
    }

    /// The listed entry of each name, by name: the effective one, or for a blocked name the one
    /// that would be effective. A name that is only blocked has none.
    pub fn listed(&self) -> impl Iterator<Item = &ProviderEntry> {
        self.names.values().filter_map(|slot| slot.entries.first())
    }

    /// Every name that is in use, blocked ones included, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.keys().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::ProviderKind;
    use std::collections::BTreeMap as Map;

    fn entry(name: &str, layer: Layer) -> ProviderEntry {
        ProviderEntry {
            name: name.into(),
            kind: ProviderKind::Gateway,
            layer,
            base_url: format!("https://{}.example", layer.name()),
            api_key_env: None,
            default_headers: Map::new(),
            docs: None,
            notable_models: Vec::new(),
            limits: Default::default(),
            pass_headers: Vec::new(),
        }
    }

    fn blocked(name: &str) -> BlockedName {
        BlockedName {
            name: name.into(),
            code: "invalid_base_url".into(),
            message: "The base URL has no host.".into(),
        }
    }

    #[test]
    fn a_higher_layer_replaces_the_whole_entry() {
        let catalog = Catalog::new(
            vec![
                entry("a", Layer::Workspace),
                entry("a", Layer::Builtin),
                entry("a", Layer::UserLocal),
            ],
            Vec::new(),
        );
        assert_eq!(catalog.effective("a").unwrap().layer, Layer::Workspace);
        assert_eq!(catalog.replaced("a").unwrap().layer, Layer::UserLocal);
        assert!(catalog.effective("A").is_none(), "names have a case");
    }

    #[test]
    fn a_blocked_name_does_not_fall_to_a_lower_layer() {
        let catalog = Catalog::new(vec![entry("a", Layer::Builtin)], vec![blocked("a")]);
        assert!(catalog.effective("a").is_none());
        assert!(catalog.replaced("a").is_none());
        assert_eq!(catalog.blocked("a").unwrap().code, "invalid_base_url");
        assert_eq!(catalog.listed().count(), 1, "the lower entry stays listed");
    }

    #[test]
    fn the_workspace_wins_over_a_block() {
        let catalog = Catalog::new(vec![entry("a", Layer::Workspace)], vec![blocked("a")]);
        assert!(catalog.effective("a").is_some());
        assert!(catalog.blocked("a").is_none());
    }
}
