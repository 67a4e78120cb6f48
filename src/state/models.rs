//! The models of the catalog that match a filter, as far as this tab has loaded them.
//!
//! The control plane searches, sorts and counts; the browser asks for the pages that are looked at. So
//! 50,000 models cost no more than the few hundred that someone scrolls through.

use super::LoadStatus;
use crate::api::types::{ModelFacets, ModelState, ModelView};
use crate::api::{Api, ApiError};
use crate::components::Keys;
use crate::dom;
use crate::paths::CatalogFilter;
use crate::task::spawn_detached;
use leptos::prelude::*;
use std::collections::HashMap;
use std::sync::Arc;

/// How many models one page has.
const PAGE: usize = 100;

/// How many models one request has that collects the refs of all.
const ALL: u32 = 1_000;

/// How many pages a reload loads again. The others are loaded again when they are looked at.
const KEPT: usize = 3;

/// What the key of a model begins with that is not loaded yet. No ref begins so.
const UNLOADED: char = '\u{0}';

/// The models of the catalog.
#[derive(Clone, Copy)]
pub struct Models {
    api: Api,
    /// What is shown.
    filter: StoredValue<CatalogFilter>,
    /// The refs of all that match, in order, with placeholders for what is not loaded.
    keys: RwSignal<Keys>,
    /// The loaded models, by ref.
    loaded: RwSignal<HashMap<Arc<str>, Arc<ModelView>>>,
    /// How many match; `None` until the first answer.
    total: RwSignal<Option<u64>>,
    /// How many other choices of the filter would match.
    facets: RwSignal<Option<ModelFacets>>,
    reading: RwSignal<u32>,
    error: RwSignal<Option<ApiError>>,
    read_at: RwSignal<i64>,
    /// The pages that were asked for, the last one at the end.
    asked: StoredValue<Vec<usize>>,
    /// Numbers the lists, so that a slow answer for an old one is dropped.
    turn: RwSignal<u64>,
    /// Counts what [`Self::retry`] asked for.
    retries: RwSignal<u32>,
}

impl Models {
    /// No models yet.
    #[must_use]
    pub fn new(api: Api) -> Self {
        Self {
            api,
            filter: StoredValue::new(CatalogFilter::default()),
            keys: RwSignal::new(Arc::new(Vec::new())),
            loaded: RwSignal::new(HashMap::new()),
            total: RwSignal::new(None),
            facets: RwSignal::new(None),
            reading: RwSignal::new(0),
            error: RwSignal::new(None),
            read_at: RwSignal::new(0),
            asked: StoredValue::new(Vec::new()),
            turn: RwSignal::new(0),
            retries: RwSignal::new(0),
        }
    }

    /// How far they are loaded.
    #[must_use]
    pub fn status(self) -> LoadStatus {
        LoadStatus {
            loaded: Signal::derive(move || self.total.get().is_some()),
            loaded_at: self.read_at.into(),
            loading: Signal::derive(move || self.reading.get() > 0),
            error: Signal::derive(move || {
                self.error
                    .with(|error| error.as_ref().map(ApiError::message))
            }),
        }
    }

    /// The refs of all that match, in order, with placeholders for what is not loaded.
    #[must_use]
    pub fn keys(self) -> Keys {
        self.keys.get()
    }

    /// How many match; `None` until that is known.
    #[must_use]
    pub fn total(self) -> Option<u64> {
        self.total.get()
    }

    /// How many other choices of the filter would match; `None` until that is known.
    #[must_use]
    pub fn facets(self) -> Option<ModelFacets> {
        self.facets.get()
    }

    /// A loaded model.
    #[must_use]
    pub fn get(self, model_ref: &str) -> Option<Arc<ModelView>> {
        self.loaded.with(|loaded| loaded.get(model_ref).cloned())
    }

    /// Shows the models of a filter. The old list stays until the new one is there.
    pub fn show(self, filter: CatalogFilter) {
        self.filter.set_value(filter);
        self.asked.set_value(Vec::new());
        self.begin(vec![0]);
    }

    /// Loads what is looked at again.
    pub fn reload(self) {
        let mut pages = self.asked.get_value();
        let from = pages.len().saturating_sub(KEPT);
        pages.drain(..from);
        if !pages.contains(&0) {
            pages.insert(0, 0);
        }
        self.begin(pages);
    }

    /// Asks the page that shows them to load them again if the last load failed, as when the connection
    /// is back. What loads them is not part of the first download.
    pub fn retry(self) {
        if self.error.with_untracked(Option::is_some) {
            self.retries.update(|retries| *retries += 1);
        }
    }

    /// Loads them again after each [`Self::retry`], as long as the current owner exists.
    pub fn follow_retries(self) {
        Effect::new(move |before: Option<()>| {
            self.retries.track();
            if before.is_some() {
                untrack(|| self.reload());
            }
        });
    }

    /// Loads the page of a place in the list, unless that was asked for. Tracks the list: another
    /// one has to be asked for it again.
    pub fn want(self, index: usize) {
        self.turn.track();
        let page = index / PAGE;
        let is_new = self
            .asked
            .try_update_value(|asked| {
                let is_new = !asked.contains(&page);
                if is_new {
                    asked.push(page);
                }
                is_new
            })
            .unwrap_or_default();
        if is_new {
            untrack(|| self.load(page, false));
        }
    }

    /// The refs of all that match, however many pages that takes.
    ///
    /// # Errors
    /// Those of the first page that fails.
    pub async fn all_refs(self) -> Result<Vec<Arc<str>>, ApiError> {
        let filter = self.filter.get_value();
        let mut refs = Vec::new();
        let mut cursor: Option<String> = None;
        loop {
            let page = self.api.models(&filter, ALL, cursor.as_deref()).await?;
            refs.extend(
                page.items
                    .iter()
                    .map(|model| model.model_ref.as_str().into()),
            );
            cursor = page.next_cursor;
            if cursor.is_none() {
                return Ok(refs);
            }
        }
    }

    /// Shows that models were switched, until they are loaded again.
    pub fn note_switched(self, refs: &[String], enabled: bool) {
        self.loaded.update(|loaded| {
            for model_ref in refs {
                let Some(model) = loaded.get_mut(model_ref.as_str()) else {
                    continue;
                };
                let model = Arc::make_mut(model);
                model.enabled = enabled;
                if model.state != ModelState::Absent {
                    model.state = match enabled {
                        true => ModelState::Enabled,
                        false => ModelState::Disabled,
                    };
                }
            }
        });
    }

    /// Clears them, as when the session ends.
    pub fn forget(self) {
        self.turn.update(|turn| *turn += 1);
        self.keys.set(Arc::new(Vec::new()));
        self.loaded.set(HashMap::new());
        self.total.set(None);
        self.facets.set(None);
        self.error.set(None);
    }

    /// Begins another list with these pages, the first of which brings the counts.
    fn begin(self, pages: Vec<usize>) {
        self.turn.update(|turn| *turn += 1);
        self.asked.set_value(pages.clone());
        for page in pages {
            self.load(page, page == 0);
        }
    }

    fn load(self, page: usize, first: bool) {
        let turn = self.turn.get_untracked();
        let filter = self.filter.get_value();
        let call = self.api.models_from(&filter, page * PAGE, PAGE, first);
        self.reading.update(|reading| *reading += 1);
        spawn_detached(async move {
            let answer = call.await;
            self.reading
                .update(|reading| *reading = reading.saturating_sub(1));
            if self.turn.try_get_untracked() != Some(turn) {
                return;
            }
            match answer {
                Ok(answer) => {
                    let total = usize::try_from(answer.total).unwrap_or(usize::MAX);
                    self.put(page, total, first, answer.items);
                    if let Some(facets) = answer.facets {
                        self.facets.set(Some(facets));
                    }
                    if self.total.try_get_untracked() != Some(Some(answer.total)) {
                        self.total.set(Some(answer.total));
                    }
                    self.error.set(None);
                    self.read_at.set(dom::now());
                }
                Err(error) => {
                    // Looked at again, it is asked for again.
                    self.asked
                        .update_value(|asked| asked.retain(|asked| *asked != page));
                    self.error.set(Some(error));
                }
            }
        });
    }

    /// Puts a page in its place. The first page of a list leaves nothing of the list before.
    fn put(self, page: usize, total: usize, first: bool, items: Vec<ModelView>) {
        let before = self.keys.get_untracked();
        let old: &[Arc<str>] = if first { &[] } else { &before };
        let refs: Vec<Arc<str>> = items
            .iter()
            .map(|model| model.model_ref.as_str().into())
            .collect();
        let keys = keys_with(old, page * PAGE, &refs, total);
        self.loaded.update(|loaded| {
            for (key, model) in refs.into_iter().zip(items) {
                loaded.insert(key, Arc::new(model));
            }
        });
        if *self.keys.get_untracked() != keys {
            self.keys.set(Arc::new(keys));
        }
    }
}

/// Whether a key stands for a model that is not loaded yet.
#[must_use]
pub fn is_unloaded(key: &str) -> bool {
    key.starts_with(UNLOADED)
}

/// The keys of a list of `total`, with these refs from a place on.
fn keys_with(old: &[Arc<str>], from: usize, refs: &[Arc<str>], total: usize) -> Vec<Arc<str>> {
    (0..total)
        .map(|at| {
            let fresh = at.checked_sub(from).and_then(|at| refs.get(at));
            match fresh.or_else(|| old.get(at)) {
                Some(key) => Arc::clone(key),
                None => format!("{UNLOADED}{at}").into(),
            }
        })
        .collect()
}

/// The models.
///
/// # Panics
/// Outside of the app, which provides them.
#[must_use]
pub fn use_models() -> Models {
    use_context().expect("the app provides the models")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(texts: &[&str]) -> Vec<Arc<str>> {
        texts.iter().map(|text| Arc::from(*text)).collect()
    }

    #[test]
    fn a_page_takes_its_place_among_what_is_not_loaded() {
        let first = keys_with(&[], 0, &keys(&["a", "b"]), 5);
        assert_eq!(first[..2], keys(&["a", "b"]));
        assert!(first[2..].iter().all(|key| is_unloaded(key)));
        let last = keys_with(&first, 4, &keys(&["e"]), 5);
        assert_eq!((&*last[0], &*last[4]), ("a", "e"));
        assert!(is_unloaded(&last[2]));
        // The list became shorter meanwhile.
        assert_eq!(keys_with(&last, 0, &keys(&["b"]), 1), keys(&["b"]));
    }
}
