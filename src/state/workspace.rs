//! The configuration of the organisation, as the control plane last said it.

use super::Cached;
use crate::api::Api;
use crate::api::types::{
    AgentView, ProviderView, ProvidersPage, SettingsView, Snapshot, SourceView,
};
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
    api: Api,
    /// Counts what changes in all of it; `None` while nobody is signed in.
    turn: RwSignal<Option<u32>>,
    snapshot: StoredValue<Option<Cached<Snapshot>>>,
    agents: StoredValue<Option<Cached<Vec<AgentView>>>>,
    owner: StoredValue<Owner>,
}

impl Workspace {
    /// A workspace of which nothing was read yet. What it reads lives as long as the caller.
    #[must_use]
    pub fn new(api: Api) -> Self {
        Self {
            providers: Cached::new(move || api.providers()),
            sources: Cached::new(move || {
                let page = api.sources();
                Box::pin(async move { Ok(page.await?.items) })
            }),
            settings: Cached::new(move || api.settings()),
            api,
            turn: RwSignal::new(None),
            snapshot: StoredValue::new(None),
            agents: StoredValue::new(None),
            owner: StoredValue::new(Owner::current().unwrap_or_default()),
        }
    }

    /// What the resolver needs. It is read when it is first asked for, and from then on after
    /// every change: the code that reads it comes with the parts that need it.
    #[must_use]
    pub fn snapshot(self) -> Cached<Snapshot> {
        if let Some(snapshot) = self.snapshot.get_value() {
            return snapshot;
        }
        let owner = self.owner.get_value();
        let snapshot = owner.with(|| {
            let snapshot = Cached::new(move || self.api.snapshot());
            Effect::new(move || match self.turn.get() {
                Some(_) => snapshot.reload(),
                None => snapshot.forget(),
            });
            snapshot
        });
        self.snapshot.set_value(Some(snapshot));
        snapshot
    }

    /// Agents with their documents, by name. They are read as the snapshot is: where they are first
    /// asked for, and from then on after every change.
    #[must_use]
    pub fn agents(self) -> Cached<Vec<AgentView>> {
        if let Some(agents) = self.agents.get_value() {
            return agents;
        }
        let owner = self.owner.get_value();
        let agents = owner.with(|| {
            let agents = Cached::new(move || self.api.agents());
            Effect::new(move || match self.turn.get() {
                Some(_) => agents.reload(),
                None => agents.forget(),
            });
            agents
        });
        self.agents.set_value(Some(agents));
        agents
    }

    /// Reads the snapshot again, where it was asked for.
    pub fn reload_snapshot(self) {
        self.turn
            .update(|turn| *turn = Some(turn.unwrap_or_default().wrapping_add(1)));
    }

    /// Reads everything again.
    pub fn reload(self) {
        self.providers.reload();
        self.sources.reload();
        self.settings.reload();
        self.reload_snapshot();
    }

    /// Reads again what a change of a provider touches.
    pub fn reload_providers(self) {
        self.providers.reload();
        self.reload_snapshot();
    }

    /// Reads again what a change of a source touches.
    pub fn reload_sources(self) {
        self.sources.reload();
        self.reload_snapshot();
    }

    /// Reads again what a change of an agent touches.
    pub fn reload_agents(self) {
        self.reload_snapshot();
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

    /// Puts one agent in place, as an answer gave it, and reads the snapshot again. `before` is the
    /// name that it had.
    pub fn put_agent(self, before: Option<&str>, view: AgentView) {
        self.agents().update(|agents| {
            agents.retain(|agent| agent.name != view.name && Some(agent.name.as_str()) != before);
            let place = agents.partition_point(|agent| agent.name < view.name);
            agents.insert(place, view);
        });
        self.reload_snapshot();
    }

    /// Takes away an agent that was deleted, and reads the snapshot again.
    pub fn remove_agent(self, name: &str) {
        self.agents()
            .update(|agents| agents.retain(|agent| agent.name != name));
        self.reload_snapshot();
    }

    /// Forgets everything, as when the session ends.
    pub fn forget(self) {
        self.providers.forget();
        self.sources.forget();
        self.settings.forget();
        self.turn.set(None);
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
