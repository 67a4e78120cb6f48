//! All models of the catalog, as this tab last loaded them.

use super::LoadStatus;
use crate::api::types::{ModelState, ModelView};
use crate::api::{Api, ApiError};
use crate::paths::CatalogFilter;
use crate::task::spawn_detached;
use leptos::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How many models one request asks for.
const PAGE: u32 = 1_000;

/// A model, and the text that a search looks through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    /// The model.
    pub view: ModelView,
    /// Its ref and name in lower case.
    pub haystack: String,
}

impl Model {
    /// Prepares a model for searching.
    #[must_use]
    pub fn new(view: ModelView) -> Self {
        let name = view.name.as_deref().unwrap_or_default();
        let haystack = format!("{} {name}", view.model_ref).to_lowercase();
        Self { view, haystack }
    }
}

/// All models by their ref.
pub type ModelMap = BTreeMap<Arc<str>, Arc<Model>>;

/// The models of the catalog.
#[derive(Clone, Copy)]
pub struct Models {
    api: Api,
    /// The models; during the first load, those that have arrived so far.
    pub map: RwSignal<ModelMap>,
    /// How many there are, as the first page said.
    pub total: RwSignal<Option<u64>>,
    /// Whether they are loading.
    pub reading: RwSignal<bool>,
    /// Why the last load failed.
    pub error: RwSignal<Option<ApiError>>,
    /// When they were last loaded, in Unix seconds.
    pub read_at: RwSignal<i64>,
    /// Numbers the readings, so that a slow old one does not replace a newer one.
    turn: StoredValue<u64>,
}

impl Models {
    /// No models yet.
    #[must_use]
    pub fn new(api: Api) -> Self {
        Self {
            api,
            map: RwSignal::new(BTreeMap::new()),
            total: RwSignal::new(None),
            reading: RwSignal::new(false),
            error: RwSignal::new(None),
            read_at: RwSignal::new(0),
            turn: StoredValue::new(0),
        }
    }

    /// How far they are loaded.
    #[must_use]
    pub fn status(self) -> LoadStatus {
        LoadStatus {
            loaded: Signal::derive(move || self.total.get().is_some()),
            loaded_at: self.read_at.into(),
            loading: self.reading.into(),
            error: Signal::derive(move || {
                self.error
                    .with(|error| error.as_ref().map(ApiError::message))
            }),
        }
    }

    /// Loads all pages. The first time, each page shows as it arrives; later the old list stays
    /// until the new one is complete, so that nothing jumps.
    pub fn reload(self) {
        let turn = self.turn.get_value() + 1;
        self.turn.set_value(turn);
        self.reading.set(true);
        let first = self.total.get_untracked().is_none();
        spawn_detached(async move {
            let mut fresh = ModelMap::new();
            let mut cursor: Option<String> = None;
            loop {
                let all = CatalogFilter::default();
                let page = self.api.models(&all, PAGE, cursor.as_deref()).await;
                if self.turn.try_get_value() != Some(turn) {
                    return;
                }
                let page = match page {
                    Ok(page) => page,
                    Err(error) => {
                        self.error.set(Some(error));
                        self.reading.set(false);
                        return;
                    }
                };
                let come = page.items.into_iter().map(|view| {
                    let key: Arc<str> = view.model_ref.as_str().into();
                    (key, Arc::new(Model::new(view)))
                });
                if first {
                    self.map.update(|map| map.extend(come));
                } else {
                    fresh.extend(come);
                }
                self.total.set(Some(page.total));
                cursor = page.next_cursor;
                if cursor.is_none() {
                    break;
                }
            }
            if !first {
                self.map.set(fresh);
            }
            self.error.set(None);
            self.reading.set(false);
            self.read_at.set(crate::dom::now());
        });
    }

    /// Updates switched models without reloading all.
    pub fn note_switched(self, refs: &[String], enabled: bool) {
        self.map.update(|map| {
            for model_ref in refs {
                let Some(model) = map.get_mut(model_ref.as_str()) else {
                    continue;
                };
                let model = Arc::make_mut(model);
                model.view.enabled = enabled;
                if model.view.state != ModelState::Absent {
                    model.view.state = if enabled {
                        ModelState::Enabled
                    } else {
                        ModelState::Disabled
                    };
                }
            }
        });
    }

    /// Clears them, as when the session ends.
    pub fn forget(self) {
        self.turn.update_value(|turn| *turn += 1);
        self.map.set(ModelMap::new());
        self.total.set(None);
        self.reading.set(false);
        self.error.set(None);
    }
}

/// The models.
///
/// # Panics
/// Outside of the app, which provides them.
#[must_use]
pub fn use_models() -> Models {
    use_context().expect("the app provides the models")
}
