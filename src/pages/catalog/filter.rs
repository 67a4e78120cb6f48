//! Filtering models. Pure.

use crate::api::types::ModelState;
use crate::components::Keys;
use crate::paths::CatalogFilter;
use crate::state::{Model, ModelMap};
use std::sync::Arc;

/// The states in the order of a chooser, with their names in the address.
pub(super) const STATES: [(&str, &str); 3] = [
    ("enabled", "Enabled"),
    ("disabled", "Disabled"),
    ("absent", "No longer listed"),
];

/// The refs that match a filter, in order.
pub(super) fn matching(map: &ModelMap, filter: &CatalogFilter) -> Vec<Arc<str>> {
    let query = filter.query.to_lowercase();
    let words: Vec<&str> = query.split_whitespace().collect();
    map.iter()
        .filter(|(_, model)| fits(model, filter, &words))
        .map(|(key, _)| Arc::clone(key))
        .collect()
}

fn fits(model: &Model, filter: &CatalogFilter, words: &[&str]) -> bool {
    let state = match model.view.state {
        ModelState::Enabled => "enabled",
        ModelState::Disabled => "disabled",
        ModelState::Absent => "absent",
    };
    (filter.owner.is_empty() || filter.owner == model.view.owner)
        && (filter.state.is_empty() || filter.state == state)
        && words.iter().all(|word| model.haystack.contains(word))
}

/// What a list is about: another filter is another list, which begins at its top.
pub(super) fn about(filter: &CatalogFilter) -> String {
    crate::paths::Path::Catalog(filter.clone()).to_string()
}

/// An empty list of refs.
pub(super) fn none() -> Keys {
    Arc::new(Vec::new())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::types::ModelView;

    fn map() -> ModelMap {
        [
            ("openrouter", "moonshotai/kimi-k2", ModelState::Enabled),
            (
                "openrouter",
                "anthropic/claude-sonnet-4",
                ModelState::Disabled,
            ),
            ("local", "llama", ModelState::Absent),
        ]
        .into_iter()
        .map(|(owner, id, state)| {
            let view = ModelView {
                model_ref: format!("{owner}/{id}"),
                owner: owner.into(),
                id: id.into(),
                name: Some(format!("The {id}")),
                state,
                enabled: state == ModelState::Enabled,
                context: None,
                input_price: None,
                output_price: None,
                mode: None,
                retires_on: None,
                first_seen: 0,
                last_seen: 0,
            };
            (view.model_ref.as_str().into(), Arc::new(Model::new(view)))
        })
        .collect()
    }

    fn left(owner: &str, query: &str, state: &str) -> Vec<String> {
        let filter = CatalogFilter {
            owner: owner.into(),
            query: query.into(),
            state: state.into(),
        };
        matching(&map(), &filter)
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn every_word_must_stand_somewhere() {
        assert_eq!(
            left("", "SONNET the", ""),
            ["openrouter/anthropic/claude-sonnet-4"]
        );
        assert!(left("", "sonnet kimi", "").is_empty());
        assert_eq!(left("", "  ", "").len(), 3);
    }

    #[test]
    fn owner_and_state_narrow_it_down() {
        assert_eq!(left("local", "", ""), ["local/llama"]);
        assert_eq!(
            left("", "", "disabled"),
            ["openrouter/anthropic/claude-sonnet-4"]
        );
        assert!(left("local", "", "enabled").is_empty());
    }
}
