//! What is shown of a gateway, direct provider or custom source alike.

use crate::api::types::{
    KeyState, KeyView, ModelCounts, OutcomeRecord, ProviderView, SourceView, Verification,
};
use crate::paths::Path;
use crate::state::Owner;

/// What the rows of providers and sources have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OwnerSummary {
    /// Whose models they are.
    pub(crate) owner: Owner,
    /// The name that people read: of a source its label.
    pub(crate) name: String,
    /// The state of its key.
    pub(crate) key: KeyView,
    /// Whether requests may go without a key.
    pub(crate) key_is_optional: bool,
    /// What the row says where there is no key.
    pub(crate) without_key: String,
    /// What is known of the key; `None` where there is no usable one.
    pub(crate) verification: Option<Verification>,
    /// How many models it has.
    pub(crate) models: ModelCounts,
    /// How many agents use it.
    pub(crate) used_by: u64,
    /// The last refresh.
    pub(crate) last_refresh: Option<OutcomeRecord>,
    /// The last test.
    pub(crate) last_test: Option<OutcomeRecord>,
    /// Whether a refresh runs, here or elsewhere.
    pub(crate) refreshing: bool,
    /// Whether there is a base URL to call.
    pub(crate) has_base_url: bool,
    /// Where it is configured.
    pub(crate) configure: Path,
}

/// What is known of a key that can be used.
fn verification(key: &KeyView, known: &Verification) -> Option<Verification> {
    (key.state == KeyState::Configured).then(|| known.clone())
}

impl From<&ProviderView> for OwnerSummary {
    fn from(view: &ProviderView) -> Self {
        let variable = view.api_key_env.as_deref();
        let without_key = view.key_problem.clone().unwrap_or_else(|| {
            variable.map_or_else(String::new, |variable| format!("`{variable}` is not set"))
        });
        Self {
            owner: Owner::Provider(view.name.clone()),
            name: view.name.clone(),
            verification: verification(&view.key, &view.verification),
            key: view.key.clone(),
            key_is_optional: false,
            without_key,
            models: view.models,
            used_by: view.used_by,
            last_refresh: view.last_refresh.clone(),
            last_test: view.last_test.clone(),
            refreshing: view.refreshing,
            has_base_url: true,
            configure: Path::Configure(view.kind, view.name.clone()),
        }
    }
}

impl From<&SourceView> for OwnerSummary {
    fn from(view: &SourceView) -> Self {
        Self {
            owner: Owner::Source(view.slug.clone()),
            name: view.name.clone(),
            verification: verification(&view.key, &view.verification),
            key: view.key.clone(),
            key_is_optional: true,
            without_key: "Requests are sent without a key".to_owned(),
            models: view.models,
            used_by: view.used_by,
            last_refresh: view.last_refresh.clone(),
            last_test: view.last_test.clone(),
            refreshing: view.refreshing,
            has_base_url: !view.base_url.is_empty(),
            configure: Path::Source(view.slug.clone()),
        }
    }
}

impl OwnerSummary {
    /// Whether a refresh can be expected to succeed.
    pub(crate) fn is_ready(&self) -> bool {
        let has_key = self.key.state == KeyState::Configured;
        self.has_base_url && (has_key || self.key_is_optional)
    }
}
