//! The configuration of the organisation, as the control plane last said it.

use super::Cached;
use crate::api::Api;
use crate::api::types::{ProviderView, ProvidersPage, SettingsView, Snapshot, SourceView};
use leptos::prelude::*;

/// What pages show and the resolver needs. After every change the parts it touches are read again,
/// so that a row, a badge or a route changes without a reload of the page.
#[derive(Clone, Copy)]
pub struct Workspace {
    /// Gateways and direct providers, with the problems of the providers file.
    pub providers: Cached<ProvidersPage>,
    /// Custom sources.
    pub sources: Cached<Vec<SourceView>>,
    /// Settings.
    pub settings: Cached<SettingsView>,
    /// What the resolver needs.
    pub snapshot: Cached<Snapshot>,
}

impl Workspace {
    /// A workspace of which nothing was read yet.
    #[must_use]
    pub fn new(api: Api) -> Self {
        Self {
            providers: Cached::new(move || api.providers()),
            sources: Cached::new(move || {
                let page = api.sources();
                Box::pin(async move { Ok(page.await?.items) })
            }),
            settings: Cached::new(move || api.settings()),
            snapshot: Cached::new(move || api.snapshot()),
        }
    }

    /// Reads everything again.
    pub fn reload(self) {
        self.providers.reload();
        self.sources.reload();
        self.settings.reload();
        self.snapshot.reload();
    }

    /// Reads again what a change of a provider touches.
    pub fn reload_providers(self) {
        self.providers.reload();
        self.snapshot.reload();
    }

    /// Reads again what a change of a source touches.
    pub fn reload_sources(self) {
        self.sources.reload();
        self.snapshot.reload();
    }

    /// Puts one provider in place, as an answer gave it, and reads the snapshot again.
    pub fn put_provider(self, view: ProviderView) {
        self.providers.update(|page| {
            match page.items.iter_mut().find(|item| item.name == view.name) {
                Some(item) => *item = view,
                None => {
                    let place = page.items.partition_point(|item| item.name < view.name);
                    page.items.insert(place, view);
                }
            }
        });
        self.reload_providers();
    }

    /// Puts one source in place, as an answer gave it, and reads the snapshot again.
    pub fn put_source(self, view: SourceView) {
        self.sources.update(|sources| {
            match sources.iter_mut().find(|source| source.slug == view.slug) {
                Some(source) => *source = view,
                None => sources.push(view),
            }
        });
        self.reload_sources();
    }

    /// Forgets everything, as when the session ends.
    pub fn forget(self) {
        self.providers.forget();
        self.sources.forget();
        self.settings.forget();
        self.snapshot.forget();
    }
}

/// The workspace.
///
/// # Panics
/// Outside of the app, which provides it.
#[must_use]
pub fn use_workspace() -> Workspace {
    use_context().expect("the app provides the workspace")
}
