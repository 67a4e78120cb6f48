//! The configuration of the organisation, as last loaded.

use super::Cached;
use crate::api::types::{
    AgentView, ProviderView, ProvidersPage, SessionView, SettingsView, Snapshot, SourceView,
    WorkspaceView,
};
use crate::api::{Api, CallOrigin};
use leptos::prelude::*;

/// The data that pages and the resolver need. Every change reloads what it affects, so that rows,
/// badges and routes update without a page reload.
#[derive(Clone, Copy)]
pub struct Workspace {
    /// Gateways and direct providers, with the problems of the providers file.
    pub providers: Cached<ProvidersPage>,
    /// Custom sources.
    pub sources: Cached<Vec<SourceView>>,
    /// Settings.
    pub settings: Cached<SettingsView>,
    api: Api,
    /// Counts all changes, with what found the last one; `None` without a session.
    turn: RwSignal<Option<(u32, CallOrigin)>>,
    snapshot: StoredValue<Option<Cached<Snapshot>>>,
    agents: StoredValue<Option<Cached<Vec<AgentView>>>>,
    owner: StoredValue<Owner>,
}

impl Workspace {
    /// A workspace that is not loaded yet. Its data lives as long as the caller.
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

    /// The snapshot for the resolver. Loaded on first use, then after every change: the code that
    /// parses it comes with the parts that need it.
    #[must_use]
    pub fn snapshot(self) -> Cached<Snapshot> {
        if let Some(snapshot) = self.snapshot.get_value() {
            return snapshot;
        }
        let owner = self.owner.get_value();
        let snapshot = owner.with(|| {
            let snapshot = Cached::new(move || self.api.snapshot());
            Effect::new(move || match self.turn.get() {
                Some((_, origin)) => origin.mark(|| snapshot.reload()),
                None => snapshot.forget(),
            });
            snapshot
        });
        self.snapshot.set_value(Some(snapshot));
        snapshot
    }

    /// Agents with their documents, by name. Like the snapshot, loaded on first use, then after
    /// every change.
    #[must_use]
    pub fn agents(self) -> Cached<Vec<AgentView>> {
        if let Some(agents) = self.agents.get_value() {
            return agents;
        }
        let owner = self.owner.get_value();
        let agents = owner.with(|| {
            let agents = Cached::new(move || self.api.agents());
            Effect::new(move || match self.turn.get() {
                Some((_, origin)) => origin.mark(|| agents.reload()),
                None => agents.forget(),
            });
            agents
        });
        self.agents.set_value(Some(agents));
        agents
    }

    /// Reloads the snapshot, if it is in use.
    pub fn reload_snapshot(self) {
        self.turn.update(|turn| {
            let number = turn.map_or(0, |(number, _)| number);
            *turn = Some((number.wrapping_add(1), CallOrigin::current()));
        });
    }

    /// Sets the values of one answer, and returns its session.
    pub fn fill(self, view: WorkspaceView) -> SessionView {
        self.providers.set(view.providers);
        self.sources.set(view.sources);
        self.settings.set(view.settings);
        self.reload_snapshot();
        view.session
    }

    /// Reloads everything.
    pub fn reload(self) {
        self.providers.reload();
        self.sources.reload();
        self.settings.reload();
        self.reload_snapshot();
    }

    /// Reloads what a change of a provider affects.
    pub fn reload_providers(self) {
        self.providers.reload();
        self.reload_snapshot();
    }

    /// Reloads what a change of a source affects.
    pub fn reload_sources(self) {
        self.sources.reload();
        self.reload_snapshot();
    }

    /// Reloads what a change of an agent affects.
    pub fn reload_agents(self) {
        // The settings say how many agents there are, and each owner how many use it.
        self.settings.reload();
        self.providers.reload();
        self.sources.reload();
        self.reload_snapshot();
    }

    /// Sets one provider from an answer and reloads the snapshot.
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

    /// Sets one source from an answer and reloads the snapshot.
    pub fn put_source(self, view: SourceView) {
        self.sources.update(|sources| {
            match sources.iter_mut().find(|source| source.slug == view.slug) {
                Some(source) => *source = view,
                None => sources.push(view),
            }
        });
        self.reload_sources();
    }

    /// Sets one agent from an answer and reloads the snapshot. `before` is its former name.
    pub fn put_agent(self, before: Option<&str>, view: AgentView) {
        self.agents().update(|agents| {
            agents.retain(|agent| agent.name != view.name && Some(agent.name.as_str()) != before);
            let place = agents.partition_point(|agent| agent.name < view.name);
            agents.insert(place, view);
        });
        self.reload_agents();
    }

    /// Removes a deleted agent and reloads the snapshot.
    pub fn remove_agent(self, name: &str) {
        self.agents()
            .update(|agents| agents.retain(|agent| agent.name != name));
        self.reload_agents();
    }

    /// Clears everything, as when the session ends.
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
